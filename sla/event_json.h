#ifndef BIHUAN_SLA_EVENT_JSON_H
#define BIHUAN_SLA_EVENT_JSON_H
/* A kept event as JSON and back: all that the fold looks at, and no more (no title,
 * no citizen, of reasons only codes that the policy lists). For certificates. */
#include "common/pool.h"
#include "sla/event_decode.h"
#include "sla/rules.h"

#include <jansson.h>

/* {"key","time","type","data"}, of a link also "link": the case at its other end, or "". A new reference. */
json_t *event_to_json(const struct event *event, const struct rules *rules);

/* Reads one back, its texts into the pool. `of`, `id`: the case. NULL, or what is wrong with it, in reason[EVENT_REASON_BYTES]. */
const char *event_from_json(const json_t *value, enum of of, struct text id, struct decoder *decoder, const struct policy *policy,
                            struct pool *pool, struct event *event, char *reason);

#endif
