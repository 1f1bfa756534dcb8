/* Time zones and civil days.
 *
 * The trap: C's localtime depends on a global. It is asked once, at load, for
 * the offset at weekly steps (daily before 1999: since then no zone has changed
 * twice within a week), each change narrowed to its second; after that all is
 * table look-up. */
#include "common/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_YEAR = 1970, WEEKLY_YEAR = 1999, LAST_YEAR = 2211, DAY_S = 86400 };

static int32_t libc_offset_s(int64_t at_s)
{
    struct tm tm;
    time_t t = (time_t)at_s;
    return localtime_r(&t, &tm) ? (int32_t)tm.tm_gmtoff : 0;
}

static bool zone_exists(const char *name)
{
    if (!*name || *name == '/' || strstr(name, "..")) return false;
    char path[160];
    int n = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    return strcmp(name, "UTC") == 0 || (n > 0 && (size_t)n < sizeof path && access(path, R_OK) == 0);
}

static void fill(struct zone *zone)
{
    int64_t at_s = (int64_t)day_from_civil(FIRST_YEAR, 1, 1) * DAY_S;
    const int64_t weekly_s = (int64_t)day_from_civil(WEEKLY_YEAR, 1, 1) * DAY_S, end_s = (int64_t)day_from_civil(LAST_YEAR, 1, 1) * DAY_S;
    int32_t offset_s = libc_offset_s(at_s);
    zone->count = 1;
    zone->from_ms[0] = INT64_MIN;
    zone->offset_ms[0] = offset_s * 1000;
    for (int64_t step_s; at_s < end_s; at_s += step_s) {
        step_s = at_s < weekly_s ? DAY_S : 7 * DAY_S;
        int32_t next_s = libc_offset_s(at_s + step_s);
        if (next_s == offset_s) continue;
        int64_t low = at_s, high = at_s + step_s; /* offset_s at low, another at high */
        while (high - low > 1) {
            int64_t middle = low + (high - low) / 2;
            if (libc_offset_s(middle) == offset_s) low = middle;
            else high = middle;
        }
        if (zone->count == ZONE_TRANSITIONS_MAX) return;
        zone->from_ms[zone->count] = high * 1000;
        zone->offset_ms[zone->count++] = next_s * 1000;
        offset_s = next_s;
    }
}

bool zone_load(struct zone *zone, const char *name)
{
    if (strlen(name) >= sizeof zone->name || !zone_exists(name)) return false;
    const char *tz = getenv("TZ");
    char *before = tz ? strdup(tz) : NULL;
    setenv("TZ", name, 1);
    tzset();
    memset(zone, 0, sizeof *zone);
    snprintf(zone->name, sizeof zone->name, "%s", name);
    fill(zone);
    if (before) setenv("TZ", before, 1);
    else unsetenv("TZ");
    tzset();
    free(before);
    return true;
}

size_t zone_entry(const struct zone *zone, int64_t at_ms)
{
    size_t low = 0, high = zone->count;
    if (at_ms >= zone->from_ms[high - 1]) return high - 1; /* where clocks no longer change, always */
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (zone->from_ms[middle] <= at_ms) low = middle;
        else high = middle;
    }
    return low;
}

int32_t zone_offset_ms(const struct zone *zone, int64_t at_ms)
{
    return zone->offset_ms[zone_entry(zone, at_ms)];
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int32_t zone_day(const struct zone *zone, int64_t at_ms)
{
    return (int32_t)floor_div(at_ms + zone_offset_ms(zone, at_ms), DAY_MS);
}

int64_t zone_instant_ms(const struct zone *zone, int32_t day, int32_t time_of_day_ms)
{
    int64_t wall_ms = (int64_t)day * DAY_MS + time_of_day_ms;
    int32_t early = zone_offset_ms(zone, wall_ms - DAY_MS), late = zone_offset_ms(zone, wall_ms + DAY_MS);
    if (early == late) {
        int64_t at_ms = wall_ms - early;
        if (zone_offset_ms(zone, at_ms) == early) return at_ms;
    }
    int64_t first = wall_ms - early, second = wall_ms - late;
    if (zone_offset_ms(zone, first) == early) return first;
    if (zone_offset_ms(zone, second) == late) return second;
    /* Skipped: the first entry that begins after the earlier reading. */
    for (size_t i = 1; i < zone->count; i++)
        if (zone->from_ms[i] > second && zone->from_ms[i] <= first) return zone->from_ms[i];
    return first;
}

/* Days from civil, after the well-known era arithmetic (400 years = 146097 days). */
int32_t day_from_civil(int year, int month, int dom)
{
    year -= month <= 2;
    int era = (year >= 0 ? year : year - 399) / 400;
    int yoe = year - era * 400;
    int doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + dom - 1;
    int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void day_to_civil(int32_t day, int *year, int *month, int *dom)
{
    int z = day + 719468;
    int era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    *dom = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = yoe + era * 400 + (*month <= 2);
}

int day_iso_weekday(int32_t day)
{
    int w = (int)((day + 3) % 7); /* 1970-01-01 was a Thursday */
    return (w < 0 ? w + 7 : w) + 1;
}

static char *put_digits(char *p, int value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10) p[i] = (char)('0' + value % 10);
    return p + width;
}

size_t day_print(char *text, int32_t day)
{
    int year, month, dom;
    day_to_civil(day, &year, &month, &dom);
    char *p = put_digits(text, year, 4);
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, dom, 2);
    *p = 0;
    return (size_t)(p - text);
}

static bool take_digits(const char *text, int width, int *value)
{
    *value = 0;
    for (int i = 0; i < width; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

bool day_parse(const char *text, size_t bytes, int32_t *day)
{
    int year, month, dom, y, m, d;
    if (bytes != 10 || text[4] != '-' || text[7] != '-' || !take_digits(text, 4, &year) ||
        !take_digits(text + 5, 2, &month) || !take_digits(text + 8, 2, &dom))
        return false;
    if (month < 1 || month > 12 || dom < 1 || dom > 31) return false;
    *day = day_from_civil(year, month, dom);
    day_to_civil(*day, &y, &m, &d);
    return m == month && d == dom;
}

size_t instant_print(char *text, const struct zone *zone, int64_t at_ms)
{
    int32_t offset_ms = zone_offset_ms(zone, at_ms);
    int64_t wall_ms = at_ms + offset_ms;
    int32_t day = (int32_t)floor_div(wall_ms, DAY_MS);
    int tod = (int)(wall_ms - (int64_t)day * DAY_MS);
    char *p = text + day_print(text, day);
    *p++ = 'T';
    p = put_digits(p, tod / 3600000, 2);
    *p++ = ':';
    p = put_digits(p, tod / 60000 % 60, 2);
    *p++ = ':';
    p = put_digits(p, tod / 1000 % 60, 2);
    if (tod % 1000) {
        *p++ = '.';
        p = put_digits(p, tod % 1000, 3);
    }
    int minutes = offset_ms / 60000;
    *p++ = minutes < 0 ? '-' : '+';
    if (minutes < 0) minutes = -minutes;
    p = put_digits(p, minutes / 60, 2);
    *p++ = ':';
    p = put_digits(p, minutes % 60, 2);
    *p = 0;
    return (size_t)(p - text);
}

const char *instant_parse(const char *text, size_t bytes, int64_t *at_ms)
{
    static const char form[] = "expected RFC 3339 as 2024-09-30T10:15:00+08:00";
    int hour, minute, second, fraction_ms = 0, zone_hour = 0, zone_minute = 0;
    int32_t day;
    if (bytes < 20) return form;
    if (!day_parse(text, 10, &day)) return "no such date";
    if ((text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':' ||
        !take_digits(text + 11, 2, &hour) || !take_digits(text + 14, 2, &minute) || !take_digits(text + 17, 2, &second))
        return form;
    if (hour > 23 || minute > 59 || second > 59) return "no such time of day";
    size_t i = 19;
    if (text[i] == '.') {
        size_t digits = 0;
        for (i++; i < bytes && text[i] >= '0' && text[i] <= '9'; i++, digits++)
            if (digits < 3) fraction_ms = fraction_ms * 10 + (text[i] - '0');
        if (digits < 1 || digits > 9) return "expected 1 to 9 digits of fraction";
        for (; digits < 3; digits++) fraction_ms *= 10;
    }
    if (i >= bytes) return "a time without offset";
    bool west = text[i] == '-';
    if (text[i] == 'Z' || text[i] == 'z') {
        if (i + 1 != bytes) return form;
    } else if (text[i] == '+' || text[i] == '-') {
        if (i + 6 != bytes || text[i + 3] != ':' || !take_digits(text + i + 1, 2, &zone_hour) ||
            !take_digits(text + i + 4, 2, &zone_minute))
            return form;
        if (zone_hour > 23 || zone_minute > 59) return "no such offset";
    } else {
        return form;
    }
    int64_t offset_ms = (int64_t)(zone_hour * 60 + zone_minute) * 60000;
    *at_ms = (int64_t)day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + fraction_ms +
             (west ? offset_ms : -offset_ms);
    return NULL;
}
