#ifndef BIHUAN_SLA_REPEATS_H
#define BIHUAN_SLA_REPEATS_H
/* Repeat appeals 重复诉求, counted. A group is all appeals of one citizen about one item in one area; a ticket repeats when an
 * earlier one of its group lies at most the window before it. Worked out of the cases as they stand, so
 * the order in which they came in does not matter. Pure, but for the memory it takes. */
#include "sla/appeal.h"
#include "sla/fold.h"

#include <jansson.h>

struct repeats;

/* Counts tickets received on civil days from <= day < to (DAY_NONE for an open end) in the zone (borrowed); those before may be what
 * they repeat. */
struct repeats *repeats_new(const struct zone *zone, int64_t window_ms, int32_t from, int32_t to);
void repeats_free(struct repeats *repeats);

/* Adds a folded case; one whose receipt is no appeal (sla/appeal.h) changes nothing. */
void repeats_add(struct repeats *repeats, const struct fold *fold);

/* Once all are added: {"from","to","window_days","total","units"}, total and each unit with appeals, repeats and groups (that have
 * one that repeats), units by bytes of their names with those items of which any repeats. The unit is the ticket's first. unit: of
 * that one alone, or NULL for all. A new reference. */
json_t *repeats_to_json(struct repeats *repeats, const char *unit);

#endif
