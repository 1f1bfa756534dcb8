/* The fold: rules 2.2 to 2.9 as one pass over a case's events.
 *
 * Two traps. An amendment changes the class from receipt on, whenever it comes,
 * so the class is settled before the pass. And a suspended case still takes
 * steps underneath, so `base` keeps the state it would have without the
 * suspension. */
#include "sla/fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[CASE_STATES] = {"incomplete", "received", "dispatched", "signed", "returned", "suspended",
                                                     "answered",   "closed",   "voided",     "merged", "open"};

const char *case_state_name(enum case_state state)
{
    return state_names[state];
}

const char *clock_outcome_name(enum clock_outcome outcome)
{
    static const char *const names[] = {"running", "suspended", "met", "missed", "overdue", "cancelled"};
    return names[outcome];
}

/* What only the pass needs to know. */
struct pass {
    struct fold *fold;
    const struct rules *rules;
    const struct event *events;
    enum case_state base;
    bool suspended;
    bool settled;        /* answered or closed, until a reopening */
    bool final;          /* voided or merged */
    bool upheld;         /* a rating's appeal */
    uint32_t round;
    int main;            /* index of the round's main clock, -1 for none */
    bool requested, requested_in_time;
    int granted_days;    /* this round */
};

static void *room_for_one(void *array, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room) return array;
    *room = *room ? *room * 2 : 8;
    void *larger = realloc(array, *room * item_bytes);
    if (!larger) abort();
    return larger;
}

static void contribute(struct fold *fold, enum counter counter, int32_t day, struct text unit)
{
    fold->contribution =
        room_for_one(fold->contribution, fold->contributions, &fold->contributions_room, sizeof *fold->contribution);
    fold->contribution[fold->contributions++] = (struct contribution){(uint8_t)counter, day, unit};
}

static void reach(struct pass *p, const struct event *event, int clock)
{
    struct fold *fold = p->fold;
    fold->milestone = room_for_one(fold->milestone, fold->milestones, &fold->milestones_room, sizeof *fold->milestone);
    fold->milestone[fold->milestones++] = (struct milestone){event, p->round, fold->unit, clock};
}

static void hold(struct fold *fold, int64_t at_ms, struct text unit)
{
    fold->holding = room_for_one(fold->holding, fold->holdings, &fold->holdings_room, sizeof *fold->holding);
    fold->holding[fold->holdings++] = (struct holding){at_ms, unit};
    fold->unit = unit;
    if (!fold->first_unit.bytes) fold->first_unit = unit;
}

struct text fold_unit_at(const struct fold *fold, int64_t at_ms)
{
    for (size_t i = fold->holdings; i-- > 0;)
        if (fold->holding[i].from_ms <= at_ms) return fold->holding[i].unit;
    return (struct text){0};
}

/* --- clocks --- */

void clock_set_deadline(struct clock *clock, const struct rules *rules)
{
    int32_t days = clock->rule->limit_days + clock->extended_days + clock->suspended_days;
    clock->last_day = calendar_add_workdays(rules->calendar, clock->started_day, days);
    clock->deadline_ms = zone_instant_ms(rules->zone, clock->last_day, rules->policy->day_end_ms);
    int32_t received_day = zone_day(rules->zone, clock->started_ms);
    clock->provisional = calendar_provisional(rules->calendar, received_day, clock->last_day);
}

void clock_start(struct clock *clock, const struct policy_clock *rule, const struct rules *rules, uint32_t round,
                 int64_t at_ms)
{
    *clock = (struct clock){.rule = rule, .round = round, .started_ms = at_ms, .ended_ms = INT64_MAX,
                            .suspended_since_ms = INT64_MIN, .outcome = CLOCK_RUNNING};
    clock->started_day = zone_day(rules->zone, at_ms);
    if (rules->policy->rest_day_moves_receipt && !calendar_is_workday(rules->calendar, clock->started_day))
        clock->started_day = calendar_add_workdays(rules->calendar, clock->started_day, 1);
    clock_set_deadline(clock, rules);
}

static bool clock_live(const struct clock *clock)
{
    return clock->ended_ms == INT64_MAX;
}

static bool clock_suspended(const struct clock *clock)
{
    return clock->suspended_since_ms != INT64_MIN;
}

/* The working days left, the present one included, stay what they were. */
static void clock_resume(struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    if (!clock_suspended(clock)) return;
    clock->suspended_days += calendar_workdays_between(rules->calendar, zone_day(rules->zone, clock->suspended_since_ms),
                                                       zone_day(rules->zone, at_ms));
    clock->suspended_since_ms = INT64_MIN;
    clock_set_deadline(clock, rules);
}

static void clock_stop(struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    clock_resume(clock, rules, at_ms);
    clock->ended_ms = clock->stopped_ms = at_ms;
    clock->outcome = at_ms <= clock->deadline_ms ? CLOCK_MET : CLOCK_MISSED;
    if (clock->outcome == CLOCK_MISSED) clock->overdue_ms = at_ms - clock->deadline_ms;
}

static void clock_cancel(struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    clock_resume(clock, rules, at_ms);
    clock->ended_ms = at_ms;
    clock->outcome = CLOCK_CANCELLED;
}

static void start_clocks(struct pass *p, int64_t at_ms)
{
    struct fold *fold = p->fold;
    const struct policy_class *class = &p->rules->policy->class[fold->class];
    p->main = -1;
    for (int i = 0; i < class->clocks; i++) {
        if (p->round > 1 && !class->clock[i].each_round) continue;
        fold->clock = room_for_one(fold->clock, fold->clocks, &fold->clocks_room, sizeof *fold->clock);
        if (i == 0) p->main = (int)fold->clocks;
        clock_start(&fold->clock[fold->clocks++], &class->clock[i], p->rules, p->round, at_ms);
    }
}

/* Does the main clock, running, still allow a step that must come before its deadline? */
static bool before_deadline(const struct pass *p, int64_t at_ms)
{
    return p->main >= 0 && at_ms <= p->fold->clock[p->main].deadline_ms;
}

static void contribute_stop(struct pass *p, const struct clock *clock, const struct event *event)
{
    bool met = clock->outcome == CLOCK_MET, is_main = p->main >= 0 && clock == &p->fold->clock[p->main];
    int32_t day = zone_day(p->rules->zone, event->at_ms);
    if (p->fold->of == OF_RATING) return; /* counted by day of rating, at the end */
    contribute(p->fold, is_main ? COUNT_ANSWERED : COUNT_CONTACTED, day, p->fold->unit);
    if (met) contribute(p->fold, is_main ? COUNT_ANSWERED_IN_TIME : COUNT_CONTACTED_IN_TIME, day, p->fold->unit);
}

/* Stops and cancels the clocks that the policy ties to an event. A contact
 * that reached nobody is no first contact. */
static void tick(struct pass *p, const struct event *event)
{
    if (event->type == TICKET_CONTACTED && !(event->flags & EVENT_REACHED)) return;
    uint32_t bit = UINT32_C(1) << event->type;
    for (size_t i = 0; i < p->fold->clocks; i++) {
        struct clock *clock = &p->fold->clock[i];
        if (!clock_live(clock)) continue;
        if (clock->rule->stopped_by & bit) {
            clock_stop(clock, p->rules, event->at_ms);
            contribute_stop(p, clock, event);
        } else if (clock->rule->cancelled_by & bit) {
            clock_cancel(clock, p->rules, event->at_ms);
        }
    }
}

/* --- steps of a ticket --- */

static void count_here(struct pass *p, enum counter counter, const struct event *event, struct text unit)
{
    contribute(p->fold, counter, zone_day(p->rules->zone, event->at_ms), unit);
}

static void suspend(struct pass *p, const struct event *event)
{
    if (p->suspended || !before_deadline(p, event->at_ms)) return;
    p->suspended = true;
    for (size_t i = 0; i < p->fold->clocks; i++) {
        struct clock *clock = &p->fold->clock[i];
        if (clock_live(clock) && clock->rule->suspends && event->at_ms <= clock->deadline_ms)
            clock->suspended_since_ms = event->at_ms;
    }
    count_here(p, COUNT_SUSPENDED, event, p->fold->unit);
}

static void resume(struct pass *p, const struct event *event)
{
    for (size_t i = 0; i < p->fold->clocks; i++)
        if (clock_live(&p->fold->clock[i])) clock_resume(&p->fold->clock[i], p->rules, event->at_ms);
    p->suspended = false;
}

static void grant(struct pass *p, const struct event *event)
{
    bool in_time = p->requested ? p->requested_in_time : p->suspended || before_deadline(p, event->at_ms);
    int left = p->rules->policy->extension_max_days - p->granted_days;
    int days = event->days < left ? event->days : left;
    if (!in_time || days <= 0) return;
    p->granted_days += days;
    for (size_t i = 0; i < p->fold->clocks; i++) {
        struct clock *clock = &p->fold->clock[i];
        if (!clock_live(clock) || !clock->rule->extends) continue;
        clock->extended_days += days;
        clock_set_deadline(clock, p->rules);
    }
    count_here(p, COUNT_EXTENDED, event, p->fold->unit);
}

static void answer(struct pass *p, const struct event *event)
{
    struct text unit = p->fold->unit;
    tick(p, event);
    p->fold->outcome = (enum outcome)event->outcome;
    if (event->outcome == OUTCOME_SOLVED) count_here(p, COUNT_SOLVED, event, unit);
    if (event->outcome == OUTCOME_EXPLAINED) count_here(p, COUNT_EXPLAINED, event, unit);
    if (event->flags & EVENT_DIRECT) count_here(p, COUNT_DIRECT, event, unit);
    p->suspended = false;
    p->settled = true;
    p->base = STATE_ANSWERED;
    reach(p, event, p->main);
}

static void close_case(struct pass *p, const struct event *event)
{
    if (p->base == STATE_CLOSED) return;
    tick(p, event);
    p->suspended = false;
    p->settled = true;
    p->base = STATE_CLOSED;
    reach(p, event, p->main);
}

static void reopen(struct pass *p, const struct event *event)
{
    p->settled = false;
    p->round++;
    p->requested = false;
    p->granted_days = 0;
    p->base = p->fold->unit.bytes ? STATE_DISPATCHED : STATE_RECEIVED;
    start_clocks(p, event->at_ms);
    count_here(p, COUNT_REOPENED, event, p->fold->unit);
}

static void finish(struct pass *p, const struct event *event, enum case_state state)
{
    if (event->flags & EVENT_VOID_OF_EFFECT) return;
    tick(p, event);
    p->suspended = false;
    p->final = true;
    p->base = state;
}

static void call_back(struct pass *p, const struct event *event)
{
    struct text unit = p->fold->unit;
    count_here(p, COUNT_CALLED_BACK, event, unit);
    if (event->flags & EVENT_REACHED) count_here(p, COUNT_REACHED, event, unit);
    if (event->satisfaction) {
        p->fold->satisfaction = event->satisfaction;
        count_here(p, (enum counter)(COUNT_CALLBACK_1 + event->satisfaction - 1), event, unit);
    }
    reach(p, event, p->main);
}

/* Steps that a case takes only until its answer or close (rule 2.3). */
static void open_step(struct pass *p, const struct event *event)
{
    switch (event->type) {
    case TICKET_DISPATCHED:
        hold(p->fold, event->at_ms, event->unit);
        p->base = STATE_DISPATCHED;
        break;
    case TICKET_TRANSFERRED:
        count_here(p, COUNT_TRANSFERRED, event, p->fold->unit);
        hold(p->fold, event->at_ms, event->unit);
        p->base = STATE_DISPATCHED;
        break;
    case TICKET_RETURNED:
        count_here(p, COUNT_RETURNED, event, p->fold->unit);
        hold(p->fold, event->at_ms, (struct text){0});
        p->base = STATE_RETURNED;
        break;
    case TICKET_SIGNED:
        p->base = STATE_SIGNED;
        break;
    case TICKET_SUSPENDED:
        suspend(p, event);
        break;
    case TICKET_RESUMED:
        if (p->suspended) resume(p, event);
        break;
    case TICKET_EXTENSION_REQUESTED:
        p->requested = true;
        p->requested_in_time = p->suspended || before_deadline(p, event->at_ms);
        break;
    case TICKET_EXTENSION_GRANTED:
        grant(p, event);
        break;
    case TICKET_ANSWERED:
        answer(p, event);
        break;
    default:
        break;
    }
}

static void step_ticket(struct pass *p, const struct event *event)
{
    switch (event->type) {
    case TICKET_AMENDED:
        if (event->flags & EVENT_HAS_UNIT) hold(p->fold, event->at_ms, event->unit);
        break;
    case TICKET_CONTACTED:
        tick(p, event);
        break;
    case TICKET_URGED:
        count_here(p, COUNT_URGED, event, p->fold->unit);
        break;
    case TICKET_SUPERVISED:
        count_here(p, COUNT_SUPERVISED, event, p->fold->unit);
        break;
    case TICKET_CALLED_BACK:
        call_back(p, event);
        break;
    case TICKET_CLOSED:
        close_case(p, event);
        break;
    case TICKET_REOPENED:
        if (p->settled) reopen(p, event);
        break;
    case TICKET_VOIDED:
        finish(p, event, STATE_VOIDED);
        break;
    case TICKET_MERGED:
        finish(p, event, STATE_MERGED);
        break;
    default:
        if (!p->settled) open_step(p, event);
        break;
    }
}

/* --- steps of a rating --- */

static void step_rating(struct pass *p, const struct event *event)
{
    bool bad = p->main >= 0;
    switch (event->type) {
    case RATING_RECTIFIED:
        if (!bad || !clock_live(&p->fold->clock[p->main])) break;
        tick(p, event);
        p->base = STATE_CLOSED;
        reach(p, event, p->main);
        break;
    case RATING_APPEAL_UPHELD:
        if (!bad) break;
        tick(p, event);
        p->upheld = true;
        p->base = STATE_CLOSED;
        break;
    case RATING_CALLED_BACK:
        call_back(p, event);
        break;
    default:
        break;
    }
}

static void step(struct pass *p, const struct event *event)
{
    if (p->final) return;
    if (event->flags & EVENT_LINK) {
        if (event->type == RATING_SUBMITTED && !(event->flags & EVENT_DEFAULT)) p->fold->satisfaction = event->satisfaction;
        return;
    }
    if (p->fold->of == OF_RATING) step_rating(p, event);
    else step_ticket(p, event);
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
    if (event->flags & EVENT_HAS_DUE) fold->due_ms = detail->due_ms;
    if (detail->citizen.bytes) fold->citizen = detail->citizen;
}

/* Class and descriptions, by the receipt and every amendment before a void or merge. */
static void classify(struct pass *p, const struct event *events, size_t receipt, size_t count)
{
    struct fold *fold = p->fold;
    const struct event *first = &events[receipt];
    struct policy_facts facts = {.of = fold->of, .kind = (enum kind)first->kind, .urgency = (enum urgency)first->urgency,
                                 .simple = (first->flags & EVENT_SIMPLE) != 0,
                                 .is_default = (first->flags & EVENT_DEFAULT) != 0, .satisfaction = first->satisfaction};
    describe(fold, first);
    for (size_t i = receipt + 1; i < count; i++) {
        const struct event *event = &events[i];
        if (event->flags & (EVENT_LINK | EVENT_VOID_OF_EFFECT)) continue;
        if (event->type == TICKET_VOIDED || event->type == TICKET_MERGED) break;
        if (event->type == TICKET_DISPATCHED && event->detail && event->flags & EVENT_HAS_DUE) fold->due_ms = event->detail->due_ms;
        if (event->type != TICKET_AMENDED) continue;
        if (event->kind) facts.kind = (enum kind)event->kind;
        if (event->urgency) facts.urgency = (enum urgency)event->urgency;
        if (event->flags & EVENT_HAS_SIMPLE) facts.simple = (event->flags & EVENT_SIMPLE) != 0;
        describe(fold, event);
    }
    fold->class = policy_classify(p->rules->policy, &facts);
    assert(fold->class >= 0); /* a policy without a rule for every case does not load */
}

static void contribute_ticket(struct pass *p)
{
    struct fold *fold = p->fold;
    int32_t day = zone_day(p->rules->zone, fold->received_ms);
    contribute(fold, COUNT_RECEIVED, day, fold->first_unit);
    if (p->base == STATE_VOIDED) contribute(fold, COUNT_VOIDED, day, fold->first_unit);
    if (p->base == STATE_MERGED) contribute(fold, COUNT_MERGED, day, fold->first_unit);
    for (size_t i = 0; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        if (clock->rule != &p->rules->policy->class[fold->class].clock[0]) continue;
        if (clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_OVERDUE)
            contribute(fold, COUNT_MISSED, clock->last_day, fold_unit_at(fold, clock->deadline_ms));
        if (clock_live(clock)) contribute(fold, COUNT_OPEN, DAY_NONE, fold->unit);
        if (clock->outcome == CLOCK_OVERDUE) contribute(fold, COUNT_OPEN_OVERDUE, DAY_NONE, fold->unit);
    }
}

static void contribute_rating(struct pass *p)
{
    struct fold *fold = p->fold;
    const struct clock *clock = p->main >= 0 ? &fold->clock[p->main] : NULL;
    int32_t day = zone_day(p->rules->zone, fold->received_ms);
    if (fold->receipt->flags & EVENT_DEFAULT) {
        contribute(fold, COUNT_DEFAULT_RATINGS, day, fold->unit);
        return;
    }
    if (p->upheld) {
        contribute(fold, COUNT_APPEALS_UPHELD, day, fold->unit);
        return;
    }
    contribute(fold, (enum counter)(COUNT_RATING_1 + fold->receipt->satisfaction - 1), day, fold->unit);
    if (!clock) return;
    contribute(fold, COUNT_BAD_REVIEWS, day, fold->unit);
    if (clock->outcome == CLOCK_MET || clock->outcome == CLOCK_MISSED) contribute(fold, COUNT_RECTIFIED, day, fold->unit);
    if (clock->outcome == CLOCK_MET) contribute(fold, COUNT_RECTIFIED_IN_TIME, day, fold->unit);
    if (clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_OVERDUE)
        contribute(fold, COUNT_RECTIFY_MISSED, day, fold->unit);
}

/* Outcome of clocks still live at `now`, and when the next one changes by itself. */
static void look_at_clocks(struct fold *fold, int64_t now_ms)
{
    for (size_t i = 0; i < fold->clocks; i++) {
        struct clock *clock = &fold->clock[i];
        if (!clock_live(clock)) continue;
        if (clock_suspended(clock)) {
            clock->outcome = CLOCK_SUSPENDED;
        } else if (now_ms > clock->deadline_ms) {
            clock->outcome = CLOCK_OVERDUE;
            clock->overdue_ms = now_ms - clock->deadline_ms;
        } else if (clock->deadline_ms + 1 < fold->next_ms) {
            fold->next_ms = clock->deadline_ms + 1;
        }
    }
}

static void begin(struct pass *p, size_t receipt, size_t count)
{
    struct fold *fold = p->fold;
    const struct event *first = &p->events[receipt];
    fold->receipt = first;
    fold->received_ms = first->at_ms;
    classify(p, p->events, receipt, count);
    hold(fold, first->at_ms, first->unit);
    start_clocks(p, first->at_ms);
    if (fold->of == OF_RATING) {
        p->base = p->main >= 0 ? STATE_OPEN : STATE_CLOSED;
        if (!(first->flags & EVENT_DEFAULT)) fold->satisfaction = first->satisfaction;
    } else {
        p->base = STATE_RECEIVED;
    }
}

static void clear(struct fold *fold, enum of of)
{
    struct fold kept = *fold;
    *fold = (struct fold){.of = of, .class = -1, .state = STATE_INCOMPLETE, .next_ms = INT64_MAX};
    fold->clock = kept.clock;
    fold->clocks_room = kept.clocks_room;
    fold->contribution = kept.contribution;
    fold->contributions_room = kept.contributions_room;
    fold->milestone = kept.milestone;
    fold->milestones_room = kept.milestones_room;
    fold->holding = kept.holding;
    fold->holdings_room = kept.holdings_room;
}

void fold_case(struct fold *fold, const struct rules *rules, enum of of, const struct event *events, size_t count,
               int64_t now_ms)
{
    struct pass p = {.fold = fold, .rules = rules, .events = events, .round = 1, .main = -1};
    clear(fold, of);
    while (count > 0 && events[count - 1].at_ms > now_ms) fold->next_ms = events[--count].at_ms;
    fold->used = count;
    size_t receipt = find_receipt(of, events, count);
    if (receipt == count) return;
    begin(&p, receipt, count);
    for (size_t i = receipt + 1; i < count; i++) step(&p, &events[i]);
    fold->state = p.suspended ? STATE_SUSPENDED : p.base;
    look_at_clocks(fold, now_ms);
    if (of == OF_RATING) contribute_rating(&p);
    else contribute_ticket(&p);
}

void fold_free(struct fold *fold)
{
    free(fold->clock);
    free(fold->contribution);
    free(fold->milestone);
    free(fold->holding);
    *fold = (struct fold){0};
}
