#ifndef BIHUAN_SLA_COMPARISON_H
#define BIHUAN_SLA_COMPARISON_H
/* A comparison: the same cases folded under two sets of rules, clock held against clock. Which are late under the one and
 * not under the other, and which deadlines move. The figures of each side are sla/summary.h's. */
#include "sla/fold.h"

#include <jansson.h>
#include <uthash.h>

enum side { SIDE_IN_FORCE, SIDE_NEW, SIDES };

/* `appear`: late under the new rules, and not, or not under this unit, in force; `vanish`: the reverse. */
struct late_counts {
    int64_t appear, vanish, moved; /* moved: late under both, under another unit; of the total alone */
};

struct clock_counts {
    char name[POLICY_NAME_BYTES];
    int64_t ran[SIDES], late[SIDES], earlier, later; /* the last two: of clocks that both have, where the new deadline lies */
    struct late_counts change;
    UT_hash_handle hh;
};

/* Of a unit, or of all. */
struct comparison_row {
    struct text unit;
    int64_t cases;               /* of which any clock differs */
    int64_t earlier, later;      /* of all clocks */
    int64_t fresh, gone;         /* clocks that the new rules alone have, or lack */
    int64_t furthest_ms;         /* greatest distance that a deadline moves */
    struct late_counts breaches; /* what the figures call missed and rectify_missed */
    struct clock_counts *clocks; /* by name; uthash */
    uint64_t last_case;          /* number of the case that was counted last */
    UT_hash_handle hh;
};

struct comparison;

struct comparison *comparison_new(void);
void comparison_free(struct comparison *comparison);

/* Adds a case as folded on both sides, as of one instant. True: any clock differs. */
bool comparison_add(struct comparison *comparison, const struct fold *in_force, const struct fold *new);
/* Makes sure that a unit has a row. */
void comparison_touch(struct comparison *comparison, struct text unit);

/* The row of all, and those of units in the order of their bytes, ended by NULL (the array is for the caller to free). */
struct comparison_row *comparison_total(struct comparison *comparison);
struct comparison_row **comparison_sorted(const struct comparison *comparison);

/* {"answer": {"in_force": {"ran", "late"}, "new": {…}, "appear", "vanish", "earlier", "later"}, …}, names in order; "moved" as
 * well with_moved. A new reference. */
json_t *comparison_clocks(struct comparison_row *row, bool with_moved);
bool comparison_differs(const struct comparison_row *row);

#endif
