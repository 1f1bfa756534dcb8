/* One clock of a case, step by step (common/clock.h's time of day is test_clock.c's). 2024-09-30 is a Monday
 * before a week of holiday; 10-08 to 10-12 are working days, 10-13 is none. */
#include "sla/clock.h"
#include "sla/clock_days.h"

#include "tests/unit/dice.h"
#include "tests/unit/rulebook.h"

#define START "2024-09-30T10:15:00+08:00"
#define OWN(name, more) "{'clock': '" name "', " more ", 'starts': 'receipt', 'suspends': true, 'extends': true}"

/* A clock of every unit, and classes to move to. */
#define CLOCKS                                                                                                                        \
    COUNTING(LUNCH ", 'outside_hours': 'next-opening'") ", " DUTY ", " CLASSES(                                                        \
        CLASS("general", MAIN("'limit_workdays': 5") ", " OWN("days", "'limit_days': 3") ", "                                         \
              OWN("stays", "'limit_days': 3, 'counting': {'last_rest_day': 'stays'}") ", "                                            \
              OWN("work-hours", "'limit_work_hours': 8") ", "                                                                         \
              OWN("hours", "'limit_hours': 30, 'counting': {'outside_hours': 'as-received'}")) ", "                                   \
        CLASS("strict", "{'clock': 'answer', 'limit_work_hours': 8, 'ladder': 'steps', 'starts': 'each-round', " ENDS                 \
              ", 'suspends': true, 'extends': true}") ", "                                                                            \
        CLASS("long", MAIN("'limit_workdays': 15"))) ", 'ladders': {'steps': [{'step': 'overdue', 'overdue': true, 'to': ['handler']}]}"

static struct clock clock_of(const char *class, const char *name, const char *at)
{
    struct clock clock;
    clock_start(&clock, rule_named(class, name), &life.rules, 1, ms(at));
    return clock;
}

static struct clock started(const char *name)
{
    return clock_of("general", name, START);
}

static void a_clock_starts_running(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = started("answer");
    assert_true(clock_live(&clock));
    assert_false(clock_suspended(&clock));
    assert_int_equal(clock.outcome, CLOCK_RUNNING);
    assert_instant(clock.started_ms, START);
    assert_instant(clock.begin_ms, START);
    assert_instant(clock.deadline_ms, "2024-10-13T00:00:00+08:00");
    assert_true(clock.ours_ms == clock.deadline_ms);
    assert_ptr_equal(clock.ladder, clock.rule);
    clock = clock_of("general", "answer", "2024-09-30T19:00:00+08:00");
    assert_instant(clock.started_ms, "2024-09-30T19:00:00+08:00");
    assert_instant(clock.begin_ms, "2024-10-08T09:00:00+08:00");
    assert_day(clock.last_day, "2024-10-14");
}

static void it_is_provisional_in_a_year_without_calendar(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = clock_of("general", "answer", "2026-12-21T10:00:00+08:00");
    assert_false(clock.provisional);
    clock = clock_of("general", "answer", "2026-12-28T10:00:00+08:00");
    assert_day(clock.last_day, "2027-01-05");
    assert_true(clock.provisional);
}

static void stopped_at_the_deadline_it_is_met(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_stop(&clock, &life.rules, clock.deadline_ms);
    assert_int_equal(clock.outcome, CLOCK_MET);
    assert_int_equal(clock.overdue_ms, 0);
    assert_false(clock_live(&clock));
    assert_true(clock_look(&clock, INT64_MAX) == INT64_MAX);
    assert_int_equal(clock.outcome, CLOCK_MET);
    clock = started("answer");
    clock_stop(&clock, &life.rules, clock.deadline_ms + 2);
    assert_int_equal(clock.outcome, CLOCK_MISSED);
    assert_int_equal(clock.overdue_ms, 2);
    clock = started("answer");
    clock_cancel(&clock, &life.rules, clock.deadline_ms + 2);
    assert_int_equal(clock.outcome, CLOCK_CANCELLED);
    assert_int_equal(clock.stopped_ms, 0);
    assert_int_equal(clock.overdue_ms, 0);
}

static void looked_at_it_says_when_it_changes(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = started("answer");
    int64_t deadline_ms = clock.deadline_ms;
    assert_true(clock_look(&clock, deadline_ms) == deadline_ms + 1);
    assert_int_equal(clock.outcome, CLOCK_RUNNING);
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    assert_true(clock_look(&clock, deadline_ms + 1) == INT64_MAX);
    assert_int_equal(clock.outcome, CLOCK_SUSPENDED);
    clock = started("answer");
    assert_true(clock_look(&clock, deadline_ms + 5) == INT64_MAX);
    assert_int_equal(clock.outcome, CLOCK_OVERDUE);
    assert_int_equal(clock.overdue_ms, 5);
}

static void a_rest_is_added_in_the_clocks_own_unit(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    static const struct {
        const char *name;
        int64_t gained;
        const char *deadline;
    } rests[] = {{"answer", 2, "2024-10-16T00:00:00+08:00"},
                 {"days", 9, "2024-10-13T00:00:00+08:00"},
                 {"stays", 9, "2024-10-13T00:00:00+08:00"},
                 {"work-hours", (90 + 390 + 60) * 60000, "2024-10-09T16:15:00+08:00"}, /* 4.25 h were left at 16:00 */
                 {"hours", INT64_C(210) * 3600000, "2024-10-10T10:15:00+08:00"}};
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        struct clock clock = started(rests[i].name);
        clock_suspend(&clock, ms("2024-09-30T16:00:00+08:00"), false);
        assert_true(clock_suspended(&clock));
        clock_resume(&clock, &life.rules, ms("2024-10-09T10:00:00+08:00"));
        assert_false(clock_suspended(&clock));
        assert_int_equal(clock.gained, rests[i].gained);
        assert_instant(clock.deadline_ms, rests[i].deadline);
        clock_resume(&clock, &life.rules, ms("2024-10-19T10:00:00+08:00")); /* nothing rests */
        assert_instant(clock.deadline_ms, rests[i].deadline);
    }
}

static void what_ends_at_rest_has_its_rest_counted(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    clock_stop(&clock, &life.rules, ms("2024-10-14T09:00:00+08:00"));
    assert_int_equal(clock.gained, 5);
    assert_int_equal(clock.outcome, CLOCK_MET);
    clock = started("answer");
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    clock_cancel(&clock, &life.rules, ms("2024-10-14T09:00:00+08:00"));
    assert_false(clock_suspended(&clock));
    assert_day(clock.last_day, "2024-10-18");
}

static void what_restarts_has_its_whole_limit_and_its_extensions(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    clock_resume(&clock, &life.rules, ms("2024-10-09T09:00:00+08:00"));
    clock_extend(&clock, &life.rules, 2);
    clock_suspend(&clock, ms("2024-10-10T09:00:00+08:00"), true);
    clock_resume(&clock, &life.rules, ms("2024-10-14T20:00:00+08:00")); /* a Monday, after closing */
    assert_int_equal(clock.gained, 0);
    assert_int_equal(clock.extended_days, 2);
    assert_instant(clock.begin_ms, "2024-10-15T09:00:00+08:00");
    assert_day(clock.last_day, "2024-10-24"); /* seven working days after the 15th */
}

static void the_ladder_is_the_new_rules_even_where_its_limit_is_not(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    const struct policy_clock *strict = rule_named("strict", "answer"), *longer = rule_named("long", "answer");
    int64_t at_ms = ms("2024-10-10T17:00:00+08:00");
    struct clock clock = started("answer"), other = clock;
    clock_extend(&clock, &life.rules, 1);
    clock_take_rule(&clock, strict, &life.rules, at_ms, true, 0, true);
    assert_ptr_equal(clock.rule, strict); /* 2024-10-12T11:30 comes before the 14th */
    assert_int_equal(clock.extended_days, 0);
    assert_instant(clock.begin_ms, "2024-10-10T17:00:00+08:00");
    assert_instant(clock.deadline_ms, "2024-10-12T10:00:00+08:00");
    assert_instant(clock.started_ms, START);
    clock = other;
    clock_take_rule(&clock, longer, &life.rules, at_ms, true, 0, true);
    assert_ptr_equal(clock.rule, other.rule);
    assert_ptr_equal(clock.ladder, longer);
    assert_true(clock.deadline_ms == other.deadline_ms);
    clock_take_rule(&clock, longer, &life.rules, at_ms, true, 0, false);
    assert_ptr_equal(clock.rule, longer);
    assert_day(clock.last_day, "2024-10-30");
}

static void counted_from_where_it_was_it_keeps_what_was_added(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_extend(&clock, &life.rules, 1);
    clock_take_rule(&clock, rule_named("long", "answer"), &life.rules, ms("2024-10-10T17:00:00+08:00"), false, 2, false);
    assert_int_equal(clock.gained, 2);
    assert_int_equal(clock.extended_days, 1);
    assert_instant(clock.begin_ms, START);
    assert_day(clock.last_day, "2024-10-30"); /* 18 working days after 09-30 */
}

/* --- the platform's own deadline --- */

static void assert_due_counts(const char *due, const char *stated, const char *deadline, const char *last_day)
{
    char members[4096];
    snprintf(members, sizeof members, "%s, 'due': '%s'", CLOCKS, due);
    rulebook(members, "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_state_due(&clock, &life.rules, clock.started_ms, ms(stated));
    assert_instant(clock.ours_ms, "2024-10-13T00:00:00+08:00");
    assert_instant(clock.theirs_ms, stated);
    assert_instant(clock.deadline_ms, deadline);
    assert_day(clock.last_day, last_day);
}

static void the_policy_says_whose_deadline_counts(void **state)
{
    (void)state;
    assert_due_counts("ours", "2024-10-11T17:00:00+08:00", "2024-10-13T00:00:00+08:00", "2024-10-12");
    assert_due_counts("theirs", "2024-10-11T17:00:00+08:00", "2024-10-11T17:00:00+08:00", "2024-10-11");
    assert_due_counts("theirs", "2024-10-15T00:00:00+08:00", "2024-10-15T00:00:00+08:00", "2024-10-14");
    assert_due_counts("earlier", "2024-10-11T17:00:00+08:00", "2024-10-11T17:00:00+08:00", "2024-10-11");
    assert_due_counts("earlier", "2024-10-15T00:00:00+08:00", "2024-10-13T00:00:00+08:00", "2024-10-12");
}

static void theirs_moves_with_what_comes_after_it(void **state)
{
    (void)state;
    rulebook(CLOCKS ", 'due': 'theirs'", "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_extend(&clock, &life.rules, 1);
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    clock_resume(&clock, &life.rules, ms("2024-10-09T09:00:00+08:00"));
    clock_state_due(&clock, &life.rules, ms("2024-10-09T09:00:00+08:00"), ms("2024-10-11T17:00:00+08:00"));
    assert_instant(clock.deadline_ms, "2024-10-11T17:00:00+08:00");
    assert_instant(clock.ours_ms, "2024-10-16T00:00:00+08:00");
    clock_extend(&clock, &life.rules, 1);
    assert_instant(clock.deadline_ms, "2024-10-12T17:00:00+08:00");
    clock_suspend(&clock, ms("2024-10-10T09:00:00+08:00"), false);
    clock_resume(&clock, &life.rules, ms("2024-10-11T09:00:00+08:00"));
    assert_instant(clock.deadline_ms, "2024-10-14T17:00:00+08:00");
    assert_instant(clock.ours_ms, "2024-10-18T00:00:00+08:00");
}

static void stated_again_it_is_as_stated(void **state)
{
    (void)state;
    rulebook(CLOCKS ", 'due': 'theirs'", "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_state_due(&clock, &life.rules, clock.started_ms, ms("2024-10-10T17:00:00+08:00"));
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    clock_resume(&clock, &life.rules, ms("2024-10-09T09:00:00+08:00"));
    assert_instant(clock.deadline_ms, "2024-10-11T17:00:00+08:00");
    clock_state_due(&clock, &life.rules, ms("2024-10-09T10:00:00+08:00"), ms("2024-10-10T12:00:00+08:00"));
    assert_instant(clock.deadline_ms, "2024-10-10T12:00:00+08:00");
}

/* Stated while the clock rests, it is moved by the rest of the rest. */
static void stated_at_rest_it_moves_by_what_is_left(void **state)
{
    (void)state;
    rulebook(CLOCKS ", 'due': 'theirs', 'suspension': {'reasons': [{'reason': 'correction', 'then': 'restarts'}]}", "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    clock_state_due(&clock, &life.rules, ms("2024-10-09T09:00:00+08:00"), ms("2024-10-11T17:00:00+08:00"));
    clock_resume(&clock, &life.rules, ms("2024-10-10T09:00:00+08:00"));
    assert_instant(clock.deadline_ms, "2024-10-12T17:00:00+08:00");
    assert_day(zone_day(&book.zone, clock.ours_ms - 1), "2024-10-15");
    clock_suspend(&clock, ms("2024-10-11T09:00:00+08:00"), true); /* ours begins anew, theirs is moved */
    clock_resume(&clock, &life.rules, ms("2024-10-12T09:00:00+08:00"));
    assert_instant(clock.deadline_ms, "2024-10-14T17:00:00+08:00");
    assert_day(zone_day(&book.zone, clock.ours_ms - 1), "2024-10-18");
}

static void under_another_rule_theirs_stays_where_it_was_moved(void **state)
{
    (void)state;
    rulebook(CLOCKS ", 'due': 'theirs'", "Asia/Shanghai");
    for (int from_event = 0; from_event < 2; from_event++) {
        struct clock clock = started("answer");
        clock_state_due(&clock, &life.rules, clock.started_ms, ms("2024-10-08T17:00:00+08:00"));
        clock_extend(&clock, &life.rules, 1);
        clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
        clock_resume(&clock, &life.rules, ms("2024-10-09T09:00:00+08:00"));
        assert_instant(clock.deadline_ms, "2024-10-10T17:00:00+08:00");
        clock_take_rule(&clock, rule_named("long", "answer"), &life.rules, ms("2024-10-09T10:00:00+08:00"), from_event, clock.gained, false);
        assert_instant(clock.deadline_ms, "2024-10-10T17:00:00+08:00");
        assert_int_equal(clock.rule->limit.amount, 15);
        clock_extend(&clock, &life.rules, 1);
        assert_instant(clock.deadline_ms, "2024-10-11T17:00:00+08:00");
        clock_suspend(&clock, ms("2024-10-10T09:00:00+08:00"), false);
        clock_resume(&clock, &life.rules, ms("2024-10-11T09:00:00+08:00"));
        assert_instant(clock.deadline_ms, "2024-10-12T17:00:00+08:00");
    }
}

static void a_deadline_as_early_is_not_earlier(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = clock_of("long", "answer", START);
    const struct policy_clock *same = rule_named("general", "answer");
    clock_extend(&clock, &life.rules, -10); /* five days are left, as under the other rule from the same start */
    clock_take_rule(&clock, same, &life.rules, ms(START), true, 0, true);
    assert_int_equal(clock.rule->limit.amount, 15);
    assert_ptr_equal(clock.ladder, same);
}

static void a_rule_taken_at_rest_rests_on_where_it_may(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    struct clock clock = started("answer");
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    clock_take_rule(&clock, rule_named("long", "answer"), &life.rules, ms("2024-10-09T09:00:00+08:00"), false, 0, false);
    assert_true(clock_suspended(&clock));
    clock_resume(&clock, &life.rules, ms("2024-10-10T09:00:00+08:00"));
    assert_int_equal(clock.gained, 2);
    rulebook(CLOCKS ", 'due': 'theirs'", "Asia/Shanghai");
    clock = started("answer"); /* theirs has moved until then, and moves by the rest of the rest */
    clock_state_due(&clock, &life.rules, clock.started_ms, ms("2024-10-08T17:00:00+08:00"));
    clock_suspend(&clock, ms("2024-10-08T09:00:00+08:00"), false);
    clock_take_rule(&clock, rule_named("long", "answer"), &life.rules, ms("2024-10-10T09:00:00+08:00"), false, 0, false);
    clock_resume(&clock, &life.rules, ms("2024-10-11T09:00:00+08:00"));
    assert_instant(clock.theirs_ms, "2024-10-11T17:00:00+08:00");
}

/* --- day by day --- */

static void assert_days(const char *name, const char *expected)
{
    struct clock clock = started(name);
    json_t *days = clock_days_to_json(&clock, &life.rules, true), *day;
    char text[4096] = "", one[80];
    size_t i;
    json_array_foreach(days, i, day) {
        json_t *counted_ms = json_object_get(day, "counted_ms");
        snprintf(one, sizeof one, "%s%s", i ? " " : "", json_string_value(json_object_get(day, "date")) + 8);
        text_append(text, sizeof text, one);
        snprintf(one, sizeof one, ":%lldm", (long long)json_integer_value(counted_ms) / 60000);
        if (counted_ms) text_append(text, sizeof text, one);
        else if (json_is_true(json_object_get(day, "counted"))) text_append(text, sizeof text, "+");
    }
    json_decref(days);
    assert_string_equal(text, expected);
}

static void the_days_are_told_one_by_one(void **state)
{
    (void)state;
    rulebook(CLOCKS, "Asia/Shanghai");
    assert_days("answer", "30 01 02 03 04 05 06 07 08+ 09+ 10+ 11+ 12+");
    assert_days("days", "30 01+ 02+ 03+ 04 05 06 07 08");
    assert_days("stays", "30 01+ 02+ 03+");
    assert_days("work-hours", "30:315m 01:0m 02:0m 03:0m 04:0m 05:0m 06:0m 07:0m 08:165m");
    assert_days("hours", "30:825m 01:975m");
    struct clock clock = started("days");
    clock_extend(&clock, &life.rules, 2);
    assert_day(clock.last_day, "2024-10-10");
    assert_false(clock_day(&clock, &life.rules, day("2024-10-08")).counted); /* the last day moved there */
    assert_true(clock_day(&clock, &life.rules, day("2024-10-09")).counted);
    clock = started("stays");
    clock_extend(&clock, &life.rules, 1);
    assert_true(clock_day(&clock, &life.rules, day("2024-10-08")).counted);
    json_t *days = clock_days_to_json(&clock, &life.rules, false);
    assert_string_equal(json_string_value(json_object_get(json_array_get(days, 1), "kind")), "holiday");
    json_decref(days);
}

/* What its days add up to is its limit and what was added to it. */
static void the_days_add_up_to_the_limit(void **state)
{
    (void)state;
    static const char *const names[] = {"answer", "days", "stays", "work-hours", "hours"};
    rulebook(CLOCKS, "Asia/Shanghai");
    for (int i = 0; i < 1000; i++) {
        struct clock clock;
        int64_t sum = 0, sum_ms = 0, at_ms = draw_ms(ms("2020-01-01T00:00:00Z"), ms("2026-01-01T00:00:00Z"));
        clock_start(&clock, rule_named("general", names[i % 5]), &life.rules, 1, at_ms);
        enum limit_unit unit = clock.rule->limit.unit;
        if (unit < LIMIT_WORK_HOURS) {
            clock_extend(&clock, &life.rules, (int32_t)draw(4));
            clock_suspend(&clock, at_ms, false);
            clock_resume(&clock, &life.rules, draw_ms(at_ms, at_ms + INT64_C(20) * DAY_MS));
        }
        for (int32_t day = zone_day(&book.zone, at_ms); day <= clock.last_day; day++) {
            struct clock_day one = clock_day(&clock, &life.rules, day);
            sum += one.counted;
            sum_ms += one.counted_ms;
            assert_true(one.counted || one.counted_ms == 0);
        }
        if (unit < LIMIT_WORK_HOURS) assert_int_equal(sum, clock.rule->limit.amount + clock.gained + clock.extended_days);
        else assert_int_equal(sum_ms, clock.rule->limit.amount * INT64_C(3600000));
    }
}

static void outcomes_have_names(void **state)
{
    (void)state;
    assert_string_equal(clock_outcome_name(CLOCK_RUNNING), "running");
    assert_string_equal(clock_outcome_name(CLOCK_CANCELLED), "cancelled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_starts_running), cmocka_unit_test(it_is_provisional_in_a_year_without_calendar),
        cmocka_unit_test(stopped_at_the_deadline_it_is_met), cmocka_unit_test(looked_at_it_says_when_it_changes),
        cmocka_unit_test(a_rest_is_added_in_the_clocks_own_unit), cmocka_unit_test(what_ends_at_rest_has_its_rest_counted),
        cmocka_unit_test(what_restarts_has_its_whole_limit_and_its_extensions),
        cmocka_unit_test(the_ladder_is_the_new_rules_even_where_its_limit_is_not),
        cmocka_unit_test(counted_from_where_it_was_it_keeps_what_was_added), cmocka_unit_test(the_policy_says_whose_deadline_counts),
        cmocka_unit_test(theirs_moves_with_what_comes_after_it),
        cmocka_unit_test(stated_again_it_is_as_stated), cmocka_unit_test(stated_at_rest_it_moves_by_what_is_left),
        cmocka_unit_test(under_another_rule_theirs_stays_where_it_was_moved), cmocka_unit_test(a_deadline_as_early_is_not_earlier),
        cmocka_unit_test(a_rule_taken_at_rest_rests_on_where_it_may), cmocka_unit_test(the_days_are_told_one_by_one),
        cmocka_unit_test(the_days_add_up_to_the_limit), cmocka_unit_test(outcomes_have_names)};
    int failed = cmocka_run_group_tests_name("case_clock", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
