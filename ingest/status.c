/* bihuan-ingest status: what became of the records, by topic, as the commits counted
 * them. Each record counts once, whatever its links. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/alloc.h"
#include "ingest/verbs.h"
#include "sla/store.h"

struct totals {
    size_t count, room;
    struct {
        char *topic;
        int64_t counter[RECORD_COUNTERS];
    } *row;
};

static void add_row(void *context, struct text name, const int64_t *counters)
{
    struct totals *totals = context;
    size_t i = 0;
    while (i < totals->count && (strlen(totals->row[i].topic) != name.bytes || memcmp(totals->row[i].topic, name.at, name.bytes) != 0)) i++;
    if (i == totals->room) totals->row = xrealloc(totals->row, (totals->room = totals->room * 2 + 4) * sizeof *totals->row);
    if (i == totals->count) {
        memset(&totals->row[i], 0, sizeof *totals->row);
        totals->row[totals->count++].topic = xstrndup(name.at, name.bytes);
    }
    for (int k = 0; k < RECORD_COUNTERS; k++) totals->row[i].counter[k] += counters[k];
}

static void print_row(const char *topic, const int64_t *counter, bool json)
{
    long long applied = counter[RECORD_APPLIED], duplicates = counter[RECORD_DUPLICATE], dead = counter[RECORD_DEAD_LETTER];
    if (!json) {
        printf("%-32s %12lld %12lld %12lld %12lld\n", topic, applied + duplicates + dead, applied, duplicates, dead);
        return;
    }
    json_t *row = json_pack("{s:s, s:I, s:I, s:I, s:I}", "topic", topic, "records", (json_int_t)(applied + duplicates + dead), "applied",
                            (json_int_t)applied, "duplicates", (json_int_t)duplicates, "dead_letters", (json_int_t)dead);
    if (row) json_dumpf(row, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(row);
}

static int print(struct store *store, bool json)
{
    struct totals totals = {0};
    enum store_result result = store_rows(store, TALLY_RECORDS, add_row, &totals);
    if (result == STORE_DONE && !json) printf("%-32s %12s %12s %12s %12s\n", "topic", "records", "applied", "duplicates", "dead letters");
    for (size_t i = 0; i < totals.count; i++) {
        if (result == STORE_DONE) print_row(totals.row[i].topic, totals.row[i].counter, json);
        free(totals.row[i].topic);
    }
    free(totals.row);
    if (result != STORE_DONE) fprintf(stderr, "bihuan-ingest status: %s\n", store->fault);
    return result == STORE_DONE ? EXIT_OK : EXIT_FAILED;
}

int ingest_status(const struct options *options)
{
    struct config config;
    struct ruleset set;
    struct store store;
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    int code = EXIT_USAGE;
    if (ruleset_load(&set, &config, NULL)) {
        code = EXIT_FAILED;
        if (store_open_reader(&store, &config, &set)) code = print(&store, options->json);
        else fprintf(stderr, "bihuan-ingest status: %s\n", store.fault);
        store_close(&store);
        ruleset_free(&set);
    }
    config_free(&config);
    return code;
}
