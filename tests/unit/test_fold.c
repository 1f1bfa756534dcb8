/* Rules 2.2 to 2.8 at their edges. 2024-09-30 is a Monday; of the days after it 10-08 to 10-12 are
 * the first five working days, so a general ticket received that day is due by the end of 10-12. */
#include "tests/unit/life.h"

#define RECEIPT "2024-09-30T10:15:00+08:00"
#define DEADLINE "2024-10-13T00:00:00+08:00"
#define AFTER "2024-10-13T00:00:00.001+08:00"

static void received(void)
{
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, RECEIPT, "wuye");
}

static void assert_unit(struct text unit, const char *expected)
{
    assert_true(text_equal(unit, (struct text){expected, strlen(expected)}));
}

static void the_deadline_is_the_midnight_that_ends_the_last_day(void **state)
{
    (void)state;
    received();
    const struct clock *clock = fold_at(DEADLINE)->clock;
    assert_int_equal(clock->deadline_ms, ms(DEADLINE));
    assert_int_equal(clock->last_day, day("2024-10-12"));
    assert_int_equal(clock->outcome, CLOCK_RUNNING);
    assert_int_equal(life.fold.next_ms, ms(AFTER));
    assert_int_equal(fold_at(AFTER)->clock->outcome, CLOCK_OVERDUE);
    assert_int_equal(life.fold.clock->overdue_ms, 1);
    assert_int_equal(counted(&life.fold, COUNT_MISSED, "wuye"), 1);
    assert_int_equal(counted(&life.fold, COUNT_OPEN_OVERDUE, "wuye"), 1);
}

static void an_answer_at_the_deadline_is_in_time(void **state)
{
    (void)state;
    received();
    step(TICKET_ANSWERED, DEADLINE);
    assert_int_equal(fold_at(AFTER)->clock->outcome, CLOCK_MET);
    assert_int_equal(counted(&life.fold, COUNT_ANSWERED_IN_TIME, "wuye"), 1);
    received();
    step(TICKET_ANSWERED, AFTER);
    assert_int_equal(fold_at(AFTER)->clock->outcome, CLOCK_MISSED);
    assert_int_equal(life.fold.clock->overdue_ms, 1);
    assert_int_equal(counted(&life.fold, COUNT_ANSWERED_IN_TIME, "wuye"), 0);
}

static void events_before_a_receipt_wait_and_are_history(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    step_to(TICKET_DISPATCHED, "2024-09-29T00:00:00Z", "early");
    assert_int_equal(fold_at(AFTER)->state, STATE_INCOMPLETE);
    assert_int_equal(life.fold.class, -1);
    assert_int_equal(life.fold.contributions, 0);
    step(TICKET_RECEIVED, RECEIPT);
    assert_int_equal(fold_at(DEADLINE)->state, STATE_RECEIVED);
    assert_unit(life.fold.unit, "");
}

static void later_events_are_left_out(void **state)
{
    (void)state;
    received();
    step(TICKET_CLOSED, "2024-10-09T08:00:00+08:00");
    assert_int_equal(fold_at("2024-10-09T07:59:59.999+08:00")->state, STATE_RECEIVED);
    assert_int_equal(life.fold.used, 1);
    assert_int_equal(life.fold.next_ms, ms("2024-10-09T08:00:00+08:00"));
}

static void suspension_gains_the_working_days_it_took(void **state)
{
    (void)state;
    received();
    step(TICKET_SUSPENDED, "2024-10-08T09:00:00+08:00");
    step(TICKET_SIGNED, "2024-10-09T09:00:00+08:00");
    assert_int_equal(fold_at("2024-12-01T00:00:00Z")->state, STATE_SUSPENDED);
    assert_int_equal(life.fold.clock->outcome, CLOCK_SUSPENDED);
    assert_int_equal(life.fold.clock->deadline_ms, ms(DEADLINE));
    step(TICKET_RESUMED, "2024-10-10T09:00:00+08:00");
    assert_int_equal(fold_at("2024-10-11T00:00:00Z")->state, STATE_SIGNED);
    assert_int_equal(life.fold.clock->last_day, day("2024-10-15"));
}

static void an_answer_resumes_what_is_suspended(void **state)
{
    (void)state;
    received();
    step(TICKET_SUSPENDED, "2024-10-08T09:00:00+08:00");
    step(TICKET_ANSWERED, "2024-10-14T09:00:00+08:00");
    const struct clock *clock = fold_at("2024-12-01T00:00:00Z")->clock;
    assert_int_equal(clock->outcome, CLOCK_MET);
    assert_int_equal(clock->gained, 5);
}

static void a_late_suspension_is_history(void **state)
{
    (void)state;
    received();
    step(TICKET_SUSPENDED, AFTER);
    assert_int_equal(fold_at("2024-12-01T00:00:00Z")->clock->outcome, CLOCK_OVERDUE);
    assert_int_equal(counted(&life.fold, COUNT_SUSPENDED, "wuye"), 0);
}

static struct event grant(const char *time, uint8_t days)
{
    struct event event = event_at(TICKET_EXTENSION_GRANTED, time);
    event.days = days;
    return event;
}

static void a_grant_needs_a_request_in_time(void **state)
{
    (void)state;
    received();
    step(TICKET_EXTENSION_REQUESTED, DEADLINE);
    happens(grant("2024-10-20T00:00:00Z", 1));
    assert_int_equal(fold_at("2024-10-21T00:00:00Z")->clock->last_day, day("2024-10-14"));
    received();
    happens(grant(AFTER, 1));
    assert_int_equal(fold_at("2024-10-21T00:00:00Z")->clock->extended_days, 0);
    assert_int_equal(counted(&life.fold, COUNT_EXTENDED, "wuye"), 0);
}

static void grants_of_a_round_end_at_the_maximum(void **state)
{
    (void)state;
    received();
    happens(grant("2024-10-08T00:00:00Z", 7));
    happens(grant("2024-10-08T01:00:00Z", 7));
    happens(grant("2024-10-08T02:00:00Z", 7));
    assert_int_equal(fold_at("2024-10-09T00:00:00Z")->clock->extended_days, 10);
    assert_int_equal(counted(&life.fold, COUNT_EXTENDED, "wuye"), 2);
}

static void a_round_has_a_maximum_of_its_own(void **state)
{
    (void)state;
    received();
    happens(grant("2024-10-08T00:00:00Z", 10));
    step(TICKET_ANSWERED, "2024-10-09T09:00:00+08:00");
    step(TICKET_REOPENED, "2024-10-10T09:00:00+08:00");
    happens(grant("2024-10-10T10:00:00+08:00", 4));
    assert_int_equal(fold_at("2024-10-11T00:00:00Z")->clock[1].extended_days, 4);
}

static void a_case_closes_once(void **state)
{
    (void)state;
    received();
    step(TICKET_ANSWERED, "2024-10-09T09:00:00+08:00");
    step(TICKET_CLOSED, "2024-10-10T09:00:00+08:00");
    step(TICKET_CLOSED, "2024-10-11T09:00:00+08:00");
    assert_int_equal(fold_at(DEADLINE)->state, STATE_CLOSED);
    assert_int_equal(life.fold.milestones, 2);
    assert_int_equal(life.fold.milestone[1].event->at_ms, ms("2024-10-10T09:00:00+08:00"));
}

static void a_reopening_starts_a_round(void **state)
{
    (void)state;
    received();
    step(TICKET_REOPENED, "2024-10-08T09:00:00+08:00"); /* neither answered nor closed: history */
    step(TICKET_ANSWERED, "2024-10-09T09:00:00+08:00");
    step(TICKET_REOPENED, "2024-10-10T09:00:00+08:00");
    const struct fold *fold = fold_at("2024-10-11T00:00:00Z");
    assert_int_equal(fold->state, STATE_DISPATCHED);
    assert_int_equal(fold->clocks, 2);
    assert_int_equal(fold->clock[0].outcome, CLOCK_MET);
    assert_int_equal(fold->clock[1].round, 2);
    assert_int_equal(fold->clock[1].last_day, day("2024-10-16"));
    assert_int_equal(counted(fold, COUNT_REOPENED, "wuye"), 1);
}

static void an_amendment_gives_its_class_from_receipt_on(void **state)
{
    (void)state;
    received();
    step(TICKET_ANSWERED, "2024-10-09T09:00:00+08:00");
    assert_int_equal(fold_at("2024-12-01T00:00:00Z")->clock->outcome, CLOCK_MET);
    struct event amended = event_at(TICKET_AMENDED, "2024-11-01T09:00:00+08:00");
    amended.flags = EVENT_HAS_SIMPLE | EVENT_SIMPLE;
    happens(amended);
    assert_int_equal(fold_at("2024-12-01T00:00:00Z")->clock->outcome, CLOCK_MISSED);
    assert_int_equal(life.fold.clock->last_day, day("2024-10-08"));
}

static void units_move_and_the_miss_is_the_holders(void **state)
{
    (void)state;
    received();
    step_to(TICKET_TRANSFERRED, "2024-10-09T09:00:00+08:00", "chengguan");
    step_to(TICKET_TRANSFERRED, DEADLINE, "jiedao");
    const struct fold *fold = fold_at("2024-12-01T00:00:00Z");
    assert_unit(fold->unit, "jiedao");
    assert_unit(fold->first_unit, "wuye");
    assert_int_equal(counted(fold, COUNT_TRANSFERRED, "wuye"), 1);
    assert_int_equal(counted(fold, COUNT_MISSED, "jiedao"), 1);
    assert_int_equal(counted(fold, COUNT_RECEIVED, "wuye"), 1);
    step_to(TICKET_AMENDED, "2024-11-01T00:00:00Z", "");
    assert_unit(fold_at("2024-12-01T00:00:00Z")->unit, "");
}

static void a_merge_cancels_and_is_final(void **state)
{
    (void)state;
    received();
    struct event merged = event_at(TICKET_MERGED, "2024-10-09T09:00:00+08:00");
    merged.flags = EVENT_VOID_OF_EFFECT;
    happens(merged);
    assert_int_equal(fold_at(AFTER)->state, STATE_RECEIVED);
    step(TICKET_MERGED, "2024-10-09T10:00:00+08:00");
    step(TICKET_ANSWERED, "2024-10-10T09:00:00+08:00");
    assert_int_equal(fold_at(AFTER)->state, STATE_MERGED);
    assert_int_equal(life.fold.clock->outcome, CLOCK_CANCELLED);
    assert_int_equal(counted(&life.fold, COUNT_MERGED, "wuye"), 1);
    assert_int_equal(counted(&life.fold, COUNT_ANSWERED, "wuye"), 0);
}

static void nobody_holds_a_case_before_its_receipt(void **state)
{
    (void)state;
    received();
    fold_at(DEADLINE);
    assert_unit(fold_unit_at(&life.fold, ms(RECEIPT)), "wuye");
    assert_unit(fold_unit_at(&life.fold, ms(RECEIPT) - 1), "");
}

static void a_linked_rating_sets_satisfaction_alone(void **state)
{
    (void)state;
    received();
    struct event link = event_at(RATING_SUBMITTED, "2024-10-09T09:00:00+08:00");
    link.flags = EVENT_LINK;
    link.satisfaction = 2;
    happens(link);
    link = event_at(RATING_SUBMITTED, "2024-10-10T09:00:00+08:00");
    link.flags = EVENT_LINK | EVENT_DEFAULT;
    link.satisfaction = 5;
    happens(link);
    assert_int_equal(fold_at(DEADLINE)->satisfaction, 2);
    assert_int_equal(counted(&life.fold, COUNT_RATING_2, "wuye"), 0);
}

static void rating(uint8_t stars, unsigned flags)
{
    life_begin(OF_RATING);
    struct event event = event_at(RATING_SUBMITTED, RECEIPT);
    event.satisfaction = stars;
    event.flags = (uint16_t)flags;
    happens(event);
}

static void a_bad_review_is_rectified_or_appealed(void **state)
{
    (void)state;
    rating(2, 0);
    assert_int_equal(fold_at(DEADLINE)->state, STATE_OPEN);
    step(RATING_RECTIFIED, DEADLINE);
    assert_int_equal(fold_at(AFTER)->state, STATE_CLOSED);
    assert_int_equal(counted(&life.fold, COUNT_RECTIFIED_IN_TIME, ""), 1);
    step(RATING_APPEAL_UPHELD, "2024-11-01T00:00:00Z");
    assert_int_equal(fold_at("2024-12-01T00:00:00Z")->clock->outcome, CLOCK_MET);
    assert_int_equal(life.fold.contributions, 1);
    assert_int_equal(counted(&life.fold, COUNT_APPEALS_UPHELD, ""), 1);
    rating(1, EVENT_DEFAULT);
    assert_int_equal(fold_at(AFTER)->state, STATE_CLOSED);
    assert_int_equal(life.fold.clocks, 0);
    assert_int_equal(life.fold.satisfaction, 0);
    assert_int_equal(counted(&life.fold, COUNT_DEFAULT_RATINGS, ""), 1);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_deadline_is_the_midnight_that_ends_the_last_day), cmocka_unit_test(an_answer_at_the_deadline_is_in_time),
        cmocka_unit_test(events_before_a_receipt_wait_and_are_history), cmocka_unit_test(later_events_are_left_out),
        cmocka_unit_test(suspension_gains_the_working_days_it_took), cmocka_unit_test(an_answer_resumes_what_is_suspended),
        cmocka_unit_test(a_late_suspension_is_history), cmocka_unit_test(a_grant_needs_a_request_in_time),
        cmocka_unit_test(grants_of_a_round_end_at_the_maximum), cmocka_unit_test(a_reopening_starts_a_round),
        cmocka_unit_test(a_round_has_a_maximum_of_its_own), cmocka_unit_test(a_case_closes_once),
        cmocka_unit_test(an_amendment_gives_its_class_from_receipt_on), cmocka_unit_test(units_move_and_the_miss_is_the_holders),
        cmocka_unit_test(a_merge_cancels_and_is_final), cmocka_unit_test(a_linked_rating_sets_satisfaction_alone),
        cmocka_unit_test(a_bad_review_is_rectified_or_appealed), cmocka_unit_test(nobody_holds_a_case_before_its_receipt)};
    int failed = cmocka_run_group_tests_name("fold", tests, NULL, NULL);
    life_close();
    return failed;
}
