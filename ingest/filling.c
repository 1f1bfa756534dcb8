/* How far, and how far it is. */
#include "ingest/filling.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"

enum { WATERMARK_MS = 10000, SAY_MS = 10000, SAY_TERMINAL_MS = 200 };
const char filling_refused[] = "it was refused when it came in";

void filling_open(struct filling *filling, size_t slots)
{
    *filling = (struct filling){.slots = slots, .terminal = isatty(STDERR_FILENO), .began_ms = clock_monotonic_ms(), .said_ms = clock_monotonic_ms()};
    filling->ended = xcalloc(slots + 1, sizeof *filling->ended);
    filling->begun = xcalloc(slots + 1, sizeof *filling->begun);
    filling->end = xcalloc(slots + 1, sizeof *filling->end);
}

void filling_free(struct filling *filling)
{
    refused_free(&filling->refused);
    free(filling->limit);
    free(filling->ended);
    free(filling->begun);
    free(filling->end);
    *filling = (struct filling){.slots = 0};
}

/* --- how far to read --- */

/* The position of a partition among a shard's (field, value, …); next -1: none. */
static struct position find_position(const redisReply *positions, const rd_kafka_topic_partition_t *partition)
{
    char field[POSITION_FIELD_BYTES];
    struct position position = {.next = -1, .offset = -1};
    size_t bytes = position_field(field, partition->topic, partition->partition);
    for (size_t i = 0; i + 1 < positions->elements; i += 2) {
        const redisReply *name = positions->element[i], *value = positions->element[i + 1];
        if ((size_t)name->len != bytes || memcmp(name->str, field, bytes) != 0) continue;
        if (!position_parse((struct text){value->str, (size_t)value->len}, &position)) return (struct position){.next = -1, .offset = -1};
    }
    return position;
}

bool filling_limit(struct filling *filling, struct store *store, const rd_kafka_topic_partition_list_t *partitions)
{
    filling->limit = xcalloc(filling->slots * store->shards + 1, sizeof *filling->limit);
    for (unsigned shard = 0; shard < store->shards; shard++) {
        redisReply *positions = store_positions(store, shard);
        if (!positions) return false;
        for (size_t i = 0; i < filling->slots; i++) {
            struct position *limit = &filling->limit[i * store->shards + shard];
            *limit = find_position(positions, &partitions->elems[i]);
            if (limit->next > filling->end[i]) filling->end[i] = limit->next;
        }
        freeReplyObject(positions);
    }
    return true;
}

bool filling_is_beyond(const struct filling *filling, int slot, int64_t offset)
{
    return filling->limit && offset >= filling->end[slot];
}

/* One shard's position beside one log. */
static bool check_position(const struct position *position, const rd_kafka_topic_partition_t *one, unsigned shard, int64_t low, int64_t high,
                           bool accept_gap, char *error, size_t error_bytes)
{
    if (position->next < 0) {
        if (low == 0 || accept_gap) return true;
        snprintf(error, error_bytes,
                 "%s/%" PRId32 " begins at offset %" PRId64 ": what was before is gone. Begin from a backup that reaches there, or take what is left with --accept-gap",
                 one->topic, one->partition, low);
        return false;
    }
    if (position_judge(position, low, high) != POSITION_GAP) return true;
    snprintf(error, error_bytes,
             "%s/%" PRId32 " begins at offset %" PRId64 ", shard %u of the target stands at %" PRId64 ": what lies between is gone. Take a newer backup", one->topic,
             one->partition, low, shard, position->next);
    return false;
}

bool filling_check(struct filling *filling, struct store *target, rd_kafka_t *consumer, const rd_kafka_topic_partition_list_t *partitions,
                   bool accept_gap, char *error, size_t error_bytes)
{
    int64_t *low = xcalloc(filling->slots + 1, sizeof *low), *high = xcalloc(filling->slots + 1, sizeof *high);
    bool good = true;
    for (size_t i = 0; i < filling->slots && good; i++) {
        const rd_kafka_topic_partition_t *one = &partitions->elems[i];
        rd_kafka_resp_err_t failed = rd_kafka_query_watermark_offsets(consumer, one->topic, one->partition, &low[i], &high[i], WATERMARK_MS);
        if (failed) snprintf(error, error_bytes, "%s/%" PRId32 ": %s", one->topic, one->partition, rd_kafka_err2str(failed));
        if (!filling->limit) filling->end[i] = high[i];
        good = !failed;
    }
    for (unsigned shard = 0; shard < target->shards && good; shard++) {
        redisReply *positions = store_positions(target, shard);
        if (!positions) snprintf(error, error_bytes, "%s", target->fault);
        good = positions != NULL;
        for (size_t i = 0; i < filling->slots && good; i++) {
            struct position position = find_position(positions, &partitions->elems[i]);
            good = check_position(&position, &partitions->elems[i], shard, low[i], high[i], accept_gap, error, error_bytes);
        }
        if (positions) freeReplyObject(positions);
    }
    free(low);
    free(high);
    return good;
}

void filling_begin(struct filling *filling, const struct start_list *list)
{
    for (size_t i = 0; i < filling->slots && i < list->count; i++) {
        filling->ended[i] = list->start[i].stopped;
        if (!filling->started) filling->begun[i] = list->start[i].offset;
    }
    filling->started = true;
}

bool filling_reaches(const struct filling *filling, const struct standing *standing)
{
    for (size_t i = 0; i < filling->slots; i++) {
        if (filling->ended[i]) continue;
        if (!filling->limit) return false;
        for (unsigned shard = 0; shard < standing->store->shards; shard++)
            if (standing_at(standing, (int)i, shard)->next < filling->limit[i * standing->store->shards + shard].next) return false;
    }
    return true;
}

/* --- how far it is --- */

void filling_note(struct filling *filling, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->record[i];
        if (!record->bad) continue;
        if (record->reason == filling_refused) {
            filling->left_out++;
            continue;
        }
        if (filling->bad < FILLING_NAMED_MAX) {
            struct bad_record *one = &filling->named[filling->bad];
            snprintf(one->topic, sizeof one->topic, "%s", rd_kafka_topic_name(record->message->rkt));
            one->partition = record->message->partition;
            one->offset = record->message->offset;
            snprintf(one->reason, sizeof one->reason, "%s", record->reason);
        }
        filling->bad++;
    }
}

/* Records read, and in all. */
static int64_t measure(const struct filling *filling, const struct standing *standing, int64_t *all)
{
    int64_t done = 0;
    *all = 0;
    for (size_t i = 0; i < filling->slots && standing->done; i++) {
        int64_t length = filling->end[i] - filling->begun[i], read = standing->done[i].next - filling->begun[i];
        *all += length > 0 ? length : 0;
        if (read > 0) done += read < length ? read : length;
    }
    return done;
}

static void say(struct filling *filling, int64_t done, int64_t all, const char *end)
{
    double seconds = (double)(clock_monotonic_ms() - filling->began_ms) / 1000, rate = seconds > 0 ? (double)done / seconds : 0;
    fprintf(stderr, "%sfill: %" PRId64 " of %" PRId64 " records, %.1f %%, %.0f a second, %.0f s left%s", filling->terminal ? "\r" : "", done, all,
            all ? 100 * (double)done / (double)all : 100.0, rate, rate > 0 ? (double)(all - done) / rate : 0, end);
}

void filling_say(struct filling *filling, const struct standing *standing)
{
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms - filling->said_ms < (filling->terminal ? SAY_TERMINAL_MS : SAY_MS)) return;
    filling->said_ms = now_ms;
    int64_t all, done = measure(filling, standing, &all);
    say(filling, done, all, filling->terminal ? "    " : "\n");
}

void filling_say_end(struct filling *filling, const struct standing *standing, bool whole)
{
    int64_t all, done = measure(filling, standing, &all);
    say(filling, whole ? all : done, all, "\n");
}
