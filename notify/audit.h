#ifndef BIHUAN_NOTIFY_AUDIT_H
#define BIHUAN_NOTIFY_AUDIT_H
/* The ledger's chains checked (docs/PROOF.md). Pure: records are handed over in any order, once each, and at the end it is said what is
 * wrong. Some questions need a second look at the log: which records they are about, and hashes that were forgotten meanwhile.
 *
 * Memory: 41 bytes for each place in a block of AUDIT_BLOCK records of one chain, as long as not all of the block are there and fit, then
 * 3; and 1.6 KB a chain. So most of it follows how far partitions are read apart and how many writers there were. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AUDIT_HASH_BYTES = 16, /* of 32, as many as are compared */
    AUDIT_BLOCK = 32,
    AUDIT_FAULTS_MAX = 1000,   /* kept; all are counted */
    AUDIT_NOTES_MAX = 1000000, /* ties, and records of places that were taken already */
    AUDIT_WANTED_MAX = 100000, /* questions for the second look */
    AUDIT_CASE_BYTES = 132,
    AUDIT_SLACK_MS = 60000,    /* between the clocks of writers and brokers */
};

/* A place in the log of the ledger. */
struct audit_place {
    unsigned shard;
    uint64_t chain, seq;
};

struct audit_record {
    struct audit_place place;
    unsigned char hash[AUDIT_HASH_BYTES], prev[AUDIT_HASH_BYTES]; /* prev: only where seq > 1 */
    int64_t prev_ms;                                              /* when the one before it was linked, as it says */
};

enum audit_kind {
    AUDIT_MISSING, /* from place.seq to seq_to: not in the log */
    AUDIT_CHANGED, /* the record is not the one that the next one names */
    AUDIT_HEAD,    /* it is not the one that Redis, or a later chain, names */
    AUDIT_FORKED,  /* two different records say that they are this one */
    AUDIT_COVER,   /* its key or headers are not those that it was written with */
    AUDIT_UNCHAINED, /* it is in no chain, though the ledger was chained before */
    AUDIT_STRANGE, /* it is no record of the ledger's */
    AUDIT_LOOSE,   /* no fault: from place.seq to seq_to no head and no later chain vouches for them */
};
const char *audit_kind_name(enum audit_kind kind);

struct audit_fault {
    enum audit_kind kind;
    struct audit_place place;
    uint64_t seq_to;
    /* where it stands, once looked at again; of what is missing, the one before it. partition -1: not known */
    int32_t partition;
    int64_t offset;
    char subject[AUDIT_CASE_BYTES];
};

struct audit_sums {
    uint64_t records, chains, copies; /* copies: the same record once more, as a writer produces it that got no answer */
    uint64_t loose;                   /* records behind the last head of their chain: of the last second before a writer was killed, or just written */
    uint64_t aged;                    /* records that are gone with the front of the topic */
    uint64_t faults;
};

struct audit;
struct audit *audit_open(void);
void audit_close(struct audit *audit);

void audit_take(struct audit *audit, const struct audit_record *record);
/* That place is known to be in the log, with this hash: a head in Redis, or what a chain's first record was tied to. */
void audit_tie(struct audit *audit, const struct audit_place *place, const unsigned char hash[AUDIT_HASH_BYTES], int64_t at_ms);
/* A fault of one record that shows at the look at it. */
void audit_fault_at(struct audit *audit, enum audit_kind kind, const struct audit_place *place, int32_t partition, int64_t offset, const char *subject);
/* A partition's front is gone, and what is left of it begins at this time. */
void audit_front(struct audit *audit, int64_t front_ms);

/* Works out what is wrong with what was taken so far; again after more was taken. Sums into *sums. */
void audit_end(struct audit *audit, struct audit_sums *sums);
/* After audit_end: does anything need a second look at the whole log? loose: also where the loose ones stand. */
bool audit_wants(const struct audit *audit, bool loose);
/* A record at the second look. */
void audit_look(struct audit *audit, const struct audit_place *place, const unsigned char hash[AUDIT_HASH_BYTES], int32_t partition, int64_t offset,
                const char *subject);
/* After it: what was found; sums->faults may have grown. */
void audit_looked(struct audit *audit, struct audit_sums *sums);
/* Were there more questions than can be kept? Then not all was checked. */
bool audit_overfull(const struct audit *audit);

/* The faults, sorted by place; owned. Nothing more is taken or looked at after this. */
const struct audit_fault *audit_faults(const struct audit *audit, size_t *count);

#endif
