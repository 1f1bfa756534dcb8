/* When a breaker opens, probes and closes. */
#include "notify/breaker.h"
#include "tests/unit/unit.h"

static struct breaker breaker;

static void fail_at(int64_t now_ms)
{
    assert_true(breaker_lets(&breaker, now_ms));
    breaker_answered(&breaker, false, false, now_ms);
}

static void open_at(int64_t now_ms)
{
    breaker = (struct breaker){0};
    for (int i = 0; i < BREAKER_FAILURES; i++) fail_at(now_ms - BREAKER_SILENCE_MS);
    fail_at(now_ms);
}

static void a_burst_of_failures_does_not_open_it(void **state)
{
    (void)state;
    breaker = (struct breaker){0};
    for (int i = 0; i < 1000; i++) fail_at(1000 + i);
    assert_int_equal(breaker_opens_ms(&breaker, 2000), 0);
}

static void few_failures_do_not_open_it_however_long(void **state)
{
    (void)state;
    breaker = (struct breaker){0};
    for (int i = 0; i < BREAKER_FAILURES - 1; i++) fail_at(1000 + i * BREAKER_SILENCE_MS);
    assert_true(breaker_lets(&breaker, 1));
    breaker_answered(&breaker, true, false, 1);
    for (int i = 0; i < BREAKER_FAILURES - 1; i++) fail_at(1000 + i * BREAKER_SILENCE_MS);
}

static void open_it_lets_one_probe_at_a_time_at_growing_intervals(void **state)
{
    (void)state;
    int64_t now_ms = 100000, wait_ms = BREAKER_FIRST_MS;
    open_at(now_ms);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(breaker_opens_ms(&breaker, now_ms), now_ms + wait_ms);
        assert_false(breaker_lets(&breaker, now_ms + wait_ms - 1));
        now_ms += wait_ms;
        assert_int_equal(breaker_opens_ms(&breaker, now_ms), 0);
        assert_true(breaker_lets(&breaker, now_ms));
        assert_false(breaker_lets(&breaker, now_ms));
        assert_true(breaker_opens_ms(&breaker, now_ms) > now_ms);
        breaker_answered(&breaker, false, false, now_ms);
        wait_ms = wait_ms * 2 > BREAKER_MOST_MS ? BREAKER_MOST_MS : wait_ms * 2;
    }
    assert_int_equal(wait_ms, BREAKER_MOST_MS);
}

static void a_good_answer_closes_it_and_a_withheld_probe_leaves_its_place(void **state)
{
    (void)state;
    open_at(100000);
    int64_t now_ms = breaker.probe_ms;
    assert_true(breaker_lets(&breaker, now_ms));
    breaker_answered(&breaker, false, true, now_ms);
    assert_true(breaker_lets(&breaker, now_ms));
    breaker_answered(&breaker, true, false, now_ms);
    assert_int_equal(breaker_opens_ms(&breaker, now_ms), 0);
    assert_true(breaker_lets(&breaker, now_ms) && breaker_lets(&breaker, now_ms));
}

static void late_failures_of_before_do_not_lengthen_the_wait(void **state)
{
    (void)state;
    open_at(100000);
    int64_t probe_ms = breaker.probe_ms;
    for (int i = 0; i < 50; i++) breaker_answered(&breaker, false, false, 100001 + i);
    assert_int_equal(breaker.probe_ms, probe_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_burst_of_failures_does_not_open_it),
                                       cmocka_unit_test(few_failures_do_not_open_it_however_long),
                                       cmocka_unit_test(open_it_lets_one_probe_at_a_time_at_growing_intervals),
                                       cmocka_unit_test(a_good_answer_closes_it_and_a_withheld_probe_leaves_its_place),
                                       cmocka_unit_test(late_failures_of_before_do_not_lengthen_the_wait)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
