#ifndef BIHUAN_NOTIFY_SENDER_H
#define BIHUAN_NOTIFY_SENDER_H
/* Many webhook requests at once over libcurl's multi interface: kept-alive connections, time-outs, no redirects, TLS
 * verified. Knows nothing of notices. One thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notify/webhook.h"

enum { SENDER_ERROR_BYTES = 160, SENDER_ANSWER_MAX_BYTES = 64 * 1024 };

/* A request. All borrowed until it is answered. */
struct request {
    const char *url, *id;
    const struct webhook_key *key; /* bytes 0: not signed */
    const void *body;
    size_t bytes;
    int64_t timestamp_s;           /* real time, for the signature */
    void *opaque;                  /* for `answered` */
};

struct answer {
    bool withheld;          /* the request was not sent: `ready` said no */
    long status;            /* HTTP; 0: none came */
    int64_t retry_after_ms; /* as the endpoint asked; 0: it did not */
    char error[SENDER_ERROR_BYTES]; /* why there is no answer; "" */
};

/* Asked when the connection stands and the request is about to be written, which may be long after its start. False: it is
 * withheld. */
typedef bool sender_ready(void *context, void *opaque);
/* Called exactly once for each request that was started, from within sender_drive or sender_close. */
typedef void sender_answered(void *context, void *opaque, const struct answer *answer);

struct sender;

/* For at most in_flight requests at once. NULL: libcurl could not start. */
struct sender *sender_open(size_t in_flight, int64_t timeout_s, sender_ready *ready, sender_answered *answered, void *context) __attribute__((warn_unused_result));
/* Ends; what is under way is answered with an error. Accepts NULL. */
void sender_close(struct sender *sender);

/* Starts a request. False: none is free, or memory is out; nothing was started. */
bool sender_start(struct sender *sender, const struct request *request) __attribute__((warn_unused_result));
/* Can one more be started? */
bool sender_has_room(const struct sender *sender);
/* Requests under way. */
size_t sender_under_way(const struct sender *sender);
/* Works for at most wait_ms, less when an answer comes or `wake` (a file descriptor, -1: none) can be read. */
void sender_drive(struct sender *sender, int wait_ms, int wake);

#endif
