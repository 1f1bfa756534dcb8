/* New rounds, and what a policy adds to an event: another class, rework (docs/POLICY.md).
 *
 * The trap: a clock that goes on under another rule has rested under the old one, and
 * what that rest adds is counted anew as the new one counts. */
#include "sla/pass.h"

void pass_begin_round(struct pass *p, const struct event *event)
{
    p->settled = false;
    p->round++;
    p->first_of_round = p->fold->clocks;
    PASS_FOR_LIVE(p, i) {
        p->fold->clock[i].in_round = p->round; /* it runs on into this one */
        if (i < p->first_of_round) p->first_of_round = i;
    }
    p->requested = false;
    p->granted_days = 0;
    p->returns = 0;
    p->held_since_ms = event->at_ms;
    p->base = p->fold->unit.bytes ? STATE_DISPATCHED : STATE_RECEIVED;
    pass_start_round_clocks(p, event->at_ms);
    pass_begin_share(p, event->at_ms);
    pass_join_members(p, event->at_ms);
    pass_count_here(p, COUNT_REOPENED, event, p->fold->unit);
}

static const struct policy_clock *counterpart(const struct policy_class *class, const struct clock *clock)
{
    for (int i = 0; i < class->clocks; i++)
        if (class->clock[i].name_index == clock->rule->name_index && class->clock[i].kind == clock->rule->kind) return &class->clock[i];
    return NULL;
}

/* The clock goes on under the rule of another class. */
static void retake(struct pass *p, size_t at, const struct policy_clock *rule, const struct policy_effect *effect, int64_t at_ms)
{
    struct clock *clock = &p->fold->clock[at];
    bool rested = clock_suspended(clock);
    int64_t since_ms = clock_rests_since(clock);
    clock_take_rule(clock, rule, p->rules, at_ms, effect->from_event, pass_gained_under(p, at, rule), effect->earlier);
    if (rested && !clock_suspended(clock)) pass_note_rest(p, at, since_ms, at_ms);
    bool rests = p->suspended && clock->rule == rule && rule->suspends && at_ms <= clock->deadline_ms;
    if (rests && !clock_suspended(clock)) clock_suspend(clock, at_ms, p->restarts);
    if (rule->main && !clock->main) pass_be_main(p, clock);
}

static bool ran_this_round(const struct pass *p, const struct policy_clock *rule)
{
    for (size_t i = p->first_of_round; i < p->fold->clocks; i++)
        if (p->fold->clock[i].rule->name_index == rule->name_index && p->fold->clock[i].in_round == p->round) return true;
    return false;
}

/* The case is of another class from here on. */
static void enter_class(struct pass *p, const struct policy_effect *effect, int64_t at_ms)
{
    const struct policy_class *class = &p->rules->policy->class[effect->class];
    p->fold->class = effect->class;
    PASS_FOR_LIVE(p, i) {
        const struct policy_clock *rule = counterpart(class, &p->fold->clock[i]);
        if (rule) retake(p, i, rule, effect, at_ms);
    }
}

/* Clocks of the class entered that start with receipt or round, and ran in none of this round. */
static void start_missing(struct pass *p, int64_t at_ms)
{
    const struct policy_class *class = pass_class_of(p);
    for (int i = 0; i < class->clocks; i++) {
        const struct policy_clock *rule = &class->clock[i];
        if (rule->starts == STARTS_ON_EVENT || ran_this_round(p, rule)) continue;
        struct clock *clock = pass_start_clock(p, rule, at_ms, (struct text){0});
        if (rule->main) pass_be_main(p, clock);
    }
}

static bool effect_holds(const struct policy_effect *effect, int class, const struct event *event)
{
    if (effect->on != event->type || (effect->in && !(effect->in >> class & 1))) return false;
    if (effect->stars && !(effect->stars >> event->satisfaction & 1)) return false;
    if (effect->solved < 0) return true;
    return event->flags & EVENT_HAS_SOLVED && effect->solved == !!(event->flags & EVENT_SOLVED);
}

static enum effect apply_effect(struct pass *p, const struct event *event)
{
    const struct policy *policy = p->rules->policy;
    for (int i = 0; i < policy->effects; i++) {
        const struct policy_effect *effect = &policy->effect[i];
        if (!effect_holds(effect, p->fold->class, event) || (effect->rework && !p->settled)) continue;
        bool rework = effect->rework, enters = effect->class >= 0 && (!p->settled || rework);
        if (enters) enter_class(p, effect, event->at_ms);
        if (rework) pass_begin_round(p, event);
        if (enters) start_missing(p, event->at_ms);
        return rework ? EFFECT_REWORK : EFFECT_DONE;
    }
    return EFFECT_DONE;
}

/* A contact that reached nobody is no first contact: it starts and stops nothing. */
bool pass_ticks(const struct pass *p, const struct event *event)
{
    return p->rules->policy->ticks >> event->type & 1 && (event->type != TICKET_CONTACTED || event->flags & EVENT_REACHED);
}

enum effect pass_follow(struct pass *p, const struct event *event)
{
    const struct policy *policy = p->rules->policy;
    bool ticks = pass_ticks(p, event);
    int class = p->fold->class;
    enum effect effect = EFFECT_DONE;
    if (ticks) pass_start_event_clocks(p, event);
    if (policy->alters >> event->type & 1) effect = apply_effect(p, event);
    if (ticks && p->fold->class != class) pass_start_event_clocks(p, event); /* those of the class entered as well */
    return effect;
}
