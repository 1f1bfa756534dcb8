/* Lots of entries, gathered by case and committed by shard.
 *
 * The traps: records of one case must apply in their order, which within a topic is the partition's; and a withdrawal in the one
 * topic of what stands in the other is met only after a change between live and shadow. The ledger goes first, as shadow comes before live. */
#include "sla/readback.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "common/alloc.h"
#include "common/kafka_reader.h"
#include "sla/stub.h"
#include "sla/told_record.h"

enum { LOT_ENTRIES = 65536, LOT_CASES = 8192, COMMIT_CASES = 1024, COMMIT_TRIES = 8, SAY_MS = 10000, SAY_TERMINAL_MS = 200, SAY_RECORDS = 1000 };

struct told_entry {
    struct told told;
    int64_t stamp_ms; /* Kafka's, of its record */
    struct told_entry *next;
};

/* A case of the lot, and what it was told. */
struct told_case {
    struct text field;
    unsigned shard;
    struct told_entry *entries, **last;
    uint64_t revision;
    struct told_case *next;
    UT_hash_handle hh;
};

static bool fail(struct readback *readback, const char *doing, const char *why)
{
    snprintf(readback->fault, sizeof readback->fault, "%s: %.400s", doing, why);
    return false;
}

void readback_open(struct readback *readback, struct store *store, const struct config *config)
{
    *readback = (struct readback){.store = store, .config = config, .terminal = isatty(STDERR_FILENO), .began_ms = clock_monotonic_ms()};
    readback->said_ms = readback->began_ms;
    readback->last = &readback->first;
    readback->notices = xcalloc(store->shards, sizeof *readback->notices);
    readback->seen = xcalloc(READBACK_SEEN, sizeof *readback->seen);
    changer_open(&readback->changer, store->book, config->sla.grace_ms);
    readback->changer.appeals = appeal_rules(config);
}

static void clear_lot(struct readback *readback)
{
    HASH_CLEAR(hh, readback->cases);
    readback->first = NULL;
    readback->last = &readback->first;
    readback->entries = 0;
    pool_clear(&readback->pool);
}

void readback_close(struct readback *readback)
{
    clear_lot(readback);
    pool_free(&readback->pool);
    for (unsigned shard = 0; shard < readback->store->shards; shard++) tally_free(&readback->notices[shard]);
    digest_readback_free(&readback->digests);
    free(readback->notices);
    free(readback->seen);
    for (int i = 0; i < READBACK_TOPICS; i++) free(readback->next[i]);
    changer_close(&readback->changer);
    *readback = (struct readback){0};
}

/* --- gathering --- */

static struct told_case *case_of(struct readback *readback, struct text field, unsigned shard)
{
    struct told_case *one;
    HASH_FIND(hh, readback->cases, field.at, field.bytes, one);
    if (one) return one;
    one = pool_take(&readback->pool, sizeof *one);
    *one = (struct told_case){.field = {pool_copy(&readback->pool, field.at, field.bytes), field.bytes}, .shard = shard};
    one->last = &one->entries;
    HASH_ADD_KEYPTR(hh, readback->cases, one->field.at, one->field.bytes, one);
    *readback->last = one;
    readback->last = &one->next;
    return one;
}

/* Was this counted before, as far as is remembered? */
static bool is_seen(struct readback *readback, uint64_t hash)
{
    uint64_t *place = &readback->seen[hash % READBACK_SEEN];
    bool seen = *place == hash;
    *place = hash;
    return seen;
}

/* Figures of the notice. A record that a crash repeated counts once, and a notice is owed once. An alert of a place became owed in the
 * commit that made its burst rise, which no record tells: it counts as owed with the first. */
static void count(struct readback *readback, struct text field, enum of of, unsigned shard, struct told_record *record)
{
    uint64_t owed = XXH3_64bits_withSeed(field.at, field.bytes, record->told[0].id);
    bool repeated = is_seen(readback, XXH3_64bits_withSeed(&record->told[0], sizeof record->told[0], owed));
    if (repeated) return;
    if (!of_case(of)) record->counts[NOTICE_OWED] = 1;
    if (record->counts[NOTICE_OWED] > 0 && is_seen(readback, owed)) {
        record->counts[NOTICE_SUPERSEDED] -= record->counts[NOTICE_OWED] - 1;
        record->counts[NOTICE_OWED] = 0;
    }
    for (int i = 0; i < NOTICE_COUNTERS; i++)
        if (record->counts[i]) tally_add(&readback->notices[shard], TALLY_NOTICES, i, DAY_NONE, record->unit, record->counts[i]);
}

static void take_record(struct readback *readback, const rd_kafka_message_t *message)
{
    struct text field, id;
    struct told_record record;
    enum of of;
    rd_kafka_timestamp_type_t type;
    readback->records++;
    if (digest_readback_take(&readback->digests, message, &readback->damaged)) return;
    enum told_read read = told_record_read(message, &field, &record);
    readback->older += read == TOLD_NOT_BORNE;
    readback->damaged += read == TOLD_UNREADABLE || (read == TOLD_READ && !store_field_parse(field, &of, &id));
    if (read != TOLD_READ || !store_field_parse(field, &of, &id)) return;
    if (record.tolds == 0 && record.revision == 0) return; /* a trial: of no case at all */
    unsigned shard = case_shard(of, id, readback->store->shards);
    struct told_case *one = case_of(readback, field, shard);
    if (record.revision > one->revision) one->revision = record.revision;
    for (size_t i = 0; i < record.tolds; i++) {
        struct told_entry *entry = pool_take(&readback->pool, sizeof *entry);
        *entry = (struct told_entry){.told = record.told[i], .stamp_ms = rd_kafka_message_timestamp(message, &type)};
        *one->last = entry;
        one->last = &entry->next;
        readback->entries++;
    }
    readback->tolds += record.tolds;
    if (record.counted && record.tolds > 0) count(readback, field, of, shard, &record);
}

/* --- applying --- */

/* A few cases of one shard, on their way through one commit. */
struct telling {
    struct told_case *one[COMMIT_CASES];
    struct change change[COMMIT_CASES];
    struct commit_case commit[COMMIT_CASES];
    struct out_entry out[COMMIT_CASES];
    size_t count, ready;
};

/* A case that has shrunk keeps nothing of what it was told before: of the deadlines of then, or in those days. */
static bool is_kept(const struct case_file *file, const struct told_entry *entry)
{
    bool dated = entry->told.kind == TOLD_NOTICE || entry->told.kind == TOLD_OVERDUE || entry->told.kind == TOLD_WITHDRAWN;
    return !file->stub || (dated ? entry->told.deadline_ms : entry->stamp_ms) >= file->stub->at_ms;
}

/* Works one case out. False: it is not there, or can hold no more. */
static bool tell_case(struct readback *readback, struct told_case *one, const redisReply *blob, struct telling *telling)
{
    enum of of = OF_TICKET;
    struct text id = {0};
    struct change *change = &telling->change[telling->ready];
    if (blob->type != REDIS_REPLY_STRING || !store_field_parse(one->field, &of, &id)) return false;
    bool good = !change_begin(change, &readback->changer, of, id, blob->str, (size_t)blob->len);
    for (const struct told_entry *entry = one->entries; entry && good; entry = entry->next)
        if (is_kept(&change->file, entry)) good = told_apply(&change->file, &entry->told);
    if (good && one->revision > change->file.revision) change->file.revision = one->revision;
    if (!good || !change_finish(change, &readback->changer)) {
        change_end(change);
        return false;
    }
    enum commit_out out = change->owes ? OUT_NOW : change->retry_ms != INT64_MAX ? OUT_AT : OUT_CLEAR;
    telling->out[telling->ready] = (struct out_entry){one->field, out, change->retry_ms};
    telling->commit[telling->ready++] = (struct commit_case){.field = one->field, .change = change, .out = OUT_KEEP};
    return true;
}

/* Loads, tells, commits. STORE_REFUSED_CASES: somebody changed one meanwhile. */
static enum store_result try_commit(struct readback *readback, struct telling *telling, unsigned shard, size_t *orphans)
{
    struct store *store = readback->store;
    struct store_refusal refusal = {NULL};
    struct text fields[COMMIT_CASES];
    for (size_t i = 0; i < telling->count; i++) fields[i] = telling->one[i]->field;
    redisReply *reply = store_load_send(store, shard, fields, telling->count) ? store_load_take(store) : NULL;
    if (!reply) return STORE_LOST;
    changer_clear(&readback->changer);
    readback->changer.now_ms = clock_business_ms(&store->clock);
    readback->changer.book = store->book;
    telling->ready = *orphans = 0;
    for (size_t i = 0; i < telling->count; i++) *orphans += !tell_case(readback, telling->one[i], reply->element[i], telling);
    bool sent = store_commit_send(store, shard, NULL, 0, telling->commit, telling->ready, &readback->changer.tally);
    enum store_result result = sent ? store_commit_take(store, &refusal) : STORE_LOST;
    for (size_t i = 0; i < telling->ready; i++) change_end(&telling->change[i]);
    store_refusal_free(&refusal);
    freeReplyObject(reply);
    return result;
}

static bool commit_some(struct readback *readback, struct telling *telling, unsigned shard)
{
    enum store_result result = STORE_REFUSED_CASES;
    size_t orphans = 0;
    if (telling->count == 0) return true;
    for (int i = 0; i < COMMIT_TRIES && result == STORE_REFUSED_CASES; i++) {
        result = try_commit(readback, telling, shard, &orphans);
        if (result == STORE_REFUSED_RULES && store_renew_rules(readback->store) == STORE_DONE) result = STORE_REFUSED_CASES;
    }
    readback->orphans += orphans;
    telling->count = 0;
    if (result == STORE_REFUSED_CASES) return fail(readback, "the target", "somebody else changes cases there");
    return (result == STORE_DONE && store_fill_out(readback->store, shard, telling->out, telling->ready)) || fail(readback, "the target", readback->store->fault);
}

static bool apply_lot(struct readback *readback)
{
    struct telling *telling = xcalloc(1, sizeof *telling);
    bool good = true;
    for (unsigned shard = 0; shard < readback->store->shards && good; shard++) {
        for (struct told_case *one = readback->first; one && good; one = one->next) {
            if (one->shard != shard) continue;
            telling->one[telling->count++] = one;
            if (telling->count == COMMIT_CASES) good = commit_some(readback, telling, shard);
        }
        good = good && commit_some(readback, telling, shard);
    }
    free(telling);
    clear_lot(readback);
    return good;
}

/* --- reading --- */

static void say(struct readback *readback, bool last)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!last && now_ms - readback->said_ms < (readback->terminal ? SAY_TERMINAL_MS : SAY_MS)) return;
    readback->said_ms = now_ms;
    fprintf(stderr, "%stold: %" PRIu64 " records of ledger and results read, %" PRIu64 " entries%s", readback->terminal ? "\r" : "", readback->records,
            readback->tolds, readback->terminal && !last ? "    " : "\n");
}

static bool between_lots(struct readback *readback)
{
    say(readback, false);
    return !readback->keep || readback->keep(readback->context) || fail(readback, "told", "stopped");
}

static bool read_topic(struct readback *readback, int n, const char *topic)
{
    char error[KAFKA_ERROR_BYTES];
    bool good = true;
    struct kafka_reader *reader = kafka_reader_open_at(readback->config, topic, readback->next[n], readback->partitions[n], error, sizeof error);
    if (!reader) return fail(readback, topic, error);
    if (!readback->next[n]) readback->front_gone[n] = kafka_reader_front_gone(reader);
    for (rd_kafka_message_t *message; good && (message = kafka_reader_next(reader)); rd_kafka_message_destroy(message)) {
        take_record(readback, message);
        if (readback->entries >= LOT_ENTRIES || HASH_COUNT(readback->cases) >= LOT_CASES) good = apply_lot(readback) && between_lots(readback);
        else if (readback->records % SAY_RECORDS == 0) good = between_lots(readback);
    }
    if (good && *kafka_reader_error(reader)) good = fail(readback, topic, kafka_reader_error(reader));
    good = good && apply_lot(readback) && between_lots(readback);
    if (good) {
        readback->partitions[n] = kafka_reader_ends(reader, NULL);
        readback->next[n] = xrealloc(readback->next[n], (readback->partitions[n] + 1) * sizeof *readback->next[n]);
        kafka_reader_ends(reader, readback->next[n]);
    }
    kafka_reader_close(reader);
    return good;
}

bool readback_go_on(struct readback *readback)
{
    bool good = read_topic(readback, 0, readback->config->topics.ledger) && read_topic(readback, 1, readback->config->topics.results);
    for (unsigned shard = 0; shard < readback->store->shards && good && !readback->front_gone[0]; shard++)
        good = store_fill_notices(readback->store, shard, &readback->notices[shard]) || fail(readback, "the target", readback->store->fault);
    good = good && (digest_readback_apply(&readback->digests, readback->store) || fail(readback, "the target", readback->store->fault));
    if (good) say(readback, true);
    return good;
}
