/* A life rehearsed: the notices of a case known by heart, those of drawn lives against a notifier that looks at every
 * instant, and cases too long. */
#include "sla/rehearsal.h"
#include "tests/unit/lives.h"

enum { SENT_MAX = 4096, GRID_MS = 900000, LIVES = 100 /* under each policy */ };

static struct sent {
    int64_t at_ms;
    uint64_t id;
    char step[STEP_TEXT_BYTES], unit[64];
} sent[SENT_MAX], expected[SENT_MAX];
static size_t sents, expecteds;

static void note(struct sent *one, const struct demand *notice, int64_t at_ms)
{
    *one = (struct sent){.at_ms = at_ms, .id = notice->told.id};
    told_step_print(one->step, &notice->told, life.rules.words);
    snprintf(one->unit, sizeof one->unit, "%.*s", OF_TEXT(notice->unit));
}

static void note_sent(void *context, const struct demand *notice, int64_t at_ms)
{
    assert_ptr_equal(context, &sents);
    assert_in_range(sents, 0, SENT_MAX - 1);
    note(&sent[sents++], notice, at_ms);
}

static bool rehearsed(int64_t until_ms)
{
    struct rehearsal rehearsal;
    sents = 0;
    rehearsal_open(&rehearsal, &life.rules);
    bool whole = rehearse(&rehearsal, &life.file, until_ms, note_sent, &sents);
    rehearsal_close(&rehearsal);
    return whole;
}

static void assert_sent(size_t i, const char *time, const char *step, const char *unit)
{
    assert_in_range(i, 0, sents - 1);
    assert_instant(sent[i].at_ms, time);
    assert_string_equal(sent[i].step, step);
    assert_string_equal(sent[i].unit, unit);
}

/* 2024-09-02 is a Monday. */
static void received(bool simple)
{
    life_begin(OF_TICKET);
    struct event event = of_unit(event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00"), "wuye");
    event.flags |= simple ? EVENT_HAS_SIMPLE | EVENT_SIMPLE : 0;
    happens(event);
}

/* --- by heart --- */

static void each_step_is_sent_once_at_its_time_to_who_owes(void **state)
{
    (void)state;
    rulebook_of("conf/policy/meilong-2024.json");
    received(false);
    step_to(TICKET_TRANSFERRED, "2024-09-09T11:00:00+08:00", "chengguan");
    assert_true(rehearsed(ms("2024-09-11T08:59:59+08:00")));
    assert_int_equal(sents, 5);
    assert_sent(0, "2024-09-05T09:00:00+08:00", "remind-2d", "wuye");
    assert_sent(1, "2024-09-06T09:00:00+08:00", "remind-1d", "wuye");
    assert_sent(2, "2024-09-09T13:30:00+08:00", "remind-4h", "chengguan");
    assert_sent(3, "2024-09-10T00:00:00.001+08:00", "overdue", "chengguan");
    assert_sent(4, "2024-09-10T09:00:00+08:00", "escalate-d1", "chengguan");
    assert_true(rehearsed(ms("2024-09-11T09:00:00+08:00")));
    assert_int_equal(sents, 6); /* at the end of time as well */
}

static void an_answer_ends_it(void **state)
{
    (void)state;
    rulebook_of("conf/policy/meilong-2024.json");
    received(false);
    step(TICKET_ANSWERED, "2024-09-06T09:00:00+08:00"); /* at the very instant of the second */
    assert_true(rehearsed(ms("2024-12-01T00:00:00+08:00")));
    assert_int_equal(sents, 1);
    life_begin(OF_TICKET);
    assert_true(rehearsed(ms("2024-12-01T00:00:00+08:00")));
    assert_int_equal(sents, 0);
}

/* What is told is what another rehearsal told: it leaves no trace. */
static void it_begins_anew_each_time(void **state)
{
    (void)state;
    rulebook_of("conf/policy/meilong-2024.json");
    received(true);
    struct rehearsal rehearsal;
    rehearsal_open(&rehearsal, &life.rules);
    for (size_t times = 1; times <= 3; times++) {
        assert_true(rehearse(&rehearsal, &life.file, ms("2024-09-04T08:00:00+08:00"), note_sent, &sents));
        assert_int_equal(sents, 3 * times);
    }
    rehearsal_close(&rehearsal);
    assert_int_equal(life.file.tolds, 0);
    sents = 0;
}

static void an_overdue_that_turns_out_untrue_is_taken_back(void **state)
{
    (void)state;
    rulebook_of("conf/policy/meilong-2024.json");
    received(true);
    struct event amended = event_at(TICKET_AMENDED, "2024-09-04T10:00:00+08:00");
    amended.flags |= EVENT_HAS_SIMPLE; /* it is not: five days from receipt on */
    happens(amended);
    assert_true(rehearsed(ms("2024-09-04T23:00:00+08:00")));
    assert_int_equal(sents, 5);
    assert_sent(2, "2024-09-04T00:00:00.001+08:00", "overdue", "wuye");
    assert_sent(3, "2024-09-04T09:00:00+08:00", "escalate-d1", "wuye");
    assert_sent(4, "2024-09-04T10:00:00+08:00", "withdrawn", "wuye");
}

/* A step that lies behind when it comes to be owed is sent then; those before it are passed over. */
static void what_lies_behind_is_sent_at_once_and_only_the_last(void **state)
{
    (void)state;
    rulebook_of("conf/policy/meilong-2024.json");
    received(false);
    struct event amended = event_at(TICKET_AMENDED, "2024-09-04T13:00:00+08:00");
    amended.flags |= EVENT_HAS_SIMPLE | EVENT_SIMPLE; /* one day: over since yesterday's end */
    happens(amended);
    assert_true(rehearsed(ms("2024-09-04T23:00:00+08:00")));
    assert_int_equal(sents, 1);
    assert_sent(0, "2024-09-04T13:00:00+08:00", "escalate-d1", "wuye");
}

/* --- against a notifier that looks all the time --- */

static void to_grid(void)
{
    struct case_file file = {.of = life.file.of, .id = life.file.id};
    for (size_t i = 0; i < life.file.events; i++) {
        struct event event = life.file.event[i];
        event.at_ms -= event.at_ms % GRID_MS;
        if (event.flags & EVENT_HAS_DUE) detail_of(&event)->due_ms -= event.detail->due_ms % GRID_MS;
        assert_int_equal(case_add(&file, &event, NULL), CASE_ADDED);
    }
    case_clear(&life.file);
    life.file = file;
}

/* As the notifier comes back to a case as long as it owes anything. */
static void look(struct case_file *file, int64_t now_ms)
{
    static struct demands demands;
    fold_case(&life.fold, &life.rules, file, now_ms);
    do {
        demands_owed(&demands, file, &life.fold, &life.rules, now_ms);
        for (size_t i = 0; i < demands.count; i++) {
            struct demand *demand = &demands.at[i];
            demand->told.status = TOLD_DELIVERED;
            assert_true(case_tell(file, &demand->told));
            if (demand->kind == DEMAND_NOTICE || demand->kind == DEMAND_RETRACT) note(&expected[expecteds++], demand, now_ms);
        }
    } while (demands.count);
}

/* Everything happens at whole quarters of an hour, or a millisecond after them. */
static void watch(int64_t until_ms)
{
    struct case_file *file = &life.file;
    expecteds = 0;
    for (int64_t at_ms = file->event[0].at_ms; at_ms <= until_ms; at_ms += GRID_MS) {
        look(file, at_ms);
        if (at_ms < until_ms) look(file, at_ms + 1);
    }
}

static void a_rehearsal_sends_what_a_notifier_that_looks_at_each_instant_sends(void **state)
{
    (void)state;
    static const char *const files[] = {"conf/policy/city-hours.json", "conf/policy/foi-2019.json", "conf/policy/meilong-2024.json", "conf/policy/shanghai-street-2018.json"};
    size_t all = 0;
    for (int policy = 0; policy < 4; policy++) {
        rulebook_of(files[policy]);
        for (int i = 0; i < LIVES; i++) {
            drawn_life(i % 6 ? OF_TICKET : OF_RATING, 14);
            to_grid();
            int64_t until_ms = life.file.event[life.file.events - 1].at_ms + draw(20 * 96) * (int64_t)GRID_MS;
            assert_true(rehearsed(until_ms));
            watch(until_ms);
            assert_int_equal(sents, expecteds);
            for (size_t k = 0; k < sents; k++) {
                assert_int_equal(sent[k].at_ms, expected[k].at_ms);
                assert_int_equal(sent[k].id, expected[k].id);
                assert_string_equal(sent[k].step, expected[k].step);
                assert_string_equal(sent[k].unit, expected[k].unit);
            }
            all += sents;
        }
    }
    assert_true(all > 300);
}

/* --- bounds --- */

static void a_case_beyond_all_measure_is_left_before_its_end(void **state)
{
    (void)state;
    rulebook_of("conf/policy/meilong-2024.json");
    received(false);
    for (int i = 0; i < 4000; i++) {
        struct event event = event_at(TICKET_SIGNED, "2024-09-02T11:00:00+08:00");
        event.at_ms += i * INT64_C(60000);
        happens(event);
    }
    assert_false(rehearsed(ms("2024-09-20T00:00:00+08:00")));
    assert_true(rehearsed(ms("2024-09-03T11:00:00+08:00")));
}

/* More is owed at one instant than is looked at together: all of it is told. */
static void more_than_there_is_room_for_comes_in_turns(void **state)
{
    (void)state;
    rulebook_of("conf/policy/meilong-2024.json");
    received(false);
    step(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00");
    for (int i = 0; i < 2 * DEMANDS_MAX; i++) {
        struct event event = event_at(TICKET_CALLED_BACK, "2024-09-03T11:00:00+08:00");
        event.satisfaction = 5;
        happens(event);
    }
    step(TICKET_REOPENED, "2024-09-03T12:00:00+08:00");
    assert_true(rehearsed(ms("2024-09-06T09:00:00+08:00")));
    assert_int_equal(sents, 1);
    assert_sent(0, "2024-09-06T09:00:00+08:00", "remind-2d", "wuye");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_step_is_sent_once_at_its_time_to_who_owes),
                                       cmocka_unit_test(an_answer_ends_it),
                                       cmocka_unit_test(it_begins_anew_each_time),
                                       cmocka_unit_test(an_overdue_that_turns_out_untrue_is_taken_back),
                                       cmocka_unit_test(what_lies_behind_is_sent_at_once_and_only_the_last),
                                       cmocka_unit_test(a_rehearsal_sends_what_a_notifier_that_looks_at_each_instant_sends),
                                       cmocka_unit_test(a_case_beyond_all_measure_is_left_before_its_end),
                                       cmocka_unit_test(more_than_there_is_room_for_comes_in_turns)};
    int failed = cmocka_run_group_tests_name("rehearsal", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
