/* Clocks of the two folds paired, and what each pair says counted under its units.
 *
 * The trap: rounds are no name for a clock, as rework begins rounds under one rule that the other lacks. Both see
 * the same events, so the instant at which a clock started is. */
#include "sla/comparison.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/pool.h"

/* A clock as it is compared. */
struct seen {
    const struct clock *clock;
    struct text unit; /* that answers for its deadline */
    bool late, breach;
};

struct seens {
    struct seen *at;
    size_t count, room;
};

struct comparison {
    struct comparison_row total, *units;
    struct seens seens[SIDES];
    struct pool pool; /* rows, and what they hold */
    uint64_t cases;   /* so far */
};

struct comparison *comparison_new(void)
{
    return xcalloc(1, sizeof(struct comparison));
}

void comparison_free(struct comparison *comparison)
{
    struct comparison_row *row, *next;
    if (!comparison) return;
    HASH_CLEAR(hh, comparison->total.clocks);
    HASH_ITER(hh, comparison->units, row, next) HASH_CLEAR(hh, row->clocks);
    HASH_CLEAR(hh, comparison->units);
    for (int side = 0; side < SIDES; side++) free(comparison->seens[side].at);
    pool_free(&comparison->pool);
    free(comparison);
}

static struct comparison_row *row_of(struct comparison *comparison, struct text unit)
{
    struct comparison_row *row;
    HASH_FIND(hh, comparison->units, unit.bytes ? unit.at : "", unit.bytes, row);
    if (row) return row;
    row = pool_take(&comparison->pool, sizeof *row);
    *row = (struct comparison_row){.unit = {pool_copy(&comparison->pool, unit.bytes ? unit.at : "", unit.bytes), unit.bytes}};
    HASH_ADD_KEYPTR(hh, comparison->units, row->unit.at, row->unit.bytes, row);
    return row;
}

void comparison_touch(struct comparison *comparison, struct text unit)
{
    row_of(comparison, unit);
}

static struct clock_counts *counts_of(struct comparison *comparison, struct comparison_row *row, const char *name)
{
    struct clock_counts *counts;
    HASH_FIND_STR(row->clocks, name, counts);
    if (counts) return counts;
    counts = pool_take(&comparison->pool, sizeof *counts);
    *counts = (struct clock_counts){.late = {0}};
    snprintf(counts->name, sizeof counts->name, "%s", name);
    HASH_ADD_STR(row->clocks, name, counts);
    return counts;
}

/* --- what a fold shows --- */

static bool contributes(const struct fold *fold, enum counter counter)
{
    for (size_t i = 0; i < fold->contributions; i++)
        if (fold->contribution[i].counter == counter) return true;
    return false;
}

/* Its figures are under one unit, whoever held it when. */
static struct text unit_of(const struct fold *fold, const struct clock *clock)
{
    if (clock->unit.bytes) return clock->unit;
    return fold->of == OF_RATING ? fold->unit : fold_unit_at(fold, clock_passed_ms(clock));
}

/* By name, unit and start; those of one start as they came. */
static int by_start(const void *a, const void *b)
{
    const struct clock *one = ((const struct seen *)a)->clock, *other = ((const struct seen *)b)->clock;
    int order = strcmp(one->rule->name, other->rule->name);
    if (order == 0) order = text_compare(one->unit, other->unit);
    if (order == 0) order = (one->started_ms > other->started_ms) - (one->started_ms < other->started_ms);
    return order;
}

static int by_start_and_place(const void *a, const void *b)
{
    int order = by_start(a, b);
    const struct clock *one = ((const struct seen *)a)->clock, *other = ((const struct seen *)b)->clock;
    return order ? order : (one > other) - (one < other);
}

static void see(struct seens *seens, const struct fold *fold)
{
    bool counts = fold->of != OF_RATING || contributes(fold, COUNT_RECTIFY_MISSED); /* not where an appeal was upheld */
    if (seens->room < fold->clocks) {
        seens->room = fold->clocks * 2;
        seens->at = xrealloc(seens->at, seens->room * sizeof *seens->at);
    }
    seens->count = fold->clocks;
    for (size_t i = 0; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        bool late = clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_OVERDUE;
        seens->at[i] = (struct seen){clock, unit_of(fold, clock), late, late && clock->main && counts};
    }
    if (seens->count > 1) qsort(seens->at, seens->count, sizeof *seens->at, by_start_and_place);
}

/* --- what a pair says --- */

/* In the rows of units. */
static void note_late(struct late_counts *in_force, struct late_counts *new, bool before, bool after)
{
    if (in_force == new && before == after) return;
    if (before) in_force->vanish++;
    if (after) new->appear++;
}

static void note_late_total(struct late_counts *total, bool before, bool after, bool same_unit)
{
    if (before && after) total->moved += !same_unit;
    else note_late(total, total, before, after);
}

static void note_move(struct comparison *comparison, struct comparison_row *row, const struct seen *in_force, const struct seen *new)
{
    int64_t moved_ms = new->clock->deadline_ms - in_force->clock->deadline_ms, far_ms = moved_ms < 0 ? -moved_ms : moved_ms;
    if (far_ms > row->furthest_ms) row->furthest_ms = far_ms;
    struct clock_counts *counts = counts_of(comparison, row, new->clock->rule->name);
    row->earlier += moved_ms < 0;
    row->later += moved_ms > 0;
    counts->earlier += moved_ms < 0;
    counts->later += moved_ms > 0;
}

/* Of the case under way one clock at least differs. */
static void note_case(const struct comparison *comparison, struct comparison_row *row)
{
    row->cases += row->last_case != comparison->cases;
    row->last_case = comparison->cases;
}

/* Do the two say the same? */
static bool pair_differs(const struct seen *in_force, const struct seen *new)
{
    return !in_force || !new || in_force->clock->deadline_ms != new->clock->deadline_ms || in_force->late != new->late;
}

static void note_side(struct comparison *comparison, struct comparison_row *row, enum side side, const struct seen *seen)
{
    struct clock_counts *counts = counts_of(comparison, row, seen->clock->rule->name);
    counts->ran[side]++;
    counts->late[side] += seen->late;
}

/* One of the two may be NULL: the other rules have no such clock. */
static void note_pair(struct comparison *comparison, const struct seen *in_force, const struct seen *new)
{
    const struct seen *side[SIDES] = {in_force, new}, *any = new ? new : in_force;
    struct comparison_row *total = &comparison->total, *row[SIDES];
    struct late_counts *change[SIDES];
    bool late[SIDES], breach[SIDES], same_unit = !in_force || !new || text_equal(in_force->unit, new->unit);
    for (int i = 0; i < SIDES; i++) {
        row[i] = row_of(comparison, side[i] ? side[i]->unit : any->unit);
        change[i] = &counts_of(comparison, row[i], any->clock->rule->name)->change;
        late[i] = side[i] && side[i]->late;
        breach[i] = side[i] && side[i]->breach;
        if (side[i]) note_side(comparison, row[i], (enum side)i, side[i]);
        if (side[i]) note_side(comparison, total, (enum side)i, side[i]);
    }
    note_late(change[SIDE_IN_FORCE], change[SIDE_NEW], late[SIDE_IN_FORCE], late[SIDE_NEW]);
    note_late(&row[SIDE_IN_FORCE]->breaches, &row[SIDE_NEW]->breaches, breach[SIDE_IN_FORCE], breach[SIDE_NEW]);
    note_late_total(&counts_of(comparison, total, any->clock->rule->name)->change, late[SIDE_IN_FORCE], late[SIDE_NEW], same_unit);
    note_late_total(&total->breaches, breach[SIDE_IN_FORCE], breach[SIDE_NEW], same_unit);
    for (struct comparison_row *const *of = (struct comparison_row *[]){row[SIDE_NEW], total, NULL}; *of; of++) {
        if (pair_differs(in_force, new)) note_case(comparison, *of);
        (*of)->fresh += !in_force;
        (*of)->gone += !new;
    }
    if (!in_force || !new) return;
    note_move(comparison, row[SIDE_NEW], in_force, new);
    note_move(comparison, total, in_force, new);
}

bool comparison_add(struct comparison *comparison, const struct fold *in_force, const struct fold *new)
{
    int64_t before = comparison->total.cases;
    comparison->cases++;
    const struct seens *a = &comparison->seens[SIDE_IN_FORCE], *b = &comparison->seens[SIDE_NEW];
    see(&comparison->seens[SIDE_IN_FORCE], in_force);
    see(&comparison->seens[SIDE_NEW], new);
    for (size_t i = 0, k = 0; i < a->count || k < b->count;) {
        int order = i == a->count ? 1 : k == b->count ? -1 : by_start(&a->at[i], &b->at[k]);
        note_pair(comparison, order <= 0 ? &a->at[i] : NULL, order >= 0 ? &b->at[k] : NULL);
        i += order <= 0;
        k += order >= 0;
    }
    return comparison->total.cases > before;
}

/* --- what came of it --- */

struct comparison_row *comparison_total(struct comparison *comparison)
{
    return &comparison->total;
}

static int by_unit(const void *a, const void *b)
{
    return text_compare((*(struct comparison_row *const *)a)->unit, (*(struct comparison_row *const *)b)->unit);
}

struct comparison_row **comparison_sorted(const struct comparison *comparison)
{
    size_t n = 0;
    struct comparison_row **sorted = xmalloc((HASH_COUNT(comparison->units) + 1) * sizeof *sorted);
    for (struct comparison_row *row = comparison->units; row; row = row->hh.next) sorted[n++] = row;
    qsort(sorted, n, sizeof *sorted, by_unit);
    sorted[n] = NULL;
    return sorted;
}

static int by_name(const struct clock_counts *a, const struct clock_counts *b)
{
    return strcmp(a->name, b->name);
}

static json_t *side_to_json(const struct clock_counts *counts, enum side side)
{
    return json_pack("{s:I, s:I}", "ran", (json_int_t)counts->ran[side], "late", (json_int_t)counts->late[side]);
}

json_t *comparison_clocks(struct comparison_row *row, bool with_moved)
{
    json_t *clocks = json_object();
    HASH_SORT(row->clocks, by_name);
    for (const struct clock_counts *counts = row->clocks; counts; counts = counts->hh.next) {
        json_t *object = json_pack("{s:o, s:o, s:I, s:I, s:I, s:I}", "in_force", side_to_json(counts, SIDE_IN_FORCE), "new",
                                   side_to_json(counts, SIDE_NEW), "appear", (json_int_t)counts->change.appear, "vanish",
                                   (json_int_t)counts->change.vanish, "earlier", (json_int_t)counts->earlier, "later", (json_int_t)counts->later);
        if (with_moved) json_object_set_new_nocheck(object, "moved", json_integer(counts->change.moved));
        json_object_set_new_nocheck(clocks, counts->name, object);
    }
    return clocks;
}

static bool late_differ(const struct late_counts *counts)
{
    return counts->appear || counts->vanish || counts->moved;
}

bool comparison_differs(const struct comparison_row *row)
{
    if (row->earlier || row->later || late_differ(&row->breaches)) return true;
    for (const struct clock_counts *counts = row->clocks; counts; counts = counts->hh.next)
        if (counts->ran[SIDE_IN_FORCE] != counts->ran[SIDE_NEW] || late_differ(&counts->change)) return true;
    return false;
}
