#ifndef BIHUAN_SLA_EVENT_REASON_H
#define BIHUAN_SLA_EVENT_REASON_H
/* What was found in a bad event, in words that the operator of a feed can act
 * on. Reasons travel to logs and dead letters, so a value is either shown short
 * and harmless, or told by type and length alone. */
#include "sla/event_decode.h"

#include <jansson.h>

enum { FOUND_BYTES = 112, FOUND_VALUE_MAX_BYTES = 60 };

/* What `value` (NULL: nothing) is, into text[FOUND_BYTES]: as it is, cut on a
 * character's border and with control characters escaped; or, when it is private,
 * its type and length only. */
void found_value(char *text, const json_t *value, bool is_private);

/* Why Jansson refused a value, never quoting it; into text[FOUND_BYTES]. */
void found_fault(char *text, const json_error_t *error);

/* Sets the reason "field: found …, expected …" of a bad event. False, for the
 * caller to return. */
bool event_refuse_found(struct decoded *out, const char *field, const char *found, const char *expected);
bool event_refuse(struct decoded *out, const char *field, const json_t *value, bool is_private, const char *expected);

#endif
