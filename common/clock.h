#ifndef BIHUAN_COMMON_CLOCK_H
#define BIHUAN_COMMON_CLOCK_H
/* The two clocks. Real time decides leases, retries, time-outs, signatures;
 * business time decides timers, sending hours and ages, is shared by all daemons
 * through Redis TIME, may run scaled, and never goes back in a process. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/redis.h"

/* Wall clock of this machine, ms UTC since 1970. */
int64_t clock_real_ms(void);
/* A clock that only goes forward; ms (us) since some fixed instant. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);
/* For tests: functions that stand in for the machine's clocks, NULL for the
 * machine's own. Before any thread. */
void clock_inject(int64_t (*real_ms)(void), int64_t (*monotonic_us)(void));

enum business_mode { BUSINESS_REAL, BUSINESS_SCALED, BUSINESS_FIXED };
enum { CLOCK_SYNC_MS = 1000 };

struct business_clock {
    enum business_mode mode;
    struct redis *link;     /* borrowed; NULL: the machine's real time stands in for Redis TIME */
    char *anchor_key;       /* owned; scaled only */
    int64_t start_ms, anchor_ms;
    double speed;
    _Atomic int64_t offset_us; /* Redis TIME − monotonic */
    _Atomic int64_t last_ms;   /* the highest value given, or the fixed one */
    int64_t synced_us;         /* monotonic time of the last attempt */
    char error[REDIS_ERROR_BYTES];
};

/* Business time = Redis TIME through `link` (borrowed, outlives the clock).
 * NULL link: this machine's clock, for verbs without a server. False: Redis
 * could not be asked; error says why. */
bool clock_open_real(struct business_clock *clock, struct redis *link) __attribute__((warn_unused_result));
/* Business time = start_ms + (Redis TIME − anchor) × speed. The anchor is Redis TIME
 * at the very first start, agreed by SET anchor_key … NX; it holds start and speed
 * as well, and other values there are an error. link not NULL; speed > 0. */
bool clock_open_scaled(struct business_clock *clock, struct redis *link, const char *anchor_key, int64_t start_ms,
                       double speed) __attribute__((warn_unused_result));
/* A clock that stands at now_ms until clock_set; for tests and pure verbs. */
void clock_open_fixed(struct business_clock *clock, int64_t now_ms);
/* Moves a fixed clock, in either direction. */
void clock_set(struct business_clock *clock, int64_t now_ms);
/* Frees what the clock owns. Accepts NULL. */
void clock_close(struct business_clock *clock);

/* Business time now, ms UTC. Asks Redis again at most each CLOCK_SYNC_MS, and only
 * when the link is connected and owes no replies; so for the thread that owns the link. */
int64_t clock_business_ms(struct business_clock *clock);
/* The same without ever asking Redis; any thread. */
int64_t clock_business_read_ms(struct business_clock *clock);
/* Real time as all hosts share it, ms UTC: Redis TIME as of the last time that it was asked, carried on.
 * A fixed clock gives this machine's. */
int64_t clock_shared_ms(struct business_clock *clock);
/* The real time, as clock_shared_ms counts it, at which business time reaches an instant; INT64_MAX where it never does. */
int64_t clock_shared_at_ms(const struct business_clock *clock, int64_t business_ms);
/* Asks Redis now. False: error; the clock runs on from what it knew. */
bool clock_sync(struct business_clock *clock);

#endif
