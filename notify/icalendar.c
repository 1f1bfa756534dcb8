/* A calendar of one entry.
 *
 * The trap: SEQUENCE must rise with every later message about the same clock, also where a suspension or other rules moved the
 * deadline back. So it is the minute in which it was written. */
#include "notify/icalendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "notify/escape.h"

enum { LINE_BYTES = 75, STAMP_BYTES = 24, UID_BYTES = 64 };

/* Minutes are counted from 2020-01-01, so that the number stays small. */
static const int64_t sequence_from_ms = INT64_C(1577836800000), half_hour_ms = 1800000;

/* Where a line stands. */
struct fold_line {
    struct buffer *out;
    size_t used; /* bytes of the line under way */
};

/* One character, or more that belong together. */
static void put(struct fold_line *line, const char *at, size_t bytes)
{
    if (line->used + bytes > LINE_BYTES) {
        buffer_add_text(line->out, "\r\n ");
        line->used = 1;
    }
    buffer_add(line->out, at, bytes);
    line->used += bytes;
}

static void put_line(struct buffer *out, const char *name, struct text value, bool escaped)
{
    struct fold_line line = {out, 0};
    size_t bytes;
    uint32_t code;
    for (const char *c = name; *c; c++) put(&line, c, 1);
    put(&line, ":", 1);
    for (size_t i = 0; i < value.bytes; i += bytes) {
        const char *at = value.at + i;
        bytes = escape_character(at, value.bytes - i, &code);
        if (code == 0xFFFD) put(&line, "\xEF\xBF\xBD", 3);
        else if (escaped && code == '\n') put(&line, "\\n", 2);
        else if (code < 0x20 || code == 0x7F) put(&line, " ", 1);
        else if (escaped && strchr("\\;,", (int)code) && code < 0x80) put(&line, (char[]){'\\', *at}, 2);
        else put(&line, at, bytes);
    }
    buffer_add_text(out, "\r\n");
}

void icalendar_text(struct buffer *out, const char *name, struct text value)
{
    put_line(out, name, value, true);
}

void icalendar_value(struct buffer *out, const char *name, struct text value)
{
    put_line(out, name, value, false);
}

static void add_value(struct buffer *out, const char *name, const char *value)
{
    icalendar_value(out, name, (struct text){value, strlen(value)});
}

/* "20261013T160000Z" */
static void add_instant(struct buffer *out, const char *name, int64_t at_ms)
{
    char text[STAMP_BYTES * 4];
    int64_t second = at_ms / 1000;
    int32_t day = (int32_t)(second / 86400), of_day = (int32_t)(second % 86400);
    int year, month, dom;
    day_to_civil(day, &year, &month, &dom);
    snprintf(text, sizeof text, "%04d%02d%02dT%02d%02d%02dZ", year, month, dom, of_day / 3600, of_day / 60 % 60, of_day % 60);
    add_value(out, name, text);
}

static void add_day(struct buffer *out, const char *name, int32_t day)
{
    char text[STAMP_BYTES * 4];
    int year, month, dom;
    day_to_civil(day, &year, &month, &dom);
    snprintf(text, sizeof text, "%04d%02d%02d", year, month, dom);
    add_value(out, name, text);
}

static void add_uid(struct buffer *out, const struct wording *wording)
{
    const struct case_file *file = wording->envelope->file;
    const char *clock = vocabulary_clock(wording->envelope->rules->words, wording->demand->told.clock);
    char text[UID_BYTES];
    XXH64_hash_t which = XXH3_64bits_withSeed(clock ? clock : "", clock ? strlen(clock) : 0, wording->demand->told.which);
    XXH128_hash_t hash = XXH3_128bits_withSeed(file->id.at, file->id.bytes, which ^ (uint64_t)file->of);
    snprintf(text, sizeof text, "%016" PRIx64 "%016" PRIx64 "@bihuan", (uint64_t)hash.high64, (uint64_t)hash.low64);
    add_value(out, "UID", text);
}

/* When it is, and when it reminds: at opening of the last day, or two hours before. */
static void add_when(struct buffer *out, const struct clock *clock, const struct zone *zone)
{
    bool whole_day = zone_day(zone, clock->deadline_ms) != clock->last_day && clock->deadline_ms == zone_instant_ms(zone, clock->last_day + 1, 0);
    if (whole_day) {
        add_day(out, "DTSTART;VALUE=DATE", clock->last_day);
        add_day(out, "DTEND;VALUE=DATE", clock->last_day + 1);
    } else {
        add_instant(out, "DTSTART", clock->deadline_ms - half_hour_ms);
        add_instant(out, "DTEND", clock->deadline_ms);
    }
}

static void add_alarm(struct buffer *out, const struct clock *clock, const struct rules *rules, struct text summary)
{
    const struct counting *counting = &clock->rule->counting;
    int64_t opening_ms = zone_instant_ms(rules->zone, clock->last_day, counting->opening_ms), before_ms = clock->deadline_ms - 4 * half_hour_ms;
    add_value(out, "BEGIN", "VALARM");
    add_value(out, "ACTION", "DISPLAY");
    icalendar_text(out, "DESCRIPTION", summary);
    add_instant(out, "TRIGGER;VALUE=DATE-TIME", opening_ms < before_ms ? opening_ms : before_ms);
    add_value(out, "END", "VALARM");
}

static void write_entry(struct buffer *out, const struct wording *wording, struct text summary, struct text link)
{
    const struct envelope *envelope = wording->envelope;
    char sequence[STAMP_BYTES];
    snprintf(sequence, sizeof sequence, "%" PRId64, envelope->now_ms > sequence_from_ms ? (envelope->now_ms - sequence_from_ms) / 60000 : 0);
    add_value(out, "BEGIN", "VCALENDAR");
    add_value(out, "VERSION", "2.0");
    add_value(out, "PRODID", "-//Bihuan//Bihuan//ZH");
    add_value(out, "METHOD", "PUBLISH");
    add_value(out, "BEGIN", "VEVENT");
    add_uid(out, wording);
    add_value(out, "SEQUENCE", sequence);
    add_instant(out, "DTSTAMP", envelope->now_ms);
    add_when(out, wording->demand->clock, envelope->rules->zone);
    icalendar_text(out, "SUMMARY", summary);
    if (envelope->fold->title.bytes) icalendar_text(out, "DESCRIPTION", envelope->fold->title);
    if (link.bytes) icalendar_value(out, "URL", link);
    add_value(out, "TRANSP", "TRANSPARENT");
    add_value(out, "CATEGORIES", "12345");
    add_alarm(out, wording->demand->clock, envelope->rules, summary);
    add_value(out, "END", "VEVENT");
    add_value(out, "END", "VCALENDAR");
}

const char *icalendar_of(const struct wording *wording, const char *summary, const char *link, struct pool *pool)
{
    const struct clock *clock = wording->demand->clock;
    struct buffer out;
    if (wording->alert || !clock || clock->outcome != CLOCK_RUNNING || clock->deadline_ms <= wording->envelope->now_ms) return NULL;
    buffer_init(&out, ICALENDAR_MAX_BYTES);
    write_entry(&out, wording, (struct text){summary, strlen(summary)}, (struct text){link, strlen(link)});
    const char *text = out.overflow ? NULL : pool_copy(pool, buffer_text(&out), out.bytes + 1);
    buffer_free(&out);
    return text;
}
