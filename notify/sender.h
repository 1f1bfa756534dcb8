#ifndef BIHUAN_NOTIFY_SENDER_H
#define BIHUAN_NOTIFY_SENDER_H
/* Many requests at once: HTTP and SMTP over libcurl's multi interface (kept-alive connections, time-outs, no redirects, TLS
 * verified, no private address that configuration does not name), and records to Kafka. Knows nothing of notices. One thread. */
#include "notify/request.h"

struct config;

/* Asked when the connection stands and the request is about to be written, which may be long after its start. False: it is
 * withheld. */
typedef bool sender_ready(void *context, void *opaque);
/* Called exactly once for each request that was started, from within sender_drive or sender_close. */
typedef void sender_answered(void *context, void *opaque, const struct answer *answer);

struct sender;

/* For at most [notify] in_flight requests at once, by the configuration (borrowed). NULL: libcurl could not start. */
struct sender *sender_open(const struct config *config, sender_ready *ready, sender_answered *answered, void *context) __attribute__((warn_unused_result));
/* Ends; what is under way is answered with an error. Accepts NULL. */
void sender_close(struct sender *sender);
/* Goes by another configuration from now on; nothing is under way. */
void sender_reload(struct sender *sender, const struct config *config);

/* Starts a request. False: none is free, or memory is out; nothing was started. */
bool sender_start(struct sender *sender, const struct request *request) __attribute__((warn_unused_result));
/* How many more can be started now. */
size_t sender_room(const struct sender *sender);
/* Requests under way. */
size_t sender_under_way(const struct sender *sender);
/* Works for at most wait_ms, less when an answer comes or `wake` (a file descriptor, -1: none) can be read. */
void sender_drive(struct sender *sender, int wait_ms, int wake);

#endif
