/* Counting repeats: all appeals sorted by group and time, then one pass.
 *
 * The trap: the day decides which tickets are counted, not which ones they may repeat, so all appeals are kept. */
#include "sla/repeats.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <xxhash.h>

#include "common/alloc.h"
#include "common/pool.h"
#include "sla/case_json.h"

enum { FIRST_ROOM = 256 };

/* Counts, and the group counted last, as a group is met all at once. */
struct count {
    long long appeals, repeats, groups;
    size_t group;
};

/* A unit, or an item of one. */
struct row {
    struct text name;
    struct count count;
    struct row *items;
    UT_hash_handle hh;
};

struct filed {
    XXH128_hash_t group;
    int64_t at_ms;
    uint8_t key[8];
    bool counts; /* by its day */
    struct row *unit, *item;
};

struct repeats {
    const struct zone *zone;
    int64_t window_ms;
    int32_t from, to;
    struct filed *filed;
    size_t count, room;
    struct row *units;
    struct pool pool;
};

struct repeats *repeats_new(const struct zone *zone, int64_t window_ms, int32_t from, int32_t to)
{
    struct repeats *repeats = xcalloc(1, sizeof *repeats);
    repeats->zone = zone;
    repeats->window_ms = window_ms;
    repeats->from = from;
    repeats->to = to;
    return repeats;
}

void repeats_free(struct repeats *repeats)
{
    if (!repeats) return;
    for (struct row *unit = repeats->units; unit; unit = unit->hh.next) HASH_CLEAR(hh, unit->items);
    HASH_CLEAR(hh, repeats->units);
    pool_free(&repeats->pool);
    free(repeats->filed);
    free(repeats);
}

static struct row *row_of(struct repeats *repeats, struct row **rows, struct text name)
{
    struct row *row;
    const char *key = name.bytes ? name.at : "";
    HASH_FIND(hh, *rows, key, name.bytes, row);
    if (row) return row;
    row = pool_take(&repeats->pool, sizeof *row);
    *row = (struct row){.name = {pool_copy(&repeats->pool, key, name.bytes + !name.bytes), name.bytes}, .count.group = SIZE_MAX};
    HASH_ADD_KEYPTR(hh, *rows, row->name.at, name.bytes, row);
    return row;
}

static uint64_t digest(struct text text)
{
    return XXH3_64bits(text.bytes ? text.at : "", text.bytes);
}

void repeats_add(struct repeats *repeats, const struct fold *fold)
{
    struct appeal appeal;
    if (!fold->receipt || !appeal_of(fold->receipt, &appeal)) return;
    if (repeats->count == repeats->room) {
        repeats->room = repeats->room ? repeats->room * 2 : FIRST_ROOM;
        repeats->filed = xrealloc(repeats->filed, repeats->room * sizeof *repeats->filed);
    }
    uint64_t parts[] = {digest(appeal.citizen), digest(appeal.item), digest(appeal.area)};
    struct filed *filed = &repeats->filed[repeats->count++];
    int32_t day = zone_day(repeats->zone, fold->receipt->at_ms);
    *filed = (struct filed){.group = XXH3_128bits(parts, sizeof parts), .at_ms = fold->receipt->at_ms};
    memcpy(filed->key, fold->receipt->key, sizeof filed->key);
    filed->counts = (repeats->from == DAY_NONE || day >= repeats->from) && (repeats->to == DAY_NONE || day < repeats->to);
    if (!filed->counts) return;
    filed->unit = row_of(repeats, &repeats->units, fold->first_unit);
    filed->item = row_of(repeats, &filed->unit->items, appeal.item);
}

static int by_group(const void *a, const void *b)
{
    const struct filed *x = a, *y = b;
    int order = memcmp(&x->group, &y->group, sizeof x->group);
    if (order != 0) return order;
    if (x->at_ms != y->at_ms) return x->at_ms < y->at_ms ? -1 : 1;
    return memcmp(x->key, y->key, sizeof x->key);
}

static void add(struct count *count, bool repeats, size_t group)
{
    count->appeals++;
    if (!repeats) return;
    count->repeats++;
    count->groups += count->group != group;
    count->group = group;
}

static bool is_of(const struct row *unit, const char *name)
{
    return !name || text_equal(unit->name, (struct text){name, strlen(name)});
}

/* The nearest one before is the only one that matters: what it is too far from, all are. */
static struct count count_all(struct repeats *repeats, const char *unit)
{
    struct count total = {.group = SIZE_MAX};
    size_t group = 0;
    if (repeats->count) qsort(repeats->filed, repeats->count, sizeof *repeats->filed, by_group);
    for (size_t i = 0; i < repeats->count; i++) {
        const struct filed *one = &repeats->filed[i];
        bool same = i > 0 && XXH128_isEqual(one[-1].group, one->group), again = same && one->at_ms - one[-1].at_ms <= repeats->window_ms;
        group += !same;
        if (!one->counts) continue;
        add(&one->unit->count, again, group);
        add(&one->item->count, again, group);
        if (is_of(one->unit, unit)) add(&total, again, group);
    }
    return total;
}

static json_t *count_to_json(json_t *object, const struct count *count)
{
    json_object_set_new_nocheck(object, "appeals", json_integer(count->appeals));
    json_object_set_new_nocheck(object, "repeats", json_integer(count->repeats));
    json_object_set_new_nocheck(object, "groups", json_integer(count->groups));
    return object;
}

static int by_name(const struct row *a, const struct row *b)
{
    return text_compare(a->name, b->name);
}

static json_t *unit_to_json(struct row *unit)
{
    json_t *object = json_object(), *items = json_array();
    json_object_set_new_nocheck(object, "unit", json_text(unit->name));
    HASH_SRT(hh, unit->items, by_name);
    for (const struct row *item = unit->items; item; item = item->hh.next) {
        if (item->count.repeats == 0) continue;
        json_t *one = json_object();
        json_object_set_new_nocheck(one, "item", json_text(item->name));
        json_array_append_new(items, count_to_json(one, &item->count));
    }
    json_object_set_new_nocheck(count_to_json(object, &unit->count), "items", items);
    return object;
}

json_t *repeats_to_json(struct repeats *repeats, const char *unit)
{
    struct count total = count_all(repeats, unit);
    json_t *root = json_object(), *units = json_array();
    HASH_SRT(hh, repeats->units, by_name);
    for (struct row *row = repeats->units; row; row = row->hh.next)
        if (is_of(row, unit)) json_array_append_new(units, unit_to_json(row));
    json_object_set_new_nocheck(root, "from", repeats->from == DAY_NONE ? json_null() : json_day(repeats->from));
    json_object_set_new_nocheck(root, "to", repeats->to == DAY_NONE ? json_null() : json_day(repeats->to));
    json_object_set_new_nocheck(root, "window_days", json_integer(repeats->window_ms / DAY_MS));
    json_object_set_new_nocheck(root, "total", count_to_json(json_object(), &total));
    json_object_set_new_nocheck(root, "units", units);
    return root;
}
