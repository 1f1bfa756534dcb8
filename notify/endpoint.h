#ifndef BIHUAN_NOTIFY_ENDPOINT_H
#define BIHUAN_NOTIFY_ENDPOINT_H
/* Where notices go, while the notifier runs: secrets, requests under way, and who waits. */
#include "common/config.h"
#include "notify/channel.h"

struct endpoint {
    const struct config_endpoint *config; /* borrowed */
    const struct channel *channel;
    void *secrets;                  /* the channel's */
    unsigned in_flight, in_flight_max;
    struct delivery *line;          /* waiting for a place, in order (notify/errand.h) */
    size_t waiting;
    bool gone;                      /* answered 410: nothing more is sent to it */
    int64_t second_ms, answers;     /* answers since second_ms (real), */
    double rate;                    /* and how many a second there were before that */
    int64_t line_us;                /* real time until which the line behind `waiting` is booked */
};

struct endpoints {
    struct endpoint *at;
    size_t count;
};

/* Reads the secrets of all endpoints and divides in_flight among them: one gets all of it, of several each
 * gets half, so that a slow one leaves room for the others. Returns the number of faults, a line each in *faults;
 * *warnings gets what `check` warns of. Either may be NULL. */
size_t endpoints_open(struct endpoints *endpoints, const struct config *config, struct buffer *faults, struct buffer *warnings);
/* Overwrites the secrets and frees. */
void endpoints_close(struct endpoints *endpoints);

/* Does it serve the unit (empty: none)? */
bool endpoint_serves(const struct endpoint *endpoint, struct text unit);

/* Counts an answer, for the rate. */
void endpoint_answered(struct endpoint *endpoint, int64_t real_ms);
/* Books the next place in the line of those that found no room: the real time (ms) at which to come again, at most
 * ENDPOINT_LINE_MAX_MS ahead. */
int64_t endpoint_book(struct endpoint *endpoint, int64_t real_ms);
enum { ENDPOINT_LINE_MAX_MS = 30000, ENDPOINT_LINE_MIN_MS = 100 };

#endif
