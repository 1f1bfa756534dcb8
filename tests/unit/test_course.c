/* Steps of a clock's own counting: days, hours, over holidays and suspensions. 2024-09-02 is a Monday. */
#include "sla/course.h"

#include <math.h>

#include "tests/unit/rulebook.h"

#define assert_number(found, expected) assert_true(fabs((found) - (expected)) < 1e-9)

static struct clock started(struct limit limit, const char *time)
{
    static struct policy_clock rule;
    struct clock clock;
    rulebook_of("conf/policy/meilong-2024.json");
    rule = *rule_named("general", "answer");
    rule.limit = limit;
    clock_start(&clock, &rule, &book.rules, 1, ms(time));
    return clock;
}

static struct course course(const struct clock *clock, const char *time)
{
    return course_at(clock, &book.rules, ms(time));
}

static const struct limit five_days = {LIMIT_WORKDAYS, 5};

/* 09:00 to 17:30 is the office day. */
static void the_day_it_starts_is_step_0_and_does_not_count(void **state)
{
    (void)state;
    struct clock clock = started(five_days, "2024-09-02T13:15:00+08:00");
    struct course first = course(&clock, "2024-09-02T15:22:30+08:00"); /* half of what was left of that day */
    assert_int_equal(first.step, 0);
    assert_int_equal(first.last, 5);
    assert_number(first.gone, 0.5);
    assert_number(course_gone(&first), 0);
    assert_number(course_left(&first), 5);
}

static void at_an_opening_a_whole_number_of_days_is_gone(void **state)
{
    (void)state;
    struct clock clock = started(five_days, "2024-09-02T10:00:00+08:00");
    struct course third = course(&clock, "2024-09-05T09:00:00+08:00"), noon = course(&clock, "2024-09-05T13:15:00+08:00");
    assert_int_equal(third.step, 3);
    assert_number(course_gone(&third), 2);
    assert_number(course_left(&third), 3);
    assert_number(course_gone(&noon), 2.5);
}

static void rest_days_take_nothing(void **state)
{
    (void)state;
    struct clock clock = started(five_days, "2024-09-27T10:00:00+08:00"); /* then 09-29 counts, a make-up day, 10-01 to 10-07 do not */
    struct course before = course(&clock, "2024-09-30T20:00:00+08:00"), after = course(&clock, "2024-10-08T09:00:00+08:00");
    assert_number(course_gone(&before), 2);
    assert_number(course_gone(&after), 2);
    assert_int_equal(after.step, 3);
    assert_int_equal(after.last, 5);
}

static void the_deadline_ends_the_last_step(void **state)
{
    (void)state;
    struct clock clock = started(five_days, "2024-09-02T10:00:00+08:00");
    assert_int_equal(course_step(&clock, &book.rules, clock.deadline_ms), 5);
    assert_int_equal(course_step(&clock, &book.rules, clock.deadline_ms + 1), 6);
    struct course late = course_at(&clock, &book.rules, clock.deadline_ms + 1);
    assert_int_equal(late.last, 5);
}

static void an_extension_adds_steps(void **state)
{
    (void)state;
    struct clock clock = started(five_days, "2024-09-02T10:00:00+08:00");
    clock_extend(&clock, &book.rules, 3);
    assert_int_equal(course(&clock, "2024-09-03T09:00:00+08:00").last, 8);
}

static void a_clock_at_rest_stands_still_and_goes_on_from_there(void **state)
{
    (void)state;
    struct clock clock = started(five_days, "2024-09-02T10:00:00+08:00");
    clock_suspend(&clock, ms("2024-09-04T13:15:00+08:00"), false);
    struct course resting = course(&clock, "2024-09-06T09:00:00+08:00");
    assert_number(course_gone(&resting), 1.5);
    clock_resume(&clock, &book.rules, ms("2024-09-06T13:15:00+08:00"));
    struct course resumed = course(&clock, "2024-09-06T13:15:00+08:00");
    assert_number(course_gone(&resumed), 1.5);
    assert_number(course_left(&resumed), 3.5);
}

static void hours_of_work_are_steps_of_an_hour(void **state)
{
    (void)state;
    struct clock clock = started((struct limit){LIMIT_WORK_HOURS, 4}, "2024-09-02T15:00:00+08:00");
    struct course now = course(&clock, "2024-09-03T09:30:00+08:00"); /* 2.5 hours on Monday, half an hour on Tuesday */
    assert_int_equal(now.last, 4);
    assert_number(course_gone(&now), 3);
    assert_number(course_left(&now), 1);
}

static void long_limits_have_longer_steps(void **state)
{
    (void)state;
    struct clock clock = started((struct limit){LIMIT_WORKDAYS, 20}, "2024-09-02T10:00:00+08:00");
    struct course now = course(&clock, "2024-09-06T09:00:00+08:00");
    assert_int_equal(now.stride, 2);
    assert_int_equal(now.step, 2);
    assert_int_equal(now.last, 10);
    assert_number(course_gone(&now), 3);
    assert_int_equal(course_stride((struct limit){LIMIT_HOURS, 16}), 1);
    assert_int_equal(course_stride((struct limit){LIMIT_HOURS, 17}), 2);
}

static void plain_hours_run_at_night(void **state)
{
    (void)state;
    struct clock clock = started((struct limit){LIMIT_HOURS, 8}, "2024-09-02T20:00:00+08:00");
    struct course now = course(&clock, "2024-09-03T01:30:00+08:00");
    assert_number(course_gone(&now), 5.5);
    assert_int_equal(now.last, 8);
}

static void what_is_open_for_ever_stays_in_the_last_step(void **state)
{
    (void)state;
    struct clock clock = started(five_days, "2024-09-02T10:00:00+08:00");
    assert_int_equal(course_step(&clock, &book.rules, ms("2026-09-02T10:00:00+08:00")), COURSE_STEPS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_day_it_starts_is_step_0_and_does_not_count), cmocka_unit_test(at_an_opening_a_whole_number_of_days_is_gone),
        cmocka_unit_test(rest_days_take_nothing), cmocka_unit_test(the_deadline_ends_the_last_step), cmocka_unit_test(an_extension_adds_steps),
        cmocka_unit_test(a_clock_at_rest_stands_still_and_goes_on_from_there), cmocka_unit_test(hours_of_work_are_steps_of_an_hour),
        cmocka_unit_test(long_limits_have_longer_steps), cmocka_unit_test(plain_hours_run_at_night),
        cmocka_unit_test(what_is_open_for_ever_stays_in_the_last_step)};
    int failed = cmocka_run_group_tests_name("course", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
