/* New rounds, and what a policy adds to an event: another class, rework (docs/POLICY.md).
 *
 * The trap: a clock that goes on under another rule has rested under the old one, and
 * what that rest adds is counted anew as the new one counts. */
#include "sla/pass.h"

void pass_begin_round(struct pass *p, const struct event *event)
{
    p->settled = false;
    p->round++;
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

/* The clock goes on under the rule of another class; resting, it rests from here on. */
static void retake(struct pass *p, size_t at, const struct policy_clock *rule, const struct policy_effect *effect, int64_t at_ms)
{
    struct clock *clock = &p->fold->clock[at];
    bool rested = clock_suspended(clock);
    if (rested) {
        pass_note_rest(p, at, at_ms);
        clock_resume(clock, p->rules, at_ms);
    }
    clock_take_rule(clock, rule, p->rules, at_ms, effect->from_event, pass_gained_under(p, at, rule), effect->earlier);
    if (rested && clock->rule->suspends) clock_suspend(clock, at_ms, p->restarts);
    if (rule->main && clock->in_round == p->round && !clock->main) pass_be_main(p, clock);
}

static bool ran_this_round(const struct pass *p, const struct policy_clock *rule)
{
    for (size_t i = 0; i < p->fold->clocks; i++)
        if (p->fold->clock[i].in_round == p->round && p->fold->clock[i].rule->name_index == rule->name_index) return true;
    return false;
}

/* The case is of another class from here on. */
static void enter_class(struct pass *p, const struct policy_effect *effect, int64_t at_ms)
{
    const struct policy_class *class = &p->rules->policy->class[effect->class];
    size_t running = p->fold->clocks;
    p->fold->class = effect->class;
    for (size_t i = 0; i < running; i++) {
        const struct policy_clock *rule = counterpart(class, &p->fold->clock[i]);
        if (rule && clock_live(&p->fold->clock[i])) retake(p, i, rule, effect, at_ms);
    }
    for (int i = 0; i < class->clocks && !p->settled; i++) {
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

/* What the policy adds to an event. */
enum effect pass_apply_policy(struct pass *p, const struct event *event)
{
    const struct policy *policy = p->rules->policy;
    for (int i = 0; i < policy->effects; i++) {
        const struct policy_effect *effect = &policy->effect[i];
        if (!effect_holds(effect, p->fold->class, event)) continue;
        bool rework = effect->rework && p->settled && !p->final;
        if (effect->class >= 0 && !p->final && (!p->settled || rework)) enter_class(p, effect, event->at_ms);
        if (rework) pass_begin_round(p, event);
        return rework ? EFFECT_REWORK : EFFECT_DONE;
    }
    return EFFECT_DONE;
}
