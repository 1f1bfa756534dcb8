/* Working days and office hours of the town (town_calendar.h): the State
 * Council's calendars of 2024 to 2026; other years weekends only. */
#include "town_calendar.h"

#include <assert.h>
#include <stddef.h>

enum { DAYS = (TOWN_LAST_YEAR - TOWN_FIRST_YEAR + 1) * 366 };
enum { MORNING = 9 * 60, NOON = 12 * 60, AFTERNOON = 13 * 60, EVENING = 17 * 60 + 30 };

struct year_notice {
    int year;
    int off[26], work[10]; /* month * 100 + day, ended by 0 */
};

static const struct year_notice notices[] = {
    {2024,
     {101, 212, 213, 214, 215, 216, 404, 405, 501, 502, 503, 610, 916, 917, 1001, 1002, 1003, 1004, 1007},
     {204, 218, 407, 428, 511, 914, 929, 1012}},
    {2025,
     {101, 128, 129, 130, 131, 203, 204, 404, 501, 502, 505, 602, 1001, 1002, 1003, 1006, 1007, 1008},
     {126, 208, 427, 928, 1011}},
    {2026,
     {101, 102, 216, 217, 218, 219, 220, 223, 406, 501, 504, 505, 619, 925, 1001, 1002, 1005, 1006, 1007},
     {104, 214, 228, 509, 920, 1010}},
};

static int32_t first_day;
static bool work[DAYS], holiday[DAYS];

/* Days from civil date and back, after Howard Hinnant's public-domain algorithms. */
int32_t town_day(int year, int month, int day)
{
    year -= month <= 2;
    int era = year / 400, year_of_era = year - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

void town_date(int32_t day, int *year, int *month, int *month_day)
{
    int32_t shifted = day + 719468, era = shifted / 146097, day_of_era = shifted - era * 146097;
    int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t shifted_month = (5 * day_of_year + 2) / 153;
    *month_day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    *month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

static size_t slot(int32_t day)
{
    assert(day >= first_day && day < first_day + DAYS);
    return (size_t)(day - first_day);
}

void town_calendar_open(void)
{
    first_day = town_day(TOWN_FIRST_YEAR, 1, 1);
    for (int32_t i = 0; i < DAYS; i++) {
        int weekday = (first_day + i + 3) % 7; /* 0 Monday; 1970-01-01 was a Thursday */
        work[i] = weekday < 5;
    }
    for (size_t n = 0; n < sizeof notices / sizeof notices[0]; n++) {
        const struct year_notice *notice = &notices[n];
        for (const int *off = notice->off; *off; off++) {
            size_t i = slot(town_day(notice->year, *off / 100, *off % 100));
            work[i] = false;
            holiday[i] = true;
        }
        for (const int *made_up = notice->work; *made_up; made_up++)
            work[slot(town_day(notice->year, *made_up / 100, *made_up % 100))] = true;
    }
}

bool town_is_workday(int32_t day)
{
    return work[slot(day)];
}

bool town_is_holiday(int32_t day)
{
    return holiday[slot(day)];
}

int32_t town_add_workdays(int32_t day, int32_t count)
{
    while (count > 0)
        count -= town_is_workday(++day);
    return day;
}

/* Office minutes of a working day that lie before `minute` of that day. */
static int32_t office_minutes_before(int32_t minute)
{
    if (minute <= MORNING)
        return 0;
    if (minute <= NOON)
        return minute - MORNING;
    if (minute <= AFTERNOON)
        return NOON - MORNING;
    if (minute <= EVENING)
        return NOON - MORNING + minute - AFTERNOON;
    return NOON - MORNING + EVENING - AFTERNOON;
}

int64_t town_add_office_minutes(int64_t local_ms, int32_t minutes)
{
    int32_t day = (int32_t)(local_ms / day_ms);
    int32_t second = (int32_t)(local_ms % minute_ms / 1000);
    if (town_is_workday(day))
        minutes += office_minutes_before((int32_t)(local_ms % day_ms / minute_ms));
    else
        day = town_add_workdays(day, 1);
    int32_t whole_day = office_minutes_before(24 * 60);
    while (minutes >= whole_day) {
        minutes -= whole_day;
        day = town_add_workdays(day, 1);
    }
    int32_t minute = MORNING + minutes;
    if (minute >= NOON)
        minute += AFTERNOON - NOON;
    return day * day_ms + minute * minute_ms + second * (int64_t)1000;
}
