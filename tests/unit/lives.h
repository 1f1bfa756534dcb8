#ifndef BIHUAN_TESTS_LIVES_H
#define BIHUAN_TESTS_LIVES_H
/* Events with details, and lives drawn by chance: whatever order a platform might send. */
#include "tests/unit/dice.h"
#include "tests/unit/rulebook.h"

/* Details live as long as the case of a test: enough for the longest. */
static struct event_detail lives_detail[512];
static size_t lives_details;

static inline struct event_detail *detail_of(struct event *event)
{
    if (event->detail) return (struct event_detail *)(uintptr_t)event->detail;
    struct event_detail *detail = &lives_detail[lives_details++ % 512];
    *detail = (struct event_detail){.due_ms = 0};
    event->detail = detail;
    return detail;
}

static inline struct text text_of(const char *text)
{
    return (struct text){text, strlen(text)};
}

/* Co-handling units: names with a NUL behind each, as CO_UNITS("a\0b"); CO_UNITS("") for none. */
#define CO_UNITS(names) ((struct text){names, sizeof(names) > 1 ? sizeof(names) : 0})

static inline struct event of_unit(struct event event, const char *unit)
{
    event.unit = text_of(unit);
    event.flags |= EVENT_HAS_UNIT;
    return event;
}

static inline struct event with_co_units(struct event event, struct text names)
{
    detail_of(&event)->co_units = names;
    event.flags |= EVENT_HAS_CO_UNITS;
    return event;
}

static inline struct event with_due(struct event event, const char *time)
{
    detail_of(&event)->due_ms = ms(time);
    event.flags |= EVENT_HAS_DUE;
    return event;
}

static inline struct event with_reason(struct event event, const char *reason)
{
    detail_of(&event)->reason = text_of(reason);
    return event;
}

static inline struct event of_days(struct event event, uint8_t days)
{
    event.days = days;
    return event;
}

/* --- by chance --- */

static inline const char *drawn_unit(bool some)
{
    static const char *const units[] = {"wuye", "chengguan", "街道办事处", "居委会", ""};
    return units[draw(some ? 4 : 5)];
}

static inline bool needs_unit(const struct event *event)
{
    return event->type == TICKET_DISPATCHED || event->type == TICKET_TRANSFERRED;
}

static inline void draw_ticket_fields(struct event *event)
{
    static const struct text lists[] = {{NULL, 0}, {"wuye\0chengguan", 15}, {"居委会\0wuye", 15}, {"shequ", 6}};
    static const char *const reasons[] = {"third-party", "correction", "court", "citizen-absent", "weather"};
    static const char *const items[] = {"Pothole", "land-title", ""};
    bool names = event->type == TICKET_RECEIVED || event->type == TICKET_AMENDED || event->type == TICKET_DISPATCHED;
    if (event->type == TICKET_RECEIVED || (event->type == TICKET_AMENDED && draw(2))) event->kind = (uint8_t)(1 + draw(KINDS - 1));
    if (names && !draw(3)) *event = with_co_units(*event, lists[draw(4)]);
    if (names && !draw(4)) {
        detail_of(event)->due_ms = event->at_ms + draw_ms(0, INT64_C(20) * DAY_MS);
        event->flags |= EVENT_HAS_DUE;
    }
    if (names && event->type != TICKET_DISPATCHED && !draw(3)) {
        detail_of(event)->item = text_of(items[draw(3)]);
        event->flags |= EVENT_HAS_ITEM;
    }
    if (names && event->type != TICKET_DISPATCHED && !draw(6)) {
        detail_of(event)->area = text_of(draw(2) ? "north" : "");
        detail_of(event)->channel = TEXT("leader-mailbox");
        event->flags |= EVENT_HAS_AREA | EVENT_HAS_CHANNEL;
    }
    if (names && event->type != TICKET_DISPATCHED && !draw(4)) event->flags |= draw(2) ? EVENT_HAS_SIMPLE : EVENT_HAS_SIMPLE | EVENT_SIMPLE;
    if (names && event->type != TICKET_DISPATCHED && !draw(5)) event->urgency = (uint8_t)(1 + draw(URGENCIES - 1));
    if (names || event->type == TICKET_TRANSFERRED || event->type == TICKET_ANSWERED)
        if (needs_unit(event) || draw(3)) *event = of_unit(*event, drawn_unit(needs_unit(event)));
    if (event->type == TICKET_SUSPENDED && draw(6)) *event = with_reason(*event, reasons[draw(5)]);
    if (event->type == TICKET_EXTENSION_REQUESTED || event->type == TICKET_EXTENSION_GRANTED) event->days = (uint8_t)(1 + draw(9));
    if (event->type == TICKET_ANSWERED) event->outcome = (uint8_t)draw(OUTCOMES);
    if (event->type == TICKET_ANSWERED && !draw(3)) event->flags |= EVENT_DIRECT;
    if (event->type == TICKET_CONTACTED || event->type == TICKET_CALLED_BACK) event->flags |= draw(2) ? EVENT_REACHED : 0;
    if (event->type == TICKET_CALLED_BACK) event->satisfaction = (uint8_t)draw(6);
    if (event->type == TICKET_CALLED_BACK && draw(2)) event->flags |= draw(2) ? EVENT_HAS_SOLVED : EVENT_HAS_SOLVED | EVENT_SOLVED;
    if (event->type == TICKET_MERGED) {
        bool itself = draw(2);
        detail_of(event)->target = itself ? life.file.id : TEXT("ML2024093000777");
        event->flags |= itself ? EVENT_VOID_OF_EFFECT : 0;
    }
}

static inline void draw_rating_fields(struct event *event)
{
    if (event->type == RATING_SUBMITTED) {
        event->satisfaction = (uint8_t)(1 + draw(5));
        event->flags |= draw(4) ? 0 : EVENT_DEFAULT;
        if (draw(2)) detail_of(event)->target = TEXT("ML2024090200001"); /* the case that it is about */
    }
    if (event->type == RATING_CALLED_BACK) event->satisfaction = (uint8_t)draw(6);
    if (event->type != RATING_PUBLISHED && draw(2)) *event = of_unit(*event, drawn_unit(false));
}

/* Seen from the case at the other end: a rating of it, or one merged into it. */
static inline void draw_link(struct event *event)
{
    event->flags = EVENT_LINK;
    event->type = draw(2) ? RATING_SUBMITTED : TICKET_MERGED;
    if (event->type == RATING_SUBMITTED) event->satisfaction = (uint8_t)(1 + draw(5));
    else detail_of(event)->target = TEXT("ML2024092900042");
}

static inline struct event drawn_step(enum of of, int64_t at_ms)
{
    static const uint8_t steps[] = { /* the likely ones more often; ends are rare */
        TICKET_AMENDED, TICKET_DISPATCHED, TICKET_DISPATCHED, TICKET_SIGNED, TICKET_CONTACTED, TICKET_TRANSFERRED, TICKET_RETURNED,
        TICKET_SUSPENDED, TICKET_SUSPENDED, TICKET_RESUMED, TICKET_RESUMED, TICKET_EXTENSION_REQUESTED, TICKET_EXTENSION_GRANTED,
        TICKET_EXTENSION_REFUSED, TICKET_URGED, TICKET_SUPERVISED, TICKET_ANSWERED, TICKET_ANSWERED, TICKET_CALLED_BACK, TICKET_CLOSED,
        TICKET_REOPENED, TICKET_REOPENED, TICKET_SEEN};
    struct event event = event_at(EVENT_NONE, "2024-01-01T00:00:00Z");
    event.at_ms = at_ms;
    event.type = of == OF_RATING ? (uint8_t)(RATING_SUBMITTED + draw(EVENT_TYPES - RATING_SUBMITTED)) : steps[draw(sizeof steps)];
    if (of == OF_RATING && event.type == TICKET_SEEN) event.type = RATING_SEEN;
    if (of == OF_TICKET && !draw(60)) event.type = draw(2) ? TICKET_VOIDED : TICKET_MERGED;
    if (of == OF_TICKET && !draw(40)) event.type = TICKET_RECEIVED;
    if (of == OF_RATING) draw_rating_fields(&event);
    else if (!draw(30)) draw_link(&event);
    else draw_ticket_fields(&event);
    return event;
}

/* A case of its own: its receipt, and up to `steps` others around and after it. */
static inline void drawn_life(enum of of, uint32_t steps)
{
    life_begin(of);
    int64_t at_ms = draw_ms(ms("2024-01-01T00:00:00Z"), ms("2026-11-30T00:00:00Z"));
    struct event receipt = drawn_step(of, at_ms);
    receipt = (struct event){.at_ms = at_ms, .type = of == OF_RATING ? RATING_SUBMITTED : TICKET_RECEIVED};
    memcpy(receipt.key, &life.keys, sizeof receipt.key);
    if (of == OF_RATING) draw_rating_fields(&receipt);
    else draw_ticket_fields(&receipt);
    happens(receipt);
    if (!draw(8)) happens(drawn_step(of, at_ms - draw_ms(0, DAY_MS)));
    for (uint32_t i = draw(steps); i > 0; i--) {
        at_ms += draw(3) ? draw_ms(0, INT64_C(3) * DAY_MS) : draw_ms(0, 7200000) / 60000 * 60000;
        if (!draw(12)) at_ms -= at_ms % DAY_MS; /* several at one instant */
        happens(drawn_step(of, at_ms));
    }
}

/* --- what a fold says --- */

enum { FOLD_TEXT_BYTES = 1 << 15 };

__attribute__((format(printf, 2, 3))) static inline void fold_say(char *text, const char *format, ...)
{
    size_t bytes = strlen(text);
    va_list args;
    va_start(args, format);
    int more = vsnprintf(text + bytes, FOLD_TEXT_BYTES - bytes, format, args);
    va_end(args);
    assert_in_range(more, 0, FOLD_TEXT_BYTES - bytes - 1);
}
#define OF_TEXT(text) (int)(text).bytes, (text).bytes ? (text).at : ""

/* All of it into text[FOLD_TEXT_BYTES], but for its trace, how long an overdue lasts and when it changes next. */
static inline void fold_print(const struct fold *fold, char *text)
{
    *text = 0;
    fold_say(text, "%s class %d of %.*s first %.*s, %d stars, outcome %d item %.*s\n", case_state_name(fold->state), fold->class, OF_TEXT(fold->unit),
             OF_TEXT(fold->first_unit), fold->satisfaction, fold->outcome, OF_TEXT(fold->item));
    for (size_t i = 0; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        fold_say(text, "%s/%s %u %s%s%s %.*s from %lld due %lld (%lld, %lld) last %d ended %lld gained %lld extended %d%s\n", clock->rule->name,
                 clock->ladder == clock->rule ? "" : "other", clock->round, clock_outcome_name(clock->outcome), clock->main ? " main" : "",
                 clock->provisional ? " provisional" : "", OF_TEXT(clock->unit), (long long)clock->begin_ms, (long long)clock->deadline_ms, (long long)clock->ours_ms,
                 (long long)clock->theirs_ms, clock->last_day, (long long)clock->ended_ms, (long long)clock->gained, clock->extended_days, clock->restarts ? " restarts" : "");
    }
    for (size_t i = 0; i < fold->contributions; i++) {
        const struct contribution *c = &fold->contribution[i];
        fold_say(text, "count %d on %d of %.*s\n", c->counter, c->day, OF_TEXT(c->unit));
    }
    for (size_t i = 0; i < fold->milestones; i++) fold_say(text, "reached %d round %u of %.*s\n", fold->milestone[i].event->type, fold->milestone[i].round, OF_TEXT(fold->milestone[i].unit));
    for (size_t i = 0; i < fold->holdings; i++) fold_say(text, "held from %lld by %.*s\n", (long long)fold->holding[i].from_ms, OF_TEXT(fold->holding[i].unit));
    for (size_t i = 0; i < fold->shares; i++)
        fold_say(text, "share %.*s %lld %lld\n", OF_TEXT(fold->share[i].unit), (long long)fold->share[i].from_ms, (long long)fold->share[i].to_ms);
    for (size_t i = 0; i < fold->nudges; i++) fold_say(text, "nudge %d at %lld\n", fold->nudge[i].type, (long long)fold->nudge[i].at_ms);
    for (size_t i = 0; i < fold->duplicates; i++) fold_say(text, "duplicate %.*s\n", OF_TEXT(fold->duplicate[i]));
}

/* Some instant during it or after. */
static inline int64_t drawn_now(void)
{
    int64_t last_ms = life.file.event[life.file.events - 1].at_ms;
    return draw(2) ? last_ms + draw_ms(0, INT64_C(30) * DAY_MS) : draw_ms(life.file.event[0].at_ms, last_ms + DAY_MS);
}

static inline const struct fold *fold_as_of(int64_t now_ms)
{
    fold_case(&life.fold, &life.rules, &life.file, now_ms);
    return &life.fold;
}
#endif
