/* Lines, breakers and rates before the sender.
 *
 * The trap: what waits grows stale. So before a waiting delivery is begun its owner is asked whether it was looked at lately,
 * many at a time; and the sender asks again when the connection stands. */
#include "notify/dispatch.h"

#include <stdio.h>

#include <utlist.h>

#include "common/log.h"
#include "notify/meters.h"
#include "notify/sender.h"
#include "sla/store.h"

enum { TOGETHER = 64, HELD_MS = 1000 /* a line is not kept through a longer hold */ };

static int64_t now_ms(const struct dispatch *dispatch)
{
    return clock_shared_ms(&dispatch->store->clock);
}

/* --- answers --- */

static size_t place_of(const struct dispatch *dispatch, const struct endpoint *endpoint)
{
    return (size_t)(endpoint - dispatch->endpoints->at);
}

/* The kinds of verdicts are those of meters, in the same order. */
static void meter(const struct dispatch *dispatch, const struct delivery *delivery)
{
    char said[METERS_SAID_BYTES];
    if (delivery->verdict.error[0]) snprintf(said, sizeof said, "%.90s", delivery->verdict.error);
    else snprintf(said, sizeof said, "%ld", delivery->status);
    meters_answered(dispatch->meters, place_of(dispatch, delivery->endpoint), (enum met)delivery->verdict.kind, said, delivery->answered_ms - delivery->sent_ms,
                    delivery->answered_ms);
}

static void end(struct dispatch *dispatch, struct delivery *delivery)
{
    delivery->answered = true;
    delivery->kind->answered(dispatch->context, delivery);
}

/* Answered by ourselves: nothing was sent. */
static void end_unsent(struct dispatch *dispatch, struct delivery *delivery, enum verdict_kind kind, const char *error)
{
    delivery->verdict = (struct verdict){.kind = kind};
    meters_withheld(dispatch->meters, place_of(dispatch, delivery->endpoint));
    snprintf(delivery->verdict.error, sizeof delivery->verdict.error, "%s", error);
    end(dispatch, delivery);
}

/* What an answer means for the endpoint. */
static void note_verdict(struct dispatch *dispatch, struct endpoint *endpoint, const struct delivery *delivery)
{
    const struct verdict *verdict = &delivery->verdict;
    int64_t wait_ms = verdict->wait_ms > endpoint->channel->throttled_ms ? verdict->wait_ms : endpoint->channel->throttled_ms;
    /* Refused is an answer as well: the endpoint is there. */
    breaker_answered(&endpoint->breaker, verdict->kind == VERDICT_DELIVERED || verdict->kind == VERDICT_REFUSED, delivery->withheld, now_ms(dispatch));
    if (delivery->withheld) return;
    if (verdict->kind == VERDICT_SLOW_DOWN && wait_ms > 0) {
        endpoint->slow_until_ms = now_ms(dispatch) + wait_ms;
        log_warn("notify.slow", "endpoint=%s wait_ms=%lld answer=%s", log_quote(endpoint->config->name), (long long)wait_ms, log_quote(verdict->error));
    }
    if (verdict->kind != VERDICT_GONE || endpoint->gone) return;
    endpoint->gone = true;
    log_error("notify.gone", "endpoint=%s note=%s", log_quote(endpoint->config->name), log_quote("nothing more is sent to it until a reload"));
}

void dispatch_answered(void *context, void *opaque, const struct answer *answer)
{
    struct dispatch *dispatch = context;
    struct delivery *delivery = opaque;
    struct endpoint *endpoint = delivery->endpoint;
    delivery->answered_ms = now_ms(dispatch);
    delivery->withheld = answer->withheld;
    delivery->status = answer->status;
    if (!answer->withheld) endpoint->channel->judge(endpoint->secrets, answer, &delivery->verdict);
    endpoint->in_flight--;
    endpoint_answered(endpoint, delivery->answered_ms);
    note_verdict(dispatch, endpoint, delivery);
    if (!delivery->withheld) meter(dispatch, delivery);
    end(dispatch, delivery);
}

bool dispatch_ready(void *context, void *opaque)
{
    struct dispatch *dispatch = context;
    struct delivery *delivery = opaque;
    return !delivery->kind->ready || delivery->kind->ready(dispatch->context, delivery);
}

/* --- sending --- */

static void start(struct dispatch *dispatch, struct delivery *delivery)
{
    struct endpoint *endpoint = delivery->endpoint;
    struct request request = {.opaque = delivery};
    char error[REQUEST_ERROR_BYTES] = "the request could not be made";
    delivery->started = true;
    delivery->sent_ms = now_ms(dispatch);
    struct channel_call call = {.config = endpoint->config, .secrets = endpoint->secrets, .message = &delivery->message, .address = delivery->address,
                                .addresses = delivery->addresses, .real_ms = delivery->sent_ms};
    bool good = endpoint->channel->compose(&call, &request, delivery->pool, error);
    request.opaque = delivery;
    if (good && sender_start(dispatch->sender, &request)) {
        endpoint->in_flight++;
        return;
    }
    breaker_answered(&endpoint->breaker, false, true, delivery->sent_ms); /* the probe's place, if it was one */
    end_unsent(dispatch, delivery, good ? VERDICT_RETRY : VERDICT_REFUSED, error);
}

/* Beside those that are about to begin. */
static bool has_room(const struct dispatch *dispatch, const struct endpoint *endpoint, size_t beginning)
{
    return endpoint->in_flight + beginning < endpoint->in_flight_max && beginning < sender_room(dispatch->sender);
}

/* Does the service's rate allow one more? Then it is taken. */
static bool take_rate(struct dispatch *dispatch, struct endpoint *endpoint)
{
    if (endpoint->interval_ms == 0) return true;
    if (now_ms(dispatch) < endpoint->allowed_ms) return false;
    int64_t wait_ms = store_rate(dispatch->store, endpoint->config->name, endpoint->interval_ms, endpoint->burst);
    if (wait_ms == 0) return true;
    endpoint->allowed_ms = now_ms(dispatch) + (wait_ms < 0 ? HELD_MS : wait_ms);
    meters_rate_waited(dispatch->meters, place_of(dispatch, endpoint));
    return false;
}

static bool may_begin(struct dispatch *dispatch, struct endpoint *endpoint, size_t beginning)
{
    /* What the breaker would hold takes nothing of the rate. */
    return has_room(dispatch, endpoint, beginning) && now_ms(dispatch) >= endpoint->slow_until_ms &&
           breaker_opens_ms(&endpoint->breaker, now_ms(dispatch)) == 0 && take_rate(dispatch, endpoint) && breaker_lets(&endpoint->breaker, now_ms(dispatch));
}

static int by_rank(const struct delivery *a, const struct delivery *b)
{
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static void wait_in_line(struct delivery *delivery)
{
    DL_INSERT_INORDER(delivery->endpoint->line, delivery, by_rank);
    delivery->endpoint->waiting++;
    delivery->waits = true;
}

static void leave_line(struct delivery *delivery)
{
    if (!delivery->waits) return;
    DL_DELETE(delivery->endpoint->line, delivery);
    delivery->endpoint->waiting--;
    delivery->waits = false;
}

static bool is_fresh(const struct delivery *delivery)
{
    return !delivery->kind->is_fresh || delivery->kind->is_fresh(delivery);
}

void dispatch_send(struct dispatch *dispatch, struct delivery *delivery)
{
    struct endpoint *endpoint = delivery->endpoint;
    if (endpoint->gone) end_unsent(dispatch, delivery, VERDICT_GONE, "the endpoint is gone");
    else if (!endpoint->waiting && !endpoint->interval_ms && is_fresh(delivery) && may_begin(dispatch, endpoint, 0)) start(dispatch, delivery);
    else wait_in_line(delivery);
}

void dispatch_drop(struct delivery *delivery)
{
    leave_line(delivery);
    delivery->answered = delivery->withheld = true;
}

/* --- lines --- */

bool dispatch_is_down(const struct dispatch *dispatch, const struct endpoint *endpoint)
{
    return breaker_opens_ms(&endpoint->breaker, now_ms(dispatch)) > 0;
}

int64_t dispatch_opens_ms(struct dispatch *dispatch, struct endpoint *endpoint, enum urgency_rank rank)
{
    int64_t real_ms = now_ms(dispatch), opens_ms = breaker_opens_ms(&endpoint->breaker, real_ms);
    size_t most = rank == RANK_CRITICAL ? 2 * endpoint->waiting_max : endpoint->waiting_max;
    if (endpoint->gone) return 0;
    if (endpoint->slow_until_ms > real_ms && endpoint->slow_until_ms > opens_ms) opens_ms = endpoint->slow_until_ms;
    if (opens_ms) return opens_ms;
    return endpoint->waiting < most ? 0 : endpoint_book(endpoint, (int)rank, real_ms);
}

size_t dispatch_room(const struct dispatch *dispatch)
{
    size_t room = 0;
    for (size_t i = 0; i < dispatch->endpoints->count; i++) {
        const struct endpoint *endpoint = &dispatch->endpoints->at[i];
        size_t most = endpoint->in_flight_max + endpoint->waiting_max, taken = endpoint->in_flight + endpoint->waiting;
        if (endpoint->interval_ms) most = endpoint->waiting_max;
        room += endpoint->gone || taken >= most ? 0 : most - taken;
    }
    return room;
}

/* Those at the line's head that are to begin now, all of one kind. */
static size_t take_heads(struct dispatch *dispatch, struct endpoint *endpoint, struct delivery **taken, size_t most)
{
    size_t count = 0;
    const struct delivery_kind *kind = endpoint->line->kind;
    while (count < most && endpoint->waiting && endpoint->line->kind == kind && may_begin(dispatch, endpoint, count)) {
        taken[count++] = endpoint->line;
        leave_line(taken[count - 1]);
    }
    return count;
}

static bool begin_taken(struct dispatch *dispatch, struct delivery **taken, size_t count)
{
    struct delivery *old[TOGETHER];
    size_t olds = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_fresh(taken[i])) old[olds++] = taken[i];
    bool good = olds == 0 || !taken[0]->kind->freshen || taken[0]->kind->freshen(dispatch->context, old, olds);
    for (size_t i = 0; i < count; i++) {
        struct endpoint *endpoint = taken[i]->endpoint;
        bool goes = !taken[i]->answered && is_fresh(taken[i]);
        if (!goes) breaker_answered(&endpoint->breaker, false, true, now_ms(dispatch));
        if (goes) start(dispatch, taken[i]);
        else if (!taken[i]->answered) wait_in_line(taken[i]);
    }
    return good;
}

/* An endpoint that is held for long keeps nobody in its line: they are looked at again, and put off or sent elsewhere. */
static void release_line(struct dispatch *dispatch, struct endpoint *endpoint)
{
    while (endpoint->waiting) {
        struct delivery *delivery = endpoint->line;
        leave_line(delivery);
        delivery->withheld = true;
        end(dispatch, delivery);
    }
}

static bool is_held(const struct dispatch *dispatch, const struct endpoint *endpoint)
{
    int64_t real_ms = now_ms(dispatch);
    return endpoint->gone || endpoint->slow_until_ms > real_ms + HELD_MS || breaker_opens_ms(&endpoint->breaker, real_ms) > real_ms + HELD_MS;
}

static bool serve_line(struct dispatch *dispatch, struct endpoint *endpoint)
{
    bool good = true;
    if (endpoint->waiting && is_held(dispatch, endpoint)) release_line(dispatch, endpoint);
    while (good && endpoint->waiting) {
        struct delivery *taken[TOGETHER];
        size_t count = take_heads(dispatch, endpoint, taken, TOGETHER);
        if (count == 0) break;
        good = begin_taken(dispatch, taken, count);
    }
    return good;
}

bool dispatch_serve(struct dispatch *dispatch)
{
    bool good = true;
    for (size_t i = 0; i < dispatch->endpoints->count && good; i++) good = serve_line(dispatch, &dispatch->endpoints->at[i]);
    return good;
}
