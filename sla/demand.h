#ifndef BIHUAN_SLA_DEMAND_H
#define BIHUAN_SLA_DEMAND_H
/* What a case demands of us: notices by its clocks' ladders, and results for
 * the platform. Owed is what it demands now and has not been told: a pure
 * function, so a case answered, moved or closed owes nothing stale, and what
 * was told and turned out untrue owes a correction. */
#include "sla/case.h"
#include "sla/fold.h"

enum demand_kind {
    DEMAND_NOTICE,    /* a step of a ladder, to the unit that owes the next step */
    DEMAND_RETRACT,   /* a notice that an overdue one turned out untrue */
    DEMAND_CORRECTION, /* a notice that other rules moved the deadline of one that was told */
    DEMAND_OVERDUE,   /* clock.overdue */
    DEMAND_WITHDRAWN, /* clock.withdrawn */
    DEMAND_ANSWERED,  /* case.answered */
    DEMAND_CALLED_BACK,
    DEMAND_RECTIFIED,
    DEMAND_CLOSED,
    DEMAND_CLUSTER,   /* an alert to the dispatcher; of a place, not of a case (sla/cluster.h) */
};
bool demand_is_notice(enum demand_kind kind);
/* Type of the result, as "case.answered"; NULL for notices. */
const char *demand_result_type(enum demand_kind kind);

enum { DEMANDS_MAX = 256, STEP_TEXT_BYTES = 48, NOTICE_ID_BYTES = 40 };
/* Steps that stand in no ladder. */
enum { STEP_RETRACT = UINT16_MAX, STEP_CORRECTION = UINT16_MAX - 1, STEP_CLUSTER = UINT16_MAX - 2 };

struct demand {
    enum demand_kind kind;
    struct told told;         /* as it will be remembered once issued */
    const struct clock *clock; /* NULL where none is concerned, or it is gone */
    const struct policy_step *step; /* of a notice that stands in a ladder */
    int64_t before_ms;        /* of a notice: the deadline that was told last, where other rules moved it since; else 0 */
    struct text unit;
    int superseded;           /* earlier steps of this clock that this one passes over, and that nobody ever tried */
};

struct demands {
    size_t count;
    struct demand at[DEMANDS_MAX]; /* more wait for the next time, */
    bool cut;                      /* and there are more: what is not in here may be demanded all the same */
    int64_t next_ms;               /* when something more will be demanded; INT64_MAX for never */
};

/* What is owed at now_ms (grace already taken off by the caller). Texts and
 * clocks borrow from the fold, which must be as of now_ms or later. */
void demands_owed(struct demands *demands, const struct case_file *file, const struct fold *fold, const struct rules *rules,
                  int64_t now_ms);

/* Is what is told under this id demanded? */
bool demands_hold(const struct demands *demands, uint64_t id);

/* The clock that a told entry is about, as the fold has it now; NULL when there is none with its deadline. */
const struct clock *told_clock(const struct told *told, const struct fold *fold);

/* The round as printed of what was told; 0 where the clock is gone and its number with it. */
uint32_t told_round(const struct told *told, const struct fold *fold);

/* The unit that what was told concerned: the clock's own, or the one that held the case then, as the fold has it now. */
struct text told_unit(const struct told *told, const struct fold *fold);

/* As what somebody was told of the clock that `about` concerns, whatever became of the notice: bits 1 << enum role. */
unsigned told_roles(const struct case_file *file, const struct told *about, const struct vocabulary *words);

/* "remind-2d", or "escalate-d3" for a step that repeats; into text[STEP_TEXT_BYTES]. */
void step_print(char *text, const struct policy_step *step, int day);

/* The same of what was told, "withdrawn" and "corrected" included; "" for what is no notice. */
void told_step_print(char *text, const struct told *told, const struct vocabulary *words);

/* What tells a notice from every other of its case: a function of clock, round, step, day and deadline. */
uint64_t demand_notice_key(const struct told *told);

/* Deterministic id of a notice or result, "ntc_" or "res_" and 32 hex digits, into
 * text[NOTICE_ID_BYTES]: a function of case, clock, round, step and deadline. */
void demand_id(char *text, const struct case_file *file, const struct demand *demand);

#endif
