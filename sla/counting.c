/* Counting by look-up: an index for days, and for hours the length of a plain day
 * put right for the few days on which the clocks change.
 *
 * The trap: a deadline at midnight belongs to the day that it ends, so its last
 * day is that of the instant just before. */
#include "sla/counting.h"

static const int64_t hour_ms = 3600000;

const struct calendar *counting_calendar(const struct counting *counting, const struct rules *rules)
{
    return counting->calendar ? rules->derived[counting->calendar - 1] : rules->calendar;
}

static bool counts(const struct counting *counting, const struct rules *rules, int32_t day)
{
    return calendar_is_workday(counting_calendar(counting, rules), day);
}

static int32_t next_counted(const struct counting *counting, const struct rules *rules, int32_t day)
{
    return calendar_add_workdays(counting_calendar(counting, rules), day, 1);
}

/* --- where counting begins --- */

/* First instant at or after at_ms of the periods of its day; INT64_MAX when they are over. */
static int64_t opening_of_day(const struct counting *counting, const struct rules *rules, int32_t day, int64_t at_ms)
{
    for (int i = 0; i < counting->periods; i++) {
        int64_t from_ms = zone_instant_ms(rules->zone, day, counting->period[i].from_ms);
        if (at_ms < from_ms) return from_ms;
        if (at_ms < zone_instant_ms(rules->zone, day, counting->period[i].to_ms)) return at_ms;
    }
    return INT64_MAX;
}

int64_t counting_begin(const struct counting *counting, const struct rules *rules, int64_t at_ms)
{
    if (!counting->outside_moves) return at_ms;
    int32_t day = zone_day(rules->zone, at_ms);
    int64_t opening_ms = counts(counting, rules, day) ? opening_of_day(counting, rules, day, at_ms) : INT64_MAX;
    if (opening_ms != INT64_MAX) return opening_ms;
    return zone_instant_ms(rules->zone, next_counted(counting, rules, day), counting->period[0].from_ms);
}

int32_t counting_day_zero(const struct counting *counting, const struct rules *rules, int64_t begin_ms)
{
    int32_t day = zone_day(rules->zone, begin_ms);
    return counting->rest_day_moves && !counts(counting, rules, day) ? next_counted(counting, rules, day) : day;
}

/* --- hours --- */

static int64_t day_length_ms(const struct counting *counting, const struct rules *rules, int32_t day)
{
    int64_t sum_ms = 0;
    for (int i = 0; i < counting->periods; i++)
        sum_ms += zone_instant_ms(rules->zone, day, counting->period[i].to_ms) -
                  zone_instant_ms(rules->zone, day, counting->period[i].from_ms);
    return sum_ms;
}

static int64_t plain_length_ms(const struct counting *counting)
{
    int64_t sum_ms = 0;
    for (int i = 0; i < counting->periods; i++) sum_ms += counting->period[i].to_ms - counting->period[i].from_ms;
    return sum_ms;
}

/* Of one day, between two instants. */
static int64_t worked_in_day(const struct counting *counting, const struct rules *rules, int32_t day, int64_t from_ms, int64_t to_ms)
{
    int64_t sum_ms = 0;
    if (!counts(counting, rules, day)) return 0;
    for (int i = 0; i < counting->periods; i++) {
        int64_t open_ms = zone_instant_ms(rules->zone, day, counting->period[i].from_ms);
        int64_t close_ms = zone_instant_ms(rules->zone, day, counting->period[i].to_ms);
        if (open_ms < from_ms) open_ms = from_ms;
        if (close_ms > to_ms) close_ms = to_ms;
        if (open_ms < close_ms) sum_ms += close_ms - open_ms;
    }
    return sum_ms;
}

/* Of whole days from <= d < to. */
static int64_t worked_in_days(const struct counting *counting, const struct rules *rules, int32_t from, int32_t to)
{
    const struct zone *zone = rules->zone;
    int64_t plain_ms = plain_length_ms(counting);
    int64_t sum_ms = plain_ms * calendar_workdays_between(counting_calendar(counting, rules), from, to);
    if (to <= from) return 0;
    int64_t from_ms = zone_instant_ms(zone, from, 0), to_ms = zone_instant_ms(zone, to, 0);
    for (size_t i = zone_entry(zone, from_ms - 1) + 1; i < zone->count && zone->from_ms[i] < to_ms; i++) { /* midnight itself may be skipped */
        int32_t day = zone_day(zone, zone->from_ms[i]);
        if (counts(counting, rules, day)) sum_ms += day_length_ms(counting, rules, day) - plain_ms;
    }
    return sum_ms;
}

int64_t counting_worked_ms(const struct counting *counting, const struct rules *rules, int64_t from_ms, int64_t to_ms)
{
    if (to_ms <= from_ms) return 0;
    int32_t first = zone_day(rules->zone, from_ms), last = zone_day(rules->zone, to_ms);
    if (first == last) return worked_in_day(counting, rules, first, from_ms, to_ms);
    return worked_in_day(counting, rules, first, from_ms, to_ms) + worked_in_days(counting, rules, first + 1, last) +
           worked_in_day(counting, rules, last, from_ms, to_ms);
}

/* The instant of a day at which `left_ms` of its periods after from_ms have passed. */
static int64_t reach_in_day(const struct counting *counting, const struct rules *rules, int32_t day, int64_t from_ms, int64_t left_ms)
{
    int64_t close_ms = from_ms;
    for (int i = 0; i < counting->periods; i++) {
        int64_t open_ms = zone_instant_ms(rules->zone, day, counting->period[i].from_ms);
        close_ms = zone_instant_ms(rules->zone, day, counting->period[i].to_ms);
        if (open_ms < from_ms) open_ms = from_ms;
        if (close_ms <= open_ms) continue;
        if (close_ms - open_ms >= left_ms) return open_ms + left_ms;
        left_ms -= close_ms - open_ms;
    }
    return close_ms; /* only where the index ends */
}

/* The first instant at which `amount_ms` of counted time have passed: the day by halving, then within it. */
static int64_t advance_worked(const struct counting *counting, const struct rules *rules, int64_t from_ms, int64_t amount_ms)
{
    const struct calendar *calendar = counting_calendar(counting, rules);
    int32_t first = zone_day(rules->zone, from_ms);
    int64_t today_ms = worked_in_day(counting, rules, first, from_ms, INT64_MAX);
    if (today_ms >= amount_ms) return reach_in_day(counting, rules, first, from_ms, amount_ms);
    amount_ms -= today_ms;
    int64_t low = 0, high = amount_ms / plain_length_ms(counting) + 1; /* counted days after the first: low too few, high enough */
    while (worked_in_days(counting, rules, first + 1, calendar_add_workdays(calendar, first, (int32_t)high) + 1) < amount_ms && high < COUNTED_DAYS_MAX)
        low = high, high *= 2;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (worked_in_days(counting, rules, first + 1, calendar_add_workdays(calendar, first, (int32_t)middle) + 1) < amount_ms) low = middle;
        else high = middle;
    }
    int32_t day = calendar_add_workdays(calendar, first, (int32_t)high);
    return reach_in_day(counting, rules, day, zone_instant_ms(rules->zone, day, 0),
                        amount_ms - worked_in_days(counting, rules, first + 1, day));
}

/* --- deadlines --- */

static int32_t time_of_day_ms(const struct rules *rules, int32_t day, int64_t at_ms)
{
    return (int32_t)(at_ms + zone_offset_ms(rules->zone, at_ms) - (int64_t)day * DAY_MS);
}

static struct deadline of_instant(const struct rules *rules, int64_t at_ms)
{
    int64_t end_ms = zone_instant_ms(rules->zone, calendar_last_day(), DAY_MS);
    if (at_ms > end_ms) at_ms = end_ms;
    return (struct deadline){at_ms, zone_day(rules->zone, at_ms - 1)};
}

static struct deadline on_day(const struct counting *counting, const struct rules *rules, int32_t last_day, int64_t begin_ms)
{
    int32_t end_ms = counting->day_end_ms;
    if (end_ms == END_SAME_TIME) end_ms = time_of_day_ms(rules, zone_day(rules->zone, begin_ms), begin_ms);
    return (struct deadline){zone_instant_ms(rules->zone, last_day, end_ms), last_day};
}

/* Moved on to a day, its time of day staying. */
static struct deadline move_to(const struct rules *rules, struct deadline deadline, int32_t day)
{
    int32_t end_ms = time_of_day_ms(rules, deadline.last_day, deadline.at_ms);
    if (day > calendar_last_day()) day = calendar_last_day();
    return (struct deadline){zone_instant_ms(rules->zone, day, end_ms), day};
}

/* Moved on by counted days, its time of day staying. */
static struct deadline extend(const struct counting *counting, const struct rules *rules, struct deadline deadline, int32_t days)
{
    if (days == 0) return deadline;
    return move_to(rules, deadline, calendar_add_workdays(counting_calendar(counting, rules), deadline.last_day, days));
}

struct deadline counting_shift(const struct counting *counting, const struct rules *rules, enum limit_unit unit,
                               struct deadline deadline, int64_t gained, int32_t extended_days)
{
    if (gained == 0) return extend(counting, rules, deadline, extended_days);
    switch (unit) {
    case LIMIT_WORKDAYS: return extend(counting, rules, deadline, (int32_t)gained + extended_days);
    case LIMIT_DAYS: return extend(counting, rules, move_to(rules, deadline, deadline.last_day + (int32_t)gained), extended_days);
    case LIMIT_WORK_HOURS: deadline = of_instant(rules, advance_worked(counting, rules, deadline.at_ms, gained)); break;
    case LIMIT_HOURS: deadline = of_instant(rules, deadline.at_ms + gained); break;
    }
    return extend(counting, rules, deadline, extended_days);
}

struct deadline counting_deadline(const struct counting *counting, const struct rules *rules, struct limit limit,
                                  int64_t begin_ms, int64_t gained, int32_t extended_days)
{
    int32_t last_day, day_zero;
    switch (limit.unit) {
    case LIMIT_WORKDAYS:
        day_zero = counting_day_zero(counting, rules, begin_ms);
        last_day = calendar_add_workdays(counting_calendar(counting, rules), day_zero, limit.amount + (int32_t)gained + extended_days);
        return on_day(counting, rules, last_day, begin_ms);
    case LIMIT_DAYS:
        last_day = counting_day_zero(counting, rules, begin_ms) + limit.amount + (int32_t)gained;
        if (last_day > calendar_last_day()) last_day = calendar_last_day();
        if (!counting->last_rest_day_stays && !counts(counting, rules, last_day)) last_day = next_counted(counting, rules, last_day);
        last_day = calendar_add_workdays(counting_calendar(counting, rules), last_day, extended_days);
        return on_day(counting, rules, last_day, begin_ms);
    case LIMIT_WORK_HOURS:
        return extend(counting, rules, of_instant(rules, advance_worked(counting, rules, begin_ms, limit.amount * hour_ms + gained)),
                               extended_days);
    case LIMIT_HOURS: break;
    }
    return extend(counting, rules, of_instant(rules, begin_ms + limit.amount * hour_ms + gained), extended_days);
}

int64_t counting_gain(const struct counting *counting, const struct rules *rules, enum limit_unit unit, int64_t begin_ms,
                      int64_t from_ms, int64_t to_ms)
{
    int32_t from = zone_day(rules->zone, from_ms), to = zone_day(rules->zone, to_ms);
    switch (unit) {
    case LIMIT_WORKDAYS: return calendar_workdays_between(counting_calendar(counting, rules), from, to);
    case LIMIT_DAYS: return to - from;
    case LIMIT_WORK_HOURS: return counting_worked_ms(counting, rules, from_ms, to_ms);
    case LIMIT_HOURS: break;
    }
    if (from_ms < begin_ms) from_ms = begin_ms;
    return to_ms > from_ms ? to_ms - from_ms : 0;
}

int64_t counting_end_of_days(const struct counting *counting, const struct rules *rules, int64_t at_ms, int32_t count)
{
    int32_t day = calendar_add_workdays(counting_calendar(counting, rules), zone_day(rules->zone, at_ms) - 1, count);
    return day < calendar_last_day() ? zone_instant_ms(rules->zone, day + 1, 0) : zone_instant_ms(rules->zone, day, 0); /* where the index ends */
}
