#ifndef BIHUAN_NOTIFY_ESCAPE_H
#define BIHUAN_NOTIFY_ESCAPE_H
/* Values on their way into a message: titles and codes come from outside, so none may begin a tag, a mention, a link or any
 * markup. Pure. */
#include "notify/channel.h"

enum { ESCAPE_VALUE_MAX_BYTES = 1024 /* of a value in a message for people; the rest is cut, at a character */ };

/* Appends a value. What is no UTF-8 becomes U+FFFD.
 *   plain     text messages, SMS, mail: no mention (< > @), and nothing that a reader makes a link of: :// and the dot of a host name
 *             are replaced by characters that look alike
 *   markdown  the same, and every character that means something there is replaced by its full-width form: the robots' dialects
 *             differ in what a backslash does, and in whether it does anything
 *   html      the same as plain for links, and entities
 *   json      exactly, as part of a JSON string
 *   url       exactly, percent-encoded (RFC 3986: all but unreserved characters)
 * Control characters, line ends and characters that turn the direction of writing become blanks in the first three. */
void escape_text(struct buffer *out, enum markup markup, struct text value);

/* Appends a link that we made ourselves, so that it stays one: nothing in it can end its place in the markup. */
void escape_link(struct buffer *out, enum markup markup, struct text link);

/* The first `most` characters, with … where that is not all; a copy in the pool, else the text itself. */
struct text escape_cut(struct text text, size_t most, struct pool *pool);

/* Bytes of the character at `at`, of which `left` are there; 1 and *code 0xFFFD for what is no UTF-8. left > 0. */
size_t escape_character(const char *at, size_t left, uint32_t *code);

#endif
