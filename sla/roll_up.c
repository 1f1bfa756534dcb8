/* Rolling up: each unit's own counts are added to everything above it. Rates are worked out of the sums, never of rates.
 *
 * The trap: a unit without figures of its own has a row once something below it has any; and the total is of what units did themselves, as
 * the rows hold the same case at each height. */
#include "sla/roll_up.h"

#include <uthash.h>
#include <utlist.h>

#include "common/alloc.h"
#include "common/pool.h"
#include "sla/case_json.h"

struct node {
    struct text unit;
    int64_t all[COUNTERS];
    struct node *above, *below, *next, *prev; /* `below`: the first of them; next and prev: beside it */
    UT_hash_handle hh;
};

struct tree {
    const struct units *units;
    const struct rules *rules;
    int32_t day;
    struct node *nodes, *tops;
    struct pool pool;
    json_t *rows;
};

/* The unit's node; made with all above it where it is new. */
static struct node *node_of(struct tree *tree, struct text unit)
{
    struct node *node, *first = NULL, *below = NULL;
    for (int hops = 0; hops <= UNIT_HOPS_MAX; hops++) {
        const char *key = unit.bytes ? unit.at : "";
        HASH_FIND(hh, tree->nodes, key, unit.bytes, node);
        bool known = node != NULL;
        if (!known) {
            node = pool_take(&tree->pool, sizeof *node);
            *node = (struct node){.unit = {pool_copy(&tree->pool, key, unit.bytes + 1), unit.bytes}};
            HASH_ADD_KEYPTR(hh, tree->nodes, node->unit.at, node->unit.bytes, node);
        }
        if (below) below->above = node;
        if (!first) first = node;
        if (known) break;
        below = node;
        unit = units_above(tree->units, unit, tree->day);
        if (unit.bytes == 0) break;
    }
    return first;
}

static void add_own(void *context, struct text unit, const int64_t *count)
{
    for (struct node *node = node_of(context, unit); node; node = node->above)
        for (int i = 0; i < COUNTERS; i++) node->all[i] += count[i];
}

static int by_unit(const struct node *a, const struct node *b)
{
    return text_compare(a->unit, b->unit);
}

/* Lists beside each other, in order. */
static void arrange(struct tree *tree)
{
    struct node *node, *next;
    HASH_SRT(hh, tree->nodes, by_unit);
    HASH_ITER(hh, tree->nodes, node, next) {
        struct node **list = node->above ? &node->above->below : &tree->tops;
        DL_APPEND(*list, node);
    }
}

static void put_row(const struct tree *tree, const struct node *node, int depth)
{
    json_t *object = json_object();
    json_object_set_new_nocheck(object, "unit", json_text(node->unit));
    json_object_set_new_nocheck(object, "name", json_text(units_name(tree->units, node->unit)));
    json_object_set_new_nocheck(object, "parent", node->above ? json_text(node->above->unit) : json_null());
    json_object_set_new_nocheck(object, "depth", json_integer(depth));
    summary_put_figures(object, node->all, tree->rules->policy);
    json_array_append_new(tree->rows, object);
}

/* A node and all below it, at most UNIT_HOPS_MAX deep. */
static void put_rows(const struct tree *tree, const struct node *node, int depth)
{
    put_row(tree, node, depth);
    for (const struct node *one = node->below; one; one = one->next) put_rows(tree, one, depth + 1);
}

static void put_all(const struct tree *tree, int64_t sum[COUNTERS])
{
    for (const struct node *node = tree->tops; node; node = node->next) {
        put_rows(tree, node, 0);
        for (int i = 0; i < COUNTERS; i++) sum[i] += node->all[i];
    }
}

json_t *roll_up(const struct summary *summary, const struct rules *rules, const struct units *units, int64_t as_of_ms, const char *unit)
{
    struct tree tree = {.units = units, .rules = rules, .day = zone_day(rules->zone, as_of_ms), .rows = json_array()};
    json_t *root = summary_head(summary, rules, as_of_ms), *total = json_object();
    int64_t sum[COUNTERS] = {0};
    summary_each(summary, add_own, &tree);
    arrange(&tree);
    if (unit) {
        struct node *node;
        HASH_FIND(hh, tree.nodes, unit, strlen(unit), node);
        if (node) put_rows(&tree, node, 0);
        for (int i = 0; node && i < COUNTERS; i++) sum[i] = node->all[i];
    } else {
        put_all(&tree, sum);
    }
    summary_put_figures(total, sum, rules->policy);
    json_object_set_new_nocheck(root, "total", total);
    json_object_set_new_nocheck(root, "units", tree.rows);
    HASH_CLEAR(hh, tree.nodes);
    pool_free(&tree.pool);
    return root;
}
