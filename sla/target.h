#ifndef BIHUAN_SLA_TARGET_H
#define BIHUAN_SLA_TARGET_H
/* The server that a rebuild goes into, before the store is opened there: may it be taken at all, and what it is to begin with. */
#include "common/config.h"
#include "common/redis.h"
#include "sla/store.h"

enum target_kind {
    TARGET_EMPTY,   /* nothing is there */
    TARGET_BACKUP,  /* a copy of the running store: rebuilding goes on from its positions */
    TARGET_BEGUN,   /* a rebuild of the running store, begun before */
    TARGET_REFUSED, /* not to be touched: why, in fault */
};

struct target {
    struct config config; /* ours, with the target's address; borrows from the one given */
    enum target_kind kind;
    char life[STORE_LIFE_BYTES]; /* names the rebuild: the target's own */
    long long cases;             /* that are there */
    char fault[STORE_FAULT_BYTES];
};

/* Looks at `address`. `running`: the store that runs, open; NULL: it is gone. Writes nothing. */
void target_look(struct target *target, const struct config *config, const char *address, struct store *running);
/* Makes it one of ours to be filled: marks it, takes over the running store's clock and rules, lets go of what a backup held up. False: fault. */
bool target_prepare(struct target *target, struct store *running) __attribute__((warn_unused_result));
/* Appends to the target's records of the rules those that the running store has more. False: fault, also where they are no
 * continuation. */
bool target_take_rules(struct target *target, struct redis *link, struct store *running) __attribute__((warn_unused_result));
/* Is a rebuild under way there, so that it may be filled? False: fault. */
bool target_is_prepared(struct target *target, const struct config *config, const char *address) __attribute__((warn_unused_result));
/* It is the store from now on. False: fault. */
bool target_finish(struct target *target, struct store *store) __attribute__((warn_unused_result));

#endif
