/* Batches into commits, one a shard, pipelined; and whatever may go wrong there.
 *
 * Applying a batch again is always right: what a shard already holds is skipped
 * by its position. So every trouble but a refusal by the store ends in "read the positions, apply
 * again", or, where a shard has fallen back, in "begin reading earlier". */
#include "ingest/committer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/alloc.h"
#include "common/daemon.h"
#include "common/log.h"

enum {
    WAIT_MS = 100,
    BEAT_MS = 1000,
    ADVANCE_MS = 1000,
    ADVANCE_FILLING_MS = 100,
    OFFSETS_MS = 5000,
    REVIEW_MS = 5000,
    WATCH_MS = 1000,
    LOG_MS = 10000,
    LATENCY_MAX_MS = 3600 * 1000,
    LETTERS_WAIT_MS = 5000,
    LETTERS_REST_MS = 500,
    AGAIN_WAIT_MS = 200,
    AGAIN_REST_MS = 10,
    TRIES = 2, /* of a lane before it is halved */
};

enum applied { APPLIED, APPLY_SORT, APPLY_AGAIN, APPLY_RULES, APPLY_LOST };

bool committer_open(struct committer *committer, const struct config *config, const struct ruleset *set, struct handover *handover,
                    rd_kafka_t *consumer, struct filling *filling, char *error, size_t error_bytes)
{
    *committer = (struct committer){.handover = handover, .consumer = consumer, .filling = filling};
    committer->lane = xcalloc((size_t)config->sla.shards, sizeof *committer->lane);
    for (unsigned shard = 0; shard < config->sla.shards; shard++) committer->lane[shard].shard = shard;
    changer_open(&committer->changer, NULL, config->sla.grace_ms);
    committer->changer.retention_ms = config->sla.retention_days * DAY_MS;
    committer->changer.appeals = appeal_rules(config);
    committer->standing = (struct standing){.store = &committer->store, .consumer = consumer};
    bool open = filling ? store_open_made(&committer->store, config, set) : store_open(&committer->store, config, set, daemon_stopping);
    if (!open) {
        snprintf(error, error_bytes, "%s", committer->store.fault);
        return false;
    }
    if (filling) committer->standing.limit = filling->limit;
    return filling || dead_letters_open(&committer->letters, config, error, error_bytes);
}

void committer_close(struct committer *committer)
{
    dead_letters_close(&committer->letters);
    for (unsigned shard = 0; shard < committer->store.shards; shard++) lane_free(&committer->lane[shard]);
    free(committer->lane);
    standing_free(&committer->standing);
    free(committer->ends);
    free(committer->first);
    changer_close(&committer->changer);
    store_close(&committer->store);
}

static bool is_time(int64_t *done_ms, int64_t every_ms)
{
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms - *done_ms < every_ms) return false;
    *done_ms = now_ms;
    return true;
}

static void rest(int ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

/* --- sorting a batch into lanes --- */

static void note_ends(struct committer *c, const struct batch *batch)
{
    size_t slots = c->standing.assignment->count;
    for (size_t i = 0; i < slots; i++) {
        c->ends[i] = (struct position){.next = -1, .offset = -1};
        c->first[i] = INT64_MAX;
    }
    const struct record **last = xcalloc(slots + 1, sizeof *last);
    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->record[i];
        if (c->first[record->slot] == INT64_MAX) c->first[record->slot] = record->message->offset;
        last[record->slot] = record;
    }
    for (size_t i = 0; i < slots; i++)
        if (last[i]) c->ends[i] = position_after(last[i]->message);
    free(last);
}

static void add_item(struct committer *c, unsigned shard, struct record *record, enum item_role role)
{
    if (standing_takes(&c->standing, record->slot, shard, record->message->offset)) lane_add(&c->lane[shard], record, role);
}

static void sort_batch(struct committer *c)
{
    unsigned shards = c->store.shards;
    struct batch *batch = c->batch;
    for (unsigned shard = 0; shard < shards; shard++) lane_clear(&c->lane[shard]);
    for (size_t i = 0; i < batch->count; i++) {
        struct record *record = &batch->record[i];
        if (record->bad) {
            /* One that was decoded stays where its case is: that shard has not moved past it. */
            bool decoded = record->subject.bytes > 0;
            unsigned home = decoded ? case_shard(record->of, record->subject, shards) : (unsigned)record->message->partition % shards;
            add_item(c, home, record, ITEM_DEAD);
            if (!record->retired) continue;
        } else {
            add_item(c, case_shard(record->of, record->subject, shards), record, ITEM_EVENT);
        }
        if (record->target.bytes && !record->no_link) add_item(c, case_shard(OF_TICKET, record->target, shards), record, ITEM_LINK);
        if (record->appellant.bytes && !record->no_appellant) add_item(c, case_shard(OF_APPELLANT, record->appellant, shards), record, ITEM_APPELLANT);
        if (record->place.bytes && !record->no_place) add_item(c, case_shard(OF_PLACE, record->place, shards), record, ITEM_PLACE);
    }
}

/* --- dead letters --- */

/* Queues those that Kafka does not have yet. */
static bool queue_letters(struct committer *c)
{
    bool good = true;
    for (unsigned shard = 0; shard < c->store.shards; shard++)
        for (size_t i = 0; i < c->lane[shard].items && good; i++) {
            const struct item *item = &c->lane[shard].item[i];
            if (item->role == ITEM_DEAD && !item->record->kept)
                good = dead_letters_add(&c->letters, item->record->message, item->record->reason, &item->record->kept);
        }
    return good;
}

static bool all_kept(const struct committer *c)
{
    for (unsigned shard = 0; shard < c->store.shards; shard++)
        for (size_t i = 0; i < c->lane[shard].items; i++)
            if (c->lane[shard].item[i].role == ITEM_DEAD && !c->lane[shard].item[i].record->kept) return false;
    return true;
}

/* A producer that can send no more gives way to another. */
static void renew_letters(struct committer *c)
{
    char error[KAFKA_ERROR_BYTES];
    if (!kafka_producer_failed(c->letters.producer)) return;
    const struct config *config = c->letters.config;
    log_error("ingest.dlq", "error=%s", log_quote(c->letters.producer->error));
    dead_letters_close(&c->letters);
    if (dead_letters_open(&c->letters, config, error, sizeof error)) return;
    log_error("ingest.dlq", "error=%s", log_quote(error));
    c->failed = true;
}

/* Acknowledged before any position moves past them; waits as long as that takes. False: told to stop meanwhile. */
static bool keep_letters(struct committer *c)
{
    if (c->filling) return true;
    while (!all_kept(c)) {
        bool queued = queue_letters(c);
        while (!dead_letters_wait(&c->letters, LETTERS_WAIT_MS))
            log_warn("ingest.dlq", "waiting=%zu note=%s", c->letters.unacked, log_quote("dead letters are not acknowledged yet"));
        if (all_kept(c)) break;
        if (!queued) log_warn("ingest.dlq", "error=%s", log_quote(c->letters.producer->error));
        renew_letters(c);
        if (daemon_stopping() && !c->failed) {
            log_error("ingest.dlq", "state=given_up note=%s", log_quote("the dead letters cannot be kept; they are read again at the next start"));
            c->failed = true;
        }
        if (c->failed) return false;
        rest(LETTERS_REST_MS);
    }
    return true;
}

/* --- applying --- */

static struct lane_context context_of(struct committer *c)
{
    return (struct lane_context){&c->store, &c->changer, &c->standing, &c->batch->pool, false};
}

static enum applied trouble(enum store_result result)
{
    if (result == STORE_DONE) return APPLIED;
    if (result == STORE_REFUSED_RULES) return APPLY_RULES;
    return result == STORE_LOST ? APPLY_LOST : APPLY_AGAIN;
}

/* One part of a lane by itself. */
static enum store_result apply_part(struct lane *lane, struct lane_context *context, const struct position *ends, size_t from, size_t to)
{
    if (!lane_load(lane, context, from, to)) return STORE_LOST;
    enum store_result result = lane_commit(lane, context, ends);
    return result == STORE_DONE ? lane_settle(lane, context, ends) : result;
}

/* Refused again and again: halves, down to the one record that cannot be applied. */
static enum applied apply_halves(struct committer *c, struct lane *lane, size_t from, size_t to)
{
    struct lane_context context = context_of(c);
    enum store_result result = STORE_REFUSED_CASES;
    for (int i = 0; i < TRIES && result == STORE_REFUSED_CASES; i++) {
        result = apply_part(lane, &context, c->ends, from, to);
        c->refused += result == STORE_REFUSED_CASES || result == STORE_REFUSED;
    }
    if (context.spoiled) return APPLY_SORT;
    if (result != STORE_REFUSED_CASES && result != STORE_REFUSED) return trouble(result);
    if (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        enum applied first = apply_halves(c, lane, from, middle);
        return first == APPLIED ? apply_halves(c, lane, middle, to) : first;
    }
    if (lane->item[from].role == ITEM_DEAD) return APPLY_AGAIN;
    char reason[STORE_FAULT_BYTES + 64];
    snprintf(reason, sizeof reason, "store: %s", result == STORE_REFUSED ? c->store.fault : "the case changed at every try");
    log_error("ingest.refused", "shard=%u reason=%s", lane->shard, log_quote(reason));
    lane_spoil(&context, &lane->item[from], reason);
    return APPLY_SORT;
}

/* All lanes that have anything, pipelined: while Redis commits one, the next is folded. */
static enum applied apply_lanes(struct committer *c)
{
    struct lane_context context = context_of(c);
    bool sent[STORE_SHARDS_MAX] = {false}, again[STORE_SHARDS_MAX] = {false};
    enum applied applied = APPLIED;
    for (unsigned shard = 0; shard < c->store.shards; shard++)
        if (c->lane[shard].items && !lane_load(&c->lane[shard], &context, 0, c->lane[shard].items)) return APPLY_LOST;
    for (unsigned shard = 0; shard < c->store.shards; shard++) {
        if (!c->lane[shard].items) continue;
        enum store_result result = lane_commit(&c->lane[shard], &context, c->ends);
        if (result == STORE_LOST) return APPLY_LOST;
        sent[shard] = result == STORE_DONE;
        again[shard] = !sent[shard];
    }
    for (unsigned shard = 0; shard < c->store.shards; shard++) {
        if (!sent[shard]) continue;
        enum store_result result = lane_settle(&c->lane[shard], &context, c->ends);
        if (result == STORE_LOST) return APPLY_LOST;
        if (result == STORE_REFUSED_RULES) applied = APPLY_RULES;
        else if (result == STORE_REFUSED_POSITIONS && applied == APPLIED) applied = APPLY_AGAIN;
        else if (result != STORE_DONE) again[shard] = true;
    }
    if (context.spoiled && applied == APPLIED) applied = APPLY_SORT;
    for (unsigned shard = 0; shard < c->store.shards && applied == APPLIED; shard++)
        if (again[shard]) applied = apply_halves(c, &c->lane[shard], 0, c->lane[shard].items);
    return applied;
}

/* --- what may go wrong --- */

/* Has the store again, or gives up for good. */
static bool recover(struct committer *c)
{
    log_warn("ingest.store", "state=lost error=%s", log_quote(c->store.fault));
    if (store_recover(&c->store, daemon_stopping)) {
        log_info("ingest.store", "state=back");
        c->replan = true; /* what was known of positions is void */
        return true;
    }
    /* Told to stop meanwhile, or it is not ours now: what is not committed is read again at the next start. */
    log_error("ingest.store", "state=given_up error=%s", log_quote(c->store.fault));
    c->failed = true;
    return false;
}

/* Reads the positions again. True: the batch may be applied (again); false: it is void. */
static bool reload(struct committer *c)
{
    bool rewind = false;
    while (standing_reload(&c->standing, c->first, &rewind) != STANDING_READY)
        if (!recover(c)) return false;
    if (rewind) {
        log_warn("ingest.rewind", "note=%s", log_quote("a shard stands before this batch: reading again from there"));
        c->replan = true;
    }
    return !rewind;
}

/* Takes over the rules that came meanwhile. What was read under the old ones is read again: it may have been decoded otherwise. */
static void renew_rules(struct committer *c)
{
    c->replan = true;
    if (store_renew_rules(&c->store) == STORE_REFUSED) {
        log_error("ingest.rules", "error=%s", log_quote(c->store.fault));
        rest(AGAIN_WAIT_MS);
    } /* a lost link shows at the next call */
}

/* Is what was read decoded by rules that are not the store's any more, however these came? Then it is read again. */
static bool is_behind(struct committer *c)
{
    if (!c->standing.assignment || c->standing.book == c->store.book) return false;
    c->replan = true;
    return true;
}

static bool apply_batch(struct committer *c, struct batch *batch)
{
    c->batch = batch;
    c->changer.book = c->store.book;
    c->changer.now_ms = clock_business_ms(&c->store.clock);
    note_ends(c, batch);
    for (;;) {
        if (is_behind(c)) return false;
        sort_batch(c);
        if (!keep_letters(c)) return false;
        enum applied applied = apply_lanes(c);
        if (applied == APPLIED) return true;
        if (applied == APPLY_RULES) {
            renew_rules(c);
            return false;
        }
        if (applied == APPLY_LOST && !recover(c)) return false;
        if (applied == APPLY_AGAIN) rest(AGAIN_REST_MS);
        if (applied != APPLY_SORT && !reload(c)) return false;
    }
}

/* The newest of each log, and how long the records took; stamps of another clock (scaled, or wrong) say nothing of that. */
static void note_times(struct committer *c, const struct batch *batch)
{
    int64_t now_ms = clock_real_ms();
    for (size_t i = 0; i < batch->count; i++) {
        rd_kafka_timestamp_type_t type;
        struct witness *witness = &c->standing.witness[batch->record[i].slot];
        int64_t stamp_ms = rd_kafka_message_timestamp(batch->record[i].message, &type), took_ms = now_ms - stamp_ms;
        if (stamp_ms > witness->newest_ms) witness->newest_ms = stamp_ms;
        if (took_ms >= 0 && took_ms < LATENCY_MAX_MS) histogram_add(&c->latency_ms, took_ms);
    }
}

static void take_batch(struct committer *c, struct batch *batch)
{
    int64_t begun_ms = clock_monotonic_ms();
    if (batch->generation == c->standing.generation && !c->replan && !c->failed && apply_batch(c, batch)) {
        for (size_t i = 0; i < c->standing.assignment->count; i++)
            if (c->ends[i].next >= 0) c->standing.done[i] = c->ends[i];
        c->batches++;
        c->records += batch->count;
        note_times(c, batch);
        ingest_meters_batch(c->meters, batch, c->standing.assignment, clock_monotonic_ms() - begun_ms);
        for (size_t i = 0; i < batch->count; i++) c->bad += batch->record[i].bad;
        if (c->filling) filling_note(c->filling, batch);
    }
    handover_done(c->handover, batch);
}

/* --- assignments and housekeeping --- */

static void take_assignment(struct committer *c, struct assignment *assignment)
{
    log_info("ingest.assigned", "partitions=%zu", assignment->count);
    standing_set(&c->standing, assignment);
    c->ends = xrealloc(c->ends, (assignment->count + 1) * sizeof *c->ends);
    c->first = xrealloc(c->first, (assignment->count + 1) * sizeof *c->first);
    c->replan = true;
}

static void plan(struct committer *c)
{
    struct start_list *list = NULL;
    switch (standing_plan(&c->standing, &list)) {
    case STANDING_READY:
        c->replan = false;
        if (c->filling) filling_begin(c->filling, list);
        handover_start(c->handover, list);
        break;
    case STANDING_LOST: recover(c); break;
    case STANDING_AGAIN: rest(AGAIN_WAIT_MS); break;
    }
}

/* Kafka's own committed offsets, for lag tools; nothing rests on them. */
static void commit_offsets(struct committer *c)
{
    const struct assignment *assignment = c->standing.assignment;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)assignment->count);
    for (size_t i = 0; i < assignment->count; i++)
        if (c->standing.done[i].next >= 0)
            rd_kafka_topic_partition_list_add(list, assignment->slot[i].topic, assignment->slot[i].partition)->offset = c->standing.done[i].next;
    if (list->cnt > 0) rd_kafka_commit(c->consumer, list, 1);
    rd_kafka_topic_partition_list_destroy(list);
}

static void log_progress(struct committer *c)
{
    log_info("ingest.progress", "records=%llu bad=%llu batches=%llu refused=%llu p50_ms=%lld p99_ms=%lld", (unsigned long long)c->records,
             (unsigned long long)c->bad, (unsigned long long)c->batches, (unsigned long long)c->refused,
             (long long)histogram_percentile(&c->latency_ms, 50), (long long)histogram_percentile(&c->latency_ms, 99));
    histogram_clear(&c->latency_ms);
}

static void keep_house(struct committer *c)
{
    if (is_time(&c->beat_ms, BEAT_MS)) {
        ingest_meters_look(c->meters, &c->standing, c->handover);
        if (!store_heartbeat(&c->store) && !recover(c)) return;
    }
    if (c->filling) filling_say(c->filling, &c->standing);
    else if (is_time(&c->log_ms, LOG_MS)) log_progress(c);
    if (!c->standing.assignment) return;
    (void)is_behind(c);
    if (standing_has_gap(&c->standing) && is_time(&c->review_ms, REVIEW_MS)) c->replan = true;
    if (c->replan) {
        plan(c);
        return;
    }
    if (c->filling) c->reached = filling_reaches(c->filling, &c->standing);
    else if (is_time(&c->offsets_ms, OFFSETS_MS)) commit_offsets(c);
    if ((is_time(&c->watch_ms, WATCH_MS) || standing_unwatched(&c->standing)) && standing_watch(&c->standing)) {
        c->replan = true;
        return;
    }
    if (!is_time(&c->advance_ms, c->filling ? ADVANCE_FILLING_MS : ADVANCE_MS)) return;
    enum standing_result result = standing_advance(&c->standing);
    if (result == STANDING_LOST) recover(c);
    if (result != STANDING_READY) c->replan = true;
}

void *committer_run(void *committer)
{
    struct committer *c = committer;
    struct parcel parcel;
    while (handover_take(c->handover, &parcel, WAIT_MS)) {
        switch (parcel.kind) {
        case PARCEL_BATCH:
            if (parcel.batch) take_batch(c, parcel.batch);
            break;
        case PARCEL_ASSIGNMENT: take_assignment(c, parcel.assignment); break;
        case PARCEL_RECREATED:
            if (c->standing.assignment && (size_t)parcel.slot < c->standing.assignment->count) c->standing.recreated[parcel.slot] = true;
            c->replan = true;
            break;
        case PARCEL_REVIEW: c->replan = true; break;
        case PARCEL_END:
            if (parcel.generation == c->standing.generation && !c->replan) c->filling->ended[parcel.slot] = true;
            break;
        }
        if (!c->failed) keep_house(c);
    }
    if (!c->failed && c->standing.assignment && !c->replan) {
        (void)!standing_advance(&c->standing);
        if (!c->filling) commit_offsets(c);
    }
    return NULL;
}
