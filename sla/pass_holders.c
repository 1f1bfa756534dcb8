/* Who holds a case, for how long, and who handles it beside: shares and members (部门时限, 会办). */
#include "sla/pass.h"

/* --- who holds the case --- */

void pass_end_share(struct pass *p, int64_t at_ms)
{
    struct fold *fold = p->fold;
    if (fold->shares > 0 && fold->share[fold->shares - 1].to_ms == INT64_MAX) fold->share[fold->shares - 1].to_ms = at_ms;
}

/* Begins a stretch of holding, with the unit's share clock. */
void pass_begin_share(struct pass *p, int64_t at_ms)
{
    struct fold *fold = p->fold;
    const struct policy_class *class = pass_class_of(p);
    struct share share = {fold->unit, p->round, at_ms, INT64_MAX, -1};
    if (fold->of == OF_RATING || (!p->rules->policy->has_shares && !fold->tracing)) return;
    if (class->share >= 0 && fold->unit.bytes) {
        pass_start_clock(p, &class->clock[class->share], at_ms, fold->unit);
        share.clock = (int)fold->clocks - 1;
    }
    fold->share = pass_room(fold->share, fold->shares, &fold->shares_room, sizeof *fold->share);
    fold->share[fold->shares++] = share;
}

static void stop_share_clock(struct pass *p, int64_t at_ms)
{
    PASS_FOR_LIVE(p, i)
        if (p->fold->clock[i].rule->kind == CLOCK_SHARE) clock_stop(&p->fold->clock[i], p->rules, at_ms);
}

void pass_hold(struct pass *p, int64_t at_ms, struct text unit)
{
    struct fold *fold = p->fold;
    bool moves = fold->holdings == 0 || !text_equal(fold->unit, unit);
    fold->holding = pass_room(fold->holding, fold->holdings, &fold->holdings_room, sizeof *fold->holding);
    fold->holding[fold->holdings++] = (struct holding){at_ms, unit};
    fold->unit = unit;
    if (!fold->first_unit.bytes) fold->first_unit = unit;
    if (moves) p->held_since_ms = at_ms;
    if (!moves || p->settled) return;
    stop_share_clock(p, at_ms);
    pass_end_share(p, at_ms);
    pass_begin_share(p, at_ms);
}

/* --- co-handling 会办 --- */

bool pass_is_member(const struct pass *p, struct text unit)
{
    return unit.bytes && !text_equal(unit, p->fold->unit) && text_among(p->co_units, unit);
}

static struct clock *running_member(struct pass *p, struct text unit)
{
    PASS_FOR_LIVE(p, i)
        if (p->fold->clock[i].rule->kind == CLOCK_MEMBER && text_equal(p->fold->clock[i].unit, unit)) return &p->fold->clock[i];
    return NULL;
}

/* Has the unit a clock of this round, running or answered? */
static bool has_member_clock(struct pass *p, struct text unit)
{
    if (running_member(p, unit)) return true;
    for (size_t i = p->fold->clocks; i-- > p->first_of_round;) {
        const struct clock *clock = &p->fold->clock[i];
        if (clock->rule->kind == CLOCK_MEMBER && clock->outcome != CLOCK_CANCELLED && clock->in_round == p->round && text_equal(clock->unit, unit)) return true;
    }
    return false;
}

/* Those who are no longer named, or lead now. */
void pass_drop_members(struct pass *p, int64_t at_ms)
{
    PASS_FOR_LIVE(p, i) {
        struct clock *clock = &p->fold->clock[i];
        if (clock->rule->kind == CLOCK_MEMBER && !pass_is_member(p, clock->unit)) clock_cancel(clock, p->rules, at_ms);
    }
}

void pass_join_members(struct pass *p, int64_t at_ms)
{
    const struct policy_class *class = pass_class_of(p);
    struct text list = p->co_units, unit;
    if (class->member < 0 || p->settled) return;
    while (text_next(&list, &unit))
        if (pass_is_member(p, unit) && !has_member_clock(p, unit)) pass_start_clock(p, &class->clock[class->member], at_ms, unit);
}

void pass_name_members(struct pass *p, const struct event *event)
{
    if (!(event->flags & EVENT_HAS_CO_UNITS)) return;
    p->co_units = event->detail->co_units;
    pass_drop_members(p, event->at_ms);
    pass_join_members(p, event->at_ms);
}

enum effect pass_member_answer(struct pass *p, const struct event *event)
{
    struct clock *clock = running_member(p, event->unit);
    if (clock) clock_stop(clock, p->rules, event->at_ms);
    return EFFECT_MEMBER;
}
