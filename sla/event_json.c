/* Events for certificates. Reading goes through the one decoder, so that what a
 * certificate may hold is what a feed may bring. */
#include "sla/event_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sla/case.h"
#include "sla/case_json.h"
#include "sla/event_data.h"

enum { KEY_DIGITS = 16 };

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static void put_flag(json_t *data, const char *name, const struct event *event, unsigned has, unsigned flag)
{
    if (event->flags & has) put(data, name, json_boolean(event->flags & flag));
}

static void put_detail(json_t *data, const struct event *event, const struct rules *rules)
{
    const struct event_detail *detail = event->detail;
    struct text list = detail->co_units, unit;
    if (event->flags & EVENT_HAS_ITEM) put(data, "item", json_text(detail->item));
    if (event->flags & EVENT_HAS_AREA) put(data, "area", json_text(detail->area));
    if (event->flags & EVENT_HAS_CHANNEL) put(data, "channel", json_text(detail->channel));
    if (event->flags & EVENT_HAS_DUE) put(data, "due", json_instant(rules->zone, detail->due_ms));
    if (detail->target.bytes) put(data, event->type == TICKET_MERGED ? "into" : "case", json_text(detail->target));
    if (detail->reason.bytes && policy_reason(rules->policy, detail->reason)) put(data, "reason", json_text(detail->reason));
    if (!(event->flags & EVENT_HAS_CO_UNITS)) return;
    json_t *units = json_array();
    while (text_next(&list, &unit)) json_array_append_new(units, json_text(unit));
    put(data, "co_units", units);
}

static json_t *data_to_json(const struct event *event, const struct rules *rules)
{
    json_t *data = json_object();
    if (event->flags & EVENT_HAS_UNIT || event->unit.bytes) put(data, "unit", json_text(event->unit));
    if (event->kind) put(data, "kind", json_string(kind_name((enum kind)event->kind)));
    if (event->urgency) put(data, "urgency", json_string(urgency_name((enum urgency)event->urgency)));
    if (event->outcome) put(data, "outcome", json_string(outcome_name((enum outcome)event->outcome)));
    if (event->satisfaction) put(data, "satisfaction", json_integer(event->satisfaction));
    if (event->days) put(data, "days", json_integer(event->days));
    put_flag(data, "simple", event, EVENT_HAS_SIMPLE, EVENT_SIMPLE);
    put_flag(data, "solved", event, EVENT_HAS_SOLVED, EVENT_SOLVED);
    put_flag(data, "reached", event, EVENT_REACHED, EVENT_REACHED);
    put_flag(data, "direct", event, EVENT_DIRECT, EVENT_DIRECT);
    put_flag(data, "default", event, EVENT_DEFAULT, EVENT_DEFAULT);
    if (event->detail && !(event->flags & EVENT_LINK)) put_detail(data, event, rules);
    return data;
}

json_t *event_to_json(const struct event *event, const struct rules *rules)
{
    char key[KEY_DIGITS + 1];
    for (size_t i = 0; i < sizeof event->key; i++) snprintf(key + 2 * i, 3, "%02x", event->key[i]);
    json_t *object = json_object();
    put(object, "key", json_string(key));
    put(object, "time", json_instant(rules->zone, event->at_ms));
    put(object, "type", json_string(event_type_name((enum event_type)event->type)));
    if (event->flags & EVENT_LINK) put(object, "link", json_text(event->detail ? event->detail->target : (struct text){0}));
    put(object, "data", data_to_json(event, rules));
    return object;
}

/* --- back --- */

static bool take_key(const char *digits, uint8_t *key)
{
    if (!digits || strlen(digits) != KEY_DIGITS || strspn(digits, "0123456789abcdef") != KEY_DIGITS) return false;
    for (int i = 0; i < KEY_DIGITS / 2; i++) {
        char pair[3] = {digits[2 * i], digits[2 * i + 1], 0};
        key[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}

static struct text keep(struct pool *pool, struct text text)
{
    return (struct text){text.bytes ? pool_copy(pool, text.at, text.bytes) : NULL, text.bytes};
}

static void keep_texts(struct event *event, const struct decoded *decoded, const struct policy *policy, struct pool *pool)
{
    struct text reason = decoded->suspension_reason;
    bool code = reason.bytes && policy_reason(policy, reason);
    event->unit = keep(pool, decoded->event.unit);
    event->detail = NULL;
    if (!decoded->event.detail && !code) return;
    struct event_detail *detail = event_detail_keep(pool, &decoded->detail);
    if (code) detail->reason = keep(pool, reason);
    event->detail = detail;
}

/* As the decoder would have it from a feed. */
static json_t *record_of(const json_t *value, struct text subject)
{
    return json_pack("{s:s,s:s,s:s,s:O?,s:o,s:O?,s:o?}", "specversion", "1.0", "id", "-", "source", "-", "type", json_object_get(value, "type"),
                     "subject", json_text(subject), "time", json_object_get(value, "time"), "data", json_deep_copy(json_object_get(value, "data")));
}

/* A link is the other case's event as seen from here. */
static void turn_to_link(struct event *event, struct text other, struct pool *pool)
{
    struct event_detail *detail = pool_take(pool, sizeof *detail);
    *event = event_as_link(event, keep(pool, other), detail);
}

const char *event_from_json(const json_t *value, enum of of, struct text id, struct decoder *decoder, const struct policy *policy,
                            struct pool *pool, struct event *event, char *reason)
{
    struct decoded decoded;
    const json_t *link = json_object_get(value, "link");
    struct text other = link ? event_text_of(link) : (struct text){0};
    const char *type = json_string_value(json_object_get(value, "type"));
    bool merge = type && strcmp(type, "ticket.merged") == 0;
    uint8_t key[sizeof event->key];
    if (!take_key(json_string_value(json_object_get(value, "key")), key)) return "key: expected 16 hex digits";
    if (link && !json_is_string(link)) return "link: expected text";
    json_t *record = record_of(value, link && merge ? other : id);
    if (record && link && merge) /* into us; the data of a link says nothing of it */
        json_object_set_new(json_object_get(record, "data"), "into", json_text(id));
    char *text = record ? json_dumps(record, JSON_COMPACT) : NULL;
    json_decref(record);
    if (!text) return "expected an event";
    bool good = decode_structured(decoder, text, strlen(text), &decoded);
    free(text);
    if (!good) {
        snprintf(reason, EVENT_REASON_BYTES, "%s", decoded.reason);
        return reason;
    }
    if (!link && decoded.of != of) return "type: no event of this case";
    *event = decoded.event;
    memcpy(event->key, key, sizeof key);
    keep_texts(event, &decoded, policy, pool);
    if (link) turn_to_link(event, other, pool);
    return NULL;
}
