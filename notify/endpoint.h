#ifndef BIHUAN_NOTIFY_ENDPOINT_H
#define BIHUAN_NOTIFY_ENDPOINT_H
/* Where notices go, while the notifier runs: an endpoint's secrets, its breaker and rate, requests under way, and who waits. */
#include "common/config.h"
#include "notify/breaker.h"
#include "notify/channel.h"
#include "sla/event.h"
#include "sla/policy.h"

struct endpoint {
    const struct config_endpoint *config; /* borrowed */
    const struct channel *channel;
    void *secrets;                  /* the channel's */
    unsigned roles;                 /* bits 1 << enum role that it serves */
    unsigned in_flight, in_flight_max;
    struct delivery *line;          /* waiting, most urgent first (notify/dispatch.h) */
    size_t waiting, waiting_max;
    bool gone;                      /* it said so: nothing more is sent to it */
    struct breaker breaker;
    int64_t slow_until_ms;          /* real: it asked for patience */
    int64_t interval_ms, burst;     /* of its rate; interval 0: none */
    int64_t allowed_ms;             /* real: its rate allows nothing before */
    bool pressed;                   /* somebody waited at second_ms */
    int64_t second_ms, answers;     /* answers since second_ms (real), */
    double rate;                    /* and how many a second there were before that */
    int64_t line_us[2];             /* real time until which the lines behind `waiting` are booked: of what is overdue, of reminders */
};

struct endpoints {
    struct endpoint *at;
    size_t count;
};

enum { ENDPOINT_LINE_MAX_MS = 30000, ENDPOINT_LINE_MIN_MS = 100, ENDPOINT_BURST_MAX = 4 };

/* Reads the secrets of all endpoints and divides in_flight among them: one gets all of it, of several each
 * gets half, so that a slow one leaves room for the others. Returns the number of faults, a line each in *faults;
 * *warnings gets what `check` warns of. Either may be NULL. */
size_t endpoints_open(struct endpoints *endpoints, const struct config *config, struct buffer *faults, struct buffer *warnings);
/* Overwrites the secrets and frees. */
void endpoints_close(struct endpoints *endpoints);
/* The one of that name, or NULL. */
struct endpoint *endpoints_find(const struct endpoints *endpoints, struct text name);

/* Does it serve the unit (empty: none)? */
bool endpoint_serves(const struct endpoint *endpoint, struct text unit);

/* So many messages a minute as a rate that never allows more in any minute: a burst, and one each interval. */
void endpoint_rate(int64_t a_minute, int64_t *interval_ms, int64_t *burst);

/* Counts an answer, for the speed. */
void endpoint_answered(struct endpoint *endpoint, int64_t real_ms);
/* Books the next place in the line of those that found no room: the real time (ms) at which to come again. Without a rate at most
 * ENDPOINT_LINE_MAX_MS ahead, as its speed is a guess. What is overdue goes before reminders; critical ones wait for the next place alone. */
int64_t endpoint_book(struct endpoint *endpoint, int rank, int64_t real_ms);

#endif
