/* Digests put together. The trap: of a hundred thousand overdue cases a recipient gets the first twenty and a number, so only those
 * are ever held, whatever the order in which they come. */
#include "notify/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "common/alloc.h"

const char *digest_section_name(enum digest_section section)
{
    static const char *const names[] = {"overdue", "today", "tomorrow", "other"};
    return names[section];
}

/* --- lines --- */

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int digest_line_compare(const struct digest_line *a, const struct digest_line *b)
{
    bool critical = a->urgency == URGENCY_CRITICAL, others = b->urgency == URGENCY_CRITICAL;
    int order = critical == others ? compare_numbers(a->deadline_ms, b->deadline_ms) : critical ? -1 : 1;
    if (!order) order = text_compare(a->case_id, b->case_id);
    if (!order) order = compare_numbers(a->of, b->of);
    if (!order) order = strcmp(a->clock ? a->clock : "", b->clock ? b->clock : "");
    return order ? order : text_compare(a->unit, b->unit);
}

static struct text put(char **place, struct text text)
{
    struct text kept = {*place, text.bytes};
    if (text.bytes) memcpy(*place, text.at, text.bytes);
    *place += text.bytes;
    return kept;
}

/* All texts of a line in one block, which its case_id begins. */
static struct digest_line keep(const struct digest_line *line)
{
    char *place = xmalloc(line->case_id.bytes + line->unit.bytes + line->title.bytes + 1);
    struct digest_line kept = *line;
    kept.case_id = put(&place, line->case_id);
    kept.unit = put(&place, line->unit);
    kept.title = put(&place, line->title);
    return kept;
}

static void let_go(struct digest_line *line)
{
    free((char *)line->case_id.at);
}

void digest_add(struct digest *digest, enum digest_section section, const struct digest_line *line)
{
    struct digest_line *list = digest->line[section];
    size_t *count = &digest->lines[section], at;
    digest->total[section]++;
    if (*count == DIGEST_LINES_MAX && digest_line_compare(line, &list[*count - 1]) >= 0) return;
    if (!list) list = digest->line[section] = xcalloc(DIGEST_LINES_MAX, sizeof *list);
    if (*count == DIGEST_LINES_MAX) let_go(&list[--*count]);
    for (at = *count; at > 0 && digest_line_compare(line, &list[at - 1]) < 0; at--) list[at] = list[at - 1];
    list[at] = keep(line);
    ++*count;
}

bool digest_is_empty(const struct digest *digest)
{
    size_t sum = 0;
    for (int i = 0; i < DIGEST_SECTIONS; i++) sum += digest->total[i];
    return sum == 0;
}

void digest_clear(struct digest *digest)
{
    for (int i = 0; i < DIGEST_SECTIONS; i++) {
        for (size_t n = 0; n < digest->lines[i]; n++) let_go(&digest->line[i][n]);
        free(digest->line[i]);
        digest->line[i] = NULL;
        digest->total[i] = digest->lines[i] = 0;
    }
}

/* --- where a clock belongs, and to whom --- */

enum digest_section digest_section_of(const struct clock *clock, const struct rules *rules, int64_t now_ms)
{
    if (clock->outcome == CLOCK_OVERDUE) return DIGEST_OVERDUE;
    if (clock->outcome != CLOCK_RUNNING) return DIGEST_SECTIONS;
    int32_t today = zone_day(rules->zone, now_ms);
    if (clock->last_day <= today) return DIGEST_TODAY;
    return clock->last_day <= calendar_add_workdays(counting_calendar(&clock->rule->counting, rules), today, 1) ? DIGEST_TOMORROW : DIGEST_SECTIONS;
}

/* Has the step on the n-th working day after the last begun? */
static bool day_has_come(const struct clock *clock, const struct rules *rules, int n, int64_t now_ms)
{
    const struct counting *counting = &clock->rule->counting;
    int32_t day = calendar_add_workdays(counting_calendar(counting, rules), clock->last_day, n);
    return zone_instant_ms(rules->zone, day, counting->opening_ms) <= now_ms;
}

static bool addresses_by_now(const struct policy_step *step, const struct clock *clock, const struct rules *rules, int64_t now_ms)
{
    switch (step->when) {
    case STEP_WORKDAYS_BEFORE:
    case STEP_HOURS_BEFORE:
    case STEP_MINUTES_BEFORE: return true;
    case STEP_OVERDUE: return clock->outcome == CLOCK_OVERDUE;
    case STEP_WORKDAYS_AFTER: return clock->outcome == CLOCK_OVERDUE && day_has_come(clock, rules, step->n, now_ms);
    case STEP_ON_EVENT: break; /* told when it happens; it makes nobody an addressee of the clock */
    }
    return false;
}

unsigned digest_roles(const struct clock *clock, const struct rules *rules, int64_t now_ms)
{
    unsigned roles = 0;
    for (int i = 0; i < clock->ladder->steps; i++) {
        const struct policy_step *step = &rules->policy->step[clock->ladder->first_step + i];
        if (addresses_by_now(step, clock, rules, now_ms)) roles |= step->roles;
    }
    return roles;
}

void digest_id(char *text, uint64_t recipient, int64_t instant_ms)
{
    const int64_t what[] = {(int64_t)recipient, instant_ms};
    XXH128_hash_t hash = XXH3_128bits(what, sizeof what);
    snprintf(text, DIGEST_ID_BYTES, "dig_%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}
