/* Reading a topic once.
 *
 * The trap: the last offset before the end may hold no record (a transaction's
 * mark, a compacted one), so an end is reached by the position, not by a record. */
#include "common/kafka_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "common/kafka_topics.h"

enum { ASK_MS = 10000, POLL_MS = 100, IDLE_MS = 15000 };

struct kafka_reader {
    rd_kafka_t *handle;
    rd_kafka_topic_partition_list_t *partitions; /* offset: where it ends; the beginning at first */
    size_t open;                                 /* not yet at their end */
    bool front_gone;
    uint64_t total;
    char error[KAFKA_ERROR_BYTES];
};

static bool fail(struct kafka_reader *reader, const char *doing, rd_kafka_resp_err_t error)
{
    snprintf(reader->error, sizeof reader->error, "%s: %s", doing, rd_kafka_err2str(error));
    return false;
}

static bool find_partitions(struct kafka_reader *reader, const char *topic)
{
    int count = 0;
    rd_kafka_resp_err_t error = kafka_topic_ask(reader->handle, topic, &count);
    for (int i = 0; !error && i < count; i++) rd_kafka_topic_partition_list_add(reader->partitions, topic, i);
    return error ? fail(reader, topic, error) : true;
}

/* Assigns every partition that holds anything, from its beginning or where to go on. */
static bool begin(struct kafka_reader *reader, const int64_t *next, size_t count)
{
    rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new(reader->partitions->cnt);
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < reader->partitions->cnt && !error; i++) {
        rd_kafka_topic_partition_t *one = &reader->partitions->elems[i];
        int64_t low, high;
        error = rd_kafka_query_watermark_offsets(reader->handle, one->topic, one->partition, &low, &high, ASK_MS);
        one->offset = high;
        one->opaque = (void *)(intptr_t)low; /* where the partition begins */
        reader->front_gone |= !error && low > 0;
        if ((size_t)one->partition < count && next[one->partition] > low) low = next[one->partition];
        if (error || high <= low) continue;
        reader->total += (uint64_t)(high - low);
        rd_kafka_topic_partition_list_add(wanted, one->topic, one->partition)->offset = low;
        reader->open++;
    }
    if (!error) error = rd_kafka_assign(reader->handle, wanted);
    rd_kafka_topic_partition_list_destroy(wanted);
    return error ? fail(reader, "where the topic ends", error) : true;
}

struct kafka_reader *kafka_reader_open(const struct config *config, const char *topic, char *error, size_t error_bytes)
{
    return kafka_reader_open_at(config, topic, NULL, 0, error, error_bytes);
}

struct kafka_reader *kafka_reader_open_at(const struct config *config, const char *topic, const int64_t *next, size_t count, char *error, size_t error_bytes)
{
    rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_CONSUMER, error, error_bytes);
    if (!conf) return NULL;
    struct kafka_reader *reader = xcalloc(1, sizeof *reader);
    reader->partitions = rd_kafka_topic_partition_list_new(8);
    /* librdkafka wants a group's name to consume at all; none is joined. */
    rd_kafka_conf_set(conf, "group.instance.id", "", NULL, 0);
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
    reader->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_bytes);
    if (!reader->handle) {
        rd_kafka_conf_destroy(conf);
    } else if (rd_kafka_poll_set_consumer(reader->handle), find_partitions(reader, topic) && begin(reader, next, count)) {
        return reader;
    } else {
        snprintf(error, error_bytes, "%s", reader->error);
    }
    kafka_reader_close(reader);
    return NULL;
}

static int64_t end_of(const struct kafka_reader *reader, const rd_kafka_message_t *message)
{
    const rd_kafka_topic_partition_t *one =
        rd_kafka_topic_partition_list_find(reader->partitions, rd_kafka_topic_name(message->rkt), message->partition);
    return one ? one->offset : 0;
}

rd_kafka_message_t *kafka_reader_next(struct kafka_reader *reader)
{
    int idle_ms = 0;
    while (reader->open > 0 && !*reader->error) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reader->handle, POLL_MS);
        if (!message) {
            idle_ms += POLL_MS;
            if (idle_ms >= IDLE_MS) fail(reader, "reading", RD_KAFKA_RESP_ERR__TIMED_OUT);
            continue;
        }
        idle_ms = 0;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            reader->open--;
        } else if (message->err) {
            fail(reader, "reading", message->err);
        } else if (message->offset < end_of(reader, message)) {
            return message;
        }
        rd_kafka_message_destroy(message);
    }
    return NULL;
}

bool kafka_reader_front_gone(const struct kafka_reader *reader)
{
    return reader->front_gone;
}

bool kafka_reader_front_gone_of(const struct kafka_reader *reader, int32_t partition, bool *empty)
{
    for (int i = 0; i < reader->partitions->cnt; i++) {
        const rd_kafka_topic_partition_t *one = &reader->partitions->elems[i];
        if (one->partition != partition) continue;
        *empty = (intptr_t)one->opaque == one->offset;
        return (intptr_t)one->opaque > 0;
    }
    return false;
}

uint64_t kafka_reader_total(const struct kafka_reader *reader)
{
    return reader->total;
}

size_t kafka_reader_ends(const struct kafka_reader *reader, int64_t *next)
{
    size_t count = 0;
    for (int i = 0; i < reader->partitions->cnt; i++) {
        size_t partition = (size_t)reader->partitions->elems[i].partition;
        if (partition >= count) count = partition + 1;
        if (next) next[partition] = reader->partitions->elems[i].offset;
    }
    return count;
}

const char *kafka_reader_error(const struct kafka_reader *reader)
{
    return reader->error;
}

void kafka_reader_close(struct kafka_reader *reader)
{
    if (!reader) return;
    if (reader->handle) {
        rd_kafka_consumer_close(reader->handle);
        rd_kafka_destroy(reader->handle);
    }
    rd_kafka_topic_partition_list_destroy(reader->partitions);
    free(reader);
}
