#ifndef BIHUAN_NOTIFY_ACK_PAGE_H
#define BIHUAN_NOTIFY_ACK_PAGE_H
/* The pages of acknowledgement, for a telephone's screen, in Chinese and English, without scripts. Pure. */
#include "notify/ack.h"

enum ack_page_kind {
    PAGE_ASK,     /* the form: nothing is recorded before it is sent */
    PAGE_TAKEN,   /* recorded now */
    PAGE_ALREADY, /* at at_ms */
    PAGE_NO_LINK, /* there is no token */
    PAGE_FORGED,
    PAGE_EXPIRED,
    PAGE_UNKNOWN, /* there is no such case */
    PAGE_AWAY,    /* Kafka or Redis cannot be reached */
    PAGE_BUSY,    /* too many at once */
    PAGES
};

struct ack_page {
    enum ack_page_kind kind;
    const struct ack *ack;   /* NULL where none was read */
    const char *token;       /* of PAGE_ASK */
    bool closed;             /* the case has ended: it is recorded, and changes nothing */
    int64_t at_ms;           /* of PAGE_ALREADY: business time */
    const struct zone *zone;
};

/* HTTP status of a page. */
unsigned ack_page_status(enum ack_page_kind kind);
/* Appends the page. */
void ack_page_print(struct buffer *out, const struct ack_page *page);

#endif
