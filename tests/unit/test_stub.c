/* Cases that have shrunk: what they print, count and do next is what the whole ones would. */
#include "sla/stub.h"

#include <xxhash.h>

#include "sla/case_json.h"
#include "sla/shrink.h"
#include "sla/told.h"
#include "tests/unit/town.h"

#define MEMBERS ", 'extension': {'max_workdays_a_round': 10}, 'rules': [{'of': 'ticket', 'class': 'general'}, {'of': 'rating', 'class': 'rating'}]"
static const char *const files[] = {"conf/policy/city-hours.json", "conf/policy/foi-2019.json", "conf/policy/meilong-2024.json", "conf/policy/shanghai-street-2018.json", NULL};
enum { POLICIES = sizeof files / sizeof *files, LIVES = 3000 /* under each */, RETENTION_DAYS = 400, STUB_MAX_BYTES = 120 };
static const int64_t retention_ms = RETENTION_DAYS * INT64_C(86400000);

static struct changer changer;
static struct rulebook only = {.one = &life.rules};
static struct pool pool;
static struct fold other;
static struct buffer blob;

/* --- the whole and the stub --- */

static void rules_of(int policy)
{
    if (files[policy]) rulebook_of(files[policy]);
    else town(MEMBERS);
    life.fold.tracing = false;
}

/* Life's case as it stands at the end, shrunk, packed, and unpacked into *file. */
static void shrink_life(struct case_file *file, int64_t at_ms)
{
    struct case_file packed = life.file;
    buffer_clear(&blob);
    packed.stub = stub_make(fold_as_of(at_ms - 1), &life.file, &life.rules, at_ms, &pool);
    packed.events = packed.tolds = 0;
    packed.seen_ms = 0;
    packed.as_of_ms = at_ms;
    packed.due_ms = INT64_MAX;
    packed.revision = (uint64_t)at_ms;
    assert_true(case_encode(&packed, &blob));
    *file = (struct case_file){.of = life.file.of, .id = life.file.id};
    const char *fault = case_decode(blob.data, blob.bytes, file, &pool);
    if (fault) fail_msg("%s", fault);
}

static char *line_of(const struct case_file *file, const struct fold *fold)
{
    json_t *object = case_to_json(file, fold, &life.rules, true);
    char *line = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return line;
}

static int by_content(const void *a, const void *b)
{
    const struct contribution *x = a, *y = b;
    if (x->counter != y->counter) return (int)x->counter - (int)y->counter;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return text_compare(x->unit, y->unit);
}

/* What two folds of one case print and count. */
static void assert_alike(const struct case_file *file, struct fold *a, struct fold *b)
{
    char *one = line_of(file, a), *another = line_of(file, b);
    assert_string_equal(another, one);
    free(one);
    free(another);
    assert_true(a->next_ms == b->next_ms);
    assert_int_equal(a->contributions, b->contributions);
    if (a->contributions == 0) return;
    qsort(a->contribution, a->contributions, sizeof *a->contribution, by_content);
    qsort(b->contribution, b->contributions, sizeof *b->contribution, by_content);
    for (size_t i = 0; i < a->contributions; i++) assert_int_equal(by_content(&a->contribution[i], &b->contribution[i]), 0);
}

/* --- drawn lives --- */

static int64_t last_ms(void)
{
    return life.file.event[life.file.events - 1].at_ms;
}

/* Ends a drawn life so that nothing runs, if that can be. */
static bool end_life(void)
{
    struct event end = drawn_step(OF_TICKET, last_ms() + 3600000);
    static const uint8_t ends[] = {TICKET_CLOSED, TICKET_CLOSED, TICKET_CLOSED, TICKET_VOIDED, RATING_RECTIFIED, RATING_APPEAL_UPHELD};
    end = (struct event){.at_ms = end.at_ms, .type = ends[life.file.of == OF_TICKET ? draw(4) : 4 + draw(2)]};
    memcpy(end.key, &life.keys, sizeof end.key);
    happens(end);
    return shrink_at_rest(fold_as_of(end.at_ms + retention_ms));
}

/* Nothing that alters the class from the receipt on, or what it rests on: that is settled by then. */
static struct event later_step(int64_t at_ms)
{
    struct event event = drawn_step(life.file.of, at_ms);
    if (event.type != TICKET_AMENDED) return event;
    event.kind = event.urgency = 0;
    event.flags &= (uint16_t)~(EVENT_HAS_SIMPLE | EVENT_SIMPLE | EVENT_HAS_ITEM | EVENT_HAS_AREA | EVENT_HAS_CHANNEL);
    return event;
}

/* The same steps after the shrinking, of the whole case and of the stub; at each it is packed and unpacked. */
static void live_on(struct case_file *stub, int64_t at_ms)
{
    int64_t now_ms = at_ms;
    for (uint32_t steps = draw(12); steps > 0; steps--) {
        struct event event = later_step(now_ms);
        happens(event);
        assert_int_equal(case_add(stub, &event, NULL), CASE_ADDED);
        now_ms += draw_ms(0, INT64_C(4) * DAY_MS);
        fold_case(&other, &life.rules, stub, now_ms);
        struct fold *whole = &life.fold;
        fold_as_of(now_ms);
        assert_alike(&life.file, whole, &other);
    }
    now_ms += draw_ms(0, INT64_C(40) * DAY_MS);
    fold_case(&other, &life.rules, stub, now_ms);
    fold_as_of(now_ms);
    assert_alike(&life.file, &life.fold, &other);
}

static void every_stub_is_what_its_case_was_and_goes_on_as_it_would(void **state)
{
    (void)state;
    int at_rest = 0;
    for (int policy = 0; policy < POLICIES; policy++) {
        rules_of(policy);
        for (int i = 0; i < LIVES; i++) {
            struct case_file stub;
            drawn_life(i % 7 ? OF_TICKET : OF_RATING, 20);
            if (!end_life()) continue;
            int64_t at_ms = last_ms() + retention_ms;
            shrink_life(&stub, at_ms);
            fold_case(&other, &life.rules, &stub, at_ms - 1);
            fold_as_of(at_ms - 1);
            assert_alike(&life.file, &life.fold, &other);
            live_on(&stub, at_ms);
            at_rest++;
            case_clear(&stub);
            pool_clear(&pool);
        }
    }
    assert_true(at_rest > POLICIES * LIVES / 2);
}

/* --- one life --- */

static void long_name(struct event *event)
{
    *event = of_unit(*event, "古美路街道办事处");
}

/* Received, dispatched, contacted, signed, answered, called back, closed: under the policy with two clocks. */
static void ordinary_life(void)
{
    static const struct {
        enum event_type type;
        const char *time;
    } steps[] = {{TICKET_RECEIVED, "2023-03-06T10:15:27+08:00"},  {TICKET_DISPATCHED, "2023-03-06T10:40:02+08:00"}, {TICKET_SIGNED, "2023-03-06T11:02:44+08:00"},
                 {TICKET_CONTACTED, "2023-03-06T15:20:31+08:00"}, {TICKET_ANSWERED, "2023-03-09T16:02:10+08:00"},   {TICKET_CALLED_BACK, "2023-03-13T09:31:05+08:00"},
                 {TICKET_CLOSED, "2023-03-14T10:00:00+08:00"}};
    rulebook_of("conf/policy/shanghai-street-2018.json");
    life_begin(OF_TICKET);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct event event = event_at(steps[i].type, steps[i].time);
        if (event.type == TICKET_DISPATCHED) long_name(&event);
        if (event.type == TICKET_CONTACTED || event.type == TICKET_CALLED_BACK) event.flags |= EVENT_REACHED;
        if (event.type == TICKET_CALLED_BACK) event.satisfaction = 4;
        if (event.type == TICKET_ANSWERED) event.outcome = OUTCOME_SOLVED;
        happens(event);
    }
}

static void an_ordinary_life_fits_into_120_bytes(void **state)
{
    (void)state;
    struct case_file stub;
    ordinary_life();
    shrink_life(&stub, ms("2024-04-17T10:00:00+08:00"));
    print_message("%zu bytes\n", blob.bytes);
    assert_in_range(blob.bytes, 40, STUB_MAX_BYTES);
    assert_null(memmem(blob.data, blob.bytes, "title", 5));
    case_clear(&stub);
    pool_clear(&pool);
}

static void a_damaged_stub_is_refused(void **state)
{
    (void)state;
    struct case_file stub, back = {.of = OF_TICKET};
    int refused = 0;
    ordinary_life();
    shrink_life(&stub, ms("2024-04-17T10:00:00+08:00"));
    for (size_t at = CASE_CHECKSUM_BYTES + 1; at < blob.bytes; at++)
        for (int bit = 0; bit < 8; bit++) {
            blob.data[at] ^= (char)(1 << bit);
            uint64_t sum = XXH3_64bits(blob.data + CASE_CHECKSUM_BYTES, blob.bytes - CASE_CHECKSUM_BYTES);
            memcpy(blob.data, &sum, sizeof sum);
            if (case_decode(blob.data, blob.bytes, &back, &pool)) refused++;
            else fold_case(&other, &life.rules, &back, ms("2024-05-01T00:00:00Z"));
            blob.data[at] ^= (char)(1 << bit);
        }
    assert_true(refused > 100);
    case_clear(&stub);
    case_clear(&back);
    pool_clear(&pool);
}

/* --- through commits --- */

#define CLOSED "2023-03-14T10:00:00+08:00"
#define SEEN "2023-03-14T10:00:05+08:00"
#define SHRINKS "2024-04-17T10:00:05+08:00"
#define BEFORE "2024-04-17T10:00:04.999+08:00"

/* The ordinary life as stored, each record stamped five seconds after its event. */
static void store_life(struct buffer *stored)
{
    struct change change;
    changer_open(&changer, &only, 0);
    ordinary_life();
    changer.retention_ms = retention_ms;
    changer.now_ms = ms("2023-03-20T10:00:00+08:00");
    assert_null(change_begin(&change, &changer, OF_TICKET, life.file.id, NULL, 0));
    for (size_t i = 0; i < life.file.events; i++)
        assert_int_equal(shrink_add(&change, &changer, &life.file.event[i], life.file.event[i].at_ms + 5000), CASE_ADDED);
    assert_true(change_finish(&change, &changer));
    buffer_clear(stored);
    buffer_add(stored, change.blob.at, change.blob.bytes);
    change_end(&change);
    changer_clear(&changer);
}

static void take_up(struct change *change, const struct buffer *stored)
{
    changer.now_ms = ms("2024-06-01T10:00:00+08:00");
    assert_null(change_begin(change, &changer, OF_TICKET, life.file.id, stored->data, stored->bytes));
}

/* Finishes it, and stores it again. Returns what the figures gained. */
static bool alters_figures(struct change *change, struct buffer *stored)
{
    bool alters = false;
    assert_true(change_finish(change, &changer));
    for (const struct tally_row *row = changer.tally.rows; row; row = row->hh.next) alters |= !tally_row_is_zero(row);
    buffer_clear(stored);
    buffer_add(stored, change->blob.at, change->blob.bytes);
    change_end(change);
    changer_clear(&changer);
    return alters;
}

/* A record of an event, at the case as stored, shrunk by a sweep before or not. */
static enum case_add arrives(const struct buffer *stored, bool swept, struct event event, const char *record)
{
    struct change change;
    take_up(&change, stored);
    if (swept) assert_true(shrink_if_due(&change, &changer, ms("2024-05-01T00:00:00Z")));
    enum case_add added = shrink_add(&change, &changer, &event, record ? ms(record) : 0);
    bool stub_there = change.file.stub != NULL;
    assert_int_equal(stub_there, swept || (added == CASE_ADDED && event.at_ms >= ms(SHRINKS) && record && ms(record) >= ms(SHRINKS)));
    change_end(&change);
    changer_clear(&changer);
    return added;
}

static void what_is_timed_before_the_shrinking_is_refused_from_then_on(void **state)
{
    (void)state;
    struct buffer stored;
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    store_life(&stored);
    struct event again = life.file.event[4], late = event_at(TICKET_URGED, "2023-03-08T10:00:00+08:00");
    struct event at_its_end = event_at(TICKET_REOPENED, BEFORE), after = event_at(TICKET_REOPENED, SHRINKS);
    assert_int_equal(arrives(&stored, false, again, BEFORE), CASE_DUPLICATE);
    assert_int_equal(arrives(&stored, false, late, BEFORE), CASE_ADDED);
    assert_int_equal(arrives(&stored, false, late, NULL), CASE_ADDED); /* not stamped */
    for (int swept = 0; swept < 2; swept++) {
        assert_int_equal(arrives(&stored, swept, again, SHRINKS), CASE_RETIRED);
        assert_int_equal(arrives(&stored, swept, late, SHRINKS), CASE_RETIRED);
        assert_int_equal(arrives(&stored, swept, at_its_end, SHRINKS), CASE_RETIRED);
        assert_int_equal(arrives(&stored, swept, after, SHRINKS), CASE_ADDED);
    }
    assert_int_equal(arrives(&stored, true, late, BEFORE), CASE_RETIRED); /* read behind a sweep, a day too late */
    buffer_free(&stored);
    changer_close(&changer);
}

static void a_refused_event_leaves_the_case_as_it_is(void **state)
{
    (void)state;
    struct change change;
    struct buffer stored;
    struct event late = event_at(TICKET_URGED, "2023-03-08T10:00:00+08:00");
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    store_life(&stored);
    take_up(&change, &stored);
    assert_int_equal(shrink_add(&change, &changer, &late, ms(SHRINKS)), CASE_RETIRED);
    assert_int_equal(shrink_add(&change, &changer, &late, ms(BEFORE)), CASE_ADDED); /* stamps out of order */
    assert_true(change.file.seen_ms == ms(BEFORE));
    change_end(&change);
    buffer_free(&stored);
    changer_close(&changer);
}

static void shrinking_alters_no_figure_and_drops_what_was_told(void **state)
{
    (void)state;
    struct change change;
    struct buffer stored;
    struct told told = {.kind = TOLD_MILESTONE, .status = TOLD_DELIVERED, .id = 7};
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    store_life(&stored);
    take_up(&change, &stored);
    assert_true(change.file.seen_ms == ms(SEEN));
    assert_true(case_shrink_instant(&change.file, retention_ms) == ms(SHRINKS));
    assert_false(shrink_if_due(&change, &changer, ms(BEFORE)));
    assert_true(case_tell(&change.file, &told));
    assert_true(shrink_if_due(&change, &changer, ms(SHRINKS)));
    assert_true(change.shrunk);
    assert_false(alters_figures(&change, &stored));
    assert_in_range(stored.bytes, 40, STUB_MAX_BYTES);
    take_up(&change, &stored);
    assert_non_null(change.file.stub);
    assert_int_equal(change.file.tolds, 0);
    assert_false(shrink_if_due(&change, &changer, INT64_MAX - 1)); /* once */
    assert_false(alters_figures(&change, &stored));
    assert_false(change.owes);
    buffer_free(&stored);
    changer_close(&changer);
}

static int32_t summed(enum counter counter)
{
    int32_t sum = 0;
    for (const struct tally_row *row = changer.tally.rows; row; row = row->hh.next) sum += row->delta[counter];
    return sum;
}

static void a_reopening_begins_a_new_round_and_may_retire_again(void **state)
{
    (void)state;
    struct change change;
    struct buffer stored;
    struct event close = event_at(TICKET_CLOSED, "2024-05-20T10:00:00+08:00"), reopen = event_at(TICKET_REOPENED, "2024-05-06T10:00:00+08:00");
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    store_life(&stored);
    take_up(&change, &stored);
    changer.now_ms = ms("2024-05-06T12:00:00+08:00");
    assert_int_equal(shrink_add(&change, &changer, &reopen, reopen.at_ms), CASE_ADDED);
    assert_true(change_finish(&change, &changer));
    assert_int_equal(summed(COUNT_REOPENED), 1);
    assert_int_equal(summed(COUNT_OPEN), 1);
    assert_int_equal(summed(COUNT_RECEIVED), 0);
    assert_int_equal(changer.after.clocks, 3);
    assert_int_equal(changer.after.state, STATE_DISPATCHED);
    assert_instant(main_of(&changer.after)->started_ms, "2024-05-06T10:00:00+08:00");
    assert_int_equal(main_of(&changer.after)->round, 2);
    assert_text(changer.after.unit, "古美路街道办事处");
    assert_int_equal(changer.demands.count, 0); /* nothing of before: not its answer, not its close */
    assert_true(alters_figures(&change, &stored));
    take_up(&change, &stored);
    assert_false(shrink_if_due(&change, &changer, INT64_MAX - 1)); /* it is open */
    assert_int_equal(shrink_add(&change, &changer, &close, close.at_ms), CASE_ADDED);
    alters_figures(&change, &stored);
    take_up(&change, &stored);
    assert_false(shrink_if_due(&change, &changer, close.at_ms + retention_ms - 1));
    assert_true(shrink_if_due(&change, &changer, close.at_ms + retention_ms));
    assert_int_equal(change.file.stub->round, 2);
    assert_instant(change.file.stub->begun_ms, "2023-03-06T10:15:27+08:00");
    assert_instant(change.file.stub->last_ms, "2024-05-20T10:00:00+08:00");
    assert_false(alters_figures(&change, &stored));
    buffer_free(&stored);
    changer_close(&changer);
}

static void an_answered_case_and_one_with_a_clock_stay(void **state)
{
    (void)state;
    rulebook_of("conf/policy/meilong-2024.json");
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2023-03-06T10:15:27+08:00", "wuye");
    assert_false(shrink_at_rest(fold_at("2024-06-01T00:00:00+08:00")));
    step(TICKET_ANSWERED, "2023-03-08T10:00:00+08:00");
    assert_false(shrink_at_rest(fold_at("2024-06-01T00:00:00+08:00")));
    assert_true(case_shrink_instant(&life.file, retention_ms) == INT64_MAX); /* no record time */
    step(TICKET_CLOSED, "2023-03-09T10:00:00+08:00");
    assert_true(shrink_at_rest(fold_at("2024-06-01T00:00:00+08:00")));
    rulebook(GENERAL(MAIN("'limit_workdays': 5") ", {'clock': 'visit', 'limit_hours': 2, 'starts': ['ticket.closed'], 'stopped_by': ['ticket.called_back'],"
                     " 'cancelled_by': [], 'suspends': true, 'extends': false}"), "Asia/Shanghai");
    received("wuye");
    step(TICKET_CLOSED, "2024-09-02T12:00:00+08:00");
    assert_false(shrink_at_rest(fold_at("2024-09-02T13:00:00+08:00"))); /* the visit is owed, and overdue */
    assert_false(shrink_at_rest(fold_at("2025-12-01T13:00:00+08:00")));
    step(TICKET_CALLED_BACK, "2024-09-03T12:00:00+08:00");
    assert_true(shrink_at_rest(fold_at("2025-12-01T13:00:00+08:00")));
}

static struct event rated(const char *time, uint8_t stars)
{
    struct event event = event_at(RATING_SUBMITTED, time);
    event.satisfaction = stars;
    event.flags |= EVENT_LINK;
    return event;
}

/* Stars that a ticket gets from links before and after its shrinking, whole or as a stub. */
static int stars_with(const struct buffer *stored, bool swept, const struct event *link, size_t count)
{
    struct change change;
    take_up(&change, stored);
    if (swept) assert_true(shrink_if_due(&change, &changer, ms(SHRINKS)));
    for (size_t i = 0; i < count; i++) assert_int_equal(shrink_link(&change, &link[i]), CASE_ADDED);
    if (!swept) assert_true(shrink_if_due(&change, &changer, ms(SHRINKS))); /* links put nothing off */
    fold_case(&changer.after, &life.rules, &change.file, ms("2024-06-01T00:00:00Z"));
    int stars = changer.after.satisfaction;
    change_end(&change);
    changer_clear(&changer);
    return stars;
}

static void links_come_to_the_same_before_and_after(void **state)
{
    (void)state;
    struct buffer stored;
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    store_life(&stored);
    const struct event early = rated("2023-03-10T10:00:00+08:00", 1), later = rated("2023-04-10T10:00:00+08:00", 2), last = rated("2023-04-11T10:00:00+08:00", 3),
                       after = rated("2024-05-02T10:00:00+08:00", 5);
    struct event nobody = rated("2023-05-11T10:00:00+08:00", 5);
    nobody.flags |= EVENT_DEFAULT;
    for (int swept = 0; swept < 2; swept++) {
        assert_int_equal(stars_with(&stored, swept, NULL, 0), 4); /* the call-back's */
        assert_int_equal(stars_with(&stored, swept, (struct event[]){early}, 1), 4);
        assert_int_equal(stars_with(&stored, swept, (struct event[]){later, early, nobody}, 3), 2);
        assert_int_equal(stars_with(&stored, swept, (struct event[]){last, later}, 2), 3);
        assert_int_equal(stars_with(&stored, swept, (struct event[]){after, last}, 2), 5);
    }
    buffer_free(&stored);
    changer_close(&changer);
}

static void an_amendment_changes_the_class_of_what_comes_after(void **state)
{
    (void)state;
    struct case_file stub;
    struct event simple = event_at(TICKET_AMENDED, "2024-05-06T09:00:00+08:00");
    rulebook_of("conf/policy/meilong-2024.json");
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2023-03-06T10:15:27+08:00", "wuye");
    step(TICKET_CLOSED, "2023-03-09T10:00:00+08:00");
    shrink_life(&stub, ms("2024-04-12T10:00:00+08:00"));
    simple.flags |= EVENT_HAS_SIMPLE | EVENT_SIMPLE;
    struct event reopen = event_at(TICKET_REOPENED, "2024-05-06T10:00:00+08:00");
    case_add(&stub, &simple, NULL);
    case_add(&stub, &reopen, NULL);
    fold_case(&other, &life.rules, &stub, ms("2024-05-06T12:00:00+08:00"));
    assert_int_equal(other.clock[0].outcome, CLOCK_MET); /* by one working day it would be missed */
    assert_day(other.clock[1].last_day, "2024-05-07");
    assert_string_equal(life.rules.policy->class[other.class].name, "simple");
    case_clear(&stub);
    pool_clear(&pool);
}

/* As stored: a record stamped before and after the case was folded; and an event that a stub cannot have after it. */
static void stored_cases_keep_their_record_time_and_their_order(void **state)
{
    (void)state;
    struct case_file stub, back;
    rulebook_of("conf/policy/meilong-2024.json");
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2023-03-06T10:15:27+08:00", "wuye");
    step(TICKET_CLOSED, "2023-03-09T10:00:00+08:00");
    for (int64_t off_ms = -2; off_ms <= 2; off_ms++) {
        life.file.as_of_ms = ms("2023-03-10T10:00:00+08:00");
        life.file.seen_ms = life.file.as_of_ms + off_ms;
        buffer_clear(&blob);
        assert_true(case_encode(&life.file, &blob));
        back = (struct case_file){.of = OF_TICKET};
        assert_null(case_decode(blob.data, blob.bytes, &back, &pool));
        assert_true(back.seen_ms == life.file.seen_ms);
        case_clear(&back);
    }
    life.file.seen_ms = 0;
    shrink_life(&stub, ms("2024-04-12T10:00:00+08:00"));
    struct event early = event_at(TICKET_REOPENED, "2024-04-12T09:59:59+08:00");
    assert_int_equal(case_add(&stub, &early, NULL), CASE_ADDED);
    buffer_clear(&blob);
    assert_true(case_encode(&stub, &blob));
    back = (struct case_file){.of = OF_TICKET};
    assert_string_equal(case_decode(blob.data, blob.bytes, &back, &pool), "a damaged case");
    case_clear(&back);
    case_clear(&stub);
    pool_clear(&pool);
}

static void nothing_is_demanded_of_what_was_before(void **state)
{
    (void)state;
    static struct demands demands;
    struct case_file stub;
    struct event reopen = event_at(TICKET_REOPENED, "2024-05-06T10:00:00+08:00");
    rulebook_of("conf/policy/meilong-2024.json");
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2023-03-06T10:15:27+08:00", "wuye");
    step(TICKET_CLOSED, "2023-06-09T10:00:00+08:00"); /* late */
    shrink_life(&stub, ms("2024-07-13T10:00:00+08:00") - 100 * INT64_C(86400000));
    for (int reopened = 0; reopened < 2; reopened++) {
        if (reopened) assert_int_equal(case_add(&stub, &reopen, NULL), CASE_ADDED);
        fold_case(&other, &life.rules, &stub, ms("2024-05-06T12:00:00+08:00"));
        assert_int_equal(other.clock[0].outcome, CLOCK_MISSED);
        demands_owed(&demands, &stub, &other, &life.rules, ms("2024-05-06T12:00:00+08:00"));
        assert_int_equal(demands.count, 0);
    }
    assert_instant(demands.next_ms, "2024-05-09T09:00:00+08:00"); /* the new round's first reminder */
    case_clear(&stub);
    pool_clear(&pool);
}

/* As a rebuild finds them in the ledger. */
static void what_was_told_before_is_neither_kept_nor_corrected(void **state)
{
    (void)state;
    static struct demands demands;
    struct case_file stub;
    struct event reopen = event_at(TICKET_REOPENED, "2024-05-06T10:00:00+08:00");
    ordinary_life();
    shrink_life(&stub, ms(SHRINKS));
    struct told overdue = {.kind = TOLD_OVERDUE, .status = TOLD_DELIVERED, .which = 1, .deadline_ms = ms(CLOSED), .at_ms = ms(CLOSED), .id = 1};
    assert_true(told_apply(&stub, &overdue));
    assert_int_equal(stub.tolds, 0);
    assert_int_equal(case_add(&stub, &reopen, NULL), CASE_ADDED);
    assert_true(told_apply(&stub, &overdue)); /* whose it is, nobody looks into */
    assert_int_equal(stub.tolds, 1);
    fold_case(&other, &life.rules, &stub, ms("2024-05-06T12:00:00+08:00"));
    demands_owed(&demands, &stub, &other, &life.rules, ms("2024-05-06T12:00:00+08:00"));
    assert_int_equal(demands.count, 0);
    struct told untrue = {.kind = TOLD_OVERDUE, .status = TOLD_DELIVERED, .which = 2, .deadline_ms = ms("2024-05-07T00:00:00+08:00"), .at_ms = ms("2024-05-07T00:00:00+08:00"), .id = 2};
    assert_true(told_apply(&stub, &untrue)); /* of the round after it is corrected as ever */
    demands_owed(&demands, &stub, &other, &life.rules, ms("2024-05-06T12:00:00+08:00"));
    assert_int_equal(demands.count, 1);
    assert_int_equal(demands.at[0].kind, DEMAND_WITHDRAWN);
    case_clear(&stub);
    pool_clear(&pool);
}

int main(void)
{
    buffer_init(&blob, CASE_BLOB_MAX_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stub_is_what_its_case_was_and_goes_on_as_it_would), cmocka_unit_test(an_ordinary_life_fits_into_120_bytes),
        cmocka_unit_test(a_damaged_stub_is_refused), cmocka_unit_test(what_is_timed_before_the_shrinking_is_refused_from_then_on),
        cmocka_unit_test(a_refused_event_leaves_the_case_as_it_is), cmocka_unit_test(shrinking_alters_no_figure_and_drops_what_was_told),
        cmocka_unit_test(a_reopening_begins_a_new_round_and_may_retire_again), cmocka_unit_test(an_answered_case_and_one_with_a_clock_stay),
        cmocka_unit_test(links_come_to_the_same_before_and_after), cmocka_unit_test(an_amendment_changes_the_class_of_what_comes_after),
        cmocka_unit_test(nothing_is_demanded_of_what_was_before), cmocka_unit_test(stored_cases_keep_their_record_time_and_their_order),
        cmocka_unit_test(what_was_told_before_is_neither_kept_nor_corrected)};
    int failed = cmocka_run_group_tests_name("stub", tests, NULL, NULL);
    fold_free(&other);
    pool_free(&pool);
    buffer_free(&blob);
    rulebook_close();
    return failed;
}
