/* Clock by clock. Clocks are the same when they have one name and began with the same round or event (of a unit, where they have one). */
#include "sla/moves.h"

#include <string.h>

static struct move_row *row_of(struct moves *moves, struct text unit)
{
    struct move_row *row;
    const char *key = unit.bytes ? unit.at : "";
    HASH_FIND(hh, moves->rows, key, unit.bytes, row);
    if (row) return row;
    row = pool_take(&moves->pool, sizeof *row);
    memset(row, 0, sizeof *row);
    row->unit = (struct text){pool_copy(&moves->pool, key, unit.bytes + !unit.bytes), unit.bytes};
    HASH_ADD_KEYPTR(hh, moves->rows, row->unit.at, unit.bytes, row);
    return row;
}

static bool same_clock(const struct clock *a, const struct clock *b)
{
    return a->rule->told_as == b->rule->told_as && a->which == b->which;
}

static const struct clock *find(const struct fold *fold, const struct clock *clock, size_t guess)
{
    if (guess < fold->clocks && same_clock(&fold->clock[guess], clock)) return &fold->clock[guess];
    for (size_t i = 0; i < fold->clocks; i++)
        if (same_clock(&fold->clock[i], clock)) return &fold->clock[i];
    return NULL;
}

static bool is_late(const struct clock *clock)
{
    return clock && (clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_OVERDUE);
}

/* One pair of clocks, or one alone, into a row. True: it differs. */
static bool add_pair(struct move_row *row, const struct clock *before, const struct clock *after)
{
    int64_t distance_ms = before && after ? after->deadline_ms - before->deadline_ms : 0;
    bool late_before = is_late(before), late_after = is_late(after);
    int64_t far_ms = distance_ms < 0 ? -distance_ms : distance_ms;
    row->later += distance_ms > 0;
    row->earlier += distance_ms < 0;
    row->appear += late_after && !late_before;
    row->vanish += late_before && !late_after;
    row->fresh += !before;
    row->gone += !after;
    if (far_ms > row->furthest_ms) row->furthest_ms = far_ms;
    return distance_ms != 0 || late_before != late_after || !before || !after;
}

static void add_row(struct move_row *to, const struct move_row *from)
{
    to->cases += from->cases;
    to->later += from->later;
    to->earlier += from->earlier;
    to->appear += from->appear;
    to->vanish += from->vanish;
    to->fresh += from->fresh;
    to->gone += from->gone;
    if (from->furthest_ms > to->furthest_ms) to->furthest_ms = from->furthest_ms;
}

bool moves_add(struct moves *moves, const struct fold *before, const struct fold *after)
{
    struct move_row row = {.cases = 0};
    bool differs = false;
    for (size_t i = 0; i < before->clocks; i++) differs |= add_pair(&row, &before->clock[i], find(after, &before->clock[i], i));
    for (size_t i = 0; i < after->clocks; i++)
        if (!find(before, &after->clock[i], i)) differs |= add_pair(&row, NULL, &after->clock[i]);
    moves->seen++;
    if (!differs) return false;
    row.cases = 1;
    add_row(row_of(moves, after->unit), &row);
    add_row(&moves->total, &row);
    return true;
}

static int by_unit(const struct move_row *a, const struct move_row *b)
{
    return text_compare(a->unit, b->unit);
}

void moves_sort(struct moves *moves)
{
    HASH_SORT(moves->rows, by_unit);
}

void moves_free(struct moves *moves)
{
    HASH_CLEAR(hh, moves->rows);
    pool_free(&moves->pool);
    *moves = (struct moves){0};
}
