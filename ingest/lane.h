#ifndef BIHUAN_INGEST_LANE_H
#define BIHUAN_INGEST_LANE_H
/* One shard's part of a batch: its items in the order of the log, the cases that
 * they touch, and the commit that applies them and moves the shard's positions. */
#include "ingest/standing.h"

#include "ingest/batch.h"

enum item_role {
    ITEM_EVENT, /* the event, on its own case */
    ITEM_LINK,  /* the event, on the ticket that it names */
    ITEM_APPELLANT, /* its appeal, to those of its citizen about this matter */
    ITEM_PLACE,     /* the same, to those of all citizens */
    ITEM_DEAD,  /* a bad record, counted in one shard */
};
struct item {
    struct record *record;
    enum item_role role;
};

/* What a lane needs of its committer. All borrowed. */
struct lane_context {
    struct store *store;
    struct changer *changer;
    struct standing *standing;
    struct pool *texts; /* that live as long as the batch */
    bool spoiled;       /* a record turned out to be one that cannot be applied: sort the batch again */
};

struct lane_case; /* a case that the lane touches */

struct lane {
    unsigned shard;
    struct item *item;
    size_t items, room;
    /* Of the load and commit under way: */
    size_t from, to;          /* items */
    bool last;                /* the items reach the end of the batch */
    struct lane_case **slot;  /* of each item in from..to; NULL for a dead one */
    struct lane_case *cases;  /* in order of first touch */
    struct lane_case *hashed;
    size_t case_count;
    struct pool pool;
};

void lane_add(struct lane *lane, struct record *record, enum item_role role);
/* Forgets the items, keeps room. */
void lane_clear(struct lane *lane);
void lane_free(struct lane *lane);

/* Asks for the cases of items from..to. False: lost. */
bool lane_load(struct lane *lane, struct lane_context *context, size_t from, size_t to) __attribute__((warn_unused_result));
/* Takes them, folds, and sends the commit; `ends` holds for each slot where the batch ends (next -1: the batch has
 * nothing of it), used when `to` is the lane's last item. */
enum store_result lane_commit(struct lane *lane, struct lane_context *context, const struct position *ends)
    __attribute__((warn_unused_result));
/* Takes the answer; STORE_DONE has moved the standing. */
enum store_result lane_settle(struct lane *lane, struct lane_context *context, const struct position *ends)
    __attribute__((warn_unused_result));

/* Makes a record, or its link or appeal alone, one that is not applied; sets context->spoiled. */
void lane_spoil(struct lane_context *context, const struct item *item, const char *reason);

/* The position after a record. */
struct position position_after(const rd_kafka_message_t *message);

#endif
