/* Rates that hold in every minute, and places in the line behind a full one. */
#include "notify/endpoint.h"
#include "tests/unit/unit.h"

/* The most that a rate lets through in any 60 s: it is used as fast as it allows from the moment it is rested. */
static int64_t most_in_a_minute(int64_t interval_ms, int64_t burst)
{
    return burst + 60000 / interval_ms;
}

static void a_rate_never_allows_more_in_any_minute(void **state)
{
    (void)state;
    int64_t interval_ms, burst;
    endpoint_rate(0, &interval_ms, &burst);
    assert_int_equal(interval_ms, 0);
    for (int64_t rate = 2; rate <= 3000; rate++) {
        endpoint_rate(rate, &interval_ms, &burst);
        assert_true(burst >= 1 && burst <= ENDPOINT_BURST_MAX && interval_ms >= 1);
        assert_true(most_in_a_minute(interval_ms, burst) <= rate);
        if (rate >= 20) assert_true(most_in_a_minute(interval_ms, burst) >= rate * 9 / 10 || interval_ms < 200);
    }
    endpoint_rate(20, &interval_ms, &burst);
    assert_int_equal(most_in_a_minute(interval_ms, burst), 20);
}

static void booked_places_follow_the_speed_and_the_urgent_go_first(void **state)
{
    (void)state;
    struct endpoint endpoint = {.rate = 0.25, .interval_ms = 4000};
    assert_int_equal(endpoint_book(&endpoint, 2, 1000), 1000 + ENDPOINT_LINE_MIN_MS);
    assert_int_equal(endpoint_book(&endpoint, 2, 1000), 5000 + ENDPOINT_LINE_MIN_MS);
    assert_int_equal(endpoint_book(&endpoint, 1, 1000), 1000 + ENDPOINT_LINE_MIN_MS); /* before the reminders, */
    assert_int_equal(endpoint_book(&endpoint, 2, 1000), 13000 + ENDPOINT_LINE_MIN_MS); /* which it pushes back */
    assert_int_equal(endpoint_book(&endpoint, 0, 1000), 5000);
}

static void a_speed_that_is_a_guess_books_no_further_than_half_a_minute(void **state)
{
    (void)state;
    struct endpoint endpoint = {.rate = 10};
    int64_t last_ms = 0;
    for (int i = 0; i < 1000; i++) last_ms = endpoint_book(&endpoint, 2, 1000);
    assert_int_equal(last_ms, 1000 + ENDPOINT_LINE_MAX_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_rate_never_allows_more_in_any_minute),
                                       cmocka_unit_test(booked_places_follow_the_speed_and_the_urgent_go_first),
                                       cmocka_unit_test(a_speed_that_is_a_guess_books_no_further_than_half_a_minute)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
