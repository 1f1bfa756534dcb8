#ifndef BIHUAN_INGEST_FILLING_H
#define BIHUAN_INGEST_FILLING_H
/* A store being filled from the topics beside the running one: how far to read, what to leave out, how far it is.
 *
 * Where the other store runs, each shard is filled up to where that store's shard stands and no further: up to there every record has
 * been decided, its dead letter kept. Else, to the ends of the logs. */
#include "common/config.h"
#include "ingest/refused.h"
#include "ingest/standing.h"

enum { FILLING_NAMED_MAX = 20 };

/* A record that is no good event, and was not known from the dead letters. */
struct bad_record {
    char topic[TOPIC_BYTES];
    int32_t partition;
    int64_t offset;
    char reason[200];
};

struct filling {
    struct refused refused;
    struct position *limit; /* [slot × shards]; next -1: the other store has nothing there; NULL: to the ends of the logs */
    bool *ended;            /* [slot]: the end of the log was met */
    int64_t *begun, *end;   /* [slot]: offsets, for the progress */
    size_t slots;
    bool reached;           /* all is where it should be; the committer's thread */
    uint64_t left_out, bad; /* records: known from the dead letters; bad besides */
    struct bad_record named[FILLING_NAMED_MAX];
    int64_t began_ms, said_ms; /* monotonic */
    bool started;              /* `begun` is set */
    bool terminal;
};

/* For as many slots as partitions. Then the limits, and only then the dead letters (refused_load): those of all that is below a limit
 * are there. */
void filling_open(struct filling *filling, size_t slots);
void filling_free(struct filling *filling);
/* Takes the positions of the other store, whose partitions are those of the list in its order, as limits. False: store->fault. */
bool filling_limit(struct filling *filling, struct store *store, const rd_kafka_topic_partition_list_t *partitions) __attribute__((warn_unused_result));
/* Where the logs begin and end, and whether the target's positions are within: a log whose beginning is gone, or that goes on behind
 * where the target stands, cannot be read (from an empty target it may be, with accept_gap). False: why, in error. */
bool filling_check(struct filling *filling, struct store *target, rd_kafka_t *consumer, const rd_kafka_topic_partition_list_t *partitions,
                   bool accept_gap, char *error, size_t error_bytes) __attribute__((warn_unused_result));

/* Does no shard want the record, as none of the other store's has it? Any thread, once the limits are taken. */
bool filling_is_beyond(const struct filling *filling, int slot, int64_t offset);

/* Reading begins there; what was known of ends is void. */
void filling_begin(struct filling *filling, const struct start_list *list);
/* Is all where it should be? */
bool filling_reaches(const struct filling *filling, const struct standing *standing);
/* A batch is applied: counts and names what was bad in it. */
void filling_note(struct filling *filling, const struct batch *batch);
/* Says how far it is, on stderr, when it is time. */
void filling_say(struct filling *filling, const struct standing *standing);
/* The same at the end; `whole`: all is there. */
void filling_say_end(struct filling *filling, const struct standing *standing, bool whole);

extern const char filling_refused[]; /* reason of a record that is left out as a dead letter of then */

#endif
