#ifndef BIHUAN_TESTS_WORLD_H
#define BIHUAN_TESTS_WORLD_H
/* One ticket under whatever policy a test writes down. 2024-09-02 is a Monday, and so is the 9th. */
#include "tests/unit/lives.h"

#define RECEIPT "2024-09-02T10:00:00+08:00"
#define ANSWER(limit, more) "{'clock': 'answer', " limit ", 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true" more "}"
#define ON_EVENT(name, limit, starts, stops, cancels)                                                                                 \
    "{'clock': '" name "', " limit ", 'starts': " starts ", 'stopped_by': " stops ", 'cancelled_by': " cancels ", 'suspends': true, 'extends': false}"

static inline void world(const char *more)
{
    rulebook(more, "Asia/Shanghai");
    life.fold.tracing = true;
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"));
}

static inline const struct clock *answer_at(const char *now)
{
    return main_of(fold_at(now));
}

static inline enum effect last_effect(void)
{
    return (enum effect)life.fold.trace[life.fold.traces - 1].effect;
}

static inline const char *class_at(const char *now)
{
    return book.policy->class[fold_at(now)->class].name;
}
#endif
