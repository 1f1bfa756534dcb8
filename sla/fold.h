#ifndef BIHUAN_SLA_FOLD_H
#define BIHUAN_SLA_FOLD_H
/* fold(rules, events, now) → the case, and what it contributes to the figures.
 *
 * Pure: no clock, no I/O. The events lie in the order of rule 2.1; those later
 * than `now` are left out. A struct fold is a workspace: fold again and again
 * into one, its arrays are kept. Texts borrow from the events. */
#include "sla/case.h"
#include "sla/clock.h"
#include "sla/step_table.h"

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

/* A stretch of time in which one unit, or none (the dispatcher), held an open case. */
struct share {
    struct text unit;
    uint32_t round;
    int64_t from_ms, to_ms; /* to: INT64_MAX while it goes on */
    int clock;              /* index into clocks, -1 for none */
};

/* An event at which ladders may remind. */
struct nudge {
    int64_t at_ms;
    uint8_t type;
    bool suspended; /* the case was */
};

/* What one event did. */
struct trace {
    const struct event *event; /* NULL: something that came by itself */
    int64_t at_ms;
    uint8_t effect;            /* enum effect */
    uint8_t state;             /* enum case_state, after it */
    int class;                 /* after it */
    uint32_t round;
    int32_t days;              /* working days that a grant added */
    struct text unit;          /* that holds the case after it */
};

struct fold {
    enum of of;
    int class; /* index into the policy's, -1 while incomplete */
    enum case_state state;
    struct text unit, first_unit;
    int64_t now_ms;   /* as of when it was folded */
    int64_t received_ms;
    const struct event *receipt; /* NULL while incomplete, and of a case that has shrunk */
    struct policy_facts facts;   /* that the class rests on, as amended */
    enum outcome outcome;
    int satisfaction; /* 1–5, 0 for none */
    int64_t satisfied_ms; /* when it was given */
    int64_t final_ms;     /* voided or merged; INT64_MAX for never */
    uint32_t round;       /* the last one's number */
    bool upheld;          /* a rating's appeal */
    struct text co_units; /* as last named */
    struct text title, item, area, channel, citizen;
    int main;         /* index of the last round's main clock, -1 for none */
    size_t used;      /* events up to now; 0: there is no case yet. What a stub stands for is one */
    size_t passed;    /* contributions of the steps; what the case's end tells comes behind */
    size_t old_clocks; /* of a case gone on from a stub: those of before, of which nothing is demanded */
    int64_t next_ms;  /* instant at which the fold changes by itself or by a waiting event; INT64_MAX for never */

    size_t clocks, contributions, milestones, holdings, shares, nudges, duplicates, traces;

    /* What stays from one fold to the next: a wish of the caller's, and the arrays. */
    bool tracing;            /* what each event did goes into `trace` */
    struct clock *clock;
    struct contribution *contribution;
    struct milestone *milestone;
    struct holding *holding; /* who held the case from when on */
    struct share *share;     /* of policies with share clocks, or when tracing */
    struct nudge *nudge;     /* urges and the like, in order */
    struct text *duplicate;  /* cases merged into this one */
    struct trace *trace;
    size_t clocks_room, contributions_room, milestones_room, holdings_room, shares_room, nudges_room, duplicates_room, traces_room;
};

/* Folds a case, as of now_ms, into *fold (zeroed before its first use). Never
 * fails: memory is the process's to lack (it aborts then). */
void fold_case(struct fold *fold, const struct rules *rules, const struct case_file *file, int64_t now_ms);
void fold_free(struct fold *fold);

/* Unit that held the case after every step up to and at `at_ms`. */
struct text fold_unit_at(const struct fold *fold, int64_t at_ms);

#endif
