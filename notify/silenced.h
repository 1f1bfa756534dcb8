#ifndef BIHUAN_NOTIFY_SILENCED_H
#define BIHUAN_NOTIFY_SILENCED_H
/* Whom silences concern: a look at all cases. */
#include "sla/store.h"

struct silenced {
    int64_t cases;   /* open ones of the unit or item, */
    int64_t notices; /* and the notices that are owed about these, tried or not */
};

/* Counts them for each of `count` silences, in one walk: of those in force only what waits because of it (of several, the
 * one that ends last), of others what they would reach. */
enum store_result silenced_count(struct store *store, int64_t grace_ms, const struct silence *silence, size_t count, struct silenced *counts)
    __attribute__((warn_unused_result));

#endif
