#ifndef BIHUAN_SLA_CASE_JSON_H
#define BIHUAN_SLA_CASE_JSON_H
/* A folded case as people and programs read it. */
#include "sla/case.h"
#include "sla/fold.h"

#include <jansson.h>

/* The case in the form that replay, case and dump print. A new reference.
 * `duplicates` is left out when with_duplicates is false (dump). */
json_t *case_to_json(const struct case_file *file, const struct fold *fold, const struct rules *rules,
                     bool with_duplicates);
/* The same as a line. False when the stream fails. Not to be called between an arena_begin and its end. */
bool case_print(FILE *out, const struct case_file *file, const struct fold *fold, const struct rules *rules, bool with_duplicates);
/* Parts of it, new references: one clock; who held the case for how long; the platform's own deadline beside ours, or null. */
json_t *clock_to_json(const struct clock *clock, const struct rules *rules);
json_t *shares_to_json(const struct fold *fold, const struct rules *rules);
json_t *due_to_json(const struct fold *fold, const struct rules *rules);

/* Compact JSON and a newline. False when the stream fails. */
bool json_print_line(FILE *out, const json_t *value);

json_t *json_text(struct text text);                 /* "" for empty */
json_t *json_text_or_null(struct text text);
json_t *json_instant(const struct zone *zone, int64_t at_ms);
json_t *json_day(int32_t day);

/* How a case is named in order: bytes of the id, a ticket before a rating. */
int case_compare(const struct case_file *a, const struct case_file *b);

#endif
