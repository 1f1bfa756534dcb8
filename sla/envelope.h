#ifndef BIHUAN_SLA_ENVELOPE_H
#define BIHUAN_SLA_ENVELOPE_H
/* What leaves the house: CloudEvents 1.0 for results and for the bodies of notices. Pure: the same demand
 * of the same case gives the same id. No citizen's data is in a case, so none is in here. */
#include <jansson.h>

#include "sla/demand.h"

#define ENVELOPE_SOURCE "/bihuan"

/* What an envelope tells of. Borrowed. */
struct envelope {
    const struct case_file *file;
    const struct fold *fold;
    const struct rules *rules;
    int64_t now_ms; /* business time */
};

/* A result of `type` (as "case.answered", "notice.sent") under id. A new reference. */
json_t *envelope_result(const struct envelope *envelope, const struct demand *demand, const char *type, const char *id, uint64_t revision);
/* The body of a notice, type "notice": which step of which clock, until when, how long that is. A new reference. */
json_t *envelope_notice(const struct envelope *envelope, const struct demand *demand, const char *id);

/* Id of the result that a notice was sent: "res_" and the digits of the notice's own id, into text[NOTICE_ID_BYTES]. */
void envelope_sent_id(char *text, const char *notice_id);

#endif
