#ifndef BIHUAN_INGEST_DEAD_LETTER_H
#define BIHUAN_INGEST_DEAD_LETTER_H
/* Dead letters: records that change nothing, kept with the reason in the topic
 * of [topics] dlq. */
#include "common/config.h"
#include "common/kafka.h"

enum {
    DEAD_LETTER_VALUE_BYTES = 256 * 1024, /* more of a value is not kept */
    DEAD_LETTER_KEY_BYTES = 128 * 1024,   /* nor of a key, */
    DEAD_LETTER_HEADER_BYTES = 256 * 1024, /* nor of all headers together: a broker takes 1 MB by default */
    DEAD_LETTER_HEADERS = 5,              /* that we add, at most */
};
#define DLQ_REASON "dlq-reason"
#define DLQ_TOPIC "dlq-topic"
#define DLQ_PARTITION "dlq-partition"
#define DLQ_OFFSET "dlq-offset"
#define DLQ_BYTES "dlq-bytes" /* of the whole value, where anything was cut: such a letter is not sent again */

struct dead_letters {
    const char *topic; /* borrowed */
    struct kafka_producer *producer;
    uint64_t unacked, failed; /* since the last dead_letters_settle */
};

/* False: the reason in error. */
bool dead_letters_open(struct dead_letters *letters, const struct config *config, char *error, size_t error_bytes) __attribute__((warn_unused_result));
void dead_letters_close(struct dead_letters *letters);

/* Queues one, with its key, headers and (first bytes of its) value. False: not queued, the reason in letters->producer->error. */
bool dead_letters_add(struct dead_letters *letters, const rd_kafka_message_t *message, const char *reason) __attribute__((warn_unused_result));
/* Waits at most timeout_ms until all queued are acknowledged. False: some are not, or failed; all since the last
 * call must be added again. */
bool dead_letters_settle(struct dead_letters *letters, int timeout_ms) __attribute__((warn_unused_result));

/* Is it one of the headers that we add? */
bool dead_letter_header(const char *name);

#endif
