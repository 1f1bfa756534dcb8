/* Ladders worked out, and told taken off.
 *
 * The trap: only the latest step of a running clock is owed. Earlier ones that
 * nobody sent in time are passed over, not sent late. */
#include "sla/demand.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "sla/rulebook.h"
#include "sla/stub.h"

const char *demand_result_type(enum demand_kind kind)
{
    static const char *const names[] = {NULL,            NULL,               NULL,             "clock.overdue", "clock.withdrawn",
                                        "case.answered", "case.called_back", "case.rectified", "case.closed", NULL};
    return names[kind];
}

bool demand_is_notice(enum demand_kind kind)
{
    return demand_result_type(kind) == NULL;
}

/* A step at an instant. */
struct rung {
    int64_t at_ms;
    int step, day;
};

/* What of a clock's ladder lies behind and ahead of an instant. */
struct ladder_view {
    struct rung latest; /* step -1: none */
    int64_t next_ms;
    int passed;         /* rungs after `told_ms` up to now, the latest included */
};

/* Opening of the k-th counted day after the last, or before it. */
static int64_t opening_instant(const struct clock *clock, const struct rules *rules, int k)
{
    const struct counting *counting = &clock->rule->counting;
    return zone_instant_ms(rules->zone, calendar_add_workdays(counting_calendar(counting, rules), clock->last_day, k), counting->opening_ms);
}

/* Closing of the last day, or the deadline where that is earlier. */
static int64_t closing_instant(const struct clock *clock, const struct rules *rules)
{
    int64_t closing_ms = zone_instant_ms(rules->zone, clock->last_day, clock->rule->counting.closing_ms);
    return closing_ms < clock->deadline_ms ? closing_ms : clock->deadline_ms;
}

static void see(struct ladder_view *view, const struct clock *clock, struct rung rung, int64_t now_ms, int64_t told_ms)
{
    if (rung.at_ms <= clock->started_ms) return;
    if (rung.at_ms > now_ms) {
        if (rung.at_ms < view->next_ms) view->next_ms = rung.at_ms;
        return;
    }
    if (rung.at_ms > told_ms) view->passed++;
    if (view->latest.step < 0 || rung.at_ms >= view->latest.at_ms) view->latest = rung;
}

/* The repeated step: its days up to now, and the next. */
static void see_repeated(struct ladder_view *view, const struct clock *clock, const struct rules *rules, int step,
                         int64_t now_ms, int64_t told_ms)
{
    const struct policy_step *rule = &rules->policy->step[step];
    for (int k = rule->n; k <= rule->until; k++) {
        struct rung rung = {opening_instant(clock, rules, k), step, k};
        see(view, clock, rung, now_ms, told_ms);
        if (rung.at_ms > now_ms) break;
    }
}

/* Was it said before, or a later one, whatever the deadline and their number were then? One urge is answered once. */
static bool nudge_told(const struct case_file *file, const struct clock *clock, const struct policy_step *step, int64_t at_ms)
{
    for (size_t i = 0; i < file->tolds; i++) {
        const struct told *told = &file->told[i];
        if (told->kind == TOLD_NOTICE && told->status != TOLD_PENDING && told->clock == clock->rule->told_as &&
            told->which == clock->which && told->step == step->told_as && told->at_ms >= at_ms)
            return true;
    }
    return false;
}

/* At each such event while the clock ran; their number tells them apart. */
static void see_nudges(struct ladder_view *view, const struct clock *clock, const struct case_file *file, const struct fold *fold,
                       const struct rules *rules, int step, int64_t now_ms, int64_t told_ms)
{
    int times = 0;
    for (size_t i = 0; i < fold->nudges; i++) {
        if (fold->nudge[i].type != rules->policy->step[step].n || fold->nudge[i].at_ms <= clock->started_ms) continue;
        if (fold->nudge[i].suspended && clock->rule->suspends) continue;
        if (times < UINT8_MAX) times++;
        if (nudge_told(file, clock, &rules->policy->step[step], fold->nudge[i].at_ms)) continue;
        see(view, clock, (struct rung){fold->nudge[i].at_ms, step, times}, now_ms, told_ms);
    }
}

static struct ladder_view look(const struct clock *clock, const struct case_file *file, const struct fold *fold, const struct rules *rules,
                               int64_t now_ms, int64_t told_ms)
{
    struct ladder_view view = {.latest = {.step = -1}, .next_ms = INT64_MAX};
    for (int i = clock->ladder->first_step; i < clock->ladder->first_step + clock->ladder->steps; i++) {
        const struct policy_step *step = &rules->policy->step[i];
        struct rung rung = {0, i, 0};
        switch (step->when) {
        case STEP_WORKDAYS_BEFORE: rung.at_ms = opening_instant(clock, rules, -step->n); break;
        case STEP_HOURS_BEFORE: rung.at_ms = closing_instant(clock, rules) - (int64_t)step->n * 3600000; break;
        case STEP_MINUTES_BEFORE: rung.at_ms = clock->deadline_ms - (int64_t)step->n * 60000; break;
        case STEP_OVERDUE: rung.at_ms = clock_passed_ms(clock) + 1; break;
        case STEP_WORKDAYS_AFTER: see_repeated(&view, clock, rules, i, now_ms, told_ms); continue;
        case STEP_ON_EVENT: see_nudges(&view, clock, file, fold, rules, i, now_ms, told_ms); continue;
        }
        see(&view, clock, rung, now_ms, told_ms);
    }
    return view;
}

static bool same_clock(const struct told *told, const struct clock *clock, int index)
{
    return told->clock == index && told->which == clock->which && told->deadline_ms == clock->deadline_ms;
}

static struct demand *add(struct demands *demands, enum demand_kind kind)
{
    if (demands->count == DEMANDS_MAX) {
        demands->cut = true;
        return NULL;
    }
    struct demand *demand = &demands->at[demands->count++];
    *demand = (struct demand){.kind = kind};
    return demand;
}

static uint64_t mix(enum demand_kind kind, int clock, uint32_t round, int step, int day, int64_t deadline_ms,
                    const struct event *event, int64_t content)
{
    struct {
        int64_t kind, clock, round, step, day, deadline_ms, content;
        uint8_t key[8];
    } all = {kind, clock, round, step, day, deadline_ms, content, {0}};
    if (event) memcpy(all.key, event->key, sizeof all.key);
    return XXH3_64bits(&all, sizeof all);
}

uint64_t demand_notice_key(const struct told *told)
{
    return mix(DEMAND_NOTICE, told->clock, told->which, told->step, told->day, told->deadline_ms, NULL,
               told->day == UINT8_MAX ? told->at_ms : 0); /* a day that is full tells no more */
}

/* Whom the next step is owed by: of a share or member clock that unit, else who holds the case. */
static struct text debtor(const struct clock *clock, const struct fold *fold)
{
    return clock->unit.bytes ? clock->unit : fold->unit;
}

static bool stands_in_ladder(const struct told *told)
{
    return told->kind == TOLD_NOTICE && told->step != STEP_RETRACT && told->step != STEP_CORRECTION;
}

/* Delivered, or some of several recipients have it. */
static bool has_recipient(const struct case_file *file, const struct told *notice)
{
    if (notice->status == TOLD_DELIVERED) return true;
    for (size_t i = 0; i < file->tolds; i++)
        if (file->told[i].kind == TOLD_RECIPIENT && file->told[i].status == TOLD_DELIVERED && (uint64_t)file->told[i].deadline_ms == notice->id) return true;
    return false;
}

/* The same, once it has ended. */
static bool reached_somebody(const struct case_file *file, const struct told *notice)
{
    return notice->status != TOLD_PENDING && has_recipient(file, notice);
}

unsigned told_roles(const struct case_file *file, const struct told *about, const struct vocabulary *words)
{
    unsigned roles = 0;
    for (size_t i = 0; i < file->tolds; i++) {
        const struct told *told = &file->told[i];
        const struct policy_step *step = told->kind == TOLD_NOTICE ? vocabulary_step(words, told->step) : NULL;
        if (step && told->clock == about->clock && told->which == about->which && has_recipient(file, told)) roles |= step->roles;
    }
    return roles;
}

/* The last that somebody was told of a clock, whatever its deadline was then; NULL for nothing. *corrections: how many there were. */
static const struct told *last_told(const struct case_file *file, const struct clock *clock, int64_t *corrections)
{
    const struct told *last = NULL;
    *corrections = 0;
    for (size_t i = 0; i < file->tolds; i++) {
        const struct told *told = &file->told[i];
        if (told->kind != TOLD_NOTICE || told->clock != clock->rule->told_as || told->which != clock->which || told->status == TOLD_PENDING) continue;
        bool correction = told->step == STEP_CORRECTION;
        *corrections += correction;
        if (told->step == STEP_RETRACT && last && last->edition == told->edition && last->deadline_ms != told->deadline_ms) continue; /* told with it */
        if (reached_somebody(file, told) || correction) last = told;
    }
    return last;
}

/* Has the clock this deadline under the rules of then as well? Then events moved it, and no rules. */
static bool moved_by_events(const struct told *last, const struct clock *clock, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    struct fold then = {.clocks = 0};
    bool same = false;
    if (!rules->book) return false;
    fold_case(&then, rulebook_edition(rules->book, last->edition), file, fold->now_ms);
    for (size_t i = 0; i < then.clocks; i++)
        same |= then.clock[i].rule->told_as == last->clock && then.clock[i].which == last->which && then.clock[i].deadline_ms == clock->deadline_ms;
    fold_free(&then);
    return same;
}

/* Did other rules make what was told last untrue? Then what they were told the deadline was, else 0. */
static int64_t moved_from(const struct told *last, const struct clock *clock, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    if (!last || last->edition == rules->edition) return 0;
    bool taken_back = last->step == STEP_RETRACT;
    if (taken_back != (last->deadline_ms == clock->deadline_ms)) return 0;
    return taken_back || !moved_by_events(last, clock, file, fold, rules) ? last->deadline_ms : 0;
}

static struct told told_of_clock(const struct clock *clock, const struct rules *rules)
{
    return (struct told){.kind = TOLD_NOTICE, .clock = clock->rule->told_as, .which = clock->which, .deadline_ms = clock->deadline_ms,
                         .edition = (uint8_t)rules->edition};
}

/* The unit knows another deadline than the one that counts since the case is bound to other rules. */
static void owe_correction(struct demands *demands, const struct fold *fold, const struct rules *rules, const struct clock *clock, int64_t before_ms,
                           int64_t corrections)
{
    struct demand *demand = add(demands, DEMAND_CORRECTION);
    if (!demand) return;
    demand->clock = clock;
    demand->unit = debtor(clock, fold);
    demand->before_ms = before_ms;
    demand->told = told_of_clock(clock, rules);
    demand->told.step = STEP_CORRECTION;
    demand->told.at_ms = clock->deadline_ms + (clock->outcome == CLOCK_OVERDUE);
    demand->told.id = mix(DEMAND_CORRECTION, clock->rule->told_as, clock->which, 0, 0, clock->deadline_ms, NULL, corrections);
}

static void owe_notice(struct demands *demands, const struct case_file *file, const struct fold *fold, const struct rules *rules,
                       const struct clock *clock, int64_t now_ms)
{
    int index = clock->rule->told_as;
    int64_t told_ms = INT64_MIN, corrections;
    int tried = 0; /* steps that were tried in vain so far */
    for (size_t i = 0; i < file->tolds; i++) {
        const struct told *told = &file->told[i];
        if (!stands_in_ladder(told) || !same_clock(told, clock, index)) continue;
        if (told->status == TOLD_PENDING) tried++;
        else if (told->at_ms > told_ms) told_ms = told->at_ms;
    }
    struct ladder_view view = look(clock, file, fold, rules, now_ms, told_ms);
    int64_t before_ms = moved_from(last_told(file, clock, &corrections), clock, file, fold, rules);
    if (view.next_ms < demands->next_ms) demands->next_ms = view.next_ms;
    if (view.latest.step < 0 || view.latest.at_ms <= told_ms) {
        if (before_ms) owe_correction(demands, fold, rules, clock, before_ms, corrections);
        return;
    }
    struct demand *demand = add(demands, DEMAND_NOTICE);
    if (!demand) return;
    demand->clock = clock;
    demand->step = &rules->policy->step[view.latest.step];
    demand->unit = debtor(clock, fold);
    demand->before_ms = before_ms;
    demand->superseded = view.passed - 1 > tried ? view.passed - 1 - tried : 0;
    demand->told = told_of_clock(clock, rules);
    demand->told.step = demand->step->told_as;
    demand->told.day = (uint8_t)view.latest.day;
    demand->told.at_ms = view.latest.at_ms;
    demand->told.id = demand_notice_key(&demand->told);
}

/* How often something was told of a clock with this deadline. */
static int64_t times_told(const struct case_file *file, enum told_kind kind, const struct told *of)
{
    int64_t times = 0;
    for (size_t i = 0; i < file->tolds; i++) {
        const struct told *told = &file->told[i];
        times += told->kind == kind && told->clock == of->clock && told->which == of->which && told->deadline_ms == of->deadline_ms;
    }
    return times;
}

static void owe_overdue(struct demands *demands, const struct case_file *file, const struct fold *fold,
                        const struct rules *rules, const struct clock *clock, int64_t now_ms)
{
    if (now_ms <= clock->deadline_ms) {
        if ((clock->ended_ms == INT64_MAX || clock->outcome == CLOCK_MISSED) && clock->deadline_ms + 1 < demands->next_ms)
            demands->next_ms = clock->deadline_ms + 1;
        return;
    }
    struct told told = told_of_clock(clock, rules);
    int64_t taken_back = times_told(file, TOLD_WITHDRAWN, &told);
    if (times_told(file, TOLD_OVERDUE, &told) > taken_back) return;
    struct demand *demand = add(demands, DEMAND_OVERDUE);
    if (!demand) return;
    demand->clock = clock;
    demand->unit = clock->unit.bytes ? clock->unit : fold_unit_at(fold, clock_passed_ms(clock));
    demand->told = told;
    demand->told.kind = TOLD_OVERDUE;
    demand->told.at_ms = clock->deadline_ms;
    demand->told.id = mix(DEMAND_OVERDUE, told.clock, clock->which, 0, 0, clock->deadline_ms, NULL, taken_back);
}

static bool id_told(const struct case_file *file, uint64_t id)
{
    for (size_t i = 0; i < file->tolds; i++)
        if (file->told[i].id == id) return true;
    return false;
}

/* Of a case whose duplicates are told of its answer as well, which they are: one that comes later makes another result. */
static int64_t duplicates_content(const struct fold *fold, const struct rules *rules)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < fold->duplicates && rules->policy->tells_duplicates; i++)
        sum = XXH3_64bits_withSeed(fold->duplicate[i].at, fold->duplicate[i].bytes, sum);
    return (int64_t)sum;
}

static void owe_milestone(struct demands *demands, const struct case_file *file, const struct fold *fold, const struct rules *rules,
                          const struct milestone *milestone)
{
    enum demand_kind kind = DEMAND_ANSWERED;
    const struct event *event = milestone->event;
    const struct clock *clock = milestone->clock < 0 ? NULL : &fold->clock[milestone->clock];
    if (event->type == TICKET_CLOSED) kind = DEMAND_CLOSED;
    if (event->type == TICKET_CALLED_BACK || event->type == RATING_CALLED_BACK) kind = DEMAND_CALLED_BACK;
    if (event->type == RATING_RECTIFIED) kind = DEMAND_RECTIFIED;
    uint8_t index = clock ? clock->rule->told_as : 0;
    int64_t deadline_ms = clock && kind != DEMAND_CALLED_BACK ? clock->deadline_ms : 0;
    int64_t content = kind == DEMAND_CALLED_BACK ? event->satisfaction : event->outcome << 8 | (clock ? (int)clock->outcome : 0);
    if (kind != DEMAND_CALLED_BACK) content ^= duplicates_content(fold, rules);
    uint64_t id = mix(kind, index, milestone->round, 0, 0, deadline_ms, event, content);
    if (id_told(file, id)) return;
    struct demand *demand = add(demands, kind);
    if (!demand) return;
    demand->clock = clock;
    demand->unit = milestone->unit;
    demand->told = (struct told){.kind = TOLD_MILESTONE, .clock = index, .which = milestone->round, .edition = (uint8_t)rules->edition, .id = id};
}

const struct clock *told_clock(const struct told *told, const struct fold *fold)
{
    for (size_t i = 0; i < fold->clocks; i++)
        if (same_clock(told, &fold->clock[i], fold->clock[i].rule->told_as)) return &fold->clock[i];
    return NULL;
}

uint32_t told_round(const struct told *told, const struct fold *fold)
{
    for (size_t i = 0; i < fold->clocks; i++)
        if (fold->clock[i].rule->told_as == told->clock && fold->clock[i].which == told->which) return fold->clock[i].round;
    return told->which >> 31 ? 0 : told->which;
}

struct text told_unit(const struct told *told, const struct fold *fold)
{
    for (size_t i = 0; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        if (clock->rule->told_as == told->clock && clock->which == told->which && clock->unit.bytes) return clock->unit;
    }
    return fold_unit_at(fold, told->at_ms > fold->received_ms ? told->at_ms : fold->received_ms);
}

static bool still_overdue(const struct fold *fold, const struct told *told)
{
    const struct clock *clock = told_clock(told, fold);
    bool final = fold->state == STATE_VOIDED || fold->state == STATE_MERGED; /* then it counts no more */
    return clock && (clock->outcome == CLOCK_OVERDUE || clock->outcome == CLOCK_MISSED ||
                     (clock->outcome == CLOCK_CANCELLED && clock->ended_ms > clock->deadline_ms && !final));
}

static bool same_deadline(const struct told *a, const struct told *b)
{
    return a->clock == b->clock && a->which == b->which && a->deadline_ms == b->deadline_ms;
}

/* Was a notice taken back after it was told? *times: how often others of its deadline were. */
static bool retracted(const struct case_file *file, const struct told *notice, int64_t *times)
{
    bool since = false;
    *times = 0;
    for (const struct told *told = file->told; told < file->told + file->tolds; told++) {
        if (told->kind != TOLD_NOTICE || told->step != STEP_RETRACT || told->status == TOLD_PENDING || !same_deadline(told, notice)) continue;
        ++*times;
        since |= told > notice;
    }
    return since;
}

/* Did somebody hear by it that the deadline had passed? */
static bool says_overdue(const struct case_file *file, const struct told *told)
{
    return told->kind == TOLD_NOTICE && told->step != STEP_RETRACT && told->at_ms > told->deadline_ms && reached_somebody(file, told);
}

/* Told of an overdue that an event, arriving late, or other rules showed untrue. */
static void owe_corrections(struct demands *demands, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    bool retracting = false;
    for (size_t i = 0; i < file->tolds; i++) {
        const struct told *told = &file->told[i];
        bool overdue_notice = says_overdue(file, told);
        int64_t times = 0;
        if ((told->kind != TOLD_OVERDUE && !overdue_notice) || still_overdue(fold, told)) continue;
        if (file->stub && told->at_ms < file->stub->at_ms) continue; /* of before it shrank: nobody can tell any more */
        if (overdue_notice && (retracting || retracted(file, told, &times))) continue;
        if (!overdue_notice && (times = times_told(file, TOLD_WITHDRAWN, told)) >= times_told(file, TOLD_OVERDUE, told)) continue;
        enum demand_kind kind = overdue_notice ? DEMAND_RETRACT : DEMAND_WITHDRAWN;
        uint16_t step = overdue_notice ? STEP_RETRACT : told->step;
        uint64_t id = mix(kind, told->clock, told->which, step, 0, told->deadline_ms, NULL, times);
        if (demands_hold(demands, id)) continue; /* it was told before, taken back, and told anew */
        struct demand *demand = add(demands, kind);
        if (!demand) return;
        retracting |= overdue_notice;
        demand->unit = told_unit(told, fold);
        demand->told = *told;
        demand->told.kind = overdue_notice ? TOLD_NOTICE : TOLD_WITHDRAWN;
        demand->told.step = step;
        demand->told.attempts = 0;
        demand->told.edition = (uint8_t)rules->edition;
        demand->told.id = id;
    }
}

void demands_owed(struct demands *demands, const struct case_file *file, const struct fold *fold, const struct rules *rules,
                  int64_t now_ms)
{
    demands->count = 0;
    demands->cut = false;
    demands->next_ms = INT64_MAX;
    if (fold->class < 0) return;
    for (size_t i = 0; i < fold->milestones; i++) owe_milestone(demands, file, fold, rules, &fold->milestone[i]);
    for (size_t i = fold->old_clocks; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        if (clock->outcome == CLOCK_RUNNING || clock->outcome == CLOCK_OVERDUE)
            owe_notice(demands, file, fold, rules, clock, now_ms);
        if (clock->outcome == CLOCK_RUNNING || clock->outcome == CLOCK_OVERDUE || clock->outcome == CLOCK_MISSED)
            owe_overdue(demands, file, fold, rules, clock, now_ms);
    }
    owe_corrections(demands, file, fold, rules);
}

bool demands_hold(const struct demands *demands, uint64_t id)
{
    for (size_t i = 0; i < demands->count; i++)
        if (demands->at[i].told.id == id) return true;
    return false;
}

void step_print(char *text, const struct policy_step *step, int day)
{
    if (step->when == STEP_ON_EVENT) snprintf(text, STEP_TEXT_BYTES, "%s-%d", step->name, day);
    else if (step->when == STEP_WORKDAYS_AFTER) snprintf(text, STEP_TEXT_BYTES, "%s-d%d", step->name, day);
    else snprintf(text, STEP_TEXT_BYTES, "%s", step->name);
}

void told_step_print(char *text, const struct told *told, const struct vocabulary *words)
{
    const struct policy_step *step = vocabulary_step(words, told->step);
    *text = 0;
    if (told->kind != TOLD_NOTICE) return;
    if (step) step_print(text, step, told->day);
    else snprintf(text, STEP_TEXT_BYTES, "%s", told->step == STEP_CORRECTION ? "corrected" : "withdrawn");
}

void demand_id(char *text, const struct case_file *file, const struct demand *demand)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(file->id.at, file->id.bytes, demand->told.id ^ (uint64_t)file->of);
    snprintf(text, NOTICE_ID_BYTES, "%s_%016llx%016llx", demand_is_notice(demand->kind) ? "ntc" : "res", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}
