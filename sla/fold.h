#ifndef BIHUAN_SLA_FOLD_H
#define BIHUAN_SLA_FOLD_H
/* fold(rules, events, now) → the case, and what it contributes to the figures.
 *
 * Pure: no clock, no I/O. The events lie in the order of rule 2.1; those later
 * than `now` are left out. A struct fold is a workspace: fold again and again
 * into one, its arrays are kept. Texts borrow from the events. */
#include "common/zone.h"
#include "sla/calendar.h"
#include "sla/policy.h"

/* What every decision rests on. Borrowed. */
struct rules {
    const struct policy *policy;
    const struct calendar *calendar;
    const struct zone *zone;
};

enum case_state {
    STATE_INCOMPLETE,
    STATE_RECEIVED,
    STATE_DISPATCHED,
    STATE_SIGNED,
    STATE_RETURNED,
    STATE_SUSPENDED,
    STATE_ANSWERED,
    STATE_CLOSED,
    STATE_VOIDED,
    STATE_MERGED,
    STATE_OPEN, /* a rating that still needs something */
    CASE_STATES
};
const char *case_state_name(enum case_state state);

enum clock_outcome { CLOCK_RUNNING, CLOCK_SUSPENDED, CLOCK_MET, CLOCK_MISSED, CLOCK_OVERDUE, CLOCK_CANCELLED };
const char *clock_outcome_name(enum clock_outcome outcome);

struct clock {
    const struct policy_clock *rule;
    uint32_t round;
    int64_t started_ms, deadline_ms;
    int32_t started_day; /* counted from: not counted itself */
    int32_t last_day;
    int32_t extended_days, suspended_days; /* working days added */
    int64_t stopped_ms;                    /* of met and missed */
    int64_t ended_ms;                      /* stopped or cancelled at; INT64_MAX while neither */
    int64_t suspended_since_ms;            /* INT64_MIN while not suspended */
    int64_t overdue_ms;
    enum clock_outcome outcome;
    bool provisional;
};

/* What the figures count (CONTRACT §5 names; the order is the stored one: append only). */
enum counter {
    COUNT_RECEIVED, COUNT_VOIDED, COUNT_MERGED, COUNT_ANSWERED, COUNT_ANSWERED_IN_TIME, COUNT_SOLVED, COUNT_EXPLAINED,
    COUNT_DIRECT, COUNT_MISSED, COUNT_OPEN, COUNT_OPEN_OVERDUE, COUNT_REOPENED, COUNT_URGED, COUNT_SUPERVISED,
    COUNT_SUSPENDED, COUNT_EXTENDED, COUNT_TRANSFERRED, COUNT_RETURNED, COUNT_CONTACTED, COUNT_CONTACTED_IN_TIME,
    COUNT_RATING_1, COUNT_RATING_2, COUNT_RATING_3, COUNT_RATING_4, COUNT_RATING_5, COUNT_DEFAULT_RATINGS,
    COUNT_BAD_REVIEWS, COUNT_RECTIFIED, COUNT_RECTIFIED_IN_TIME, COUNT_RECTIFY_MISSED, COUNT_APPEALS_UPHELD,
    COUNT_CALLED_BACK, COUNT_REACHED, COUNT_CALLBACK_1, COUNT_CALLBACK_2, COUNT_CALLBACK_3, COUNT_CALLBACK_4,
    COUNT_CALLBACK_5,
    COUNTERS
};

/* Adds one to a counter, on a civil day, under a unit. */
struct contribution {
    uint8_t counter;  /* enum counter */
    int32_t day;      /* DAY_NONE for open and open_overdue, which have none */
    struct text unit; /* empty for none */
};
#define DAY_NONE INT32_MIN

/* A step that the outside is told of: answered, called back, rectified, closed. */
struct milestone {
    const struct event *event;
    uint32_t round;
    struct text unit;
    int clock; /* index into clocks, -1 for none */
};

struct holding {
    int64_t from_ms;
    struct text unit;
};

struct fold {
    enum of of;
    int class; /* index into the policy's, -1 while incomplete */
    enum case_state state;
    struct text unit, first_unit;
    int64_t received_ms;
    const struct event *receipt; /* NULL while incomplete */
    enum outcome outcome;
    int satisfaction; /* 1–5, 0 for none */
    struct text title, item, area, channel, citizen;
    int64_t due_ms;   /* the platform's own deadline; 0 for none */
    size_t used;      /* events up to now */
    int64_t next_ms;  /* instant at which the fold changes by itself or by a waiting event; INT64_MAX for never */

    size_t clocks, contributions, milestones, holdings;
    struct clock *clock;
    struct contribution *contribution;
    struct milestone *milestone;
    struct holding *holding; /* who held the case from when on */
    size_t clocks_room, contributions_room, milestones_room, holdings_room;
};

/* Folds `count` events in order, as of now_ms, into *fold (zeroed before its
 * first use). Never fails: memory is the process's to lack (it aborts then). */
void fold_case(struct fold *fold, const struct rules *rules, enum of of, const struct event *events, size_t count,
               int64_t now_ms);
void fold_free(struct fold *fold);

/* Unit that held the case after every step up to and at `at_ms`. */
struct text fold_unit_at(const struct fold *fold, int64_t at_ms);

/* Sets deadline, last day and provisional of a clock from its start and what was
 * added to it (民法典 201, 203). Used by explain as well. */
void clock_set_deadline(struct clock *clock, const struct rules *rules);
/* Starts *clock by its rule at an instant. */
void clock_start(struct clock *clock, const struct policy_clock *rule, const struct rules *rules, uint32_t round,
                 int64_t at_ms);

#endif
