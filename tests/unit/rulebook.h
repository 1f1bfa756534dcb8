#ifndef BIHUAN_TESTS_RULEBOOK_H
#define BIHUAN_TESTS_RULEBOOK_H
/* Rules written down in the test itself: a small policy of which whole members are replaced.
 * JSON stands with ' for ", so that it can be read in C. */
#include <jansson.h>

#include "sla/ruleset.h"
#include "tests/unit/life.h"

/* Members of clocks that most clocks share. */
#define ENDS "'stopped_by': ['ticket.answered', 'ticket.closed'], 'cancelled_by': ['ticket.voided', 'ticket.merged']"
#define MAIN(limit) "{'clock': 'answer', " limit ", 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}"
/* Classes of tickets, and one of ratings that has no clock. */
#define CLASSES(classes) "'classes': [" classes ", {'class': 'rating', 'of': 'rating', 'clocks': []}]"
#define CLASS(name, clocks) "{'class': '" name "', 'of': 'ticket', 'clocks': [" clocks "]}"
#define GENERAL(clocks) CLASSES(CLASS("general", clocks))
#define COUNTING(more) "'counting': {'rest_day_receipt': 'as-received', 'day_end': '24:00', 'opening': '09:00', 'closing': '17:30'" more "}"
#define LUNCH ", 'hours': [['09:00', '11:30'], ['13:30', '17:30']]"
#define DUTY "'calendars': {'duty': {'counts': ['workday', 'makeup_workday', 'weekend', 'holiday']}}"

static const char rulebook_base[] =
    "{'policy': 'test', 'effective_from': '2024-01-01T00:00:00+08:00', " COUNTING("") ", 'extension': {'max_workdays_a_round': 10}, "
    GENERAL(MAIN("'limit_workdays': 5")) ", 'rules': [{'of': 'ticket', 'class': 'general'}, {'of': 'rating', 'class': 'rating'}]}";

static struct ruleset book;

/* The text with " for '; to be freed. */
static inline char *quoted(const char *text)
{
    char *copy = strdup(text);
    for (char *c = copy; *c; c++) *c = *c == '\'' ? '"' : *c;
    return copy;
}

/* JSON of text with ' for "; a new reference. */
static inline json_t *quoted_json(const char *text)
{
    json_error_t at;
    char *json = quoted(text);
    json_t *value = json_loads(json, JSON_REJECT_DUPLICATES, &at);
    if (!value) fail_msg("%s at %d: %.60s", at.text, at.position, json + (at.position > 30 ? at.position - 30 : 0));
    free(json);
    return value;
}

/* The base with the members of an object, "" for none, in the place of its own; to be freed. */
static inline char *rulebook_text(const char *members)
{
    char text[16384];
    json_t *base = quoted_json(rulebook_base);
    assert_in_range(snprintf(text, sizeof text, "{%s}", members), 1, sizeof text - 1);
    json_object_update_new(base, quoted_json(text));
    char *json = json_dumps(base, 0);
    json_decref(base);
    return json;
}

static inline void rulebook_zone(const char *zone)
{
    static struct zone known[2];
    struct zone *kept = &known[strcmp(zone, "Asia/Shanghai") == 0];
    if (strcmp(kept->name, zone) != 0) assert_true(zone_load(kept, zone));
    book.zone = *kept;
}

/* The rules of the policy with these members, in a zone, until the next call; life's cases are folded by them. */
static inline const struct rules *rulebook(const char *members, const char *zone)
{
    char error[512];
    char *json = rulebook_text(members);
    ruleset_free(&book);
    book.policy = policy_parse(json, strlen(json), "test", error, sizeof error);
    if (!book.policy) fail_msg("%s", error);
    free(json);
    book.calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    if (!book.calendar) fail_msg("%s", error);
    rulebook_zone(zone);
    ruleset_complete(&book);
    life.rules = book.rules;
    return &life.rules;
}

/* A policy file as shipped, in Shanghai. */
static inline const struct rules *rulebook_of(const char *file)
{
    char error[512];
    ruleset_free(&book);
    book.policy = policy_load(file, error, sizeof error);
    if (!book.policy) fail_msg("%s", error);
    book.calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    rulebook_zone("Asia/Shanghai");
    ruleset_complete(&book);
    life.rules = book.rules;
    return &life.rules;
}

static inline void rulebook_close(void)
{
    ruleset_free(&book);
    fold_free(&life.fold);
    case_clear(&life.file);
}

/* A clock of a class by name; the policy has it. */
static inline const struct policy_clock *rule_named(const char *class_name, const char *clock_name)
{
    const struct policy_class *class = &book.policy->class[policy_class_named(book.policy, class_name)];
    for (int i = 0; i < class->clocks; i++)
        if (strcmp(class->clock[i].name, clock_name) == 0) return &class->clock[i];
    fail_msg("no clock %s in %s", clock_name, class_name);
    return NULL;
}

/* The n-th clock of that name in the fold, from 0. */
static inline const struct clock *clock_named(const struct fold *fold, const char *name, int n)
{
    for (size_t i = 0; i < fold->clocks; i++)
        if (strcmp(fold->clock[i].rule->name, name) == 0 && n-- == 0) return &fold->clock[i];
    fail_msg("no such clock: %s", name);
    return NULL;
}

static inline int clocks_named(const struct fold *fold, const char *name)
{
    int n = 0;
    for (size_t i = 0; i < fold->clocks; i++) n += strcmp(fold->clock[i].rule->name, name) == 0;
    return n;
}

/* The main clock of the last round, or NULL. */
static inline const struct clock *main_of(const struct fold *fold)
{
    return fold->main < 0 ? NULL : &fold->clock[fold->main];
}

/* Two instants, said as people read them where they differ. */
#define assert_instant(found, expected) assert_instant_at((found), (expected), __FILE__, __LINE__)
static inline void assert_instant_at(int64_t found_ms, const char *expected, const char *file, int line)
{
    char text[INSTANT_TEXT_BYTES];
    if (found_ms == ms(expected)) return;
    instant_print(text, life.rules.zone, found_ms);
    print_error("%s, not %s\n", text, expected);
    _assert_int_equal((LargestIntegralType)found_ms, (LargestIntegralType)ms(expected), file, line);
}
#define assert_day(found, expected) assert_day_at((found), (expected), __FILE__, __LINE__)
static inline void assert_day_at(int32_t found, const char *expected, const char *file, int line)
{
    char text[DAY_TEXT_BYTES];
    day_print(text, found);
    _assert_string_equal(text, expected, file, line);
}
#endif
