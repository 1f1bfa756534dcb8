/* The notifier's loop: claim, send, look again, record, settle.
 *
 * The traps: a settle may be refused because the case changed meanwhile (load it, settle again) or because
 * the lease is over (somebody else has it: let it go). And what Kafka has not
 * acknowledged is not told. */
#include "notify/notifier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/daemon.h"
#include "common/log.h"
#include "notify/answers.h"
#include "notify/judge.h"
#include "notify/presence.h"
#include "notify/record.h"
#include "notify/sender.h"

enum {
    CLAIM_CASES = 256,     /* of a shard at once, */
    CLAIM_CASES_LEAST = 4, /* when there is no room to send */
    CLAIM_IDLE_MS = 40,    /* between looks at an empty outbox */
    BEAT_MS = 1000,
    AGAIN_MS = 1000,
    LOG_MS = 10000,
    TRY_MS = 100,          /* between tries to have the store again */
    BUSY_WAIT_MS = 2, IDLE_WAIT_MS = 20,
    SETTLE_TRIES = 4,
    SETTLE_CASES = 512,    /* of a shard in one commit */
    PRODUCER_CLOSE_MS = 5000,
};

/* --- what digests are sent with --- */

static int64_t opens_ms(void *context, struct endpoint *endpoint)
{
    return dispatch_opens_ms(&((struct notifier *)context)->dispatch, endpoint, RANK_REMINDER);
}

static bool is_down(void *context, const struct endpoint *endpoint)
{
    return dispatch_is_down(&((struct notifier *)context)->dispatch, endpoint);
}

static void deliver(void *context, struct delivery *delivery)
{
    dispatch_send(&((struct notifier *)context)->dispatch, delivery);
}

static struct digest_means means_of(struct notifier *notifier)
{
    const struct outfit *outfit = &notifier->outfit;
    return (struct digest_means){.store = notifier->store, .config = notifier->config, .routing = &outfit->routing, .sending = outfit->sending,
                                 .words = outfit->words, .meters = &notifier->meters, .context = notifier, .opens_ms = opens_ms, .is_down = is_down, .deliver = deliver,
                                 .record = record_digest};
}

bool notifier_open(struct notifier *notifier, struct config *config, struct store *store, char *error, size_t error_bytes)
{
    struct buffer faults;
    *notifier = (struct notifier){.config = config, .store = store};
    notifier->errand = xcalloc(ERRANDS_MAX, sizeof *notifier->errand);
    changer_open(&notifier->changer, store->book, config->sla.grace_ms);
    notifier->changer.appeals = appeal_rules(config);
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    size_t count = outfit_open(&notifier->outfit, config, &faults, NULL);
    if (count) snprintf(error, error_bytes, "%.*s", (int)strcspn(buffer_text(&faults), "\n"), buffer_text(&faults));
    buffer_free(&faults);
    if (count) return false;
    struct sender *sender = sender_open(config, dispatch_ready, dispatch_answered, &notifier->dispatch);
    notifier->dispatch = (struct dispatch){.sender = sender, .endpoints = &notifier->outfit.endpoints, .store = store, .context = notifier};
    if (!sender) {
        snprintf(error, error_bytes, "libcurl could not start");
        return false;
    }
    notifier->chain = chain_open(store);
    struct digest_means means = means_of(notifier);
    notifier->digests = digests_open(&means);
    notifier->producer = kafka_producer_open(config, record_delivered, notifier, error, error_bytes);
    return notifier->producer != NULL;
}

void notifier_close(struct notifier *notifier)
{
    sender_close(notifier->dispatch.sender);
    kafka_producer_close(notifier->producer, PRODUCER_CLOSE_MS);
    if (notifier->chain && !notifier->lost && !chain_note(notifier->chain, notifier->store))
        log_warn("notify.heads", "error=%s", log_quote(notifier->store->fault));
    chain_close(notifier->chain);
    record_close(notifier);
    digests_close(notifier->digests);
    for (size_t i = 0; i < notifier->count; i++) errand_free(notifier->errand[i]);
    free(notifier->errand);
    outfit_close(&notifier->outfit);
    fold_free(&notifier->fold);
    changer_close(&notifier->changer);
    *notifier = (struct notifier){0};
}

bool notifier_idle(const struct notifier *notifier)
{
    return notifier->count == 0 && digests_idle(notifier->digests);
}

static bool is_time(int64_t *next_ms, int64_t every_ms)
{
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms < *next_ms) return false;
    *next_ms = now_ms + every_ms;
    return true;
}

/* --- errands by shard --- */

static int by_shard(const void *a, const void *b)
{
    const struct errand *const *x = a, *const *y = b;
    return ((*x)->lease.shard > (*y)->lease.shard) - ((*x)->lease.shard < (*y)->lease.shard);
}

typedef bool errand_is(const struct errand *errand);

/* Those that are so, by shard, at most ERRANDS_MAX; the caller frees. */
static struct errand **chosen(const struct notifier *notifier, errand_is *is, size_t *count)
{
    struct errand **list = xmalloc((notifier->count + 1) * sizeof *list);
    *count = 0;
    for (size_t i = 0; i < notifier->count; i++)
        if (is(notifier->errand[i])) list[(*count)++] = notifier->errand[i];
    if (*count) qsort(list, *count, sizeof *list, by_shard);
    return list;
}

/* How many from `from` on are of one shard, at most `most`. */
static size_t group(struct errand **list, size_t from, size_t count, size_t most)
{
    size_t to = from;
    while (to < count && to - from < most && list[to]->lease.shard == list[from]->lease.shard) to++;
    return to - from;
}

/* --- claims --- */

static struct text element_text(const redisReply *reply, size_t i)
{
    return (struct text){reply->element[i]->str, (size_t)reply->element[i]->len};
}

static void take_claimed(struct notifier *notifier, unsigned shard, const redisReply *claimed, int64_t before_ms)
{
    int64_t until_ms = claimed->elements ? strtoll(claimed->element[0]->str, NULL, 10) : 0;
    for (size_t i = 1; i + 1 < claimed->elements; i += 2) {
        struct errand *errand = xmalloc(sizeof *errand);
        struct text field = element_text(claimed, i);
        const char *fault = errand_begin(errand, shard, field, element_text(claimed, i + 1), until_ms, before_ms);
        if (fault) {
            log_error("notify.unreadable", "shard=%u case=%s reason=%s", shard, log_quote(field.at), log_quote(fault));
            errand_free(errand); /* comes again when its lease ends */
            continue;
        }
        notifier->errand[notifier->count++] = errand;
        judge(notifier, errand);
    }
}

/* Cases of a shard worth claiming: many while there is room to send; a few when the endpoints cannot keep up, for the
 * results that are among them. What stays in the outbox costs nothing. */
static int64_t claim_limit(const struct notifier *notifier)
{
    bool sends = notifier->outfit.endpoints.count > 0 && notifier->config->notify.mode == NOTIFY_LIVE;
    size_t limit = dispatch_room(&notifier->dispatch) / notifier->store->shards;
    if (!sends || limit > CLAIM_CASES) return CLAIM_CASES;
    return limit > CLAIM_CASES_LEAST ? (int64_t)limit : CLAIM_CASES_LEAST;
}

static bool claim(struct notifier *notifier)
{
    struct store *store = notifier->store;
    size_t room = (ERRANDS_MAX - notifier->count) / store->shards, found = 0;
    int64_t before_ms = clock_monotonic_ms(), limit = claim_limit(notifier);
    if ((int64_t)room < limit) limit = (int64_t)room;
    if (limit == 0) return true;
    for (unsigned shard = 0; shard < store->shards; shard++)
        if (!store_claim_send(store, shard, notifier->config->notify.lease_s * 1000, limit)) return false;
    redisReply *claimed[STORE_SHARDS_MAX];
    /* All answers first: the link must be free while cases are judged. */
    for (unsigned shard = 0; shard < store->shards; shard++) {
        claimed[shard] = store->link->context ? store_claim_take(store) : NULL;
        if (!claimed[shard] && store->link->context) log_error("notify.claim", "shard=%u reason=%s", shard, log_quote(store->fault));
    }
    for (unsigned shard = 0; shard < store->shards; shard++) {
        if (!claimed[shard]) continue;
        found += claimed[shard]->elements / 2;
        take_claimed(notifier, shard, claimed[shard], before_ms);
        freeReplyObject(claimed[shard]);
    }
    if (found) notifier->claim_ms = 0;
    return store->link->context != NULL;
}

/* --- looking again at what was answered --- */

static bool in_review(const struct errand *errand)
{
    return errand->phase == ERRAND_REVIEW;
}

static bool load_group(struct store *store, struct errand **list, size_t count)
{
    struct text *fields = xmalloc(count * sizeof *fields);
    for (size_t i = 0; i < count; i++) fields[i] = list[i]->lease.field;
    bool good = store_load_send(store, list[0]->lease.shard, fields, count);
    free(fields);
    return good;
}

typedef void errand_loaded(struct notifier *notifier, struct errand *errand, struct text blob);

/* Loads the cases of all of the list, pipelined by shard, and hands each on. */
static bool load_all(struct notifier *notifier, struct errand **list, size_t count, errand_loaded *loaded)
{
    size_t size;
    for (size_t from = 0; from < count; from += size) {
        size = group(list, from, count, count);
        if (!load_group(notifier->store, &list[from], size)) return false;
    }
    for (size_t from = 0; from < count; from += size) {
        size = group(list, from, count, count);
        redisReply *reply = store_load_take(notifier->store);
        if (!reply) return false;
        for (size_t i = 0; i < size; i++) {
            const redisReply *blob = reply->element[i];
            loaded(notifier, list[from + i], blob->type == REDIS_REPLY_STRING ? (struct text){blob->str, (size_t)blob->len} : (struct text){0});
        }
        freeReplyObject(reply);
    }
    return true;
}

static bool review(struct notifier *notifier)
{
    size_t count;
    struct errand **list = chosen(notifier, in_review, &count);
    bool good = load_all(notifier, list, count, answers_take);
    free(list);
    return good;
}

/* --- settling --- */

static bool is_recorded(const struct errand *errand)
{
    return errand->phase == ERRAND_SETTLING || (errand->phase == ERRAND_RECORDING && errand->unacked == 0);
}

/* Puts one errand into the commit under way. False: it cannot be settled. */
static bool add_to_commit(struct notifier *notifier, struct errand *errand, struct change *change, struct commit_case *commit)
{
    struct case_file *file = &change->file;
    const char *fault = change_begin(change, &notifier->changer, errand->file.of, errand->file.id, errand->blob.at, errand->blob.bytes);
    errand_stamp(errand, clock_shared_ms(&notifier->store->clock));
    bool room = !fault && errand_apply(errand, file, &notifier->changer.tally);
    if (fault || !change_finish(change, &notifier->changer)) {
        log_error("notify.settle", "shard=%u reason=%s", errand->lease.shard, log_quote(fault ? fault : "the case has grown too large"));
        change_end(change);
        return false;
    }
    /* What was put off under other rules (a silence lifted since) is looked at again at once. */
    if (errand->put_off && errand->book != notifier->store->book) errand->defer_ms = 0;
    int64_t next_ms = room ? errand_next_look(errand, change, &notifier->changer.demands) : INT64_MAX;
    if (!room) log_error("notify.full", "shard=%u note=%s", errand->lease.shard, log_quote("a case was told all that it can hold; nothing more is sent about it"));
    *commit = (struct commit_case){.field = errand->lease.field, .change = change, .out = next_ms == INT64_MAX ? OUT_CLEAR : OUT_AT,
                                   .out_ms = next_ms, .lease_ms = errand->lease.until_ms};
    return true;
}

static bool send_group(struct notifier *notifier, struct errand **list, size_t count)
{
    struct change *change = xcalloc(count, sizeof *change);
    struct commit_case *commit = xcalloc(count, sizeof *commit);
    size_t ready = 0;
    notifier->changer.book = notifier->store->book;
    notifier->changer.now_ms = clock_business_ms(&notifier->store->clock);
    for (size_t i = 0; i < count; i++) {
        list[i]->phase = ERRAND_SETTLING;
        list[i]->lost = !add_to_commit(notifier, list[i], &change[ready], &commit[ready]);
        list[i]->place = list[i]->lost ? SIZE_MAX : ready++;
    }
    bool good = store_commit_send(notifier->store, list[0]->lease.shard, NULL, 0, commit, ready, &notifier->changer.tally);
    for (size_t i = 0; i < ready; i++) change_end(&change[i]);
    free(change);
    free(commit);
    changer_clear(&notifier->changer);
    return good;
}

/* One of a refused commit that differs: loaded again, and tried again a few times. */
static void note_refused(struct errand **list, size_t count, size_t place)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i]->place != place) continue;
        list[i]->loaded_ms = 0;
        if (++list[i]->tries == SETTLE_TRIES) list[i]->lost = true;
    }
}

static bool take_group(struct notifier *notifier, struct errand **list, size_t count)
{
    struct store_refusal refusal;
    enum store_result result = store_commit_take(notifier->store, &refusal);
    if (result == STORE_DONE) {
        for (size_t i = 0; i < count; i++) list[i]->phase = ERRAND_DONE;
    } else if (result == STORE_REFUSED) {
        log_error("notify.settle", "shard=%u reason=%s", list[0]->lease.shard, log_quote(notifier->store->fault));
        for (size_t i = 0; i < count; i++) list[i]->lost = true;
    } else if (result == STORE_REFUSED_CASES) {
        for (size_t n = 0; n < store_refusal_count(&refusal, result); n++) note_refused(list, count, store_refusal_index(&refusal, result, n));
    }
    store_refusal_free(&refusal);
    /* Under other rules they are folded and settled again. */
    if (result == STORE_REFUSED_RULES) result = store_renew_rules(notifier->store);
    return result != STORE_LOST;
}

static void take_anew(struct notifier *notifier, struct errand *errand, struct text blob)
{
    (void)notifier;
    errand->loaded_ms = clock_monotonic_ms();
    errand->lost |= blob.bytes == 0;
    if (blob.bytes) errand->blob = (struct text){pool_copy(&errand->pool, blob.at, blob.bytes), blob.bytes};
}

static bool wants_loading(const struct errand *errand)
{
    return errand->phase == ERRAND_SETTLING && errand->loaded_ms == 0 && !errand->lost;
}

static bool settle(struct notifier *notifier)
{
    size_t count, size;
    struct errand **list = chosen(notifier, wants_loading, &count);
    bool good = load_all(notifier, list, count, take_anew);
    free(list);
    list = chosen(notifier, is_recorded, &count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!list[i]->lost) list[kept++] = list[i];
    for (size_t from = 0; from < kept && good; from += size) {
        size = group(list, from, kept, SETTLE_CASES);
        good = send_group(notifier, &list[from], size);
    }
    for (size_t from = 0; from < kept && good; from += size) {
        size = group(list, from, kept, SETTLE_CASES);
        good = take_group(notifier, &list[from], size);
    }
    free(list);
    return good;
}

/* Frees what is done, and what is not to be settled once nothing of it is under way. */
static void clear_up(struct notifier *notifier)
{
    size_t kept = 0;
    for (size_t i = 0; i < notifier->count; i++) {
        struct errand *errand = notifier->errand[i];
        bool given_up = errand->lost && errand->unacked == 0 && errand->phase >= ERRAND_RECORDING;
        if (given_up && errand->phase != ERRAND_DONE)
            log_warn("notify.given_up", "shard=%u note=%s", errand->lease.shard, log_quote("somebody else has the case by now, or it is gone"));
        if (errand->phase == ERRAND_DONE || given_up) errand_free(errand);
        else notifier->errand[kept++] = errand;
    }
    notifier->count = kept;
}

/* --- leases --- */

static bool renew(struct notifier *notifier)
{
    size_t count, size;
    int64_t lease_ms = notifier->config->notify.lease_s * 1000, now_ms = clock_monotonic_ms();
    struct errand **list = xmalloc((notifier->count + 1) * sizeof *list);
    bool good = true;
    count = 0;
    for (size_t i = 0; i < notifier->count; i++)
        if (!notifier->errand[i]->lost && now_ms - notifier->errand[i]->leased_ms > lease_ms / 3) list[count++] = notifier->errand[i];
    if (count) qsort(list, count, sizeof *list, by_shard);
    for (size_t from = 0; from < count && good; from += size) {
        struct lease *leases[SETTLE_CASES];
        size = group(list, from, count, SETTLE_CASES);
        for (size_t i = 0; i < size; i++) leases[i] = &list[from + i]->lease;
        good = store_renew(notifier->store, leases, size, lease_ms);
        for (size_t i = 0; i < size && good; i++) list[from + i]->leased_ms = now_ms;
    }
    free(list);
    return good;
}

/* --- the loop --- */

/* One try to have the store again. False: what is there is not ours. */
static bool try_store(struct notifier *notifier)
{
    if (!is_time(&notifier->try_ms, TRY_MS)) return true;
    switch (store_try(notifier->store)) {
    case STORE_DONE:
        notifier->lost = false;
        log_info("notify.store", "state=back");
        return true;
    case STORE_LOST: return true;
    default: return false;
    }
}

static bool work_with_store(struct notifier *notifier, bool claiming)
{
    if (is_time(&notifier->beat_ms, BEAT_MS) && (!store_heartbeat(notifier->store) || !renew(notifier) || !chain_note(notifier->chain, notifier->store) || !presence_show(notifier))) return false;
    if (!review(notifier) || !settle(notifier)) return false;
    clear_up(notifier);
    if (!digests_turn(notifier->digests, claiming && !record_stuck(notifier))) return false;
    return !claiming || record_stuck(notifier) || !is_time(&notifier->claim_ms, CLAIM_IDLE_MS) || claim(notifier);
}

static void log_progress(const struct notifier *notifier)
{
    log_info("notify.progress", "errands=%zu under_way=%zu delivered=%" PRIu64 " failed=%" PRIu64 " published=%" PRIu64 " stale=%" PRIu64, notifier->count,
             sender_under_way(notifier->dispatch.sender), notifier->delivered, notifier->failed, notifier->published, notifier->stale);
}

bool notifier_turn(struct notifier *notifier, bool claiming)
{
    bool busy = notifier->recording > 0 || notifier->claim_ms == 0;
    sender_drive(notifier->dispatch.sender, busy ? BUSY_WAIT_MS : IDLE_WAIT_MS, daemon_fd());
    if (notifier->producer) kafka_poll(notifier->producer, 0);
    if (is_time(&notifier->again_ms, AGAIN_MS)) record_again(notifier);
    if (is_time(&notifier->log_ms, LOG_MS)) log_progress(notifier);
    if (notifier->lost && !try_store(notifier)) return false;
    bool good = dispatch_serve(&notifier->dispatch) && (notifier->lost || work_with_store(notifier, claiming));
    if (good || notifier->lost) return true;
    notifier->lost = true;
    digests_lost(notifier->digests);
    redis_drop(notifier->store->link); /* half-read answers are void */
    log_warn("notify.store", "state=lost error=%s", log_quote(notifier->store->fault));
    return true;
}

bool notifier_reload(struct notifier *notifier, struct config *config)
{
    struct outfit outfit;
    struct buffer faults;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    size_t count = outfit_open(&outfit, config, &faults, NULL);
    if (count) {
        log_error("notify.reload", "kept=old faults=%zu first=%s", count, log_quote(buffer_text(&faults)));
        outfit_close(&outfit);
    } else {
        outfit_change(&notifier->outfit, &outfit);
        notifier->config = config;
        notifier->changer.appeals.dispatcher = appeal_rules(config).dispatcher; /* borrowed from the configuration */
        meters_endpoints(notifier->meters, config);
        struct digest_means means = means_of(notifier);
        digests_take_means(notifier->digests, &means);
        sender_reload(notifier->dispatch.sender, config);
        log_info("notify.reload", "endpoints=%zu", notifier->outfit.endpoints.count);
    }
    buffer_free(&faults);
    return count == 0;
}
