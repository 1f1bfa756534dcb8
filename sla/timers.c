/* Firing what is due, in batches.
 *
 * A shard's timers are held by one daemon at a time, only so that two do not
 * do the same work; correctness rests on compare-and-set alone. A case that
 * changed meanwhile is left: it is still due, or no longer. */
#include "sla/timers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"

enum { HOLD_MS = 3000, SWEEP_CASES = 4096 };

void timers_open(struct timers *timers, struct store *store, const struct rules *rules, int64_t grace_ms, int64_t batch)
{
    char host[32] = "";
    *timers = (struct timers){.store = store, .grace_ms = grace_ms, .batch = batch};
    changer_open(&timers->changer, rules, grace_ms);
    gethostname(host, sizeof host - 1);
    snprintf(timers->owner, sizeof timers->owner, "%s-%ld-%llx", host, (long)getpid(), (unsigned long long)clock_monotonic_us());
}

void timers_close(struct timers *timers)
{
    changer_close(&timers->changer);
}

/* A few cases of one shard, each taken up and finished, to be committed together. */
struct lot {
    struct change *change;
    struct commit_case *commit;
    size_t count;
};

static void lot_begin(struct lot *lot, size_t room)
{
    *lot = (struct lot){.change = xcalloc(room + 1, sizeof *lot->change), .commit = xcalloc(room + 1, sizeof *lot->commit)};
}

static void lot_end(struct lot *lot)
{
    for (size_t i = 0; i < lot->count; i++) change_end(&lot->change[i]);
    free(lot->change);
    free(lot->commit);
}

/* Folds one case as of now into the lot. NULL, or why it cannot be. */
static const char *lot_add(struct lot *lot, struct changer *changer, struct text field, struct text blob)
{
    enum of of;
    struct text id;
    struct change *change = &lot->change[lot->count];
    if (!blob.bytes) return "no case stands behind it";
    if (!store_field_parse(field, &of, &id)) return "its name is no case's";
    const char *fault = change_begin(change, changer, of, id, blob.at, blob.bytes);
    if (!fault && !change_finish(change, changer)) fault = "it has grown too large";
    if (fault) {
        change_end(change);
        return fault;
    }
    lot->commit[lot->count++] = (struct commit_case){.field = field, .change = change, .out = change->owes ? OUT_NOW : OUT_KEEP};
    return NULL;
}

static struct text element_text(const redisReply *reply, size_t i)
{
    return (struct text){reply->element[i]->str, (size_t)reply->element[i]->len};
}

/* Folds a shard's due cases and sends their commit. */
static bool fire_shard(struct timers *timers, unsigned shard, const redisReply *due, bool *sent)
{
    struct lot lot;
    bool good = true;
    lot_begin(&lot, due->elements / 2);
    changer_clear(&timers->changer);
    for (size_t i = 0; i + 1 < due->elements && good; i += 2) {
        struct text field = element_text(due, i);
        const char *fault = lot_add(&lot, &timers->changer, field, element_text(due, i + 1));
        if (!fault) continue;
        log_error("timer.unreadable", "shard=%u case=%s reason=%s", shard, log_quote(field.at), log_quote(fault));
    }
    *sent = lot.count > 0;
    if (*sent)
        good = store_commit_send(timers->store, shard, NULL, 0, lot.commit, lot.count, &timers->changer.tally);
    timers->fired += lot.count;
    lot_end(&lot);
    return good;
}

static enum store_result take_commit(struct timers *timers, unsigned shard)
{
    struct store_refusal refusal;
    enum store_result result = store_commit_take(timers->store, &refusal);
    size_t refused = store_refusal_count(&refusal, result);
    store_refusal_free(&refusal);
    timers->refused += refused;
    if (result == STORE_REFUSED) log_error("timer.refused", "shard=%u reason=%s", shard, log_quote(timers->store->fault));
    return result == STORE_LOST ? STORE_LOST : STORE_DONE;
}

static enum store_result take_due(struct timers *timers, bool *sent, bool *more)
{
    for (unsigned shard = 0; shard < timers->store->shards; shard++) {
        redisReply *due = store_due_take(timers->store);
        if (!due && !timers->store->link->context) return STORE_LOST;
        if (!due) {
            log_error("timer.refused", "shard=%u reason=%s", shard, log_quote(timers->store->fault));
            continue;
        }
        bool good = due->elements == 0 || fire_shard(timers, shard, due, &sent[shard]);
        *more |= due->elements / 2 == (size_t)timers->batch;
        freeReplyObject(due);
        if (!good) return STORE_LOST;
    }
    return STORE_DONE;
}

enum store_result timers_fire(struct timers *timers, bool *more)
{
    struct store *store = timers->store;
    bool sent[STORE_SHARDS_MAX] = {false};
    *more = false;
    timers->changer.now_ms = clock_business_ms(&store->clock);
    int64_t upto_ms = timers->changer.now_ms - timers->grace_ms;
    for (unsigned shard = 0; shard < store->shards; shard++)
        if (!store_due_send(store, shard, timers->owner, HOLD_MS, upto_ms, timers->batch)) return STORE_LOST;
    enum store_result result = take_due(timers, sent, more);
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE; shard++)
        if (sent[shard]) result = take_commit(timers, shard);
    return result;
}

/* --- sweep --- */

struct sweep {
    struct timers *timers;
    struct lot lot;
    size_t room;
};

static void sweep_case(void *context, struct text field, struct text blob)
{
    struct sweep *sweep = context;
    struct changer *changer = &sweep->timers->changer;
    if (sweep->lot.count == sweep->room) return; /* comes again with the next round */
    struct text name = {pool_copy(&changer->pool, field.at, field.bytes), field.bytes};
    struct text copy = {pool_copy(&changer->pool, blob.at, blob.bytes), blob.bytes};
    const char *fault = lot_add(&sweep->lot, changer, name, copy);
    if (fault) log_error("sweep.unreadable", "shard=%u bytes=%zu reason=%s", sweep->timers->sweep_shard, field.bytes, log_quote(fault));
}

/* Is the timer in Redis the one that the case was stored with? */
static bool timer_stands(const redisReply *scores, size_t i, int64_t due_ms)
{
    const redisReply *score = scores->element[i];
    if (score->type == REDIS_REPLY_NIL) return due_ms == INT64_MAX;
    return due_ms != INT64_MAX && strtoll(score->str, NULL, 10) == due_ms;
}

/* Commits those of the lot whose timer or outbox entry is missing. */
static enum store_result mend(struct timers *timers, const struct lot *lot, const redisReply *due, const redisReply *out,
                              const redisReply *lease)
{
    struct commit_case *broken = pool_take(&timers->changer.pool, (lot->count + 1) * sizeof *broken);
    size_t count = 0;
    for (size_t i = 0; i < lot->count; i++) {
        struct change *change = &lot->change[i];
        bool waits = out->element[i]->type != REDIS_REPLY_NIL || lease->element[i]->type != REDIS_REPLY_NIL;
        bool forgotten = !waits && (change->owes || change->retry_ms != INT64_MAX);
        if (timer_stands(due, i, change->due_before_ms) && !forgotten) continue;
        change->due_moved = true;
        broken[count] = lot->commit[i];
        broken[count++].out = forgotten ? OUT_NOW : OUT_KEEP;
    }
    if (count == 0) return STORE_DONE;
    /* The sums gathered are those of the whole lot: fold only the broken ones again. */
    tally_clear(&timers->changer.tally);
    for (size_t i = 0; i < count; i++) change_count(broken[i].change, &timers->changer);
    if (!store_commit_send(timers->store, timers->sweep_shard, NULL, 0, broken, count, &timers->changer.tally)) return STORE_LOST;
    /* Refused: a case changed between the looks, and nothing was missing. */
    uint64_t refused = timers->refused;
    enum store_result result = take_commit(timers, timers->sweep_shard);
    if (result != STORE_DONE || timers->refused > refused) return result;
    timers->mended += count;
    log_warn("sweep.mended", "shard=%u cases=%zu", timers->sweep_shard, count);
    return result;
}

static enum store_result check_lot(struct timers *timers, const struct lot *lot)
{
    static const enum store_key keys[] = {KEY_DUE, KEY_OUT, KEY_LEASE};
    struct text *fields = pool_take(&timers->changer.pool, (lot->count + 1) * sizeof *fields);
    redisReply *scores[3] = {NULL};
    enum store_result result = STORE_DONE;
    for (size_t i = 0; i < lot->count; i++) fields[i] = lot->commit[i].field;
    for (int i = 0; i < 3 && result == STORE_DONE; i++) {
        scores[i] = store_scores(timers->store, timers->sweep_shard, keys[i], fields, lot->count);
        if (!scores[i]) result = timers->store->link->context ? STORE_REFUSED : STORE_LOST;
    }
    if (result == STORE_DONE) result = mend(timers, lot, scores[0], scores[1], scores[2]);
    for (int i = 0; i < 3; i++)
        if (scores[i]) freeReplyObject(scores[i]);
    return result;
}

enum store_result timers_sweep(struct timers *timers)
{
    struct sweep sweep = {.timers = timers, .room = SWEEP_CASES};
    changer_clear(&timers->changer);
    timers->changer.now_ms = clock_business_ms(&timers->store->clock);
    lot_begin(&sweep.lot, sweep.room);
    enum store_result result = store_scan_step(timers->store, timers->sweep_shard, &timers->sweep_cursor, sweep_case, &sweep);
    if (result == STORE_DONE && sweep.lot.count > 0) result = check_lot(timers, &sweep.lot);
    lot_end(&sweep.lot);
    if (result == STORE_DONE && timers->sweep_cursor.done) {
        timers->sweep_shard = (timers->sweep_shard + 1) % timers->store->shards;
        timers->sweep_cursor = (struct store_cursor){.text = ""};
    }
    return result;
}
