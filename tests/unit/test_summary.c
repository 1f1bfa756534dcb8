/* Adding up, taking away, days, units in order, and rates. */
#include "sla/summary.h"
#include "tests/unit/life.h"

static const json_t *figure(const json_t *root, const char *name)
{
    return json_object_get(json_object_get(root, "total"), name);
}

static json_t *printed(const struct summary *summary, const char *unit)
{
    return summary_to_json(summary, &life.rules, ms("2024-11-01T00:00:00Z"), unit);
}

static void days_are_from_included_to_excluded(void **state)
{
    (void)state;
    struct summary *summary = summary_new(day("2024-10-01"), day("2024-10-03"));
    static const char *const days[] = {"2024-09-30", "2024-10-01", "2024-10-02", "2024-10-03"};
    for (int i = 0; i < 4; i++) summary_add(summary, COUNT_RECEIVED, day(days[i]), TEXT("u"), 1 << i);
    summary_add(summary, COUNT_OPEN, DAY_NONE, TEXT("u"), 1);
    json_t *root = printed(summary, NULL);
    assert_int_equal(json_integer_value(figure(root, "received")), 2 + 4);
    assert_int_equal(json_integer_value(figure(root, "open")), 1);
    assert_string_equal(json_string_value(json_object_get(root, "from")), "2024-10-01");
    assert_string_equal(json_string_value(json_object_get(root, "as_of")), "2024-11-01T08:00:00+08:00");
    json_decref(root);
    summary_free(summary);
}

static void units_are_sorted_by_bytes_and_only_those_with_something(void **state)
{
    (void)state;
    struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
    static const struct text units[] = {{"b", 1}, {"街", 3}, {"", 0}, {"a b", 3}, {"a", 1}};
    for (size_t i = 0; i < 5; i++) summary_add(summary, COUNT_URGED, 0, units[i], 1);
    summary_add(summary, COUNT_URGED, 0, TEXT("gone"), 1);
    summary_add(summary, COUNT_URGED, 0, TEXT("gone"), -1);
    json_decref(printed(summary, NULL)); /* printing leaves the rows as they were */
    json_t *root = printed(summary, NULL);
    char order[64] = "";
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(root, "units"), i, row) {
        text_append(order, sizeof order, json_string_value(json_object_get(row, "unit")));
        text_append(order, sizeof order, "|");
    }
    assert_string_equal(order, "|a|a b|b|街|");
    json_decref(root);
    root = printed(summary, "b");
    assert_int_equal(json_integer_value(figure(root, "urged")), 1);
    json_decref(root);
    summary_free(summary);
}

static void rates_are_rounded_and_null_without_divisor(void **state)
{
    (void)state;
    struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
    json_t *root = printed(summary, NULL);
    assert_true(json_is_null(figure(root, "in_time_rate")));
    json_decref(root);
    summary_add(summary, COUNT_ANSWERED, 0, TEXT("u"), 3);
    summary_add(summary, COUNT_ANSWERED_IN_TIME, 0, TEXT("u"), 2);
    summary_add(summary, COUNT_SOLVED, 0, TEXT("u"), 1);
    summary_add(summary, COUNT_EXPLAINED, 0, TEXT("u"), 127);
    summary_add(summary, COUNT_RATING_5, 0, TEXT("u"), 1);
    summary_add(summary, COUNT_RATING_3, 0, TEXT("u"), 1);
    summary_add(summary, COUNT_RATING_2, 0, TEXT("u"), 1);
    summary_add(summary, COUNT_CALLBACK_1, 0, TEXT("u"), 1);
    root = printed(summary, NULL);
    assert_true(json_real_value(figure(root, "in_time_rate")) == 0.666667);
    assert_true(json_real_value(figure(root, "solved_rate")) == 0.007812); /* a tie goes to even */
    assert_true(json_real_value(figure(root, "satisfaction_rate")) == 0.666667);
    assert_true(json_real_value(figure(root, "callback_satisfaction_rate")) == 0.0);
    assert_int_equal(json_integer_value(json_object_get(figure(root, "ratings"), "3")), 1);
    assert_null(figure(root, "contacted"));
    json_decref(root);
    summary_free(summary);
}

static void what_is_added_can_be_taken_away(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2024-09-30T10:15:00+08:00", "wuye");
    step(TICKET_URGED, "2024-10-01T10:15:00+08:00");
    struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
    summary_add_case(summary, fold_at("2024-12-01T00:00:00Z"), 1);
    json_t *root = printed(summary, NULL);
    assert_int_equal(json_integer_value(figure(root, "missed")), 1);
    assert_int_equal(json_array_size(json_object_get(root, "units")), 1);
    json_decref(root);
    summary_add_case(summary, &life.fold, -1);
    root = printed(summary, NULL);
    assert_int_equal(json_array_size(json_object_get(root, "units")), 0);
    json_decref(root);
    summary_free(summary);
}

static void contacts_are_shown_where_the_policy_has_their_clock(void **state)
{
    (void)state;
    struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
    char error[256];
    struct policy *policy = policy_load("conf/policy/shanghai-street-2018.json", error, sizeof error);
    struct rules rules = life.rules;
    rules.policy = policy;
    char unit[24];
    for (int i = 0; i < 500; i++) { /* more than the table begins with */
        snprintf(unit, sizeof unit, "u%d", i);
        summary_add(summary, COUNT_CONTACTED, 0, (struct text){unit, strlen(unit)}, 1);
    }
    json_t *root = summary_to_json(summary, &rules, INT64_MIN, NULL);
    assert_int_equal(json_integer_value(figure(root, "contacted")), 500);
    assert_true(json_is_null(json_object_get(root, "as_of")) && json_is_null(json_object_get(root, "from")));
    json_decref(root);
    summary_free(summary);
    summary_free(NULL);
    policy_free(policy);
}

static void counters_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < COUNTERS; i++) {
        const char *name = counter_name((enum counter)i);
        assert_int_equal(counter_named(name, strlen(name)), i);
    }
    assert_string_equal(counter_name(COUNT_CALLBACK_5), "callback_5");
    assert_int_equal(counter_named("receive", 7), COUNTERS);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(days_are_from_included_to_excluded),
                                       cmocka_unit_test(units_are_sorted_by_bytes_and_only_those_with_something),
                                       cmocka_unit_test(rates_are_rounded_and_null_without_divisor),
                                       cmocka_unit_test(what_is_added_can_be_taken_away), cmocka_unit_test(contacts_are_shown_where_the_policy_has_their_clock), cmocka_unit_test(counters_have_names)};
    int failed = cmocka_run_group_tests_name("summary", tests, NULL, NULL);
    life_close();
    return failed;
}
