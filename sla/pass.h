#ifndef BIHUAN_SLA_PASS_H
#define BIHUAN_SLA_PASS_H
/* The fold's inside: one pass over a case's events. For sla/fold.c and
 * sla/pass*.c alone; what others call is sla/fold.h. */
#include "sla/fold.h"

/* A clock that rested from one instant to another. */
struct rest {
    size_t clock;
    int64_t from_ms, to_ms;
};

/* What only the pass needs to know. */
struct pass {
    struct fold *fold;
    const struct rules *rules;
    const struct event *events;
    enum case_state base;
    bool suspended;
    bool restarts;       /* what is suspended counts anew when resumed */
    int64_t resume_ms;   /* instant at which a suspension ends by itself; INT64_MAX for never */
    bool settled;        /* answered or closed, until a reopening */
    bool final;          /* voided or merged */
    bool upheld;         /* a rating's appeal */
    uint32_t round;
    int main;            /* index of the round's main clock, -1 for none */
    const struct event *event; /* the present one */
    size_t live, last_live;    /* a list of the clocks that run, through next_live: a long life is not walked at each step */
    size_t first_of_round; /* clocks before it ran in none of this round */
    uint32_t begun[POLICY_NAMES_MAX]; /* how often a clock of that name has begun */
    bool main_ran;       /* at the beginning of the present event */
    bool requested, requested_in_time;
    int granted_days;    /* this round */
    int32_t added_days;  /* by the present event */
    int returns;         /* this round */
    int64_t held_since_ms; /* by the present unit in this round */
    struct text co_units;
    struct rest *rest;   /* only where a class may be entered */
    size_t rests, rests_room;
};

static inline const struct policy_class *pass_class_of(const struct pass *p)
{
    return &p->rules->policy->class[p->fold->class];
}

static inline enum case_state pass_state_of(const struct pass *p)
{
    return p->suspended ? STATE_SUSPENDED : p->base;
}

#define PASS_NONE SIZE_MAX
#define PASS_FOR_LIVE(p, i) for (size_t i = pass_next_live(p, PASS_NONE); i != PASS_NONE; i = pass_next_live(p, i))

/* --- sla/pass.c --- */

/* The array grown; aborts when memory is out. */
void *pass_grow(void *array, size_t *room, size_t item_bytes);
/* The array with room for one item more than `count`. */
static inline void *pass_room(void *array, size_t count, size_t *room, size_t item_bytes)
{
    return count < *room ? array : pass_grow(array, room, item_bytes);
}
void pass_contribute(struct fold *fold, enum counter counter, int32_t day, struct text unit);
/* On the event's day. */
void pass_count_here(struct pass *p, enum counter counter, const struct event *event, struct text unit);
/* A milestone, about the clock at that index. */
void pass_reach(struct pass *p, const struct event *event, int clock);
/* Of a fold that is tracing: what an event (NULL: none) did. */
void pass_trace(struct pass *p, const struct event *event, int64_t at_ms, enum effect effect);

/* --- sla/pass_clocks.c --- */

/* The clock that runs after another (PASS_NONE: the first); PASS_NONE at the end. Takes those that have ended off the list: no
 * walk within a walk. */
size_t pass_next_live(struct pass *p, size_t after);
/* The round's main clock, or NULL. */
struct clock *pass_main_clock(const struct pass *p);
/* Begins a clock; `unit` of shares and members, else empty. Pointers to clocks held before are void. */
struct clock *pass_start_clock(struct pass *p, const struct policy_clock *rule, int64_t at_ms, struct text unit);
void pass_be_main(struct pass *p, struct clock *clock);
/* Those that start with receipt or round. */
void pass_start_round_clocks(struct pass *p, int64_t at_ms);
/* Those that the policy starts with an event, where none of their name runs. */
void pass_start_event_clocks(struct pass *p, const struct event *event);
/* Stops and cancels the clocks that the policy ties to an event. */
void pass_stop_clocks(struct pass *p, const struct event *event);
/* Does the main clock still allow a step that must come before its deadline? */
bool pass_before_deadline(const struct pass *p, int64_t at_ms);
void pass_suspend(struct pass *p, const struct event *event);
void pass_resume(struct pass *p, int64_t at_ms);
/* A suspension that has reached its longest time by now_ms ends there. */
void pass_end_suspension(struct pass *p, int64_t now_ms);
/* The round, or the case, has ended: so has a suspension, and the holding. */
void pass_settle(struct pass *p, int64_t at_ms, enum case_state state);
/* A clock's rest that is over. */
void pass_note_rest(struct pass *p, size_t clock, int64_t from_ms, int64_t to_ms);
/* What the rests of a clock add up to under another rule's counting. */
int64_t pass_gained_under(const struct pass *p, size_t clock, const struct policy_clock *rule);

/* --- sla/pass_holders.c --- */

/* A unit, or none, holds the case from here on. */
void pass_hold(struct pass *p, int64_t at_ms, struct text unit);
/* Begins and ends a stretch of holding; its beginning starts the unit's share clock. */
void pass_begin_share(struct pass *p, int64_t at_ms);
void pass_end_share(struct pass *p, int64_t at_ms);
/* A co-handling unit, and not the lead? */
bool pass_is_member(const struct pass *p, struct text unit);
/* Takes co_units of an event, if it has them. */
void pass_name_members(struct pass *p, const struct event *event);
/* Starts the clocks of members that have none this round. */
void pass_join_members(struct pass *p, int64_t at_ms);
/* Cancels those of units no longer named, or in the lead now. */
void pass_drop_members(struct pass *p, int64_t at_ms);
/* Stops the clock of the unit that answers, if it has one. Returns EFFECT_MEMBER. */
enum effect pass_member_answer(struct pass *p, const struct event *event);

/* --- sla/pass_rounds.c --- */

void pass_begin_round(struct pass *p, const struct event *event);
/* Is the event one that clocks are tied to? */
bool pass_ticks(const struct pass *p, const struct event *event);
/* What follows an event that took effect, after its own deed: clocks that it starts, the policy's effects. */
enum effect pass_follow(struct pass *p, const struct event *event);

/* --- sla/pass_stub.c --- */

struct stub;
/* The case as its stub has it; fold->class is set already. */
void pass_seed(struct pass *p, const struct stub *stub);

/* --- sla/pass_steps.c --- */

/* One event after the receipt. */
void pass_step(struct pass *p, const struct event *event);
/* The platform's own deadline, if the event states one. */
void pass_state_due(struct pass *p, const struct event *event);

#endif
