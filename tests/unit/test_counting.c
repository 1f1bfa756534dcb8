/* Limits of every unit at their edges, worked out by hand; then by thousands of drawn starts: what is counted
 * forward comes back. 2024-09-30 is a Monday before a week of holiday; 10-08 to 10-12 are working days, 10-13 is none. */
#include "sla/counting.h"

#include "tests/unit/dice.h"
#include "tests/unit/rulebook.h"

#define SHANGHAI "Asia/Shanghai"
#define NEW_YORK "America/New_York" /* 2024: from 02:00 to 03:00 on 03-10, from 02:00 back to 01:00 on 11-03 */
#define MONDAY "2024-09-30T10:15:00+08:00"

/* Counting of the policy in force: each test sets its own. */
static const struct counting *counting(void)
{
    return &book.policy->counting;
}

static struct deadline due(enum limit_unit unit, int amount, const char *begin, int64_t gained, int32_t days)
{
    return counting_deadline(counting(), &life.rules, (struct limit){unit, amount}, ms(begin), gained, days);
}

static void assert_due(enum limit_unit unit, int amount, const char *begin, const char *deadline, const char *last_day)
{
    struct deadline found = due(unit, amount, begin, 0, 0);
    assert_instant(found.at_ms, deadline);
    assert_day(found.last_day, last_day);
}

/* --- where counting begins --- */

static void what_comes_outside_hours_counts_as_received(void **state)
{
    (void)state;
    rulebook(COUNTING(LUNCH), SHANGHAI);
    static const char *const times[] = {"2024-09-30T08:00:00+08:00", "2024-09-30T12:00:00+08:00", "2024-10-05T12:00:00+08:00"};
    for (size_t i = 0; i < 3; i++) assert_instant(counting_begin(counting(), &life.rules, ms(times[i])), times[i]);
}

static void or_at_the_next_opening(void **state)
{
    (void)state;
    rulebook(COUNTING(LUNCH ", 'outside_hours': 'next-opening'"), SHANGHAI);
    static const char *const times[][2] = {
        {"2024-09-30T08:59:59.999+08:00", "2024-09-30T09:00:00+08:00"}, {"2024-09-30T09:00:00+08:00", "2024-09-30T09:00:00+08:00"},
        {MONDAY, MONDAY},                                               {"2024-09-30T11:29:59.999+08:00", "2024-09-30T11:29:59.999+08:00"},
        {"2024-09-30T11:30:00+08:00", "2024-09-30T13:30:00+08:00"},     {"2024-09-30T13:30:00+08:00", "2024-09-30T13:30:00+08:00"},
        {"2024-09-30T17:29:59+08:00", "2024-09-30T17:29:59+08:00"},     {"2024-09-30T17:30:00+08:00", "2024-10-08T09:00:00+08:00"},
        {"2024-10-05T10:00:00+08:00", "2024-10-08T09:00:00+08:00"},     {"2024-10-12T23:00:00+08:00", "2024-10-14T09:00:00+08:00"}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        assert_instant(counting_begin(counting(), &life.rules, ms(times[i][0])), times[i][1]);
}

static void both_readings_of_receipt_on_a_rest_day(void **state)
{
    (void)state;
    rulebook("", SHANGHAI);
    assert_day(counting_day_zero(counting(), &life.rules, ms("2024-10-05T10:00:00+08:00")), "2024-10-05");
    assert_due(LIMIT_WORKDAYS, 1, "2024-10-05T10:00:00+08:00", "2024-10-09T00:00:00+08:00", "2024-10-08");
    rulebook("'counting': {'rest_day_receipt': 'next-workday', 'day_end': '24:00', 'opening': '09:00', 'closing': '17:30'}", SHANGHAI);
    assert_day(counting_day_zero(counting(), &life.rules, ms("2024-10-05T10:00:00+08:00")), "2024-10-08");
    assert_day(counting_day_zero(counting(), &life.rules, ms(MONDAY)), "2024-09-30");
    assert_due(LIMIT_WORKDAYS, 1, "2024-10-05T10:00:00+08:00", "2024-10-10T00:00:00+08:00", "2024-10-09");
    assert_due(LIMIT_DAYS, 0, "2024-10-05T10:00:00+08:00", "2024-10-09T00:00:00+08:00", "2024-10-08");
}

static void what_begins_at_the_next_opening_has_its_day_zero_there(void **state)
{
    (void)state;
    rulebook(COUNTING(", 'outside_hours': 'next-opening'"), SHANGHAI);
    int64_t begin_ms = counting_begin(counting(), &life.rules, ms("2024-09-30T18:00:00+08:00"));
    assert_day(counting_day_zero(counting(), &life.rules, begin_ms), "2024-10-08");
    assert_day(counting_deadline(counting(), &life.rules, (struct limit){LIMIT_WORKDAYS, 1}, begin_ms, 0, 0).last_day, "2024-10-09");
}

/* --- each unit --- */

static void working_days_end_when_their_day_does(void **state)
{
    (void)state;
    rulebook("", SHANGHAI);
    assert_due(LIMIT_WORKDAYS, 5, MONDAY, "2024-10-13T00:00:00+08:00", "2024-10-12");
    rulebook("'counting': {'rest_day_receipt': 'as-received', 'day_end': '17:30', 'opening': '09:00', 'closing': '17:30'}", SHANGHAI);
    assert_due(LIMIT_WORKDAYS, 5, MONDAY, "2024-10-12T17:30:00+08:00", "2024-10-12");
    rulebook("'counting': {'rest_day_receipt': 'as-received', 'day_end': 'same-time', 'opening': '09:00', 'closing': '17:30'}", SHANGHAI);
    assert_due(LIMIT_WORKDAYS, 5, MONDAY, "2024-10-12T10:15:00+08:00", "2024-10-12");
    assert_due(LIMIT_WORKDAYS, 5, "2024-09-30T00:00:00+08:00", "2024-10-12T00:00:00+08:00", "2024-10-12");
}

static void a_last_rest_day_moves_or_stays(void **state)
{
    (void)state;
    rulebook("", SHANGHAI);
    assert_due(LIMIT_DAYS, 3, MONDAY, "2024-10-09T00:00:00+08:00", "2024-10-08");
    assert_due(LIMIT_DAYS, 9, MONDAY, "2024-10-10T00:00:00+08:00", "2024-10-09");
    assert_due(LIMIT_DAYS, 0, MONDAY, "2024-10-01T00:00:00+08:00", "2024-09-30");
    assert_due(LIMIT_DAYS, 0, "2024-10-05T10:00:00+08:00", "2024-10-09T00:00:00+08:00", "2024-10-08");
    rulebook(COUNTING(", 'last_rest_day': 'stays'"), SHANGHAI);
    assert_due(LIMIT_DAYS, 3, MONDAY, "2024-10-04T00:00:00+08:00", "2024-10-03");
    assert_due(LIMIT_DAYS, 0, "2024-10-05T10:00:00+08:00", "2024-10-06T00:00:00+08:00", "2024-10-05");
}

static void working_hours_pass_only_in_their_periods(void **state)
{
    (void)state;
    rulebook(COUNTING(LUNCH), SHANGHAI);
    assert_due(LIMIT_WORK_HOURS, 8, MONDAY, "2024-10-08T13:45:00+08:00", "2024-10-08");
    assert_due(LIMIT_WORK_HOURS, 1, MONDAY, "2024-09-30T11:15:00+08:00", "2024-09-30");
    /* Where a period ends at that instant, it is that end. */
    assert_due(LIMIT_WORK_HOURS, 4, "2024-09-30T13:30:00+08:00", "2024-09-30T17:30:00+08:00", "2024-09-30");
    assert_due(LIMIT_WORK_HOURS, 4, "2024-09-30T12:00:00+08:00", "2024-09-30T17:30:00+08:00", "2024-09-30");
    assert_due(LIMIT_WORK_HOURS, 4, "2024-09-30T17:30:00+08:00", "2024-10-08T15:00:00+08:00", "2024-10-08");
    assert_due(LIMIT_WORK_HOURS, 13, "2024-10-01T00:00:00+08:00", "2024-10-09T17:30:00+08:00", "2024-10-09");
}

static void hours_are_elapsed_time(void **state)
{
    (void)state;
    rulebook("", SHANGHAI);
    assert_due(LIMIT_HOURS, 24, MONDAY, "2024-10-01T10:15:00+08:00", "2024-10-01");
    assert_due(LIMIT_HOURS, 24, "2024-09-30T00:00:00+08:00", "2024-10-01T00:00:00+08:00", "2024-09-30");
}

static void a_roster_of_ones_own_counts_other_days(void **state)
{
    (void)state;
    rulebook("'calendars': {'duty': {'counts': ['workday', 'makeup_workday', 'weekend', 'holiday'], 'off': ['2024-10-02']},"
             " 'half': {'counts': ['workday'], 'on': ['2024-10-13']}}, " COUNTING(", 'calendar': 'duty'"), SHANGHAI);
    assert_ptr_equal(counting_calendar(counting(), &life.rules), life.rules.derived[0]);
    assert_due(LIMIT_WORKDAYS, 5, MONDAY, "2024-10-07T00:00:00+08:00", "2024-10-06");
    assert_due(LIMIT_DAYS, 2, MONDAY, "2024-10-04T00:00:00+08:00", "2024-10-03"); /* 10-02 does not count here */
    assert_instant(counting_end_of_days(counting(), &life.rules, ms("2024-10-02T10:00:00+08:00"), 1), "2024-10-04T00:00:00+08:00");
    struct counting half = *counting();
    half.calendar = 2;
    struct deadline deadline = counting_deadline(&half, &life.rules, (struct limit){LIMIT_WORKDAYS, 5}, ms(MONDAY), 0, 0);
    assert_day(deadline.last_day, "2024-10-13"); /* 08, 09, 10, 11; 12 is a makeup day; 13 is on */
}

/* --- what is added --- */

static void an_extension_moves_the_last_day(void **state)
{
    (void)state;
    rulebook(COUNTING(LUNCH), SHANGHAI);
    struct deadline deadline = due(LIMIT_WORKDAYS, 5, MONDAY, 0, 2);
    assert_instant(deadline.at_ms, "2024-10-16T00:00:00+08:00");
    deadline = due(LIMIT_DAYS, 3, MONDAY, 0, 2);
    assert_instant(deadline.at_ms, "2024-10-11T00:00:00+08:00");
    deadline = due(LIMIT_WORK_HOURS, 8, MONDAY, 0, 1);
    assert_instant(deadline.at_ms, "2024-10-09T13:45:00+08:00");
    deadline = due(LIMIT_HOURS, 24, MONDAY, 0, 1);
    assert_instant(deadline.at_ms, "2024-10-08T10:15:00+08:00");
    deadline = due(LIMIT_HOURS, 24, "2024-09-30T00:00:00+08:00", 0, 1); /* a midnight belongs to the day that it ends */
    assert_instant(deadline.at_ms, "2024-10-09T00:00:00+08:00");
    assert_day(deadline.last_day, "2024-10-08");
    rulebook(COUNTING(", 'last_rest_day': 'stays'"), SHANGHAI);
    assert_day(due(LIMIT_DAYS, 3, MONDAY, 0, 2).last_day, "2024-10-09");
}

static int64_t gain(enum limit_unit unit, const char *begin, const char *from, const char *to)
{
    return counting_gain(counting(), &life.rules, unit, ms(begin), ms(from), ms(to));
}

static void a_suspension_gains_what_it_took(void **state)
{
    (void)state;
    rulebook(COUNTING(LUNCH), SHANGHAI);
    const char *from = "2024-09-30T16:00:00+08:00", *to = "2024-10-09T10:00:00+08:00";
    assert_int_equal(gain(LIMIT_WORKDAYS, MONDAY, from, to), 2);
    assert_int_equal(gain(LIMIT_DAYS, MONDAY, from, to), 9);
    assert_int_equal(gain(LIMIT_WORK_HOURS, MONDAY, from, to), (90 + 390 + 60) * 60000);
    assert_int_equal(gain(LIMIT_HOURS, MONDAY, from, to), (8 * 24 + 18) * 3600000);
    assert_int_equal(gain(LIMIT_HOURS, "2024-10-09T09:00:00+08:00", from, to), 3600000); /* only since it counts */
    assert_int_equal(gain(LIMIT_HOURS, "2024-10-09T11:00:00+08:00", from, to), 0);
    assert_int_equal(gain(LIMIT_WORKDAYS, MONDAY, from, from), 0);
    assert_instant(due(LIMIT_WORKDAYS, 5, MONDAY, 2, 0).at_ms, "2024-10-16T00:00:00+08:00");
    assert_instant(due(LIMIT_DAYS, 3, MONDAY, 9, 0).at_ms, "2024-10-13T00:00:00+08:00"); /* the 12th day; 10-03 does not move first */
    assert_instant(due(LIMIT_DAYS, 3, MONDAY, 10, 0).at_ms, "2024-10-15T00:00:00+08:00");
    assert_instant(due(LIMIT_WORK_HOURS, 1, MONDAY, 3600000, 0).at_ms, "2024-09-30T14:15:00+08:00");
    assert_instant(due(LIMIT_HOURS, 1, MONDAY, 60000, 0).at_ms, "2024-09-30T11:16:00+08:00");
}

static void assert_shift(enum limit_unit unit, const char *from, int64_t gained, int32_t days, const char *to)
{
    struct deadline deadline = {ms(from), zone_day(life.rules.zone, ms(from) - 1)};
    assert_instant(counting_shift(counting(), &life.rules, unit, deadline, gained, days).at_ms, to);
}

static void the_platforms_deadline_moves_as_ours_would(void **state)
{
    (void)state;
    rulebook(COUNTING(LUNCH), SHANGHAI);
    assert_shift(LIMIT_WORKDAYS, "2024-09-30T12:00:00+08:00", 0, 0, "2024-09-30T12:00:00+08:00");
    assert_shift(LIMIT_WORKDAYS, "2024-09-30T12:00:00+08:00", 0, 1, "2024-10-08T12:00:00+08:00");
    assert_shift(LIMIT_WORKDAYS, "2024-10-01T00:00:00+08:00", 1, 1, "2024-10-10T00:00:00+08:00");
    assert_shift(LIMIT_DAYS, "2024-09-30T12:00:00+08:00", 2, 0, "2024-10-02T12:00:00+08:00");
    assert_shift(LIMIT_DAYS, "2024-09-30T12:00:00+08:00", 2, 1, "2024-10-08T12:00:00+08:00");
    assert_shift(LIMIT_WORK_HOURS, "2024-09-30T17:00:00+08:00", 3600000, 0, "2024-10-08T09:30:00+08:00");
    assert_shift(LIMIT_WORK_HOURS, "2024-09-30T17:00:00+08:00", 3600000, 1, "2024-10-09T09:30:00+08:00");
    assert_shift(LIMIT_HOURS, "2024-09-30T17:00:00+08:00", 3600000, 1, "2024-10-08T18:00:00+08:00");
}

static void the_end_of_counted_days_includes_the_first(void **state)
{
    (void)state;
    rulebook("", SHANGHAI);
    assert_instant(counting_end_of_days(counting(), &life.rules, ms(MONDAY), 1), "2024-10-01T00:00:00+08:00");
    assert_instant(counting_end_of_days(counting(), &life.rules, ms(MONDAY), 2), "2024-10-09T00:00:00+08:00");
    assert_instant(counting_end_of_days(counting(), &life.rules, ms("2024-10-05T10:00:00+08:00"), 1), "2024-10-09T00:00:00+08:00");
}

/* --- when the clocks change --- */

#define ROUND_THE_CLOCK DUTY ", " COUNTING(", 'calendar': 'duty', 'hours': [['00:00', '24:00']]")

static void hours_pass_through_a_change_of_the_clocks(void **state)
{
    (void)state;
    rulebook(ROUND_THE_CLOCK, NEW_YORK);
    assert_due(LIMIT_HOURS, 24, "2024-03-09T12:00:00-05:00", "2024-03-10T13:00:00-04:00", "2024-03-10");
    assert_due(LIMIT_HOURS, 24, "2024-11-02T12:00:00-04:00", "2024-11-03T11:00:00-05:00", "2024-11-03");
    assert_due(LIMIT_WORK_HOURS, 24, "2024-03-10T00:00:00-05:00", "2024-03-11T01:00:00-04:00", "2024-03-11");
    assert_due(LIMIT_WORK_HOURS, 24, "2024-11-03T00:00:00-04:00", "2024-11-03T23:00:00-05:00", "2024-11-03");
    assert_due(LIMIT_WORK_HOURS, 25, "2024-11-03T00:00:00-04:00", "2024-11-04T00:00:00-05:00", "2024-11-03");
    assert_due(LIMIT_WORK_HOURS, 48, "2024-03-09T00:00:00-05:00", "2024-03-11T01:00:00-04:00", "2024-03-11");
    assert_int_equal(counting_worked_ms(counting(), &life.rules, ms("2024-03-01T00:00:00-05:00"), ms("2024-04-01T00:00:00-04:00")), (31 * 24 - 1) * 3600000LL);
    assert_int_equal(counting_worked_ms(counting(), &life.rules, ms("2024-11-01T00:00:00-04:00"), ms("2024-12-01T00:00:00-05:00")), (30 * 24 + 1) * 3600000LL);
    assert_int_equal(counting_worked_ms(counting(), &life.rules, 1, 1), 0);
    rulebook(ROUND_THE_CLOCK, "America/Havana"); /* 2024-03-10 begins at 01:00: its midnight is skipped */
    assert_int_equal(counting_worked_ms(counting(), &life.rules, ms("2024-03-09T12:00:00-05:00"), ms("2024-03-12T12:00:00-04:00")), 71 * 3600000LL);
}

static void a_period_is_as_long_as_the_wall_clock_lets_it_be(void **state)
{
    (void)state;
    rulebook(DUTY ", " COUNTING(", 'calendar': 'duty', 'hours': [['01:00', '02:00'], ['02:15', '02:45'], ['03:30', '04:00']]"), NEW_YORK);
    int64_t spring_ms = ms("2024-03-10T00:00:00-05:00"), autumn_ms = ms("2024-11-03T00:00:00-04:00");
    assert_int_equal(counting_worked_ms(counting(), &life.rules, spring_ms, spring_ms + 12 * 3600000), 90 * 60000); /* the second is skipped */
    assert_int_equal(counting_worked_ms(counting(), &life.rules, autumn_ms, autumn_ms + 12 * 3600000), 180 * 60000); /* the first lasts two hours */
    assert_due(LIMIT_WORK_HOURS, 1, "2024-03-10T01:45:00-05:00", "2024-03-11T01:15:00-04:00", "2024-03-11");
    assert_due(LIMIT_WORK_HOURS, 2, "2024-11-03T00:00:00-04:00", "2024-11-03T02:00:00-05:00", "2024-11-03");
    rulebook(DUTY ", " COUNTING(", 'calendar': 'duty', 'hours': [['02:30', '04:00']], 'outside_hours': 'next-opening'"), NEW_YORK);
    assert_instant(counting_begin(counting(), &life.rules, spring_ms), "2024-03-10T03:00:00-04:00");
}

static void the_same_time_of_day_after_a_change(void **state)
{
    (void)state;
    rulebook(DUTY ", 'counting': {'rest_day_receipt': 'as-received', 'day_end': 'same-time', 'opening': '09:00', 'closing': '17:30', 'calendar': 'duty'}", NEW_YORK);
    assert_due(LIMIT_WORKDAYS, 1, "2024-03-09T02:30:00-05:00", "2024-03-10T03:00:00-04:00", "2024-03-10"); /* skipped: the change itself */
    assert_due(LIMIT_WORKDAYS, 1, "2024-11-02T01:30:00-04:00", "2024-11-03T01:30:00-04:00", "2024-11-03"); /* twice: the first */
    assert_due(LIMIT_DAYS, 1, "2024-11-03T01:30:00-05:00", "2024-11-04T01:30:00-05:00", "2024-11-04");
    assert_due(LIMIT_DAYS, 2, "2024-03-09T10:00:00-05:00", "2024-03-11T10:00:00-04:00", "2024-03-11");
    struct deadline moved = due(LIMIT_HOURS, 24, "2024-03-08T10:00:00-05:00", 0, 2);
    assert_instant(moved.at_ms, "2024-03-11T10:00:00-04:00");
}

/* --- by thousands of drawn starts --- */

static const struct {
    const char *members, *zone;
} worlds[] = {
    {COUNTING(LUNCH), SHANGHAI},
    {COUNTING(LUNCH ", 'outside_hours': 'next-opening'"), NEW_YORK},
    {DUTY ", " COUNTING(", 'calendar': 'duty', 'hours': [['00:00', '24:00']]"), NEW_YORK},
    {DUTY ", " COUNTING(", 'calendar': 'duty', 'hours': [['01:30', '02:10'], ['02:30', '03:30'], ['22:00', '24:00']]"), NEW_YORK},
    {COUNTING(", 'hours': [['00:00', '00:30'], ['06:00', '07:00'], ['09:00', '09:01'], ['12:00', '13:00'], ['18:15', '20:00'], ['23:00', '24:00']]"), NEW_YORK},
    {"'calendars': {'odd': {'counts': ['weekend'], 'on': ['2024-10-02', '2024-10-03'], 'off': ['2024-10-19', '2024-10-20']}}, " COUNTING(", 'calendar': 'odd'"), SHANGHAI},
    {"'counting': {'rest_day_receipt': 'next-workday', 'day_end': '17:30', 'opening': '09:00', 'closing': '17:30', 'last_rest_day': 'stays'}", SHANGHAI},
};
enum { WORLDS = sizeof worlds / sizeof *worlds };

static int64_t a_start(void)
{
    int64_t at_ms = draw(4) ? draw_ms(ms("2024-01-01T00:00:00Z"), ms("2025-12-31T00:00:00Z")) : draw_ms(ms("2000-01-02T00:00:00Z"), ms("2199-12-30T00:00:00Z"));
    return draw(3) ? at_ms - at_ms % 1800000 : at_ms; /* often at a whole half hour, where the edges are */
}

static void hours_counted_forward_come_back(void **state)
{
    (void)state;
    for (int world = 0; world < WORLDS; world++) {
        rulebook(worlds[world].members, worlds[world].zone);
        for (int i = 0; i < 2500; i++) {
            int64_t begin_ms = counting_begin(counting(), &life.rules, a_start());
            struct limit limit = {LIMIT_WORK_HOURS, 1 + (int)draw(draw(5) ? 40 : POLICY_LIMIT_MAX_HOURS)};
            struct deadline deadline = counting_deadline(counting(), &life.rules, limit, begin_ms, 0, 0);
            int64_t limit_ms = limit.amount * INT64_C(3600000);
            assert_int_equal(counting_worked_ms(counting(), &life.rules, begin_ms, deadline.at_ms), limit_ms);
            assert_int_equal(counting_worked_ms(counting(), &life.rules, begin_ms, deadline.at_ms - 1), limit_ms - 1); /* the first such instant */
            assert_int_equal(deadline.last_day, zone_day(life.rules.zone, deadline.at_ms - 1));
            assert_true(calendar_is_workday(counting_calendar(counting(), &life.rules), deadline.last_day));
        }
    }
}

static void worked_time_adds_up(void **state)
{
    (void)state;
    for (int world = 0; world < WORLDS; world++) {
        rulebook(worlds[world].members, worlds[world].zone);
        for (int i = 0; i < 2000; i++) {
            int64_t a = a_start(), b = a + draw_ms(0, INT64_C(2000) * 3600000), c = b + draw_ms(0, INT64_C(2000) * 3600000);
            assert_int_equal(counting_worked_ms(counting(), &life.rules, a, c),
                             counting_worked_ms(counting(), &life.rules, a, b) + counting_worked_ms(counting(), &life.rules, b, c));
        }
    }
}

/* Minute by minute. */
static int64_t walked_ms(int64_t from_ms, int64_t to_ms)
{
    const struct calendar *calendar = counting_calendar(counting(), &life.rules);
    int64_t sum_ms = 0;
    for (int64_t at_ms = from_ms; at_ms < to_ms; at_ms += 60000) {
        int32_t day = zone_day(life.rules.zone, at_ms);
        bool open = false;
        for (int i = 0; i < counting()->periods; i++)
            open |= zone_instant_ms(life.rules.zone, day, counting()->period[i].from_ms) <= at_ms &&
                    at_ms < zone_instant_ms(life.rules.zone, day, counting()->period[i].to_ms);
        if (open && calendar_is_workday(calendar, day)) sum_ms += 60000;
    }
    return sum_ms;
}

static void worked_time_is_what_a_walk_finds(void **state)
{
    (void)state;
    static const char *const eves[] = {"2024-03-09T05:00:00Z", "2024-11-02T04:00:00Z", "2024-09-29T00:00:00Z", "2024-10-11T00:00:00Z"};
    for (int world = 0; world < WORLDS; world++) {
        rulebook(worlds[world].members, worlds[world].zone);
        for (int i = 0; i < 24; i++) {
            int64_t from_ms = ms(eves[i % 4]) + draw(2000) * INT64_C(60000), to_ms = from_ms + draw(4000) * INT64_C(60000);
            assert_int_equal(counting_worked_ms(counting(), &life.rules, from_ms, to_ms), walked_ms(from_ms, to_ms));
        }
    }
}

static void days_counted_forward_come_back(void **state)
{
    (void)state;
    for (int world = 0; world < WORLDS; world++) {
        rulebook(worlds[world].members, worlds[world].zone);
        const struct calendar *calendar = counting_calendar(counting(), &life.rules);
        for (int i = 0; i < 3000; i++) {
            int64_t begin_ms = counting_begin(counting(), &life.rules, a_start());
            int amount = 1 + (int)draw(draw(5) ? 60 : POLICY_LIMIT_MAX_DAYS);
            int32_t zero = counting_day_zero(counting(), &life.rules, begin_ms);
            struct deadline deadline = counting_deadline(counting(), &life.rules, (struct limit){LIMIT_WORKDAYS, amount}, begin_ms, 0, 0);
            assert_int_equal(calendar_workdays_between(calendar, zero + 1, deadline.last_day + 1), amount);
            assert_true(calendar_is_workday(calendar, deadline.last_day));
            int32_t back = calendar_add_workdays(calendar, deadline.last_day, -amount);
            assert_true(back <= zero && calendar_workdays_between(calendar, back + 1, zero + 1) == 0);
            deadline = counting_deadline(counting(), &life.rules, (struct limit){LIMIT_DAYS, amount}, begin_ms, 0, 0);
            assert_int_equal(calendar_workdays_between(calendar, zero + amount, deadline.last_day), 0); /* moved over rest days alone */
            assert_true(counting()->last_rest_day_stays ? deadline.last_day == zero + amount : calendar_is_workday(calendar, deadline.last_day));
        }
    }
}

static const enum limit_unit units[] = {LIMIT_WORKDAYS, LIMIT_DAYS, LIMIT_WORK_HOURS, LIMIT_HOURS};

/* What starts later, is longer, rested longer or was extended more ends no sooner. (But for hours that are extended: the
 * time of day of the deadline stays, so what ends on a Sunday morning is moved to before what ends on a Saturday evening.) */
static void deadlines_are_monotonic(void **state)
{
    (void)state;
    for (int world = 0; world < WORLDS; world++) {
        rulebook(worlds[world].members, worlds[world].zone);
        for (int i = 0; i < 1200; i++) {
            enum limit_unit unit = units[i % 4];
            int amount = 1 + (int)draw(50), days = (int)draw(4);
            int64_t a = a_start(), b = a + draw_ms(0, INT64_C(5) * DAY_MS), more = unit < LIMIT_WORK_HOURS ? 1 + draw(10) : 1 + draw(100000000);
            int64_t begin_ms = counting_begin(counting(), &life.rules, a), later_ms = counting_begin(counting(), &life.rules, b);
            assert_true(begin_ms <= later_ms);
            struct limit limit = {unit, amount}, longer = {unit, amount + 1 + (int)draw(3)};
            int64_t first_ms = counting_deadline(counting(), &life.rules, limit, begin_ms, 0, days).at_ms;
            if (unit < LIMIT_WORK_HOURS || days == 0) {
                assert_true(first_ms <= counting_deadline(counting(), &life.rules, limit, later_ms, 0, days).at_ms);
                assert_true(first_ms <= counting_deadline(counting(), &life.rules, longer, begin_ms, 0, days).at_ms);
                assert_true(first_ms <= counting_deadline(counting(), &life.rules, limit, begin_ms, more, days).at_ms);
            }
            assert_true(first_ms < counting_deadline(counting(), &life.rules, limit, begin_ms, 0, days + 1).at_ms);
            assert_true(first_ms > begin_ms);
        }
    }
}

/* After a suspension there is left what was left when it came. */
static void a_suspension_leaves_what_was_left(void **state)
{
    (void)state;
    for (int world = 0; world < WORLDS; world++) {
        rulebook(worlds[world].members, worlds[world].zone);
        const struct zone *zone = life.rules.zone;
        const struct calendar *calendar = counting_calendar(counting(), &life.rules);
        for (int i = 0; i < 2000; i++) {
            struct limit limit = {units[i % 4], 2 + (int)draw(40)};
            int64_t begin_ms = counting_begin(counting(), &life.rules, a_start());
            int64_t old_ms = counting_deadline(counting(), &life.rules, limit, begin_ms, 0, 0).at_ms;
            int64_t from_ms = draw_ms(begin_ms, old_ms), to_ms = from_ms + draw_ms(0, INT64_C(40) * DAY_MS);
            int64_t gained = counting_gain(counting(), &life.rules, limit.unit, begin_ms, from_ms, to_ms);
            struct deadline deadline = counting_deadline(counting(), &life.rules, limit, begin_ms, gained, 0);
            int32_t from = zone_day(zone, from_ms), to = zone_day(zone, to_ms), old = zone_day(zone, old_ms - 1), zero = counting_day_zero(counting(), &life.rules, begin_ms);
            if (limit.unit == LIMIT_HOURS) assert_int_equal(deadline.at_ms - to_ms, old_ms - from_ms);
            if (limit.unit == LIMIT_WORK_HOURS)
                assert_int_equal(counting_worked_ms(counting(), &life.rules, to_ms, deadline.at_ms), counting_worked_ms(counting(), &life.rules, from_ms, old_ms));
            if (limit.unit == LIMIT_WORKDAYS && from > zero)
                assert_int_equal(calendar_workdays_between(calendar, to, deadline.last_day + 1), calendar_workdays_between(calendar, from, old + 1));
            if (limit.unit == LIMIT_DAYS && counting()->last_rest_day_stays) assert_int_equal(deadline.last_day - to, old - from);
        }
    }
}

/* --- where the index ends --- */

static void beyond_the_index_it_is_the_last_day(void **state)
{
    (void)state;
    rulebook(COUNTING(LUNCH), SHANGHAI);
    const char *late = "2199-12-30T12:00:00+08:00";
    assert_day(due(LIMIT_DAYS, 1000, late, 20000, 0).last_day, "2210-12-31");
    assert_day(due(LIMIT_WORKDAYS, 1000, late, 20000, 0).last_day, "2210-12-31");
    assert_day(due(LIMIT_WORK_HOURS, 2000, late, INT64_C(200) * 365 * DAY_MS, 0).last_day, "2210-12-31");
    assert_day(due(LIMIT_HOURS, 2000, late, INT64_C(200) * 365 * DAY_MS, 0).last_day, "2210-12-31");
    assert_day(due(LIMIT_HOURS, 2000, late, INT64_C(200) * 365 * DAY_MS, 5).last_day, "2210-12-31");
    struct deadline deadline = {ms(late), day("2199-12-30")};
    assert_instant(counting_shift(counting(), &life.rules, LIMIT_DAYS, deadline, 20000, 0).at_ms, "2210-12-31T12:00:00+08:00");
    assert_instant(counting_end_of_days(counting(), &life.rules, ms(late), 100000), "2210-12-31T00:00:00+08:00");
    /* Days that come to an end: there is no makeup day after the published years. */
    rulebook("'calendars': {'rare': {'counts': ['makeup_workday']}}, " COUNTING(", 'calendar': 'rare'"), SHANGHAI);
    assert_day(due(LIMIT_WORK_HOURS, 500, MONDAY, 0, 0).last_day, "2210-12-31");
    assert_due(LIMIT_WORK_HOURS, 9, MONDAY, "2025-01-26T09:30:00+08:00", "2025-01-26");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_outside_hours_counts_as_received), cmocka_unit_test(or_at_the_next_opening),
        cmocka_unit_test(both_readings_of_receipt_on_a_rest_day), cmocka_unit_test(what_begins_at_the_next_opening_has_its_day_zero_there),
        cmocka_unit_test(working_days_end_when_their_day_does), cmocka_unit_test(a_last_rest_day_moves_or_stays),
        cmocka_unit_test(working_hours_pass_only_in_their_periods), cmocka_unit_test(hours_are_elapsed_time),
        cmocka_unit_test(a_roster_of_ones_own_counts_other_days), cmocka_unit_test(an_extension_moves_the_last_day),
        cmocka_unit_test(a_suspension_gains_what_it_took), cmocka_unit_test(the_platforms_deadline_moves_as_ours_would),
        cmocka_unit_test(the_end_of_counted_days_includes_the_first), cmocka_unit_test(hours_pass_through_a_change_of_the_clocks),
        cmocka_unit_test(a_period_is_as_long_as_the_wall_clock_lets_it_be), cmocka_unit_test(the_same_time_of_day_after_a_change),
        cmocka_unit_test(hours_counted_forward_come_back), cmocka_unit_test(worked_time_adds_up), cmocka_unit_test(worked_time_is_what_a_walk_finds),
        cmocka_unit_test(days_counted_forward_come_back), cmocka_unit_test(deadlines_are_monotonic),
        cmocka_unit_test(a_suspension_leaves_what_was_left), cmocka_unit_test(beyond_the_index_it_is_the_last_day)};
    int failed = cmocka_run_group_tests_name("counting", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
