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
                                       cmocka_unit_test(a_result_says_what_came_of_it), cmocka_unit_test(ids_are_functions_of_what_they_name),
                                       cmocka_unit_test(the_ledger_keeps_the_attempt_and_its_answer)};
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    life_close();
    return failed;
}
