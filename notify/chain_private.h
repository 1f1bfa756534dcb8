#ifndef BIHUAN_NOTIFY_CHAIN_PRIVATE_H
#define BIHUAN_NOTIFY_CHAIN_PRIVATE_H
/* Within notify/chain*.c: what a chain is made of. */
#include "notify/chain.h"

struct chain_link {
    unsigned shard;
    uint64_t seq;
    char hash[CHAIN_HASH_BYTES];
    int64_t at_ms;
    bool acknowledged;
    struct chain_link *prev, *next; /* utlist: not acknowledged, or behind one that is not */
};

struct chain_shard {
    uint64_t seq;                        /* of the last record; 0: none yet */
    char hash[CHAIN_HASH_BYTES];         /* its hash */
    int64_t at_ms;                       /* when it was linked */
    struct chain_link *first;
    uint64_t acknowledged;               /* up to here without a gap */
    char acknowledged_hash[CHAIN_HASH_BYTES];
    int64_t acknowledged_ms;
    uint64_t noted;                      /* what Redis has as the head */
    struct chain_head *after;            /* [afters], owned: what the first record is tied to */
    size_t afters;
};

struct chain {
    char name[CHAIN_NAME_BYTES];
    unsigned shards;
    struct chain_shard *shard; /* [shards] */
    uint64_t epoch;            /* of the link when heads were noted last: another server may have none of them */
};

/* Heads that stand, into `after` of each shard. False: lost. */
bool chain_read_heads(struct chain *chain, struct store *store) __attribute__((warn_unused_result));

#endif
