#ifndef BIHUAN_INGEST_BATCH_H
#define BIHUAN_INGEST_BATCH_H
/* Records on their way from the consumer to the committer, decoded. */
#include <librdkafka/rdkafka.h>

#include "common/pool.h"
#include "sla/event.h"

struct record {
    rd_kafka_message_t *message; /* owned; for a dead letter, and its offset */
    int slot;                    /* of its partition in the assignment */
    bool bad;                    /* a dead letter, and why: */
    const char *reason;
    bool retired;                /* as its case is past its retention: what it says of others counts all the same */
    uint8_t counted;             /* enum record_counter + 1, as it was counted last; 0: not by us */
    bool kept;                   /* Kafka has the dead letter */
    bool no_link;                /* it cannot be applied to `target` as well */
    bool no_appellant, no_place; /* nor to these */
    struct event event;
    enum of of;
    struct text subject;
    struct text target;          /* the ticket that it is also applied to; empty for none */
    struct text appellant, place; /* ids of what gathers its appeal; empty for none */
};

struct batch {
    struct batch *next;
    uint64_t generation;         /* of the assignment that it was read under */
    size_t count, room;
    struct record *record;
    size_t bytes;                /* held by the records */
    int64_t begun_ms;            /* monotonic */
    struct pool pool;            /* texts of the events */
};

/* An empty batch with room for `room` records. */
struct batch *batch_new(uint64_t generation, size_t room);
/* The next record of the batch, to be filled. Room grows where pausing does not stop librdkafka's queue at once. */
struct record *batch_next(struct batch *batch);
/* Frees it with its records. Accepts NULL. */
void batch_free(struct batch *batch);

/* CRC-32C of a record's key and value. */
uint32_t message_crc(const rd_kafka_message_t *message);

#endif
