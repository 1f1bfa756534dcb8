/* Bad records (town_fault.h). Each fault alone makes a record bad; some change
 * the event, others its text.
 *
 * The trap: a cut record must not end up as a good one, and none may hold a
 * line end, as a line is a record. */
#include "town_fault.h"

#include <stdlib.h>
#include <string.h>

enum { DEEP_LEVELS = 40, HUGE_BYTES = 300 * 1024, LONG_ID_BYTES = 129 };

/* --- faults of the event --- */

static void set_text(json_t *event, const char *key, const char *text)
{
    json_object_set_new(event, key, json_string(text));
}

static void no_specversion(json_t *event) { json_object_del(event, "specversion"); }
static void old_specversion(json_t *event) { set_text(event, "specversion", "0.3"); }
static void no_time(json_t *event) { json_object_del(event, "time"); }
static void empty_id(json_t *event) { set_text(event, "id", ""); }
static void numeric_id(json_t *event) { json_object_set_new(event, "id", json_integer(20240930)); }
static void unknown_type(json_t *event) { set_text(event, "type", "ticket.forgotten"); }
static void no_offset(json_t *event) { set_text(event, "time", "2024-09-30T10:15:00"); }
static void impossible_day(json_t *event) { set_text(event, "time", "2024-02-30T10:15:00+08:00"); }
static void hour_24(json_t *event) { set_text(event, "time", "2024-09-30T24:00:00+08:00"); }
static void long_ago(json_t *event) { set_text(event, "time", "1999-12-31T23:59:59+08:00"); }
static void data_list(json_t *event) { json_object_set_new(event, "data", json_array()); }

static void long_subject(json_t *event)
{
    char subject[LONG_ID_BYTES + 1];
    memset(subject, 'M', LONG_ID_BYTES);
    subject[LONG_ID_BYTES] = '\0';
    set_text(event, "subject", subject);
}

static void receipt_without_kind(json_t *event)
{
    set_text(event, "type", "ticket.received");
    json_object_set_new(event, "data", json_pack("{s:s,s:s}", "channel", "phone", "title", "小区电梯故障"));
}

static void unknown_kind(json_t *event)
{
    set_text(event, "type", "ticket.received");
    json_object_set_new(event, "data", json_pack("{s:s}", "kind", "grumble"));
}

static void dispatch_without_unit(json_t *event)
{
    set_text(event, "type", "ticket.dispatched");
    json_object_set_new(event, "data", json_pack("{s:s}", "unit", ""));
}

static void six_stars(json_t *event)
{
    set_text(event, "type", "rating.submitted");
    json_object_set_new(event, "data", json_pack("{s:i}", "satisfaction", 6));
}

static void real_stars(json_t *event)
{
    set_text(event, "type", "rating.submitted");
    json_object_set_new(event, "data", json_pack("{s:f}", "satisfaction", 5.0));
}

static void text_for_flag(json_t *event)
{
    set_text(event, "type", "ticket.contacted");
    json_object_set_new(event, "data", json_pack("{s:s}", "reached", "yes"));
}

static void too_many_days(json_t *event)
{
    set_text(event, "type", "ticket.extension_granted");
    json_object_set_new(event, "data", json_pack("{s:i}", "days", 251));
}

static void too_deep(json_t *event)
{
    json_t *nested = json_object();
    for (int level = 0; level < DEEP_LEVELS; level++)
        nested = json_pack("{s:o}", "deeper", nested);
    json_object_set_new(event, "data", nested);
}

static void too_large(json_t *event)
{
    char *text = malloc(HUGE_BYTES + 1);
    if (!text)
        abort();
    memset(text, 'x', HUGE_BYTES);
    text[HUGE_BYTES] = '\0';
    set_text(event, "extra", text);
    free(text);
}

/* --- faults of the text --- */

static void cut_short(const char *text, FILE *out) { fwrite(text, 1, strlen(text) * 2 / 3, out); }
static void byte_order_mark(const char *text, FILE *out) { fprintf(out, "\xef\xbb\xbf%s", text); }
static void two_values(const char *text, FILE *out) { fprintf(out, "%s%s", text, text); }

/* Puts a member before the event's own ones. */
static void with_member(const char *member, const char *text, FILE *out) { fprintf(out, "{%s,%s", member, text + 1); }

static void not_utf8(const char *text, FILE *out) { with_member("\"extra\":\"\xc3\x28\xff\"", text, out); }
static void nul_character(const char *text, FILE *out) { with_member("\"extra\":\"a\\u0000b\"", text, out); }
static void lone_surrogate(const char *text, FILE *out) { with_member("\"extra\":\"\\ud800\"", text, out); }
static void repeated_key(const char *text, FILE *out) { with_member("\"type\":\"ticket.closed\"", text, out); }
static void huge_real(const char *text, FILE *out) { with_member("\"extra\":1e999", text, out); }
static void huge_integer(const char *text, FILE *out) { with_member("\"extra\":9223372036854775808", text, out); }
static void trailing_comma(const char *text, FILE *out) { with_member("\"extra\":[1,]", text, out); }

static void no_json(const char *text, FILE *out)
{
    (void)text;
    fputs("工单导出失败: connection reset", out);
}

static void a_list(const char *text, FILE *out) { fprintf(out, "[%s]", text); }

typedef void change_event(json_t *event);
typedef void change_text(const char *text, FILE *out);

static change_event *const event_faults[] = {
    no_specversion, old_specversion, no_time, empty_id, numeric_id, unknown_type, no_offset, impossible_day, hour_24,
    long_ago, data_list, long_subject, receipt_without_kind, unknown_kind, dispatch_without_unit, six_stars,
    real_stars, text_for_flag, too_many_days, too_deep,
};
static change_text *const text_faults[] = {
    cut_short, byte_order_mark, two_values, not_utf8, nul_character, lone_surrogate, repeated_key, huge_real,
    huge_integer, trailing_comma, no_json, a_list,
};
enum {
    EVENT_FAULTS = sizeof event_faults / sizeof event_faults[0],
    TEXT_FAULTS = sizeof text_faults / sizeof text_faults[0],
    TOO_LARGE = 5, /* permille: it is long */
};

void town_fault(json_t *event, struct dice *dice, FILE *out)
{
    json_t *copy = json_deep_copy(event);
    char id[160];
    snprintf(id, sizeof id, "%s-x", json_string_value(json_object_get(event, "id")));
    set_text(copy, "id", id);

    uint32_t fault = dice_below(dice, EVENT_FAULTS + TEXT_FAULTS);
    bool large = dice_chance(dice, TOO_LARGE);
    if (large)
        too_large(copy);
    else if (fault < EVENT_FAULTS)
        event_faults[fault](copy);

    char *text = json_dumps(copy, JSON_COMPACT);
    json_decref(copy);
    if (!text)
        abort();
    if (!large && fault >= EVENT_FAULTS)
        text_faults[fault - EVENT_FAULTS](text, out);
    else
        fputs(text, out);
    putc('\n', out);
    free(text);
}
