/* The clocks of a case on its way through the pass: begun, stopped, at rest.
 *
 * The trap: a suspension may end between two events, by itself. */
#include "sla/pass.h"

#include <string.h>
#include <xxhash.h>

/* --- clocks --- */

struct clock *pass_main_clock(const struct pass *p)
{
    return p->main >= 0 ? &p->fold->clock[p->main] : NULL;
}

size_t pass_next_live(struct pass *p, size_t after)
{
    size_t *link = after == PASS_NONE ? &p->live : &p->fold->clock[after].next_live;
    while (*link != PASS_NONE && !clock_live(&p->fold->clock[*link])) {
        if (*link == p->last_live) p->last_live = after;
        *link = p->fold->clock[*link].next_live;
    }
    return *link;
}

/* By the event that begins it (and the unit), so that an event which arrives late and begins another alters nothing. */
static uint32_t which_of(const struct pass *p, struct text unit)
{
    uint64_t seed;
    memcpy(&seed, p->event->key, sizeof seed);
    return (uint32_t)XXH3_64bits_withSeed(unit.at, unit.bytes, seed) | UINT32_C(1) << 31;
}

struct clock *pass_start_clock(struct pass *p, const struct policy_clock *rule, int64_t at_ms, struct text unit)
{
    struct fold *fold = p->fold;
    uint32_t times = ++p->begun[rule->name_index];
    fold->clock = pass_room(fold->clock, fold->clocks, &fold->clocks_room, sizeof *fold->clock);
    struct clock *clock = &fold->clock[fold->clocks++];
    clock_start(clock, rule, p->rules, rule->starts == STARTS_ON_EVENT ? times : p->round, at_ms);
    clock->in_round = p->round;
    clock->which = rule->starts == STARTS_ON_EVENT ? which_of(p, unit) : p->round;
    clock->unit = unit;
    clock->next_live = PASS_NONE;
    *(p->last_live == PASS_NONE ? &p->live : &fold->clock[p->last_live].next_live) = fold->clocks - 1;
    p->last_live = fold->clocks - 1;
    if (p->suspended && rule->suspends) clock_suspend(clock, at_ms, p->restarts);
    return clock;
}

void pass_be_main(struct pass *p, struct clock *clock)
{
    if (p->main >= 0 && clock_live(&p->fold->clock[p->main])) p->fold->clock[p->main].main = false;
    p->main = (int)(clock - p->fold->clock);
    clock->main = true;
}

static struct clock *running(struct pass *p, const struct policy_clock *rule)
{
    PASS_FOR_LIVE(p, i)
        if (p->fold->clock[i].rule->name_index == rule->name_index) return &p->fold->clock[i];
    return NULL;
}

/* Those that start with receipt or round. */
void pass_start_round_clocks(struct pass *p, int64_t at_ms)
{
    const struct policy_class *class = pass_class_of(p);
    p->main = -1;
    for (int i = 0; i < class->clocks; i++) {
        const struct policy_clock *rule = &class->clock[i];
        if (rule->starts == STARTS_ON_EVENT) continue;
        struct clock *clock = running(p, rule);
        if (!clock && (p->round == 1 || rule->starts == STARTS_EACH_ROUND)) clock = pass_start_clock(p, rule, at_ms, (struct text){0});
        if (clock && rule->main) pass_be_main(p, clock);
    }
}

void pass_start_event_clocks(struct pass *p, const struct event *event)
{
    const struct policy_class *class = pass_class_of(p);
    uint32_t bit = UINT32_C(1) << event->type;
    for (int i = 0; i < class->clocks; i++)
        if (class->clock[i].started_by & bit && !running(p, &class->clock[i]))
            pass_start_clock(p, &class->clock[i], event->at_ms, (struct text){0});
}

static void contribute_stop(struct pass *p, const struct clock *clock, const struct event *event)
{
    bool met = clock->outcome == CLOCK_MET;
    int32_t day = zone_day(p->rules->zone, event->at_ms);
    if (p->fold->of == OF_RATING) return; /* counted by day of rating, at the end */
    if (clock->main) {
        pass_contribute(p->fold, COUNT_ANSWERED, day, p->fold->unit);
        if (met) pass_contribute(p->fold, COUNT_ANSWERED_IN_TIME, day, p->fold->unit);
    } else if (clock->rule->kind == CLOCK_OF_CASE && strcmp(clock->rule->name, "contact") == 0) {
        pass_contribute(p->fold, COUNT_CONTACTED, day, p->fold->unit);
        if (met) pass_contribute(p->fold, COUNT_CONTACTED_IN_TIME, day, p->fold->unit);
    }
}

/* Stops and cancels the clocks that the policy ties to an event. */
void pass_stop_clocks(struct pass *p, const struct event *event)
{
    uint32_t bit = UINT32_C(1) << event->type;
    PASS_FOR_LIVE(p, i) {
        struct clock *clock = &p->fold->clock[i];
        if (clock->rule->stopped_by & bit) {
            clock_stop(clock, p->rules, event->at_ms);
            contribute_stop(p, clock, event);
        } else if (clock->rule->cancelled_by & bit) {
            clock_cancel(clock, p->rules, event->at_ms);
        }
    }
}

/* Does the main clock still allow a step that must come before its deadline? */
bool pass_before_deadline(const struct pass *p, int64_t at_ms)
{
    return p->main >= 0 && at_ms <= p->fold->clock[p->main].deadline_ms;
}

/* --- suspension --- */

void pass_note_rest(struct pass *p, size_t clock, int64_t from_ms, int64_t to_ms)
{
    p->rest = pass_room(p->rest, p->rests, &p->rests_room, sizeof *p->rest);
    p->rest[p->rests++] = (struct rest){clock, from_ms, to_ms};
}

/* What the rests of a clock add up to under another rule's counting. */
int64_t pass_gained_under(const struct pass *p, size_t at, const struct policy_clock *rule)
{
    const struct clock *clock = &p->fold->clock[at];
    int64_t sum = 0;
    for (size_t i = 0; i < p->rests; i++)
        if (p->rest[i].clock == at && p->rest[i].to_ms > clock->anew_ms)
            sum += counting_gain(&rule->counting, p->rules, rule->limit.unit, clock->begin_ms, p->rest[i].from_ms, p->rest[i].to_ms);
    return sum;
}

void pass_suspend(struct pass *p, const struct event *event)
{
    const struct policy *policy = p->rules->policy;
    const struct policy_reason *reason = event->detail ? policy_reason(policy, event->detail->reason) : NULL;
    int longest = reason ? reason->max_workdays : policy->suspension_max_workdays;
    p->suspended = true;
    p->restarts = reason && reason->restarts;
    if (longest > 0) p->resume_ms = counting_end_of_days(&policy->counting, p->rules, event->at_ms, longest);
    PASS_FOR_LIVE(p, i) {
        struct clock *clock = &p->fold->clock[i];
        if (clock->rule->suspends && event->at_ms <= clock->deadline_ms)
            clock_suspend(clock, event->at_ms, p->restarts);
    }
    pass_count_here(p, COUNT_SUSPENDED, event, p->fold->unit);
}

void pass_resume(struct pass *p, int64_t at_ms)
{
    PASS_FOR_LIVE(p, i) {
        struct clock *clock = &p->fold->clock[i];
        if (!clock_suspended(clock)) continue;
        if (p->rules->policy->effects > 0) pass_note_rest(p, i, clock_rests_since(clock), at_ms);
        clock_resume(clock, p->rules, at_ms);
    }
    p->suspended = false;
    p->resume_ms = INT64_MAX;
}

/* What is suspended ends with the answer or close: its clocks were resumed as they stopped. */
void pass_settle(struct pass *p, int64_t at_ms, enum case_state state)
{
    if (p->suspended) pass_resume(p, at_ms);
    pass_end_share(p, at_ms);
    p->base = state;
}

/* A suspension that has reached its longest time by `now_ms` ends there. */
void pass_end_suspension(struct pass *p, int64_t now_ms)
{
    int64_t at_ms = p->resume_ms;
    if (at_ms > now_ms) return;
    pass_resume(p, at_ms);
    p->added_days = 0;
    if (p->fold->tracing) pass_trace(p, NULL, at_ms, EFFECT_ENDED);
}
