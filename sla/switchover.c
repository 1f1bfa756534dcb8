/* The order is the whole of it.
 *
 * The trap: a notice that was sent, and not settled when the fence came, is told in the ledger alone, and only once its record is there. So
 * nothing may be in anybody's hands when the fence comes: first all is drained. */
#include "sla/switchover.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/daemon.h"
#include "common/log.h"

enum {
    LOOK_MS = 50,
    SAY_MS = 5000,
    DRAIN_TIME_OUTS = 6, /* a dead endpoint's line: what is under way, and what waits behind it */
    DRAIN_SPARE_MS = 15000,
};

static bool fail(struct rebuilding *r, const char *where, const char *why)
{
    if (!*r->fault) snprintf(r->fault, sizeof r->fault, "%s: %.500s", where, why);
    return false;
}

/* Waits until nobody has anything in hand: an answer may take its time-out, a killed notifier's lease its length. */
static bool drain(struct rebuilding *r)
{
    int64_t began_ms = clock_monotonic_ms(), said_ms = began_ms, left;
    int64_t until_ms = began_ms + (r->config.notify.timeout_s * DRAIN_TIME_OUTS + r->config.notify.lease_s) * 1000 + DRAIN_SPARE_MS;
    while ((left = store_in_hand(&r->running)) > 0) {
        if (!rebuilding_keep(r)) return false;
        if (clock_monotonic_ms() > until_ms) return fail(r, "drain", "notices or timers are still in hand: an endpoint that does not answer? Try again");
        if (clock_monotonic_ms() - said_ms >= SAY_MS) {
            said_ms = clock_monotonic_ms();
            fprintf(stderr, "switch: %" PRId64 " still in hand\n", left);
        }
        nanosleep(&(struct timespec){0, LOOK_MS * 1000000L}, NULL);
    }
    return left == 0 || fail(r, "the running store", r->running.fault);
}

static bool let_go(struct rebuilding *r)
{
    if (r->hold == HOLD_NOTHING) return true;
    r->hold = HOLD_NOTHING;
    if (store_hold(&r->running, HOLD_NOTHING, 0, r->owner, HOLD_NOTHING)) {
        fprintf(stderr, "switch: taken back; the running store goes on\n");
        return true;
    }
    fprintf(stderr, "switch: the running store could not be let go (%s); it goes on by itself within %d s\n", r->running.fault, REBUILDING_HOLD_MS / 1000);
    return false;
}

/* The last step. Once the fence is for good the running store does not go on by itself. */
static bool send_over(struct rebuilding *r)
{
    if (!rebuilding_keep(r)) return false;
    if (!store_hold(&r->running, HOLD_FENCE, -1, r->owner, HOLD_FENCE)) return fail(r, "the running store", r->running.fault);
    if (!target_take_rules(&r->target, r->made.link, &r->running)) return fail(r, "rules", r->target.fault); /* decided in these moments: goes along */
    if (!store_move(&r->running, r->into)) {
        fprintf(stderr, "switch: the running store is fenced for good, and where to go could not be written there: run this again\n");
        return fail(r, "the running store", r->running.fault);
    }
    r->hold = HOLD_NOTHING; /* not ours to let go any more */
    r->switched = true;
    return target_finish(&r->target, &r->made) || fail(r, "the target", r->target.fault);
}

static bool catch_up(struct rebuilding *r)
{
    return rebuilding_fill(r) && rebuilding_tell(r) && rebuilding_follow_rules(r);
}

enum switch_result switchover(struct rebuilding *r)
{
    fprintf(stderr, "switch: letting what is under way end; nothing new is sent meanwhile\n");
    bool good = rebuilding_hold(r, HOLD_DRAIN) && catch_up(r) && drain(r);
    int64_t fenced_ms = clock_monotonic_ms();
    if (good) fprintf(stderr, "switch: fenced; the programs wait\n");
    good = good && rebuilding_hold(r, HOLD_FENCE) && catch_up(r) && rebuilding_compare(r);
    bool same = good && rebuilding_is_same(r);
    if (same) good = send_over(r);
    r->outage_ms = clock_monotonic_ms() - fenced_ms;
    if (!r->switched) (void)!let_go(r);
    if (good && !same) return SWITCH_DIFFERENT;
    return r->switched && good ? SWITCH_DONE : SWITCH_FAILED;
}
