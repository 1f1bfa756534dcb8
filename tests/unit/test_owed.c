/* What is owed where a ladder is not the common one: shares and members, duplicates, corrections, and more than there is room for.
 * 2024-09-02 is a Monday, and so is the 9th. */
#include "sla/demand.h"
#include "tests/unit/lives.h"

#define RECEIPT "2024-09-02T10:00:00+08:00"
#define DUE "2024-09-10T00:00:00+08:00" /* five working days */
#define OVERDUE "2024-09-10T00:00:00.001+08:00"
#define LADDERS                                                                                                                       \
    "'ladders': {'steps': [{'step': 'remind', 'workdays_before': 8, 'to': ['handler']}, {'step': 'overdue', 'overdue': true, 'to': ['handler']}," \
    " {'step': 'after', 'workdays_after': [1, 3], 'to': ['leader']}]}"
#define ANSWER "{'clock': 'answer', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true, 'ladder': 'steps'}"
#define SIDE(name, kind, limit) "{'clock': '" name "', 'kind': '" kind "', " limit ", 'suspends': true, 'extends': true, 'ladder': 'steps'}"

static struct demands demands;

static void received(const char *members)
{
    rulebook(members, "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"));
}

static size_t owed_at(const char *now)
{
    demands_owed(&demands, &life.file, fold_at(now), &life.rules, ms(now));
    return demands.count;
}

static int owed(enum demand_kind kind)
{
    int n = 0;
    for (size_t i = 0; i < demands.count; i++) n += demands.at[i].kind == kind;
    return n;
}

static const struct demand *the(enum demand_kind kind)
{
    assert_int_equal(owed(kind), 1);
    for (size_t i = 0; i < demands.count; i++)
        if (demands.at[i].kind == kind) return &demands.at[i];
    return NULL;
}

static void tell(const struct demand *demand, enum told_status status)
{
    struct told told = demand->told;
    told.status = (uint8_t)status;
    assert_true(case_tell(&life.file, &told));
}

static void tell_all(enum told_status status)
{
    for (size_t i = 0; i < demands.count; i++) tell(&demands.at[i], status);
}

static void assert_unit(struct text unit, const char *expected)
{
    assert_true(text_equal(unit, text_of(expected)));
}

static void an_incomplete_case_owes_nothing(void **state)
{
    (void)state;
    rulebook("", "Asia/Shanghai");
    life_begin(OF_TICKET);
    step(TICKET_URGED, RECEIPT);
    assert_int_equal(owed_at(OVERDUE), 0);
    assert_true(demands.next_ms == INT64_MAX);
}

static void a_step_before_the_start_is_never_owed(void **state)
{
    (void)state;
    received(LADDERS ", " GENERAL(ANSWER));
    assert_int_equal(owed_at("2024-09-09T10:00:00+08:00"), 0); /* eight days before the 9th lies before the receipt */
    assert_instant(demands.next_ms, OVERDUE);
}

/* A deadline that the platform states may lie before the start: it is missed as the clock starts. */
static void what_was_due_before_its_start_is_missed_there(void **state)
{
    (void)state;
    rulebook("'due': 'theirs', " LADDERS ", " GENERAL(ANSWER), "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(with_due(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"), "2024-09-01T10:00:00+08:00"));
    step_to(TICKET_TRANSFERRED, "2024-09-03T10:00:00+08:00", "chengguan");
    owed_at("2024-09-02T10:00:00.001+08:00");
    assert_unit(the(DEMAND_OVERDUE)->unit, "wuye");
    assert_instant(the(DEMAND_NOTICE)->told.at_ms, "2024-09-02T10:00:00.001+08:00");
    owed_at("2024-09-04T08:00:00+08:00");
    assert_unit(the(DEMAND_OVERDUE)->unit, "wuye");
    assert_int_equal(counted(&life.fold, COUNT_MISSED, "wuye"), 1);
}

static void a_share_and_a_member_owe_for_themselves(void **state)
{
    (void)state;
    received(LADDERS ", " GENERAL(MAIN("'limit_workdays': 9") ", " SIDE("share", "share", "'limit_workdays': 1") ", " SIDE("member", "member", "'limit_workdays': 1")));
    happens(with_co_units(event_at(TICKET_AMENDED, RECEIPT), CO_UNITS("shequ")));
    step_to(TICKET_TRANSFERRED, "2024-09-04T00:00:00.001+08:00", "chengguan");
    owed_at("2024-09-04T08:00:00+08:00");
    assert_int_equal(owed(DEMAND_OVERDUE), 2);
    for (size_t i = 0; i < demands.count; i++)
        if (demands.at[i].kind == DEMAND_OVERDUE) assert_unit(demands.at[i].unit, demands.at[i].clock->rule->kind == CLOCK_SHARE ? "wuye" : "shequ");
    assert_true(demands.at[0].told.id != demands.at[1].told.id && demands.at[0].told.id != 0);
    assert_int_equal(owed(DEMAND_NOTICE), 1); /* of the member: that share has ended */
    assert_unit(the(DEMAND_NOTICE)->unit, "shequ");
}

static void what_was_told_names_its_round_and_unit(void **state)
{
    (void)state;
    received(LADDERS ", " GENERAL(MAIN("'limit_workdays': 1") ", " SIDE("share", "share", "'limit_workdays': 1")));
    step_to(TICKET_TRANSFERRED, "2024-09-04T10:00:00+08:00", "chengguan");
    step_to(TICKET_TRANSFERRED, "2024-09-06T10:00:00+08:00", "jiedao");
    owed_at("2024-09-06T11:00:00+08:00");
    assert_int_equal(owed(DEMAND_OVERDUE), 3);
    for (size_t i = 0; i < demands.count; i++) {
        const struct demand *demand = &demands.at[i];
        if (demand->kind != DEMAND_OVERDUE) continue;
        bool share = demand->clock->rule->kind == CLOCK_SHARE;
        assert_int_equal(told_round(&demand->told, &life.fold), share ? demand->clock->round : 1);
        assert_unit(told_unit(&demand->told, &life.fold), share && demand->clock->round == 2 ? "chengguan" : "wuye");
    }
    struct told told = demands.at[0].told;
    told.which = 7; /* no such clock: a case's round */
    assert_int_equal(told_round(&told, &life.fold), 7);
    told.which = UINT32_MAX; /* a clock that an event had begun, and that is gone */
    assert_int_equal(told_round(&told, &life.fold), 0);
    told.at_ms = 0;
    assert_unit(told_unit(&told, &life.fold), "wuye");
    told.at_ms = ms("2024-09-05T10:00:00+08:00");
    assert_unit(told_unit(&told, &life.fold), "chengguan");
}

/* Overdue, told so, and then cancelled: that it was overdue stays true, unless the case counts no more. */
static void an_overdue_that_was_cancelled_was_overdue(void **state)
{
    (void)state;
    static const char policy[] = LADDERS ", " GENERAL(MAIN("'limit_workdays': 5") ", {'clock': 'sign', 'limit_hours': 2, 'starts': 'receipt', 'cancelled_by': ['ticket.transferred', 'ticket.voided', 'ticket.merged'],"
                                 " 'suspends': true, 'extends': false, 'ladder': 'steps'}");
    static const struct {
        enum event_type type;
        const char *time;
        int corrections;
    } ends[] = {{TICKET_TRANSFERRED, "2024-09-02T12:30:00+08:00", 0}, {TICKET_TRANSFERRED, "2024-09-02T11:30:00+08:00", 2}, {TICKET_VOIDED, "2024-09-02T12:30:00+08:00", 2}, {TICKET_MERGED, "2024-09-02T12:30:00+08:00", 2}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        received(policy);
        owed_at("2024-09-02T12:00:01+08:00");
        assert_int_equal(demands.count, 2);
        tell_all(TOLD_DELIVERED);
        step(ends[i].type, ends[i].time);
        assert_int_equal(owed_at("2024-09-02T13:00:00+08:00"), ends[i].corrections);
    }
}

static void duplicates_make_another_result(void **state)
{
    (void)state;
    received("'merged': {'tell_duplicates': true}");
    step(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00");
    step(TICKET_CLOSED, "2024-09-03T11:00:00+08:00");
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 2);
    tell_all(TOLD_DELIVERED);
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 0);
    struct event link = event_at(TICKET_MERGED, "2024-09-03T10:30:00+08:00");
    link.flags = EVENT_LINK;
    detail_of(&link)->target = TEXT("ML2024090200009");
    happens(link);
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 2);
    assert_int_equal(owed(DEMAND_ANSWERED), 1);
    assert_int_equal(owed(DEMAND_CLOSED), 1);
    rulebook("", "Asia/Shanghai"); /* a policy that does not tell them */
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 0);
}

static void milestones_without_a_clock_are_told_as_well(void **state)
{
    (void)state;
    received(GENERAL(""));
    step(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00");
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 1);
    assert_null(the(DEMAND_ANSWERED)->clock);
    life_begin(OF_RATING);
    struct event rating = event_at(RATING_SUBMITTED, RECEIPT);
    rating.satisfaction = 4;
    happens(rating);
    step(RATING_CALLED_BACK, "2024-09-03T10:00:00+08:00");
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 1);
    assert_string_equal(demand_result_type(the(DEMAND_CALLED_BACK)->kind), "case.called_back");
}

static void a_rectified_review_and_a_call_back_are_told(void **state)
{
    (void)state;
    char id[NOTICE_ID_BYTES];
    rulebook_of("conf/policy/meilong-2024.json");
    life_begin(OF_RATING);
    struct event rating = event_at(RATING_SUBMITTED, RECEIPT);
    rating.satisfaction = 1;
    happens(rating);
    step(RATING_RECTIFIED, "2024-09-03T10:00:00+08:00");
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 1);
    demand_id(id, &life.file, the(DEMAND_RECTIFIED));
    assert_memory_equal(id, "res_", 4);
    received("");
    struct event call = event_at(TICKET_CALLED_BACK, "2024-09-03T10:00:00+08:00");
    call.satisfaction = 4;
    happens(call);
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 1);
    assert_int_equal(the(DEMAND_CALLED_BACK)->told.deadline_ms, 0);
    tell_all(TOLD_DELIVERED);
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-03T11:00:00+08:00"), 1)); /* another deadline is no other call-back */
    assert_int_equal(owed_at("2024-09-03T12:00:00+08:00"), 0);
    step(TICKET_ANSWERED, "2024-09-03T13:00:00+08:00");
    owed_at("2024-09-03T14:00:00+08:00");
    tell_all(TOLD_DELIVERED);
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-03T11:30:00+08:00"), 1)); /* but of an answer it is another result */
    owed_at("2024-09-03T14:00:00+08:00");
    assert_int_equal(owed(DEMAND_ANSWERED), 1);
}

/* The overdue was told, and then an answer came that was in time. */
static void overdue_told(enum told_status status)
{
    received(LADDERS ", " GENERAL(ANSWER));
    owed_at(OVERDUE);
    assert_int_equal(demands.count, 2);
    tell(the(DEMAND_OVERDUE), TOLD_DELIVERED);
    tell(the(DEMAND_NOTICE), status);
    step(TICKET_ANSWERED, "2024-09-09T10:00:00+08:00");
    owed_at("2024-09-12T10:00:00+08:00");
}

static void only_a_notice_that_reached_somebody_is_retracted(void **state)
{
    (void)state;
    overdue_told(TOLD_DELIVERED);
    assert_int_equal(owed(DEMAND_RETRACT), 1);
    assert_int_equal(owed(DEMAND_WITHDRAWN), 1);
    overdue_told(TOLD_EXHAUSTED);
    assert_int_equal(owed(DEMAND_RETRACT), 0);
    overdue_told(TOLD_PENDING);
    assert_int_equal(owed(DEMAND_RETRACT), 0);
    overdue_told(TOLD_EXHAUSTED); /* but one of several endpoints had it */
    struct told accepted = life.file.told[1];
    accepted.kind = TOLD_RECIPIENT;
    accepted.status = TOLD_DELIVERED;
    accepted.deadline_ms = (int64_t)accepted.id;
    accepted.id = 77;
    assert_true(case_tell(&life.file, &accepted));
    owed_at("2024-09-12T10:00:00+08:00");
    assert_int_equal(owed(DEMAND_RETRACT), 1);
    accepted.deadline_ms++; /* another notice's */
    assert_true(case_tell(&life.file, &accepted));
    owed_at("2024-09-12T10:00:00+08:00");
    assert_int_equal(owed(DEMAND_RETRACT), 0);
}

static void one_retraction_takes_back_all(void **state)
{
    (void)state;
    char text[STEP_TEXT_BYTES], id[NOTICE_ID_BYTES];
    received(LADDERS ", " GENERAL(ANSWER));
    owed_at(OVERDUE);
    tell_all(TOLD_DELIVERED);
    owed_at("2024-09-10T10:00:00+08:00"); /* after-d1 */
    tell_all(TOLD_DELIVERED);
    step(TICKET_ANSWERED, "2024-09-09T10:00:00+08:00");
    owed_at("2024-09-12T10:00:00+08:00");
    told_step_print(text, &the(DEMAND_RETRACT)->told, life.rules.words);
    assert_string_equal(text, "withdrawn");
    demand_id(id, &life.file, the(DEMAND_RETRACT));
    assert_memory_equal(id, "ntc_", 4);
    assert_unit(the(DEMAND_RETRACT)->unit, "wuye");
    assert_unit(the(DEMAND_WITHDRAWN)->unit, "wuye");
    tell(the(DEMAND_RETRACT), TOLD_PENDING);
    owed_at("2024-09-12T10:00:00+08:00");
    assert_int_equal(owed(DEMAND_RETRACT), 1); /* not yet through */
    tell(the(DEMAND_RETRACT), TOLD_DELIVERED);
    owed_at("2024-09-12T10:00:00+08:00");
    assert_int_equal(owed(DEMAND_RETRACT), 0);
    assert_int_equal(owed(DEMAND_WITHDRAWN), 1);
}

/* A retraction of another clock's, round's or deadline's is not this one's. */
static void a_retraction_is_of_one_deadline(void **state)
{
    (void)state;
    for (int other = 0; other < 3; other++) {
        overdue_told(TOLD_DELIVERED);
        struct told told = the(DEMAND_RETRACT)->told;
        told.status = TOLD_DELIVERED;
        told.id++;
        if (other == 0) told.clock++;
        if (other == 1) told.which++;
        if (other == 2) told.deadline_ms++;
        assert_true(case_tell(&life.file, &told));
        owed_at("2024-09-12T10:00:00+08:00");
        assert_int_equal(owed(DEMAND_RETRACT), 1);
    }
}

/* A late answer went away again, as no event does: what is owed is owed all the same. */
static void a_retraction_does_not_stand_for_a_step(void **state)
{
    (void)state;
    overdue_told(TOLD_DELIVERED);
    tell(the(DEMAND_RETRACT), TOLD_DELIVERED);
    life.file.events--;
    assert_int_equal(owed_at("2024-09-10T08:00:00+08:00"), 0);
    owed_at("2024-09-10T09:00:00+08:00");
    assert_int_equal(the(DEMAND_NOTICE)->told.day, 1);
}

static void what_was_told_names_its_clock(void **state)
{
    (void)state;
    char text[STEP_TEXT_BYTES];
    received(LADDERS ", " GENERAL(ANSWER));
    owed_at("2024-09-11T10:00:00+08:00");
    struct told told = the(DEMAND_NOTICE)->told, other = told;
    assert_ptr_equal(told_clock(&told, &life.fold), &life.fold.clock[0]);
    other.clock++;
    assert_null(told_clock(&other, &life.fold));
    other = told;
    other.which++;
    assert_null(told_clock(&other, &life.fold));
    other = told;
    other.deadline_ms++;
    assert_null(told_clock(&other, &life.fold));
    told_step_print(text, &told, book.rules.words);
    assert_string_equal(text, "after-d2");
    other = told;
    other.step = STEP_RETRACT;
    told_step_print(text, &other, book.rules.words);
    assert_string_equal(text, "withdrawn");
    other.kind = TOLD_OVERDUE;
    told_step_print(text, &other, book.rules.words);
    assert_string_equal(text, "");
    assert_false(demands_hold(&demands, 4711));
    assert_null(demand_result_type(DEMAND_NOTICE));
}

/* A deadline that moved: what was told of the old one is taken back, the new one is owed in its time. */
static void an_extension_takes_back_the_old_deadline(void **state)
{
    (void)state;
    received(LADDERS ", " GENERAL(ANSWER));
    owed_at("2024-09-10T10:00:00+08:00");
    tell_all(TOLD_DELIVERED);
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-09T10:00:00+08:00"), 5));
    owed_at("2024-09-11T10:00:00+08:00");
    assert_int_equal(owed(DEMAND_WITHDRAWN), 1);
    assert_int_equal(owed(DEMAND_RETRACT), 1);
    assert_int_equal(owed(DEMAND_OVERDUE), 0);
    assert_instant(the(DEMAND_NOTICE)->told.at_ms, "2024-09-04T09:00:00+08:00"); /* the reminder of the new last day, the 16th */
}

static void what_was_told_earlier_does_not_hide_what_is_owed_now(void **state)
{
    (void)state;
    received(LADDERS ", " GENERAL(ANSWER));
    owed_at(OVERDUE);
    tell_all(TOLD_DELIVERED);
    owed_at("2024-09-11T10:00:00+08:00");
    struct told told = the(DEMAND_NOTICE)->told, earlier = told;
    earlier.at_ms -= 1; /* told out of order: the later instant stands */
    earlier.id++;
    earlier.status = told.status = TOLD_SUPERSEDED;
    assert_true(case_tell(&life.file, &told));
    assert_true(case_tell(&life.file, &earlier));
    assert_int_equal(owed_at("2024-09-11T11:00:00+08:00"), 0);
    assert_instant(demands.next_ms, "2024-09-12T09:00:00+08:00");
}

static void tries_in_vain_are_no_steps_passed_over(void **state)
{
    (void)state;
    received(LADDERS ", " GENERAL(ANSWER));
    owed_at(OVERDUE);
    tell_all(TOLD_PENDING);
    owed_at("2024-09-11T10:00:00+08:00"); /* overdue, after-d1, after-d2: one was tried, one is the latest */
    assert_int_equal(the(DEMAND_NOTICE)->superseded, 1);
}

/* Later rounds and clocks have demands of their own, however many there are. */
static void a_clock_that_changes_next_is_waited_for(void **state)
{
    (void)state;
    received(GENERAL(MAIN("'limit_workdays': 9") ", {'clock': 'b', 'limit_hours': 1, 'starts': 'receipt', 'suspends': true, 'extends': false},"
                     "{'clock': 'c', 'limit_hours': 2, 'starts': 'receipt', 'suspends': true, 'extends': false}"));
    owed_at("2024-09-02T10:30:00+08:00");
    assert_instant(demands.next_ms, "2024-09-02T11:00:00.001+08:00");
    owed_at("2024-09-02T11:00:00.001+08:00");
    assert_int_equal(owed(DEMAND_OVERDUE), 1);
    tell_all(TOLD_DELIVERED);
    assert_int_equal(owed_at("2024-09-02T11:30:00+08:00"), 0);
    assert_int_equal(owed_at("2024-09-02T12:00:00.001+08:00"), 1);
}

static void there_is_room_for_64_and_the_rest_waits(void **state)
{
    (void)state;
    overdue_told(TOLD_DELIVERED); /* owes a result and two corrections */
    step(TICKET_REOPENED, "2024-09-09T11:00:00+08:00");
    assert_int_equal(owed_at("2024-09-20T10:00:00+08:00"), 5); /* and a notice and an overdue of the new round */
    for (int i = 0; i < DEMANDS_MAX; i++) {
        struct event call = event_at(TICKET_CALLED_BACK, "2024-09-09T12:00:00+08:00");
        call.at_ms += i;
        happens(call);
        size_t expected = (size_t)i + 6 < DEMANDS_MAX ? (size_t)i + 6 : DEMANDS_MAX;
        assert_int_equal(owed_at("2024-09-20T10:00:00+08:00"), expected);
    }
    assert_int_equal(owed(DEMAND_CALLED_BACK), DEMANDS_MAX - 1);
    assert_int_equal(owed(DEMAND_ANSWERED), 1);
    tell_all(TOLD_DELIVERED);
    assert_int_equal(owed_at("2024-09-20T10:00:00+08:00"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_incomplete_case_owes_nothing), cmocka_unit_test(a_step_before_the_start_is_never_owed),
        cmocka_unit_test(what_was_due_before_its_start_is_missed_there), cmocka_unit_test(a_share_and_a_member_owe_for_themselves), cmocka_unit_test(what_was_told_names_its_round_and_unit),
        cmocka_unit_test(an_overdue_that_was_cancelled_was_overdue), cmocka_unit_test(duplicates_make_another_result),
        cmocka_unit_test(milestones_without_a_clock_are_told_as_well), cmocka_unit_test(a_rectified_review_and_a_call_back_are_told),
        cmocka_unit_test(only_a_notice_that_reached_somebody_is_retracted), cmocka_unit_test(one_retraction_takes_back_all),
        cmocka_unit_test(a_retraction_is_of_one_deadline), cmocka_unit_test(a_retraction_does_not_stand_for_a_step), cmocka_unit_test(what_was_told_names_its_clock),
        cmocka_unit_test(an_extension_takes_back_the_old_deadline), cmocka_unit_test(what_was_told_earlier_does_not_hide_what_is_owed_now),
        cmocka_unit_test(tries_in_vain_are_no_steps_passed_over), cmocka_unit_test(a_clock_that_changes_next_is_waited_for),
        cmocka_unit_test(there_is_room_for_64_and_the_rest_waits)};
    int failed = cmocka_run_group_tests_name("owed", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
