/* bihuan-notify status: what became of the notices, by unit. Counted at the commits but for `pending`, which is
 * looked up case by case: so the two can be held against each other. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <uthash.h>

#include "common/alloc.h"
#include "common/daemon.h"
#include "common/pool.h"
#include "notify/live.h"
#include "notify/present.h"
#include "notify/verbs.h"
#include "sla/case_json.h"
#include "sla/census.h"
#include "sla/cluster.h"
#include "sla/look.h"

enum { TRIES = 5 };

static bool live_option;
const struct options_extra status_extras[] = {{"live", NULL, &live_option}, {NULL, NULL, NULL}};

struct row {
    struct text unit;
    int64_t count[NOTICE_COUNTERS], pending;
    UT_hash_handle hh;
};

struct totals {
    struct row *rows;
    struct pool pool;
    struct appeal_rules appeal_rules;
    int64_t now_ms, grace_ms, gathered; /* gathered: recipients of notices, for their next digest */
    struct demands demands;
};

static struct row *row_of(struct totals *totals, struct text unit)
{
    struct row *row;
    const char *key = unit.bytes ? unit.at : "";
    HASH_FIND(hh, totals->rows, key, unit.bytes, row);
    if (row) return row;
    row = pool_take(&totals->pool, sizeof *row);
    memset(row, 0, sizeof *row);
    row->unit = (struct text){pool_copy(&totals->pool, key, unit.bytes + !unit.bytes), unit.bytes};
    HASH_ADD_KEYPTR(hh, totals->rows, row->unit.at, unit.bytes, row);
    return row;
}

static void add_counted(void *context, struct text unit, const int64_t *counters)
{
    struct row *row = row_of(context, unit);
    for (int i = 0; i < NOTICE_COUNTERS; i++) row->count[i] += counters[i];
}

/* Pending: tried and to be tried again (counted as owed already), or owed and not taken up yet. */
static void count_pending(struct totals *totals, const struct case_file *file, struct text unit)
{
    for (size_t i = 0; i < file->tolds; i++) {
        totals->gathered += file->told[i].status == TOLD_GATHERED;
        if (file->told[i].kind == TOLD_NOTICE && file->told[i].status == TOLD_PENDING) row_of(totals, unit)->pending++;
    }
    for (size_t i = 0; i < totals->demands.count; i++) {
        const struct demand *demand = &totals->demands.at[i];
        if (!demand_is_notice(demand->kind) || case_told(file, TOLD_NOTICE, demand->told.id)) continue;
        struct row *row = row_of(totals, demand->unit);
        row->count[NOTICE_OWED] += 1 + demand->superseded;
        row->count[NOTICE_SUPERSEDED] += demand->superseded;
        row->pending++;
    }
}

static bool add_pending(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    struct totals *totals = context;
    demands_owed(&totals->demands, file, fold, rules, totals->now_ms - totals->grace_ms);
    count_pending(totals, file, fold->unit);
    return true;
}

/* The same of alerts, that places owe. */
static void add_place(void *context, struct text field, struct text blob)
{
    struct totals *totals = context;
    struct appeals place = {.of = OF_PLACE};
    struct case_file told = {0};
    struct pool pool = {0};
    const char *fault = appeals_decode(blob.at, blob.bytes, &place, &told, &pool);
    if (fault) fprintf(stderr, "bihuan-notify status: %.*s: left out: %s\n", (int)field.bytes, field.at, fault);
    if (!fault) {
        clusters_owed(&totals->demands, &place, &told, &totals->appeal_rules, totals->now_ms, &pool);
        count_pending(totals, &told, totals->appeal_rules.dispatcher);
    }
    case_clear(&told);
    pool_free(&pool);
}

static json_t *row_to_json(const struct row *row)
{
    static const char *const names[NOTICE_COUNTERS] = {"owed", "delivered", "superseded", "exhausted", "shadowed", "attempts"};
    json_t *object = json_object();
    for (int i = 0; i < NOTICE_COUNTERS; i++) json_object_set_new(object, names[i], json_integer(row->count[i]));
    json_object_set_new(object, "pending", json_integer(row->pending));
    return object;
}

static int by_unit(const struct row *a, const struct row *b)
{
    return text_compare(a->unit, b->unit);
}

static void print_row(const char *name, int bytes, const struct row *row)
{
    printf("%-24.*s %9lld %10lld %11lld %10lld %9lld %8lld %9lld\n", bytes, name, (long long)row->count[NOTICE_OWED], (long long)row->count[NOTICE_DELIVERED],
           (long long)row->count[NOTICE_SUPERSEDED], (long long)row->count[NOTICE_EXHAUSTED], (long long)row->count[NOTICE_SHADOWED],
           (long long)row->pending, (long long)row->count[NOTICE_ATTEMPTS]);
}

/* Then how things stand at this moment. */
static void print(struct totals *totals, json_t *present, bool json)
{
    struct row sum = {0};
    HASH_SORT(totals->rows, by_unit);
    json_t *units = json_array();
    if (!json) printf("%-24s %9s %10s %11s %10s %9s %8s %9s\n", "unit", "owed", "delivered", "superseded", "exhausted", "shadowed", "pending", "attempts");
    for (const struct row *row = totals->rows; row; row = row->hh.next) {
        json_t *object = row_to_json(row);
        json_object_set_new(object, "unit", json_text(row->unit));
        json_array_append_new(units, object);
        if (!json) print_row(row->unit.bytes ? row->unit.at : "(none)", row->unit.bytes ? (int)row->unit.bytes : 6, row);
        for (int i = 0; i < NOTICE_COUNTERS; i++) sum.count[i] += row->count[i];
        sum.pending += row->pending;
    }
    if (json) {
        json_t *object = row_to_json(&sum);
        json_object_set(object, "units", units);
        json_object_set_new(object, "gathered", json_integer(totals->gathered));
        json_object_update(object, present);
        json_print_line(stdout, object);
        json_decref(object);
    } else {
        print_row("total", 5, &sum);
        printf("\n%lld recipients of notices wait for their next digest\n", (long long)totals->gathered);
        present_print(stdout, present);
    }
    json_decref(units);
}

static void add_sum(void *context, struct text unit, const int64_t *counters)
{
    int64_t *sum = context;
    (void)unit;
    for (int i = 0; i < NOTICE_COUNTERS; i++) sum[i] += counters[i];
}

/* What was counted, and what is pending, as of one time: looked up again while notifiers settle in between. */
static bool gather(struct look *look, struct totals *totals)
{
    for (int i = 0; i < TRIES; i++) {
        int64_t before[NOTICE_COUNTERS] = {0}, after[NOTICE_COUNTERS] = {0};
        HASH_CLEAR(hh, totals->rows);
        pool_clear(&totals->pool);
        if (store_rows(&look->store, TALLY_NOTICES, add_counted, totals) != STORE_DONE) return false;
        for (const struct row *row = totals->rows; row; row = row->hh.next) add_sum(before, row->unit, row->count);
        totals->gathered = 0;
        totals->now_ms = clock_business_ms(&look->store.clock);
        if (census(&look->store, totals->now_ms, add_pending, totals) != STORE_DONE) return false;
        if (store_scan_of(&look->store, OF_PLACE, add_place, totals) != STORE_DONE) return false;
        if (store_rows(&look->store, TALLY_NOTICES, add_sum, after) != STORE_DONE) return false;
        if (!memcmp(before, after, sizeof before)) return true;
    }
    fprintf(stderr, "bihuan-notify status: notices went out all the while; the figures are not of one moment\n");
    return true;
}

int notify_status(const struct options *options)
{
    struct look look;
    if (live_option && !daemon_start()) return EXIT_FAILED;
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    if (live_option) {
        code = live_show(&look);
        look_close(&look);
        return code;
    }
    struct totals *totals = xcalloc(1, sizeof *totals);
    *totals = (struct totals){.appeal_rules = appeal_rules(&look.config), .grace_ms = look.config.sla.grace_ms};
    json_t *present = gather(&look, totals) ? present_look(&look) : NULL;
    if (present) print(totals, present, options->json);
    else code = look_failed(&look);
    json_decref(present);
    HASH_CLEAR(hh, totals->rows);
    pool_free(&totals->pool);
    free(totals);
    look_close(&look);
    return code;
}
