#ifndef BIHUAN_NOTIFY_DIGEST_RECORD_H
#define BIHUAN_NOTIFY_DIGEST_RECORD_H
/* Ledger records of digests: for people as JSON, for a rebuild in a header (sla/readback.h). */
#include <jansson.h>

#include "notify/digest_job.h"

/* What became of an attempt, or of one that ended without: whom (masked), where, how much it told. `place`: where it went. A new reference. */
json_t *digest_record(const struct digest_job *job, const struct place *place, int64_t now_ms);
/* The header that says so to a rebuild; its text goes into text[], which must outlive it. */
struct kafka_header digest_record_header(char *text, const struct digest_state *state);

#endif
