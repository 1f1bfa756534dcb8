/* What each action of the table does (sla/step_table.def): a guard, then the deed. */
#include "sla/pass.h"

/* 退单: in number and time as the class allows. */
static enum effect guard_return(const struct pass *p, const struct event *event)
{
    const struct policy_class *class = pass_class_of(p);
    const struct counting *counting = &p->rules->policy->counting;
    struct limit limit = {LIMIT_WORKDAYS, class->returns_within_workdays};
    if (class->returns_max_a_round >= 0 && p->returns >= class->returns_max_a_round) return EFFECT_TOO_OFTEN;
    if (limit.amount < 0 || !p->fold->unit.bytes) return EFFECT_DONE;
    int64_t begin_ms = counting_begin(counting, p->rules, p->held_since_ms);
    return event->at_ms > counting_deadline(counting, p->rules, limit, begin_ms, 0, 0).at_ms ? EFFECT_TOO_LATE : EFFECT_DONE;
}

/* May what must come before the main deadline still come? While that clock rests, at any time. */
static bool in_time(const struct pass *p, const struct event *event)
{
    const struct clock *clock = pass_main_clock(p);
    return pass_before_deadline(p, event->at_ms) || (clock && clock_live(clock) && clock_suspended(clock));
}

/* Rule 2.6: the round's latest request decides, in time or not; without one the grant itself. */
static enum effect guard_extension(struct pass *p, const struct event *event, enum action action)
{
    bool good = action == ACTION_GRANT && p->requested ? p->requested_in_time : in_time(p, event);
    if (action == ACTION_REQUEST) {
        p->requested = true;
        p->requested_in_time = good;
    }
    return good ? EFFECT_DONE : EFFECT_LATE;
}

static enum effect guard_suspension(const struct pass *p, const struct event *event)
{
    struct text code = event->detail ? event->detail->reason : (struct text){0};
    if (!pass_before_deadline(p, event->at_ms)) return EFFECT_LATE;
    return p->rules->policy->reasons_listed && !policy_reason(p->rules->policy, code) ? EFFECT_REASON : EFFECT_DONE;
}

/* Does the policy let the step take effect? */
static enum effect guard(struct pass *p, const struct event *event, enum action action)
{
    const struct policy_class *class = pass_class_of(p);
    switch (action) {
    case ACTION_NOTHING: return EFFECT_NOTHING;
    case ACTION_SEND_BACK: return guard_return(p, event);
    case ACTION_SUSPEND: return guard_suspension(p, event);
    case ACTION_REQUEST:
    case ACTION_GRANT: return guard_extension(p, event, action);
    case ACTION_MEMBER: return p->rules->policy->has_members && pass_is_member(p, event->unit) ? EFFECT_MEMBER : EFFECT_NO_MEMBER;
    case ACTION_ANSWER: return class->member >= 0 && pass_is_member(p, event->unit) ? EFFECT_MEMBER : EFFECT_DONE;
    case ACTION_VOID:
    case ACTION_MERGE: return event->flags & EVENT_VOID_OF_EFFECT ? EFFECT_ITSELF : EFFECT_DONE;
    case ACTION_RECTIFY: return clock_live(pass_main_clock(p)) ? EFFECT_DONE : EFFECT_NO_CLOCK;
    case ACTION_UPHOLD: return p->main >= 0 ? EFFECT_DONE : EFFECT_NO_CLOCK;
    default: return EFFECT_DONE;
    }
}

/* A decision that comes too late to add days is a decision all the same. */
static void stop_approval(struct pass *p, int64_t at_ms)
{
    PASS_FOR_LIVE(p, i)
        if (p->fold->clock[i].rule->kind == CLOCK_APPROVAL) clock_stop(&p->fold->clock[i], p->rules, at_ms);
}

static void grant(struct pass *p, const struct event *event)
{
    int left = p->rules->policy->extension_max_days - p->granted_days;
    int days = event->days < left ? event->days : left;
    bool taken = false;
    if (days <= 0) return;
    PASS_FOR_LIVE(p, i) {
        struct clock *clock = &p->fold->clock[i];
        if (!clock->rule->extends) continue;
        clock_extend(clock, p->rules, days);
        taken = true;
    }
    if (!taken) return;
    p->granted_days += days;
    p->added_days = days;
    pass_count_here(p, COUNT_EXTENDED, event, p->fold->unit);
}

/* What an answer says counts where it stopped the main clock. */
static void count_answer(struct pass *p, const struct event *event)
{
    const struct clock *clock = pass_main_clock(p);
    if (!clock || clock_live(clock) || !p->main_ran) return;
    if (event->outcome == OUTCOME_SOLVED) pass_count_here(p, COUNT_SOLVED, event, p->fold->unit);
    if (event->outcome == OUTCOME_EXPLAINED) pass_count_here(p, COUNT_EXPLAINED, event, p->fold->unit);
    if (event->flags & EVENT_DIRECT) pass_count_here(p, COUNT_DIRECT, event, p->fold->unit);
}

static void answer(struct pass *p, const struct event *event)
{
    p->fold->outcome = (enum outcome)event->outcome;
    count_answer(p, event);
    pass_member_answer(p, event); /* of a unit whose class has no members any more */
    p->settled = true;
    pass_settle(p, event->at_ms, STATE_ANSWERED);
    pass_reach(p, event, p->main);
}

static void call_back(struct pass *p, const struct event *event)
{
    struct text unit = p->fold->unit;
    pass_count_here(p, COUNT_CALLED_BACK, event, unit);
    if (event->flags & EVENT_REACHED) pass_count_here(p, COUNT_REACHED, event, unit);
    if (event->satisfaction) {
        p->fold->satisfaction = event->satisfaction;
        p->fold->satisfied_ms = event->at_ms;
        pass_count_here(p, (enum counter)(COUNT_CALLBACK_1 + event->satisfaction - 1), event, unit);
    }
    pass_reach(p, event, p->main);
}

static void take_unit(struct pass *p, const struct event *event, struct text unit)
{
    pass_hold(p, event->at_ms, unit);
    pass_drop_members(p, event->at_ms);
    pass_name_members(p, event);
}

void pass_state_due(struct pass *p, const struct event *event)
{
    struct clock *clock = pass_main_clock(p);
    if (event->flags & EVENT_HAS_DUE && clock && clock_live(clock)) clock_state_due(clock, p->rules, event->at_ms, event->detail->due_ms);
}

static void act(struct pass *p, const struct event *event, enum action action)
{
    switch (action) {
    case ACTION_AMEND:
        if (event->flags & EVENT_HAS_UNIT) take_unit(p, event, event->unit);
        else pass_name_members(p, event);
        pass_state_due(p, event);
        break;
    case ACTION_DISPATCH:
        take_unit(p, event, event->unit);
        pass_state_due(p, event);
        p->base = STATE_DISPATCHED;
        break;
    case ACTION_TRANSFER:
        pass_count_here(p, COUNT_TRANSFERRED, event, p->fold->unit);
        take_unit(p, event, event->unit);
        p->base = STATE_DISPATCHED;
        break;
    case ACTION_SEND_BACK:
        pass_count_here(p, COUNT_RETURNED, event, p->fold->unit);
        p->returns++;
        take_unit(p, event, (struct text){0});
        p->base = STATE_RETURNED;
        break;
    case ACTION_SIGN: p->base = STATE_SIGNED; break;
    case ACTION_SUSPEND: pass_suspend(p, event); break;
    case ACTION_RESUME: pass_resume(p, event->at_ms); break;
    case ACTION_GRANT: grant(p, event); break;
    case ACTION_URGE: pass_count_here(p, COUNT_URGED, event, p->fold->unit); break;
    case ACTION_SUPERVISE: pass_count_here(p, COUNT_SUPERVISED, event, p->fold->unit); break;
    case ACTION_ANSWER: answer(p, event); break;
    case ACTION_CALL_BACK: call_back(p, event); break;
    case ACTION_CLOSE:
        p->settled = true;
        pass_settle(p, event->at_ms, STATE_CLOSED);
        pass_reach(p, event, p->main);
        break;
    case ACTION_REOPEN: pass_begin_round(p, event); break;
    case ACTION_VOID:
    case ACTION_MERGE:
        p->final = true;
        p->fold->final_ms = event->at_ms;
        pass_settle(p, event->at_ms, action == ACTION_VOID ? STATE_VOIDED : STATE_MERGED);
        break;
    case ACTION_RECTIFY:
        p->base = STATE_CLOSED;
        pass_reach(p, event, p->main);
        break;
    case ACTION_UPHOLD:
        p->upheld = true;
        p->base = STATE_CLOSED;
        break;
    default: break;
    }
}

static void note_nudge(struct pass *p, const struct event *event)
{
    struct fold *fold = p->fold;
    fold->nudge = pass_room(fold->nudge, fold->nudges, &fold->nudges_room, sizeof *fold->nudge);
    fold->nudge[fold->nudges++] = (struct nudge){event->at_ms, event->type, p->suspended};
}

static enum effect step_of_case(struct pass *p, const struct event *event)
{
    enum action action = step_action(pass_state_of(p), (enum event_type)event->type);
    enum effect effect = guard(p, event, action);
    if (effect == EFFECT_MEMBER) return pass_member_answer(p, event);
    if (effect == EFFECT_LATE && action == ACTION_GRANT) stop_approval(p, event->at_ms);
    if (effect != EFFECT_DONE) return effect;
    p->main_ran = p->main >= 0 && clock_live(pass_main_clock(p));
    if (pass_ticks(p, event)) pass_stop_clocks(p, event);
    act(p, event, action);
    if (p->rules->policy->nudges >> event->type & 1) note_nudge(p, event); /* a ladder may remind at it */
    return p->final ? EFFECT_DONE : pass_follow(p, event);
}

/* Seen from the case at the other end: stars of a rating, a case merged into this one. */
static void link_step(struct pass *p, const struct event *event)
{
    struct fold *fold = p->fold;
    if (event->type == TICKET_MERGED && event->detail) {
        fold->duplicate = pass_room(fold->duplicate, fold->duplicates, &fold->duplicates_room, sizeof *fold->duplicate);
        fold->duplicate[fold->duplicates++] = event->detail->target;
    } else if (!p->final && event->type == RATING_SUBMITTED && !(event->flags & EVENT_DEFAULT)) {
        fold->satisfaction = event->satisfaction;
        fold->satisfied_ms = event->at_ms;
    }
}

void pass_step(struct pass *p, const struct event *event)
{
    enum effect effect = EFFECT_LINK;
    p->added_days = 0;
    p->event = event;
    if (p->suspended) pass_end_suspension(p, event->at_ms);
    if (event->flags & EVENT_LINK) link_step(p, event);
    else effect = step_of_case(p, event);
    if (p->fold->tracing) pass_trace(p, event, event->at_ms, effect);
}
