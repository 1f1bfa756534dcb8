#ifndef BIHUAN_SLA_CLOCK_H
#define BIHUAN_SLA_CLOCK_H
/* One clock of a case: started, suspended, extended, stopped. Pure. (The shared
 * time of day is common/clock.h's.) */
#include "sla/counting.h"

enum clock_outcome { CLOCK_RUNNING, CLOCK_SUSPENDED, CLOCK_MET, CLOCK_MISSED, CLOCK_OVERDUE, CLOCK_CANCELLED };
const char *clock_outcome_name(enum clock_outcome outcome);

struct clock {
    const struct policy_clock *rule;
    const struct policy_clock *ladder; /* whose ladder it has: the rule's, but for a class entered that left the limit */
    uint32_t round;                    /* as printed */
    uint32_t in_round;                 /* the case's latest in which it ran */
    uint32_t which;                    /* tells it from others of its name: the case's round; of one that an event began, by that event */
    size_t next_live;                  /* sla/pass.h */
    bool main;                         /* the round's main clock */
    bool restarts;                     /* suspended, and counts anew when resumed */
    struct text unit;                  /* of a share or member clock */
    int64_t started_ms;
    int64_t anew_ms, begin_ms;         /* when it was started or last began anew, and so began to count (sla/counting.h) */
    int64_t deadline_ms;
    int32_t last_day;
    int32_t extended_days;             /* working days granted */
    int64_t gained;                    /* by suspensions: days, or ms of a limit in hours */
    int64_t ours_ms;                   /* the deadline by our own count */
    int64_t theirs_ms;                 /* the platform's own, moved as ours since; 0 for none */
    int64_t stated_ms, stated_at_ms;   /* as it was stated, and when */
    int64_t stated_gained;             /* what suspensions added to it since */
    int32_t stated_extended;           /* working days granted until then */
    int64_t stopped_ms;                /* of met and missed */
    int64_t ended_ms;                  /* stopped or cancelled at; INT64_MAX while neither */
    int64_t suspended_since_ms;        /* INT64_MIN while not suspended */
    int64_t overdue_ms;
    enum clock_outcome outcome;
    bool provisional;
};

static inline bool clock_live(const struct clock *clock)
{
    return clock->ended_ms == INT64_MAX;
}

/* The instant at which its deadline was missed: the deadline, or its start where that is later (one stated by the platform). */
static inline int64_t clock_passed_ms(const struct clock *clock)
{
    return clock->deadline_ms > clock->started_ms ? clock->deadline_ms : clock->started_ms;
}

static inline bool clock_suspended(const struct clock *clock)
{
    return clock->suspended_since_ms != INT64_MIN;
}

/* Starts *clock by its rule at an instant. */
void clock_start(struct clock *clock, const struct policy_clock *rule, const struct rules *rules, uint32_t round, int64_t at_ms);
void clock_suspend(struct clock *clock, int64_t at_ms, bool restarts);
/* What is left is what was left at the suspension; or, where it restarts, all of it. */
void clock_resume(struct clock *clock, const struct rules *rules, int64_t at_ms);
void clock_stop(struct clock *clock, const struct rules *rules, int64_t at_ms);
void clock_cancel(struct clock *clock, const struct rules *rules, int64_t at_ms);
/* Adds working days. */
void clock_extend(struct clock *clock, const struct rules *rules, int32_t days);
/* The platform states its own deadline. */
void clock_state_due(struct clock *clock, const struct rules *rules, int64_t at_ms, int64_t due_ms);
/* The rule of another class: its whole limit from `at_ms` (from_event), or the limit
 * from where it was with `gained` by its counting. A clock at rest stays so if the rule
 * lets it. With `earlier` only the ladder changes unless the deadline, as if resumed, comes earlier. */
void clock_take_rule(struct clock *clock, const struct policy_clock *rule, const struct rules *rules, int64_t at_ms,
                     bool from_event, int64_t gained, bool earlier);
/* Since when it rests, as far as that adds to its limit. */
int64_t clock_rests_since(const struct clock *clock);
/* Outcome as of `now_ms`, a suspension left open. Returns when it changes by itself; INT64_MAX for never. */
int64_t clock_look(struct clock *clock, int64_t now_ms);

#endif
