/* bihuan-notify retry: notices that every attempt failed for are owed again, and go out if they are still
 * due when a notifier takes them up. The ledger is told first, as of all that changes what was told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notify/chain.h"
#include "notify/ledger.h"
#include "notify/verbs.h"
#include "sla/census.h"
#include "sla/store.h"
#include "sla/told_record.h"

enum { TRIES = 8, PRODUCE_WAIT_MS = 10000, FLUSH_MS = 10000 };

struct exhausted {
    struct text *field; /* of the cases that have any; in the pool */
    size_t count, room;
    struct text only;   /* this case alone; empty: all */
    struct pool pool;
};

static bool note_case(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    struct exhausted *all = context;
    bool any = false;
    (void)fold, (void)rules;
    if (all->only.bytes && !text_equal(file->id, all->only)) return true;
    for (size_t i = 0; i < file->tolds; i++) any |= file->told[i].kind == TOLD_NOTICE && file->told[i].status == TOLD_EXHAUSTED;
    if (!any) return true;
    if (all->count == all->room) all->field = xrealloc(all->field, (all->room = all->room * 2 + 64) * sizeof *all->field);
    all->field[all->count++] = store_field(&all->pool, file->of, file->id);
    return true;
}

/* What a retry works with. */
struct reopening {
    struct store *store;
    const struct config *config;
    struct changer changer;
    struct kafka_producer *producer;
    struct chain *chain;
    int64_t real_ms; /* the same at each try: a record of the ledger that is written again tells nothing new */
};

/* The ledger's record that a notice is owed again, so that it is known whatever becomes of the store. */
static bool record_reopened(struct reopening *r, struct text field, const struct case_file *file, const struct told *told)
{
    char id[NOTICE_ID_BYTES];
    const struct rules *rules = rulebook_bind(r->changer.book, file);
    struct envelope envelope = {file, &r->changer.after, rules, r->changer.now_ms};
    enum demand_kind kind = told->step == STEP_RETRACT ? DEMAND_RETRACT : told->step == STEP_CORRECTION ? DEMAND_CORRECTION : DEMAND_NOTICE;
    struct demand demand = {.kind = kind, .told = *told, .unit = told_unit(told, &r->changer.after),
                            .step = vocabulary_step(rules->words, told->step)};
    struct told_record record = {.told = {*told}, .tolds = 1, .counted = true, .counts = {[NOTICE_EXHAUSTED] = -1}, .unit = demand.unit};
    struct told_headers headers;
    demand_id(id, file, &demand);
    told_headers_make(&headers, field, &record);
    json_t *value = ledger_record(&envelope, &demand, &(struct ledger_entry){.type = "notice", .id = id, .outcome = "reopened"});
    struct chain_link *link;
    struct chain_cover cover = {file->id.at, file->id.bytes, headers.header, headers.count};
    char *text = chain_print(r->chain, case_shard(file->of, file->id, r->store->shards), value, &cover, &link);
    bool good = text && kafka_produce(r->producer,
                                      &(struct kafka_record){.topic = r->config->topics.ledger, .key = file->id.at, .key_bytes = file->id.bytes, .value = text,
                                                             .value_bytes = strlen(text), .headers = headers.header, .header_count = headers.count},
                                      PRODUCE_WAIT_MS);
    free(text);
    json_decref(value);
    return good;
}

/* Makes them pending in a case, records and counts it. Returns how many; -1: Kafka does not take the records. */
static int reopen(struct reopening *r, struct text field, struct change *change)
{
    struct changer *changer = &r->changer;
    int count = 0;
    uint64_t failed = r->producer->failed;
    fold_case(&changer->after, rulebook_bind(changer->book, &change->file), &change->file, change->file.as_of_ms);
    for (size_t i = 0; i < change->file.tolds; i++) {
        struct told *told = &change->file.told[i];
        if (told->kind != TOLD_NOTICE || told->status != TOLD_EXHAUSTED) continue;
        told->status = TOLD_PENDING; /* those that have it keep it; with the others it begins anew */
        told->attempts = 0;
        told->next_try_ms = r->real_ms;
        if (!record_reopened(r, field, &change->file, told)) return -1;
        tally_add(&changer->tally, TALLY_NOTICES, NOTICE_EXHAUSTED, DAY_NONE, told_unit(told, &changer->after), -1); /* where it was counted */
        count++;
    }
    if (count && (!kafka_flush(r->producer, FLUSH_MS) || r->producer->failed != failed)) return -1;
    if (count) chain_all_acknowledged(r->chain);
    return count;
}

/* One try to change one case. */
static enum store_result try_case(struct reopening *r, struct text field, size_t *count)
{
    struct store *store = r->store;
    struct changer *changer = &r->changer;
    enum of of = OF_TICKET;
    struct text id = {0};
    struct change change;
    struct store_refusal refusal = {NULL};
    enum store_result result = STORE_REFUSED;
    if (!store_field_parse(field, &of, &id)) return result;
    redisReply *reply = store_case(store, of, id);
    if (!reply) return STORE_LOST;
    changer->book = store->book;
    changer->now_ms = clock_business_ms(&store->clock);
    const char *fault = reply->type == REDIS_REPLY_STRING ? change_begin(&change, changer, of, id, reply->str, (size_t)reply->len) : "gone";
    if (!fault) {
        int reopened = reopen(r, field, &change);
        struct commit_case commit = {.field = field, .change = &change, .out = OUT_NOW};
        *count = reopened > 0 ? (size_t)reopened : 0;
        if (reopened == 0) result = STORE_DONE;
        else if (reopened < 0) snprintf(store->fault, sizeof store->fault, "the ledger cannot be written: %.400s", r->producer->error);
        else if (change_finish(&change, changer) && store_commit_send(store, case_shard(of, id, store->shards), NULL, 0, &commit, 1, &changer->tally))
            result = store_commit_take(store, &refusal);
        change_end(&change);
    }
    store_refusal_free(&refusal);
    freeReplyObject(reply);
    changer_clear(changer);
    return result;
}

/* As often as somebody else changes it, or the rules are decided, meanwhile. */
static enum store_result insist(struct reopening *r, struct text field, size_t *count)
{
    enum store_result result = STORE_REFUSED_CASES;
    for (int n = 0; n < TRIES && (result == STORE_REFUSED_CASES || result == STORE_REFUSED_RULES); n++) {
        if (result == STORE_REFUSED_RULES && store_renew_rules(r->store) != STORE_DONE) return STORE_LOST;
        result = try_case(r, field, count);
    }
    return result;
}

static int retry(struct reopening *r, struct exhausted *all)
{
    struct store *store = r->store;
    size_t notices = 0;
    bool lost = false, left = false;
    for (size_t i = 0; i < all->count && !lost; i++) {
        size_t count = 0;
        enum store_result result = insist(r, all->field[i], &count);
        lost = result == STORE_LOST;
        left |= result != STORE_DONE;
        if (result == STORE_DONE) notices += count;
        else if (!lost) fprintf(stderr, "bihuan-notify retry: %.*s: left as it is: %s\n", (int)all->field[i].bytes - 1, all->field[i].at + 1, store->fault);
    }
    if (!lost) printf("%zu exhausted notices of %zu cases are owed again, where they are still due\n", notices, all->count);
    return lost || left ? EXIT_FAILED : EXIT_OK;
}

/* With a producer for the ledger. */
static int retry_recorded(const struct config *config, struct store *store, struct exhausted *all)
{
    struct reopening r = {.store = store, .config = config, .real_ms = clock_shared_ms(&store->clock)};
    int code = EXIT_FAILED;
    r.producer = kafka_producer_open(config, NULL, NULL, store->fault, sizeof store->fault);
    if (!r.producer) return code;
    r.chain = chain_open(store);
    changer_open(&r.changer, store->book, config->sla.grace_ms);
    code = retry(&r, all);
    changer_close(&r.changer);
    kafka_producer_close(r.producer, 0);
    if (!chain_note(r.chain, store)) code = EXIT_FAILED;
    chain_close(r.chain);
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
    good = good && census(&store, clock_business_ms(&store.clock), note_case, &all) == STORE_DONE;
    if (good) code = retry_recorded(config, &store, &all);
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
