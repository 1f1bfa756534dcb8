/* The earliest of the last stamps that the shards stand at.
 *
 * The trap: a partition into which nothing comes any more keeps its last stamp for good. So one that lags behind
 * is looked at in Kafka: where it is read to its end, nothing of it can come that is old. */
#include "sla/log_read.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum { ASK_MS = 1000, LAG_MS = 3600 * 1000, TOPIC_BYTES = 256, PARTITIONS_MAX = 4096 };

/* A partition that lags, and where it ended when it was asked for. */
struct ended {
    char topic[TOPIC_BYTES];
    int32_t partition;
    int64_t high; /* -1: not known */
};

struct look {
    const struct config *config;
    rd_kafka_t *asked;  /* NULL: not, or not any more */
    int64_t now_ms, upto_ms;
    struct ended *ended;
    size_t ends, room;
};

/* "TOPIC/PARTITION" of a topic that is read. */
static bool parse_field(const struct look *look, const char *field, struct ended *one)
{
    const char *slash = strrchr(field, '/');
    size_t bytes = slash ? (size_t)(slash - field) : TOPIC_BYTES;
    if (bytes >= TOPIC_BYTES) return false;
    memcpy(one->topic, field, bytes);
    one->topic[bytes] = 0;
    one->partition = (int32_t)strtol(slash + 1, NULL, 10);
    return !strcmp(one->topic, look->config->topics.tickets) || !strcmp(one->topic, look->config->topics.ratings);
}

/* Where the partition ends; asked for once. */
static int64_t end_of(struct look *look, struct ended *one)
{
    int64_t low, high;
    for (size_t i = 0; i < look->ends; i++)
        if (look->ended[i].partition == one->partition && !strcmp(look->ended[i].topic, one->topic)) return look->ended[i].high;
    if (!look->asked || look->ends == PARTITIONS_MAX) return -1;
    bool answers = !rd_kafka_query_watermark_offsets(look->asked, one->topic, one->partition, &low, &high, ASK_MS);
    if (!answers) look->asked = NULL;
    one->high = answers ? high : -1;
    if (look->ends == look->room) look->ended = xrealloc(look->ended, (look->room = look->room * 2 + 16) * sizeof *look->ended);
    look->ended[look->ends++] = *one;
    return one->high;
}

/* A position: "NEXT", or "NEXT OFFSET TIMESTAMP CRC". */
static void see_position(struct look *look, const char *field, const char *position)
{
    struct ended one;
    char *after;
    if (!parse_field(look, field, &one)) return;
    int64_t next = strtoll(position, &after, 10), stamp_ms = 0;
    if (*after) strtoll(after, &after, 10);
    if (*after) stamp_ms = strtoll(after, NULL, 10);
    if (stamp_ms <= 0) return; /* nothing was read of it, or what was bears no time */
    if (stamp_ms < look->now_ms - LAG_MS && next == end_of(look, &one)) stamp_ms = look->now_ms;
    if (stamp_ms < look->upto_ms) look->upto_ms = stamp_ms;
}

enum store_result log_read_upto(struct store *store, const struct config *config, rd_kafka_t *asked, int64_t now_ms, int64_t *upto_ms)
{
    struct look look = {.config = config, .asked = asked, .now_ms = now_ms, .upto_ms = INT64_MAX};
    enum store_result result = STORE_DONE;
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE; shard++) {
        redisReply *positions = store_positions(store, shard);
        if (!positions) result = store->link->context ? STORE_REFUSED : STORE_LOST;
        else if (positions->elements == 0) look.upto_ms = INT64_MIN;
        for (size_t i = 0; positions && i + 1 < positions->elements; i += 2) see_position(&look, positions->element[i]->str, positions->element[i + 1]->str);
        if (positions) freeReplyObject(positions);
    }
    free(look.ended);
    *upto_ms = look.upto_ms == INT64_MAX ? INT64_MIN : look.upto_ms;
    return result;
}
