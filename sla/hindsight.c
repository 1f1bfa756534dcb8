/* One case at a time: what it teaches at the beginning of each month, then its openings.
 *
 * The trap is peeking. All that is learnt or looked at comes from a fold as of that
 * instant; only the outcome, against which a look is held afterwards, is from now. A case that
 * has come to rest by an instant, with all its events before it, is the same then as now, and is not folded
 * again. */
#include "sla/hindsight.h"

#include <stdlib.h>

#include "common/alloc.h"

/* The same day so many months before, or that month's last. */
static int32_t months_before(int32_t day, int months)
{
    int year, month, dom;
    day_to_civil(day, &year, &month, &dom);
    int n = year * 12 + month - 1 - months;
    int32_t first = day_from_civil(n / 12, n % 12 + 1, 1), next = day_from_civil((n + 1) / 12, (n + 1) % 12 + 1, 1);
    return first + dom - 1 < next ? first + dom - 1 : next - 1;
}

void hindsight_open(struct hindsight *hindsight, const struct rules *rules, struct peers *peers, int months, int64_t now_ms)
{
    int32_t today = zone_day(rules->zone, now_ms);
    *hindsight = (struct hindsight){.rules = rules, .bound = rules, .peers = peers, .months = months, .rounds = 2 * months};
    for (int i = 0; i <= hindsight->rounds; i++) {
        hindsight->start_ms[i] = zone_instant_ms(rules->zone, months_before(today, hindsight->rounds - i), 0);
        hindsight->pace[i] = pace_new(peers);
    }
    hindsight->start_ms[hindsight->rounds] = now_ms;
}

int hindsight_circle(struct hindsight *hindsight, const struct fold *fold, const struct clock *clock, struct text unit)
{
    return peers_of(hindsight->peers, clock->rule->limit, hindsight->bound->policy->class[fold->class].name, unit);
}

static bool answered(const struct clock *clock)
{
    return clock->outcome == CLOCK_MET || clock->outcome == CLOCK_MISSED;
}

/* --- what a case teaches --- */

/* Each unit's stretch of the way: a step is whose it was when it ended. What is open at the very end of a step was so throughout. */
static void learn_clock(struct hindsight *hindsight, struct pace *pace, const struct fold *fold, const struct clock *clock)
{
    const struct rules *rules = hindsight->bound;
    int64_t end_ms = clock_live(clock) ? fold->now_ms + 1 : clock->ended_ms;
    int from = 0, end = course_step(clock, rules, end_ms);
    for (size_t i = 0; i < fold->holdings; i++) {
        int64_t to_ms = i + 1 < fold->holdings ? fold->holding[i + 1].from_ms : INT64_MAX;
        bool last = to_ms >= end_ms;
        if (to_ms <= clock->begin_ms && !last) continue;
        int to = last ? end : course_step(clock, rules, to_ms);
        if (to < from) to = from;
        pace_note(pace, hindsight_circle(hindsight, fold, clock, fold->holding[i].unit), from, to, last && answered(clock));
        if (last) return;
        from = to;
    }
}

static void learn_fold(struct hindsight *hindsight, int round, const struct fold *fold)
{
    for (size_t i = 0; i < fold->clocks; i++)
        if (fold->clock[i].main) learn_clock(hindsight, hindsight->pace[round], fold, &fold->clock[i]);
}

/* Nothing of it runs, and all its events lie before. */
static bool at_rest(const struct case_file *file, const struct fold *now, int64_t at_ms)
{
    if (file->event[file->events - 1].at_ms > at_ms) return false;
    for (size_t i = 0; i < now->clocks; i++)
        if (now->clock[i].main && clock_live(&now->clock[i])) return false;
    return true;
}

static void learn_case(struct hindsight *hindsight, const struct case_file *file, const struct fold *now)
{
    for (int round = 0; round < hindsight->rounds; round++) {
        int64_t at_ms = hindsight->start_ms[round];
        if (file->event[0].at_ms > at_ms) continue;
        if (at_rest(file, now, at_ms)) {
            learn_fold(hindsight, round, now);
            continue;
        }
        fold_case(&hindsight->fold, hindsight->bound, file, at_ms);
        learn_fold(hindsight, round, &hindsight->fold);
    }
    learn_fold(hindsight, hindsight->rounds, now);
}

/* --- its openings --- */

static void *grown(void *array, size_t count, size_t *room, size_t item_bytes)
{
    if (count < *room) return array;
    *room = *room ? *room * 2 : 1024;
    return xrealloc(array, *room * item_bytes);
}

/* The first opening of a working day at or after an instant. */
static int64_t next_opening_ms(const struct rules *rules, int64_t at_ms)
{
    int32_t opening_ms = rules->policy->counting.opening_ms, day = zone_day(rules->zone, at_ms);
    if (calendar_is_workday(rules->calendar, day) && zone_instant_ms(rules->zone, day, opening_ms) >= at_ms)
        return zone_instant_ms(rules->zone, day, opening_ms);
    return zone_instant_ms(rules->zone, calendar_add_workdays(rules->calendar, day, 1), opening_ms);
}

static int round_of(const struct hindsight *hindsight, int64_t at_ms)
{
    int round = 0;
    while (round + 1 <= hindsight->rounds && hindsight->start_ms[round + 1] <= at_ms) round++;
    return round;
}

static int known_by(const struct hindsight *hindsight, int64_t at_ms)
{
    int round = 0;
    while (round < hindsight->rounds && hindsight->start_ms[round] < at_ms) round++;
    return round;
}

/* The same main clock as it is now, if it has an outcome; a cancelled one has none. */
static const struct clock *outcome_of(const struct fold *now, const struct clock *then)
{
    for (size_t i = 0; i < now->clocks; i++) {
        const struct clock *clock = &now->clock[i];
        if (clock->main && clock->which == then->which) return answered(clock) || clock->outcome == CLOCK_OVERDUE ? clock : NULL;
    }
    return NULL;
}

static void begin_sight(struct hindsight *hindsight, const struct clock *outcome)
{
    bool late = outcome->outcome != CLOCK_MET;
    hindsight->sight = grown(hindsight->sight, hindsight->sights, &hindsight->sights_room, sizeof *hindsight->sight);
    hindsight->sight[hindsight->sights++] = (struct sight){
        (uint32_t)hindsight->glances, (uint8_t)known_by(hindsight, late ? clock_passed_ms(outcome) : outcome->ended_ms), late};
}

static void note_glance(struct hindsight *hindsight, const struct fold *fold, const struct clock *clock, int64_t at_ms)
{
    const struct rules *rules = hindsight->bound;
    int64_t left_ms = counting_worked_ms(&rules->policy->counting, rules, at_ms, clock->deadline_ms);
    if (left_ms < HINDSIGHT_LEAD_MIN_MS) return;
    struct course course = course_at(clock, rules, at_ms);
    hindsight->glance = grown(hindsight->glance, hindsight->glances, &hindsight->glances_room, sizeof *hindsight->glance);
    hindsight->glance[hindsight->glances++] = (struct glance){
        .circle = hindsight_circle(hindsight, fold, clock, fold->unit),
        .left_minutes = left_ms / 60000 < UINT16_MAX ? (uint16_t)(left_ms / 60000) : UINT16_MAX,
        .round = (uint8_t)round_of(hindsight, at_ms), .step = (uint8_t)course.step, .last = (uint8_t)course.last,
        .gone = (uint8_t)(course.gone * 255)};
    hindsight->sight[hindsight->sights - 1].glances_end = (uint32_t)hindsight->glances;
}

/* The main clock, if it runs at an instant and its deadline has not passed. */
static const struct clock *running(const struct fold *fold, int64_t at_ms)
{
    const struct clock *clock = fold->main < 0 ? NULL : &fold->clock[fold->main];
    return clock && clock_live(clock) && !clock_suspended(clock) && at_ms <= clock->deadline_ms ? clock : NULL;
}

static void look_back(struct hindsight *hindsight, const struct case_file *file, const struct fold *now)
{
    const struct rules *rules = hindsight->bound;
    struct fold *fold = &hindsight->fold;
    const struct clock *outcome = NULL;
    uint32_t which = 0;
    int64_t at_ms = file->event[0].at_ms + 1, same_until_ms = INT64_MIN;
    if (at_ms < hindsight->start_ms[0]) at_ms = hindsight->start_ms[0];
    while ((at_ms = next_opening_ms(rules, at_ms)) < now->now_ms) {
        if (at_ms >= same_until_ms) {
            fold_case(fold, rules, file, at_ms);
            same_until_ms = fold->next_ms;
        }
        const struct clock *clock = running(fold, at_ms);
        if (!clock) { /* on to the next thing that happens to it */
            if (same_until_ms == INT64_MAX) return;
            at_ms = same_until_ms;
            continue;
        }
        if (!outcome || clock->which != which) {
            which = clock->which;
            outcome = outcome_of(now, clock);
            if (outcome) begin_sight(hindsight, outcome);
        }
        if (outcome) note_glance(hindsight, fold, clock, at_ms);
        at_ms++;
    }
}

void hindsight_add(struct hindsight *hindsight, const struct case_file *file, const struct fold *now, const struct rules *rules)
{
    hindsight->bound = rules;
    if (now->class < 0) return;
    learn_case(hindsight, file, now);
    if (!at_rest(file, now, hindsight->start_ms[0])) look_back(hindsight, file, now);
}

void hindsight_finish(struct hindsight *hindsight)
{
    for (int round = 0; round <= hindsight->rounds; round++) pace_close(hindsight->pace[round]);
}

void hindsight_close(struct hindsight *hindsight)
{
    for (int round = 0; round <= hindsight->rounds; round++) pace_free(hindsight->pace[round]);
    fold_free(&hindsight->fold);
    free(hindsight->glance);
    free(hindsight->sight);
    *hindsight = (struct hindsight){.rounds = -1};
}

struct course glance_course(const struct glance *glance)
{
    return (struct course){.stride = 1, .step = glance->step, .last = glance->last, .gone = glance->gone / 255.0};
}

double glance_gone(const struct glance *glance)
{
    struct course course = glance_course(glance);
    return course.last > 0 ? course_gone(&course) / course.last : 1;
}
