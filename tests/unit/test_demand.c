/* The ladder of a general ticket, rung by rung; what was told is not owed again; what turned out untrue is corrected.
 * Received on Monday 2024-09-30, due by the end of 10-12 (a working Saturday); opening 09:00, closing 17:30. */
#include "sla/demand.h"
#include "tests/unit/life.h"

static struct demands demands;

static const struct demands *owed_at(const char *now)
{
    demands_owed(&demands, &life.file, fold_at(now), &life.rules, ms(now));
    return &demands;
}

static const struct demand *owed(enum demand_kind kind)
{
    for (size_t i = 0; i < demands.count; i++)
        if (demands.at[i].kind == kind) return &demands.at[i];
    return NULL;
}

/* Everything owed is told and delivered. */
static void deliver(void)
{
    for (size_t i = 0; i < demands.count; i++) {
        demands.at[i].told.status = TOLD_DELIVERED;
        assert_true(case_tell(&life.file, &demands.at[i].told));
    }
}

static void received(void)
{
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2024-09-30T10:15:00+08:00", "wuye");
}

/* A notice of this step, to these roles, is owed from that instant on, and not before; it is then told. */
static void assert_rung(const char *at, const char *name, unsigned roles)
{
    char text[STEP_TEXT_BYTES];
    fold_case(&life.fold, &life.rules, &life.file, ms(at) - 1);
    demands_owed(&demands, &life.file, &life.fold, &life.rules, ms(at) - 1);
    if (owed(DEMAND_NOTICE)) fail_msg("%s is owed before %s", name, at);
    assert_int_equal(demands.next_ms, ms(at));
    owed_at(at);
    const struct demand *notice = owed(DEMAND_NOTICE);
    if (!notice) fail_msg("%s is not owed at %s", name, at);
    step_print(text, notice->step, notice->told.day);
    assert_string_equal(text, name);
    assert_int_equal(notice->step->roles, roles);
    assert_int_equal(notice->told.at_ms, ms(at));
    assert_int_equal(notice->superseded, 0);
    assert_true(text_equal(notice->unit, TEXT("wuye")));
    deliver();
}

enum {
    HANDLER = 1 << ROLE_HANDLER,
    LEADER = HANDLER | 1 << ROLE_LEADER,
    SUPERVISION = LEADER | 1 << ROLE_SUPERVISION,
    CIRCULATION = SUPERVISION | 1 << ROLE_CIRCULATION
};

static void every_rung_at_its_instant(void **state)
{
    (void)state;
    received();
    assert_rung("2024-10-10T09:00:00+08:00", "remind-2d", HANDLER);
    assert_rung("2024-10-11T09:00:00+08:00", "remind-1d", HANDLER);
    assert_rung("2024-10-12T13:30:00+08:00", "remind-4h", HANDLER);
    assert_rung("2024-10-13T00:00:00.001+08:00", "overdue", HANDLER);
    assert_rung("2024-10-14T09:00:00+08:00", "escalate-d1", LEADER);
    assert_rung("2024-10-15T09:00:00+08:00", "escalate-d2", LEADER);
    assert_rung("2024-10-16T09:00:00+08:00", "supervise-d3", SUPERVISION);
    assert_rung("2024-10-17T09:00:00+08:00", "supervise-d4", SUPERVISION);
    assert_rung("2024-10-18T09:00:00+08:00", "circulate-d5", CIRCULATION);
    assert_rung("2024-10-21T09:00:00+08:00", "circulate-d6", CIRCULATION);
}

static void only_the_latest_rung_is_owed(void **state)
{
    (void)state;
    received();
    owed_at("2024-10-16T10:00:00+08:00");
    assert_int_equal(demands.count, 2); /* the notice, and clock.overdue */
    assert_int_equal(owed(DEMAND_NOTICE)->told.day, 3);
    assert_int_equal(owed(DEMAND_NOTICE)->superseded, 6);
    assert_int_equal(owed(DEMAND_OVERDUE)->told.deadline_ms, ms("2024-10-13T00:00:00+08:00"));
    deliver();
    assert_int_equal(owed_at("2024-10-16T23:00:00+08:00")->count, 0);
}

static void an_answered_case_owes_its_result_alone(void **state)
{
    (void)state;
    received();
    step(TICKET_ANSWERED, "2024-10-09T09:00:00+08:00");
    owed_at("2024-10-20T00:00:00Z");
    assert_int_equal(demands.count, 1);
    assert_string_equal(demand_result_type(owed(DEMAND_ANSWERED)->kind), "case.answered");
    assert_int_equal(demands.next_ms, INT64_MAX);
    deliver();
    assert_int_equal(owed_at("2024-10-20T00:00:00Z")->count, 0);
}

static void a_suspended_clock_reminds_nobody(void **state)
{
    (void)state;
    received();
    step(TICKET_SUSPENDED, "2024-10-08T09:00:00+08:00");
    assert_int_equal(owed_at("2024-11-20T00:00:00Z")->count, 0);
    assert_int_equal(demands.next_ms, INT64_MAX);
}

static void a_late_arriving_answer_withdraws_the_overdue(void **state)
{
    (void)state;
    received();
    owed_at("2024-10-13T00:00:00.001+08:00");
    assert_int_equal(demands.count, 2);
    deliver();
    step(TICKET_ANSWERED, "2024-10-12T09:00:00+08:00");
    owed_at("2024-10-13T09:00:00+08:00");
    assert_int_equal(demands.count, 3);
    assert_non_null(owed(DEMAND_ANSWERED));
    assert_string_equal(demand_result_type(owed(DEMAND_WITHDRAWN)->kind), "clock.withdrawn");
    assert_true(demands_hold(&demands, owed(DEMAND_RETRACT)->told.id));
    deliver();
    owed_at("2024-10-20T00:00:00Z");
    assert_null(owed(DEMAND_RETRACT));
    assert_null(owed(DEMAND_WITHDRAWN));
    assert_null(owed(DEMAND_NOTICE));
}

static void ids_tell_cases_steps_and_deadlines_apart(void **state)
{
    (void)state;
    char first[NOTICE_ID_BYTES], again[NOTICE_ID_BYTES], later[NOTICE_ID_BYTES];
    received();
    owed_at("2024-10-10T10:00:00+08:00");
    demand_id(first, &life.file, owed(DEMAND_NOTICE));
    owed_at("2024-10-10T11:00:00+08:00");
    demand_id(again, &life.file, owed(DEMAND_NOTICE));
    assert_string_equal(first, again);
    assert_int_equal(strlen(first), 36);
    owed_at("2024-10-11T11:00:00+08:00");
    demand_id(later, &life.file, owed(DEMAND_NOTICE));
    assert_string_not_equal(first, later);
    life.file.id = TEXT("ML2024093000124");
    demand_id(again, &life.file, owed(DEMAND_NOTICE));
    assert_string_not_equal(later, again);
}

/* Answered half a minute late, within the grace: the overdue is still to come. */
static void an_overdue_within_the_grace_has_its_time(void **state)
{
    (void)state;
    received();
    step(TICKET_ANSWERED, "2024-10-13T00:00:30+08:00");
    demands_owed(&demands, &life.file, fold_at("2024-10-13T00:00:40+08:00"), &life.rules, ms("2024-10-12T23:59:40+08:00"));
    assert_null(owed(DEMAND_OVERDUE));
    assert_int_equal(demands.next_ms, ms("2024-10-13T00:00:00.001+08:00"));
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_overdue_within_the_grace_has_its_time), cmocka_unit_test(every_rung_at_its_instant), cmocka_unit_test(only_the_latest_rung_is_owed),
        cmocka_unit_test(an_answered_case_owes_its_result_alone), cmocka_unit_test(a_suspended_clock_reminds_nobody),
        cmocka_unit_test(a_late_arriving_answer_withdraws_the_overdue), cmocka_unit_test(ids_tell_cases_steps_and_deadlines_apart)};
    int failed = cmocka_run_group_tests_name("demand", tests, NULL, NULL);
    life_close();
    return failed;
}
