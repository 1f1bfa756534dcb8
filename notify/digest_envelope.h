#ifndef BIHUAN_NOTIFY_DIGEST_ENVELOPE_H
#define BIHUAN_NOTIFY_DIGEST_ENVELOPE_H
/* A digest as CloudEvents JSON, for endpoints that are programs. Pure. */
#include <jansson.h>

#include "notify/digest.h"

/* Type "digest"; data holds, for each section, how many lines there are in all and the first of them. A new reference. */
json_t *digest_envelope(const struct digest *digest, const char *id);

#endif
