/* The fold: rules 2.2 to 2.9 and what a policy adds (docs/POLICY.md), as one pass
 * over a case's events (sla/pass.h): what comes before it and after.
 *
 * Two traps. An amendment changes the class from receipt on, whenever it comes, so
 * the class is settled before the pass. A suspended case still takes steps
 * underneath, so `base` keeps the state it would have without the suspension. */
#include "sla/fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sla/pass.h"
#include "sla/stub.h"

struct text fold_unit_at(const struct fold *fold, int64_t at_ms)
{
    for (size_t i = fold->holdings; i-- > 0;)
        if (fold->holding[i].from_ms <= at_ms) return fold->holding[i].unit;
    return (struct text){0};
}

/* --- before and after the pass --- */

static size_t find_receipt(enum of of, const struct event *events, size_t count)
{
    uint8_t type = of == OF_RATING ? RATING_SUBMITTED : TICKET_RECEIVED;
    for (size_t i = 0; i < count; i++)
        if (events[i].type == type && !(events[i].flags & EVENT_LINK)) return i;
    return count;
}

/* Fields of an event that replace what the case had. */
static void describe(struct fold *fold, const struct event *event)
{
    const struct event_detail *detail = event->detail;
    if (!detail) return;
    if (event->flags & EVENT_HAS_TITLE) fold->title = detail->title;
    if (event->flags & EVENT_HAS_ITEM) fold->item = detail->item;
    if (event->flags & EVENT_HAS_AREA) fold->area = detail->area;
    if (event->flags & EVENT_HAS_CHANNEL) fold->channel = detail->channel;
    if (detail->citizen.bytes) fold->citizen = detail->citizen;
}

static int class_of(struct pass *p)
{
    struct fold *fold = p->fold;
    fold->facts.item = fold->item;
    fold->facts.area = fold->area;
    fold->facts.channel = fold->channel;
    int class = policy_classify(p->rules->policy, &fold->facts);
    assert(class >= 0); /* a policy without a rule for every case does not load */
    return class;
}

/* Class and descriptions as every amendment from `from` on leaves them, before a void or merge. */
static int classify(struct pass *p, size_t from, size_t count)
{
    struct fold *fold = p->fold;
    struct policy_facts *facts = &fold->facts;
    for (size_t i = from; i < count; i++) {
        const struct event *event = &p->events[i];
        if (event->flags & (EVENT_LINK | EVENT_VOID_OF_EFFECT)) continue;
        if (event->type == TICKET_VOIDED || event->type == TICKET_MERGED) break;
        if (event->type != TICKET_AMENDED) continue;
        if (event->kind) facts->kind = (enum kind)event->kind;
        if (event->urgency) facts->urgency = (enum urgency)event->urgency;
        if (event->flags & EVENT_HAS_SIMPLE) facts->simple = (event->flags & EVENT_SIMPLE) != 0;
        describe(fold, event);
    }
    return class_of(p);
}

static void contribute_ticket(struct pass *p)
{
    struct fold *fold = p->fold;
    int32_t day = zone_day(p->rules->zone, fold->received_ms);
    pass_contribute(fold, COUNT_RECEIVED, day, fold->first_unit);
    if (p->base == STATE_VOIDED) pass_contribute(fold, COUNT_VOIDED, day, fold->first_unit);
    if (p->base == STATE_MERGED) pass_contribute(fold, COUNT_MERGED, day, fold->first_unit);
    for (size_t i = fold->old_clocks; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        if (!clock->main) continue;
        if (clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_OVERDUE)
            pass_contribute(fold, COUNT_MISSED, clock->last_day, fold_unit_at(fold, clock_passed_ms(clock)));
        if (clock_live(clock)) pass_contribute(fold, COUNT_OPEN, DAY_NONE, fold->unit);
        if (clock->outcome == CLOCK_OVERDUE) pass_contribute(fold, COUNT_OPEN_OVERDUE, DAY_NONE, fold->unit);
    }
}

static void contribute_rating(struct pass *p)
{
    struct fold *fold = p->fold;
    const struct clock *clock = p->main >= 0 ? &fold->clock[p->main] : NULL;
    int32_t day = zone_day(p->rules->zone, fold->received_ms);
    if (fold->facts.is_default) {
        pass_contribute(fold, COUNT_DEFAULT_RATINGS, day, fold->unit);
        return;
    }
    if (p->upheld) {
        pass_contribute(fold, COUNT_APPEALS_UPHELD, day, fold->unit);
        return;
    }
    pass_contribute(fold, (enum counter)(COUNT_RATING_1 + fold->facts.satisfaction - 1), day, fold->unit);
    if (!clock) return;
    pass_contribute(fold, COUNT_BAD_REVIEWS, day, fold->unit);
    if (clock->outcome == CLOCK_MET || clock->outcome == CLOCK_MISSED) pass_contribute(fold, COUNT_RECTIFIED, day, fold->unit);
    if (clock->outcome == CLOCK_MET) pass_contribute(fold, COUNT_RECTIFIED_IN_TIME, day, fold->unit);
    if (clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_OVERDUE)
        pass_contribute(fold, COUNT_RECTIFY_MISSED, day, fold->unit);
}

/* Outcome of clocks still live at `now`, and when the next one changes by itself. */
static void look_at_clocks(struct pass *p, int64_t now_ms)
{
    struct fold *fold = p->fold;
    if (p->suspended && p->resume_ms < fold->next_ms) fold->next_ms = p->resume_ms;
    for (size_t i = 0; i < fold->clocks; i++) {
        int64_t next_ms = clock_look(&fold->clock[i], now_ms);
        if (next_ms < fold->next_ms) fold->next_ms = next_ms;
    }
}

static void begin(struct pass *p, size_t receipt, size_t count)
{
    struct fold *fold = p->fold;
    const struct event *first = &p->events[receipt];
    p->event = fold->receipt = first;
    fold->received_ms = first->at_ms;
    fold->facts = (struct policy_facts){.of = fold->of, .kind = (enum kind)first->kind, .urgency = (enum urgency)first->urgency,
                                        .simple = (first->flags & EVENT_SIMPLE) != 0, .is_default = (first->flags & EVENT_DEFAULT) != 0,
                                        .satisfaction = first->satisfaction};
    describe(fold, first);
    fold->class = classify(p, receipt + 1, count);
    pass_start_round_clocks(p, first->at_ms);
    pass_hold(p, first->at_ms, first->unit);
    pass_name_members(p, first);
    pass_state_due(p, first);
    if (fold->of == OF_RATING) {
        p->base = p->main >= 0 ? STATE_OPEN : STATE_CLOSED;
        if (!fold->facts.is_default) fold->satisfaction = first->satisfaction;
        fold->satisfied_ms = first->at_ms;
    } else {
        p->base = STATE_RECEIVED;
    }
    pass_follow(p, first);
    if (fold->tracing) pass_trace(p, first, first->at_ms, EFFECT_DONE);
}

/* What came before is settled: an amendment changes the class for what comes after, where it changes what the class rests on. */
static void go_on(struct pass *p, const struct stub *stub, size_t count)
{
    struct fold *fold = p->fold;
    fold->facts = (struct policy_facts){.of = fold->of, .kind = (enum kind)stub->kind, .urgency = (enum urgency)stub->urgency, .simple = stub->simple,
                                        .is_default = stub->is_default, .satisfaction = stub->stars};
    fold->item = stub->item;
    fold->area = stub->area;
    fold->channel = stub->channel;
    int before = class_of(p), class = classify(p, 0, count);
    bool stays = class == before && stub->class < p->rules->policy->classes;
    fold->class = stays ? stub->class : class;
    pass_seed(p, stub);
}

static void finish(struct pass *p)
{
    struct fold *fold = p->fold;
    if (p->suspended) pass_end_suspension(p, fold->now_ms);
    fold->state = pass_state_of(p);
    fold->main = p->main;
    fold->round = p->round;
    fold->upheld = p->upheld;
    fold->co_units = p->co_units;
    fold->passed = fold->contributions;
    look_at_clocks(p, fold->now_ms);
    if (fold->of == OF_RATING) contribute_rating(p);
    else contribute_ticket(p);
    free(p->rest);
}

static void clear(struct fold *fold, enum of of)
{
    memset(fold, 0, offsetof(struct fold, tracing));
    fold->of = of;
    fold->class = fold->main = -1;
    fold->next_ms = fold->final_ms = INT64_MAX;
}

void fold_case(struct fold *fold, const struct rules *rules, const struct case_file *file, int64_t now_ms)
{
    const struct stub *stub = file->stub;
    const struct event *events = file->event;
    size_t count = file->events, next = 0;
    struct pass p = {.fold = fold, .rules = rules, .events = events, .round = 1, .main = -1, .resume_ms = INT64_MAX, .live = PASS_NONE, .last_live = PASS_NONE};
    clear(fold, file->of);
    fold->now_ms = now_ms;
    while (count > 0 && events[count - 1].at_ms > now_ms) fold->next_ms = events[--count].at_ms;
    fold->used = count + (stub && now_ms >= stub->begun_ms);
    if (stub) {
        go_on(&p, stub, count);
    } else {
        size_t receipt = find_receipt(file->of, events, count);
        for (; next < receipt && fold->tracing; next++) pass_trace(&p, &events[next], events[next].at_ms, EFFECT_BEFORE_RECEIPT);
        if (receipt == count) return;
        begin(&p, receipt, count);
        next = receipt + 1;
    }
    for (; next < count; next++) pass_step(&p, &events[next]);
    finish(&p);
}

void fold_free(struct fold *fold)
{
    free(fold->clock);
    free(fold->contribution);
    free(fold->milestone);
    free(fold->holding);
    free(fold->share);
    free(fold->nudge);
    free(fold->duplicate);
    free(fold->trace);
    *fold = (struct fold){0};
}
