/* Producing dead letters. The trap: a dead letter that was sent again and is bad
 * again still bears the headers of the first time; those are replaced. */
#include "ingest/dead_letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"

enum { PRODUCE_WAIT_MS = 1000 };

static void delivered(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset)
{
    struct dead_letters *letters = context;
    bool *kept = opaque;
    (void)partition, (void)offset;
    letters->unacked--;
    *kept = !error;
    if (error) log_warn("ingest.dlq", "topic=%s error=%s", log_quote(letters->config->topics.dlq), log_quote(rd_kafka_err2str(error)));
}

bool dead_letters_open(struct dead_letters *letters, const struct config *config, char *error, size_t error_bytes)
{
    *letters = (struct dead_letters){.config = config};
    letters->producer = kafka_producer_open(config, delivered, letters, error, error_bytes);
    return letters->producer != NULL;
}

void dead_letters_close(struct dead_letters *letters)
{
    kafka_producer_close(letters->producer, PRODUCE_WAIT_MS);
    letters->producer = NULL;
}

bool dead_letter_header(const char *name)
{
    static const char *const names[] = {DLQ_REASON, DLQ_TOPIC, DLQ_PARTITION, DLQ_OFFSET, DLQ_BYTES};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i])) return true;
    return false;
}

/* Headers of the record, borrowed; *whole tells whether all that are not ours fitted. */
static size_t borrow_headers(const rd_kafka_message_t *message, struct kafka_header *header, bool *whole)
{
    rd_kafka_headers_t *headers;
    size_t count = 0, bytes = 0;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
    for (size_t i = 0;; i++) {
        struct kafka_header one;
        if (rd_kafka_header_get_all(headers, i, &one.name, &one.value, &one.bytes) != RD_KAFKA_RESP_ERR_NO_ERROR) return count;
        if (dead_letter_header(one.name)) continue;
        bytes += strlen(one.name) + one.bytes;
        if (count == KAFKA_HEADERS_MAX - DEAD_LETTER_HEADERS || bytes > DEAD_LETTER_HEADER_BYTES) break;
        header[count++] = one;
    }
    *whole = false;
    return count;
}

static size_t at_most(size_t bytes, size_t most, bool *whole)
{
    if (bytes <= most) return bytes;
    *whole = false;
    return most;
}

bool dead_letters_add(struct dead_letters *letters, const rd_kafka_message_t *message, const char *reason, bool *kept)
{
    struct kafka_header header[KAFKA_HEADERS_MAX];
    char partition[16], offset[24], bytes[24];
    bool whole = true;
    size_t count = borrow_headers(message, header, &whole);
    size_t key_bytes = at_most(message->key_len, DEAD_LETTER_KEY_BYTES, &whole), value_bytes = at_most(message->len, DEAD_LETTER_VALUE_BYTES, &whole);
    const char *topic = rd_kafka_topic_name(message->rkt);
    snprintf(partition, sizeof partition, "%" PRId32, message->partition);
    snprintf(offset, sizeof offset, "%" PRId64, message->offset);
    snprintf(bytes, sizeof bytes, "%zu", message->len);
    header[count++] = (struct kafka_header){DLQ_REASON, reason, strlen(reason)};
    header[count++] = (struct kafka_header){DLQ_TOPIC, topic, strlen(topic)};
    header[count++] = (struct kafka_header){DLQ_PARTITION, partition, strlen(partition)};
    header[count++] = (struct kafka_header){DLQ_OFFSET, offset, strlen(offset)};
    if (!whole) header[count++] = (struct kafka_header){DLQ_BYTES, bytes, strlen(bytes)};
    struct kafka_record record = {.topic = letters->config->topics.dlq, .key = message->key, .key_bytes = key_bytes,
                                  .value = message->payload, .value_bytes = value_bytes,
                                  .headers = header, .header_count = count, .opaque = kept};
    letters->unacked++;
    if (kafka_produce(letters->producer, &record, PRODUCE_WAIT_MS)) return true;
    letters->unacked--;
    return false;
}

bool dead_letters_wait(struct dead_letters *letters, int timeout_ms)
{
    return letters->unacked == 0 || (kafka_flush(letters->producer, timeout_ms) && letters->unacked == 0);
}
