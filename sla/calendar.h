#ifndef BIHUAN_SLA_CALENDAR_H
#define BIHUAN_SLA_CALENDAR_H
/* Working days 工作日 by look-up, forwards and backwards.
 *
 * Days are counted from 1970-01-01 = 0 (common/zone.h). The index covers
 * CALENDAR_FIRST_YEAR to CALENDAR_LAST_YEAR; a day outside it is our bug and
 * asserted, as decoders refuse times that could lead there. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALENDAR_FIRST_YEAR = 1999, CALENDAR_LAST_YEAR = 2210 };

enum day_kind { DAY_WORKDAY, DAY_WEEKEND, DAY_HOLIDAY, DAY_MAKEUP_WORKDAY };

struct calendar;

/* Loads a calendar file (conf/schema/calendar.json). The caller owns the
 * result. NULL on error, with "FILE: path: reason" in error[error_bytes]. */
struct calendar *calendar_load(const char *file, char *error, size_t error_bytes);
/* The same from JSON text (a certificate holds it); `called` stands for the file. */
struct calendar *calendar_parse(const char *text, size_t bytes, const char *called, char *error, size_t error_bytes);
/* A calendar of which other days count (a duty roster 值班): those whose kind is in
 * `kinds` (bits 1 << enum day_kind) or that are in `on`, but for those in `off`.
 * The caller owns the result. */
struct calendar *calendar_derive(const struct calendar *base, unsigned kinds, const int32_t *on, size_t ons, const int32_t *off,
                                 size_t offs);
void calendar_free(struct calendar *calendar);

/* Name and version, as "cn-state-council 2026-1"; owned by the calendar. */
const char *calendar_version(const struct calendar *calendar);
/* The file's content as compact JSON; owned by the calendar, NULL of a derived one. */
const char *calendar_json(const struct calendar *calendar);
bool calendar_published(const struct calendar *calendar, int year);
/* Notice that a published year rests on, or NULL (none named, or provisional). */
const char *calendar_source(const struct calendar *calendar, int year);

enum day_kind calendar_kind(const struct calendar *calendar, int32_t day);
const char *day_kind_name(enum day_kind kind);
bool calendar_is_workday(const struct calendar *calendar, int32_t day);

/* Is the day within the index? */
bool calendar_holds(int32_t day);
/* The last day of the index. */
int32_t calendar_last_day(void);

/* The count-th working day after `day`, which itself is not counted (民法典
 * 201: a period in days excludes the day it starts). A negative count goes
 * backwards; 0 gives `day`. Beyond the index: its first or last day. */
int32_t calendar_add_workdays(const struct calendar *calendar, int32_t day, int32_t count);

/* Number of working days d with from <= d < to; 0 when to <= from. */
int32_t calendar_workdays_between(const struct calendar *calendar, int32_t from, int32_t to);

/* Does a day after `from`, up to `to`, lie in a year without published calendar? */
bool calendar_provisional(const struct calendar *calendar, int32_t from, int32_t to);

#endif
