/* bihuan-notify retry: notices that every attempt failed for are owed again, and go out if they are still
 * due when a notifier takes them up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notify/verbs.h"
#include "sla/census.h"

enum { TRIES = 8 };

struct exhausted {
    struct text *field; /* of the cases that have any; in the pool */
    size_t count, room;
    struct text only;   /* this case alone; empty: all */
    struct pool pool;
};

static bool note_case(void *context, const struct case_file *file, const struct fold *fold)
{
    struct exhausted *all = context;
    bool any = false;
    (void)fold;
    if (all->only.bytes && !text_equal(file->id, all->only)) return true;
    for (size_t i = 0; i < file->tolds; i++) any |= file->told[i].kind == TOLD_NOTICE && file->told[i].status == TOLD_EXHAUSTED;
    if (!any) return true;
    if (all->count == all->room) all->field = xrealloc(all->field, (all->room = all->room * 2 + 64) * sizeof *all->field);
    all->field[all->count++] = store_field(&all->pool, file->of, file->id);
    return true;
}

/* Makes them pending in a case, counts it. Returns how many. */
static size_t reopen(struct change *change, struct changer *changer)
{
    size_t count = 0;
    for (size_t i = 0; i < change->file.tolds; i++) {
        struct told *told = &change->file.told[i];
        if (told->kind != TOLD_NOTICE || told->status != TOLD_EXHAUSTED) continue;
        told->status = TOLD_PENDING;
        told->attempts = 0;
        told->next_try_ms = 0;
        count++;
    }
    fold_case(&changer->after, changer->rules, &change->file, change->file.as_of_ms);
    if (count) tally_add(&changer->tally, TALLY_NOTICES, NOTICE_EXHAUSTED, DAY_NONE, changer->after.unit, -(int32_t)count);
    return count;
}

/* One try to change one case. */
static enum store_result try_case(struct store *store, struct changer *changer, struct text field, size_t *count)
{
    enum of of = OF_TICKET;
    struct text id = {0};
    struct change change;
    struct store_refusal refusal = {NULL};
    enum store_result result = STORE_REFUSED;
    if (!store_field_parse(field, &of, &id)) return result;
    redisReply *reply = store_case(store, of, id);
    if (!reply) return STORE_LOST;
    changer->now_ms = clock_business_ms(&store->clock);
    const char *fault = reply->type == REDIS_REPLY_STRING ? change_begin(&change, changer, of, id, reply->str, (size_t)reply->len) : "gone";
    if (!fault) {
        *count = reopen(&change, changer);
        struct commit_case commit = {.field = field, .change = &change, .out = OUT_NOW};
        if (*count == 0) result = STORE_DONE;
        else if (change_finish(&change, changer) && store_commit_send(store, case_shard(of, id, store->shards), NULL, 0, &commit, 1, &changer->tally))
            result = store_commit_take(store, &refusal);
        change_end(&change);
    }
    store_refusal_free(&refusal);
    freeReplyObject(reply);
    changer_clear(changer);
    return result;
}

static int retry(struct store *store, const struct rules *rules, int64_t grace_ms, struct exhausted *all)
{
    struct changer changer;
    size_t notices = 0;
    int code = EXIT_OK;
    changer_open(&changer, rules, grace_ms);
    for (size_t i = 0; i < all->count && code == EXIT_OK; i++) {
        size_t count = 0;
        enum store_result result = STORE_REFUSED_CASES;
        for (int n = 0; n < TRIES && result == STORE_REFUSED_CASES; n++) result = try_case(store, &changer, all->field[i], &count);
        if (result == STORE_DONE) notices += count;
        else if (result == STORE_LOST) code = EXIT_FAILED;
        else fprintf(stderr, "bihuan-notify retry: %.*s: left as it is: %s\n", (int)all->field[i].bytes - 1, all->field[i].at + 1, store->fault);
    }
    changer_close(&changer);
    if (code == EXIT_OK) printf("%zu exhausted notices of %zu cases are owed again, where they are still due\n", notices, all->count);
    return code;
}

/* Opens for writing, as the notifier does. */
static int with_store(const struct config *config, const struct options *options)
{
    struct ruleset set;
    struct store store;
    struct exhausted all = {.count = 0};
    int code = EXIT_FAILED;
    if (!ruleset_load(&set, config, NULL)) return EXIT_USAGE;
    if (options->count) all.only = (struct text){options->operands[0], strlen(options->operands[0])};
    bool good = store_open(&store, config, &set, NULL);
    good = good && census(&store, &set.rules, clock_business_ms(&store.clock), note_case, &all) == STORE_DONE;
    if (good) code = retry(&store, &set.rules, config->sla.grace_ms, &all);
    if (code != EXIT_OK) fprintf(stderr, "bihuan-notify retry: %s\n", store.fault);
    free(all.field);
    pool_free(&all.pool);
    store_close(&store);
    ruleset_free(&set);
    return code;
}

int notify_retry(const struct options *options)
{
    struct config config;
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    int code = with_store(&config, options);
    config_free(&config);
    return code;
}
