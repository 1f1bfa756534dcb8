#ifndef BIHUAN_NOTIFY_MESSAGE_H
#define BIHUAN_NOTIFY_MESSAGE_H
/* A message: a notice, alert or digest filled in for one channel, in words for people and as an envelope for machines. Words make it
 * (notify/words.h), a channel sends it. */
#include <stdint.h>

/* All borrowed; they live as long as the errand or digest that they are about. */
struct message {
    const char *id;       /* of the notice or digest: the same over all attempts */
    const char *key;      /* the case; of a digest "" */
    const char *subject;  /* one line of plain text */
    const char *body;     /* in the channel's own markup, whole: the channel cuts it */
    const char *html;     /* e-mail alone: the body as HTML; else NULL */
    const char *calendar; /* e-mail alone: the deadline as iCalendar (RFC 5545); NULL for none */
    const char *envelope; /* CloudEvents JSON, what webhooks and Kafka get */
    const char *link;     /* page where the rest can be read, for a body that is cut; "" for none */
};

#endif
