#ifndef BIHUAN_INGEST_STANDING_H
#define BIHUAN_INGEST_STANDING_H
/* Where each shard stands in each partition that is ours, as Redis has it, and
 * where to begin reading therefore. The committer's own. */
#include "ingest/handover.h"
#include "sla/store.h"

/* By what a log is known again while it is read: of what was read before, no record is newer than the newest that was
 * seen, so the first record that is newer lies behind. In another log it lies at the front. */
struct witness {
    int64_t newest_ms;         /* Kafka timestamp of the newest record read; 0: none */
    int64_t asked_ms, asked_next; /* that, and the next offset, when it was looked at last; asked_ms 0: not yet */
    bool ordered;              /* it was found so once: from then on anything else means another log */
};

struct standing {
    struct store *store;            /* borrowed */
    rd_kafka_t *consumer;           /* borrowed; asked for the ends of logs */
    struct assignment *assignment;  /* owned, NULL for none */
    uint64_t generation;            /* of the batches that count now, */
    const struct rulebook *book;    /* and what they are decoded by; the store's of then */
    struct position *position;      /* [slot × shards + shard] */
    struct position *done;          /* [slot]: after the last record that all shards have seen */
    bool *stopped;                  /* [slot]: a gap */
    bool *recreated;                /* [slot]: to be read from its beginning */
    const struct position *limit;   /* [slot × shards + shard], borrowed: nothing is applied or moved beyond it; NULL: no limit */
    struct witness *witness;        /* [slot] */
    char (*field)[POSITION_FIELD_BYTES]; /* [slot] */
};

enum standing_result { STANDING_READY, STANDING_LOST, STANDING_AGAIN };

/* Takes over an assignment (NULL: none). */
void standing_set(struct standing *standing, struct assignment *assignment);
/* Reads the positions and works out where to begin; sets the first position of what is
 * new, resets what was re-created. READY: *list (the caller's) is to be given to the consumer. AGAIN: the broker
 * could not be asked, or another commit came between: call again soon. */
enum standing_result standing_plan(struct standing *standing, struct start_list **list) __attribute__((warn_unused_result));
/* Reads the positions alone, after a refusal or a lost link. READY: *rewind tells whether
 * some shard stands before what `first` (a next offset for each slot, INT64_MAX: none) begins with. */
enum standing_result standing_reload(struct standing *standing, const int64_t *first, bool *rewind) __attribute__((warn_unused_result));
/* Some partition is stopped at a gap? */
bool standing_has_gap(const struct standing *standing);
/* Brings shards that lag behind `done` up to it. */
enum standing_result standing_advance(struct standing *standing) __attribute__((warn_unused_result));

/* Every few seconds: marks slots whose log is another one by now, though it reaches beyond what was read. True: there is
 * one, plan anew. */
bool standing_watch(struct standing *standing) __attribute__((warn_unused_result));
/* Some slot was read from and has no witness yet? Then watch at once. */
bool standing_unwatched(const struct standing *standing);

struct position *standing_at(const struct standing *standing, int slot, unsigned shard);
/* What a shard moves to that would move to `to`: not beyond its limit. */
struct position standing_cap(const struct standing *standing, int slot, unsigned shard, struct position to);
/* Does a shard take the record at this offset: not before it, and not beyond its limit? */
bool standing_takes(const struct standing *standing, int slot, unsigned shard, int64_t offset);
/* The commit of a move of one slot in one shard; texts into *texts, which must outlive it. */
struct position_texts {
    char expected[POSITION_BYTES], value[POSITION_BYTES];
};
struct commit_position standing_move(const struct standing *standing, int slot, unsigned shard, const struct position *to,
                                     struct position_texts *texts);
void standing_free(struct standing *standing);

#endif
