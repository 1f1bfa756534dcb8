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

/* Does the policy let the step take effect? */
static enum effect guard(struct pass *p, const struct event *event, enum action action)
{
    const struct policy_class *class = pass_class_of(p);
    switch (action) {
    case ACTION_NOTHING: return EFFECT_NOTHING;
    case ACTION_SEND_BACK: return guard_return(p, event);
    case ACTION_MEMBER: return class->member >= 0 && pass_is_member(p, event->unit) ? EFFECT_MEMBER : EFFECT_NO_MEMBER;
    case ACTION_ANSWER: return class->member >= 0 && pass_is_member(p, event->unit) ? EFFECT_MEMBER : EFFECT_DONE;
    case ACTION_VOID:
    case ACTION_MERGE: return event->flags & EVENT_VOID_OF_EFFECT ? EFFECT_ITSELF : EFFECT_DONE;
    case ACTION_RECTIFY: return p->main >= 0 && clock_live(pass_main_clock(p)) ? EFFECT_DONE : EFFECT_NO_CLOCK;
    case ACTION_UPHOLD: return p->main >= 0 ? EFFECT_DONE : EFFECT_NO_CLOCK;
    default: return EFFECT_DONE;
    }
}

static enum effect request(struct pass *p, const struct event *event)
{
    p->requested = true;
    p->requested_in_time = p->suspended || pass_before_deadline(p, event->at_ms);
    return p->requested_in_time ? EFFECT_DONE : EFFECT_LATE;
}

static enum effect grant(struct pass *p, const struct event *event)
{
    bool in_time = p->requested ? p->requested_in_time : p->suspended || pass_before_deadline(p, event->at_ms);
    int left = p->rules->policy->extension_max_days - p->granted_days;
    int days = event->days < left ? event->days : left;
    if (!in_time) return EFFECT_LATE;
    if (days <= 0) return EFFECT_DONE;
    p->granted_days += days;
    p->added_days = days;
    for (size_t i = 0; i < p->fold->clocks; i++)
        if (clock_live(&p->fold->clock[i]) && p->fold->clock[i].rule->extends) clock_extend(&p->fold->clock[i], p->rules, days);
    pass_count_here(p, COUNT_EXTENDED, event, p->fold->unit);
    return EFFECT_DONE;
}

static void answer(struct pass *p, const struct event *event)
{
    struct text unit = p->fold->unit;
    p->fold->outcome = (enum outcome)event->outcome;
    if (event->outcome == OUTCOME_SOLVED) pass_count_here(p, COUNT_SOLVED, event, unit);
    if (event->outcome == OUTCOME_EXPLAINED) pass_count_here(p, COUNT_EXPLAINED, event, unit);
    if (event->flags & EVENT_DIRECT) pass_count_here(p, COUNT_DIRECT, event, unit);
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
    if (event->flags & EVENT_HAS_DUE && clock && clock_live(clock)) clock_state_due(clock, p->rules, event->detail->due_ms);
}

static enum effect act(struct pass *p, const struct event *event, enum action action)
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
    case ACTION_SUSPEND: return pass_suspend(p, event);
    case ACTION_RESUME: pass_resume(p, event->at_ms); break;
    case ACTION_REQUEST: return request(p, event);
    case ACTION_GRANT: return grant(p, event);
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
        pass_settle(p, event->at_ms, action == ACTION_VOID ? STATE_VOIDED : STATE_MERGED);
        break;
    case ACTION_RECTIFY:
        pass_settle(p, event->at_ms, STATE_CLOSED);
        pass_reach(p, event, p->main);
        break;
    case ACTION_UPHOLD:
        p->upheld = true;
        pass_settle(p, event->at_ms, STATE_CLOSED);
        break;
    default: break;
    }
    return EFFECT_DONE;
}

static void note_nudge(struct pass *p, const struct event *event)
{
    struct fold *fold = p->fold;
    fold->nudge = pass_room(fold->nudge, fold->nudges, &fold->nudges_room, sizeof *fold->nudge);
    fold->nudge[fold->nudges++] = (struct nudge){event->at_ms, event->type};
}

/* Is the event one that counts? A contact that reached nobody is no first contact. */
static bool counts(uint32_t events, const struct event *event)
{
    return events >> event->type & 1 && (event->type != TICKET_CONTACTED || event->flags & EVENT_REACHED);
}

static enum effect step_of_case(struct pass *p, const struct event *event)
{
    const struct policy *policy = p->rules->policy;
    enum action action = step_action(pass_state_of(p), (enum event_type)event->type);
    enum effect effect = guard(p, event, action);
    bool ticks = counts(policy->ticks, event);
    if (effect == EFFECT_MEMBER) return pass_member_answer(p, event);
    if (effect != EFFECT_DONE) return effect;
    if (ticks) pass_stop_clocks(p, event);
    effect = act(p, event, action);
    if (effect != EFFECT_DONE) return effect;
    if (policy->nudges >> event->type & 1) note_nudge(p, event); /* a ladder may remind at it */
    if (policy->alters >> event->type & 1) effect = pass_apply_policy(p, event);
    if (ticks) pass_start_event_clocks(p, event);
    return effect;
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
    }
}

void pass_step(struct pass *p, const struct event *event)
{
    enum effect effect = EFFECT_LINK;
    p->added_days = 0;
    if (p->suspended) pass_end_suspension(p, event->at_ms);
    if (event->flags & EVENT_LINK) link_step(p, event);
    else effect = step_of_case(p, event);
    if (p->fold->tracing) pass_trace(p, event, event->at_ms, effect);
}
