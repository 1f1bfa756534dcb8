#ifndef BIHUAN_NOTIFY_DISPATCH_H
#define BIHUAN_NOTIFY_DISPATCH_H
/* Dispatch: messages on their way through endpoints. Each endpoint has a line of its own, most urgent first, a share of the requests
 * under way, a breaker and, where the service bounds it, a rate; so one that is slow, dead or full holds up itself alone. Knows
 * nothing of cases: whose a message is, is its kind's business. One thread. */
#include "common/pool.h"
#include "notify/channel.h"
#include "notify/endpoint.h"

enum { DELIVERY_ADDRESSES_MAX = 8 };

/* How urgent a message is: an endpoint's line is in this order. */
enum urgency_rank { RANK_CRITICAL, RANK_OVERDUE, RANK_REMINDER, RANKS };

struct delivery;

/* Whose deliveries they are. `context` is the dispatch's. */
struct delivery_kind {
    /* Asked when a request is about to be written: is it still true? NULL: always. */
    bool (*ready)(void *context, struct delivery *delivery);
    /* Asked before some that waited are begun, all of this kind: leaves `answered` false for those that may go, has called dispatch_drop for those that
     * are owed no more, and those for which neither holds go back into the line. False: the store was lost. NULL: they always may. */
    bool (*freshen)(void *context, struct delivery **delivery, size_t count);
    /* Was it looked at so lately that it may go without? NULL: always. */
    bool (*is_fresh)(const struct delivery *delivery);
    /* Called exactly once for each that was sent and not dropped. */
    void (*answered)(void *context, struct delivery *delivery);
};

/* One message to one endpoint. The owner fills in the upper part. */
struct delivery {
    const struct delivery_kind *kind;
    void *owner;
    struct endpoint *endpoint;
    struct message message;
    struct text address[DELIVERY_ADDRESSES_MAX];
    size_t addresses;
    enum urgency_rank rank;
    struct pool *pool;            /* the owner's; the request is made in it */

    bool waits, started, answered;
    bool withheld;                /* it was not sent after all */
    int64_t sent_ms, answered_ms; /* real time */
    long status;                  /* of the answer; 0: none came */
    struct verdict verdict;
    struct delivery *prev, *next; /* utlist */
};

struct meters;
struct sender;
struct store;

struct dispatch {
    struct sender *sender;
    struct endpoints *endpoints;
    struct store *store;          /* for rates and the shared time */
    void *context;
    struct meters *meters;        /* NULL: nothing is counted */
};

/* Begins it, or puts it into the endpoint's line. It may be answered before this returns. */
void dispatch_send(struct dispatch *dispatch, struct delivery *delivery);
/* Takes one that has not begun out of its line; it is answered as withheld, and `answered` is not called. */
void dispatch_drop(struct delivery *delivery);

/* When an endpoint takes one more: 0 now; else the real time (ms) at which to come again. Of a line that is full a place is booked. */
int64_t dispatch_opens_ms(struct dispatch *dispatch, struct endpoint *endpoint, enum urgency_rank rank);
/* Is it the breaker that holds it? Then another place may do. */
bool dispatch_is_down(const struct dispatch *dispatch, const struct endpoint *endpoint);

/* Sends what waits, as far as there is room. False: the store was lost. */
bool dispatch_serve(struct dispatch *dispatch) __attribute__((warn_unused_result));
/* For how many more messages there is room at all, requests and lines taken together. */
size_t dispatch_room(const struct dispatch *dispatch);

/* For the sender. */
bool dispatch_ready(void *dispatch, void *delivery);
void dispatch_answered(void *dispatch, void *delivery, const struct answer *answer);

#endif
