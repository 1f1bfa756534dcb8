#ifndef BIHUAN_NOTIFY_NAMES_H
#define BIHUAN_NOTIFY_NAMES_H
/* Names for people of what rules and feeds call by codes, and the words for spans of time: a language's names.json
 * (docs/TEMPLATES.md, conf/schema/names.json). A code that has no name there is shown as it is. Pure once loaded. */
#include "common/buffer.h"
#include "common/pool.h"
#include "common/zone.h"
#include "notify/left.h"

/* The tables of the file. */
enum names_table {
    NAMES_NOTICE,  /* kinds of notice, as templates are called; names of steps go first */
    NAMES_STEP,
    NAMES_OF,      /* ticket, rating */
    NAMES_CLASS,
    NAMES_CLOCK,
    NAMES_OWED,    /* by clock: what is to be done, as a verb */
    NAMES_DEBTOR,  /* who owes it, where that is not the unit */
    NAMES_STATE,
    NAMES_URGENCY, /* those that are worth a word */
    NAMES_ROLE,
    NAMES_ITEM,
    NAMES_AREA,
    NAMES_PHRASE,  /* phrases that the program makes */
    NAMES_MEASURE, /* of time: [one, many] */
    NAMES_TABLES
};

struct names;

/* Loads the file. The caller owns the result. NULL on error, every fault a line "FILE: path: reason\n" in *faults. */
struct names *names_load(const char *file, struct buffer *faults) __attribute__((warn_unused_result));
void names_free(struct names *names);

/* Its name, or the code itself. Borrowed. */
struct text names_of(const struct names *names, enum names_table table, struct text code);
/* Its name, or empty. */
struct text names_find(const struct names *names, enum names_table table, const char *code);

/* "5 个工作日", "5 working days"; of 0 calendar days "当日". In the pool. */
struct text names_limit(const struct names *names, struct limit limit, struct pool *pool);
struct text names_workdays(const struct names *names, int32_t days, struct pool *pool);
/* "1 个工作日 3 小时". Empty where nothing is known, and overdue before the first day that counts. */
struct text names_left(const struct names *names, const struct left *left, struct pool *pool);

/* The day that ends with its instant of midnight, or holds it: "2026年10月13日(周二)24:00", "Tue 13 Oct 2026, 24:00"; of `brief` without
 * year and weekday. */
struct text names_instant(const struct names *names, const struct zone *zone, int64_t at_ms, bool ends, bool brief, struct pool *pool);

#endif
