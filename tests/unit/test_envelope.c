/* What leaves the house: the envelope of results and notices, and its ids. */
#include "notify/ledger.h"
#include "tests/unit/life.h"

static struct demands demands;

/* The general ticket of 2024-09-30, at an instant. */
static struct envelope envelope_at(const char *now)
{
    demands_owed(&demands, &life.file, fold_at(now), &life.rules, ms(now));
    return (struct envelope){&life.file, &life.fold, &life.rules, ms(now)};
}

static const struct demand *owed(enum demand_kind kind)
{
    for (size_t i = 0; i < demands.count; i++)
        if (demands.at[i].kind == kind) return &demands.at[i];
    fail_msg("demand %d is not owed", kind);
    return NULL;
}

static void received(void)
{
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2024-09-30T10:15:00+08:00", "wuye");
}

static const char *text_at(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "(none)";
}

static long long number_at(const json_t *object, const char *name)
{
    assert_true(json_is_integer(json_object_get(object, name)));
    return json_integer_value(json_object_get(object, name));
}

static void a_notice_says_what_is_owed(void **state)
{
    (void)state;
    received();
    struct envelope envelope = envelope_at("2024-10-12T14:00:00+08:00");
    json_t *notice = envelope_notice(&envelope, owed(DEMAND_NOTICE), "ntc_1"), *data = json_object_get(notice, "data");
    assert_string_equal(text_at(notice, "specversion"), "1.0");
    assert_string_equal(text_at(notice, "id"), "ntc_1");
    assert_string_equal(text_at(notice, "type"), "notice");
    assert_string_equal(text_at(notice, "subject"), "ML2024093000123");
    assert_string_equal(text_at(notice, "time"), "2024-10-12T14:00:00+08:00");
    assert_string_equal(text_at(data, "case"), "ML2024093000123");
    assert_string_equal(text_at(data, "unit"), "wuye");
    assert_string_equal(text_at(data, "step"), "remind-4h");
    assert_string_equal(text_at(data, "clock"), "answer");
    assert_string_equal(text_at(data, "deadline"), "2024-10-13T00:00:00+08:00");
    assert_int_equal(number_at(data, "time_left_ms"), 10 * 3600 * 1000);
    json_decref(notice);
}

static void time_left_is_negative_when_overdue(void **state)
{
    (void)state;
    received();
    struct envelope envelope = envelope_at("2024-10-13T00:00:01+08:00");
    json_t *notice = envelope_notice(&envelope, owed(DEMAND_NOTICE), "ntc_1");
    assert_string_equal(text_at(json_object_get(notice, "data"), "step"), "overdue");
    assert_int_equal(number_at(json_object_get(notice, "data"), "time_left_ms"), -1000);
    json_decref(notice);
}

static void in_a_year_without_calendar_it_is_provisional(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2030-09-02T10:15:00+08:00", "wuye");
    struct envelope envelope = envelope_at("2030-09-10T10:15:00+08:00");
    json_t *notice = envelope_notice(&envelope, owed(DEMAND_NOTICE), "ntc_1");
    assert_true(json_is_true(json_object_get(json_object_get(notice, "data"), "provisional")));
    json_decref(notice);
}

static void a_result_says_what_came_of_it(void **state)
{
    (void)state;
    received();
    struct event answer = event_at(TICKET_ANSWERED, "2024-10-11T16:02:00+08:00");
    answer.outcome = OUTCOME_SOLVED;
    happens(answer);
    struct envelope envelope = envelope_at("2024-10-11T17:00:00+08:00");
    json_t *result = envelope_result(&envelope, owed(DEMAND_ANSWERED), "case.answered", "res_1", 7), *data = json_object_get(result, "data");
    assert_string_equal(text_at(result, "type"), "case.answered");
    assert_string_equal(text_at(data, "class"), "general");
    assert_string_equal(text_at(data, "outcome"), "solved");
    assert_string_equal(text_at(data, "clock_outcome"), "met");
    assert_string_equal(text_at(data, "deadline"), "2024-10-13T00:00:00+08:00");
    assert_true(json_is_null(json_object_get(data, "satisfaction")));
    assert_int_equal(number_at(data, "round"), 1);
    assert_int_equal(number_at(data, "revision"), 7);
    json_decref(result);
}

static void ids_are_functions_of_what_they_name(void **state)
{
    char first[NOTICE_ID_BYTES], again[NOTICE_ID_BYTES], later[NOTICE_ID_BYTES], sent[NOTICE_ID_BYTES];
    (void)state;
    received();
    envelope_at("2024-10-12T14:00:00+08:00");
    demand_id(first, &life.file, owed(DEMAND_NOTICE));
    envelope_at("2024-10-12T15:00:00+08:00");
    demand_id(again, &life.file, owed(DEMAND_NOTICE));
    envelope_at("2024-10-13T00:00:01+08:00");
    demand_id(later, &life.file, owed(DEMAND_NOTICE));
    envelope_sent_id(sent, first);
    assert_string_equal(first, again);
    assert_string_not_equal(first, later);
    assert_memory_equal(first, "ntc_", 4);
    assert_memory_equal(sent, "res_", 4);
    assert_string_equal(sent + 4, first + 4);
}

/* What was told turned out untrue: its clock has another deadline, or none. */
static void a_correction_says_what_was_told(void **state)
{
    (void)state;
    received();
    envelope_at("2024-10-13T00:00:01+08:00");
    for (size_t i = 0; i < demands.count; i++) {
        demands.at[i].told.status = TOLD_DELIVERED;
        assert_true(case_tell(&life.file, &demands.at[i].told));
    }
    struct event grant = event_at(TICKET_EXTENSION_GRANTED, "2024-10-09T09:00:00+08:00");
    grant.days = 3;
    happens(grant);
    struct envelope envelope = envelope_at("2024-10-13T00:00:01+08:00");
    json_t *notice = envelope_notice(&envelope, owed(DEMAND_RETRACT), "ntc_1"), *result = envelope_result(&envelope, owed(DEMAND_WITHDRAWN), "clock.withdrawn", "res_1", 8);
    const json_t *data = json_object_get(notice, "data");
    assert_string_equal(text_at(data, "step"), "withdrawn");
    assert_string_equal(text_at(data, "deadline"), "2024-10-13T00:00:00+08:00");
    assert_int_equal(json_array_size(json_object_get(data, "to")), 0);
    assert_true(json_is_null(json_object_get(data, "owed_by")) && json_is_null(json_object_get(data, "last_day")) && json_is_false(json_object_get(data, "provisional")));
    assert_true(json_is_null(json_object_get(json_object_get(result, "data"), "clock_outcome")));
    assert_null(json_object_get(data, "deadline_before"));
    json_decref(notice);
    json_decref(result);
    struct demand moved = *owed(DEMAND_RETRACT);
    moved.before_ms = ms("2024-10-12T00:00:00+08:00");
    notice = envelope_notice(&envelope, &moved, "ntc_1");
    assert_string_equal(text_at(json_object_get(notice, "data"), "deadline_before"), "2024-10-12T00:00:00+08:00");
    json_decref(notice);
    char sent[NOTICE_ID_BYTES];
    envelope_sent_id(sent, "nonsense");
    assert_string_equal(sent, "res_");
}

static void a_case_without_clock_has_no_deadline(void **state)
{
    (void)state;
    life_begin(OF_RATING);
    struct event rating = event_at(RATING_SUBMITTED, "2024-09-30T10:15:00+08:00");
    rating.satisfaction = 4;
    happens(rating);
    step(RATING_CALLED_BACK, "2024-09-30T11:15:00+08:00");
    struct envelope envelope = envelope_at("2024-10-01T00:00:00+08:00");
    json_t *result = envelope_result(&envelope, owed(DEMAND_CALLED_BACK), "case.called_back", "res_1", 1), *data = json_object_get(result, "data");
    assert_true(json_is_null(json_object_get(data, "clock")) && json_is_null(json_object_get(data, "deadline")));
    assert_int_equal(number_at(data, "satisfaction"), 4);
    json_decref(result);
}

static void an_answer_names_the_duplicates_where_the_policy_says_so(void **state)
{
    (void)state;
    received();
    struct event link = event_at(TICKET_MERGED, "2024-10-10T10:00:00+08:00");
    struct event_detail detail = {.target = TEXT("ML2024093000200")};
    link.flags = EVENT_LINK;
    link.detail = &detail;
    happens(link);
    step(TICKET_ANSWERED, "2024-10-11T16:02:00+08:00");
    step(TICKET_CALLED_BACK, "2024-10-11T16:30:00+08:00");
    step(TICKET_CLOSED, "2024-10-11T17:00:00+08:00");
    for (int tells = 0; tells < 2; tells++) {
        life.policy->tells_duplicates = tells;
        struct envelope envelope = envelope_at("2024-10-12T17:00:00+08:00");
        static const enum demand_kind kinds[] = {DEMAND_ANSWERED, DEMAND_CALLED_BACK, DEMAND_CLOSED};
        for (int i = 0; i < 3; i++) {
            json_t *result = envelope_result(&envelope, owed(kinds[i]), "x", "res_1", 1);
            assert_int_equal(json_array_size(json_object_get(json_object_get(result, "data"), "duplicates")), tells && kinds[i] != DEMAND_CALLED_BACK);
            json_decref(result);
        }
    }
    for (int i = 0; i < 1000; i++) { /* one more than a result names */
        link.at_ms++;
        memcpy(link.key, &(uint64_t){UINT64_MAX - (uint64_t)i}, sizeof link.key);
        happens(link);
    }
    struct envelope full = envelope_at("2024-10-12T17:00:00+08:00");
    json_t *much = envelope_result(&full, owed(DEMAND_ANSWERED), "x", "res_1", 1);
    assert_int_equal(json_array_size(json_object_get(json_object_get(much, "data"), "duplicates")), 1000);
    assert_int_equal(number_at(json_object_get(much, "data"), "duplicates_left_out"), 1);
    json_decref(much);
    received();
    step(TICKET_ANSWERED, "2024-10-11T16:02:00+08:00"); /* none was merged into it */
    struct envelope envelope = envelope_at("2024-10-12T17:00:00+08:00");
    json_t *result = envelope_result(&envelope, owed(DEMAND_ANSWERED), "x", "res_1", 1);
    assert_null(json_object_get(json_object_get(result, "data"), "duplicates"));
    json_decref(result);
    life.policy->tells_duplicates = false;
}

static void the_ledger_keeps_the_attempt_and_its_answer(void **state)
{
    (void)state;
    received();
    struct envelope envelope = envelope_at("2024-10-12T14:00:00+08:00");
    struct ledger_entry entry = {.type = "notice", .id = "ntc_1", .outcome = "failed", .endpoint = "departments", .attempt = 2, .sent_ms = 1000,
                                 .answered_ms = 1500, .status = 503, .error = ""};
    json_t *record = ledger_record(&envelope, owed(DEMAND_NOTICE), &entry);
    assert_int_equal(number_at(record, "ledger"), LEDGER_FORMAT);
    assert_string_equal(text_at(record, "step"), "remind-4h");
    assert_string_equal(text_at(record, "endpoint"), "departments");
    assert_string_equal(text_at(record, "outcome"), "failed");
    assert_string_equal(text_at(record, "due"), "2024-10-12T13:30:00+08:00");
    assert_int_equal(number_at(record, "attempt"), 2);
    assert_int_equal(number_at(record, "status"), 503);
    assert_true(json_is_null(json_object_get(record, "error")));
    json_decref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_notice_says_what_is_owed), cmocka_unit_test(time_left_is_negative_when_overdue),
                                       cmocka_unit_test(in_a_year_without_calendar_it_is_provisional),
                                       cmocka_unit_test(a_result_says_what_came_of_it), cmocka_unit_test(ids_are_functions_of_what_they_name),
                                       cmocka_unit_test(a_correction_says_what_was_told), cmocka_unit_test(a_case_without_clock_has_no_deadline),
                                       cmocka_unit_test(an_answer_names_the_duplicates_where_the_policy_says_so), cmocka_unit_test(the_ledger_keeps_the_attempt_and_its_answer)};
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    life_close();
    return failed;
}
