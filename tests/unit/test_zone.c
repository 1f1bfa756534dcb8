/* Offsets, days and their instants, also where clocks change; times as text. */
#include "common/zone.h"
#include "tests/unit/unit.h"

static struct zone shanghai, newyork;

static int64_t at(const char *text)
{
    int64_t at_ms;
    const char *reason = instant_parse(text, strlen(text), &at_ms);
    if (reason) fail_msg("%s: %s", text, reason);
    return at_ms;
}

static int32_t day(const char *text)
{
    int32_t d;
    assert_true(day_parse(text, 10, &d));
    return d;
}

static void prints(const struct zone *zone, const char *instant, const char *wanted)
{
    char text[INSTANT_TEXT_BYTES];
    assert_int_equal(instant_print(text, zone, at(instant)), strlen(wanted));
    assert_string_equal(text, wanted);
}

static void zones_load_or_not(void **state)
{
    (void)state;
    static const char *const none[] = {"", "Asia/Nowhere", "/etc/localtime", "../zoneinfo/Asia/Shanghai"};
    struct zone zone;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_false(zone_load(&zone, none[i]));
    assert_false(zone_load(&zone, "America/Argentina/Somewhere/Whose/Name/Is/Longer/Than/There/Is/Room"));
    setenv("TZ", "America/New_York", 1);
    assert_true(zone_load(&zone, "UTC"));
    assert_string_equal(getenv("TZ"), "America/New_York");
    assert_int_equal(zone_offset_ms(&zone, at("2024-07-01T00:00:00Z")), 0);
    unsetenv("TZ");
    assert_true(zone_load(&zone, "Asia/Shanghai"));
    assert_null(getenv("TZ"));
}

static void shanghai_is_eight_hours_ahead(void **state)
{
    (void)state;
    prints(&shanghai, "2024-09-30T02:15:00Z", "2024-09-30T10:15:00+08:00");
    prints(&shanghai, "2199-07-31T15:59:59.999Z", "2199-07-31T23:59:59.999+08:00");
    assert_int_equal(zone_day(&shanghai, at("2024-10-12T15:59:59.999Z")), day("2024-10-12"));
    assert_int_equal(zone_day(&shanghai, at("2024-10-12T16:00:00Z")), day("2024-10-13"));
    assert_true(zone_instant_ms(&shanghai, day("2024-10-13"), 0) == at("2024-10-13T00:00:00+08:00"));
}

/* Summer time in China: 1986-05-04 02:00 to 09-14 02:00, and the five summers after it. */
static void shanghai_had_summer_time(void **state)
{
    (void)state;
    prints(&shanghai, "1986-05-03T17:59:59Z", "1986-05-04T01:59:59+08:00");
    prints(&shanghai, "1986-05-03T18:00:00Z", "1986-05-04T03:00:00+09:00");
    prints(&shanghai, "1986-09-13T16:59:59Z", "1986-09-14T01:59:59+09:00");
    prints(&shanghai, "1986-09-13T17:00:00Z", "1986-09-14T01:00:00+08:00");
    for (int year = 1986; year <= 1991; year++) {
        char noon[32];
        snprintf(noon, sizeof noon, "%d-07-01T00:00:00Z", year);
        assert_int_equal(zone_offset_ms(&shanghai, at(noon)), 9 * 3600000);
        snprintf(noon, sizeof noon, "%d-12-01T00:00:00Z", year);
        assert_int_equal(zone_offset_ms(&shanghai, at(noon)), 8 * 3600000);
    }
    assert_int_equal(zone_offset_ms(&shanghai, at("1992-07-01T00:00:00Z")), 8 * 3600000);
    assert_int_equal(zone_offset_ms(&shanghai, at("1985-07-01T00:00:00Z")), 8 * 3600000);
}

static void changes_of_the_clock(void **state)
{
    (void)state;
    prints(&newyork, "2024-03-10T06:59:59Z", "2024-03-10T01:59:59-05:00");
    prints(&newyork, "2024-03-10T07:00:00Z", "2024-03-10T03:00:00-04:00");
    prints(&newyork, "2150-07-01T12:00:00Z", "2150-07-01T08:00:00-04:00");
    /* Skipped: the instant of the change. Twice: the first. */
    assert_true(zone_instant_ms(&newyork, day("2024-03-10"), 2 * 3600000 + 1800000) == at("2024-03-10T07:00:00Z"));
    assert_true(zone_instant_ms(&newyork, day("2024-11-03"), 3600000 + 1800000) == at("2024-11-03T01:30:00-04:00"));
    assert_true(zone_instant_ms(&newyork, day("2024-11-03"), 2 * 3600000) == at("2024-11-03T02:00:00-05:00"));
}

static void every_day_begins_where_it_says(void **state)
{
    (void)state;
    const struct zone *const zones[] = {&shanghai, &newyork};
    for (size_t z = 0; z < 2; z++)
        for (int32_t d = day("1970-01-03"); d < day("2199-12-31"); d++) {
            int64_t begin_ms = zone_instant_ms(zones[z], d, 0);
            assert_int_equal(zone_day(zones[z], begin_ms), d);
            assert_int_equal(zone_day(zones[z], begin_ms - 1), d - 1);
        }
}

static void civil_days(void **state)
{
    (void)state;
    char text[DAY_TEXT_BYTES];
    int32_t d;
    assert_int_equal(day("1970-01-01"), 0);
    assert_int_equal(day("2000-03-01"), 11017);
    assert_int_equal(day_iso_weekday(day("2024-09-30")), 1);
    assert_int_equal(day_iso_weekday(day("1969-12-28")), 7);
    for (int32_t i = day("1600-01-01"); i < day("2400-01-01"); i++) {
        assert_int_equal(day_print(text, i), 10);
        assert_int_equal(day(text), i);
    }
    static const char *const bad[] = {"2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-04-31", "2024-1-011", "2024/01/01", "+024-01-01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(day_parse(bad[i], 10, &d));
    assert_false(day_parse("2024-01-01T", 11, &d));
}

static void years_before_our_era(void **state)
{
    (void)state;
    int year, month, dom;
    for (int y = -801; y < 801; y += 89) {
        day_to_civil(day_from_civil(y, 2, 28), &year, &month, &dom);
        assert_true(year == y && month == 2 && dom == 28);
        assert_in_range(day_iso_weekday(day_from_civil(y, 1, 1)), 1, 7);
    }
}

static void good_times(void **state)
{
    (void)state;
    static const struct { const char *text; int64_t ms; } table[] = {
        {"1970-01-01T00:00:00Z", 0}, {"1970-01-01t00:00:00z", 0}, {"1970-01-01T08:00:00+08:00", 0}, {"1969-12-31T19:00:00-05:00", 0},
        {"1970-01-01T00:00:00.5Z", 500}, {"1970-01-01T00:00:00.001999999Z", 1}, {"1970-01-01T00:00:00.999999999Z", 999},
        {"1970-01-01T23:59:59+23:59", 59000}, {"2024-02-29T00:00:00-00:00", INT64_C(1709164800000)}, {"1969-12-31T23:59:59.999Z", -1}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) assert_true(at(table[i].text) == table[i].ms);
}

static void bad_times(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "2024-09-30", "2024-09-30T10:15:00", "2024-09-30T10:15:00.5", "2024-09-30T10:15:00.Z", "2024-09-30T10:15:00.1234567890Z",
        "2024-09-30 10:15:00+08:00", "2024-09-30T10:15+08:00", "2024-09-30T24:00:00Z", "2024-09-30T10:60:00Z", "2024-09-30T10:15:60Z",
        "2024-02-30T10:15:00Z", "2024-09-30T10:15:00+0800", "2024-09-30T10:15:00+08", "2024-09-30T10:15:00+24:00", "2024-09-30T10:15:00+08:60",
        "2024-09-30T10:15:00Zx", "2024-09-30T10:15:00+08:00x", " 2024-09-30T10:15:00Z", "2024-09-30T10:15:00,5Z", "2024-09-3aT10:15:00Z",
        "2024-09-30T1a:15:00Z", "2024-09-30T10:15:00\xe2\x88\x92\x30\x35:00", "20240930T101500+08:00"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t at_ms;
        /* A copy of just these bytes, so that reading past them shows. */
        size_t bytes = strlen(bad[i]);
        char *copy = malloc(bytes ? bytes : 1);
        memcpy(copy, bad[i], bytes);
        const char *reason = instant_parse(copy, bytes, &at_ms);
        free(copy);
        if (!reason) fail_msg("taken: %s", bad[i]);
    }
}

int main(void)
{
    if (!zone_load(&shanghai, "Asia/Shanghai") || !zone_load(&newyork, "America/New_York")) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_load_or_not), cmocka_unit_test(shanghai_is_eight_hours_ahead), cmocka_unit_test(shanghai_had_summer_time),
        cmocka_unit_test(changes_of_the_clock), cmocka_unit_test(every_day_begins_where_it_says), cmocka_unit_test(civil_days), cmocka_unit_test(years_before_our_era),
        cmocka_unit_test(good_times), cmocka_unit_test(bad_times)};
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
