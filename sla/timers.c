/* Firing what is due, in batches: fold, publish what became overdue, commit.
 *
 * A shard's timers are held by one daemon at a time, only so that two do not
 * do the same work; correctness rests on compare-and-set alone. A case that
 * changed meanwhile is left: it is still due, or no longer. The trap: what was published of it must
 * be noted all the same, or nobody would ever take it back. */
#include "sla/timers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/arena.h"
#include "common/log.h"
#include "sla/envelope.h"
#include "sla/told_record.h"
#include "sla/walk.h"
#include "sla/log_read.h"
#include "sla/shrink.h"

enum { HOLD_MS = 10000, SWEEP_CASES = 4096, ACK_WAIT_MS = 5000, ACK_POLL_MS = 5, NOTE_TRIES = 4, PRODUCER_CLOSE_MS = 2000, LOOK_MS = 5000 };

/* What was published of a case. */
struct published {
    struct told told;
    uint64_t revision;
    bool reported, acked;
};

/* A due case, taken up. */
struct due_case {
    struct text field;
    struct change change;
    bool free;                   /* no notifier has it */
    bool rebinds;                /* it was stored under other rules than it is bound to by now, and that changes something */
    struct published *published; /* in the changer's pool; told.id 0 ends the list; NULL for none */
    unsigned tries;
};

/* A few cases of one shard, to be committed together. */
struct lot {
    unsigned shard;
    bool sent;              /* its commit is, and an answer is owed */
    struct text *orphan;    /* timers that no case stands behind */
    size_t orphans;
    struct due_case *one;
    size_t count;
};

static void delivered(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset)
{
    struct published *published = opaque;
    (void)context, (void)partition, (void)offset;
    published->reported = true;
    published->acked = !error;
}

bool timers_open(struct timers *timers, struct store *store, const struct config *config, char *error, size_t error_bytes)
{
    char host[32] = "";
    *timers = (struct timers){.store = store, .config = config, .batch = config->sla.timer_batch};
    changer_open(&timers->changer, store->book, config->sla.grace_ms);
    timers->changer.retention_ms = config->sla.retention_days * DAY_MS;
    timers->changer.appeals = appeal_rules(config);
    timers->changer.lets_go = true;
    gethostname(host, sizeof host - 1);
    snprintf(timers->owner, sizeof timers->owner, "%s-%ld-%llx", host, (long)getpid(), (unsigned long long)clock_monotonic_us());
    if (config->notify.mode == NOTIFY_SHADOW) return true;
    timers->producer = kafka_producer_open(config, delivered, timers, error, error_bytes);
    return timers->producer != NULL;
}

void timers_close(struct timers *timers)
{
    kafka_producer_close(timers->producer, PRODUCER_CLOSE_MS);
    fold_free(&timers->fold);
    changer_close(&timers->changer);
}

/* --- taking up --- */

/* Takes up one case. NULL, or why it cannot be. */
static const char *take_up(struct timers *timers, struct due_case *one, struct text field, struct text blob, bool is_free)
{
    enum of of;
    struct text id;
    *one = (struct due_case){.field = field, .free = is_free};
    if (!blob.bytes) return "no case stands behind it";
    if (!store_field_parse(field, &of, &id)) return "its name is no case's";
    return change_begin(&one->change, &timers->changer, of, id, blob.at, blob.bytes);
}

static bool publish(struct timers *timers, struct text field, const struct case_file *file, const struct demand *demand, struct published *published)
{
    char id[NOTICE_ID_BYTES];
    struct envelope envelope = {file, &timers->fold, rulebook_bind(timers->changer.book, file), timers->changer.now_ms};
    int64_t real_ms = clock_shared_ms(&timers->store->clock);
    published->told = demand->told;
    published->told.status = TOLD_DELIVERED;
    published->revision = (uint64_t)real_ms > file->revision ? (uint64_t)real_ms : file->revision + 1;
    demand_id(id, file, demand);
    arena_begin();
    const char *text = json_dumps(envelope_result(&envelope, demand, demand_result_type(demand->kind), id, published->revision), JSON_COMPACT);
    struct told_record told = {.told = {published->told}, .tolds = 1, .revision = published->revision};
    struct told_headers headers;
    told_headers_make(&headers, field, &told);
    struct kafka_record record = {.topic = timers->config->topics.results, .key = file->id.at, .key_bytes = file->id.bytes, .value = text,
                                  .value_bytes = text ? strlen(text) : 0, .headers = headers.header, .header_count = headers.count, .opaque = published};
    bool good = text && kafka_produce(timers->producer, &record, 0);
    arena_end();
    return good;
}

/* Publishes what became overdue of a case that no notifier has; else that is its notifier's to publish. */
static void publish_overdue(struct timers *timers, struct due_case *one)
{
    const struct case_file *file = &one->change.file;
    int64_t now_ms = timers->changer.now_ms > file->as_of_ms ? timers->changer.now_ms : file->as_of_ms;
    if (!timers->producer || !one->free) return;
    const struct rules *rules = rulebook_bind(timers->changer.book, file);
    fold_case(&timers->fold, rules, file, now_ms);
    demands_owed(&timers->demands, file, &timers->fold, rules, now_ms - timers->changer.grace_ms);
    size_t count = 0;
    for (size_t i = 0; i < timers->demands.count; i++) {
        if (timers->demands.at[i].kind != DEMAND_OVERDUE) continue;
        if (!one->published) {
            size_t bytes = (timers->demands.count + 1) * sizeof *one->published;
            one->published = pool_take(&timers->changer.pool, bytes);
            memset(one->published, 0, bytes);
        }
        if (!publish(timers, one->field, file, &timers->demands.at[i], &one->published[count])) {
            one->published[count] = (struct published){.reported = false};
            break; /* Kafka takes no more: a notifier will publish it */
        }
        count++;
        timers->published++;
    }
}

static struct text element_text(const redisReply *reply, size_t i)
{
    return (struct text){reply->element[i]->str, (size_t)reply->element[i]->len};
}

static void take_lot(struct timers *timers, struct lot *lot, const redisReply *due)
{
    lot->one = xcalloc(due->elements / 3 + 1, sizeof *lot->one);
    lot->orphan = pool_take(&timers->changer.pool, (due->elements / 3 + 1) * sizeof *lot->orphan);
    for (size_t i = 0; i + 2 < due->elements; i += 3) {
        struct due_case *one = &lot->one[lot->count];
        struct text field = element_text(due, i);
        const char *fault = take_up(timers, one, field, element_text(due, i + 1), due->element[i + 2]->len > 0);
        if (fault) {
            log_error("timer.unreadable", "shard=%u case=%s reason=%s", lot->shard, log_quote(field.at), log_quote(fault));
            change_end(&one->change);
            if (due->element[i + 1]->len == 0) lot->orphan[lot->orphans++] = field;
            continue;
        }
        publish_overdue(timers, one);
        lot->count++;
    }
}

/* --- committing --- */

/* Notes what Kafka has acknowledged. */
static void tell_published(struct due_case *one)
{
    struct case_file *file = &one->change.file;
    for (const struct published *published = one->published; published && published->told.id; published++) {
        if (!published->acked || !told_apply(file, &published->told)) continue;
        if (published->revision > file->revision) file->revision = published->revision;
    }
}

/* Folds a lot's cases and sends their commit. */
static bool send_lot(struct timers *timers, struct lot *lot)
{
    struct commit_case *commit = pool_take(&timers->changer.pool, (lot->count + 1) * sizeof *commit);
    size_t kept = 0;
    tally_clear(&timers->changer.tally);
    for (size_t i = 0; i < lot->count; i++) {
        struct due_case one = lot->one[i];
        tell_published(&one);
        if (!change_finish(&one.change, &timers->changer)) {
            log_error("timer.unreadable", "shard=%u reason=%s", lot->shard, log_quote("a case has grown too large"));
            change_end(&one.change);
            continue;
        }
        lot->one[kept++] = one;
    }
    lot->count = kept;
    for (size_t i = 0; i < kept; i++) {
        const struct change *change = &lot->one[i].change;
        commit[i] = (struct commit_case){.field = lot->one[i].field, .change = change, .out = change->owes ? OUT_NOW : OUT_KEEP};
    }
    lot->sent = lot->count > 0 && store_commit_send(timers->store, lot->shard, NULL, 0, commit, lot->count, &timers->changer.tally);
    return lot->sent || lot->count == 0;
}

static enum store_result take_commit(struct timers *timers, unsigned shard, struct store_refusal *refusal)
{
    enum store_result result = store_commit_take(timers->store, refusal);
    timers->refused += store_refusal_count(refusal, result);
    if (result == STORE_REFUSED) log_error("timer.refused", "shard=%u reason=%s", shard, log_quote(timers->store->fault));
    return result;
}

/* Leaves in the lot those of a refused commit that must go again: all that did not change, and of those that did what
 * was published of. False: nothing is left. */
static bool keep_refused(struct lot *lot, const struct store_refusal *refusal)
{
    bool *differs = xcalloc(lot->count, sizeof *differs);
    size_t kept = 0;
    for (size_t n = 0; n < store_refusal_count(refusal, STORE_REFUSED_CASES); n++) differs[store_refusal_index(refusal, STORE_REFUSED_CASES, n)] = true;
    for (size_t i = 0; i < lot->count; i++) {
        struct due_case *one = &lot->one[i];
        change_end(&one->change);
        if (++one->tries < NOTE_TRIES && (!differs[i] || one->published)) lot->one[kept++] = *one;
    }
    lot->count = kept;
    free(differs);
    return kept > 0;
}

/* Loads a refused lot's cases again. */
static enum store_result load_again(struct timers *timers, struct lot *lot)
{
    struct text *fields = pool_take(&timers->changer.pool, lot->count * sizeof *fields);
    size_t kept = 0;
    for (size_t i = 0; i < lot->count; i++) fields[i] = lot->one[i].field;
    redisReply *reply = store_load_send(timers->store, lot->shard, fields, lot->count) ? store_load_take(timers->store) : NULL;
    if (!reply) return STORE_LOST;
    for (size_t i = 0; i < lot->count; i++) {
        const redisReply *blob = reply->element[i];
        struct due_case one = lot->one[i];
        struct text copy = {NULL, 0};
        if (blob->type == REDIS_REPLY_STRING) copy = (struct text){pool_copy(&timers->changer.pool, blob->str, (size_t)blob->len), (size_t)blob->len};
        if (take_up(timers, &lot->one[kept], one.field, copy, one.free)) {
            change_end(&lot->one[kept].change);
            continue;
        }
        lot->one[kept].published = one.published;
        lot->one[kept++].tries = one.tries;
    }
    lot->count = kept;
    freeReplyObject(reply);
    return STORE_DONE;
}

/* Was it refused because cases or rules changed? Under other rules all of it goes again, as what was published must be noted all the same. */
static bool goes_again(struct timers *timers, enum store_result result)
{
    if (result == STORE_REFUSED_RULES && store_renew_rules(timers->store) != STORE_DONE) return false;
    timers->changer.book = timers->store->book;
    return result == STORE_REFUSED_CASES || result == STORE_REFUSED_RULES;
}

/* Takes a lot's answer; commits again what must be. */
static enum store_result settle_lot(struct timers *timers, struct lot *lot)
{
    while (lot->sent) {
        struct store_refusal refusal;
        enum store_result result = take_commit(timers, lot->shard, &refusal);
        bool again = goes_again(timers, result) && keep_refused(lot, &refusal);
        store_refusal_free(&refusal);
        if (!again) {
            timers->fired += result == STORE_DONE ? lot->count : 0;
            return result == STORE_LOST ? STORE_LOST : STORE_DONE;
        }
        if (load_again(timers, lot) == STORE_LOST || !send_lot(timers, lot)) return STORE_LOST;
    }
    return STORE_DONE;
}

static void free_lots(struct timers *timers, struct lot *lots, redisReply **due)
{
    for (unsigned shard = 0; shard < timers->store->shards; shard++) {
        for (size_t i = 0; i < lots[shard].count; i++) change_end(&lots[shard].one[i].change);
        free(lots[shard].one);
        if (due[shard]) freeReplyObject(due[shard]);
    }
    free(lots);
    free(due);
    changer_clear(&timers->changer);
}

/* Has Kafka reported on all that was published of the lot? */
static bool is_reported(const struct lot *lot)
{
    for (size_t i = 0; i < lot->count; i++)
        for (const struct published *published = lot->one[i].published; published && published->told.id; published++)
            if (!published->reported) return false;
    return true;
}

/* Sends the commits of lots that wait for nothing any more, in order from *next on, up to `end`. False: lost. */
static bool send_reported(struct timers *timers, struct lot *lots, unsigned *next, unsigned end)
{
    for (; *next < end && is_reported(&lots[*next]); ++*next)
        if (lots[*next].count && !send_lot(timers, &lots[*next])) return false;
    return true;
}

/* What Kafka has not acknowledged by then is not told: a notifier will publish it, under the same id. The producer ends
 * with it, as its reports would come when nobody waits for them. */
static void give_up_acks(struct timers *timers)
{
    char error[KAFKA_ERROR_BYTES];
    log_warn("timer.kafka", "note=%s", log_quote("results are not acknowledged; they are left to the notifiers"));
    kafka_producer_close(timers->producer, 0);
    timers->producer = kafka_producer_open(timers->config, delivered, timers, error, sizeof error);
    if (!timers->producer) log_error("timer.kafka", "error=%s", log_quote(error));
}

/* Takes up what is due, shard by shard, publishing on the way; while Kafka and Redis are at work on one shard, the next is
 * folded. */
static enum store_result send_all(struct timers *timers, struct lot *lots, redisReply **due, bool *more)
{
    unsigned shards = timers->store->shards, next = 0;
    for (unsigned shard = 0; shard < shards; shard++) {
        due[shard] = store_due_take(timers->store);
        if (!due[shard] && !timers->store->link->context) return STORE_LOST;
        if (!due[shard]) log_error("timer.refused", "shard=%u reason=%s", shard, log_quote(timers->store->fault));
        lots[shard].shard = shard;
        if (!due[shard] || due[shard]->elements == 0) continue;
        take_lot(timers, &lots[shard], due[shard]);
        *more |= lots[shard].count == (size_t)timers->batch;
        if (timers->producer) kafka_poll(timers->producer, 0);
        if (!send_reported(timers, lots, &next, shard + 1)) return STORE_LOST;
    }
    for (int64_t until_ms = clock_monotonic_ms() + ACK_WAIT_MS; next < shards;) {
        if (!send_reported(timers, lots, &next, shards)) return STORE_LOST;
        if (next == shards) break;
        if (clock_monotonic_ms() >= until_ms) give_up_acks(timers); /* reports on all */
        else kafka_poll(timers->producer, ACK_POLL_MS);
    }
    return STORE_DONE;
}

/* Reads the answers of all lots; then those that were refused have the link for themselves. */
static enum store_result take_all(struct timers *timers, struct lot *lots)
{
    struct store_refusal *refusal = pool_take(&timers->changer.pool, timers->store->shards * sizeof *refusal);
    enum store_result *result = pool_take(&timers->changer.pool, timers->store->shards * sizeof *result);
    bool lost = false;
    for (unsigned shard = 0; shard < timers->store->shards; shard++) {
        refusal[shard] = (struct store_refusal){NULL};
        result[shard] = STORE_DONE;
        if (!lots[shard].sent || lost) continue;
        result[shard] = take_commit(timers, shard, &refusal[shard]);
        lost = result[shard] == STORE_LOST;
        timers->fired += result[shard] == STORE_DONE ? lots[shard].count : 0;
    }
    for (unsigned shard = 0; shard < timers->store->shards; shard++) {
        bool again = !lost && goes_again(timers, result[shard]) && keep_refused(&lots[shard], &refusal[shard]);
        store_refusal_free(&refusal[shard]);
        if (!again) continue;
        lost = load_again(timers, &lots[shard]) == STORE_LOST || !send_lot(timers, &lots[shard]) || settle_lot(timers, &lots[shard]) == STORE_LOST;
    }
    for (unsigned shard = 0; shard < timers->store->shards; shard++)
        for (size_t i = 0; i < lots[shard].orphans && !lost; i++) lost = !store_drop_timer(timers->store, shard, lots[shard].orphan[i]);
    return lost ? STORE_LOST : STORE_DONE;
}

enum store_result timers_fire(struct timers *timers, bool *more)
{
    struct store *store = timers->store;
    *more = false;
    timers->changer.book = store->book;
    timers->changer.now_ms = clock_business_ms(&store->clock);
    int64_t upto_ms = timers->changer.now_ms - timers->changer.grace_ms;
    for (unsigned shard = 0; shard < store->shards; shard++)
        if (!store_due_send(store, shard, timers->owner, HOLD_MS, upto_ms, timers->batch)) return STORE_LOST;
    struct lot *lots = xcalloc(store->shards, sizeof *lots);
    redisReply **due = xcalloc(store->shards, sizeof(redisReply *));
    enum store_result result = send_all(timers, lots, due, more);
    if (result == STORE_DONE) result = take_all(timers, lots);
    else if (timers->producer && !kafka_flush(timers->producer, ACK_WAIT_MS)) give_up_acks(timers);
    free_lots(timers, lots, due);
    return result;
}

/* --- sweep --- */

struct sweep {
    struct timers *timers;
    struct lot lot;
};

static void sweep_case(void *context, struct text field, struct text blob)
{
    struct sweep *sweep = context;
    struct pool *pool = &sweep->timers->changer.pool;
    if (sweep->lot.count == SWEEP_CASES) return; /* comes again with the next round */
    struct due_case *one = &sweep->lot.one[sweep->lot.count];
    struct text name = {pool_copy(pool, field.at, field.bytes), field.bytes}, copy = {pool_copy(pool, blob.at, blob.bytes), blob.bytes};
    const char *fault = take_up(sweep->timers, one, name, copy, false);
    bool is_case = !fault && !one->change.appeals;
    one->rebinds = is_case && walk_changes(&sweep->timers->changer, &one->change);
    if (is_case) shrink_if_due(&one->change, &sweep->timers->changer, sweep->timers->shrink_upto_ms);
    if (!fault && !change_finish(&one->change, &sweep->timers->changer)) fault = "it has grown too large";
    if (!fault) {
        sweep->lot.count++;
        return;
    }
    change_end(&one->change);
    log_error("sweep.unreadable", "shard=%u bytes=%zu reason=%s", sweep->timers->sweep_shard, field.bytes, log_quote(fault));
}

/* Is the timer in Redis the one that the case was stored with? */
static bool timer_stands(const redisReply *scores, size_t i, int64_t due_ms)
{
    const redisReply *score = scores->element[i];
    if (score->type == REDIS_REPLY_NIL) return due_ms == INT64_MAX;
    return due_ms != INT64_MAX && strtoll(score->str, NULL, 10) == due_ms;
}

/* Commits those of the lot that shrank, whose timer or outbox entry is missing, or that no walk has brought up to the rules; takes away
 * the appeals that nothing can be linked to. */
static enum store_result mend(struct timers *timers, const struct lot *lot, const redisReply *due, const redisReply *out,
                              const redisReply *lease)
{
    struct commit_case *broken = pool_take(&timers->changer.pool, (lot->count + 1) * sizeof *broken);
    size_t count = 0, shrunk = 0, past = 0;
    for (size_t i = 0; i < lot->count; i++) {
        struct change *change = &lot->one[i].change;
        bool is_past = change->blob.bytes == 0, waits = out->element[i]->type != REDIS_REPLY_NIL || lease->element[i]->type != REDIS_REPLY_NIL;
        bool forgotten = !waits && (change->owes || change->retry_ms != INT64_MAX);
        bool broken_one = !timer_stands(due, i, change->due_before_ms) || forgotten;
        if (!broken_one && !change->shrunk && !lot->one[i].rebinds && !is_past) continue;
        shrunk += !broken_one && change->shrunk;
        past += !broken_one && is_past;
        change->due_moved = !change->appeals;
        broken[count++] = (struct commit_case){.field = lot->one[i].field, .change = change, .out = forgotten ? OUT_NOW : OUT_KEEP};
    }
    if (count == 0) return STORE_DONE;
    /* The sums gathered are those of the whole lot: fold only the broken ones again. */
    tally_clear(&timers->changer.tally);
    for (size_t i = 0; i < count; i++) change_count(broken[i].change, &timers->changer);
    if (!store_commit_send(timers->store, timers->sweep_shard, NULL, 0, broken, count, &timers->changer.tally)) return STORE_LOST;
    struct store_refusal refusal;
    enum store_result result = take_commit(timers, timers->sweep_shard, &refusal);
    store_refusal_free(&refusal);
    if (result != STORE_DONE) return result == STORE_LOST ? STORE_LOST : STORE_DONE; /* a case changed between the looks, and nothing was missing */
    timers->mended += count - shrunk - past;
    timers->shrunk += shrunk;
    if (count > shrunk + past) log_warn("sweep.mended", "shard=%u cases=%zu", timers->sweep_shard, count - shrunk - past);
    if (shrunk) log_info("sweep.shrunk", "shard=%u cases=%zu", timers->sweep_shard, shrunk);
    if (past) log_debug("sweep.past", "shard=%u appeals=%zu", timers->sweep_shard, past);
    return STORE_DONE;
}

static enum store_result check_lot(struct timers *timers, const struct lot *lot)
{
    static const enum store_key keys[] = {KEY_DUE, KEY_OUT, KEY_LEASE};
    struct text *fields = pool_take(&timers->changer.pool, (lot->count + 1) * sizeof *fields);
    redisReply *scores[3] = {NULL};
    enum store_result result = STORE_DONE;
    for (size_t i = 0; i < lot->count; i++) fields[i] = lot->one[i].field;
    for (int i = 0; i < 3 && result == STORE_DONE; i++) {
        scores[i] = store_scores(timers->store, timers->sweep_shard, keys[i], fields, lot->count);
        if (!scores[i]) result = timers->store->link->context ? STORE_REFUSED : STORE_LOST;
    }
    if (result == STORE_DONE) result = mend(timers, lot, scores[0], scores[1], scores[2]);
    for (int i = 0; i < 3; i++)
        if (scores[i]) freeReplyObject(scores[i]);
    return result;
}

/* Now and then: how far the log is read, less a margin, and no further than real time; nor, where business time lags (scaled), than
 * that: a case does not shrink before its time has come on the clock that people go by. */
static enum store_result see_how_far(struct timers *timers)
{
    int64_t read_ms, real_ms = clock_shared_ms(&timers->store->clock), now_ms = clock_monotonic_ms();
    if (timers->looked_ms && now_ms - timers->looked_ms < LOOK_MS) return STORE_DONE;
    enum store_result result = log_read_upto(timers->store, timers->config, timers->producer ? timers->producer->handle : NULL, real_ms, &read_ms);
    if (result != STORE_DONE) return result;
    if (real_ms < read_ms) read_ms = real_ms;
    if (timers->changer.now_ms < read_ms) read_ms = timers->changer.now_ms;
    timers->shrink_upto_ms = read_ms > SHRINK_MARGIN_MS ? read_ms - SHRINK_MARGIN_MS : INT64_MIN;
    timers->looked_ms = now_ms;
    return STORE_DONE;
}

enum store_result timers_sweep(struct timers *timers)
{
    struct sweep sweep = {.timers = timers, .lot = {.shard = timers->sweep_shard, .one = xcalloc(SWEEP_CASES + 1, sizeof(struct due_case))}};
    changer_clear(&timers->changer);
    timers->changer.book = timers->store->book;
    timers->changer.now_ms = clock_business_ms(&timers->store->clock);
    enum store_result result = see_how_far(timers);
    if (result == STORE_DONE) result = store_scan_step(timers->store, timers->sweep_shard, &timers->sweep_cursor, sweep_case, &sweep);
    if (result == STORE_DONE && sweep.lot.count > 0) result = check_lot(timers, &sweep.lot);
    for (size_t i = 0; i < sweep.lot.count; i++) change_end(&sweep.lot.one[i].change);
    free(sweep.lot.one);
    changer_clear(&timers->changer);
    if (result == STORE_DONE && timers->sweep_cursor.done) {
        timers->sweep_shard = (timers->sweep_shard + 1) % timers->store->shards;
        timers->sweep_cursor = (struct store_cursor){.text = ""};
    }
    return result;
}
