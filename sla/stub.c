/* What of a fold is kept when its case shrinks.
 *
 * The trap: the stub must yield what the events would, also where the case goes on.
 * What a later fold rests on and is printed nowhere (the fields behind the class, who
 * co-handles) belongs in it as well. */
#include "sla/stub.h"

#include <string.h>

static bool class_rests_on_words(const struct policy *policy)
{
    for (int i = 0; i < policy->rules; i++)
        if (policy->rule[i].items.count || policy->rule[i].areas.count || policy->rule[i].channels.count) return true;
    return false;
}

static void keep_facts(struct stub *stub, const struct fold *fold, const struct policy *policy)
{
    stub->kind = (uint8_t)fold->facts.kind;
    stub->urgency = (uint8_t)fold->facts.urgency;
    stub->stars = (uint8_t)fold->facts.satisfaction;
    stub->simple = fold->facts.simple;
    stub->is_default = fold->facts.is_default;
    if (!class_rests_on_words(policy)) return;
    stub->item = fold->item;
    stub->area = fold->area;
    stub->channel = fold->channel;
}

static void keep_clocks(struct stub *stub, const struct fold *fold, struct pool *pool)
{
    stub->clock = pool_take(pool, (fold->clocks + 1) * sizeof *stub->clock);
    for (size_t i = 0; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        stub->clock[i] = (struct stub_clock){
            .name_index = clock->rule->name_index, .kind = clock->rule->kind, .outcome = (uint8_t)clock->outcome, .main = clock->main,
            .provisional = clock->provisional, .stated = clock->stated_ms != 0, .round = clock->round, .started_ms = clock->started_ms,
            .deadline_ms = clock->deadline_ms, .ended_ms = clock->ended_ms, .ours_ms = clock->ours_ms, .theirs_ms = clock->theirs_ms,
            .last_day = clock->last_day, .unit = clock->unit};
    }
    stub->clocks = fold->clocks;
    stub->main = fold->main;
}

/* First and last instant of the case's own events. */
static void keep_span(struct stub *stub, const struct case_file *file)
{
    stub->begun_ms = file->stub ? file->stub->begun_ms : file->event[0].at_ms;
    stub->last_ms = file->stub ? file->stub->last_ms : stub->received_ms;
    for (size_t i = 0; i < file->events; i++)
        if (!(file->event[i].flags & EVENT_LINK) && file->event[i].at_ms > stub->last_ms) stub->last_ms = file->event[i].at_ms;
}

/* All but what follows from the rest at the end of each fold. */
static void keep_contributions(struct stub *stub, const struct fold *fold, struct pool *pool)
{
    stub->contribution = pool_take(pool, fold->contributions * sizeof *stub->contribution);
    for (size_t i = 0; i < fold->contributions; i++)
        if (i < fold->passed || fold->contribution[i].counter == COUNT_MISSED) stub->contribution[stub->contributions++] = fold->contribution[i];
}

struct stub *stub_make(const struct fold *fold, const struct case_file *file, const struct rules *rules, int64_t at_ms, struct pool *pool)
{
    struct stub *stub = pool_take(pool, sizeof *stub);
    *stub = (struct stub){.at_ms = at_ms, .received_ms = fold->received_ms, .final_ms = fold->final_ms, .satisfied_ms = fold->satisfied_ms,
                          .class = (uint8_t)fold->class, .state = (uint8_t)fold->state, .outcome = (uint8_t)fold->outcome,
                          .satisfaction = (uint8_t)fold->satisfaction, .upheld = fold->upheld, .round = fold->round, .unit = fold->unit,
                          .first_unit = fold->first_unit, .co_units = rules->policy->has_members ? fold->co_units : (struct text){0}};
    keep_span(stub, file);
    keep_facts(stub, fold, rules->policy);
    keep_clocks(stub, fold, pool);
    stub->shares = rules->policy->has_shares ? fold->shares : 0;
    stub->share = pool_copy(pool, fold->share, stub->shares * sizeof *stub->share);
    keep_contributions(stub, fold, pool);
    return stub;
}

void stub_link(struct stub *stub, const struct event *link)
{
    if (link->type != RATING_SUBMITTED || link->flags & EVENT_DEFAULT) return;
    if (link->at_ms < stub->received_ms || link->at_ms >= stub->final_ms) return;
    if (stub->satisfaction && link->at_ms < stub->satisfied_ms) return;
    stub->satisfaction = link->satisfaction;
    stub->satisfied_ms = link->at_ms;
}
