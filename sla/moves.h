#ifndef BIHUAN_SLA_MOVES_H
#define BIHUAN_SLA_MOVES_H
/* What other rules would move, by unit: the same cases folded under two sets of rules, compared clock by clock. */
#include <uthash.h>

#include "common/pool.h"
#include "sla/fold.h"

struct move_row {
    struct text unit;        /* that holds the case; empty for none */
    int64_t cases;           /* of which any clock differs */
    int64_t later, earlier;  /* deadlines that move */
    int64_t appear, vanish;  /* breaches: missed or overdue under one alone */
    int64_t fresh, gone;     /* clocks that only one has */
    int64_t furthest_ms;     /* greatest distance that a deadline moves */
    UT_hash_handle hh;
};

struct moves {
    struct move_row *rows;   /* by unit once sorted */
    struct move_row total;
    int64_t seen;            /* cases compared */
    struct pool pool;
};

/* Compares one case as of one instant. True: something differs. */
bool moves_add(struct moves *moves, const struct fold *before, const struct fold *after);
/* By the bytes of their names. */
void moves_sort(struct moves *moves);
void moves_free(struct moves *moves);

#endif
