/* The check table of the domain reference, that counting back undoes counting forward, duty rosters, and every fault of a file. */
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
    assert_true(calendar_provisional(calendar, day("2026-12-31"), day("2027-01-01")));
    assert_true(calendar_provisional(calendar, day("2210-12-30"), day("2210-12-31")));
    assert_false(calendar_provisional(calendar, day("2009-12-31"), day("2010-01-04")));
    assert_int_equal(calendar_kind(calendar, day("2030-10-02")), DAY_HOLIDAY);
    assert_int_equal(calendar_kind(calendar, day("2030-10-04")), DAY_WORKDAY);
}

/* --- duty rosters --- */

static void other_days_count_on_a_roster(void **state)
{
    (void)state;
    const int32_t on[] = {day("2024-10-01"), day("2024-10-02")}, off[] = {day("2024-10-02"), day("2024-10-08")};
    struct calendar *duty = calendar_derive(calendar, 1u << DAY_WORKDAY | 1u << DAY_WEEKEND, on, 2, off, 2);
    assert_true(calendar_is_workday(duty, day("2024-10-01")));  /* a holiday, on */
    assert_false(calendar_is_workday(duty, day("2024-10-02"))); /* off goes before on */
    assert_false(calendar_is_workday(duty, day("2024-10-03")));
    assert_false(calendar_is_workday(duty, day("2024-10-08"))); /* a working day, off */
    assert_false(calendar_is_workday(duty, day("2024-10-12"))); /* a makeup day is of a kind of its own */
    assert_true(calendar_is_workday(duty, day("2024-10-13")));  /* a Sunday */
    assert_int_equal(calendar_kind(duty, day("2024-10-01")), DAY_HOLIDAY); /* what kind it is stays */
    assert_int_equal(calendar_workdays_between(duty, day("2024-10-01"), day("2024-10-14")), 5);
    assert_int_equal(calendar_add_workdays(duty, day("2024-09-30"), 2), day("2024-10-09"));
    assert_string_equal(calendar_version(duty), calendar_version(calendar));
    assert_string_equal(calendar_source(duty, 2024), calendar_source(calendar, 2024));
    assert_true(calendar_published(duty, 2024));
    assert_null(calendar_json(duty));
    calendar_free(duty);
    assert_false(calendar_is_workday(calendar, day("2024-10-01"))); /* its base is as it was */
}

/* --- at the ends of the index --- */

static void the_index_has_ends(void **state)
{
    (void)state;
    int32_t first = day("1999-01-01"), last = day("2210-12-31");
    assert_true(calendar_holds(first) && calendar_holds(last));
    assert_false(calendar_holds(first - 1) || calendar_holds(last + 1));
    assert_int_equal(calendar_last_day(), last);
    assert_int_equal(calendar_add_workdays(calendar, day("1999-01-05"), -100), first);
    assert_int_equal(calendar_add_workdays(calendar, day("2210-12-20"), 100), last);
    assert_int_equal(calendar_add_workdays(calendar, day("2024-10-05"), 0), day("2024-10-05"));
    assert_int_equal(calendar_workdays_between(calendar, day("2024-10-09"), day("2024-10-08")), 0);
    assert_false(calendar_provisional(calendar, day("2030-01-01"), day("2030-01-01")));
    assert_true(calendar_published(calendar, 2010));
    assert_false(calendar_published(calendar, 2009) || calendar_published(calendar, 1998) || calendar_published(calendar, 2211));
    assert_null(calendar_source(calendar, 1998));
    assert_null(calendar_source(calendar, 2211));
    assert_null(calendar_source(calendar, 2030));
    assert_string_equal(day_kind_name(DAY_MAKEUP_WORKDAY), "makeup_workday");
}

static void backwards_skips_what_does_not_count(void **state)
{
    (void)state;
    assert_int_equal(calendar_add_workdays(calendar, day("2024-10-08"), -1), day("2024-09-30"));
    assert_int_equal(calendar_add_workdays(calendar, day("2024-10-05"), -1), day("2024-09-30"));
    assert_int_equal(calendar_add_workdays(calendar, day("2024-10-08"), -2), day("2024-09-29"));
}

/* --- faults of a file --- */

static void assert_refused(const char *quoted, const char *expected)
{
    char error[256], text[512];
    snprintf(text, sizeof text, "%s", quoted);
    for (char *c = text; *c; c++) *c = *c == '\'' ? '"' : *c;
    struct calendar *refused = calendar_parse(text, strlen(text), "c.json", error, sizeof error);
    if (refused) fail_msg("%s is taken", text);
    assert_string_equal(error, expected);
}

#define YEARS(years) "{'calendar': 'c', 'version': '1', 'provisional_holidays': ['01-01'], 'years': " years "}"
#define YEAR(more) YEARS("[{'year': 2024, " more "}]")

static void slips_are_refused(void **state)
{
    (void)state;
    assert_refused("[]", "c.json: expected an object");
    assert_refused("{'calendar': 'c', 'versions': 1}", "c.json: unknown field \"versions\"");
    assert_refused("{'version': '1'}", "c.json: calendar: expected text of 1 to 63 bytes");
    assert_refused("{'calendar': 'c'}", "c.json: version: expected text of 1 to 31 bytes");
    assert_refused("{'calendar': 'c', 'version': '1'}", "c.json: years: expected an array");
    assert_refused("{'calendar': 'c', 'version': '1', 'years': []}", "c.json: provisional_holidays: expected an array of \"MM-DD\"");
    assert_refused("{'calendar': 'c', 'version': '1', 'years': [], 'provisional_holidays': ['02-29']}", "c.json: provisional_holidays[0]: expected a date \"MM-DD\" of 1999");
    assert_refused(YEARS("['2024']"), "c.json: years[0]: expected an object");
    assert_refused(YEAR("'days': []"), "c.json: years[0]: unknown field \"days\"");
    assert_refused(YEARS("[{'year': 1998}]"), "c.json: years[0]: year: expected a whole number from 1999 to 2210");
    assert_refused(YEARS("[{'year': '2024'}]"), "c.json: years[0]: year: expected a whole number from 1999 to 2210");
    assert_refused(YEAR("'source': 5"), "c.json: years[0]: source: expected text or null");
    assert_refused(YEAR("'holidays': 5"), "c.json: years[0]: holidays: expected an array of \"MM-DD\"");
    assert_refused(YEAR("'holidays': []"), "c.json: years[0]: makeup_workdays: expected an array of \"MM-DD\"");
    assert_refused(YEAR("'holidays': ['02-30']"), "c.json: years[0]: holidays[0]: expected a date \"MM-DD\" of 2024");
    assert_refused(YEAR("'holidays': ['2-30']"), "c.json: years[0]: holidays[0]: expected a date \"MM-DD\" of 2024");
    assert_refused(YEAR("'holidays': [230]"), "c.json: years[0]: holidays[0]: expected a date \"MM-DD\" of 2024");
    assert_refused(YEAR("'holidays': ['10-01', '10-01']"), "c.json: years[0]: holidays[1]: named twice");
    assert_refused(YEAR("'holidays': ['10-01'], 'makeup_workdays': ['10-12', '10-01']"), "c.json: years[0]: makeup_workdays[1]: named twice");
    assert_refused(YEAR("'holidays': [], 'makeup_workdays': ['10-12', '10-12']"), "c.json: years[0]: makeup_workdays[1]: named twice");
    assert_refused(YEARS("[{'year': 2024, 'holidays': [], 'makeup_workdays': []}, {'year': 2024}]"), "c.json: years[1]: year: 2024 is there twice");
    assert_refused("{", "c.json: line 1: string or '}' expected near end of file");
}

static void a_small_file_will_do(void **state)
{
    (void)state;
    char error[256];
    static const char text[] = "{\"calendar\": \"c\", \"version\": \"1\", \"title\": null, \"provisional_holidays\": [\"01-01\", \"01-01\"], \"years\":"
                               " [{\"year\": 2024, \"source\": null, \"holidays\": [\"09-02\"], \"makeup_workdays\": [\"09-07\"]}]}";
    struct calendar *small = calendar_parse(text, sizeof text - 1, "c.json", error, sizeof error);
    if (!small) fail_msg("%s", error);
    assert_string_equal(calendar_version(small), "c 1");
    assert_null(calendar_source(small, 2024));
    assert_int_equal(calendar_kind(small, day("2024-01-01")), DAY_WORKDAY); /* a published year has its own */
    assert_int_equal(calendar_kind(small, day("2025-01-01")), DAY_HOLIDAY);
    assert_int_equal(calendar_add_workdays(small, day("2024-09-01"), 5), day("2024-09-07"));
    assert_non_null(strstr(calendar_json(small), "\"title\":null"));
    calendar_free(small);
    calendar_free(NULL);
    assert_null(calendar_load("/nonexistent/calendar.json", error, sizeof error));
    assert_non_null(strstr(error, "/nonexistent/calendar.json: unable to open"));
}

int main(void)
{
    char error[256];
    calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    if (!calendar) return fprintf(stderr, "%s\n", error), 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_table), cmocka_unit_test(years_have_their_working_days),
        cmocka_unit_test(forward_and_back_are_inverse), cmocka_unit_test(unpublished_years_are_provisional),
        cmocka_unit_test(other_days_count_on_a_roster), cmocka_unit_test(the_index_has_ends), cmocka_unit_test(backwards_skips_what_does_not_count),
        cmocka_unit_test(slips_are_refused), cmocka_unit_test(a_small_file_will_do)};
    int failed = cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
    calendar_free(calendar);
    return failed;
}
