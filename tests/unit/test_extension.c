/* What moves a deadline: extensions and who approves them, suspensions, and a deadline of the platform's own. */
#include "sla/case_json.h"
#include "tests/unit/town.h"

/* --- extensions --- */

static void an_extension_asked_for_waits_for_approval(void **state)
{
    (void)state;
    town("");
    received("wuye");
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-03T10:00:00+08:00"), 2));
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-03T11:00:00+08:00"), 2)); /* it runs already */
    step(TICKET_EXTENSION_REFUSED, "2024-09-04T10:00:00+08:00");
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-05T10:00:00+08:00"), 2));
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-09T10:00:00+08:00"), 2));
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-10T10:00:00+08:00"), 2));
    step(TICKET_ANSWERED, "2024-09-10T11:00:00+08:00");
    const struct fold *fold = fold_at("2024-09-20T10:00:00+08:00");
    assert_int_equal(clocks_named(fold, "approval"), 3);
    assert_clock(clock_named(fold, "approval", 0), "", CLOCK_MET);
    assert_clock(clock_named(fold, "approval", 1), "", CLOCK_MISSED);
    assert_clock(clock_named(fold, "approval", 2), "", CLOCK_CANCELLED);
    assert_int_equal(clock_named(fold, "approval", 1)->rule->owed_by, DEBTOR_APPROVER);
    assert_int_equal(clock_named(fold, "answer", 0)->extended_days, 2);
    assert_int_equal(fold->trace[5].days, 2);
}

static void what_is_asked_too_late_has_no_approval(void **state)
{
    (void)state;
    town("");
    received("wuye");
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-10T00:00:00+08:00"), 2));
    assert_effect("2024-09-10T00:00:00+08:00", EFFECT_DONE);
    assert_int_equal(clocks_named(&life.fold, "approval"), 1);
    received("wuye");
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-10T00:00:00.001+08:00"), 2));
    assert_effect("2024-09-11T00:00:00+08:00", EFFECT_LATE);
    assert_int_equal(clocks_named(&life.fold, "approval"), 0);
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-10T10:00:00+08:00"), 2));
    assert_effect("2024-09-11T00:00:00+08:00", EFFECT_LATE);
    assert_int_equal(life.fold.trace[2].days, 0);
}

/* A decision that comes too late to add days is a decision all the same. */
static void a_late_grant_ends_the_approval(void **state)
{
    (void)state;
    town("");
    received("wuye");
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-09T10:00:00+08:00"), 2));
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-10T10:00:00+08:00"), 2)); /* again, and now too late */
    assert_effect("2024-09-10T10:00:00+08:00", EFFECT_LATE);
    assert_clock(clock_named(&life.fold, "approval", 0), "", CLOCK_RUNNING);
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-10T11:00:00+08:00"), 2));
    assert_effect("2024-09-10T12:00:00+08:00", EFFECT_LATE);
    assert_clock(clock_named(&life.fold, "approval", 0), "", CLOCK_MET);
    assert_int_equal(clock_named(&life.fold, "answer", 0)->extended_days, 0);
    assert_int_equal(clock_named(&life.fold, "answer", 0)->outcome, CLOCK_OVERDUE);
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-10T13:00:00+08:00"), 2)); /* once more: nothing is left to decide */
    assert_effect("2024-09-10T14:00:00+08:00", EFFECT_LATE);
    assert_instant(clock_named(&life.fold, "approval", 0)->stopped_ms, "2024-09-10T11:00:00+08:00");
}

static void a_request_counts_in_its_round_alone(void **state)
{
    (void)state;
    town("");
    received("wuye");
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-10T10:00:00+08:00"), 1)); /* too late */
    step(TICKET_ANSWERED, "2024-09-10T11:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-10T12:00:00+08:00");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-10T13:00:00+08:00"), 1));
    assert_effect("2024-09-10T14:00:00+08:00", EFFECT_DONE);
    assert_int_equal(clock_named(&life.fold, "answer", 1)->extended_days, 1);
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-10T15:00:00+08:00"), 1)); /* in time: so is a grant after the deadline */
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-30T10:00:00+08:00"), 1));
    assert_effect("2024-09-30T10:00:00+08:00", EFFECT_DONE);
}

static void only_clocks_that_run_and_extend_are_extended(void **state)
{
    (void)state;
    rulebook(GENERAL(MAIN("'limit_workdays': 5") ", {'clock': 'fixed', 'limit_workdays': 5, 'starts': 'receipt', 'suspends': true, 'extends': false}, "
                     "{'clock': 'ended', 'limit_workdays': 5, 'starts': 'receipt', 'stopped_by': ['ticket.signed'], 'suspends': true, 'extends': true}"), "Asia/Shanghai");
    received("wuye");
    step(TICKET_SIGNED, "2024-09-02T11:00:00+08:00");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-02T12:00:00+08:00"), 3));
    const struct fold *fold = fold_at("2024-09-02T13:00:00+08:00");
    assert_int_equal(clock_named(fold, "answer", 0)->extended_days, 3);
    assert_int_equal(clock_named(fold, "fixed", 0)->extended_days, 0);
    assert_int_equal(clock_named(fold, "ended", 0)->extended_days, 0);
}

static void at_rest_it_is_in_time(void **state)
{
    (void)state;
    town("");
    received("wuye");
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-10-14T10:00:00+08:00"), 1));
    assert_effect("2024-10-15T00:00:00+08:00", EFFECT_DONE);
    received("wuye");
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-10-14T10:00:00+08:00"), 1));
    assert_effect("2024-10-15T00:00:00+08:00", EFFECT_DONE);
}

static void a_grant_beyond_the_rounds_most_adds_nothing(void **state)
{
    (void)state;
    town(", 'extension': {'max_workdays_a_round': 2}");
    received("wuye");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-03T10:00:00+08:00"), 9));
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-03T11:00:00+08:00"), 9));
    const struct fold *fold = fold_at("2024-09-04T10:00:00+08:00");
    assert_int_equal(fold->trace[1].days, 2);
    assert_int_equal(fold->trace[2].days, 0);
    assert_int_equal(clock_named(fold, "answer", 0)->extended_days, 2);
    assert_int_equal(clock_named(fold, "share", 0)->extended_days, 2);
    assert_int_equal(counted(fold, COUNT_EXTENDED, "wuye"), 1);
}

/* --- suspensions --- */

#define REASONS ", 'suspension': {'max_workdays': 2, 'reasons': [{'reason': 'third-party'}, {'reason': 'court', 'max_workdays': 20}, {'reason': 'correction', 'max_workdays': 5, 'then': 'restarts'}]}"

static void only_listed_reasons_suspend(void **state)
{
    (void)state;
    town(REASONS);
    received("wuye");
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00"), "weather"));
    assert_effect("2024-09-03T10:00:00+08:00", EFFECT_REASON);
    step(TICKET_SUSPENDED, "2024-09-03T11:00:00+08:00");
    assert_effect("2024-09-03T11:00:00+08:00", EFFECT_REASON);
    assert_int_equal(life.fold.state, STATE_RECEIVED);
    assert_int_equal(counted(&life.fold, COUNT_SUSPENDED, "wuye"), 0);
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T12:00:00+08:00"), "court"));
    assert_effect("2024-09-03T12:00:00+08:00", EFFECT_DONE);
    assert_int_equal(life.fold.state, STATE_SUSPENDED);
    received("wuye");
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-10T00:00:00.001+08:00"), "court"));
    assert_effect("2024-09-11T00:00:00+08:00", EFFECT_LATE);
}

static void a_suspension_ends_by_itself(void **state)
{
    (void)state;
    town(REASONS);
    received("wuye");
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00"), "third-party"));
    assert_int_equal(fold_at("2024-09-04T23:59:59.999+08:00")->state, STATE_SUSPENDED);
    assert_instant(life.fold.next_ms, "2024-09-05T00:00:00+08:00");
    assert_int_equal(clock_named(&life.fold, "answer", 0)->outcome, CLOCK_SUSPENDED);
    assert_effect("2024-09-05T00:00:00+08:00", EFFECT_ENDED);
    assert_null(life.fold.trace[life.fold.traces - 1].event);
    assert_int_equal(life.fold.state, STATE_RECEIVED);
    assert_day(clock_named(&life.fold, "answer", 0)->last_day, "2024-09-11");
    assert_day(clock_named(&life.fold, "share", 0)->last_day, "2024-09-09");
    step(TICKET_RESUMED, "2024-09-05T00:00:00+08:00"); /* at that very instant: it has ended already */
    assert_effect("2024-09-05T00:00:00+08:00", EFFECT_NOTHING);
    step(TICKET_SIGNED, "2024-09-06T00:00:00+08:00");
    assert_effect("2024-09-06T00:00:00+08:00", EFFECT_DONE);
    assert_int_equal(life.fold.traces, 5);
}

static void or_goes_on_for_its_reasons_time(void **state)
{
    (void)state;
    town(REASONS);
    received("wuye");
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00"), "court"));
    assert_int_equal(fold_at("2024-09-27T00:00:00+08:00")->state, STATE_SUSPENDED);
    step(TICKET_RESUMED, "2024-09-27T00:00:00+08:00");
    assert_int_equal(fold_at("2024-09-27T01:00:00+08:00")->state, STATE_RECEIVED);
    town(", 'suspension': {'reasons': [{'reason': 'court'}]}");
    received("wuye");
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00"), "court"));
    assert_int_equal(fold_at("2034-09-27T00:00:00+08:00")->state, STATE_SUSPENDED);
    assert_true(life.fold.next_ms == INT64_MAX);
    town(", 'suspension': {'max_workdays': 1}");
    received("wuye");
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    assert_effect("2024-09-10T00:00:00+08:00", EFFECT_ENDED);
}

static void each_suspension_has_its_own_longest_time(void **state)
{
    (void)state;
    town(", 'suspension': {'reasons': [{'reason': 'third-party', 'max_workdays': 2}, {'reason': 'court'}]}");
    received("wuye");
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00"), "third-party"));
    step(TICKET_RESUMED, "2024-09-03T11:00:00+08:00");
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T12:00:00+08:00"), "court"));
    assert_int_equal(fold_at("2024-12-03T12:00:00+08:00")->state, STATE_SUSPENDED);
}

static void after_a_correction_the_limit_begins_anew(void **state)
{
    (void)state;
    town(REASONS);
    received("wuye");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-02T10:30:00+08:00"), 1));
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00"), "correction"));
    step_to(TICKET_TRANSFERRED, "2024-09-04T10:00:00+08:00", "chengguan"); /* its share begins at rest */
    step(TICKET_RESUMED, "2024-09-05T10:00:00+08:00");
    const struct fold *fold = fold_at("2024-09-06T00:00:00+08:00");
    assert_instant(main_of(fold)->begin_ms, "2024-09-05T10:00:00+08:00");
    assert_day(main_of(fold)->last_day, "2024-09-13"); /* six working days after the 5th */
    assert_clock(clock_named(fold, "share", 1), "chengguan", CLOCK_RUNNING);
    assert_instant(clock_named(fold, "share", 1)->begin_ms, "2024-09-05T10:00:00+08:00");
    assert_day(clock_named(fold, "share", 1)->last_day, "2024-09-10");
    assert_clock(clock_named(fold, "share", 0), "wuye", CLOCK_MET);
    received("wuye");
    happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00"), "correction"));
    assert_effect("2024-09-10T00:00:00+08:00", EFFECT_ENDED);
    assert_instant(main_of(&life.fold)->begin_ms, "2024-09-10T00:00:00+08:00");
}

static void what_is_past_its_own_deadline_does_not_rest(void **state)
{
    (void)state;
    town("");
    received("wuye");
    step(TICKET_SUSPENDED, "2024-09-06T10:00:00+08:00"); /* the share was due by the end of the 5th */
    const struct fold *fold = fold_at("2024-09-07T00:00:00+08:00");
    assert_clock(clock_named(fold, "share", 0), "wuye", CLOCK_OVERDUE);
    assert_int_equal(main_of(fold)->outcome, CLOCK_SUSPENDED);
}

static void an_end_of_the_case_ends_its_suspension(void **state)
{
    (void)state;
    town(REASONS);
    for (enum event_type type = TICKET_ANSWERED; type <= TICKET_VOIDED; type++) {
        if (type != TICKET_ANSWERED && type != TICKET_CLOSED && type != TICKET_VOIDED) continue;
        received("wuye");
        happens(with_reason(event_at(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00"), "court"));
        step(type, "2024-09-05T10:00:00+08:00");
        const struct fold *fold = fold_at("2024-12-05T10:00:00+08:00");
        assert_int_equal(fold->state, type == TICKET_ANSWERED ? STATE_ANSWERED : type == TICKET_CLOSED ? STATE_CLOSED : STATE_VOIDED);
        assert_int_equal(fold->traces, 3);
        assert_int_equal(main_of(fold)->outcome, type == TICKET_VOIDED ? CLOCK_CANCELLED : CLOCK_MET);
        assert_int_equal(main_of(fold)->gained, 2);
    }
}

/* --- the platform's own deadline --- */

static void each_event_may_state_a_deadline(void **state)
{
    (void)state;
    town(", 'due': 'theirs'");
    life_begin(OF_TICKET);
    happens(with_due(event_at(TICKET_RECEIVED, RECEIPT), "2024-09-04T12:00:00+08:00"));
    assert_instant(main_of(fold_at("2024-09-02T10:30:00+08:00"))->deadline_ms, "2024-09-04T12:00:00+08:00");
    happens(with_due(event_at(TICKET_AMENDED, "2024-09-02T11:00:00+08:00"), "2024-09-05T12:00:00+08:00"));
    assert_instant(main_of(fold_at("2024-09-02T11:30:00+08:00"))->deadline_ms, "2024-09-05T12:00:00+08:00");
    happens(with_due(of_unit(event_at(TICKET_DISPATCHED, "2024-09-02T12:00:00+08:00"), "wuye"), "2024-09-06T12:00:00+08:00"));
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-03T10:00:00+08:00"), 1));
    const struct fold *fold = fold_at("2024-09-03T11:00:00+08:00");
    assert_instant(main_of(fold)->deadline_ms, "2024-09-09T12:00:00+08:00");
    assert_instant(main_of(fold)->ours_ms, "2024-09-11T00:00:00+08:00");
    json_t *due = due_to_json(fold, &life.rules);
    assert_int_equal(json_integer_value(json_object_get(due, "difference_ms")), -36 * 3600000);
    json_decref(due);
    step(TICKET_ANSWERED, "2024-09-09T12:00:00.001+08:00");
    happens(with_due(event_at(TICKET_AMENDED, "2024-09-10T10:00:00+08:00"), "2024-12-06T12:00:00+08:00")); /* it has ended */
    assert_int_equal(main_of(fold_at("2024-09-11T10:00:00+08:00"))->outcome, CLOCK_MISSED);
    step(TICKET_REOPENED, "2024-09-12T10:00:00+08:00");
    fold = fold_at("2024-09-12T11:00:00+08:00");
    assert_int_equal(main_of(fold)->stated_ms, 0); /* a reopening forgets it */
    assert_true(json_is_null(due_to_json(fold, &life.rules)));
}

static void a_rating_without_clock_has_no_deadline_to_state(void **state)
{
    (void)state;
    town(", 'due': 'theirs'");
    life_begin(OF_RATING);
    struct event event = event_at(RATING_SUBMITTED, RECEIPT);
    event.satisfaction = 3;
    happens(with_due(event, "2024-09-04T12:00:00+08:00"));
    assert_int_equal(fold_at(RECEIPT)->state, STATE_CLOSED);
    assert_null(main_of(&life.fold));
    assert_true(json_is_null(due_to_json(&life.fold, &life.rules)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_extension_asked_for_waits_for_approval), cmocka_unit_test(what_is_asked_too_late_has_no_approval),
        cmocka_unit_test(a_late_grant_ends_the_approval), cmocka_unit_test(a_request_counts_in_its_round_alone), cmocka_unit_test(only_clocks_that_run_and_extend_are_extended),
        cmocka_unit_test(at_rest_it_is_in_time), cmocka_unit_test(a_grant_beyond_the_rounds_most_adds_nothing),
        cmocka_unit_test(only_listed_reasons_suspend), cmocka_unit_test(a_suspension_ends_by_itself),
        cmocka_unit_test(or_goes_on_for_its_reasons_time), cmocka_unit_test(each_suspension_has_its_own_longest_time),
        cmocka_unit_test(after_a_correction_the_limit_begins_anew),
        cmocka_unit_test(what_is_past_its_own_deadline_does_not_rest), cmocka_unit_test(an_end_of_the_case_ends_its_suspension),
        cmocka_unit_test(each_event_may_state_a_deadline), cmocka_unit_test(a_rating_without_clock_has_no_deadline_to_state)};
    int failed = cmocka_run_group_tests_name("extension", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
