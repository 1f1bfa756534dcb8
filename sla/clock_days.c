/* Days, told one by one: the slow way round, for people. */
#include "sla/clock_days.h"

#include "sla/case_json.h"

static struct clock_day of_days(const struct clock *clock, const struct rules *rules, int32_t day)
{
    const struct policy_clock *rule = clock->rule;
    const struct calendar *calendar = counting_calendar(&rule->counting, rules);
    int32_t zero = counting_day_zero(&rule->counting, rules, clock->begin_ms);
    bool works = calendar_is_workday(calendar, day);
    if (rule->limit.unit == LIMIT_WORKDAYS) return (struct clock_day){day > zero && works, 0};
    /* Calendar days, then a rest day that moves the last, then working days granted. */
    int32_t end = zero + rule->limit.amount + (int32_t)clock->gained;
    if (day <= end) return (struct clock_day){day > zero, 0};
    int32_t moved = rule->counting.last_rest_day_stays || calendar_is_workday(calendar, end) ? end : calendar_add_workdays(calendar, end, 1);
    return (struct clock_day){day > moved && works, 0};
}

static struct clock_day of_hours(const struct clock *clock, const struct rules *rules, int32_t day)
{
    int64_t from_ms = zone_instant_ms(rules->zone, day, 0), to_ms = zone_instant_ms(rules->zone, day + 1, 0);
    if (from_ms < clock->begin_ms) from_ms = clock->begin_ms;
    if (to_ms > clock->deadline_ms) to_ms = clock->deadline_ms;
    int64_t counted_ms = clock->rule->limit.unit == LIMIT_WORK_HOURS ? counting_worked_ms(&clock->rule->counting, rules, from_ms, to_ms)
                                                                     : to_ms - from_ms;
    return (struct clock_day){counted_ms > 0, counted_ms > 0 ? counted_ms : 0};
}

struct clock_day clock_day(const struct clock *clock, const struct rules *rules, int32_t day)
{
    return clock->rule->limit.unit >= LIMIT_WORK_HOURS ? of_hours(clock, rules, day) : of_days(clock, rules, day);
}

json_t *clock_days_to_json(const struct clock *clock, const struct rules *rules, bool hours)
{
    json_t *days = json_array();
    for (int32_t day = zone_day(rules->zone, clock->started_ms); day <= clock->last_day; day++) {
        struct clock_day one = clock_day(clock, rules, day);
        json_t *entry = json_pack("{s:o,s:s,s:b}", "date", json_day(day), "kind", day_kind_name(calendar_kind(rules->calendar, day)), "counted", one.counted);
        if (hours && clock->rule->limit.unit >= LIMIT_WORK_HOURS) json_object_set_new_nocheck(entry, "counted_ms", json_integer(one.counted_ms));
        json_array_append_new(days, entry);
    }
    return days;
}
