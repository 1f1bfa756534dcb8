/* Counting right and wrong warnings, by case. */
#include "sla/score.h"

#include <math.h>
#include <stdlib.h>

#include "common/alloc.h"

float *score_guesses(const struct hindsight *hindsight)
{
    float *guess = xmalloc((hindsight->glances + 1) * sizeof *guess);
    for (size_t i = 0; i < hindsight->glances; i++) {
        const struct glance *glance = &hindsight->glance[i];
        const struct pace *pace = hindsight->pace[glance->round];
        struct course course = glance_course(glance);
        guess[i] = pace_known(pace, glance->circle) ? (float)pace_late(pace, glance->circle, &course) : NAN;
    }
    return guess;
}

/* --- the looks of some rounds, case by case --- */

struct span {
    const struct hindsight *hindsight;
    const float *guess;
    int from, to, known; /* rounds */
};

/* A rule: warns where this is so. */
struct rule {
    bool plain;
    double threshold;
};

enum { NO_GLANCE = -1 };

static bool counts(const struct span *span, size_t glance)
{
    int round = span->hindsight->glance[glance].round;
    return round >= span->from && round < span->to && !isnan(span->guess[glance]);
}

static bool warns(const struct span *span, struct rule rule, size_t glance)
{
    return (rule.plain ? glance_gone(&span->hindsight->glance[glance]) : (double)span->guess[glance]) >= rule.threshold;
}

/* The looks of a case. */
struct range {
    size_t from, to;
};

static struct range glances_of(const struct span *span, size_t sight)
{
    const struct sight *all = span->hindsight->sight;
    return (struct range){sight ? all[sight - 1].glances_end : 0, all[sight].glances_end};
}

/* Is the case one of those judged, and are there looks at it that count? */
static bool is_judged(const struct span *span, size_t sight)
{
    struct range range = glances_of(span, sight);
    if (span->hindsight->sight[sight].known > span->known) return false;
    while (range.from < range.to && !counts(span, range.from)) range.from++;
    return range.from < range.to;
}

/* The first look at which the rule warns. */
static long first_warning(const struct span *span, struct rule rule, size_t sight)
{
    struct range range = glances_of(span, sight);
    for (size_t i = range.from; i < range.to; i++)
        if (counts(span, i) && warns(span, rule, i)) return (long)i;
    return NO_GLANCE;
}

/* --- a rule's warnings --- */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double ratio(uint32_t part, uint32_t whole)
{
    return whole > 0 ? (double)part / whole : -1;
}

static struct warnings judge(const struct span *span, struct rule rule)
{
    const struct hindsight *hindsight = span->hindsight;
    struct warnings found = {.threshold = rule.threshold, .lead_minutes = -1};
    double *lead = xmalloc((hindsight->sights + 1) * sizeof *lead);
    uint32_t late = 0;
    for (size_t i = 0; i < hindsight->sights; i++) {
        if (!is_judged(span, i)) continue;
        long glance = first_warning(span, rule, i);
        late += hindsight->sight[i].late;
        if (glance == NO_GLANCE) continue;
        found.warned++;
        if (hindsight->sight[i].late) lead[found.right++] = hindsight->glance[glance].left_minutes;
    }
    qsort(lead, found.right, sizeof *lead, by_number);
    if (found.right) found.lead_minutes = (int)lead[found.right / 2];
    free(lead);
    found.precision = ratio(found.right, found.warned);
    found.recall = ratio(found.right, late);
    return found;
}

static void count_cases(const struct span *span, uint32_t *cases, uint32_t *late)
{
    *cases = *late = 0;
    for (size_t i = 0; i < span->hindsight->sights; i++) {
        if (!is_judged(span, i)) continue;
        ++*cases;
        *late += span->hindsight->sight[i].late;
    }
}

static bool is_enough(uint32_t cases, uint32_t late)
{
    return cases >= SCORE_CASES_MIN && late >= SCORE_LATE_MIN && cases - late >= SCORE_LATE_MIN;
}

double score_threshold(const struct hindsight *hindsight, const float *guess, int from, int to, int known)
{
    struct span span = {hindsight, guess, from, to, known};
    uint32_t cases, late;
    double best = -1, threshold = SCORE_THRESHOLD_DEFAULT;
    count_cases(&span, &cases, &late);
    if (!is_enough(cases, late)) return threshold;
    for (int percent = 5; percent <= 95; percent += 5) {
        struct warnings found = judge(&span, (struct rule){false, percent / 100.0});
        double balance = 2.0 * found.right / (found.warned + late); /* F1 */
        if (balance <= best) continue;
        best = balance;
        threshold = percent / 100.0;
    }
    return threshold;
}

/* --- beside the plain rule --- */

/* The highest guess at a case. */
static double highest(const struct span *span, size_t sight)
{
    struct range range = glances_of(span, sight);
    double most = -1;
    for (size_t i = range.from; i < range.to; i++)
        if (counts(span, i) && span->guess[i] > most) most = span->guess[i];
    return most;
}

static struct warnings at_equal_recall(const struct span *span, uint32_t right, uint32_t late)
{
    const struct hindsight *hindsight = span->hindsight;
    double *most = xmalloc((late + 1) * sizeof *most), threshold = 1;
    size_t n = 0;
    for (size_t i = 0; i < hindsight->sights; i++)
        if (hindsight->sight[i].late && is_judged(span, i)) most[n++] = highest(span, i);
    qsort(most, n, sizeof *most, by_number);
    if (right > 0 && right <= n) threshold = most[n - right];
    free(most);
    return judge(span, (struct rule){false, threshold});
}

/* Warning later, too, makes a rule more precise: the plain one is given the same chance. */
static struct warnings plain_as_many(const struct span *span, uint32_t warned)
{
    struct warnings best = {0};
    for (int percent = 5; percent <= 95; percent += 5) {
        struct warnings found = judge(span, (struct rule){true, percent / 100.0});
        int64_t miss = (int64_t)found.warned - warned, least = (int64_t)best.warned - warned;
        if (percent == 5 || llabs(miss) <= llabs(least)) best = found;
    }
    return best;
}

/* How often a late case has the higher guess; equal ones count half. Both sorted. */
static double share_of_pairs(const double *late, size_t lates, const double *timely, size_t timelies)
{
    double pairs = 0;
    size_t below = 0, upto = 0;
    for (size_t i = 0; i < lates; i++) {
        while (below < timelies && timely[below] < late[i]) below++;
        while (upto < timelies && timely[upto] <= late[i]) upto++;
        pairs += ((double)below + (double)upto) / 2;
    }
    return lates && timelies ? pairs / (double)lates / (double)timelies : -1;
}

/* As each case comes to half of its limit: what is known of it beyond that? */
static double order_at_half(const struct span *span)
{
    const struct hindsight *hindsight = span->hindsight;
    double *guess[2];
    size_t n[2] = {0, 0};
    for (int i = 0; i < 2; i++) guess[i] = xmalloc((hindsight->sights + 1) * sizeof **guess);
    for (size_t i = 0; i < hindsight->sights; i++) {
        long glance = is_judged(span, i) ? first_warning(span, (struct rule){true, 0.5}, i) : NO_GLANCE;
        bool late = hindsight->sight[i].late;
        if (glance != NO_GLANCE) guess[late][n[late]++] = span->guess[glance];
    }
    for (int i = 0; i < 2; i++) qsort(guess[i], n[i], sizeof **guess, by_number);
    double order = share_of_pairs(guess[1], n[1], guess[0], n[0]);
    for (int i = 0; i < 2; i++) free(guess[i]);
    return order;
}

static void weigh_glances(const struct span *span, struct score *score)
{
    const struct hindsight *hindsight = span->hindsight;
    double sum = 0;
    uint32_t late = 0;
    for (size_t i = 0; i < hindsight->sights; i++) {
        struct range range = glances_of(span, i);
        if (!is_judged(span, i)) continue;
        for (size_t k = range.from; k < range.to; k++) {
            if (!counts(span, k)) continue;
            double guess = span->guess[k], miss = guess - hindsight->sight[i].late;
            int tenth = guess < 1 ? (int)(guess * SCORE_TENTHS) : SCORE_TENTHS - 1;
            score->tenth[tenth].glances++;
            score->tenth[tenth].late += hindsight->sight[i].late;
            score->tenth[tenth].probability += guess;
            score->glances++;
            late += hindsight->sight[i].late;
            sum += miss * miss;
        }
    }
    for (int i = 0; i < SCORE_TENTHS; i++)
        if (score->tenth[i].glances) score->tenth[i].probability /= score->tenth[i].glances;
    double base = ratio(late, score->glances);
    score->brier = score->glances ? sum / score->glances : -1;
    score->brier_base = score->glances ? base * (1 - base) : -1;
}

bool score_rounds(const struct hindsight *hindsight, const float *guess, int from, int to, double threshold, struct score *score)
{
    struct span span = {hindsight, guess, from, to, hindsight->rounds};
    *score = (struct score){.order = -1, .brier = -1, .brier_base = -1};
    count_cases(&span, &score->cases, &score->late);
    if (!is_enough(score->cases, score->late)) return false;
    score->model = judge(&span, (struct rule){false, threshold});
    score->plain = judge(&span, (struct rule){true, 0.5});
    score->equal = at_equal_recall(&span, score->plain.right, score->late);
    score->as_many = plain_as_many(&span, score->model.warned);
    for (int i = 0; i < SCORE_THRESHOLDS; i++) score->at[i] = judge(&span, (struct rule){false, (i + 1) / 10.0});
    score->order = order_at_half(&span);
    weigh_glances(&span, score);
    return true;
}
