#ifndef BIHUAN_SLA_TIMERS_H
#define BIHUAN_SLA_TIMERS_H
/* Timers: cases whose instant has come are folded anew and committed. A deadline that passed is published
 * as clock.overdue at once, before its commit notes that it was told. Any number
 * of these may run; what one leaves behind the next finds. */
#include "common/kafka.h"
#include "sla/store.h"

struct timers {
    struct store *store;     /* borrowed */
    struct changer changer;
    const struct config *config;      /* borrowed */
    struct kafka_producer *producer;  /* NULL: nothing is published here (shadow) */
    struct demands demands;
    struct fold fold;
    int64_t batch;
    char owner[64];          /* names this daemon to the others */
    uint64_t fired, refused, mended, published, shrunk;
    unsigned sweep_shard;    /* where the sweep is */
    struct store_cursor sweep_cursor;
    int64_t shrink_upto_ms;  /* what retired up to this record time the sweep shrinks */
    int64_t looked_ms;       /* monotonic, of the last look at how far the log is read */
};

/* False: why, in error. Needs timers_close even then. */
bool timers_open(struct timers *timers, struct store *store, const struct config *config, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));
void timers_close(struct timers *timers);

/* Fires what is due in every shard, once through. STORE_DONE: *more tells whether
 * there is more to do at once. STORE_LOST: recover the store, then go on. */
enum store_result timers_fire(struct timers *timers, bool *more) __attribute__((warn_unused_result));

/* Looks at the next few hundred cases for one whose timer or outbox entry is
 * missing, and mends it. Nothing in the commits can lose one; a damaged
 * backup or a hand in Redis can. Shrinks those that are past their retention, removes
 * gathered appeals that are past. */
enum store_result timers_sweep(struct timers *timers) __attribute__((warn_unused_result));

#endif
