/* Steps of one clock. Its deadline is worked out anew at each, from where it began. */
#include "sla/clock.h"

const char *clock_outcome_name(enum clock_outcome outcome)
{
    static const char *const names[] = {"running", "suspended", "met", "missed", "overdue", "cancelled"};
    return names[outcome];
}

/* The platform's own deadline, moved by what was added since. */
static struct deadline theirs(const struct clock *clock, const struct rules *rules)
{
    struct deadline deadline = {clock->stated_ms, zone_day(rules->zone, clock->stated_ms - 1)};
    return counting_shift(&clock->rule->counting, rules, clock->rule->limit.unit, deadline, clock->stated_gained,
                          clock->extended_days - clock->stated_extended);
}

static void set_deadline(struct clock *clock, const struct rules *rules)
{
    struct deadline deadline = counting_deadline(&clock->rule->counting, rules, clock->rule->limit, clock->begin_ms, clock->gained,
                                                 clock->extended_days);
    clock->ours_ms = deadline.at_ms;
    if (clock->stated_ms) {
        struct deadline other = theirs(clock, rules);
        enum due_counts counts = rules->policy->due;
        clock->theirs_ms = other.at_ms;
        if (counts == DUE_THEIRS || (counts == DUE_EARLIER && other.at_ms < deadline.at_ms)) deadline = other;
    }
    clock->deadline_ms = deadline.at_ms;
    clock->last_day = deadline.last_day;
    clock->provisional = calendar_provisional(rules->calendar, zone_day(rules->zone, clock->started_ms), clock->last_day);
}

static void begin_anew(struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    clock->anew_ms = at_ms;
    clock->begin_ms = counting_begin(&clock->rule->counting, rules, at_ms);
    clock->gained = 0;
}

void clock_start(struct clock *clock, const struct policy_clock *rule, const struct rules *rules, uint32_t round, int64_t at_ms)
{
    *clock = (struct clock){.rule = rule, .ladder = rule, .round = round, .started_ms = at_ms, .ended_ms = INT64_MAX,
                            .suspended_since_ms = INT64_MIN, .outcome = CLOCK_RUNNING};
    begin_anew(clock, rules, at_ms);
    set_deadline(clock, rules);
}

void clock_suspend(struct clock *clock, int64_t at_ms, bool restarts)
{
    clock->suspended_since_ms = at_ms;
    clock->restarts = restarts;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t clock_rests_since(const struct clock *clock)
{
    return later(clock->suspended_since_ms, clock->anew_ms);
}

void clock_resume(struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    if (!clock_suspended(clock)) return;
    const struct counting *counting = &clock->rule->counting;
    enum limit_unit unit = clock->rule->limit.unit;
    if (clock->stated_ms)
        clock->stated_gained += counting_gain(counting, rules, unit, clock->begin_ms, later(clock->suspended_since_ms, clock->stated_at_ms), at_ms);
    clock->gained += counting_gain(counting, rules, unit, clock->begin_ms, clock_rests_since(clock), at_ms);
    if (clock->restarts) begin_anew(clock, rules, at_ms);
    clock->suspended_since_ms = INT64_MIN;
    set_deadline(clock, rules);
}

void clock_stop(struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    clock_resume(clock, rules, at_ms);
    clock->ended_ms = clock->stopped_ms = at_ms;
    clock->outcome = at_ms <= clock->deadline_ms ? CLOCK_MET : CLOCK_MISSED;
    if (clock->outcome == CLOCK_MISSED) clock->overdue_ms = at_ms - clock->deadline_ms;
}

void clock_cancel(struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    clock_resume(clock, rules, at_ms);
    clock->ended_ms = at_ms;
    clock->outcome = CLOCK_CANCELLED;
}

void clock_extend(struct clock *clock, const struct rules *rules, int32_t days)
{
    clock->extended_days += days;
    set_deadline(clock, rules);
}

void clock_state_due(struct clock *clock, const struct rules *rules, int64_t at_ms, int64_t due_ms)
{
    clock->stated_ms = due_ms;
    clock->stated_at_ms = at_ms;
    clock->stated_gained = 0;
    clock->stated_extended = clock->extended_days;
    set_deadline(clock, rules);
}

/* As if it were resumed. */
static struct clock resumed(const struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    struct clock copy = *clock;
    clock_resume(&copy, rules, at_ms);
    return copy;
}

void clock_take_rule(struct clock *clock, const struct policy_clock *rule, const struct rules *rules, int64_t at_ms,
                     bool from_event, int64_t gained, bool earlier)
{
    struct clock present = resumed(clock, rules, at_ms), other = *clock;
    other.rule = other.ladder = rule;
    other.gained = gained;
    if (from_event) {
        begin_anew(&other, rules, at_ms);
        other.extended_days = 0;
    }
    if (other.stated_ms) { /* as it has been moved so far */
        other.stated_ms = present.theirs_ms;
        other.stated_at_ms = at_ms;
        other.stated_gained = 0;
        other.stated_extended = other.extended_days;
    }
    set_deadline(&other, rules);
    if (!rule->suspends) clock_resume(&other, rules, at_ms);
    if (earlier && resumed(&other, rules, at_ms).deadline_ms >= present.deadline_ms) clock->ladder = rule;
    else *clock = other;
}

int64_t clock_look(struct clock *clock, int64_t now_ms)
{
    if (!clock_live(clock)) return INT64_MAX;
    if (clock_suspended(clock)) {
        clock->outcome = CLOCK_SUSPENDED;
        return INT64_MAX;
    }
    if (now_ms <= clock->deadline_ms) return clock->deadline_ms + 1;
    clock->outcome = CLOCK_OVERDUE;
    clock->overdue_ms = now_ms - clock->deadline_ms;
    return INT64_MAX;
}
