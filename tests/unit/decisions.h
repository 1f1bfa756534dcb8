#ifndef BIHUAN_TESTS_DECISIONS_H
#define BIHUAN_TESTS_DECISIONS_H
/* A log of control records, written record by record, and the rulebook that follows from it. */
#include "sla/rulebook.h"
#include "tests/unit/lives.h"

enum { DECISIONS_MAX = 272, WHY_BYTES = 256 };

static struct {
    char *text[DECISIONS_MAX];
    size_t count;
    struct rulebook *book; /* decisions_follow's */
    char why[WHY_BYTES];   /* of a book that could not be built */
} decisions;

static inline void decisions_end(void)
{
    for (size_t i = 0; i < decisions.count; i++) free(decisions.text[i]);
    rulebook_free(decisions.book);
    memset(&decisions, 0, sizeof decisions);
}

/* The last `INT64_MIN` or `INT64_MAX` for none. Frees what the record holds. */
static inline void decided(struct control record, const char *id, int64_t at_ms)
{
    assert_in_range(decisions.count, 0, DECISIONS_MAX - 1);
    rulebook_zone("Asia/Shanghai");
    snprintf(record.id, sizeof record.id, "%s", id);
    snprintf(record.by, sizeof record.by, "test");
    record.at_ms = record.real_ms = at_ms;
    decisions.text[decisions.count++] = control_print(&record, &book.zone);
    control_clear(&record);
}

static inline struct policy *policy_of(const char *members)
{
    char error[WHY_BYTES], *json = rulebook_text(members);
    struct policy *policy = policy_parse(json, strlen(json), "test", error, sizeof error);
    if (!policy) fail_msg("%s", error);
    free(json);
    return policy;
}

/* A calendar of 2024 with these holidays besides the weekends, as "'09-03'". */
static inline struct calendar *calendar_of(const char *version, const char *holidays)
{
    char error[WHY_BYTES], text[512];
    snprintf(text, sizeof text, "{'calendar': 'test', 'version': '%s', 'title': '', 'provisional_holidays': [], 'years': [{'year': 2024, 'source': 'test',"
             " 'holidays': [%s], 'makeup_workdays': []}]}", version, holidays);
    char *json = quoted(text);
    struct calendar *calendar = calendar_parse(json, strlen(json), "test", error, sizeof error);
    if (!calendar) fail_msg("%s", error);
    free(json);
    return calendar;
}

/* members NULL: no policy; version NULL: no calendar. from: INT64_MIN for none. */
static inline void activated(const char *id, int64_t at_ms, const char *members, const char *version, const char *holidays, int64_t from_ms)
{
    decided((struct control){.kind = CONTROL_ACTIVATE, .policy = members ? policy_of(members) : NULL,
                             .calendar = version ? calendar_of(version, holidays) : NULL, .from_ms = from_ms}, id, at_ms);
}

static inline void recalculated(const char *id, int64_t at_ms, int64_t from_ms, int64_t to_ms)
{
    decided((struct control){.kind = CONTROL_RECALC, .from_ms = from_ms, .to_ms = to_ms}, id, at_ms);
}

static inline void took_back(enum control_kind kind, const char *id, int64_t at_ms, const char *of)
{
    struct control record = {.kind = kind};
    snprintf(record.of, sizeof record.of, "%s", of);
    decided(record, id, at_ms);
}

/* unit and item: "" for any. */
static inline void silenced(const char *id, int64_t at_ms, const char *unit, const char *item, int64_t from_ms, int64_t until_ms)
{
    struct control record = {.kind = CONTROL_SILENCE, .from_ms = from_ms, .to_ms = until_ms, .reason = "系统检修"};
    snprintf(record.unit, sizeof record.unit, "%s", unit);
    snprintf(record.item, sizeof record.item, "%s", item);
    decided(record, id, at_ms);
}

/* The book of the first `count` records; NULL: decisions.why. The caller's. */
static inline struct rulebook *book_of(size_t count)
{
    struct text records[DECISIONS_MAX];
    for (size_t i = 0; i < count; i++) records[i] = text_of(decisions.text[i]);
    return rulebook_build("Asia/Shanghai", 400 * (int64_t)DAY_MS, records, count, decisions.why, sizeof decisions.why);
}

/* The book of all, until the next call; life's cases are folded by its rules at `received`. */
static inline const struct rules *follow(void)
{
    rulebook_free(decisions.book);
    decisions.book = book_of(decisions.count);
    if (!decisions.book) fail_msg("%s", decisions.why);
    return decisions.book ? rulebook_at(decisions.book, INT64_MAX) : NULL;
}
#endif
