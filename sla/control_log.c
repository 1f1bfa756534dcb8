/* Reading and appending control records.
 *
 * The trap: compaction keeps the last record of each key, so every record has a key of its own;
 * and a topic that a broker makes by itself deletes what is old: it is made here, with its settings. */
#include "sla/control_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/kafka_reader.h"
#include "common/kafka_topics.h"

enum { ACK_MS = 15000 };

static void keep(struct control_log *log, const rd_kafka_message_t *message)
{
    if (log->count == log->room) {
        log->room = log->room ? log->room * 2 : 16;
        log->record = xrealloc(log->record, log->room * sizeof *log->record);
    }
    log->record[log->count++] = (struct text){pool_copy(&log->pool, message->payload, message->len), message->len};
}

bool control_log_read(struct control_log *log, const struct config *config)
{
    *log = (struct control_log){0};
    struct kafka_reader *reader = kafka_reader_open(config, config->topics.control, log->error, sizeof log->error);
    if (!reader) return !kafka_topic_exists(config, config->topics.control, log->error, sizeof log->error) && !*log->error;
    rd_kafka_message_t *message;
    while ((message = kafka_reader_next(reader))) {
        if (message->partition == 0 && message->len) keep(log, message);
        rd_kafka_message_destroy(message);
    }
    snprintf(log->error, sizeof log->error, "%s", kafka_reader_error(reader));
    kafka_reader_close(reader);
    return !*log->error;
}

static void note_delivery(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset)
{
    struct control_log *log = context;
    bool *acked = opaque;
    (void)partition, (void)offset;
    *acked = !error;
    if (error) snprintf(log->error, sizeof log->error, "%s", rd_kafka_err2str(error));
}

bool control_log_append(struct control_log *log, const struct config *config, const char *id, const char *text)
{
    bool acked = false;
    *log->error = 0;
    kafka_topic_make(config, config->topics.control);
    struct kafka_producer *producer = kafka_producer_open(config, note_delivery, log, log->error, sizeof log->error);
    if (!producer) return false;
    struct kafka_record record = {.topic = config->topics.control, .key = id, .key_bytes = strlen(id), .value = text, .value_bytes = strlen(text),
                                  .opaque = &acked, .first_partition = true};
    if (!kafka_produce(producer, &record, ACK_MS)) snprintf(log->error, sizeof log->error, "%s", producer->error);
    else if (!kafka_flush(producer, ACK_MS) && !*log->error) snprintf(log->error, sizeof log->error, "Kafka did not acknowledge it within %d s", ACK_MS / 1000);
    kafka_producer_close(producer, 0);
    return acked;
}

void control_log_free(struct control_log *log)
{
    free(log->record);
    pool_free(&log->pool);
    *log = (struct control_log){0};
}
