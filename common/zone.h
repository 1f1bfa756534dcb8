#ifndef BIHUAN_COMMON_ZONE_H
#define BIHUAN_COMMON_ZONE_H
/* A time zone as a table: pure look-ups, whatever the machine's own TZ.
 *
 * Instants are signed 64-bit milliseconds UTC since 1970-01-01 ("_ms").
 * Days are civil days in the zone, counted from 1970-01-01 = 0 ("_day").
 * Right from 1970 to 2210; outside, the nearest year's last or first offset. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ZONE_TRANSITIONS_MAX = 1024, DAY_MS = 86400000 };

struct zone {
    char name[64];
    size_t count;                          /* entries used, at least 1 */
    int64_t from_ms[ZONE_TRANSITIONS_MAX]; /* first instant of the entry; [0] is INT64_MIN */
    int32_t offset_ms[ZONE_TRANSITIONS_MAX];
};

/* Loads an IANA zone (as "Asia/Shanghai") from the system's database into
 * *zone. Reads the C library's zone once and puts the process's TZ back: call
 * it at start, before any thread. False when there is no such zone. */
bool zone_load(struct zone *zone, const char *name);

/* Index of the entry that is in force at `at_ms`. */
size_t zone_entry(const struct zone *zone, int64_t at_ms);

/* Offset from UTC in ms that is in force at `at_ms`. */
int32_t zone_offset_ms(const struct zone *zone, int64_t at_ms);

/* Civil day that holds the instant `at_ms`. */
int32_t zone_day(const struct zone *zone, int64_t at_ms);

/* First instant of civil day `day` plus `time_of_day_ms` on the wall clock.
 * A time that a change of the clocks skips gives the instant of the change;
 * one that comes twice gives the first. */
int64_t zone_instant_ms(const struct zone *zone, int32_t day, int32_t time_of_day_ms);

/* Proleptic Gregorian calendar. */
int32_t day_from_civil(int year, int month, int dom);
void day_to_civil(int32_t day, int *year, int *month, int *dom);
/* 1 = Monday … 7 = Sunday (ISO 8601). */
int day_iso_weekday(int32_t day);

enum { DAY_TEXT_BYTES = 16, INSTANT_TEXT_BYTES = 40 };
/* "2024-10-12" of a day into text[DAY_TEXT_BYTES]; returns its length. */
size_t day_print(char *text, int32_t day);
/* Parses "YYYY-MM-DD". False when it is no such date. */
bool day_parse(const char *text, size_t bytes, int32_t *day);

/* RFC 3339 in the zone, milliseconds only where they are not zero, into
 * text[INSTANT_TEXT_BYTES]; returns its length. */
size_t instant_print(char *text, const struct zone *zone, int64_t at_ms);
/* Parses RFC 3339 with an offset or Z (lower-case t and z as well), 1–9 digits
 * of fraction cut to ms. NULL, or why it is no such time (static text). */
const char *instant_parse(const char *text, size_t bytes, int64_t *at_ms);

#endif
