#ifndef BIHUAN_NOTIFY_REQUEST_H
#define BIHUAN_NOTIFY_REQUEST_H
/* What a channel asks the sender to send, and what comes back. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUEST_ERROR_BYTES = 160, REQUEST_ANSWER_MAX_BYTES = 64 * 1024, REQUEST_HEADERS_MAX = 24 };

enum transport { TRANSPORT_HTTP, TRANSPORT_SMTP, TRANSPORT_KAFKA };

/* A request. All borrowed until it is answered. */
struct request {
    enum transport transport;
    const char *url;                        /* http, https; smtp (with STARTTLS always), smtps */
    const char *method;                     /* of HTTP */
    const char *header[REQUEST_HEADERS_MAX]; /* "Name: value", of HTTP */
    size_t headers;
    const void *body;                       /* of HTTP; the whole mail; the record's value */
    size_t bytes;
    const char *from, *user, *password;     /* of SMTP; user "": none is given */
    const char *to;                         /* of SMTP: the recipient's address */
    const char *ca_file;                    /* "" the system's */
    const char *topic, *key;                /* of Kafka */
    void *opaque;                           /* for `answered` */
};

/* What came back. The body is borrowed for the length of the call. */
struct answer {
    bool withheld;          /* the request was not sent: `ready` said no */
    long status;            /* HTTP's, SMTP's last reply; Kafka: 200 acknowledged; 0: none came */
    int64_t retry_after_ms; /* as the endpoint asked; 0: it did not */
    const char *body;       /* at most REQUEST_ANSWER_MAX_BYTES, with a NUL behind; "" for none */
    size_t bytes;
    char error[REQUEST_ERROR_BYTES]; /* why there is no answer; "" */
};

#endif
