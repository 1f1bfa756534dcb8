#ifndef BIHUAN_NOTIFY_CHAIN_H
#define BIHUAN_NOTIFY_CHAIN_H
/* The ledger's chain: each record names the hash of the one before it, so that a record that is changed, taken out or put in later shows.
 * Every process that writes has a chain of its own in each shard; docs/PROOF.md says what that proves. */
#include <jansson.h>

#include "sla/store.h"

struct kafka_header;

enum {
    CHAIN_NAME_BYTES = 17, /* 16 hex digits */
    CHAIN_HASH_BYTES = 65, /* of SHA-256, in hex */
    CHAIN_HEAD_BYTES = 120, /* of a head as Redis has it: "SEQ HASH MS" */
    CHAIN_AFTER_MAX = 32,  /* heads that a chain is tied to; what else stands waits for the next chain */
};

/* The end of a chain, as far as Kafka had acknowledged it without a gap. */
struct chain_head {
    char name[CHAIN_NAME_BYTES];
    uint64_t seq;
    char hash[CHAIN_HASH_BYTES];
    int64_t at_ms; /* real time at which that record was linked */
};
/* To and from what Redis has under the chain's name; print returns the bytes without the NUL. */
size_t chain_head_print(char text[CHAIN_HEAD_BYTES], const struct chain_head *head);
bool chain_head_read(struct chain_head *head, struct text name, struct text value) __attribute__((warn_unused_result));

struct chain;      /* one process's, of all shards */
struct chain_link; /* a record of it that Kafka has not acknowledged yet */

/* Begins. Heads that stand in the shards are asked for once, here; where the store does not answer the chain is tied to none. Never
 * NULL. Names nobody else: 64 random bits. */
struct chain *chain_open(struct store *store);
/* The same without a store, for tests: `name` is the chain's, 16 hex digits. */
struct chain *chain_begin(const char *name, unsigned shards);
/* A head that stands in a shard before the chain's first record there; beyond CHAIN_AFTER_MAX it is left. */
void chain_stands(struct chain *chain, unsigned shard, const struct chain_head *head);
/* Accepts NULL. */
void chain_close(struct chain *chain);

/* What surrounds a record's value, and is proven with it. Borrowed. */
struct chain_cover {
    const void *key;
    size_t key_bytes;
    const struct kafka_header *header;
    size_t headers;
};
/* SHA-256 of it in hex: of the length of each part (8 bytes, big-endian) and its bytes, the key, then name and value of each header. */
void chain_cover_hash(char hex[CHAIN_HASH_BYTES], const struct chain_cover *cover);
void chain_hash(char hex[CHAIN_HASH_BYTES], const void *bytes, size_t count);

/* Makes a record the next of its shard's chain: sets "bears", "shard", "chain", "seq", "at_ms", "prev", "prev_ms" and, in the first, "after" of
 * `value`, and returns its text: what is produced, byte for byte, however often (json_dumps: free()). *link is for chain_acknowledged. NULL: it
 * cannot be printed; nothing is linked then. */
char *chain_print(struct chain *chain, unsigned shard, json_t *value, const struct chain_cover *cover, struct chain_link **link)
    __attribute__((warn_unused_result));
/* Kafka has it; the link is gone. In any order. */
void chain_acknowledged(struct chain *chain, struct chain_link *link);
/* Kafka has all. */
void chain_all_acknowledged(struct chain *chain);

/* About once a second, and at the end: notes in Redis how far each shard's chain is acknowledged, where that is not noted yet. False:
 * the store is lost. */
bool chain_note(struct chain *chain, struct store *store) __attribute__((warn_unused_result));

/* How far a shard's chain is acknowledged. False: nothing is. */
bool chain_acknowledged_head(const struct chain *chain, unsigned shard, struct chain_head *head);

#endif
