#ifndef BIHUAN_SLA_WORKLOAD_H
#define BIHUAN_SLA_WORKLOAD_H
/* A workload: notices by the unit that is addressed, by day and by name of step. */
#include "sla/policy.h"

#include <jansson.h>

struct workload;

struct workload *workload_new(void);
void workload_free(struct workload *workload);

/* A notice to a unit on a civil day. step: NULL for one that takes an overdue back. The unit's name is copied. */
void workload_add(struct workload *workload, struct text unit, int32_t day, const struct policy_step *step);

/* Calls for each unit that had any, in no order; the text lives as long as the workload. */
typedef void workload_unit(void *context, struct text unit);
void workload_each(const struct workload *workload, workload_unit *seen, void *context);

/* {"notices", "days", "a_day", "busiest", "steps"} of a unit, or of all (NULL); a new reference. `days` are those with
 * any, `a_day` the mean of those (to a hundredth), `busiest` the first of the days with the most, or null. */
json_t *workload_to_json(struct workload *workload, const struct text *unit);

#endif
