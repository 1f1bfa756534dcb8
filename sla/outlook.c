/* Open cases as they come, sorted at the end.
 *
 * The trap is memory: of a million open cases each keeps a prospect and its name, and
 * a few looks, nothing else. */
#include "sla/outlook.h"

#include <math.h>
#include <stdlib.h>

#include "common/alloc.h"

void outlook_open(struct outlook *outlook, const struct rules *rules, int months, int64_t now_ms, const struct text *only)
{
    int32_t today = zone_day(rules->zone, now_ms);
    *outlook = (struct outlook){.rules = rules, .now_ms = now_ms, .only = only, .peers = peers_new()};
    for (int i = 0; i < OUTLOOK_DAYS; i++) outlook->day[i] = calendar_add_workdays(rules->calendar, today - 1, i + 1);
    hindsight_open(&outlook->hindsight, rules, outlook->peers, months, now_ms);
}

static struct text keep(struct pool *pool, struct text text)
{
    return text.bytes ? (struct text){pool_copy(pool, text.at, text.bytes), text.bytes} : (struct text){"", 0};
}

static struct outlook_unit *unit_of(struct outlook *outlook, struct text name)
{
    struct outlook_unit *unit;
    const char *key = name.bytes ? name.at : "";
    HASH_FIND(hh, outlook->units, key, name.bytes, unit);
    if (unit) return unit;
    unit = xcalloc(1, sizeof *unit);
    unit->unit = keep(&outlook->pool, name);
    HASH_ADD_KEYPTR(hh, outlook->units, unit->unit.at, unit->unit.bytes, unit);
    return unit;
}

/* Which of the working days a deadline counts to: its last day, or the working day before; not before the first. OUTLOOK_DAYS: later. */
static int column_of(const struct outlook *outlook, int32_t last_day)
{
    int32_t upto = calendar_workdays_between(outlook->rules->calendar, outlook->day[0], last_day + 1);
    return upto < 1 ? 0 : upto > OUTLOOK_DAYS ? OUTLOOK_DAYS : upto - 1;
}

static void count_due(struct outlook_unit *unit, const struct clock *clock, int column)
{
    if (clock->outcome == CLOCK_OVERDUE) unit->overdue++;
    else if (clock->outcome == CLOCK_SUSPENDED) unit->suspended++;
    else if (column == OUTLOOK_DAYS) unit->later++;
    else unit->due[column]++;
}

static uint16_t times(const struct fold *fold, enum counter counter)
{
    unsigned n = 0;
    for (size_t i = 0; i < fold->contributions; i++) n += fold->contribution[i].counter == counter;
    return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

static void add_prospect(struct outlook *outlook, const struct case_file *file, const struct fold *fold, const struct clock *clock,
                         const struct rules *rules)
{
    if (outlook->prospects == outlook->room) {
        outlook->room = outlook->room ? outlook->room * 2 : 1024;
        outlook->prospect = xrealloc(outlook->prospect, outlook->room * sizeof *outlook->prospect);
    }
    outlook->prospect[outlook->prospects++] = (struct prospect){
        .of = file->of, .id = keep(&outlook->pool, file->id), .unit = unit_of(outlook, fold->unit)->unit, .class = rules->policy->class[fold->class].name,
        .circle = hindsight_circle(&outlook->hindsight, fold, clock, fold->unit), .rule = clock->rule,
        .course = course_at(clock, rules, outlook->now_ms), .deadline_ms = clock->deadline_ms,
        .transferred = times(fold, COUNT_TRANSFERRED), .returned = times(fold, COUNT_RETURNED), .reopened = times(fold, COUNT_REOPENED),
        .urged = times(fold, COUNT_URGED), .supervised = times(fold, COUNT_SUPERVISED), .suspended = times(fold, COUNT_SUSPENDED),
        .extended = times(fold, COUNT_EXTENDED)};
}

void outlook_add(struct outlook *outlook, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    const struct clock *clock = fold->main < 0 ? NULL : &fold->clock[fold->main];
    if (!file->stub) hindsight_add(&outlook->hindsight, file, fold, rules); /* else how it went is not known any more */
    if (!clock || !clock_live(clock) || (outlook->only && !text_equal(*outlook->only, fold->unit))) return;
    int column = column_of(outlook, clock->last_day);
    count_due(unit_of(outlook, fold->unit), clock, column);
    count_due(&outlook->total, clock, column);
    if (clock->outcome == CLOCK_RUNNING) add_prospect(outlook, file, fold, clock, rules);
}

/* --- at the end --- */

const struct pace *outlook_pace(const struct outlook *outlook)
{
    return outlook->hindsight.pace[outlook->hindsight.rounds];
}

static int by_probability(const void *a, const void *b)
{
    const struct prospect *one = a, *other = b;
    if (isnan(one->probability) != isnan(other->probability)) return isnan(one->probability) ? 1 : -1;
    if (one->probability < other->probability) return 1;
    if (one->probability > other->probability) return -1;
    if (one->deadline_ms != other->deadline_ms) return one->deadline_ms < other->deadline_ms ? -1 : 1;
    int order = text_compare(one->id, other->id);
    return order ? order : (int)one->of - (int)other->of;
}

static int by_name(const struct outlook_unit *a, const struct outlook_unit *b)
{
    return text_compare(a->unit, b->unit);
}

static void foretell(struct outlook *outlook)
{
    const struct pace *pace = outlook_pace(outlook);
    for (size_t i = 0; i < outlook->prospects; i++) {
        struct prospect *prospect = &outlook->prospect[i];
        bool known = pace_known(pace, prospect->circle);
        prospect->probability = known ? (float)pace_late(pace, prospect->circle, &prospect->course) : NAN;
        outlook->foretold += known;
        outlook->warned += known && prospect->probability >= outlook->threshold;
    }
    if (outlook->prospects) qsort(outlook->prospect, outlook->prospects, sizeof *outlook->prospect, by_probability);
}

void outlook_finish(struct outlook *outlook, double threshold)
{
    struct hindsight *hindsight = &outlook->hindsight;
    int months = hindsight->months, rounds = hindsight->rounds;
    hindsight_finish(hindsight);
    float *guess = score_guesses(hindsight);
    outlook->threshold = outlook->judged_threshold = threshold;
    if (threshold < 0) {
        outlook->threshold = score_threshold(hindsight, guess, months, rounds, rounds);
        outlook->judged_threshold = score_threshold(hindsight, guess, 0, months, months);
    }
    outlook->judged = score_rounds(hindsight, guess, months, rounds, outlook->judged_threshold, &outlook->score);
    free(guess);
    foretell(outlook);
    HASH_SORT(outlook->units, by_name);
}

void outlook_close(struct outlook *outlook)
{
    struct outlook_unit *unit, *next;
    HASH_ITER(hh, outlook->units, unit, next) {
        HASH_DEL(outlook->units, unit);
        free(unit);
    }
    hindsight_close(&outlook->hindsight);
    peers_free(outlook->peers);
    free(outlook->prospect);
    pool_free(&outlook->pool);
    *outlook = (struct outlook){.hindsight = {.rounds = -1}};
}
