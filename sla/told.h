#ifndef BIHUAN_SLA_TOLD_H
#define BIHUAN_SLA_TOLD_H
/* What was told, on its way out of and back into a case: what one entry does to those that are there, and an entry as the
 * text that a record of the ledger or of the results bears, so that a store can be rebuilt from them. */
#include "sla/case.h"

enum {
    TOLD_FORMAT = 1,
    TOLD_TEXT_BYTES = 104, /* of an entry as text, with its NUL */
    TOLD_COUNTS_BYTES = 96, /* of counters as text */
};

/* Applies one entry to the case: it is told, or takes the place of the same kind and id; a notice that
 * has ended needs its recipients no more, but for those that have it where others do not; of a stub that nothing came after nothing is
 * remembered. False: the case can hold no more. */
bool told_apply(struct case_file *file, const struct told *told);

/* Into text[TOLD_TEXT_BYTES]; returns its length. */
size_t told_print(char *text, const struct told *told);
/* False when it is no entry of this format; *told is then undefined. */
bool told_parse(struct text text, struct told *told) __attribute__((warn_unused_result));

/* Counters of the figures of notices (enum notice_counter) as text, into text[TOLD_COUNTS_BYTES], and back. */
size_t told_counts_print(char *text, const int32_t *counts);
bool told_counts_parse(struct text text, int32_t *counts) __attribute__((warn_unused_result));

#endif
