#ifndef BIHUAN_TESTS_FUZZ_LIVES_H
#define BIHUAN_TESTS_FUZZ_LIVES_H
/* Lives of cases for fuzzers, and what must hold of every fold and of what it demands. Run from the top directory. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sla/demand.h"
#include "sla/event_decode.h"
#include "sla/ruleset.h"

enum { LIVES_MAX = 8 };
#define EVERY_POLICY "tests/fuzz/every.json" /* has every feature */
#define LIVES "tests/fuzz/lives.jsonl"

/* A file's content, to be freed. */
static inline char *lives_read(const char *path, size_t *bytes)
{
    FILE *in = fopen(path, "rb");
    char *text = malloc(1 << 20);
    if (!in || !text) abort();
    *bytes = fread(text, 1, (1 << 20) - 1, in);
    text[*bytes] = 0;
    fclose(in);
    return text;
}

/* Rules from a policy (owned by the set from here on), the shipped calendar and zone. */
static inline void lives_rules(struct ruleset *set, struct policy *policy)
{
    static struct calendar *calendar;
    static struct zone zone;
    char fault[512];
    if (!calendar) {
        calendar = calendar_load("conf/calendar/cn.json", fault, sizeof fault);
        if (!calendar || !zone_load(&zone, "Asia/Shanghai")) abort();
    }
    *set = (struct ruleset){.policy = policy, .calendar = calendar, .zone = zone};
    ruleset_complete(set);
}

/* Frees all but the calendar, which the next set has again. */
static inline void lives_rules_free(struct ruleset *set)
{
    set->calendar = NULL;
    ruleset_free(set);
}

/* The rules of EVERY_POLICY, made once. */
static inline const struct ruleset *lives_every(void)
{
    static struct ruleset set;
    char fault[512];
    if (set.policy) return &set;
    struct policy *policy = policy_load(EVERY_POLICY, fault, sizeof fault);
    if (!policy) {
        fprintf(stderr, "%s\n", fault);
        abort();
    }
    lives_rules(&set, policy);
    return &set;
}

/* Adds each line that is an event to the case, whatever case it names; reasons as if every policy listed them. */
static inline void lives_add(struct case_file *file, struct pool *pool, const char *text, size_t bytes)
{
    static struct decoder *decoder;
    struct decoded out;
    if (!decoder) decoder = decoder_new();
    for (const char *line = text, *end = text + bytes; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline ? newline : end) - line);
        if (decode_structured(decoder, line, length, &out)) {
            struct event event = out.event;
            struct event_detail detail = out.detail;
            detail.reason = out.suspension_reason;
            event.detail = event.detail || detail.reason.bytes ? &detail : NULL;
            if (file->events == 0) file->of = event_type_of((enum event_type)event.type);
            (void)case_add(file, &event, pool);
        }
        line += length + 1;
    }
}

/* The cases of LIVES, made once; their number. */
static inline size_t lives_made(struct case_file **files)
{
    static struct case_file made[LIVES_MAX];
    static struct pool pool;
    static size_t count;
    static const char *const names[] = {"A", "B", "C", "D", "R"};
    size_t bytes;
    *files = made;
    if (count) return count;
    char *text = lives_read(LIVES, &bytes);
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        size_t which = 0;
        const char *subject = strstr(line, "\"subject\":\"");
        while (subject && subject[11] != *names[which]) which++;
        made[which].id = (struct text){names[which], 1};
        lives_add(&made[which], &pool, line, strlen(line));
        if (which >= count) count = which + 1;
    }
    free(text);
    return count;
}

static inline void check_clock(const struct clock *clock)
{
    bool same_day = clock->rule->limit.unit == LIMIT_DAYS && clock->rule->limit.amount == 0; /* its day may end before it started */
    assert(clock->begin_ms >= clock->started_ms && clock->round >= 1 && clock->in_round >= 1);
    assert(same_day || clock->ours_ms >= clock->started_ms);
    assert(same_day || clock->stated_ms || clock->deadline_ms >= clock->started_ms);
    assert(calendar_holds(clock->last_day));
    if (clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_OVERDUE) assert(clock->overdue_ms > 0);
    if (clock->outcome == CLOCK_MET) assert(clock->stopped_ms <= clock->deadline_ms);
}

/* What the figures hold, as one number. */
static inline uint64_t lives_sum(const struct fold *fold)
{
    uint64_t sum = fold->contributions;
    for (size_t i = 0; i < fold->contributions; i++)
        sum = sum * 31 + fold->contribution[i].counter * 7U + (uint64_t)fold->contribution[i].day + fold->contribution[i].unit.bytes;
    return sum;
}

/* Folds a case as of an instant, and at the last one at which its timers say that it is still the same: it is. */
static inline void check_case(const struct ruleset *set, const struct case_file *file, int64_t now_ms)
{
    static struct fold fold, later;
    static struct demands demands, still;
    const struct rules *rules = &set->rules;
    fold.tracing = true;
    fold_case(&fold, rules, file, now_ms);
    demands_owed(&demands, file, &fold, rules, now_ms);
    assert(fold.next_ms > now_ms && demands.next_ms > now_ms && demands.count <= DEMANDS_MAX);
    size_t shrunk = file->stub != NULL; /* its clocks are as it has them */
    assert(fold.used <= file->events + shrunk && fold.traces + shrunk >= fold.used);
    for (size_t i = fold.old_clocks; i < fold.clocks; i++) check_clock(&fold.clock[i]);
    for (size_t i = 0; i < fold.shares; i++) assert(fold.share[i].from_ms <= fold.share[i].to_ms);
    int64_t next_ms = fold.next_ms < demands.next_ms ? fold.next_ms : demands.next_ms;
    if (next_ms == INT64_MAX) return;
    fold_case(&later, rules, file, next_ms - 1);
    demands_owed(&still, file, &later, rules, next_ms - 1);
    assert(later.state == fold.state && later.class == fold.class && later.clocks == fold.clocks && lives_sum(&later) == lives_sum(&fold));
    for (size_t i = 0; i < fold.clocks; i++)
        assert(later.clock[i].outcome == fold.clock[i].outcome && later.clock[i].deadline_ms == fold.clock[i].deadline_ms);
    assert(still.count == demands.count && still.next_ms == demands.next_ms);
    for (size_t i = 0; i < demands.count; i++) assert(still.at[i].told.id == demands.at[i].told.id);
}
#endif
