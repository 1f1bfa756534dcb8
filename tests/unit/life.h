#ifndef BIHUAN_TESTS_LIFE_H
#define BIHUAN_TESTS_LIFE_H
/* Lives of cases for unit tests: the shipped rules, one case, one fold. */
#include "sla/case.h"
#include "sla/fold.h"
#include "tests/unit/unit.h"

static struct {
    struct policy *policy;
    struct calendar *calendar;
    struct zone zone;
    struct rules rules;
    struct vocabulary words;
    struct case_file file;
    struct fold fold;
    uint64_t keys;
} life;

static inline int64_t ms(const char *time)
{
    int64_t at_ms = 0;
    const char *why = instant_parse(time, strlen(time), &at_ms);
    if (why) fail_msg("%s: %s", time, why);
    return at_ms;
}

static inline int32_t day(const char *date)
{
    int32_t at = 0;
    if (!day_parse(date, strlen(date), &at)) fail_msg("%s is no date", date);
    return at;
}

static inline int life_open(const char *policy_file)
{
    char error[512];
    life.policy = policy_load(policy_file, error, sizeof error);
    if (life.policy) life.calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    if (!life.policy || !life.calendar || !zone_load(&life.zone, "Asia/Shanghai")) return fprintf(stderr, "%s\n", error), 1;
    if (!vocabulary_take(&life.words, life.policy)) return 1;
    life.rules = (struct rules){.policy = life.policy, .calendar = life.calendar, .zone = &life.zone, .words = &life.words};
    return 0;
}

static inline void life_close(void)
{
    fold_free(&life.fold);
    case_clear(&life.file);
    calendar_free(life.calendar);
    vocabulary_free(&life.words);
    policy_free(life.policy);
}

/* Starts a case of its own. */
static inline void life_begin(enum of of)
{
    case_clear(&life.file);
    life.file.of = of;
    life.file.id = TEXT("ML2024093000123");
}

/* An event with a key that no other has; a receipt is a complaint. */
static inline struct event event_at(enum event_type type, const char *time)
{
    struct event event = {.at_ms = ms(time), .type = (uint8_t)type};
    life.keys++;
    memcpy(event.key, &life.keys, sizeof event.key);
    if (type == TICKET_RECEIVED) event.kind = KIND_COMPLAINT;
    return event;
}

static inline void happens(struct event event)
{
    assert_int_equal(case_add(&life.file, &event, NULL), CASE_ADDED);
}

static inline void step(enum event_type type, const char *time)
{
    happens(event_at(type, time));
}

static inline void step_to(enum event_type type, const char *time, const char *unit)
{
    struct event event = event_at(type, time);
    event.unit = (struct text){unit, strlen(unit)};
    event.flags |= EVENT_HAS_UNIT;
    happens(event);
}

static inline const struct fold *fold_at(const char *now)
{
    fold_case(&life.fold, &life.rules, &life.file, ms(now));
    return &life.fold;
}

/* How often a counter was raised under a unit. */
static inline int counted(const struct fold *fold, enum counter counter, const char *unit)
{
    int n = 0;
    for (size_t i = 0; i < fold->contributions; i++)
        n += fold->contribution[i].counter == counter && text_equal(fold->contribution[i].unit, (struct text){unit, strlen(unit)});
    return n;
}
#endif
