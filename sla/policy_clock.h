#ifndef BIHUAN_SLA_POLICY_CLOCK_H
#define BIHUAN_SLA_POLICY_CLOCK_H
/* Reading the parts of a policy that say how clocks run: counting, limits, ladders.
 * For sla/policy_read.c alone. */
#include "sla/form.h"
#include "sla/policy.h"

/* Reads `counting` of `owner` (the policy's, or a clock's: then *counting holds the policy's already). */
bool policy_read_counting(struct form *form, const json_t *owner, bool whole, const struct policy *policy, struct counting *counting);

/* Reads `ladders` into the policy's table of steps. */
bool policy_read_ladders(struct form *form, const json_t *root, struct policy *policy);

/* Reads one clock of a class; ladders are there. Its name goes into the policy's table. */
bool policy_read_clock(struct form *form, const json_t *object, struct policy *policy, enum of of,
                       struct policy_clock *clock);

#endif
