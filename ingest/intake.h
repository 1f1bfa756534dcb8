#ifndef BIHUAN_INGEST_INTAKE_H
#define BIHUAN_INGEST_INTAKE_H
/* The consumer's thread: polls, decodes, fills batches, pauses, and begins where
 * the committer says. It never waits for Redis, so the group never misses it. */
#include "ingest/committer.h"
#include "ingest/decode.h"

struct intake {
    const struct config *config;  /* borrowed, as the next three */
    rd_kafka_t *consumer;
    struct handover *handover;
    struct committer *committer;  /* its clock and `failed` alone */
    struct record_decoder by;      /* its decoder is ours */
    struct assignment *assignment; /* what the group gave; NULL for none */
    uint64_t assignments;          /* counts them */
    struct start_list *starts;     /* in force; NULL: nothing is read */
    size_t *checked;               /* [slot]: records known again so far */
    struct batch *batch;           /* being filled */
    bool paused;
    int last_slot;                 /* of the record before, a good guess for the next */
    int64_t review_ms;
};

/* Consumer with the group joined; the rebalance callback finds *intake by the opaque. NULL: why, in error. */
rd_kafka_t *intake_consumer(struct intake *intake, const struct config *config, char *error, size_t error_bytes) __attribute__((warn_unused_result));
/* Consumer in no group, for all partitions of the two topics, which are handed to the committer as ours; *partitions is the caller's.
 * NULL: why, in error. */
rd_kafka_t *intake_reader(const struct config *config, rd_kafka_topic_partition_list_t **partitions, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));
/* Begins to read them. */
void intake_begin(struct intake *intake, const rd_kafka_topic_partition_list_t *partitions);
/* Reads until the daemon stops, the committer failed, or (filling) all is there. */
void intake_run(struct intake *intake);
void intake_close(struct intake *intake);

#endif
