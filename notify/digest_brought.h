#ifndef BIHUAN_NOTIFY_DIGEST_BROUGHT_H
#define BIHUAN_NOTIFY_DIGEST_BROUGHT_H
/* What digests have brought, as notices ask about it one by one: lists are read from the store once for each digest, and kept. */
#include <uthash.h>

#include "sla/store_brought.h"

struct brought_lists {
    struct brought_list *list; /* by recipient; uthash */
    size_t ids;                /* in all */
};
enum { BROUGHT_KEPT_MAX = 1 << 20 /* ids kept; then all are read anew */ };

enum brought_answer { BROUGHT_NO, BROUGHT_YES, BROUGHT_UNKNOWN /* there is no list of that digest */ };

/* Did the recipient's digest of that instant, which was delivered, bring the notice? */
enum brought_answer brought_ask(struct brought_lists *lists, struct store *store, uint64_t recipient, int64_t instant_ms, uint64_t id);
/* Forgets all. Accepts one that is all zero. */
void brought_forget(struct brought_lists *lists);

#endif
