#ifndef BIHUAN_SLA_METERS_H
#define BIHUAN_SLA_METERS_H
/* What the timer daemon shows under /metrics: looked up about once a second, so that firing costs nothing more. */
#include "common/metrics_page.h"
#include "sla/timers.h"

struct timer_meters {
    struct metrics *metrics;
    struct metrics_page page;
    struct series *fired, *published, *refused, *mended, *shrunk, *sweeps, *lag, *progress, *cases;
    unsigned sweep_shard; /* at the last look */
    int64_t counted_ms;   /* monotonic: when cases were counted last */
};

/* Adds the families, and serves them where the configuration says. False: why, in error. */
bool timer_meters_open(struct timer_meters *meters, const struct config *config, char *error, size_t error_bytes) __attribute__((warn_unused_result));
void timer_meters_close(struct timer_meters *meters);
/* False: the store is lost. */
bool timer_meters_look(struct timer_meters *meters, const struct timers *timers) __attribute__((warn_unused_result));

#endif
