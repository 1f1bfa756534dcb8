/* The check table of the domain reference, and that counting back undoes counting forward. */
#include "common/zone.h"
#include "sla/calendar.h"
#include "tests/unit/unit.h"

static struct calendar *calendar;

static int32_t day(const char *text)
{
    int32_t d;
    assert_true(day_parse(text, 10, &d));
    return d;
}

static void check_table(void **state)
{
    (void)state;
    static const char *const table[][4] = {
        {"2024-02-08", "2024-02-09", "2024-02-21", "2024-03-06"}, {"2024-02-10", "2024-02-18", "2024-02-22", "2024-03-07"},
        {"2024-09-30", "2024-10-08", "2024-10-12", "2024-10-25"}, {"2025-01-24", "2025-01-26", "2025-02-07", "2025-02-20"},
        {"2025-09-26", "2025-09-28", "2025-10-10", "2025-10-23"}, {"2025-12-31", "2026-01-04", "2026-01-08", "2026-01-22"},
        {"2026-09-30", "2026-10-08", "2026-10-13", "2026-10-27"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(calendar_add_workdays(calendar, day(table[i][0]), 1), day(table[i][1]));
        assert_int_equal(calendar_add_workdays(calendar, day(table[i][0]), 5), day(table[i][2]));
        assert_int_equal(calendar_add_workdays(calendar, day(table[i][0]), 15), day(table[i][3]));
    }
}

static void years_have_their_working_days(void **state)
{
    (void)state;
    assert_int_equal(calendar_workdays_between(calendar, day("2024-01-01"), day("2025-01-01")), 251);
    assert_int_equal(calendar_workdays_between(calendar, day("2025-01-01"), day("2026-01-01")), 248);
    assert_int_equal(calendar_workdays_between(calendar, day("2026-01-01"), day("2027-01-01")), 248);
}

static void forward_and_back_are_inverse(void **state)
{
    (void)state;
    for (int32_t d = day("2000-01-01"); d < day("2199-12-31"); d += 3) {
        if (!calendar_is_workday(calendar, d)) continue;
        for (int32_t n = 1; n < 300; n += 37) {
            int32_t there = calendar_add_workdays(calendar, d, n);
            assert_int_equal(calendar_add_workdays(calendar, there, -n), d);
            assert_int_equal(calendar_workdays_between(calendar, d, there), n);
        }
    }
}

static void unpublished_years_are_provisional(void **state)
{
    (void)state;
    assert_false(calendar_provisional(calendar, day("2026-12-24"), day("2026-12-31")));
    assert_true(calendar_provisional(calendar, day("2026-12-31"), day("2027-01-04")));
    assert_false(calendar_provisional(calendar, day("2009-12-31"), day("2010-01-04")));
    assert_int_equal(calendar_kind(calendar, day("2030-10-02")), DAY_HOLIDAY);
    assert_int_equal(calendar_kind(calendar, day("2030-10-04")), DAY_WORKDAY);
}

int main(void)
{
    char error[256];
    calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    if (!calendar) return fprintf(stderr, "%s\n", error), 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_table), cmocka_unit_test(years_have_their_working_days),
        cmocka_unit_test(forward_and_back_are_inverse), cmocka_unit_test(unpublished_years_are_provisional)};
    int failed = cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
    calendar_free(calendar);
    return failed;
}
