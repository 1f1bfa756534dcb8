/* Time left, by the counting that made the deadline. */
#include "notify/left.h"

static const int64_t minute_ms = 60000;

static enum left_measure measure_of(const struct policy_clock *rule)
{
    static const enum left_measure measures[] = {[LIMIT_WORKDAYS] = LEFT_WORKDAYS, [LIMIT_DAYS] = LEFT_DAYS, [LIMIT_WORK_HOURS] = LEFT_WORK_HOURS,
                                                 [LIMIT_HOURS] = LEFT_HOURS};
    return measures[rule->limit.unit];
}

/* Of one counted day. */
static int64_t day_length_ms(const struct counting *counting)
{
    int64_t sum_ms = 0;
    for (int i = 0; i < counting->periods; i++) sum_ms += counting->period[i].to_ms - counting->period[i].from_ms;
    return sum_ms;
}

/* In days of that length (0: no days), and what is over. */
static void divide(struct left *left, int64_t span_ms, int64_t day_ms)
{
    int64_t minutes = span_ms / minute_ms, day = day_ms / minute_ms;
    left->days = day ? (int32_t)(minutes / day) : 0;
    minutes -= left->days * day;
    left->hours = (int32_t)(minutes / 60);
    left->minutes = left->days ? 0 : (int32_t)(minutes % 60);
}

static void count_left(struct left *left, const struct policy_clock *rule, const struct rules *rules, int64_t deadline_ms, int64_t now_ms)
{
    bool working = left->measure == LEFT_WORKDAYS || left->measure == LEFT_WORK_HOURS;
    int64_t worked_ms = working ? counting_worked_ms(&rule->counting, rules, now_ms, deadline_ms) : deadline_ms - now_ms;
    left->after_hours = worked_ms < minute_ms && deadline_ms - now_ms >= minute_ms;
    if (left->after_hours) divide(left, deadline_ms - now_ms, DAY_MS);
    else divide(left, worked_ms, left->measure == LEFT_WORKDAYS ? day_length_ms(&rule->counting) : left->measure == LEFT_DAYS ? DAY_MS : 0);
}

static void count_late(struct left *left, const struct policy_clock *rule, const struct rules *rules, int64_t deadline_ms, int32_t last_day,
                       int64_t now_ms)
{
    int32_t today = zone_day(rules->zone, now_ms);
    switch (left->measure) {
    case LEFT_WORKDAYS: left->days = calendar_workdays_between(counting_calendar(&rule->counting, rules), last_day + 1, today + 1); break;
    case LEFT_DAYS: left->days = today - last_day; break;
    case LEFT_WORK_HOURS: divide(left, counting_worked_ms(&rule->counting, rules, deadline_ms, now_ms), 0); break;
    case LEFT_HOURS: divide(left, now_ms - deadline_ms, 0); break;
    }
}

struct left left_at(const struct policy_clock *rule, const struct rules *rules, int64_t deadline_ms, int32_t last_day, int64_t now_ms)
{
    struct left left = {.known = true, .late = now_ms > deadline_ms, .measure = measure_of(rule)};
    if (left.late) count_late(&left, rule, rules, deadline_ms, last_day, now_ms);
    else count_left(&left, rule, rules, deadline_ms, now_ms);
    return left;
}
