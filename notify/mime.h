#ifndef BIHUAN_NOTIFY_MIME_H
#define BIHUAN_NOTIFY_MIME_H
/* A mail as bytes (RFC 5322, 2045–2047): plain text and HTML as alternatives, the deadline's calendar attached. The same mail is the same bytes. Pure. */
#include <stdint.h>

#include "common/buffer.h"
#include "sla/event.h"

enum { MIME_ID_MAX_BYTES = 48, MIME_MAIL_MAX_BYTES = 4 << 20 };

/* All borrowed. */
struct mime_mail {
    const char *from;       /* addresses that mime_address takes */
    struct text to;
    const char *subject;    /* UTF-8, one line */
    const char *id;         /* letters, digits, - and _; with the host of `from` it is the Message-ID */
    int64_t real_ms;        /* of Date */
    const char *text, *html, *calendar; /* html and calendar: NULL for none */
};

/* Writes the mail. False: what is wrong, static text in *why. */
bool mime_write(struct buffer *mail, const struct mime_mail *of, const char **why);

/* Is it an e-mail address? A strict subset of RFC 5321: a dot-atom of at most 64 bytes, @, and a host name with a dot in it. */
bool mime_address(struct text address);

/* A header's text, encoded by RFC 2047 where it must be and folded: no line is longer than 76 bytes. `name` with its colon stands before it. */
void mime_header(struct buffer *mail, const char *name, const char *text);

#endif
