#ifndef BIHUAN_INGEST_TIME_FORM_H
#define BIHUAN_INGEST_TIME_FORM_H
/* Times as other platforms write them, read by a form as of strptime, without its
 * locale and its machine's zone. Pure.
 *
 *   %Y four digits · %m %d %H %M %S one or two · %f 1–9 digits of fraction, cut to ms
 *   %z Z, +08:00, +0800 or +08 · %s seconds since 1970 · %Q milliseconds since 1970
 *   %% a percent sign · a blank: any blanks · everything else: itself */
#include "common/zone.h"

/* NULL when the form is one and says day and time (%Y %m %d, or %s, or %Q), else why not. */
const char *time_form_fault(const char *form);

/* Reads text[bytes]; a time without %z, %s, %Q is wall clock in `zone`. Hour, minute,
 * second, fraction that the form lacks are 0. False: not of this form, or no such time. */
bool time_form_read(const char *form, const char *text, size_t bytes, const struct zone *zone, int64_t *at_ms);

#endif
