/* Percentiles are right to a sixteenth, whatever the size. */
#include "common/histogram.h"
#include "tests/unit/unit.h"

static void percentiles_lie_within_a_sixteenth(void **state)
{
    static struct histogram histogram;
    (void)state;
    for (int64_t scale = 1; scale <= INT64_C(1000000000000); scale *= 1000) {
        histogram_clear(&histogram);
        for (int64_t i = 1; i <= 1000; i++) histogram_add(&histogram, i * scale);
        int64_t median = histogram_percentile(&histogram, 50), p99 = histogram_percentile(&histogram, 99);
        assert_true(median >= 500 * scale && median <= 500 * scale + 500 * scale / 16 + 1);
        assert_true(p99 >= 990 * scale && p99 <= 990 * scale + 990 * scale / 16 + 1);
    }
}

static void extremes_have_a_bucket(void **state)
{
    static struct histogram histogram;
    (void)state;
    assert_int_equal(histogram_percentile(&histogram, 99), 0);
    histogram_add(&histogram, -5);
    assert_int_equal(histogram_percentile(&histogram, 100), 0);
    histogram_add(&histogram, INT64_MAX);
    assert_true(histogram_percentile(&histogram, 100) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(percentiles_lie_within_a_sixteenth), cmocka_unit_test(extremes_have_a_bucket)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
