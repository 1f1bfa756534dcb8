/* The calendar: three kinds of day read from a file, and an index that makes
 * "the n-th working day after" one look-up.
 *
 * The trap: a year without a published notice still has an answer, which is
 * only provisional: weekends and the fixed-date holidays (节假日办法). */
#include "sla/calendar.h"

#include "common/alloc.h"
#include "common/zone.h"
#include "sla/form.h"

#include <assert.h>
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
    char *json;               /* the file's content, in compact form; NULL of a derived one */
    uint8_t kind[DAYS];
    bool counts[DAYS];        /* is it a working day here? */
    int32_t before[DAYS + 1]; /* working days before day i */
    int32_t nth[DAYS];        /* day (counted from first_day) of the n-th working day, n from 0 */
    int32_t provisional[DAYS + 1]; /* days of unpublished years before day i */
};

/* "MM-DD" in a year. */
static bool month_day(int year, const json_t *value, int32_t *day)
{
    char text[24];
    const char *s = json_string_value(value);
    if (!s || strlen(s) != 5) return false;
    snprintf(text, sizeof text, "%04d-%s", year, s);
    return day_parse(text, 10, day);
}

static bool mark(struct calendar *calendar, int year, const json_t *list, const char *field, enum day_kind kind,
                 const struct form *form)
{
    size_t i;
    const json_t *value;
    if (!json_is_array(list)) return form_fault(form, "%s: expected an array of \"MM-DD\"", field);
    json_array_foreach(list, i, value) {
        int32_t day;
        if (!month_day(year, value, &day)) return form_fault(form, "%s[%zu]: expected a date \"MM-DD\" of %d", field, i, year);
        uint8_t *slot = &calendar->kind[day - calendar->first_day];
        if (*slot == DAY_HOLIDAY || *slot == DAY_MAKEUP_WORKDAY)
            if (calendar->published[year - CALENDAR_FIRST_YEAR]) return form_fault(form, "%s[%zu]: named twice", field, i);
        *slot = (uint8_t)kind;
    }
    return true;
}

static bool read_year(struct calendar *calendar, const json_t *entry, const struct form *form)
{
    static const char *const members[] = {"year", "source", "holidays", "makeup_workdays", NULL};
    int year = 0;
    if (!form_members(form, entry, members) ||
        !form_int(form, json_object_get(entry, "year"), "year", CALENDAR_FIRST_YEAR, CALENDAR_LAST_YEAR, &year))
        return false;
    int slot = year - CALENDAR_FIRST_YEAR;
    if (calendar->published[slot]) return form_fault(form, "year: %d is there twice", year);
    calendar->published[slot] = true;
    const json_t *source = json_object_get(entry, "source");
    if (source && !json_is_null(source) && !json_is_string(source)) return form_fault(form, "source: expected text or null");
    if (json_is_string(source)) calendar->source[slot] = strdup(json_string_value(source));
    return mark(calendar, year, json_object_get(entry, "holidays"), "holidays", DAY_HOLIDAY, form) &&
           mark(calendar, year, json_object_get(entry, "makeup_workdays"), "makeup_workdays", DAY_MAKEUP_WORKDAY, form);
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
    calendar->workdays = 0;
    for (int32_t i = 0; i < calendar->days; i++) {
        calendar->before[i] = calendar->workdays;
        if (calendar->counts[i]) calendar->nth[calendar->workdays++] = i;
    }
    calendar->before[calendar->days] = calendar->workdays;
}

static void index_years(struct calendar *calendar)
{
    int32_t i = 0, days = 0;
    for (int year = CALENDAR_FIRST_YEAR; year <= CALENDAR_LAST_YEAR; year++) {
        int32_t end = day_from_civil(year + 1, 1, 1) - calendar->first_day;
        for (; i < end; i++) {
            calendar->provisional[i] = days;
            days += !calendar->published[year - CALENDAR_FIRST_YEAR];
        }
    }
    calendar->provisional[i] = days;
}

static bool read_calendar(struct calendar *calendar, const json_t *root, struct form *form)
{
    static const char *const members[] = {"calendar", "version", "title", "provisional_holidays", "years", NULL};
    char name[64] = "", version[32] = "";
    const json_t *years = json_object_get(root, "years"), *entry;
    const json_t *fixed = json_object_get(root, "provisional_holidays");
    size_t i;
    if (!form_members(form, root, members) || !form_name(form, root, "calendar", name, sizeof name) ||
        !form_name(form, root, "version", version, sizeof version))
        return false;
    if (!json_is_array(years)) return form_fault(form, "years: expected an array");
    snprintf(calendar->version, sizeof calendar->version, "%s %s", name, version);
    mark_weekends(calendar);
    json_array_foreach(years, i, entry) {
        form_at(form, "years[%zu]", i);
        if (!read_year(calendar, entry, form)) return false;
    }
    *form->path = 0;
    for (int year = CALENDAR_FIRST_YEAR; year <= CALENDAR_LAST_YEAR; year++)
        if (!calendar->published[year - CALENDAR_FIRST_YEAR] && !mark(calendar, year, fixed, "provisional_holidays", DAY_HOLIDAY, form))
            return false;
    for (int32_t k = 0; k < calendar->days; k++)
        calendar->counts[k] = calendar->kind[k] == DAY_WORKDAY || calendar->kind[k] == DAY_MAKEUP_WORKDAY;
    index_workdays(calendar);
    index_years(calendar);
    return true;
}

static struct calendar *build(struct form *form, json_t *root)
{
    if (!root) return NULL;
    struct calendar *calendar = xcalloc(1, sizeof *calendar);
    if (!read_calendar(calendar, root, form)) {
        calendar_free(calendar);
        calendar = NULL;
    } else {
        calendar->json = json_dumps(root, JSON_COMPACT);
        if (!calendar->json) abort();
    }
    json_decref(root);
    return calendar;
}

struct calendar *calendar_load(const char *file, char *error, size_t error_bytes)
{
    struct form form = {.file = file, .error = error, .error_bytes = error_bytes};
    return build(&form, form_load(&form));
}

struct calendar *calendar_parse(const char *text, size_t bytes, const char *called, char *error, size_t error_bytes)
{
    struct form form = {.file = called, .error = error, .error_bytes = error_bytes};
    return build(&form, form_parse(&form, text, bytes));
}

bool calendar_holds(int32_t day)
{
    return day >= day_from_civil(CALENDAR_FIRST_YEAR, 1, 1) && day <= calendar_last_day();
}

int32_t calendar_last_day(void)
{
    return day_from_civil(CALENDAR_LAST_YEAR, 12, 31);
}

struct calendar *calendar_derive(const struct calendar *base, unsigned kinds, const int32_t *on, size_t ons, const int32_t *off,
                                 size_t offs)
{
    struct calendar *calendar = xmalloc(sizeof *calendar);
    memcpy(calendar, base, sizeof *calendar);
    calendar->json = NULL;
    for (int i = 0; i < YEARS; i++) calendar->source[i] = base->source[i] ? strdup(base->source[i]) : NULL;
    for (int32_t i = 0; i < calendar->days; i++) calendar->counts[i] = kinds >> calendar->kind[i] & 1;
    for (size_t i = 0; i < ons; i++) calendar->counts[on[i] - calendar->first_day] = true;
    for (size_t i = 0; i < offs; i++) calendar->counts[off[i] - calendar->first_day] = false;
    index_workdays(calendar);
    return calendar;
}

void calendar_free(struct calendar *calendar)
{
    if (!calendar) return;
    for (int i = 0; i < YEARS; i++) free(calendar->source[i]);
    free(calendar->json);
    free(calendar);
}

const char *calendar_version(const struct calendar *calendar)
{
    return calendar->version;
}

const char *calendar_json(const struct calendar *calendar)
{
    return calendar->json;
}

bool calendar_published(const struct calendar *calendar, int year)
{
    int slot = year - CALENDAR_FIRST_YEAR;
    return slot >= 0 && slot < YEARS && calendar->published[slot];
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
    return calendar->counts[index_of(calendar, day)];
}

int32_t calendar_add_workdays(const struct calendar *calendar, int32_t day, int32_t count)
{
    if (count == 0) return day;
    int32_t i = index_of(calendar, day);
    int32_t n = count > 0 ? calendar->before[i + 1] + count - 1 : calendar->before[i] + count;
    if (n < 0) return calendar->first_day;
    if (n >= calendar->workdays) return calendar->first_day + calendar->days - 1;
    return calendar->first_day + calendar->nth[n];
}

int32_t calendar_workdays_between(const struct calendar *calendar, int32_t from, int32_t to)
{
    if (to <= from) return 0;
    return calendar->before[index_of(calendar, to - 1) + 1] - calendar->before[index_of(calendar, from)];
}

bool calendar_provisional(const struct calendar *calendar, int32_t from, int32_t to)
{
    return to > from && calendar->provisional[index_of(calendar, to) + 1] > calendar->provisional[index_of(calendar, from) + 1];
}
