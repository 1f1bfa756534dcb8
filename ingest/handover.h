#ifndef BIHUAN_INGEST_HANDOVER_H
#define BIHUAN_INGEST_HANDOVER_H
/* Between the two threads of ingest. The consumer hands batches and assignments to
 * the committer, in order; the committer hands back where each partition
 * begins. Bounded: while it is full the consumer keeps its batch, and pauses. */
#include <pthread.h>

#include "ingest/batch.h"
#include "ingest/position.h"
#include "sla/rulebook.h"

enum { SLOTS_MAX = 4096, CHECKS_MAX = 64, TOPIC_BYTES = 250 };

/* A partition that is ours; its index is the record's slot. */
struct slot {
    char topic[TOPIC_BYTES];
    int32_t partition;
};

/* What the group gave us. */
struct assignment {
    uint64_t id; /* counts up; 0: never */
    size_t count;
    struct slot *slot;
};
struct assignment *assignment_new(uint64_t id, const rd_kafka_topic_partition_list_t *list);
void assignment_free(struct assignment *assignment);

/* Where to begin in a slot, and which records to know again on the way. */
struct start {
    bool stopped; /* a gap: not read until accepted */
    int64_t offset;
    size_t checks;
    struct position check[CHECKS_MAX]; /* by rising offset */
};
struct start_list {
    uint64_t assignment; /* that it is for */
    uint64_t generation; /* that batches read from it bear */
    const struct rulebook *book; /* to decode them by; borrowed from the store, which keeps it */
    size_t count;
    struct start *start;
};
void start_list_free(struct start_list *list);

enum parcel_kind {
    PARCEL_BATCH,
    PARCEL_ASSIGNMENT,
    PARCEL_RECREATED, /* the log of `slot` is another one than was read before */
    PARCEL_REVIEW,    /* the consumer was told that an offset is not there: look again */
    PARCEL_END,       /* the end of the log of `slot` was met, reading under `generation` */
};
struct parcel {
    enum parcel_kind kind;
    struct batch *batch;
    struct assignment *assignment;
    int slot;
    uint64_t generation;
    struct parcel *next;
};

struct handover {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    struct parcel *first, **last;
    size_t batches, records, bytes;          /* waiting or being committed */
    size_t batches_max, records_max, bytes_max;
    struct start_list *starts;               /* newest not yet taken */
    bool closed;
};

void handover_open(struct handover *handover, size_t batches_max, size_t records_max, size_t bytes_max);
void handover_close_and_free(struct handover *handover);

/* The consumer's side. Takes the batch and returns true; or false after wait_ms when it is
 * full: the batch stays the caller's. */
bool handover_give(struct handover *handover, struct batch *batch, int wait_ms);
/* Never refused: assignment (taken over), recreated, review. */
void handover_tell(struct handover *handover, enum parcel_kind kind, struct assignment *assignment, int slot);
/* Never refused: the end of a slot's log. */
void handover_tell_end(struct handover *handover, int slot, uint64_t generation);
/* The newest start list, or NULL; the caller's. */
struct start_list *handover_starts(struct handover *handover);
/* Nothing more will come; the committer empties what is there. */
void handover_end(struct handover *handover);

/* The committer's side. The next parcel within wait_ms, else kind PARCEL_BATCH with batch NULL. False once
 * ended and empty. */
bool handover_take(struct handover *handover, struct parcel *parcel, int wait_ms);
/* A batch is done with, and freed. */
void handover_done(struct handover *handover, struct batch *batch);
/* Replaces the list that waits; taken over. */
void handover_start(struct handover *handover, struct start_list *list);

#endif
