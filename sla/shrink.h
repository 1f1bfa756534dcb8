#ifndef BIHUAN_SLA_SHRINK_H
#define BIHUAN_SLA_SHRINK_H
/* Retention: when a closed case shrinks to a stub, and what is refused from then on.
 *
 * The instant of the shrinking lies a retention behind the newest record time (Kafka's) of the
 * case's own records, or behind its last event where that is later. It follows from the log
 * alone: a record stamped at or after it finds the case retired, whether or not anybody has
 * shrunk it yet. Pure, as sla/change.h is. */
#include "sla/change.h"

/* Records may be read out of the order of their stamps: so much longer a case waits to be shrunk by a sweep. */
enum { SHRINK_MARGIN_MS = DAY_MS };

/* Closed, voided or merged, and no clock runs? */
bool shrink_at_rest(const struct fold *fold);

/* Adds an event that is the case's own, from a record stamped record_ms (0: not stamped). CASE_RETIRED: the case is retired, and the
 * event timed before its shrinking; the case is left as it is. One that is timed later shrinks the case first. */
enum case_add shrink_add(struct change *change, struct changer *changer, const struct event *event, int64_t record_ms)
    __attribute__((warn_unused_result));

/* Adds a link. It comes by another topic, whose order towards the case's own is not fixed: so it neither makes the case
 * retire later nor is refused by one that has. */
enum case_add shrink_link(struct change *change, const struct event *link) __attribute__((warn_unused_result));

/* Shrinks the case if it is retired at read_ms. */
bool shrink_if_due(struct change *change, struct changer *changer, int64_t read_ms);

#endif
