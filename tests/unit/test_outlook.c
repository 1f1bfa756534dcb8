/* What lies ahead. As of Friday 2024-11-15 10:00; the working days from then on: 11-15, 18 to 22, 25 to 29, 12-02 to 05. */
#include "sla/outlook_words.h"

#include <math.h>

#include "tests/unit/rulebook.h"

#define NOW "2024-11-15T10:00:00+08:00"

static struct outlook outlook;
static char names[4096][24];
static size_t named;

static int begin(void **state)
{
    (void)state;
    outlook_open(&outlook, &life.rules, 1, ms(NOW), NULL);
    named = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    outlook_close(&outlook);
    return 0;
}

static void begin_case(const char *received, const char *unit)
{
    life_begin(OF_TICKET);
    snprintf(names[named], sizeof names[named], "C%05zu", named);
    life.file.id = (struct text){names[named], strlen(names[named])};
    named++;
    step_to(TICKET_RECEIVED, received, unit);
}

static void add(void)
{
    outlook_add(&outlook, &life.file, fold_at(NOW), &life.rules);
}

static void open_case(const char *received, const char *unit)
{
    begin_case(received, unit);
    add();
}

static void answered_case(const char *received, const char *unit, const char *answered, int times)
{
    while (times-- > 0) {
        begin_case(received, unit);
        step(TICKET_ANSWERED, answered);
        add();
    }
}

static const struct outlook_unit *unit_named(const char *name)
{
    for (const struct outlook_unit *unit = outlook.units; unit; unit = unit->hh.next)
        if (text_equal(unit->unit, (struct text){name, strlen(name)})) return unit;
    fail_msg("no unit %s", name);
    return NULL;
}

static void the_days_are_the_next_fifteen_working_days(void **state)
{
    (void)state;
    assert_int_equal(outlook.day[0], day("2024-11-15"));
    assert_int_equal(outlook.day[1], day("2024-11-18"));
    assert_int_equal(outlook.day[14], day("2024-12-05"));
    struct outlook other;
    outlook_open(&other, &life.rules, 1, ms("2024-09-28T10:00:00+08:00"), NULL); /* a Saturday, before a make-up Sunday and a holiday */
    assert_int_equal(other.day[0], day("2024-09-29"));
    assert_int_equal(other.day[1], day("2024-09-30"));
    assert_int_equal(other.day[2], day("2024-10-08"));
    outlook_close(&other);
}

static void open_cases_are_counted_by_the_day_they_fall_due(void **state)
{
    (void)state;
    open_case("2024-11-08T10:00:00+08:00", "wuye");      /* due today */
    open_case("2024-11-09T10:00:00+08:00", "wuye");      /* a Saturday: due today as well */
    open_case("2024-11-14T10:00:00+08:00", "wuye");      /* due on the 21st */
    open_case("2024-11-07T10:00:00+08:00", "wuye");      /* overdue */
    open_case("2024-11-14T10:00:00+08:00", "chengguan");
    begin_case("2024-11-14T10:00:00+08:00", "chengguan");
    step(TICKET_SUSPENDED, "2024-11-14T11:00:00+08:00");
    add();
    begin_case("2024-11-14T10:00:00+08:00", "");
    for (int i = 0; i < 2; i++) {
        struct event grant = event_at(TICKET_EXTENSION_GRANTED, i ? "2024-11-14T12:00:00+08:00" : "2024-11-14T11:00:00+08:00");
        grant.days = 10;
        happens(grant);
    }
    add(); /* five and ten days, no more are granted: due on 12-05 */
    answered_case("2024-11-13T10:00:00+08:00", "wuye", "2024-11-14T10:00:00+08:00", 1);
    outlook_finish(&outlook, -1);
    const struct outlook_unit *wuye = unit_named("wuye"), *chengguan = unit_named("chengguan"), *none = unit_named("");
    assert_int_equal(wuye->due[0], 2);
    assert_int_equal(wuye->due[4], 1);
    assert_int_equal(wuye->overdue, 1);
    assert_int_equal(chengguan->due[4], 1);
    assert_int_equal(chengguan->suspended, 1);
    assert_int_equal(none->due[14], 1);
    assert_int_equal(outlook.total.due[4], 2);
    assert_int_equal(outlook.prospects, 5); /* what is overdue or rests is no prospect */
    assert_ptr_equal(outlook.units, none);  /* in order */
}

static void what_lies_beyond_is_later(void **state)
{
    (void)state;
    outlook_close(&outlook);
    outlook_open(&outlook, &life.rules, 1, ms("2024-11-14T12:00:00+08:00"), NULL);
    begin_case("2024-11-14T10:00:00+08:00", "wuye");
    struct event grant = event_at(TICKET_EXTENSION_GRANTED, "2024-11-14T11:00:00+08:00");
    grant.days = 10;
    happens(grant);
    outlook_add(&outlook, &life.file, fold_at("2024-11-14T12:00:00+08:00"), &life.rules);
    outlook_finish(&outlook, -1);
    assert_int_equal(unit_named("wuye")->later, 1); /* the fifteenth day after the 14th; the 14th is the first of fifteen */
}

/* Eight hours, around the clock: on a Saturday at five a case of one o'clock falls due that day, which no column has. */
static void what_falls_due_before_the_first_working_day_counts_to_it(void **state)
{
    (void)state;
    const struct rules shipped = life.rules;
    outlook_close(&outlook);
    outlook_open(&outlook, rulebook_of("conf/policy/city-hours.json"), 1, ms("2024-11-16T05:00:00+08:00"), NULL);
    life_begin(OF_TICKET);
    struct event receipt = event_at(TICKET_RECEIVED, "2024-11-16T01:00:00+08:00");
    receipt.urgency = URGENCY_CRITICAL;
    happens(receipt);
    outlook_add(&outlook, &life.file, fold_at("2024-11-16T05:00:00+08:00"), &life.rules);
    outlook_finish(&outlook, -1);
    assert_int_equal(outlook.day[0], day("2024-11-18"));
    assert_int_equal(outlook.prospect[0].deadline_ms, ms("2024-11-16T09:00:00+08:00"));
    assert_int_equal(outlook.prospect[0].course.last, 8);
    assert_int_equal(outlook.total.due[0], 1);
    life.rules = shipped;
}

/* The quick unit answers on the day after; the slow one in half of its cases a day too late. */
static void history(void)
{
    answered_case("2024-10-08T10:00:00+08:00", "quick", "2024-10-09T10:00:00+08:00", 200);
    answered_case("2024-10-08T10:00:00+08:00", "slow", "2024-10-10T10:00:00+08:00", 50);
    answered_case("2024-10-08T10:00:00+08:00", "slow", "2024-10-15T10:00:00+08:00", 50);
}

static void the_most_probable_come_first(void **state)
{
    (void)state;
    history();
    open_case("2024-11-14T10:00:00+08:00", "quick");
    open_case("2024-11-14T10:00:00+08:00", "slow");
    open_case("2024-11-11T10:00:00+08:00", "slow");
    outlook_finish(&outlook, 0.5);
    assert_int_equal(outlook.prospects, 3);
    assert_int_equal(outlook.foretold, 3);
    assert_int_equal(outlook.warned, 1);
    assert_true(outlook.prospect[0].probability > 0.95); /* after the second day nobody answers in time */
    assert_true(outlook.prospect[1].probability > 0.3 && outlook.prospect[1].probability < 0.5);
    assert_true(outlook.prospect[2].probability < 0.02);
    assert_true(text_equal(outlook.prospect[0].unit, TEXT("slow")) && text_equal(outlook.prospect[2].unit, TEXT("quick")));
}

static void one_unit_alone_is_shown_by_the_pace_of_all(void **state)
{
    (void)state;
    static const struct text only = {"quick", 5};
    outlook_close(&outlook);
    outlook_open(&outlook, &life.rules, 1, ms(NOW), &only);
    history();
    open_case("2024-11-14T10:00:00+08:00", "quick");
    open_case("2024-11-11T10:00:00+08:00", "slow");
    outlook_finish(&outlook, 0.5);
    assert_int_equal(outlook.prospects, 1);
    assert_int_equal(HASH_COUNT(outlook.units), 1);
    assert_int_equal(pace_answers(outlook_pace(&outlook), peers_wider(outlook.peers, outlook.prospect[0].circle)), 300);
}

static void nothing_is_said_of_a_class_with_few_answers(void **state)
{
    (void)state;
    answered_case("2024-10-08T10:00:00+08:00", "wuye", "2024-10-09T10:00:00+08:00", PACE_KNOWN - 1);
    open_case("2024-11-14T10:00:00+08:00", "wuye");
    outlook_finish(&outlook, -1);
    assert_int_equal(outlook.foretold, 0);
    assert_true(isnan(outlook.prospect[0].probability));
    assert_false(outlook.judged);
    assert_true(outlook.threshold == SCORE_THRESHOLD_DEFAULT);
}

/* All sentences in one line each, freed by the caller. */
static char *joined(const json_t *lines)
{
    static char text[2048];
    size_t i;
    const json_t *line;
    *text = 0;
    json_array_foreach(lines, i, line) text_append(text, sizeof text, json_string_value(line));
    return text;
}

static void assert_said(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void reasons_name_the_numbers_they_rest_on(void **state)
{
    (void)state;
    history();
    begin_case("2024-11-11T10:00:00+08:00", "slow"); /* due on the 18th */
    step(TICKET_URGED, "2024-11-13T10:00:00+08:00");
    step(TICKET_URGED, "2024-11-14T10:00:00+08:00");
    add();
    outlook_finish(&outlook, 0.5);
    json_t *zh = json_array(), *en = json_array();
    outlook_reasons(&outlook, &outlook.prospect[0], zh, en);
    const char *english = joined(en);
    assert_said(english, "(100 answered so far)");
    assert_said(english, "3.1 working days are gone, 1.9 are left");
    assert_said(english, "of 100 like it that were still open then came too late.");
    assert_said(english, "So far urged 2 times.");
    assert_null(strstr(english, "Few examples"));
    const char *chinese = joined(zh);
    assert_said(chinese, "已过 3.1 个工作日,剩 1.9");
    assert_said(chinese, "催单 2 次");
    json_decref(zh);
    json_decref(en);
}

static void few_examples_are_said(void **state)
{
    (void)state;
    history();
    open_case("2024-11-11T10:00:00+08:00", "new");
    open_case("2024-11-11T10:00:00+08:00", "");
    outlook_finish(&outlook, 0.5);
    json_t *zh = json_array(), *en = json_array();
    outlook_reasons(&outlook, &outlook.prospect[0], zh, en);
    assert_said(joined(en), "new answers such cases");
    assert_said(joined(en), "Few examples: 0 of this unit's own");
    assert_said(joined(zh), "样本少");
    json_array_clear(en);
    outlook_reasons(&outlook, &outlook.prospect[1], zh, en);
    assert_said(joined(en), "the dispatcher (no unit) answers such cases");
    json_decref(zh);
    json_decref(en);
}

static void too_little_history_is_said(void **state)
{
    (void)state;
    outlook_finish(&outlook, -1);
    json_t *zh = json_array(), *en = json_array();
    outlook_accuracy(&outlook, zh, en);
    assert_said(joined(en), "0 cases, 0 of them late.Too little to say");
    assert_said(joined(zh), "数据太少");
    json_decref(zh);
    json_decref(en);
}

static const char *order_said(double order)
{
    outlook.judged = true;
    outlook.score.order = order;
    json_t *zh = json_array(), *en = json_array();
    outlook_accuracy(&outlook, zh, en);
    const char *text = joined(en);
    json_decref(zh);
    json_decref(en);
    return text;
}

static void it_says_when_it_knows_no_more_than_the_time(void **state)
{
    (void)state;
    outlook_finish(&outlook, -1);
    assert_said(order_said(0.51), "in 51 of 100 pairs (chance: 50): little more is known here than the time that is gone.");
    assert_said(order_said(0.74), "in 74 of 100 pairs (chance: 50).");
    assert_null(strstr(order_said(-1), "pairs"));
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(the_days_are_the_next_fifteen_working_days, begin, end),
                                       cmocka_unit_test_setup_teardown(open_cases_are_counted_by_the_day_they_fall_due, begin, end),
                                       cmocka_unit_test_setup_teardown(what_lies_beyond_is_later, begin, end),
                                       cmocka_unit_test_setup_teardown(what_falls_due_before_the_first_working_day_counts_to_it, begin, end),
                                       cmocka_unit_test_setup_teardown(the_most_probable_come_first, begin, end),
                                       cmocka_unit_test_setup_teardown(one_unit_alone_is_shown_by_the_pace_of_all, begin, end),
                                       cmocka_unit_test_setup_teardown(nothing_is_said_of_a_class_with_few_answers, begin, end),
                                       cmocka_unit_test_setup_teardown(reasons_name_the_numbers_they_rest_on, begin, end),
                                       cmocka_unit_test_setup_teardown(few_examples_are_said, begin, end),
                                       cmocka_unit_test_setup_teardown(too_little_history_is_said, begin, end),
                                       cmocka_unit_test_setup_teardown(it_says_when_it_knows_no_more_than_the_time, begin, end)};
    int failed = cmocka_run_group_tests_name("outlook", tests, NULL, NULL);
    ruleset_free(&book);
    life_close();
    return failed;
}
