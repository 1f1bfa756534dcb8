/* Bursts, and what was told of them.
 *
 * The trap: late arrivals move a burst's rise, and join two bursts into one. So what was told is not looked for under the
 * rise, but within the burst: adding appeals never cools a hot one, and what was told lies in some burst for ever. */
#include "sla/cluster.h"

#include <assert.h>
#include <string.h>
#include <uthash.h>
#include <xxhash.h>

enum { FRESH_MS = DAY_MS }; /* a burst that rose before that is no news */

/* A citizen, numbered. */
struct known {
    uint64_t citizen;
    size_t number;
    UT_hash_handle hh;
};

/* Numbers the citizens of the entries from 0 in order of appearance; how many there are. */
static size_t number_citizens(const struct appeals *appeals, size_t *number, struct pool *pool)
{
    struct known *all = NULL, *one;
    size_t count = 0;
    for (size_t i = 0; i < appeals->count; i++) {
        const uint64_t *citizen = &appeals->entry[i].citizen;
        HASH_FIND(hh, all, citizen, sizeof *citizen, one);
        if (!one) {
            one = pool_take(pool, sizeof *one);
            *one = (struct known){.citizen = *citizen, .number = count++};
            HASH_ADD(hh, all, citizen, sizeof one->citizen, one);
        }
        number[i] = one->number;
    }
    HASH_CLEAR(hh, all);
    return count;
}

/* Back to where the entries can be relied on: what is older may have been let go. */
static int64_t horizon_ms(const struct appeals *appeals, const struct appeal_rules *rules)
{
    if (appeals->count >= APPEALS_OF_PLACE_MAX) return appeals->entry[0].at_ms;
    return appeals->entry[appeals->count - 1].at_ms - appeals_reach_ms(rules);
}

/* Distinct ones among entries from..to. */
static size_t count_citizens(const struct burst *burst, const size_t *number, size_t *seen, size_t mark)
{
    size_t count = 0;
    for (size_t i = burst->from; i <= burst->to; i++) {
        if (seen[number[i]] == mark) continue;
        seen[number[i]] = mark;
        count++;
    }
    return count;
}

struct bursts bursts_find(const struct appeals *appeals, const struct appeal_rules *rules, struct pool *pool)
{
    struct bursts bursts = {NULL, 0};
    if (rules->citizens == 0 || appeals->count < rules->citizens) return bursts;
    size_t *number = pool_take(pool, appeals->count * sizeof *number), from = 0, within = 0;
    size_t citizens = number_citizens(appeals, number, pool);
    size_t *times = pool_take(pool, citizens * sizeof *times);
    memset(times, 0, citizens * sizeof *times);
    bursts.at = pool_take(pool, appeals->count * sizeof *bursts.at);
    for (size_t i = 0; i < appeals->count; i++) {
        int64_t at_ms = appeals->entry[i].at_ms;
        within += times[number[i]]++ == 0;
        for (; appeals->entry[from].at_ms <= at_ms - rules->cluster_ms; from++) within -= --times[number[from]] == 0;
        if (within < rules->citizens) continue;
        struct burst *last = bursts.count ? &bursts.at[bursts.count - 1] : NULL;
        if (last && at_ms - last->last_ms <= rules->cluster_ms) {
            last->last_ms = at_ms;
            last->to = i;
            continue;
        }
        bursts.at[bursts.count++] = (struct burst){.rise_ms = at_ms, .last_ms = at_ms, .from = from, .to = i,
                                                   .whole = at_ms - 2 * rules->cluster_ms >= horizon_ms(appeals, rules)};
    }
    memset(times, 0, citizens * sizeof *times);
    for (size_t i = 0; i < bursts.count; i++) bursts.at[i].citizens = count_citizens(&bursts.at[i], number, times, i + 1);
    return bursts;
}

/* The rest are single endpoints' acceptances of one. */
static bool is_alert(const struct told *told)
{
    return told->step == STEP_CLUSTER;
}

/* Is it this burst that was told of? One whose beginning is out of sight may have been told of any time before. */
static bool is_about(const struct told *told, const struct burst *burst, const struct appeals *appeals, const struct appeal_rules *rules)
{
    if (told->at_ms > burst->last_ms) return false;
    if (burst->whole) return told->at_ms > burst->rise_ms - rules->cluster_ms;
    return told->at_ms > appeals->entry[appeals->count - 1].at_ms - appeals_reach_ms(rules);
}

const struct burst *bursts_about(const struct bursts *bursts, const struct told *told, const struct appeals *appeals,
                                 const struct appeal_rules *rules)
{
    for (size_t i = 0; i < bursts->count; i++)
        if (is_about(told, &bursts->at[i], appeals, rules)) return &bursts->at[i];
    return NULL;
}

static void owe(struct demands *demands, const struct told *pending, const struct burst *burst, const struct appeal_rules *rules)
{
    assert(demands->count < DEMANDS_MAX); /* bursts lie a span of an hour at least apart, within two spans and a day */
    struct demand *demand = &demands->at[demands->count++];
    *demand = (struct demand){.kind = DEMAND_CLUSTER, .unit = rules->dispatcher};
    if (pending) {
        demand->told = *pending;
        return;
    }
    demand->told = (struct told){.kind = TOLD_NOTICE, .step = STEP_CLUSTER, .at_ms = burst->rise_ms};
    demand->told.id = XXH3_64bits_withSeed(&burst->rise_ms, sizeof burst->rise_ms, DEMAND_CLUSTER);
}

void clusters_owed(struct demands *demands, const struct appeals *appeals, const struct case_file *told, const struct appeal_rules *rules,
                   int64_t now_ms, struct pool *pool)
{
    demands->count = 0;
    demands->cut = false;
    demands->next_ms = INT64_MAX;
    struct bursts bursts = bursts_find(appeals, rules, pool);
    for (size_t i = 0; i < bursts.count; i++) {
        const struct burst *burst = &bursts.at[i];
        const struct told *pending = NULL;
        bool ended = false;
        for (size_t n = 0; n < told->tolds; n++) {
            if (!is_alert(&told->told[n]) || !is_about(&told->told[n], burst, appeals, rules)) continue;
            if (told->told[n].status == TOLD_PENDING) pending = &told->told[n];
            else ended = true;
        }
        if (!ended && burst->rise_ms > now_ms - FRESH_MS) owe(demands, pending, burst, rules);
    }
}

void clusters_forget(struct case_file *told, const struct appeals *appeals, const struct appeal_rules *rules)
{
    if (appeals->count == 0) return;
    int64_t first_ms = appeals->entry[appeals->count - 1].at_ms - appeals_reach_ms(rules) - rules->cluster_ms;
    for (size_t i = told->tolds; i-- > 0;) {
        struct told one = told->told[i];
        if (is_alert(&one) && one.status != TOLD_PENDING && one.at_ms < first_ms) case_untell(told, TOLD_NOTICE, one.id);
    }
    for (size_t i = told->tolds; i-- > 0;) {
        struct told one = told->told[i];
        if (one.kind == TOLD_RECIPIENT && !case_told(told, TOLD_NOTICE, (uint64_t)one.deadline_ms)) case_untell(told, TOLD_RECIPIENT, one.id);
    }
}
