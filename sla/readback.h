#ifndef BIHUAN_SLA_READBACK_H
#define BIHUAN_SLA_READBACK_H
/* What cases were told, read back from bihuan.ledger and bihuan.results into a store that is being rebuilt, so that nothing
 * is told again. Doing it again from the beginning comes to the same: what was told last stands.
 *
 * The store must be filled before: an entry of a case that is not there is counted and left. */
#include "sla/digest_readback.h"
#include "sla/store.h"

enum { READBACK_TOPICS = 2, READBACK_SEEN = 1 << 20 };

struct readback {
    struct store *store;         /* borrowed, as the next */
    const struct config *config;
    struct changer changer;
    struct tally *notices;       /* [shards]: figures of notices so far */
    uint64_t *seen;              /* hashes of what was counted, the newest of each place: a crash repeats a record, and it counts once */
    int64_t *next[READBACK_TOPICS]; /* by partition: where to go on */
    size_t partitions[READBACK_TOPICS];
    bool front_gone[READBACK_TOPICS];
    struct digest_readback digests;
    struct told_case *cases;     /* of the lot under way; uthash */
    struct told_case *first, **last;
    size_t entries;              /* of the lot */
    struct pool pool;
    bool (*keep)(void *context); /* called between lots; false: give up. May be NULL */
    void *context;
    uint64_t records, tolds, older, damaged, orphans; /* read; told; records without our headers; unreadable; entries of cases not there */
    int64_t began_ms, said_ms;
    bool terminal;
    char fault[STORE_FAULT_BYTES];
};

void readback_open(struct readback *readback, struct store *store, const struct config *config);
void readback_close(struct readback *readback);
/* Reads on to where both topics end now, applies, and sets the figures of notices (unless the beginning of the ledger is gone: then those
 * stay as they were). False: fault; again from the beginning then. */
bool readback_go_on(struct readback *readback) __attribute__((warn_unused_result));

#endif
