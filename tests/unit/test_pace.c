/* Shares of those still open, worked out by hand; and how the few lean on the many. */
#include "sla/pace.h"

#include <math.h>

#include "tests/unit/unit.h"

static struct peers *peers;
static struct pace *pace;

static const struct limit five_days = {LIMIT_WORKDAYS, 5};

static int begin(void **state)
{
    (void)state;
    peers = peers_new();
    pace = pace_new(peers);
    return 0;
}

static int end(void **state)
{
    (void)state;
    pace_free(pace);
    peers_free(peers);
    return 0;
}

static int unit(const char *name)
{
    return peers_of(peers, five_days, "general", (struct text){name, strlen(name)});
}

static void answered(const char *name, int step, int times)
{
    while (times-- > 0) pace_note(pace, unit(name), 0, step, true);
}

static void open_through(const char *name, int step, int times)
{
    while (times-- > 0) pace_note(pace, unit(name), 0, step + 1, false);
}

static struct course at(int step, double gone, int last)
{
    return (struct course){.stride = 1, .step = step, .last = last, .gone = gone};
}

#define assert_number(found, expected) assert_true(fabs((found) - (expected)) < 1e-9)

/* Ten cases. Step 1: 10 open, 4 answered. Step 2: 6 open, 3 answered; then one is out of sight. Step 3: 2 open, both answered. */
static void ten(void)
{
    answered("wuye", 1, 4);
    answered("wuye", 2, 3);
    open_through("wuye", 2, 1);
    answered("wuye", 3, 2);
    pace_close(pace);
}

static void kaplan_and_meier(void **state)
{
    (void)state;
    ten();
    int wuye = unit("wuye");
    static const int open[] = {10, 10, 6, 2, 0}, gone[] = {0, 4, 3, 2, 0};
    static const double share[] = {0, 0.4, 0.5, 1};
    for (int step = 0; step < 5; step++) {
        assert_int_equal(pace_open(pace, wuye, step), open[step]);
        assert_int_equal(pace_answered(pace, wuye, step), gone[step]);
        if (step < 4) assert_number(pace_share(pace, wuye, step), share[step]);
    }
    assert_int_equal(pace_answers(pace, wuye), 9);
}

static void what_is_left_is_the_product_of_those_left_at_each_step(void **state)
{
    (void)state;
    ten();
    struct course whole = at(0, 0, 2), second = at(2, 0, 2), third = at(1, 0, 3);
    assert_number(pace_late(pace, unit("wuye"), &whole), 0.6 * 0.5);
    assert_number(pace_late(pace, unit("wuye"), &second), 0.5);
    assert_number(pace_late(pace, unit("wuye"), &third), 0);
}

static void within_a_step_answers_come_evenly(void **state)
{
    (void)state;
    ten();
    struct course half = at(1, 0.5, 1), over = at(1, 1, 1), certain = at(3, 1, 3);
    assert_number(pace_late(pace, unit("wuye"), &half), 0.6 / 0.8); /* of 10 then 8 were open, and 6 stayed so */
    assert_number(pace_late(pace, unit("wuye"), &over), 1);
    assert_number(pace_late(pace, unit("wuye"), &certain), 1); /* all were answered, but this one is open */
}

static void the_median_lies_where_half_are_answered(void **state)
{
    (void)state;
    ten();
    assert_number(pace_median(pace, unit("wuye")), 1 + (0.6 - 0.5) / (0.6 - 0.3));
}

static void median_of_the_quick_and_of_the_endless(void **state)
{
    (void)state;
    answered("wuye", 0, 3);
    answered("wuye", 4, 3);
    pace_close(pace);
    assert_number(pace_median(pace, unit("wuye")), 0);
    pace_free(pace);
    pace = pace_new(peers);
    answered("wuye", 1, 1);
    open_through("wuye", COURSE_STEPS - 2, 3);
    pace_close(pace);
    assert_true(pace_median(pace, unit("wuye")) < 0);
}

/* Three cases of one unit, none answered on the first day, beside a hundred of another of which half are. */
static void a_unit_with_few_cases_leans_on_its_class(void **state)
{
    (void)state;
    answered("many", 1, 50);
    open_through("many", 5, 50);
    open_through("few", 5, 3);
    pace_close(pace);
    double all = 50.0 / 103, class = (50 + PACE_LEAN * all) / (103 + PACE_LEAN);
    assert_number(pace_share(pace, unit("few"), 1), (0 + PACE_LEAN * class) / (3 + PACE_LEAN));
    assert_true(pace_share(pace, unit("few"), 1) > 0.4);
    assert_number(pace_share(pace, unit("many"), 1), (50 + PACE_LEAN * class) / (100 + PACE_LEAN));
}

static void a_class_leans_on_all_that_count_in_the_same_steps(void **state)
{
    (void)state;
    static const struct limit hours = {LIMIT_WORK_HOURS, 5};
    int other_class = peers_of(peers, five_days, "other", TEXT("wuye")), other_limit = peers_of(peers, hours, "general", TEXT("wuye"));
    answered("wuye", 1, 40);
    pace_close(pace);
    assert_number(pace_share(pace, other_class, 1), 1);
    assert_number(pace_share(pace, other_limit, 1), 0);
    assert_true(pace_known(pace, unit("wuye")) && !pace_known(pace, other_class) && !pace_known(pace, other_limit));
}

static void a_case_counts_for_each_unit_while_it_was_there(void **state)
{
    (void)state;
    pace_note(pace, unit("first"), 0, 2, false);
    pace_note(pace, unit("second"), 2, 3, true);
    pace_close(pace);
    static const int first[] = {1, 1, 0, 0}, second[] = {0, 0, 1, 1};
    for (int step = 0; step < 4; step++) {
        assert_int_equal(pace_open(pace, unit("first"), step), first[step]);
        assert_int_equal(pace_open(pace, unit("second"), step), second[step]);
        assert_int_equal(pace_open(pace, peers_wider(peers, unit("first")), step), 1);
    }
    assert_int_equal(pace_answers(pace, unit("first")), 0);
    assert_int_equal(pace_answers(pace, unit("second")), 1);
}

static void what_was_seen_for_less_than_a_step_says_nothing(void **state)
{
    (void)state;
    pace_note(pace, unit("wuye"), 0, 0, false);
    pace_close(pace);
    assert_int_equal(pace_open(pace, unit("wuye"), 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kaplan_and_meier, begin, end),
        cmocka_unit_test_setup_teardown(what_is_left_is_the_product_of_those_left_at_each_step, begin, end),
        cmocka_unit_test_setup_teardown(within_a_step_answers_come_evenly, begin, end),
        cmocka_unit_test_setup_teardown(the_median_lies_where_half_are_answered, begin, end),
        cmocka_unit_test_setup_teardown(median_of_the_quick_and_of_the_endless, begin, end),
        cmocka_unit_test_setup_teardown(a_unit_with_few_cases_leans_on_its_class, begin, end),
        cmocka_unit_test_setup_teardown(a_class_leans_on_all_that_count_in_the_same_steps, begin, end),
        cmocka_unit_test_setup_teardown(a_case_counts_for_each_unit_while_it_was_there, begin, end),
        cmocka_unit_test_setup_teardown(what_was_seen_for_less_than_a_step_says_nothing, begin, end)};
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
