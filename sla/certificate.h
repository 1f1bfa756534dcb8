#ifndef BIHUAN_SLA_CERTIFICATE_H
#define BIHUAN_SLA_CERTIFICATE_H
/* A certificate of one case as of an instant: what it rests on (rules and events),
 * a hash over that, and all that follows: every step, who owed the next one when,
 * each clock day by day. It says itself in Chinese and English.
 *
 * It holds all that is needed to work it out again (sla/certificate_check.h),
 * so it proves that the deadline follows from the events; that these
 * are the events that happened is for the record of the platform to prove. */
#include "sla/case.h"
#include "sla/fold.h"

#include <jansson.h>

enum { CERTIFICATE_FORMAT = 1, CERTIFICATE_MAX_BYTES = 256 << 20 };

/* The certificate, a new reference; NULL when the case has no receipt by then. as_of_ms lies in the years of events. */
json_t *certificate_make(const struct case_file *file, const struct rules *rules, int64_t as_of_ms);

/* One line of compact JSON, to be freed; how certificates are written and compared. */
char *certificate_line(const json_t *certificate);

/* Adds "words" to a certificate that has everything else: it in Chinese and English (sla/certificate_words.c). */
void certificate_put_words(json_t *certificate, const struct rules *rules, const struct fold *fold);

#endif
