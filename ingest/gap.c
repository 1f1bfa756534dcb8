/* bihuan-ingest accept-gap TOPIC PARTITION: where the log no longer reaches back to
 * what was read last, go on with what is there. What lay between is lost, and
 * that is said; a running ingest takes it up by itself. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/kafka.h"
#include "common/log.h"
#include "ingest/position.h"
#include "ingest/verbs.h"
#include "sla/store.h"

enum { ERROR_BYTES = 512, ASK_MS = 10000 };
const struct options_extra accept_gap_extras[] = {{NULL, NULL, NULL}};

static bool log_ends(const struct config *config, const char *topic, int32_t partition, int64_t *low, int64_t *high)
{
    char error[ERROR_BYTES];
    rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_PRODUCER, error, sizeof error);
    rd_kafka_t *handle = conf ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error) : NULL;
    rd_kafka_resp_err_t failed = RD_KAFKA_RESP_ERR__FAIL;
    if (handle) {
        failed = rd_kafka_query_watermark_offsets(handle, topic, partition, low, high, ASK_MS);
        if (failed) snprintf(error, sizeof error, "%s", rd_kafka_err2str(failed));
        rd_kafka_destroy(handle);
    }
    if (failed) fprintf(stderr, "bihuan-ingest accept-gap: %s/%" PRId32 ": %s\n", topic, partition, error);
    return !failed;
}

/* Moves one shard to `low` if it stands before it. Adds to *missing what it never saw. False: failed. */
static bool move_shard(struct store *store, unsigned shard, const char *field, int64_t low, int64_t *first)
{
    char value[POSITION_BYTES], key[STORE_KEY_BYTES];
    struct position now;
    store_key(key, shard, KEY_POSITION);
    redisReply *reply = redis_command(store->link, "HGET %s %s", key, field);
    if (!reply) return false;
    bool before = reply->type == REDIS_REPLY_STRING && position_parse((struct text){reply->str, (size_t)reply->len}, &now) && now.next < low;
    bool good = true;
    if (before) {
        struct position to = {.next = low, .offset = -1};
        struct store_refusal refusal;
        struct commit_position move = {{field, strlen(field)}, {reply->str, (size_t)reply->len}, {value, position_print(value, &to)}};
        good = store_commit_send(store, shard, &move, 1, NULL, 0, NULL) && store_commit_take(store, &refusal) == STORE_DONE;
        if (good && now.next < *first) *first = now.next;
    }
    freeReplyObject(reply);
    return good;
}

static int accept_gap(struct store *store, const char *topic, int32_t partition, int64_t low)
{
    char field[POSITION_FIELD_BYTES];
    int64_t first = INT64_MAX;
    position_field(field, topic, partition);
    for (unsigned shard = 0; shard < store->shards; shard++) {
        if (move_shard(store, shard, field, low, &first)) continue;
        fprintf(stderr, "bihuan-ingest accept-gap: shard %u: %s\n", shard, *store->fault ? store->fault : store->link->error);
        return EXIT_FAILED;
    }
    if (first == INT64_MAX) {
        printf("%s has no gap: nothing was changed\n", field);
        return EXIT_OK;
    }
    printf("%s goes on at offset %" PRId64 "; offsets %" PRId64 " to %" PRId64 " were never read and are gone\n", field, low, first, low - 1);
    log_warn("ingest.gap", "partition=%s accepted=yes from=%" PRId64 " to=%" PRId64, log_quote(field), first, low - 1);
    return EXIT_OK;
}

int ingest_accept_gap(const struct options *options)
{
    struct config config;
    struct ruleset set;
    struct store store;
    char *end;
    const char *topic = options->operands[0];
    long partition = strtol(options->operands[1], &end, 10);
    int64_t low, high;
    if (*end || end == options->operands[1] || partition < 0 || partition > INT32_MAX)
        return options_usage(options, "PARTITION: found \"%s\", expected a number from 0", options->operands[1]);
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    int code = EXIT_USAGE;
    if (ruleset_load(&set, &config, NULL)) {
        code = EXIT_FAILED;
        if (log_ends(&config, topic, (int32_t)partition, &low, &high)) {
            if (store_open(&store, &config, &set, NULL)) code = accept_gap(&store, topic, (int32_t)partition, low);
            else fprintf(stderr, "bihuan-ingest accept-gap: %s\n", store.fault);
            store_close(&store);
        }
        ruleset_free(&set);
    }
    config_free(&config);
    return code;
}
