/* Where a pass begins that goes on from a stub (sla/stub.h).
 *
 * The trap: nothing is demanded of the clocks of before (fold->old_clocks), and they
 * are found again by name, as their class may have been another. */
#include "sla/pass.h"
#include "sla/stub.h"

static const struct policy_clock *rule_in(const struct policy_class *class, const struct stub_clock *clock)
{
    for (int i = 0; i < class->clocks; i++)
        if (class->clock[i].name_index == clock->name_index && class->clock[i].kind == clock->kind) return &class->clock[i];
    return NULL;
}

static const struct policy_clock *rule_of(const struct pass *p, const struct stub_clock *clock)
{
    static const struct policy_clock gone = {.name = ""}; /* a blob that was made under no rules of ours */
    const struct policy *policy = p->rules->policy;
    const struct policy_clock *rule = rule_in(pass_class_of(p), clock);
    for (int i = 0; i < policy->classes && !rule; i++) rule = rule_in(&policy->class[i], clock);
    return rule ? rule : &gone;
}

static void seed_clock(struct pass *p, const struct stub_clock *from)
{
    struct fold *fold = p->fold;
    const struct policy_clock *rule = rule_of(p, from);
    bool stopped = from->outcome != CLOCK_CANCELLED;
    fold->clock = pass_room(fold->clock, fold->clocks, &fold->clocks_room, sizeof *fold->clock);
    struct clock *clock = &fold->clock[fold->clocks++];
    *clock = (struct clock){.rule = rule, .ladder = rule, .round = from->round, .in_round = p->round, .next_live = PASS_NONE, .main = from->main,
                            .unit = from->unit, .started_ms = from->started_ms, .anew_ms = from->started_ms, .begin_ms = from->started_ms,
                            .deadline_ms = from->deadline_ms, .last_day = from->last_day, .ours_ms = from->stated ? from->ours_ms : from->deadline_ms,
                            .theirs_ms = from->theirs_ms, .stated_ms = from->stated ? from->theirs_ms : 0, .stopped_ms = stopped ? from->ended_ms : 0,
                            .ended_ms = from->ended_ms, .suspended_since_ms = INT64_MIN, .outcome = from->outcome, .provisional = from->provisional};
    if (clock->outcome == CLOCK_MISSED) clock->overdue_ms = clock->stopped_ms - clock->deadline_ms;
    p->begun[rule->name_index]++;
}

static void seed_lists(struct pass *p, const struct stub *stub)
{
    struct fold *fold = p->fold;
    for (size_t i = 0; i < stub->clocks; i++) seed_clock(p, &stub->clock[i]);
    fold->old_clocks = fold->clocks;
    for (size_t i = 0; i < stub->shares; i++) {
        fold->share = pass_room(fold->share, fold->shares, &fold->shares_room, sizeof *fold->share);
        fold->share[fold->shares++] = stub->share[i];
    }
    for (size_t i = 0; i < stub->contributions; i++)
        pass_contribute(fold, (enum counter)stub->contribution[i].counter, stub->contribution[i].day, stub->contribution[i].unit);
    fold->holding = pass_room(fold->holding, 0, &fold->holdings_room, sizeof *fold->holding);
    fold->holding[0] = (struct holding){stub->received_ms, stub->unit};
    fold->holdings = 1;
}

void pass_seed(struct pass *p, const struct stub *stub)
{
    struct fold *fold = p->fold;
    fold->received_ms = stub->received_ms;
    fold->unit = stub->unit;
    fold->first_unit = stub->first_unit;
    fold->outcome = (enum outcome)stub->outcome;
    fold->satisfaction = stub->satisfaction;
    fold->satisfied_ms = stub->satisfied_ms;
    fold->final_ms = stub->final_ms;
    p->base = (enum case_state)stub->state;
    p->settled = fold->of == OF_TICKET;
    p->final = stub->final_ms != INT64_MAX;
    p->upheld = stub->upheld;
    p->round = stub->round;
    p->co_units = stub->co_units;
    seed_lists(p, stub);
    p->main = stub->main;
}
