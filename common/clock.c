/* Real time, and the business time that all daemons share. Business time is
 * worked out from the monotonic clock and an offset to Redis TIME, so reading it
 * costs no round trip; the offset is asked for again once a second.
 *
 * The trap: an offset that jumps back must not take business time along; it
 * stands still until it is overtaken. */
#include "common/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/alloc.h"

static int64_t (*injected_real_ms)(void);
static int64_t (*injected_monotonic_us)(void);

void clock_inject(int64_t (*real_ms)(void), int64_t (*monotonic_us)(void))
{
    injected_real_ms = real_ms;
    injected_monotonic_us = monotonic_us;
}

int64_t clock_real_ms(void)
{
    if (injected_real_ms) return injected_real_ms();
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_us(void)
{
    if (injected_monotonic_us) return injected_monotonic_us();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

static bool fail(struct business_clock *clock, const char *reason)
{
    snprintf(clock->error, sizeof clock->error, "%s", reason);
    return false;
}

/* Redis TIME − monotonic, taken in the middle of the round trip. */
static bool sync_offset(struct business_clock *clock)
{
    int64_t before_us = clock_monotonic_us(), now_ms;
    clock->synced_us = before_us;
    if (!clock->link) now_ms = clock_real_ms();
    else if (!redis_time_ms(clock->link, &now_ms)) return fail(clock, clock->link->error);
    int64_t middle_us = before_us + (clock_monotonic_us() - before_us) / 2;
    atomic_store_explicit(&clock->offset_us, now_ms * 1000 - middle_us, memory_order_relaxed);
    return true;
}

/* Reads "anchor start speed" as agreed_anchor wrote it. */
static bool parse_anchor(struct business_clock *clock, const char *text)
{
    int64_t anchor_ms, start_ms;
    double speed;
    if (sscanf(text, "%" SCNd64 " %" SCNd64 " %lf", &anchor_ms, &start_ms, &speed) != 3) return fail(clock, "the clock's anchor in Redis cannot be read");
    if (start_ms != clock->start_ms || fabs(speed - clock->speed) > 1e-9 * clock->speed) {
        snprintf(clock->error, sizeof clock->error,
                 "the clock's anchor %.100s in Redis was made for start %" PRId64 " ms and speed %g, the configuration has %" PRId64 " ms and %g",
                 clock->anchor_key, start_ms, speed, clock->start_ms, clock->speed);
        return false;
    }
    clock->anchor_ms = anchor_ms;
    return true;
}

/* Agrees the anchor: ours if nobody was first. Once one is known it is the one
 * offered, so that an anchor lost in Redis comes back the same. */
static bool sync_anchor(struct business_clock *clock)
{
    int64_t now_ms = (atomic_load(&clock->offset_us) + clock_monotonic_us()) / 1000;
    char ours[96];
    snprintf(ours, sizeof ours, "%" PRId64 " %" PRId64 " %.17g", clock->anchor_ms ? clock->anchor_ms : now_ms, clock->start_ms, clock->speed);
    redisReply *reply = redis_command(clock->link, "SET %s %s NX", clock->anchor_key, ours);
    if (!reply) return fail(clock, clock->link->error);
    freeReplyObject(reply);
    reply = redis_command(clock->link, "GET %s", clock->anchor_key);
    if (!reply) return fail(clock, clock->link->error);
    bool good = reply->type == REDIS_REPLY_STRING ? parse_anchor(clock, reply->str) : fail(clock, "the clock's anchor in Redis is gone");
    freeReplyObject(reply);
    return good;
}

bool clock_sync(struct business_clock *clock)
{
    if (clock->mode == BUSINESS_FIXED) return true;
    if (!sync_offset(clock)) return false;
    return clock->mode == BUSINESS_REAL || sync_anchor(clock);
}

static void clear(struct business_clock *clock, enum business_mode mode, struct redis *link)
{
    memset(clock, 0, sizeof *clock);
    clock->mode = mode;
    clock->link = link;
    atomic_init(&clock->last_ms, INT64_MIN);
}

bool clock_open_real(struct business_clock *clock, struct redis *link)
{
    clear(clock, BUSINESS_REAL, link);
    return clock_sync(clock);
}

bool clock_open_scaled(struct business_clock *clock, struct redis *link, const char *anchor_key, int64_t start_ms, double speed)
{
    clear(clock, BUSINESS_SCALED, link);
    clock->anchor_key = xstrdup(anchor_key);
    clock->start_ms = start_ms;
    clock->speed = speed;
    if (clock_sync(clock)) return true;
    free(clock->anchor_key);
    clock->anchor_key = NULL;
    return false;
}

void clock_open_fixed(struct business_clock *clock, int64_t now_ms)
{
    clear(clock, BUSINESS_FIXED, NULL);
    clock_set(clock, now_ms);
}

void clock_set(struct business_clock *clock, int64_t now_ms)
{
    atomic_store(&clock->last_ms, now_ms);
}

void clock_close(struct business_clock *clock)
{
    if (!clock) return;
    free(clock->anchor_key);
    clock->anchor_key = NULL;
    clock->link = NULL;
}

int64_t clock_business_read_ms(struct business_clock *clock)
{
    int64_t last_ms = atomic_load_explicit(&clock->last_ms, memory_order_relaxed);
    if (clock->mode == BUSINESS_FIXED) return last_ms;
    int64_t now_us = clock_monotonic_us() + atomic_load_explicit(&clock->offset_us, memory_order_relaxed), now_ms = now_us / 1000;
    if (clock->mode == BUSINESS_SCALED) now_ms = clock->start_ms + (int64_t)((double)(now_us - clock->anchor_ms * 1000) / 1000 * clock->speed);
    while (now_ms > last_ms)
        if (atomic_compare_exchange_weak_explicit(&clock->last_ms, &last_ms, now_ms, memory_order_relaxed, memory_order_relaxed)) return now_ms;
    return last_ms;
}

int64_t clock_business_ms(struct business_clock *clock)
{
    bool askable = clock->mode != BUSINESS_FIXED && (!clock->link || (clock->link->context && !clock->link->owed));
    if (askable && clock_monotonic_us() - clock->synced_us >= (int64_t)CLOCK_SYNC_MS * 1000) (void)!clock_sync(clock);
    return clock_business_read_ms(clock);
}

int64_t clock_shared_ms(struct business_clock *clock)
{
    if (clock->mode == BUSINESS_FIXED) return clock_real_ms();
    return (clock_monotonic_us() + atomic_load_explicit(&clock->offset_us, memory_order_relaxed)) / 1000;
}

int64_t clock_shared_at_ms(const struct business_clock *clock, int64_t business_ms)
{
    if (business_ms == INT64_MAX || clock->mode == BUSINESS_FIXED) return INT64_MAX;
    if (clock->mode == BUSINESS_REAL) return business_ms;
    return clock->anchor_ms + (int64_t)ceil((double)(business_ms - clock->start_ms) / clock->speed);
}
