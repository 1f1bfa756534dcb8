#ifndef BIHUAN_SLA_TIMERS_H
#define BIHUAN_SLA_TIMERS_H
/* Timers: cases whose instant has come are folded anew and committed. Any number
 * of these may run; what one leaves behind the next finds. */
#include "sla/store.h"

struct timers {
    struct store *store;     /* borrowed */
    struct changer changer;
    int64_t grace_ms, batch;
    char owner[64];          /* names this daemon to the others */
    uint64_t fired, refused, mended;
    unsigned sweep_shard;    /* where the sweep is */
    struct store_cursor sweep_cursor;
};

/* batch: cases of a shard taken at once. */
void timers_open(struct timers *timers, struct store *store, const struct rules *rules, int64_t grace_ms, int64_t batch);
void timers_close(struct timers *timers);

/* Fires what is due in every shard, once through. STORE_DONE: *more tells whether
 * there is more to do at once. STORE_LOST: recover the store, then go on. */
enum store_result timers_fire(struct timers *timers, bool *more) __attribute__((warn_unused_result));

/* Looks at the next few hundred cases for one whose timer or outbox entry is
 * missing, and mends it. Nothing in the commits can lose one; a damaged
 * backup or a hand in Redis can. */
enum store_result timers_sweep(struct timers *timers) __attribute__((warn_unused_result));

#endif
