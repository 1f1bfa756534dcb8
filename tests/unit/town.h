#ifndef BIHUAN_TESTS_TOWN_H
#define BIHUAN_TESTS_TOWN_H
/* A town's policy with a clock of every kind, and one ticket of it. 2024-09-02 is a Monday, and so is the 9th; the holiday and
 * makeup days of September come after. */
#include "tests/unit/lives.h"

#define RECEIPT "2024-09-02T10:00:00+08:00"
#define SIDE(name, kind, limit) "{'clock': '" name "', 'kind': '" kind "', " limit ", 'suspends': true, 'extends': true}"
#define TOWN(more)                                                                                                                    \
    CLASSES("{'class': 'general', 'of': 'ticket', 'returns': {'max_a_round': 2, 'within_workdays': 1}, 'clocks': [" MAIN("'limit_workdays': 5") ", " \
            SIDE("share", "share", "'limit_workdays': 3") ", " SIDE("approval", "approval", "'limit_workdays': 1") ", "               \
            SIDE("member", "member", "'limit_workdays': 3") "]}") more

static inline void town(const char *more)
{
    char members[8192];
    snprintf(members, sizeof members, "%s%s", TOWN(""), more);
    rulebook(members, "Asia/Shanghai");
    life.fold.tracing = true;
}

static inline void received(const char *unit)
{
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, RECEIPT), unit));
}

/* How the last event came out. */
static inline void assert_effect(const char *now, enum effect expected)
{
    const struct fold *fold = fold_at(now);
    assert_true(fold->traces > 0);
    assert_string_equal(effect_name((enum effect)fold->trace[fold->traces - 1].effect), effect_name(expected));
}

static inline void assert_text(struct text found, const char *expected)
{
    char text[128];
    snprintf(text, sizeof text, "%.*s", (int)found.bytes, found.bytes ? found.at : "");
    assert_string_equal(text, expected);
}

static inline void assert_clock(const struct clock *clock, const char *unit, enum clock_outcome outcome)
{
    assert_text(clock->unit, unit);
    assert_string_equal(clock_outcome_name(clock->outcome), clock_outcome_name(outcome));
}
#endif
