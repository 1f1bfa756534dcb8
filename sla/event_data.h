#ifndef BIHUAN_SLA_EVENT_DATA_H
#define BIHUAN_SLA_EVENT_DATA_H
/* The part of decoding that knows the fields of `data` (sla/event_decode.h is
 * what others call). Texts borrow from the tree. */
#include "sla/event_decode.h"

#include <jansson.h>

/* Takes the fields of out->event.type from data (NULL or null: {}). out->of
 * and out->subject are set. False with out->reason. */
bool event_take_data(struct decoded *out, json_t *data);

/* An instant within the years of events. NULL, or what was expected instead. */
const char *event_take_time(const json_t *value, int64_t *at_ms);

static inline struct text event_text_of(const json_t *string)
{
    return (struct text){json_string_value(string), json_string_length(string)};
}

#endif
