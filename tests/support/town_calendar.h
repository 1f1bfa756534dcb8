#ifndef BIHUAN_TESTS_SUPPORT_TOWN_CALENDAR_H
#define BIHUAN_TESTS_SUPPORT_TOWN_CALENDAR_H
/* The town's own working days and office hours, in local time (UTC+8):
 * milliseconds and days since 1970-01-01 00:00 local. It shares no code with
 * the programs under test. */
#include <stdbool.h>
#include <stdint.h>

enum { TOWN_FIRST_YEAR = 2010, TOWN_LAST_YEAR = 2060 };

static const int64_t minute_ms = 60 * 1000;
static const int64_t hour_ms = 60 * 60 * 1000;
static const int64_t day_ms = 24 * 60 * 60 * 1000;

/* Once, before the rest. */
void town_calendar_open(void);

int32_t town_day(int year, int month, int day);
void town_date(int32_t day, int *year, int *month, int *month_day);

bool town_is_workday(int32_t day);
/* A weekday off, or a holiday that falls on a weekend, is both a rest day and a holiday. */
bool town_is_holiday(int32_t day);
/* The count-th working day after `day`; count from 0 (then `day` itself). */
int32_t town_add_workdays(int32_t day, int32_t count);
/* local_ms moved on by `minutes` of office time: 09:00-12:00 and 13:00-17:30 on working days. */
int64_t town_add_office_minutes(int64_t local_ms, int32_t minutes);

#endif
