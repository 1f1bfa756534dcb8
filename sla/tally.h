#ifndef BIHUAN_SLA_TALLY_H
#define BIHUAN_SLA_TALLY_H
/* What one commit changes in the stored figures: small sums by kind of row, day
 * and name. Nothing here is final; the commit adds it to what is stored. */
#include "common/pool.h"
#include "sla/fold.h"

#include <uthash.h>

/* The kinds of row, and what names one. */
enum tally_of {
    TALLY_CASES,   /* counters of sla/fold.h, by civil day (or DAY_NONE) and unit */
    TALLY_RECORDS, /* enum record_counter, by topic */
    TALLY_NOTICES, /* enum notice_counter, by unit */
};
/* What became of the records of a topic, each counted once (stored order: append only). */
enum record_counter { RECORD_APPLIED, RECORD_DUPLICATE, RECORD_DEAD_LETTER, RECORD_COUNTERS };
/* What became of the notices owed to a unit (stored order: append only). */
enum notice_counter {
    NOTICE_OWED,       /* became owed; the others below are the ways it ends */
    NOTICE_DELIVERED,
    NOTICE_SUPERSEDED, /* no longer owed when its turn came */
    NOTICE_EXHAUSTED,  /* every attempt failed */
    NOTICE_SHADOWED,   /* decided and recorded, not sent */
    NOTICE_ATTEMPTS,
    NOTICE_COUNTERS
};
enum { TALLY_COUNTERS = COUNTERS };

struct tally_row {
    enum tally_of of;
    int32_t day; /* DAY_NONE but for TALLY_CASES */
    struct text name;
    int32_t delta[TALLY_COUNTERS];
    UT_hash_handle hh;
};

struct tally {
    struct tally_row *rows; /* in no order; uthash */
    struct pool pool;
};

/* Adds `count` to a counter of a row. The name is copied. */
void tally_add(struct tally *tally, enum tally_of of, int counter, int32_t day, struct text name, int32_t count);
/* Number of counters of a kind of row. */
int tally_counters(enum tally_of of);
/* True when every counter of the row is zero. */
bool tally_row_is_zero(const struct tally_row *row);
/* Forgets all rows, keeps some room. */
void tally_clear(struct tally *tally);
/* Frees everything; *tally is empty and usable again. */
void tally_free(struct tally *tally);

#endif
