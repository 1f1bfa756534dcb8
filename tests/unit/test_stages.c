/* Clocks that events start and stop, main clocks that are none or end by other events, and reminders at once. */
#include "sla/demand.h"
#include "tests/unit/world.h"

/* --- clocks that events start --- */

#define SIGNING ON_EVENT("sign", "'limit_work_hours': 2", "['ticket.received', 'ticket.dispatched', 'ticket.transferred']", "['ticket.signed']", "['ticket.transferred', 'ticket.answered']")

static void an_event_stops_and_cancels_before_it_starts(void **state)
{
    (void)state;
    world(GENERAL(MAIN("'limit_workdays': 5") ", " SIGNING));
    step_to(TICKET_DISPATCHED, "2024-09-02T11:00:00+08:00", "wuye"); /* it runs: not started again */
    step_to(TICKET_TRANSFERRED, "2024-09-02T11:30:00+08:00", "chengguan"); /* cancelled, and started anew */
    step(TICKET_SIGNED, "2024-09-02T12:00:00+08:00");
    step(TICKET_SIGNED, "2024-09-02T12:30:00+08:00");
    step_to(TICKET_TRANSFERRED, "2024-09-02T17:00:00+08:00", "wuye");
    step(TICKET_SUSPENDED, "2024-09-02T17:10:00+08:00");
    step(TICKET_SIGNED, "2024-09-03T10:00:00+08:00");
    const struct fold *fold = fold_at("2024-09-04T09:00:00+08:00");
    assert_int_equal(clocks_named(fold, "sign"), 3);
    assert_int_equal(clock_named(fold, "sign", 0)->outcome, CLOCK_CANCELLED);
    assert_instant(clock_named(fold, "sign", 0)->started_ms, RECEIPT);
    assert_int_equal(clock_named(fold, "sign", 1)->outcome, CLOCK_MET);
    assert_instant(clock_named(fold, "sign", 1)->started_ms, "2024-09-02T11:30:00+08:00");
    assert_int_equal(clock_named(fold, "sign", 1)->round, 2);
    assert_int_equal(clock_named(fold, "sign", 2)->outcome, CLOCK_MET); /* at rest since 17:10 */
    assert_int_equal(clock_named(fold, "sign", 2)->gained, 80 * 60000);
    assert_int_equal(clock_named(fold, "sign", 2)->round, 3);
    assert_false(clock_named(fold, "sign", 2)->main);
}

static void one_that_starts_at_rest_rests(void **state)
{
    (void)state;
    world(GENERAL(MAIN("'limit_workdays': 5") ", " SIGNING ", {'clock': 'call', 'limit_hours': 1, 'starts': ['ticket.dispatched'], 'suspends': false, 'extends': false}"));
    step(TICKET_SIGNED, "2024-09-02T10:30:00+08:00");
    step(TICKET_SUSPENDED, "2024-09-02T11:00:00+08:00");
    step_to(TICKET_DISPATCHED, "2024-09-02T12:00:00+08:00", "wuye");
    const struct fold *fold = fold_at("2024-09-10T09:00:00+08:00");
    assert_int_equal(clock_named(fold, "sign", 1)->outcome, CLOCK_SUSPENDED);
    assert_int_equal(clock_named(fold, "call", 0)->outcome, CLOCK_OVERDUE);
    step(TICKET_RESUMED, "2024-09-10T10:00:00+08:00");
    assert_instant(clock_named(fold_at("2024-09-10T11:00:00+08:00"), "sign", 1)->deadline_ms, "2024-09-10T12:00:00+08:00");
}

static void a_contact_that_reached_nobody_moves_no_clock(void **state)
{
    (void)state;
    world(GENERAL(MAIN("'limit_workdays': 5") ", " ON_EVENT("contact", "'limit_hours': 2", "'receipt'", "['ticket.contacted']", "[]") ", "
                  ON_EVENT("after", "'limit_hours': 2", "['ticket.contacted']", "[]", "[]")));
    step(TICKET_CONTACTED, "2024-09-02T10:30:00+08:00");
    assert_int_equal(clock_named(fold_at("2024-09-02T11:00:00+08:00"), "contact", 0)->outcome, CLOCK_RUNNING);
    assert_int_equal(clocks_named(&life.fold, "after"), 0);
    assert_int_equal(counted(&life.fold, COUNT_CONTACTED, "wuye"), 0);
    struct event reached = event_at(TICKET_CONTACTED, "2024-09-02T12:00:00.001+08:00");
    reached.flags = EVENT_REACHED;
    happens(reached);
    assert_int_equal(clock_named(fold_at("2024-09-02T13:00:00+08:00"), "contact", 0)->outcome, CLOCK_MISSED);
    assert_int_equal(clocks_named(&life.fold, "after"), 1);
    assert_int_equal(counted(&life.fold, COUNT_CONTACTED, "wuye"), 1);
    assert_int_equal(counted(&life.fold, COUNT_CONTACTED_IN_TIME, "wuye"), 0);
}

static void clocks_of_a_receipt_start_once(void **state)
{
    (void)state;
    world(GENERAL(MAIN("'limit_workdays': 5") ", " ON_EVENT("contact", "'limit_hours': 2", "'receipt'", "['ticket.contacted']", "['ticket.answered']")));
    step(TICKET_ANSWERED, "2024-09-02T11:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-02T12:00:00+08:00");
    assert_int_equal(clocks_named(fold_at("2024-09-02T13:00:00+08:00"), "contact"), 1);
    assert_int_equal(clocks_named(&life.fold, "answer"), 2);
}

/* A clock of each round that the answer does not stop runs on: the next round does not start it again. */
static void a_clock_that_runs_is_not_started_by_a_round(void **state)
{
    (void)state;
    world(GENERAL(MAIN("'limit_workdays': 5") ", {'clock': 'visit', 'limit_workdays': 9, 'starts': 'each-round', 'stopped_by': ['ticket.contacted'], 'suspends': true, 'extends': false}"));
    step(TICKET_ANSWERED, "2024-09-02T11:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-02T12:00:00+08:00");
    assert_int_equal(clocks_named(fold_at("2024-09-02T13:00:00+08:00"), "visit"), 1);
    struct event reached = event_at(TICKET_CONTACTED, "2024-09-02T14:00:00+08:00");
    reached.flags = EVENT_REACHED;
    happens(reached);
    step(TICKET_ANSWERED, "2024-09-02T15:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-02T16:00:00+08:00");
    assert_int_equal(clocks_named(fold_at("2024-09-02T17:00:00+08:00"), "visit"), 2);
    assert_instant(clock_named(&life.fold, "visit", 1)->started_ms, "2024-09-02T16:00:00+08:00");
}

/* --- a class without clocks, and main clocks that end by other events --- */

static void without_a_main_clock_nothing_is_in_time(void **state)
{
    (void)state;
    world(GENERAL(""));
    step(TICKET_SUSPENDED, "2024-09-02T11:00:00+08:00");
    fold_at("2024-09-02T12:00:00+08:00");
    assert_int_equal(last_effect(), EFFECT_LATE);
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-02T13:00:00+08:00"), 1));
    fold_at("2024-09-02T14:00:00+08:00");
    assert_int_equal(last_effect(), EFFECT_LATE);
    struct event answer = event_at(TICKET_ANSWERED, "2024-09-02T15:00:00+08:00");
    answer.outcome = OUTCOME_SOLVED;
    happens(answer);
    assert_int_equal(fold_at("2024-09-02T16:00:00+08:00")->state, STATE_ANSWERED);
    assert_int_equal(counted(&life.fold, COUNT_ANSWERED, "wuye"), 0);
    assert_int_equal(counted(&life.fold, COUNT_SOLVED, "wuye"), 0);
}

static void an_answer_counts_where_it_stopped_the_main_clock(void **state)
{
    (void)state;
    struct event answer = event_at(TICKET_ANSWERED, "2024-09-02T15:00:00+08:00");
    answer.outcome = OUTCOME_SOLVED;
    answer.flags = EVENT_DIRECT;
    world("");
    happens(answer);
    assert_int_equal(counted(fold_at("2024-09-02T16:00:00+08:00"), COUNT_SOLVED, "wuye"), 1);
    assert_int_equal(counted(&life.fold, COUNT_DIRECT, "wuye"), 1);
    answer.outcome = OUTCOME_EXPLAINED;
    world("");
    happens(answer);
    assert_int_equal(counted(fold_at("2024-09-02T16:00:00+08:00"), COUNT_EXPLAINED, "wuye"), 1);
    world(GENERAL("{'clock': 'answer', 'limit_workdays': 5, 'starts': 'each-round', 'stopped_by': ['ticket.closed', 'ticket.signed'], 'suspends': true, 'extends': true}"));
    happens(answer); /* it stops nothing here */
    assert_int_equal(counted(fold_at("2024-09-02T16:00:00+08:00"), COUNT_EXPLAINED, "wuye"), 0);
    step(TICKET_SIGNED, "2024-09-02T14:00:00+08:00"); /* or it had stopped before */
    assert_int_equal(counted(fold_at("2024-09-02T16:00:00+08:00"), COUNT_EXPLAINED, "wuye"), 0);
    assert_int_equal(counted(&life.fold, COUNT_ANSWERED, "wuye"), 1);
    assert_int_equal(life.fold.state, STATE_ANSWERED);
}

/* The main clock is past the deadline, or ended, while the case is suspended for others. */
static void at_rest_an_extension_is_in_time_while_the_main_clock_rests(void **state)
{
    (void)state;
    world(GENERAL("{'clock': 'answer', 'limit_workdays': 1, 'starts': 'each-round', 'stopped_by': ['ticket.signed'], 'suspends': false, 'extends': true}"));
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-05T10:00:00+08:00"), 1)); /* it does not rest, and is overdue */
    fold_at("2024-09-05T11:00:00+08:00");
    assert_int_equal(last_effect(), EFFECT_LATE);
    step(TICKET_SIGNED, "2024-09-06T10:00:00+08:00");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-06T12:00:00+08:00"), 1)); /* nor does it run */
    fold_at("2024-09-06T13:00:00+08:00");
    assert_int_equal(last_effect(), EFFECT_LATE);
}

static void a_review_no_longer_to_be_put_right(void **state)
{
    (void)state;
    rulebook("'classes': [" CLASS("general", MAIN("'limit_workdays': 5")) ", {'class': 'rating', 'of': 'rating', 'clocks': [{'clock': 'rectify', 'limit_workdays': 5,"
             " 'starts': 'receipt', 'stopped_by': ['rating.rectified'], 'cancelled_by': ['rating.replied'], 'suspends': false, 'extends': false}]}]", "Asia/Shanghai");
    life.fold.tracing = true;
    life_begin(OF_RATING);
    struct event rating = event_at(RATING_SUBMITTED, RECEIPT);
    rating.satisfaction = 1;
    happens(rating);
    step(RATING_REPLIED, "2024-09-02T11:00:00+08:00");
    step(RATING_RECTIFIED, "2024-09-02T12:00:00+08:00");
    assert_int_equal(fold_at("2024-09-02T13:00:00+08:00")->state, STATE_OPEN);
    assert_int_equal(last_effect(), EFFECT_NO_CLOCK);
    rulebook("", "Asia/Shanghai");
    step(RATING_APPEAL_UPHELD, "2024-09-02T14:00:00+08:00");
    assert_int_equal(fold_at("2024-09-02T15:00:00+08:00")->state, STATE_CLOSED);
    assert_int_equal(last_effect(), EFFECT_NO_CLOCK); /* of a class without clocks */
}

/* --- reminders at once --- */

#define NUDGING                                                                                                                       \
    GENERAL(ANSWER("'limit_workdays': 5", ", 'ladder': 'steps'"))                                                                      \
    ", 'ladders': {'steps': [{'step': 'urged', 'on': 'ticket.urged', 'to': ['handler']}, {'step': 'supervised', 'on': 'ticket.supervised', 'to': ['leader']}, " \
    "{'step': 'remind', 'minutes_before': 30, 'to': ['handler']}, {'step': 'overdue', 'overdue': true, 'to': ['handler']}]}"

static struct demands demands;

static void assert_owed(const char *now, const char *step_name)
{
    char text[STEP_TEXT_BYTES] = "";
    demands_owed(&demands, &life.file, fold_at(now), &life.rules, ms(now));
    for (size_t i = 0; i < demands.count; i++)
        if (demands.at[i].kind == DEMAND_NOTICE) step_print(text, demands.at[i].step, demands.at[i].told.day);
    assert_string_equal(text, step_name);
}

static void tell_all(void)
{
    for (size_t i = 0; i < demands.count; i++) {
        demands.at[i].told.status = TOLD_DELIVERED;
        assert_true(case_tell(&life.file, &demands.at[i].told));
    }
}

static void an_urge_reminds_at_once(void **state)
{
    (void)state;
    world(NUDGING);
    step(TICKET_URGED, RECEIPT); /* as the clock starts: nobody has kept anybody waiting */
    assert_owed("2024-09-03T10:00:00+08:00", "");
    step(TICKET_URGED, "2024-09-03T10:00:00+08:00");
    assert_owed("2024-09-03T10:00:00+08:00", "urged-1");
    tell_all();
    assert_owed("2024-09-03T11:00:00+08:00", "");
    step(TICKET_SUPERVISED, "2024-09-03T12:00:00+08:00");
    step(TICKET_URGED, "2024-09-03T12:30:00+08:00");
    assert_owed("2024-09-03T12:10:00+08:00", "supervised-1");
    assert_owed("2024-09-03T13:00:00+08:00", "urged-2"); /* the latest alone */
    assert_int_equal(demands.at[0].superseded, 1);
    tell_all();
    assert_owed("2024-09-09T23:30:00+08:00", "remind");
    tell_all();
    assert_owed("2024-09-10T00:00:00.001+08:00", "overdue");
    tell_all();
    step(TICKET_URGED, "2024-09-11T12:30:00+08:00");
    assert_owed("2024-09-11T13:00:00+08:00", "urged-3");
    step(TICKET_ANSWERED, "2024-09-11T14:00:00+08:00");
    step(TICKET_URGED, "2024-09-11T15:00:00+08:00"); /* nothing runs */
    assert_owed("2024-09-11T16:00:00+08:00", "");
}

/* The deadline moves: what was said of the urge is said, a new urge is another. */
static void an_urge_is_answered_once_whatever_the_deadline(void **state)
{
    (void)state;
    world(NUDGING);
    step(TICKET_URGED, "2024-09-03T10:00:00+08:00");
    assert_owed("2024-09-03T10:00:00+08:00", "urged-1");
    tell_all();
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-03T11:00:00+08:00"), 2));
    assert_owed("2024-09-03T12:00:00+08:00", "");
    step(TICKET_URGED, "2024-09-03T09:30:00+08:00"); /* arrives late; a later one was answered */
    assert_owed("2024-09-03T12:00:00+08:00", "");
    step(TICKET_SUPERVISED, "2024-09-03T13:00:00+08:00"); /* another step, of the same number */
    assert_owed("2024-09-03T14:00:00+08:00", "supervised-1");
    tell_all();
    step(TICKET_URGED, "2024-09-03T15:00:00+08:00");
    assert_owed("2024-09-03T16:00:00+08:00", "urged-3");
    for (size_t i = 0; i < demands.count; i++) { /* tried in vain so far: owed under the new deadline as well */
        demands.at[i].told.status = TOLD_PENDING;
        assert_true(case_tell(&life.file, &demands.at[i].told));
    }
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-03T17:00:00+08:00"), 2));
    assert_owed("2024-09-03T18:00:00+08:00", "urged-3");
}

static void another_clock_has_its_own_answer_to_an_urge(void **state)
{
    (void)state;
    world(GENERAL(ANSWER("'limit_workdays': 5", ", 'ladder': 'steps'") ", {'clock': 'b', 'limit_workdays': 9, 'starts': 'receipt', 'suspends': true, 'extends': true, 'ladder': 'steps'}")
          ", 'ladders': {'steps': [{'step': 'urged', 'on': 'ticket.urged', 'to': ['handler']}]}");
    step(TICKET_URGED, "2024-09-03T10:00:00+08:00");
    assert_owed("2024-09-03T10:00:00+08:00", "urged-1");
    assert_int_equal(demands.count, 2);
    demands.count = 1; /* one of the two is told */
    tell_all();
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-03T11:00:00+08:00"), 2));
    assert_owed("2024-09-03T12:00:00+08:00", "urged-1");
    assert_int_equal(demands.count, 1);
    assert_string_equal(demands.at[0].clock->rule->name, "b");
    tell_all();
    step(TICKET_ANSWERED, "2024-09-03T13:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-03T14:00:00+08:00");
    step(TICKET_URGED, "2024-09-03T15:00:00+08:00"); /* of the new round its first; the second of the clock that runs on */
    assert_owed("2024-09-03T16:00:00+08:00", "urged-1");
    assert_int_equal(demands.at[demands.count - 2].told.day, 2);
}

/* Who may rest owes no answer to an urge meanwhile; a clock that does not rest does. */
static void an_urge_at_rest_reminds_whom_it_does_not_let_rest(void **state)
{
    (void)state;
    world(GENERAL(ANSWER("'limit_workdays': 5", ", 'ladder': 'steps'") ", {'clock': 'b', 'limit_workdays': 9, 'starts': 'receipt', 'suspends': false, 'extends': true, 'ladder': 'steps'}")
          ", 'ladders': {'steps': [{'step': 'urged', 'on': 'ticket.urged', 'to': ['handler']}]}");
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    step(TICKET_URGED, "2024-09-03T11:00:00+08:00");
    assert_owed("2024-09-03T12:00:00+08:00", "urged-1");
    assert_int_equal(demands.count, 1);
    assert_string_equal(demands.at[0].clock->rule->name, "b");
    tell_all();
    step(TICKET_RESUMED, "2024-09-03T13:00:00+08:00");
    assert_owed("2024-09-03T14:00:00+08:00", "");
    step(TICKET_URGED, "2024-09-03T15:00:00+08:00");
    assert_owed("2024-09-03T16:00:00+08:00", "urged-2");
    assert_int_equal(demands.count, 2);
    assert_int_equal(demands.at[0].told.day, 1); /* of the clock that rested its first */
}

static void an_urge_before_the_round_is_the_last_rounds(void **state)
{
    (void)state;
    world(NUDGING);
    step(TICKET_URGED, "2024-09-03T10:00:00+08:00");
    step(TICKET_ANSWERED, "2024-09-03T11:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-03T12:00:00+08:00");
    assert_owed("2024-09-03T13:00:00+08:00", "");
    step(TICKET_URGED, "2024-09-03T14:00:00+08:00");
    assert_owed("2024-09-03T15:00:00+08:00", "urged-1");
}

static void what_does_nothing_reminds_nobody(void **state)
{
    (void)state;
    world(NUDGING);
    step(TICKET_VOIDED, "2024-09-03T10:00:00+08:00");
    step(TICKET_URGED, "2024-09-03T11:00:00+08:00");
    assert_int_equal(fold_at("2024-09-03T12:00:00+08:00")->nudges, 0);
    assert_int_equal(last_effect(), EFFECT_NOTHING);
    world("");
    step(TICKET_URGED, "2024-09-03T11:00:00+08:00"); /* no ladder asks for it */
    assert_int_equal(fold_at("2024-09-03T12:00:00+08:00")->nudges, 0);
}

static void many_urges_share_the_last_number(void **state)
{
    (void)state;
    world(NUDGING);
    for (int i = 0; i < 300; i++) {
        struct event urge = event_at(TICKET_URGED, "2024-09-03T11:00:00+08:00");
        urge.at_ms += i * 1000;
        happens(urge);
    }
    assert_owed("2024-09-03T12:00:00+08:00", "urged-255");
    tell_all();
    assert_owed("2024-09-03T12:00:00+08:00", "");
    step(TICKET_URGED, "2024-09-03T13:00:00+08:00");
    assert_owed("2024-09-03T13:00:00+08:00", "urged-255");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_stops_and_cancels_before_it_starts), cmocka_unit_test(one_that_starts_at_rest_rests),
        cmocka_unit_test(a_contact_that_reached_nobody_moves_no_clock), cmocka_unit_test(clocks_of_a_receipt_start_once),
        cmocka_unit_test(a_clock_that_runs_is_not_started_by_a_round), cmocka_unit_test(without_a_main_clock_nothing_is_in_time),
        cmocka_unit_test(an_answer_counts_where_it_stopped_the_main_clock),
        cmocka_unit_test(at_rest_an_extension_is_in_time_while_the_main_clock_rests), cmocka_unit_test(a_review_no_longer_to_be_put_right),
        cmocka_unit_test(an_urge_reminds_at_once), cmocka_unit_test(an_urge_is_answered_once_whatever_the_deadline),
        cmocka_unit_test(another_clock_has_its_own_answer_to_an_urge), cmocka_unit_test(an_urge_at_rest_reminds_whom_it_does_not_let_rest), cmocka_unit_test(an_urge_before_the_round_is_the_last_rounds),
        cmocka_unit_test(what_does_nothing_reminds_nobody), cmocka_unit_test(many_urges_share_the_last_number)};
    int failed = cmocka_run_group_tests_name("stages", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
