/* Waits by the list, with jitter and what the endpoint asks for. */
#include "notify/backoff.h"
#include "tests/unit/unit.h"

static int64_t waits_ms[] = {0, 5000, 300000};
static const struct config_spans retry = {waits_ms, 3};

static void as_many_attempts_as_entries(void **state)
{
    (void)state;
    assert_int_equal(backoff_wait_ms(&retry, 0, 0, 0), 0);
    assert_int_equal(backoff_wait_ms(&retry, 1, 0, 0), 5000);
    assert_int_equal(backoff_wait_ms(&retry, 2, 0, 0), 300000);
    assert_int_equal(backoff_wait_ms(&retry, 3, 0, 0), -1);
    assert_int_equal(backoff_wait_ms(&retry, 3, 60000, 0), -1);
}

static void jitter_adds_up_to_a_fifth(void **state)
{
    int64_t least = INT64_MAX, most = 0;
    (void)state;
    for (uint32_t dice = 0; dice < 5000; dice++) {
        int64_t wait_ms = backoff_wait_ms(&retry, 2, 0, dice);
        least = wait_ms < least ? wait_ms : least;
        most = wait_ms > most ? wait_ms : most;
    }
    assert_int_equal(least, 300000);
    assert_int_equal(most, 360000);
}

static void retry_after_is_honoured_up_to_a_day(void **state)
{
    (void)state;
    assert_int_equal(backoff_wait_ms(&retry, 1, 60000, 0), 60000);
    assert_int_equal(backoff_wait_ms(&retry, 2, 1000, 0), 300000);
    assert_int_equal(backoff_wait_ms(&retry, 1, INT64_C(1) << 40, 0), BACKOFF_RETRY_AFTER_MAX_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_many_attempts_as_entries), cmocka_unit_test(jitter_adds_up_to_a_fifth),
                                       cmocka_unit_test(retry_after_is_honoured_up_to_a_day)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
