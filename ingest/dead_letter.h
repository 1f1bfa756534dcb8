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
/* The reason of one whose case is past its retention (a word that others rely on). */
#define DEAD_RETIRED "retired"
#define DLQ_REASON "dlq-reason"
#define DLQ_TOPIC "dlq-topic"
#define DLQ_PARTITION "dlq-partition"
#define DLQ_OFFSET "dlq-offset"
#define DLQ_BYTES "dlq-bytes" /* of the whole value, where anything was cut: such a letter is not sent again */

struct dead_letters {
    const struct config *config; /* borrowed */
    struct kafka_producer *producer;
    size_t unacked;              /* queued, and not reported yet */
};

/* False: the reason in error. */
bool dead_letters_open(struct dead_letters *letters, const struct config *config, char *error, size_t error_bytes) __attribute__((warn_unused_result));
void dead_letters_close(struct dead_letters *letters);

/* Queues one, with its key, headers and (first bytes of its) value. *kept becomes true when Kafka has it; it must live until
 * dead_letters_wait returned true. False: not queued, the reason in letters->producer->error. */
bool dead_letters_add(struct dead_letters *letters, const rd_kafka_message_t *message, const char *reason, bool *kept) __attribute__((warn_unused_result));
/* Waits at most timeout_ms until all that were queued are reported, kept or not. False: some are still under way. */
bool dead_letters_wait(struct dead_letters *letters, int timeout_ms) __attribute__((warn_unused_result));

/* Is it one of the headers that we add? */
bool dead_letter_header(const char *name);

#endif
