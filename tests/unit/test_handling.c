/* Who holds a case and for how long, who handles it beside, and what may be returned. */
#include "sla/case_json.h"
#include "tests/unit/town.h"

/* --- shares --- */

static void assert_share(size_t i, const char *unit, uint32_t round, const char *from, const char *to)
{
    const struct share *share = &life.fold.share[i];
    assert_true(i < life.fold.shares);
    assert_text(share->unit, unit);
    assert_int_equal(share->round, round);
    assert_instant(share->from_ms, from);
    if (to) assert_instant(share->to_ms, to);
    else assert_true(share->to_ms == INT64_MAX);
    assert_int_equal(share->clock >= 0, *unit != 0);
}

static void each_holder_has_its_share(void **state)
{
    (void)state;
    town("");
    received("");
    step_to(TICKET_DISPATCHED, "2024-09-02T11:00:00+08:00", "wuye");
    step_to(TICKET_DISPATCHED, "2024-09-02T11:30:00+08:00", "wuye"); /* the same: no new share */
    step_to(TICKET_TRANSFERRED, "2024-09-03T09:00:00+08:00", "chengguan");
    step(TICKET_RETURNED, "2024-09-03T10:00:00+08:00");
    step_to(TICKET_AMENDED, "2024-09-04T10:00:00+08:00", "wuye");
    step(TICKET_ANSWERED, "2024-09-05T10:00:00+08:00");
    step_to(TICKET_AMENDED, "2024-09-05T12:00:00+08:00", "chengguan"); /* holds it, but nothing is to be done */
    step(TICKET_REOPENED, "2024-09-06T10:00:00+08:00");
    const struct fold *fold = fold_at("2024-09-06T12:00:00+08:00");
    assert_int_equal(fold->shares, 6);
    assert_share(0, "", 1, RECEIPT, "2024-09-02T11:00:00+08:00");
    assert_share(1, "wuye", 1, "2024-09-02T11:00:00+08:00", "2024-09-03T09:00:00+08:00");
    assert_share(2, "chengguan", 1, "2024-09-03T09:00:00+08:00", "2024-09-03T10:00:00+08:00");
    assert_share(3, "", 1, "2024-09-03T10:00:00+08:00", "2024-09-04T10:00:00+08:00");
    assert_share(4, "wuye", 1, "2024-09-04T10:00:00+08:00", "2024-09-05T10:00:00+08:00");
    assert_share(5, "chengguan", 2, "2024-09-06T10:00:00+08:00", NULL);
    assert_int_equal(clocks_named(fold, "share"), 4);
    for (int i = 0; i < 3; i++) assert_int_equal(clock_named(fold, "share", i)->outcome, CLOCK_MET);
    assert_clock(clock_named(fold, "share", 3), "chengguan", CLOCK_RUNNING);
    assert_int_equal(clock_named(fold, "share", 3)->round, 4); /* the fourth share */
    assert_ptr_equal(main_of(fold), clock_named(fold, "answer", 1));
}

static void a_share_may_be_missed_and_is_cancelled_with_the_case(void **state)
{
    (void)state;
    town("");
    received("wuye");
    step_to(TICKET_TRANSFERRED, "2024-09-06T00:00:00.001+08:00", "chengguan");
    step(TICKET_VOIDED, "2024-09-06T09:00:00+08:00");
    const struct fold *fold = fold_at("2024-09-20T09:00:00+08:00");
    assert_clock(clock_named(fold, "share", 0), "wuye", CLOCK_MISSED);
    assert_clock(clock_named(fold, "share", 1), "chengguan", CLOCK_CANCELLED);
    assert_share(1, "chengguan", 1, "2024-09-06T00:00:00.001+08:00", "2024-09-06T09:00:00+08:00");
    received("wuye");
    step(TICKET_SUSPENDED, "2024-09-06T00:00:00+08:00"); /* at its very deadline it still rests */
    assert_clock(clock_named(fold_at("2024-09-07T00:00:00+08:00"), "share", 0), "wuye", CLOCK_SUSPENDED);
}

static void shares_are_kept_where_a_policy_or_a_trace_asks(void **state)
{
    (void)state;
    rulebook("", "Asia/Shanghai");
    received("wuye");
    life.fold.tracing = false;
    assert_int_equal(fold_at("2024-09-03T09:00:00+08:00")->shares, 0);
    life.fold.tracing = true;
    assert_int_equal(fold_at("2024-09-03T09:00:00+08:00")->shares, 1);
    assert_int_equal(life.fold.share[0].clock, -1);
    life.fold.tracing = false;
    town("");
    life.fold.tracing = false;
    assert_int_equal(fold_at("2024-09-03T09:00:00+08:00")->shares, 1);
    assert_int_equal(life.fold.traces, 0);
}

/* Of a round, where it ended: at its answer, close, void or merge, or not yet. */
static int64_t end_of_round(const struct fold *fold, uint32_t round)
{
    for (size_t i = 0; i < fold->traces; i++)
        if (fold->trace[i].round == round && fold->trace[i].class >= 0 && fold->trace[i].state >= STATE_ANSWERED && fold->trace[i].state != STATE_OPEN)
            return fold->trace[i].at_ms;
    return fold->now_ms;
}

static void the_shares_of_a_round_add_up_to_its_time(void **state)
{
    (void)state;
    static const char *const files[] = {"conf/policy/city-hours.json", "conf/policy/meilong-2024.json"};
    for (int i = 0; i < 6000; i++) {
        int64_t sum_ms = 0, expected_ms = 0;
        if (i % 3000 == 0) rulebook_of(files[i / 3000]);
        life.fold.tracing = true;
        drawn_life(OF_TICKET, 30);
        const struct fold *fold = fold_as_of(drawn_now());
        for (size_t k = 0; k < fold->shares; k++) {
            const struct share *share = &fold->share[k], *before = share - 1;
            sum_ms += (share->to_ms == INT64_MAX ? fold->now_ms : share->to_ms) - share->from_ms;
            if (k > 0 && before->round == share->round) {
                assert_true(before->to_ms == share->from_ms); /* without gaps */
                assert_false(text_equal(before->unit, share->unit));
            }
        }
        for (size_t k = 0; k < fold->traces; k++) {
            const struct trace *trace = &fold->trace[k];
            if (trace->class < 0 || (k > 0 && trace[-1].class >= 0 && trace[-1].round == trace->round)) continue;
            expected_ms += end_of_round(fold, trace->round) - trace->at_ms;
        }
        assert_int_equal(sum_ms, expected_ms);
        json_t *shares = shares_to_json(fold, &life.rules), *share;
        size_t k;
        json_array_foreach(shares, k, share) sum_ms -= json_integer_value(json_object_get(share, "held_ms"));
        assert_int_equal(sum_ms, 0);
        json_decref(shares);
    }
}

/* --- members --- */

static void a_member_answers_for_itself(void **state)
{
    (void)state;
    town("");
    life_begin(OF_TICKET);
    happens(with_co_units(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"), CO_UNITS("chengguan\0wuye\0shequ")));
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00"), "chengguan"));
    assert_effect("2024-09-03T10:00:00+08:00", EFFECT_MEMBER);
    assert_int_equal(life.fold.state, STATE_RECEIVED);
    assert_int_equal(clocks_named(&life.fold, "member"), 2); /* the lead is none */
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-04T10:00:00+08:00"), "wuye"));
    assert_effect("2024-09-04T10:00:00+08:00", EFFECT_DONE);
    assert_int_equal(life.fold.state, STATE_ANSWERED);
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-10T10:00:00+08:00"), "shequ")); /* after the lead's, and late */
    assert_effect("2024-09-10T10:00:00+08:00", EFFECT_MEMBER);
    assert_clock(clock_named(&life.fold, "member", 0), "chengguan", CLOCK_MET);
    assert_clock(clock_named(&life.fold, "member", 1), "shequ", CLOCK_MISSED);
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-11T10:00:00+08:00"), "shequ")); /* once more changes nothing */
    assert_effect("2024-09-12T10:00:00+08:00", EFFECT_MEMBER);
    assert_instant(clock_named(&life.fold, "member", 1)->stopped_ms, "2024-09-10T10:00:00+08:00");
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-12T10:00:00+08:00"), "wuye"));
    assert_effect("2024-09-12T10:00:00+08:00", EFFECT_NO_MEMBER);
    step(TICKET_ANSWERED, "2024-09-12T11:00:00+08:00");
    assert_effect("2024-09-12T12:00:00+08:00", EFFECT_NO_MEMBER);
}

static void without_such_a_clock_any_answer_answers(void **state)
{
    (void)state;
    rulebook("", "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(with_co_units(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"), CO_UNITS("chengguan")));
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00"), "chengguan"));
    assert_effect("2024-09-03T10:00:00+08:00", EFFECT_DONE);
    assert_int_equal(life.fold.state, STATE_ANSWERED);
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-04T10:00:00+08:00"), "chengguan")); /* again, to no effect */
    assert_int_equal(fold_at("2024-09-04T10:00:00+08:00")->milestones, 1);
    assert_int_equal(life.fold.clocks, 1);
}

static void those_no_longer_named_or_in_the_lead_now_are_let_go(void **state)
{
    (void)state;
    town("");
    life_begin(OF_TICKET);
    happens(with_co_units(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"), CO_UNITS("a\0b\0c")));
    happens(with_co_units(event_at(TICKET_AMENDED, "2024-09-02T11:00:00+08:00"), CO_UNITS("a\0b\0d")));
    step_to(TICKET_TRANSFERRED, "2024-09-02T12:00:00+08:00", "b");
    happens(with_co_units(of_unit(event_at(TICKET_DISPATCHED, "2024-09-02T13:00:00+08:00"), "b"), CO_UNITS("a\0c")));
    step(TICKET_CLOSED, "2024-09-03T10:00:00+08:00");
    happens(with_co_units(event_at(TICKET_AMENDED, "2024-09-03T11:00:00+08:00"), CO_UNITS("a"))); /* nothing to be done now */
    step(TICKET_REOPENED, "2024-09-04T10:00:00+08:00");
    happens(with_co_units(event_at(TICKET_AMENDED, "2024-09-05T11:00:00+08:00"), CO_UNITS("")));
    const struct fold *fold = fold_at("2024-09-10T10:00:00+08:00");
    static const struct {
        const char *unit, *from, *to;
    } expected[] = {{"a", RECEIPT, "2024-09-03T10:00:00+08:00"},
                    {"b", RECEIPT, "2024-09-02T12:00:00+08:00"},
                    {"c", RECEIPT, "2024-09-02T11:00:00+08:00"},
                    {"d", "2024-09-02T11:00:00+08:00", "2024-09-02T13:00:00+08:00"},
                    {"c", "2024-09-02T13:00:00+08:00", "2024-09-03T10:00:00+08:00"},
                    {"a", "2024-09-04T10:00:00+08:00", "2024-09-05T11:00:00+08:00"}};
    assert_int_equal(clocks_named(fold, "member"), 6);
    for (int i = 0; i < 6; i++) {
        assert_clock(clock_named(fold, "member", i), expected[i].unit, CLOCK_CANCELLED);
        assert_instant(clock_named(fold, "member", i)->started_ms, expected[i].from);
        assert_instant(clock_named(fold, "member", i)->ended_ms, expected[i].to);
        assert_int_equal(clock_named(fold, "member", i)->round, i + 1);
    }
}

static void a_member_that_answered_begins_anew_in_the_next_round_alone(void **state)
{
    (void)state;
    town("");
    life_begin(OF_TICKET);
    happens(with_co_units(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"), CO_UNITS("a\0b")));
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-02T11:00:00+08:00"), "a"));
    happens(with_co_units(of_unit(event_at(TICKET_DISPATCHED, "2024-09-02T12:00:00+08:00"), "wuye"), CO_UNITS("a\0b"))); /* named again */
    assert_int_equal(clocks_named(fold_at("2024-09-02T13:00:00+08:00"), "member"), 2);
    step(TICKET_ANSWERED, "2024-09-02T14:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-02T15:00:00+08:00");
    const struct fold *fold = fold_at("2024-09-02T16:00:00+08:00");
    assert_int_equal(clocks_named(fold, "member"), 3); /* b's runs on */
    assert_clock(clock_named(fold, "member", 2), "a", CLOCK_RUNNING);
    happens(of_unit(event_at(TICKET_ANSWERED, "2024-09-02T17:00:00+08:00"), "b"));
    fold = fold_at("2024-09-02T18:00:00+08:00");
    assert_clock(clock_named(fold, "member", 1), "b", CLOCK_MET);
    assert_clock(clock_named(fold, "member", 2), "a", CLOCK_RUNNING);
    happens(with_co_units(event_at(TICKET_AMENDED, "2024-09-02T19:00:00+08:00"), CO_UNITS("a\0b"))); /* b has answered in this round */
    assert_int_equal(clocks_named(fold_at("2024-09-02T20:00:00+08:00"), "member"), 3);
}

static void a_list_that_is_not_given_stays(void **state)
{
    (void)state;
    town("");
    life_begin(OF_TICKET);
    happens(with_co_units(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"), CO_UNITS("a")));
    step_to(TICKET_DISPATCHED, "2024-09-02T11:00:00+08:00", "chengguan");
    step(TICKET_AMENDED, "2024-09-02T12:00:00+08:00");
    assert_int_equal(clocks_named(fold_at("2024-09-02T13:00:00+08:00"), "member"), 1);
    assert_clock(clock_named(&life.fold, "member", 0), "a", CLOCK_RUNNING);
}

/* --- returns --- */

static void returns_are_limited_in_number(void **state)
{
    (void)state;
    town("");
    received("wuye");
    step(TICKET_RETURNED, "2024-09-02T11:00:00+08:00");
    step_to(TICKET_DISPATCHED, "2024-09-02T12:00:00+08:00", "chengguan");
    step(TICKET_RETURNED, "2024-09-02T13:00:00+08:00");
    assert_effect("2024-09-02T13:00:00+08:00", EFFECT_DONE);
    assert_int_equal(life.fold.state, STATE_RETURNED);
    step_to(TICKET_DISPATCHED, "2024-09-02T14:00:00+08:00", "wuye");
    step(TICKET_RETURNED, "2024-09-02T15:00:00+08:00");
    assert_effect("2024-09-02T15:00:00+08:00", EFFECT_TOO_OFTEN);
    assert_text(life.fold.unit, "wuye");
    assert_int_equal(counted(&life.fold, COUNT_RETURNED, "wuye"), 1);
    step(TICKET_CLOSED, "2024-09-03T10:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-04T10:00:00+08:00");
    step(TICKET_RETURNED, "2024-09-04T11:00:00+08:00"); /* a round has its own */
    assert_effect("2024-09-04T11:00:00+08:00", EFFECT_DONE);
}

static void and_in_time_since_the_unit_took_the_case(void **state)
{
    (void)state;
    town("");
    received("wuye");
    step_to(TICKET_DISPATCHED, "2024-09-03T09:00:00+08:00", "wuye"); /* has it since receipt */
    step(TICKET_RETURNED, "2024-09-04T00:00:00.001+08:00");
    assert_effect("2024-09-04T01:00:00+08:00", EFFECT_TOO_LATE);
    step_to(TICKET_TRANSFERRED, "2024-09-05T09:00:00+08:00", "chengguan");
    step(TICKET_RETURNED, "2024-09-07T00:00:00+08:00");
    assert_effect("2024-09-07T01:00:00+08:00", EFFECT_DONE);
    step(TICKET_RETURNED, "2024-09-20T00:00:00+08:00"); /* nobody has it: no time has passed */
    assert_effect("2024-09-20T01:00:00+08:00", EFFECT_DONE);
    received("wuye");
    step(TICKET_CLOSED, "2024-09-10T10:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-11T10:00:00+08:00");
    step(TICKET_RETURNED, "2024-09-12T10:00:00+08:00"); /* the reopening counts as taking it */
    assert_effect("2024-09-12T10:00:00+08:00", EFFECT_DONE);
}

static void without_a_limit_any_return_does(void **state)
{
    (void)state;
    rulebook("", "Asia/Shanghai");
    received("wuye");
    step(TICKET_RETURNED, "2024-10-30T11:00:00+08:00");
    assert_effect("2024-10-30T11:00:00+08:00", EFFECT_DONE);
    rulebook(CLASSES("{'class': 'general', 'of': 'ticket', 'returns': {'max_a_round': 0}, 'clocks': [" MAIN("'limit_workdays': 5") "]}"), "Asia/Shanghai");
    assert_effect("2024-10-30T11:00:00+08:00", EFFECT_TOO_OFTEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_holder_has_its_share), cmocka_unit_test(a_share_may_be_missed_and_is_cancelled_with_the_case),
        cmocka_unit_test(shares_are_kept_where_a_policy_or_a_trace_asks), cmocka_unit_test(the_shares_of_a_round_add_up_to_its_time),
        cmocka_unit_test(a_member_answers_for_itself), cmocka_unit_test(without_such_a_clock_any_answer_answers),
        cmocka_unit_test(those_no_longer_named_or_in_the_lead_now_are_let_go),
        cmocka_unit_test(a_member_that_answered_begins_anew_in_the_next_round_alone), cmocka_unit_test(a_list_that_is_not_given_stays),
        cmocka_unit_test(returns_are_limited_in_number), cmocka_unit_test(and_in_time_since_the_unit_took_the_case),
        cmocka_unit_test(without_a_limit_any_return_does)};
    int failed = cmocka_run_group_tests_name("handling", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
