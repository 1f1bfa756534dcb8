#ifndef BIHUAN_SLA_SUMMARY_H
#define BIHUAN_SLA_SUMMARY_H
/* The figures: contributions added up by unit, and the rates worked out of
 * them (CONTRACT §5). */
#include "sla/fold.h"

#include <jansson.h>

struct summary;

/* Figures of civil days from <= day < to; DAY_NONE for an open end. */
struct summary *summary_new(int32_t from, int32_t to);
void summary_free(struct summary *summary);

/* Adds `count` (may be negative) to a unit's counter, if its day counts. */
void summary_add(struct summary *summary, enum counter counter, int32_t day, struct text unit, int64_t count);
/* Adds, or with sign -1 takes away, all that a folded case contributes. */
void summary_add_case(struct summary *summary, const struct fold *fold, int sign);

/* Name of a counter in the stored figures, as "answered_in_time", "rating_5". */
const char *counter_name(enum counter counter);
/* COUNTERS for no such name. */
enum counter counter_named(const char *name, size_t bytes);

/* Every unit with something to show, in the order of bytes; count[COUNTERS]. */
typedef void summary_visit(void *context, struct text unit, const int64_t *count);
void summary_each(const struct summary *summary, summary_visit *visit, void *context);
/* Puts the figures of a row, its rates worked out of the counts. */
void summary_put_figures(json_t *object, const int64_t *count, const struct policy *policy);
/* {"from", "to", "as_of"}; a new reference. as_of_ms INT64_MIN: null. */
json_t *summary_head(const struct summary *summary, const struct rules *rules, int64_t as_of_ms);

/* A new reference. as_of_ms INT64_MIN: null. unit: only that unit's row and
 * total, or NULL for all. */
json_t *summary_to_json(const struct summary *summary, const struct rules *rules, int64_t as_of_ms, const char *unit);

#endif
