#ifndef BIHUAN_COMMON_KAFKA_H
#define BIHUAN_COMMON_KAFKA_H
/* librdkafka's configuration from ours, its log into ours, and a producer with
 * back-pressure. The consumer's loop is ingest's own. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <librdkafka/rdkafka.h>

struct config;

enum kafka_role { KAFKA_CONSUMER, KAFKA_PRODUCER };
enum { KAFKA_ERROR_BYTES = 512, KAFKA_HEADERS_MAX = 64 };

/* Whether a property of [kafka] may be set, and its value is one librdkafka
 * takes. NULL when it is good, else the reason in error[error_bytes]. */
const char *kafka_property_check(const char *name, const char *value, char *error, size_t error_bytes);

/* librdkafka's configuration for a role: the programs' own settings, then the
 * [kafka] properties, then what the programs fix. Consumer: group and instance
 * of [ingest], no automatic commit or offset store, auto.offset.reset=error, range
 * assignment, no end-of-partition events. Producer: idempotent, acks=all, lz4.
 * The log goes to common/log. The caller owns it until rd_kafka_new succeeds.
 * NULL: the reason in error[error_bytes]. */
rd_kafka_conf_t *kafka_conf(const struct config *config, enum kafka_role role, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));

struct kafka_header {
    const char *name;
    const void *value; /* may be NULL when bytes is 0 */
    size_t bytes;
};

/* Borrowed in every part; copied by kafka_produce. key NULL: none. value NULL
 * with 0 bytes: a tombstone. */
struct kafka_record {
    const char *topic;
    const void *key;
    size_t key_bytes;
    const void *value;
    size_t value_bytes;
    const struct kafka_header *headers;
    size_t header_count;
    void *opaque;       /* handed to the delivery callback */
    bool first_partition; /* whatever the key: all in one order */
};

/* Called exactly once for each record that kafka_produce accepted, from within
 * kafka_produce, kafka_poll, kafka_flush or kafka_producer_close, on the thread
 * that calls them. error RD_KAFKA_RESP_ERR_NO_ERROR: acknowledged at offset. */
typedef void kafka_delivered(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset);

struct kafka_producer {
    rd_kafka_t *handle;
    kafka_delivered *delivered; /* may be NULL */
    void *context;
    uint64_t sent, failed;      /* delivery reports so far */
    char error[KAFKA_ERROR_BYTES];
};

/* Starts a producer. Does not wait for a broker. NULL: the reason in error. */
struct kafka_producer *kafka_producer_open(const struct config *config, kafka_delivered *delivered, void *context, char *error,
                                           size_t error_bytes) __attribute__((warn_unused_result));
/* Waits at most timeout_ms for what is queued, then ends it; records given up
 * are reported to the callback with an error. Returns how many. Accepts NULL. */
size_t kafka_producer_close(struct kafka_producer *producer, int timeout_ms);

/* Queues a record. While the queue is full it serves delivery reports for at
 * most wait_ms. False: not accepted, no callback will come, error says why. */
bool kafka_produce(struct kafka_producer *producer, const struct kafka_record *record, int wait_ms)
    __attribute__((warn_unused_result));
/* Serves delivery reports, waiting at most timeout_ms for the first. Returns how many events. */
int kafka_poll(struct kafka_producer *producer, int timeout_ms);
/* Waits until all queued records are reported, at most timeout_ms. True when none is left. */
bool kafka_flush(struct kafka_producer *producer, int timeout_ms) __attribute__((warn_unused_result));
/* The last header of that name of a message that was read, with a NUL behind it, borrowed; NULL for none. */
const char *kafka_header_text(const rd_kafka_message_t *message, const char *name);
/* An error after which the producer sends no more (its text in error): open another. */
bool kafka_producer_failed(struct kafka_producer *producer);

#endif
