#ifndef BIHUAN_SLA_EVENT_DECODE_H
#define BIHUAN_SLA_EVENT_DECODE_H
/* From one CloudEvents record to a struct event, or the reason why not.
 * Pure: the same code serves live feeds and replay. All rules of bad events
 * are here but the one that needs a clock (a time too far ahead: live only). */
#include "sla/event.h"

enum {
    EVENT_VALUE_MAX_BYTES = 256 * 1024,
    EVENT_ID_MAX_BYTES = 128,
    EVENT_DEPTH_MAX = 32,
    EVENT_CO_UNITS_MAX = 64,
    EVENT_REASON_BYTES = 256,
};
/* Times of events lie in 2000 to 2199, UTC+8: first <= time < end. */
#define EVENT_FIRST_MS INT64_C(946656000000)
#define EVENT_END_MS INT64_C(7258089600000)

/* A decoded record. All text borrows from the decoder and dies with the next
 * decode or decoder_free; a copy of the struct must set event.detail anew. */
struct decoded {
    struct event event;          /* event.detail points to `detail` below, or is NULL */
    struct event_detail detail;
    enum of of;                  /* name space of `subject` */
    struct text source, id, subject;
    struct text target;          /* case that the record is also applied to as a link; empty for none */
    struct text citizen_name, citizen_phone, citizen_id_no; /* clear: only ingest/citizen.h may read them */
    struct text title, text;     /* clear free text, before cutting and scrubbing */
    struct text suspension_reason; /* clear: into detail.reason only as a code that the policy lists */
    const struct json_t *co_units; /* of the tree: joined into detail.co_units by the decode */
    char reason[EVENT_REASON_BYTES]; /* of a bad event: field, what was found, what was expected */
};

/* Holds what decoding needs again and again. One a thread. A decode uses the
 * thread's arena (common/arena.h) and ends it: not to be called between an
 * arena_begin and the arena_end of one's own. */
struct decoder;
struct decoder *decoder_new(void);
void decoder_free(struct decoder *decoder);

/* Structured mode: the whole record is in value. False for a bad event, with
 * out->reason. event.detail->title is left empty (ingest and replay fill what
 * they need from out->title). */
bool decode_structured(struct decoder *decoder, const char *value, size_t bytes, struct decoded *out);

/* Binary mode: attributes from headers (name without "ce_"), data in value
 * (may be NULL or empty: {}). Attributes are given as name/value pairs; those
 * with unknown names are ignored, one given twice is bad. */
struct attribute {
    const char *name;
    struct text value;
};
bool decode_binary(struct decoder *decoder, const struct attribute *attributes, size_t count, const char *value,
                   size_t bytes, struct decoded *out);

/* The event of case `from` as its link target, a ticket, sees it: flagged EVENT_LINK,
 * with time, key, type and stars, but no unit, detail or code of the other case. Of a
 * merge it also knows which case that was, in *detail (which it then points to). */
struct event event_as_link(const struct event *event, struct text from, struct event_detail *detail);

#endif
