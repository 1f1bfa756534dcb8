#ifndef BIHUAN_SLA_STORE_DIGESTS_H
#define BIHUAN_SLA_STORE_DIGESTS_H
/* The states of digests in Redis, bihuan:digests (sla/REDIS.md), and who works on which: a lease, by the server's time. */
#include "sla/digest_state.h"
#include "sla/store.h"

enum { STORE_DIGESTS_MAX = 1 << 20 /* fields that are read at all */ };

/* A state as it stands there. */
struct digest_entry {
    struct digest_state state;
    int64_t until_ms;               /* real time: leased until then; 0: to nobody */
    char owner[DIGEST_OWNER_BYTES]; /* to whom; "-" for nobody */
    char stored[DIGEST_TEXT_BYTES]; /* as it was read or written last; "": there is none. What a write expects to find */
};

struct digest_entries {
    struct digest_entry *at; /* by recipient */
    size_t count;
    int64_t now_ms;          /* the server's time when they were read */
};

/* Reads all, in one call. What cannot be read is left out, and said in the log. */
enum store_result store_digests_read(struct store *store, struct digest_entries *entries) __attribute__((warn_unused_result));
void digest_entries_free(struct digest_entries *entries);
/* The one of a recipient, or NULL. */
struct digest_entry *digest_entries_find(const struct digest_entries *entries, uint64_t recipient);

enum digest_put {
    DIGEST_LEASE,  /* to us, for some time more */
    DIGEST_RETURN, /* to nobody: it is settled, or to be tried again later */
    DIGEST_REMOVE, /* nothing is left of it */
};
/* Puts the states of entries in the place of what they were read as, all in one call. done[i]: it was so; else somebody else has it, or changed it, or a
 * rebuild holds the store up. `owner` (no blanks) tells us from every other; ms: length of a lease. Entries of theirs that were done stand as they
 * are now. */
enum store_result store_digests_put(struct store *store, enum digest_put put, const char *owner, int64_t ms, struct digest_entry *const *entry, bool *done,
                                    size_t count) __attribute__((warn_unused_result));

#endif
