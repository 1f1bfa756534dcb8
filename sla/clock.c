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
    return counting_shift(&clock->rule->counting, rules, clock->rule->limit.unit, deadline, clock->gained - clock->stated_gained,
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

void clock_start(struct clock *clock, const struct policy_clock *rule, const struct rules *rules, uint32_t round, int64_t at_ms)
{
    *clock = (struct clock){.rule = rule, .ladder = rule, .round = round, .started_ms = at_ms, .ended_ms = INT64_MAX,
                            .suspended_since_ms = INT64_MIN, .outcome = CLOCK_RUNNING};
    clock->begin_ms = counting_begin(&rule->counting, rules, at_ms);
    set_deadline(clock, rules);
}

void clock_suspend(struct clock *clock, int64_t at_ms, bool restarts)
{
    clock->suspended_since_ms = at_ms;
    clock->restarts = restarts;
}

void clock_resume(struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    if (!clock_suspended(clock)) return;
    if (clock->restarts) {
        clock->begin_ms = counting_begin(&clock->rule->counting, rules, at_ms);
        clock->gained = 0;
        clock->stated_gained = 0;
    } else {
        clock->gained += counting_gain(&clock->rule->counting, rules, clock->rule->limit.unit, clock->begin_ms,
                                       clock->suspended_since_ms, at_ms);
    }
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

void clock_state_due(struct clock *clock, const struct rules *rules, int64_t due_ms)
{
    clock->stated_ms = due_ms;
    clock->stated_gained = clock->gained;
    clock->stated_extended = clock->extended_days;
    set_deadline(clock, rules);
}

void clock_take_rule(struct clock *clock, const struct policy_clock *rule, const struct rules *rules, int64_t at_ms,
                     bool from_event, int64_t gained, bool earlier)
{
    struct clock other = *clock;
    other.rule = other.ladder = rule;
    other.gained = from_event ? 0 : gained;
    if (from_event) {
        other.begin_ms = counting_begin(&rule->counting, rules, at_ms);
        other.extended_days = 0;
    }
    other.stated_ms = clock->stated_ms ? clock->theirs_ms : 0; /* as it has been moved so far */
    other.stated_gained = other.gained;
    other.stated_extended = other.extended_days;
    set_deadline(&other, rules);
    if (earlier && other.deadline_ms >= clock->deadline_ms) clock->ladder = rule;
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
