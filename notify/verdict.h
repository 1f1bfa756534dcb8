#ifndef BIHUAN_NOTIFY_VERDICT_H
#define BIHUAN_NOTIFY_VERDICT_H
/* What answers mean, as far as channels agree on it. Pure. */
#include "notify/channel.h"

/* Fills in kind and error; the text is made fit for logs and tables: control characters are blanks, what is no UTF-8 is `?`, and it is cut at a
 * character; phone numbers and e-mail addresses that the service repeats are masked. Whether to wait is left as it is. */
void verdict_say(struct verdict *verdict, enum verdict_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Begins a verdict: all zero but for what Retry-After asks. False: no answer came, or no 2xx, and the verdict stands: 410 gone; 429, 502 and 504
 * slow down; all else, a redirect as well, retry. True: 2xx, which says nothing yet of services that have a code of their own in the body. */
bool verdict_begin(const struct answer *answer, struct verdict *verdict);

/* Makes bytes of a service fit for logs and tables, into text[text_bytes]; as much as fits. */
void verdict_words(char *text, size_t text_bytes, const char *words, size_t bytes);

#endif
