#ifndef BIHUAN_INGEST_STANDING_H
#define BIHUAN_INGEST_STANDING_H
/* Where each shard stands in each partition that is ours, as Redis has it, and
 * where to begin reading therefore. The committer's own. */
#include "ingest/handover.h"
#include "sla/store.h"

struct standing {
    struct store *store;            /* borrowed */
    rd_kafka_t *consumer;           /* borrowed; asked for the ends of logs */
    struct assignment *assignment;  /* owned, NULL for none */
    uint64_t generation;            /* of the batches that count now */
    struct position *position;      /* [slot × shards + shard] */
    struct position *done;          /* [slot]: after the last record that all shards have seen */
    bool *stopped;                  /* [slot]: a gap */
    bool *recreated;                /* [slot]: to be read from its beginning */
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

struct position *standing_at(const struct standing *standing, int slot, unsigned shard);
/* The commit of a move of one slot in one shard; texts into *texts, which must outlive it. */
struct position_texts {
    char expected[POSITION_BYTES], value[POSITION_BYTES];
};
struct commit_position standing_move(const struct standing *standing, int slot, unsigned shard, const struct position *to,
                                     struct position_texts *texts);
void standing_free(struct standing *standing);

#endif
