#ifndef BIHUAN_INGEST_COMMITTER_H
#define BIHUAN_INGEST_COMMITTER_H
/* The thread that turns batches into commits. Redis calls block here and nowhere else. */
#include "common/histogram.h"
#include "ingest/dead_letter.h"
#include "ingest/filling.h"
#include "ingest/lane.h"
#include "ingest/meters.h"

struct committer {
    struct store store;
    struct changer changer;
    struct standing standing;
    struct dead_letters letters;
    struct batch *batch;        /* under way */
    struct handover *handover;  /* borrowed */
    rd_kafka_t *consumer;       /* borrowed */
    struct ingest_meters *meters; /* borrowed; NULL: none */
    struct filling *filling;    /* borrowed; NULL: this is the consumer that runs. Else nothing is sent: no dead letter, no offset */
    struct lane *lane;          /* [shards] */
    struct position *ends;      /* [slot], of the batch under way */
    int64_t *first;             /* [slot], its first offsets */
    bool replan;                /* where to begin must be worked out anew */
    int64_t beat_ms, advance_ms, offsets_ms, review_ms, watch_ms, log_ms; /* when each was done, monotonic */
    uint64_t records, bad, batches, refused; /* for the log, as the next */
    struct histogram latency_ms;             /* from Kafka's timestamp to the commit, since the last line */
    _Atomic bool reached;       /* filling: all is applied that should be; the consumer should stop */
    _Atomic bool failed;        /* gave up: `store.fault` says why; the consumer should stop */
};

/* Opens the store and, unless it is one to be filled, the producer of dead letters. False: why, in error. Needs committer_close even then. */
bool committer_open(struct committer *committer, const struct config *config, const struct ruleset *set, struct handover *handover,
                    rd_kafka_t *consumer, struct filling *filling, char *error, size_t error_bytes) __attribute__((warn_unused_result));
void committer_close(struct committer *committer);

/* Works until the handover has ended and is empty; the thread's function. */
void *committer_run(void *committer);

#endif
