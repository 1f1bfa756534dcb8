#ifndef BIHUAN_SLA_ROLL_UP_H
#define BIHUAN_SLA_ROLL_UP_H
/* Figures rolled up: each unit's row is its own and all below it, as the units stand on the day of as_of. A unit that has ended stands
 * below its successor, which goes on with its cases. */
#include "sla/summary.h"
#include "sla/units.h"

/* The summary with rows in the order of the tree (siblings by bytes), each with `parent`, `depth` and `name` besides its figures, and the
 * total of what the units did themselves, each once. `unit`: it and what is below it alone, or NULL for all. A new reference. */
json_t *roll_up(const struct summary *summary, const struct rules *rules, const struct units *units, int64_t as_of_ms, const char *unit);

#endif
