/* What a policy adds to an event: another class, and rework. */
#include "tests/unit/world.h"

#define ALL CLASS("general", ANSWER("'limit_workdays': 5", "")) ", "                                                                   \
            CLASS("strict", ANSWER("'limit_workdays': 3", "")) ", " CLASS("long", ANSWER("'limit_workdays': 15", "")) ", "            \
            CLASS("hours", ANSWER("'limit_work_hours': 17", "") ", " ON_EVENT("contact", "'limit_hours': 2", "'receipt'", "['ticket.contacted']", "[]"))

/* --- another class --- */

#define SUPERVISED(to, more) ", 'effects': [{'on': 'ticket.supervised', 'in': ['general'], 'class': '" to "'" more "}]"

static void the_new_limit_counts_from_where_it_was(void **state)
{
    (void)state;
    world(CLASSES(ALL) SUPERVISED("strict", ""));
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-02T11:00:00+08:00"), 1));
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    step(TICKET_RESUMED, "2024-09-04T10:00:00+08:00");
    assert_day(answer_at("2024-09-04T12:00:00+08:00")->last_day, "2024-09-11");
    step(TICKET_SUPERVISED, "2024-09-05T10:00:00+08:00");
    assert_day(answer_at("2024-09-05T12:00:00+08:00")->last_day, "2024-09-09"); /* 3 + 1 granted + 1 at rest */
    assert_string_equal(class_at("2024-09-05T12:00:00+08:00"), "strict");
    assert_int_equal(life.fold.clocks, 1);
    assert_int_equal(life.fold.clock[0].rule->limit.amount, 3);
    assert_int_equal(counted(&life.fold, COUNT_SUPERVISED, "wuye"), 1);
    step(TICKET_ANSWERED, "2024-09-06T10:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-06T11:00:00+08:00");
    assert_int_equal(answer_at("2024-09-06T12:00:00+08:00")->rule->limit.amount, 3); /* also in later rounds */
}

static void or_whole_from_the_event_on(void **state)
{
    (void)state;
    world(CLASSES(ALL) SUPERVISED("strict", ", 'from': 'event'"));
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-02T11:00:00+08:00"), 4));
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    step(TICKET_RESUMED, "2024-09-04T10:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-05T10:00:00+08:00");
    assert_day(answer_at("2024-09-05T12:00:00+08:00")->last_day, "2024-09-10");
    assert_int_equal(life.fold.clock[0].extended_days, 0);
    step(TICKET_SUSPENDED, "2024-09-06T10:00:00+08:00");
    step(TICKET_RESUMED, "2024-09-09T10:00:00+08:00");
    assert_day(answer_at("2024-09-09T12:00:00+08:00")->last_day, "2024-09-11");
}

static void or_only_where_it_comes_earlier(void **state)
{
    (void)state;
    world(CLASSES(ALL) SUPERVISED("strict", ", 'from': 'event', 'deadline': 'earlier'"));
    step(TICKET_SUPERVISED, "2024-09-06T10:00:00+08:00");
    assert_day(answer_at("2024-09-06T12:00:00+08:00")->last_day, "2024-09-09"); /* three days from the 6th end on the 11th */
    assert_string_equal(class_at("2024-09-06T12:00:00+08:00"), "strict");
    assert_int_equal(life.fold.clock[0].rule->limit.amount, 5);
    world(CLASSES(ALL) SUPERVISED("strict", ", 'from': 'event', 'deadline': 'earlier'"));
    step(TICKET_SUPERVISED, "2024-09-03T10:00:00+08:00");
    assert_day(answer_at("2024-09-03T12:00:00+08:00")->last_day, "2024-09-06");
}

static void only_in_the_classes_it_names(void **state)
{
    (void)state;
    world(CLASSES(ALL) SUPERVISED("strict", ", 'from': 'event'"));
    step(TICKET_SUPERVISED, "2024-09-03T10:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-04T10:00:00+08:00"); /* strict by now */
    assert_day(answer_at("2024-09-04T12:00:00+08:00")->last_day, "2024-09-06");
}

static void entered_at_rest_it_rests_on(void **state)
{
    (void)state;
    world(CLASSES(ALL) SUPERVISED("strict", ""));
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-05T10:00:00+08:00");
    assert_int_equal(answer_at("2024-09-06T12:00:00+08:00")->outcome, CLOCK_SUSPENDED);
    step(TICKET_RESUMED, "2024-09-09T10:00:00+08:00");
    assert_day(answer_at("2024-09-09T12:00:00+08:00")->last_day, "2024-09-11"); /* 3 + 4 at rest */
    assert_int_equal(life.fold.clock[0].gained, 4);
    world(CLASSES(ALL) SUPERVISED("strict", ", 'from': 'event'"));
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-05T10:00:00+08:00");
    step(TICKET_RESUMED, "2024-09-09T10:00:00+08:00");
    assert_day(answer_at("2024-09-09T12:00:00+08:00")->last_day, "2024-09-12"); /* 3 after the 5th + 2 at rest since */
    assert_int_equal(life.fold.clock[0].gained, 2);
}

static void a_rest_is_counted_anew_as_the_new_limit_counts(void **state)
{
    (void)state;
    world(CLASSES(ALL) SUPERVISED("hours", ""));
    step(TICKET_SUSPENDED, "2024-09-02T12:00:00+08:00");
    step(TICKET_RESUMED, "2024-09-03T10:00:00+08:00"); /* one day, or 5.5 h and 1 h */
    step(TICKET_SUPERVISED, "2024-09-03T11:00:00+08:00");
    const struct clock *answer = answer_at("2024-09-03T12:00:00+08:00");
    assert_int_equal(answer->gained, 390 * 60000);
    assert_instant(answer->deadline_ms, "2024-09-04T16:30:00+08:00"); /* 23.5 h from 10:00: 7.5, 8.5, 7.5 */
}

static void clocks_of_the_new_class_start_where_none_ran(void **state)
{
    (void)state;
    world(CLASSES(ALL) ", 'effects': [{'on': 'ticket.supervised', 'class': 'hours'}, {'on': 'ticket.urged', 'class': 'long'}]");
    step(TICKET_SUPERVISED, "2024-09-03T11:00:00+08:00");
    assert_instant(clock_named(fold_at("2024-09-03T12:00:00+08:00"), "contact", 0)->started_ms, "2024-09-03T11:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-03T12:00:00+08:00"); /* again: it ran this round */
    assert_int_equal(clocks_named(fold_at("2024-09-03T12:00:00+08:00"), "contact"), 1);
    step(TICKET_URGED, "2024-09-03T12:30:00+08:00"); /* a class without it: it goes on */
    assert_string_equal(class_at("2024-09-03T14:00:00+08:00"), "long");
    assert_int_equal(clock_named(&life.fold, "contact", 0)->outcome, CLOCK_OVERDUE);
    assert_day(main_of(&life.fold)->last_day, "2024-09-24");
}

/* One that ran in this round does not start again; one that ran in an earlier round alone does. */
static void what_ran_in_the_round_is_not_missing(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", ANSWER("'limit_workdays': 5", "") ", " ON_EVENT("contact", "'limit_hours': 2", "'receipt'", "['ticket.signed']", "[]")) ", "
                  CLASS("hours", ANSWER("'limit_workdays': 4", "") ", " ON_EVENT("contact", "'limit_hours': 9", "'receipt'", "['ticket.signed']", "[]")))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'hours'}, {'on': 'ticket.urged', 'class': 'general'}]");
    step(TICKET_SIGNED, "2024-09-02T11:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-02T11:30:00+08:00");
    assert_int_equal(clocks_named(fold_at("2024-09-02T12:00:00+08:00"), "contact"), 1);
    step(TICKET_ANSWERED, "2024-09-02T13:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-02T14:00:00+08:00");
    assert_int_equal(clocks_named(fold_at("2024-09-02T14:30:00+08:00"), "contact"), 1);
    step(TICKET_URGED, "2024-09-02T15:00:00+08:00");
    assert_string_equal(class_at("2024-09-02T15:30:00+08:00"), "general"); /* the first class of all */
    assert_int_equal(clocks_named(&life.fold, "contact"), 2);
    assert_instant(clock_named(&life.fold, "contact", 1)->started_ms, "2024-09-02T15:00:00+08:00");
    assert_int_equal(clock_named(&life.fold, "contact", 1)->in_round, 2);
}

static void an_event_starts_clocks_of_the_class_it_enters(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", ANSWER("'limit_workdays': 5", "") ", " ON_EVENT("note", "'limit_hours': 2", "['ticket.supervised']", "[]", "[]")) ", "
                  CLASS("strict", ANSWER("'limit_workdays': 3", "") ", " ON_EVENT("report", "'limit_hours': 2", "['ticket.supervised']", "[]", "[]")))
          ", 'effects': [{'on': 'ticket.supervised', 'in': ['general'], 'class': 'strict'}]");
    step(TICKET_SUPERVISED, "2024-09-02T11:30:00+08:00");
    fold_at("2024-09-02T12:00:00+08:00");
    assert_int_equal(clocks_named(&life.fold, "note"), 1);
    assert_int_equal(clocks_named(&life.fold, "report"), 1);
    step(TICKET_SUPERVISED, "2024-09-02T12:30:00+08:00"); /* it runs */
    assert_int_equal(clocks_named(fold_at("2024-09-02T13:00:00+08:00"), "report"), 1);
}

/* A contact that reached nobody may enter a class, but starts no clock there either. */
static void an_effect_of_a_vain_contact_starts_nothing(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", ANSWER("'limit_workdays': 5", "")) ", "
                  CLASS("strict", ANSWER("'limit_workdays': 3", "") ", " ON_EVENT("visit", "'limit_hours': 2", "['ticket.contacted']", "[]", "[]")))
          ", 'effects': [{'on': 'ticket.contacted', 'class': 'strict'}]");
    step(TICKET_CONTACTED, "2024-09-02T11:00:00+08:00");
    assert_string_equal(class_at("2024-09-02T12:00:00+08:00"), "strict");
    assert_int_equal(clocks_named(&life.fold, "visit"), 0);
}

/* Of two clocks, one rested: the other has nothing to count anew. */
static void only_what_rested_gains(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", ANSWER("'limit_workdays': 5", "") ", {'clock': 'visit', 'limit_workdays': 4, 'starts': 'receipt', 'suspends': false, 'extends': false}") ", "
                  CLASS("strict", ANSWER("'limit_workdays': 4", "") ", {'clock': 'visit', 'limit_workdays': 3, 'starts': 'receipt', 'suspends': false, 'extends': false}"))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'strict'}]");
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    step(TICKET_RESUMED, "2024-09-04T10:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-04T11:00:00+08:00");
    fold_at("2024-09-04T12:00:00+08:00");
    assert_int_equal(clock_named(&life.fold, "visit", 0)->gained, 0);
    assert_day(clock_named(&life.fold, "visit", 0)->last_day, "2024-09-05");
    assert_int_equal(clock_named(&life.fold, "answer", 0)->gained, 1);
    assert_day(clock_named(&life.fold, "answer", 0)->last_day, "2024-09-09");
}

/* The main clock of the new class has another name. */
static void another_main_clock_takes_the_lead(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", MAIN("'limit_workdays': 5")) ", "
                  CLASS("other", "{'clock': 'finish', 'limit_workdays': 2, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}, "
                        "{'clock': 'answer', 'limit_workdays': 9, 'starts': 'receipt', 'suspends': true, 'extends': true}"))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'other'}]");
    step(TICKET_SUPERVISED, "2024-09-03T11:00:00+08:00");
    const struct fold *fold = fold_at("2024-09-03T12:00:00+08:00");
    assert_string_equal(main_of(fold)->rule->name, "finish");
    assert_false(clock_named(fold, "answer", 0)->main);
    assert_int_equal(clock_named(fold, "answer", 0)->rule->limit.amount, 9);
    step(TICKET_CLOSED, "2024-09-04T12:00:00+08:00");
    assert_int_equal(counted(fold_at("2024-09-05T12:00:00+08:00"), COUNT_ANSWERED, "wuye"), 1);
    world(CLASSES(CLASS("general", MAIN("'limit_workdays': 5") ", " ON_EVENT("finish", "'limit_workdays': 9", "'receipt'", "['ticket.closed']", "[]")) ", "
                  CLASS("other", "{'clock': 'finish', 'limit_workdays': 2, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}"))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'other'}]");
    step(TICKET_SUPERVISED, "2024-09-03T11:00:00+08:00"); /* one that runs becomes the main one */
    fold = fold_at("2024-09-03T12:00:00+08:00");
    assert_string_equal(main_of(fold)->rule->name, "finish");
    assert_false(clock_named(fold, "answer", 0)->main);
}

/* It did not rest with the case; under its new rule it does, from there on. */
static void a_clock_rests_under_a_rule_that_does(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", "{'clock': 'answer', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': false, 'extends': true}") ", "
                  CLASS("other", "{'clock': 'answer', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}"))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'other'}]");
    step(TICKET_SUSPENDED, "2024-09-03T11:00:00+08:00");
    assert_int_equal(clock_named(fold_at("2024-09-03T12:00:00+08:00"), "answer", 0)->outcome, CLOCK_RUNNING);
    step(TICKET_SUPERVISED, "2024-09-03T13:00:00+08:00");
    assert_int_equal(clock_named(fold_at("2024-09-03T14:00:00+08:00"), "answer", 0)->outcome, CLOCK_SUSPENDED);
    step(TICKET_RESUMED, "2024-09-05T13:00:00+08:00");
    assert_int_equal(clock_named(fold_at("2024-09-05T14:00:00+08:00"), "answer", 0)->gained, 2);
    world(CLASSES(CLASS("general", "{'clock': 'answer', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': false, 'extends': true}") ", "
                  CLASS("other", "{'clock': 'answer', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}"))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'other'}]");
    step(TICKET_SUSPENDED, "2024-09-03T11:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-10-15T13:00:00+08:00"); /* too late to rest */
    assert_int_equal(clock_named(fold_at("2024-10-15T14:00:00+08:00"), "answer", 0)->outcome, CLOCK_OVERDUE);
}

/* The main clock has ended, and the case is open still: that of the class entered is the round's, and the other was its before. */
static void a_main_clock_that_ended_was_the_main_one(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", "{'clock': 'answer', 'limit_workdays': 5, 'starts': 'each-round', 'stopped_by': ['ticket.signed'], 'suspends': true, 'extends': true}") ", "
                  CLASS("other", "{'clock': 'finish', 'limit_workdays': 2, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}"))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'other'}]");
    step(TICKET_SIGNED, "2024-09-02T11:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-03T11:00:00+08:00");
    const struct fold *fold = fold_at("2024-09-03T12:00:00+08:00");
    assert_string_equal(main_of(fold)->rule->name, "finish");
    assert_int_equal(clock_named(fold, "answer", 0)->outcome, CLOCK_MET);
}

static void of_two_clocks_of_a_name_the_kind_tells(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", MAIN("'limit_workdays': 5") ", {'clock': 'part', 'kind': 'share', 'limit_workdays': 2, 'suspends': true, 'extends': true}") ", "
                  CLASS("other", MAIN("'limit_workdays': 3") ", {'clock': 'part', 'limit_workdays': 1, 'starts': ['ticket.signed'], 'suspends': true, 'extends': true}"))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'other'}]");
    step(TICKET_SUPERVISED, "2024-09-03T11:00:00+08:00");
    assert_int_equal(clock_named(fold_at("2024-09-03T12:00:00+08:00"), "part", 0)->rule->limit.amount, 2);
}

static void a_settled_case_enters_no_class(void **state)
{
    (void)state;
    world(CLASSES(ALL) ", 'effects': [{'on': 'ticket.supervised', 'class': 'strict'}, {'on': 'ticket.voided', 'class': 'strict', 'rework': true}]");
    step(TICKET_ANSWERED, "2024-09-03T11:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-03T12:00:00+08:00");
    assert_string_equal(class_at("2024-09-03T12:00:00+08:00"), "general");
    assert_int_equal(last_effect(), EFFECT_DONE);
    step(TICKET_VOIDED, "2024-09-03T13:00:00+08:00");
    assert_string_equal(class_at("2024-09-03T13:00:00+08:00"), "general");
    assert_int_equal(life.fold.state, STATE_VOIDED);
    assert_int_equal(last_effect(), EFFECT_DONE);
}

static void a_rule_that_does_not_rest_wakes_the_clock(void **state)
{
    (void)state;
    world(CLASSES(CLASS("general", ANSWER("'limit_workdays': 5", "")) ", "
                  CLASS("urgent", "{'clock': 'answer', 'limit_workdays': 2, 'starts': 'each-round', " ENDS ", 'suspends': false, 'extends': true}"))
          ", 'effects': [{'on': 'ticket.supervised', 'class': 'urgent'}]");
    step(TICKET_SUSPENDED, "2024-09-03T10:00:00+08:00");
    step(TICKET_SUPERVISED, "2024-09-04T10:00:00+08:00");
    assert_int_equal(answer_at("2024-09-04T11:00:00+08:00")->outcome, CLOCK_RUNNING);
    assert_int_equal(life.fold.state, STATE_SUSPENDED);
    assert_day(life.fold.clock[0].last_day, "2024-09-05"); /* two days and the one at rest */
}

/* --- rework --- */

#define REWORK ", 'effects': [{'on': 'ticket.called_back', 'satisfaction': [1, 2], 'rework': true, 'class': 'strict'}, {'on': 'ticket.called_back', 'solved': false, 'rework': true}]"

static struct event call_back(const char *time, uint8_t stars, unsigned flags)
{
    struct event event = event_at(TICKET_CALLED_BACK, time);
    event.satisfaction = stars;
    event.flags = (uint16_t)flags;
    return event;
}

static void a_bad_call_back_is_reworked(void **state)
{
    (void)state;
    world(CLASSES(ALL) REWORK);
    step(TICKET_ANSWERED, "2024-09-03T11:00:00+08:00");
    happens(call_back("2024-09-03T12:00:00+08:00", 3, 0));
    assert_int_equal(fold_at("2024-09-03T12:00:00+08:00")->state, STATE_ANSWERED);
    assert_int_equal(last_effect(), EFFECT_DONE);
    happens(call_back("2024-09-03T13:00:00+08:00", 2, EVENT_HAS_SOLVED));
    assert_int_equal(fold_at("2024-09-03T13:00:00+08:00")->state, STATE_DISPATCHED);
    assert_int_equal(last_effect(), EFFECT_REWORK);
    assert_string_equal(class_at("2024-09-03T13:00:00+08:00"), "strict");
    assert_int_equal(main_of(&life.fold)->round, 2);
    assert_day(main_of(&life.fold)->last_day, "2024-09-06");
    assert_int_equal(counted(&life.fold, COUNT_REOPENED, "wuye"), 1);
    step(TICKET_CLOSED, "2024-09-04T13:00:00+08:00");
    happens(call_back("2024-09-04T14:00:00+08:00", 0, EVENT_HAS_SOLVED | EVENT_SOLVED));
    assert_int_equal(fold_at("2024-09-04T14:00:00+08:00")->state, STATE_CLOSED);
    happens(call_back("2024-09-04T15:00:00+08:00", 0, EVENT_HAS_SOLVED));
    assert_int_equal(fold_at("2024-09-04T15:00:00+08:00")->state, STATE_DISPATCHED);
    assert_int_equal(main_of(&life.fold)->round, 3);
    assert_int_equal(life.fold.satisfaction, 2);
}

static void there_is_no_rework_of_what_is_not_done(void **state)
{
    (void)state;
    world(CLASSES(ALL) REWORK);
    happens(call_back("2024-09-03T12:00:00+08:00", 1, 0));
    assert_int_equal(fold_at("2024-09-03T12:00:00+08:00")->state, STATE_RECEIVED);
    assert_int_equal(last_effect(), EFFECT_DONE);
    assert_string_equal(class_at("2024-09-03T12:00:00+08:00"), "general"); /* nor is its class entered */
    world(CLASSES(ALL) REWORK);
    step(TICKET_ANSWERED, "2024-09-03T11:00:00+08:00");
    happens(call_back("2024-09-03T12:00:00+08:00", 0, 0)); /* says nothing of being solved */
    assert_int_equal(fold_at("2024-09-03T12:00:00+08:00")->state, STATE_ANSWERED);
}

static void a_new_round_without_unit_awaits_dispatch(void **state)
{
    (void)state;
    world(CLASSES(ALL) REWORK);
    step(TICKET_RETURNED, "2024-09-03T10:00:00+08:00");
    step(TICKET_CLOSED, "2024-09-03T11:00:00+08:00");
    happens(call_back("2024-09-03T12:00:00+08:00", 1, 0));
    assert_int_equal(fold_at("2024-09-03T12:00:00+08:00")->state, STATE_RECEIVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_new_limit_counts_from_where_it_was), cmocka_unit_test(or_whole_from_the_event_on),
        cmocka_unit_test(or_only_where_it_comes_earlier), cmocka_unit_test(only_in_the_classes_it_names),
        cmocka_unit_test(entered_at_rest_it_rests_on), cmocka_unit_test(a_rest_is_counted_anew_as_the_new_limit_counts),
        cmocka_unit_test(clocks_of_the_new_class_start_where_none_ran), cmocka_unit_test(what_ran_in_the_round_is_not_missing),
        cmocka_unit_test(an_event_starts_clocks_of_the_class_it_enters), cmocka_unit_test(an_effect_of_a_vain_contact_starts_nothing), cmocka_unit_test(only_what_rested_gains),
        cmocka_unit_test(another_main_clock_takes_the_lead), cmocka_unit_test(a_main_clock_that_ended_was_the_main_one),
        cmocka_unit_test(of_two_clocks_of_a_name_the_kind_tells),
        cmocka_unit_test(a_settled_case_enters_no_class), cmocka_unit_test(a_rule_that_does_not_rest_wakes_the_clock),
        cmocka_unit_test(a_bad_call_back_is_reworked), cmocka_unit_test(a_clock_rests_under_a_rule_that_does), cmocka_unit_test(there_is_no_rework_of_what_is_not_done),
        cmocka_unit_test(a_new_round_without_unit_awaits_dispatch)};
    int failed = cmocka_run_group_tests_name("effects", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
