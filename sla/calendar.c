/* The calendar: three kinds of day read from a file, and an index that makes
 * "the n-th working day after" one look-up.
 *
 * The trap: a year without a published notice still has an answer, which is
 * only provisional: weekends and the fixed-date holidays (节假日办法). */
#include "sla/calendar.h"

#include "common/zone.h"

#include <assert.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    YEARS = CALENDAR_LAST_YEAR - CALENDAR_FIRST_YEAR + 1,
    DAYS = YEARS * 366,
};

struct calendar {
    char version[128];
    bool published[YEARS];
    char *source[YEARS];
    int32_t first_day, days;  /* days covered */
    int32_t workdays;         /* working days covered */
    uint8_t kind[DAYS];
    int32_t before[DAYS + 1]; /* working days before day i */
    int32_t nth[DAYS];        /* day (counted from first_day) of the n-th working day, n from 0 */
};

struct complaint {
    const char *file;
    char *text;
    size_t bytes;
};

__attribute__((format(printf, 2, 3))) static bool complain(struct complaint *c, const char *format, ...)
{
    va_list args;
    int n = snprintf(c->text, c->bytes, "%s: ", c->file);
    va_start(args, format);
    if (n > 0 && (size_t)n < c->bytes) vsnprintf(c->text + n, c->bytes - (size_t)n, format, args);
    va_end(args);
    return false;
}

/* "MM-DD" in a year. */
static bool month_day(int year, const json_t *value, int32_t *day)
{
    char text[24];
    const char *s = json_string_value(value);
    if (!s || strlen(s) != 5) return false;
    snprintf(text, sizeof text, "%04d-%s", year, s);
    return day_parse(text, 10, day);
}

static bool mark(struct calendar *calendar, int year, const json_t *list, const char *path, enum day_kind kind,
                 struct complaint *c)
{
    size_t i;
    const json_t *value;
    if (!json_is_array(list)) return complain(c, "%s: expected an array of \"MM-DD\"", path);
    json_array_foreach(list, i, value) {
        int32_t day;
        if (!month_day(year, value, &day)) return complain(c, "%s[%zu]: expected a date \"MM-DD\" of %d", path, i, year);
        uint8_t *slot = &calendar->kind[day - calendar->first_day];
        if (*slot == DAY_HOLIDAY || *slot == DAY_MAKEUP_WORKDAY)
            if (calendar->published[year - CALENDAR_FIRST_YEAR]) return complain(c, "%s[%zu]: named twice", path, i);
        *slot = (uint8_t)kind;
    }
    return true;
}

static bool read_year(struct calendar *calendar, const json_t *entry, size_t at, struct complaint *c)
{
    static const char *const known[] = {"year", "source", "holidays", "makeup_workdays"};
    char path[64];
    snprintf(path, sizeof path, "years[%zu]", at);
    if (!json_is_object(entry)) return complain(c, "%s: expected an object", path);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)entry, key, value) {
        size_t k = 0;
        while (k < 4 && strcmp(known[k], key) != 0) k++;
        if (k == 4) return complain(c, "%s.%s: unknown field", path, key);
    }
    json_int_t year = json_integer_value(json_object_get(entry, "year"));
    if (year < CALENDAR_FIRST_YEAR || year > CALENDAR_LAST_YEAR)
        return complain(c, "%s.year: expected %d to %d", path, CALENDAR_FIRST_YEAR, CALENDAR_LAST_YEAR);
    int slot = (int)year - CALENDAR_FIRST_YEAR;
    if (calendar->published[slot]) return complain(c, "%s.year: %d is there twice", path, (int)year);
    calendar->published[slot] = true;
    const json_t *source = json_object_get(entry, "source");
    if (source && !json_is_null(source) && !json_is_string(source))
        return complain(c, "%s.source: expected text or null", path);
    if (json_is_string(source)) calendar->source[slot] = strdup(json_string_value(source));
    char list[96];
    snprintf(list, sizeof list, "%s.holidays", path);
    if (!mark(calendar, (int)year, json_object_get(entry, "holidays"), list, DAY_HOLIDAY, c)) return false;
    snprintf(list, sizeof list, "%s.makeup_workdays", path);
    return mark(calendar, (int)year, json_object_get(entry, "makeup_workdays"), list, DAY_MAKEUP_WORKDAY, c);
}

static void mark_weekends(struct calendar *calendar)
{
    calendar->first_day = day_from_civil(CALENDAR_FIRST_YEAR, 1, 1);
    calendar->days = day_from_civil(CALENDAR_LAST_YEAR + 1, 1, 1) - calendar->first_day;
    for (int32_t i = 0; i < calendar->days; i++)
        calendar->kind[i] = day_iso_weekday(calendar->first_day + i) > 5 ? DAY_WEEKEND : DAY_WORKDAY;
}

static void index_workdays(struct calendar *calendar)
{
    for (int32_t i = 0; i < calendar->days; i++) {
        bool work = calendar->kind[i] == DAY_WORKDAY || calendar->kind[i] == DAY_MAKEUP_WORKDAY;
        calendar->before[i] = calendar->workdays;
        if (work) calendar->nth[calendar->workdays++] = i;
    }
    calendar->before[calendar->days] = calendar->workdays;
}

static bool read_calendar(struct calendar *calendar, const json_t *root, struct complaint *c)
{
    const char *name = json_string_value(json_object_get(root, "calendar"));
    const char *version = json_string_value(json_object_get(root, "version"));
    const json_t *years = json_object_get(root, "years");
    const json_t *fixed = json_object_get(root, "provisional_holidays");
    if (!name || !*name) return complain(c, "calendar: expected a name");
    if (!version || !*version) return complain(c, "version: expected text");
    if (!json_is_array(years)) return complain(c, "years: expected an array");
    snprintf(calendar->version, sizeof calendar->version, "%s %s", name, version);
    mark_weekends(calendar);
    size_t i;
    const json_t *entry;
    json_array_foreach(years, i, entry)
        if (!read_year(calendar, entry, i, c)) return false;
    for (int year = CALENDAR_FIRST_YEAR; year <= CALENDAR_LAST_YEAR; year++)
        if (!calendar->published[year - CALENDAR_FIRST_YEAR] &&
            !mark(calendar, year, fixed, "provisional_holidays", DAY_HOLIDAY, c))
            return false;
    index_workdays(calendar);
    return true;
}

struct calendar *calendar_load(const char *file, char *error, size_t error_bytes)
{
    struct complaint c = {file, error, error_bytes};
    json_error_t at;
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &at);
    if (!root) {
        complain(&c, "line %d: %s", at.line, at.text);
        return NULL;
    }
    struct calendar *calendar = calloc(1, sizeof *calendar);
    if (!calendar) abort();
    if (!read_calendar(calendar, root, &c)) {
        calendar_free(calendar);
        calendar = NULL;
    }
    json_decref(root);
    return calendar;
}

void calendar_free(struct calendar *calendar)
{
    if (!calendar) return;
    for (int i = 0; i < YEARS; i++) free(calendar->source[i]);
    free(calendar);
}

const char *calendar_version(const struct calendar *calendar)
{
    return calendar->version;
}

static int year_slot(int32_t day)
{
    int year, month, dom;
    day_to_civil(day, &year, &month, &dom);
    return year - CALENDAR_FIRST_YEAR;
}

const char *calendar_source(const struct calendar *calendar, int year)
{
    int slot = year - CALENDAR_FIRST_YEAR;
    return slot >= 0 && slot < YEARS ? calendar->source[slot] : NULL;
}

static int32_t index_of(const struct calendar *calendar, int32_t day)
{
    int32_t i = day - calendar->first_day;
    assert(i >= 0 && i < calendar->days);
    return i;
}

enum day_kind calendar_kind(const struct calendar *calendar, int32_t day)
{
    return (enum day_kind)calendar->kind[index_of(calendar, day)];
}

const char *day_kind_name(enum day_kind kind)
{
    static const char *const names[] = {"workday", "weekend", "holiday", "makeup_workday"};
    return names[kind];
}

bool calendar_is_workday(const struct calendar *calendar, int32_t day)
{
    enum day_kind kind = calendar_kind(calendar, day);
    return kind == DAY_WORKDAY || kind == DAY_MAKEUP_WORKDAY;
}

int32_t calendar_add_workdays(const struct calendar *calendar, int32_t day, int32_t count)
{
    if (count == 0) return day;
    int32_t i = index_of(calendar, day);
    int32_t n = count > 0 ? calendar->before[i + 1] + count - 1 : calendar->before[i] + count;
    assert(n >= 0 && n < calendar->workdays);
    return calendar->first_day + calendar->nth[n];
}

int32_t calendar_workdays_between(const struct calendar *calendar, int32_t from, int32_t to)
{
    if (to <= from) return 0;
    return calendar->before[index_of(calendar, to - 1) + 1] - calendar->before[index_of(calendar, from)];
}

bool calendar_provisional(const struct calendar *calendar, int32_t from, int32_t to)
{
    if (to <= from) return false;
    for (int slot = year_slot(from + 1), last = year_slot(to); slot <= last; slot++)
        if (!calendar->published[slot]) return true;
    return false;
}
