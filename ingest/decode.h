#ifndef BIHUAN_INGEST_DECODE_H
#define BIHUAN_INGEST_DECODE_H
/* From a Kafka record to an event fit to leave ingest: decoded, the citizen
 * masked and hashed, the title scrubbed. */
#include "ingest/batch.h"
#include "ingest/citizen.h"
#include "sla/appeal.h"
#include "sla/rulebook.h"

enum { FUTURE_MAX_MS = 10 * 60 * 1000 };

/* What decoding one thread's records rests on. All borrowed. */
struct record_decoder {
    struct decoder *decoder;
    const struct citizen *citizen;
    const struct rulebook *book; /* whose policies' reason codes may pass; replaced where reading begins anew */
    struct appeal_rules appeals; /* which appeals are gathered */
};

/* Decodes record->message into *record, texts in the pool. now_ms: the shared
 * business clock. A bad event gets `bad` and a reason. */
void record_decode(struct record *record, const struct record_decoder *by, int64_t now_ms, struct pool *pool);

#endif
