#ifndef BIHUAN_COMMON_LISTENER_H
#define BIHUAN_COMMON_LISTENER_H
/* A small HTTP listener over libmicrohttpd: for metrics, acknowledgements, pages. Answers on threads of its own; bounded in
 * connections, and in the bytes of a request. */
#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

struct listener;

/* A request. Borrowed for the length of the call. */
struct listener_request {
    const char *method, *path; /* GET, HEAD (the body of its answer is not sent) or POST; path without the query */
    const char *body;          /* of a POST with a form's fields or anything else, at most LISTENER_BODY_MAX_BYTES */
    size_t bytes;
    void *connection;          /* for listener_query */
};
enum { LISTENER_BODY_MAX_BYTES = 64 * 1024, LISTENER_REPLY_MAX_BYTES = 16 << 20, LISTENER_CONNECTIONS_MAX = 256 };
/* A field of the query, decoded; NULL where there is none. */
const char *listener_query(const struct listener_request *request, const char *name);

/* What it is answered; the body goes into `body`, initialised by the listener with LISTENER_REPLY_MAX_BYTES (beyond: status 500). Never kept
 * by a cache, and as a page without scripts. */
struct listener_reply {
    unsigned status;          /* 200 to begin with */
    const char *content_type; /* static; "text/plain; charset=utf-8" to begin with */
    struct buffer body;
};
/* Called on a thread of the listener, one request at a time. */
typedef void listener_answer(void *context, const struct listener_request *request, struct listener_reply *reply);

/* Listens on "host:port" (port 0: a free one). NULL: why, in error. */
struct listener *listener_open(const char *address, listener_answer *answer, void *context, char *error, size_t error_bytes) __attribute__((warn_unused_result));
unsigned listener_port(const struct listener *listener);
/* Accepts NULL. */
void listener_close(struct listener *listener);

#endif
