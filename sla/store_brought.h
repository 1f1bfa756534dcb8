#ifndef BIHUAN_SLA_STORE_BROUGHT_H
#define BIHUAN_SLA_STORE_BROUGHT_H
/* Which notices a recipient's last digest has brought, in Redis: bihuan:digests:brought (sla/REDIS.md). Written before the digest's state
 * says that it was delivered, so whoever reads that state finds the list. One that is lost costs that its notices are told once more. */
#include "sla/store.h"

#define STORE_BROUGHT "bihuan:digests:brought"
enum { BROUGHT_MAX = 1 << 14 /* of one digest */ };

struct brought {
    uint64_t recipient;
    int64_t instant_ms; /* the digest's; INT64_MIN: there is no list */
    uint64_t *id;       /* [count], ascending: of the recipient's entries (notify/part.h) */
    size_t count;
};

/* Is it in the list? */
bool brought_holds(const struct brought *brought, uint64_t id);
/* Accepts one that is all zero. */
void brought_free(struct brought *brought);

/* Writes lists, whose ids need not be in order yet: they are put so. */
enum store_result store_brought_put(struct store *store, struct brought *const *brought, size_t count) __attribute__((warn_unused_result));
/* Reads those of brought[i].recipient; what cannot be read counts as no list. Each to be given to brought_free. */
enum store_result store_brought_read(struct store *store, struct brought *brought, size_t count) __attribute__((warn_unused_result));
/* Takes lists away. */
enum store_result store_brought_remove(struct store *store, const uint64_t *recipient, size_t count) __attribute__((warn_unused_result));

#endif
