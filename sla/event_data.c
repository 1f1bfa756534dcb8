/* The fields of `data`: which a type has and needs, and what each may be
 * (contract §1), as tables and one pass over the members.
 *
 * The trap: what citizens wrote must not show in a reason (PRIVATE). */
#include "sla/event_data.h"

#include "common/zone.h"
#include "sla/event_reason.h"

#include <stdio.h>
#include <string.h>

enum field {
    BY, DUE, KIND, ITEM, AREA, TITLE_TEXT, UNIT, DAYS, INTO, CASE, TITLE, NAMED, SIMPLE, DIRECT, REASON, SOLVED,
    CHANNEL, URGENCY, ADDRESS, REACHED, OUTCOME, REASONS, CITIZEN, DEFAULT, CO_UNITS, PROJECT_NO, SATISFACTION, NOTICE, FIELDS
};
#define BIT(field) (UINT32_C(1) << (field))
/* Free or personal: never shown in a reason. */
#define PRIVATE (BIT(TITLE_TEXT) | BIT(TITLE) | BIT(REASON) | BIT(REASONS) | BIT(BY) | BIT(ADDRESS) | BIT(CITIZEN))

static const struct text field_names[FIELDS] = {
    [BY] = {"by", 2},           [DUE] = {"due", 3},         [KIND] = {"kind", 4},         [ITEM] = {"item", 4},
    [AREA] = {"area", 4},       [TITLE_TEXT] = {"text", 4}, [UNIT] = {"unit", 4},         [DAYS] = {"days", 4},
    [INTO] = {"into", 4},       [CASE] = {"case", 4},       [TITLE] = {"title", 5},       [NAMED] = {"named", 5},
    [SIMPLE] = {"simple", 6},   [DIRECT] = {"direct", 6},   [REASON] = {"reason", 6},     [SOLVED] = {"solved", 6},
    [CHANNEL] = {"channel", 7}, [URGENCY] = {"urgency", 7}, [ADDRESS] = {"address", 7},   [REACHED] = {"reached", 7},
    [OUTCOME] = {"outcome", 7}, [REASONS] = {"reasons", 7}, [CITIZEN] = {"citizen", 7},   [DEFAULT] = {"default", 7},
    [CO_UNITS] = {"co_units", 8}, [PROJECT_NO] = {"project_no", 10}, [SATISFACTION] = {"satisfaction", 12}, [NOTICE] = {"notice", 6}};

#define AMENDABLE                                                                                                     \
    (BIT(CHANNEL) | BIT(KIND) | BIT(SIMPLE) | BIT(URGENCY) | BIT(ITEM) | BIT(AREA) | BIT(TITLE) | BIT(TITLE_TEXT) |   \
     BIT(UNIT) | BIT(CO_UNITS) | BIT(ADDRESS) | BIT(DUE))
#define SEEN (BIT(UNIT) | BIT(BY) | BIT(NOTICE))
#define STAGE (BIT(UNIT) | BIT(REASON) | BIT(TITLE_TEXT))

/* The table of contract §1: fields of a type, those required. */
static const struct {
    uint32_t fields, required;
} types[EVENT_TYPES] = {
    [TICKET_RECEIVED] = {AMENDABLE | BIT(CITIZEN), BIT(KIND)},
    [TICKET_AMENDED] = {AMENDABLE, 0},
    [TICKET_DISPATCHED] = {BIT(UNIT) | BIT(CO_UNITS) | BIT(DUE), BIT(UNIT)},
    [TICKET_SIGNED] = {BIT(UNIT), 0},
    [TICKET_CONTACTED] = {BIT(UNIT) | BIT(REACHED), 0},
    [TICKET_TRANSFERRED] = {BIT(UNIT) | BIT(REASON), BIT(UNIT)},
    [TICKET_RETURNED] = {BIT(REASON), 0},
    [TICKET_SUSPENDED] = {BIT(REASON), 0},
    [TICKET_RESUMED] = {BIT(REASON), 0},
    [TICKET_EXTENSION_REQUESTED] = {BIT(DAYS) | BIT(REASON), BIT(DAYS)},
    [TICKET_EXTENSION_GRANTED] = {BIT(DAYS) | BIT(REASON), BIT(DAYS)},
    [TICKET_EXTENSION_REFUSED] = {BIT(DAYS) | BIT(REASON), 0},
    [TICKET_URGED] = {BIT(BY) | BIT(REASON), 0},
    [TICKET_SUPERVISED] = {BIT(BY) | BIT(REASON), 0},
    [TICKET_ANSWERED] = {BIT(UNIT) | BIT(OUTCOME) | BIT(DIRECT) | BIT(TITLE_TEXT), 0},
    [TICKET_CALLED_BACK] = {BIT(REACHED) | BIT(SATISFACTION) | BIT(SOLVED), 0},
    [TICKET_CLOSED] = {BIT(REASON), 0},
    [TICKET_REOPENED] = {BIT(REASON), 0},
    [TICKET_VOIDED] = {BIT(REASON), 0},
    [TICKET_MERGED] = {BIT(INTO), BIT(INTO)},
    [RATING_SUBMITTED] = {BIT(SATISFACTION) | BIT(REASONS) | BIT(TITLE_TEXT) | BIT(CHANNEL) | BIT(ITEM) | BIT(AREA) | BIT(UNIT) |
                              BIT(PROJECT_NO) | BIT(CASE) | BIT(DEFAULT) | BIT(NAMED) | BIT(CITIZEN),
                          BIT(SATISFACTION)},
    [RATING_VERIFIED] = {STAGE, 0},
    [RATING_RECTIFIED] = {STAGE, 0},
    [RATING_APPEALED] = {STAGE, 0},
    [RATING_APPEAL_UPHELD] = {STAGE, 0},
    [RATING_APPEAL_REJECTED] = {STAGE, 0},
    [RATING_REPLIED] = {STAGE, 0},
    [RATING_CALLED_BACK] = {STAGE | BIT(REACHED) | BIT(SATISFACTION), 0},
    [RATING_PUBLISHED] = {0, 0},
    [TICKET_SEEN] = {SEEN, 0},
    [RATING_SEEN] = {SEEN, 0},
};

/* In the order of the enums of sla/event.h. */
static const struct text kinds[] = {{"consultation", 12}, {"suggestion", 10}, {"opinion", 7}, {"help", 4},
                                    {"complaint", 9},     {"report", 6},      {"praise", 6},  {"other", 5}};
static const struct text urgencies[] = {{"normal", 6}, {"urgent", 6}, {"critical", 8}};
static const struct text outcomes[] = {{"solved", 6}, {"explained", 9}};
static const struct text rating_channels[] = {{"pc", 2}, {"mobile", 6}, {"qr", 2}, {"tablet", 6}, {"terminal", 8}};
#define COUNT(array) (sizeof(array) / sizeof *(array))
_Static_assert(COUNT(kinds) == KINDS - 1 && COUNT(urgencies) == URGENCIES - 1 && COUNT(outcomes) == OUTCOMES - 1,
               "a code without a name");

static bool refuse_field(struct decoded *out, enum field field, const json_t *value, const char *expected)
{
    char name[32];
    snprintf(name, sizeof name, "data.%s", field_names[field].at);
    return event_refuse(out, name, value, (BIT(field) & PRIVATE) != 0, expected);
}

const char *event_take_time(const json_t *value, int64_t *at_ms)
{
    if (!json_is_string(value)) return "a time as 2024-09-30T10:15:00+08:00";
    const char *why = instant_parse(json_string_value(value), json_string_length(value), at_ms);
    if (why) return "an RFC 3339 time with offset as 2024-09-30T10:15:00+08:00";
    return *at_ms < EVENT_FIRST_MS || *at_ms >= EVENT_END_MS ? "a time from 2000-01-01 to 2199-12-31 (UTC+8)" : NULL;
}

static bool take_string(struct decoded *out, enum field field, const json_t *value, struct text *text)
{
    if (!json_is_string(value)) return refuse_field(out, field, value, "a string");
    *text = event_text_of(value);
    return true;
}

static bool take_detail(struct decoded *out, enum field field, const json_t *value, struct text *text, unsigned flag)
{
    out->event.flags |= (uint16_t)flag;
    out->event.detail = &out->detail;
    return take_string(out, field, value, text);
}

static bool take_flag(struct decoded *out, enum field field, const json_t *value, unsigned flag)
{
    if (!json_is_boolean(value)) return refuse_field(out, field, value, "true or false");
    if (json_is_true(value)) out->event.flags |= (uint16_t)flag;
    return true;
}

/* A code: *number is its place in the table, from 1. */
static bool take_code(struct decoded *out, enum field field, const json_t *value, const struct text *table, size_t count,
                      const char *expected, uint8_t *number)
{
    size_t i = json_is_string(value) ? text_find(table, count, json_string_value(value), json_string_length(value)) : count;
    if (i == count) return refuse_field(out, field, value, expected);
    *number = (uint8_t)(i + 1);
    return true;
}

static bool take_integer(struct decoded *out, enum field field, const json_t *value, int most, const char *expected,
                         uint8_t *number)
{
    json_int_t integer = json_integer_value(value); /* 0 for any other type */
    if (integer < 1 || integer > most) return refuse_field(out, field, value, expected);
    *number = (uint8_t)integer;
    return true;
}

static bool take_strings(struct decoded *out, enum field field, const json_t *value)
{
    size_t i;
    const json_t *entry;
    if (!json_is_array(value)) return refuse_field(out, field, value, "an array of strings");
    json_array_foreach(value, i, entry) if (!json_is_string(entry))
        return refuse_field(out, field, entry, "strings alone in the array");
    return true;
}

/* Joined when the event is kept; an empty name is none. */
static bool take_co_units(struct decoded *out, const json_t *value)
{
    if (!take_strings(out, CO_UNITS, value)) return false;
    if (json_array_size(value) > EVENT_CO_UNITS_MAX) return refuse_field(out, CO_UNITS, value, "at most 64 units");
    out->co_units = value;
    out->event.flags |= EVENT_HAS_CO_UNITS;
    out->event.detail = &out->detail;
    return true;
}

/* Only a suspension's may be kept, by those who know the codes. */
static bool take_reason(struct decoded *out, const json_t *value)
{
    struct text unused, *reason = out->event.type == TICKET_SUSPENDED ? &out->suspension_reason : &unused;
    return take_string(out, REASON, value, reason);
}

static bool take_target(struct decoded *out, enum field field, const json_t *value)
{
    if (!json_is_string(value) || json_string_length(value) == 0 || json_string_length(value) > EVENT_ID_MAX_BYTES)
        return refuse_field(out, field, value, "a case of 1 to 128 bytes");
    out->detail.target = event_text_of(value);
    out->event.detail = &out->detail;
    if (field == INTO && text_equal(out->detail.target, out->subject)) out->event.flags |= EVENT_VOID_OF_EFFECT;
    else out->target = out->detail.target;
    return true;
}

static bool take_due(struct decoded *out, const json_t *value)
{
    const char *expected = event_take_time(value, &out->detail.due_ms);
    if (expected) return refuse_field(out, DUE, value, expected);
    out->event.flags |= EVENT_HAS_DUE;
    out->event.detail = &out->detail;
    return true;
}

static bool take_citizen(struct decoded *out, json_t *value)
{
    const char *name;
    json_t *member;
    if (!json_is_object(value)) return refuse_field(out, CITIZEN, value, "an object");
    out->event.detail = &out->detail;
    json_object_foreach(value, name, member) {
        if (json_is_null(member)) continue;
        struct text *known = strcmp(name, "name") == 0    ? &out->citizen_name
                             : strcmp(name, "phone") == 0 ? &out->citizen_phone
                             : strcmp(name, "id_no") == 0 ? &out->citizen_id_no
                                                          : NULL;
        if (json_is_string(member)) {
            if (known) *known = event_text_of(member);
            continue;
        }
        char field[32];
        snprintf(field, sizeof field, "data.citizen%s%s", known ? "." : "", known ? name : "");
        return event_refuse(out, field, member, true, known ? "a string" : "strings alone as members");
    }
    return true;
}

/* A citizen where none is expected (an amendment, say) is ignored, but for what the title must not show. */
static void note_citizen(struct decoded *out, const json_t *value)
{
    const json_t *name = json_object_get(value, "name"), *phone = json_object_get(value, "phone"), *id_no = json_object_get(value, "id_no");
    if (json_is_string(name)) out->citizen_name = event_text_of(name);
    if (json_is_string(phone)) out->citizen_phone = event_text_of(phone);
    if (json_is_string(id_no)) out->citizen_id_no = event_text_of(id_no);
}

static bool take_channel(struct decoded *out, const json_t *value)
{
    uint8_t number;
    if (out->of == OF_RATING &&
        !take_code(out, CHANNEL, value, rating_channels, COUNT(rating_channels), "pc, mobile, qr, tablet or terminal", &number))
        return false;
    return take_detail(out, CHANNEL, value, &out->detail.channel, EVENT_HAS_CHANNEL);
}

static bool take_field(struct decoded *out, enum field field, json_t *value)
{
    struct text unused;
    struct event *event = &out->event;
    switch (field) {
    case KIND:
        return take_code(out, field, value, kinds, COUNT(kinds),
                         "consultation, suggestion, opinion, help, complaint, report, praise or other", &event->kind);
    case URGENCY:
        return take_code(out, field, value, urgencies, COUNT(urgencies), "normal, urgent or critical", &event->urgency);
    case OUTCOME: return take_code(out, field, value, outcomes, COUNT(outcomes), "solved or explained", &event->outcome);
    case CHANNEL: return take_channel(out, value);
    case ITEM: return take_detail(out, field, value, &out->detail.item, EVENT_HAS_ITEM);
    case AREA: return take_detail(out, field, value, &out->detail.area, EVENT_HAS_AREA);
    case TITLE: return take_detail(out, field, value, &out->title, EVENT_HAS_TITLE);
    case TITLE_TEXT: return take_string(out, field, value, &out->text);
    case UNIT:
        event->flags |= EVENT_HAS_UNIT;
        return take_string(out, field, value, &event->unit);
    case SIMPLE:
        event->flags |= EVENT_HAS_SIMPLE;
        return take_flag(out, field, value, EVENT_SIMPLE);
    case REACHED: return take_flag(out, field, value, EVENT_REACHED);
    case DIRECT: return take_flag(out, field, value, EVENT_DIRECT);
    case DEFAULT: return take_flag(out, field, value, EVENT_DEFAULT);
    case NAMED: return take_flag(out, field, value, 0);
    case SOLVED:
        event->flags |= EVENT_HAS_SOLVED;
        return take_flag(out, field, value, EVENT_SOLVED);
    case DAYS: return take_integer(out, field, value, 250, "an integer from 1 to 250", &event->days);
    case SATISFACTION: return take_integer(out, field, value, 5, "an integer from 1 to 5", &event->satisfaction);
    case INTO:
    case CASE: return take_target(out, field, value);
    case DUE: return take_due(out, value);
    case CITIZEN: return take_citizen(out, value);
    case CO_UNITS: return take_co_units(out, value);
    case REASONS: return take_strings(out, field, value);
    case REASON: return take_reason(out, value);
    case BY:
    case NOTICE:
    case ADDRESS:
    case PROJECT_NO: return take_string(out, field, value, &unused);
    case FIELDS: break;
    }
    return true;
}

bool event_take_data(struct decoded *out, json_t *data)
{
    uint32_t fields = types[out->event.type].fields, missing = types[out->event.type].required;
    if (data && !json_is_null(data) && !json_is_object(data)) return event_refuse(out, "data", data, true, "an object");
    for (void *at = json_object_iter(data); at; at = json_object_iter_next(data, at)) {
        json_t *value = json_object_iter_value(at);
        size_t field = text_find(field_names, FIELDS, json_object_iter_key(at), json_object_iter_key_len(at));
        if (field == CITIZEN && !(fields & BIT(CITIZEN))) note_citizen(out, value);
        if (field == FIELDS || !(fields & BIT(field)) || json_is_null(value)) continue;
        if (!take_field(out, (enum field)field, value)) return false;
        if (!json_is_string(value) || json_string_length(value)) missing &= ~BIT(field);
    }
    if (!missing) return true;
    int field = __builtin_ctz(missing);
    return refuse_field(out, (enum field)field, json_object_get(data, field_names[field].at), "a value: it is required");
}
