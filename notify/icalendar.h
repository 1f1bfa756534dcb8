#ifndef BIHUAN_NOTIFY_ICALENDAR_H
#define BIHUAN_NOTIFY_ICALENDAR_H
/* A deadline as a calendar's entry (RFC 5545), for mail. Pure.
 *
 * The entry's UID is a function of case and clock, so a later one with a higher SEQUENCE moves it. A deadline at the end of a day
 * is an entry of that whole day, any other one the half hour that ends with it. */
#include "notify/words.h"

enum { ICALENDAR_MAX_BYTES = 32 * 1024 };

/* The deadline of a notice whose clock runs and is not past it; NULL where nothing is left to be entered. In the pool. */
const char *icalendar_of(const struct wording *wording, const char *summary, const char *link, struct pool *pool);

/* Appends a content line "NAME:" and a TEXT value, escaped (RFC 5545, 3.3.11), folded (3.1) so that no line has more than 75
 * bytes and no character is cut. */
void icalendar_text(struct buffer *out, const char *name, struct text value);
/* The same of a value that is none of TEXT: a URI, a date. */
void icalendar_value(struct buffer *out, const char *name, struct text value);

#endif
