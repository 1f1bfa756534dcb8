/* Notices by unit, day and step: sums, means, the busiest day. */
#include "sla/workload.h"
#include "tests/unit/unit.h"

static const struct policy_step remind = {.name = "remind"}, overdue = {.name = "overdue"}, other_remind = {.name = "remind"};

static char *said(struct workload *workload, const char *unit)
{
    struct text name = {unit, unit ? strlen(unit) : 0};
    json_t *object = workload_to_json(workload, unit ? &name : NULL);
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(object);
    return text;
}

static void assert_said(struct workload *workload, const char *unit, const char *expected)
{
    char *text = said(workload, unit);
    assert_string_equal(text, expected);
    free(text);
}

static void what_was_never_sent_is_nothing(void **state)
{
    (void)state;
    struct workload *workload = workload_new();
    static const char nothing[] = "{\"notices\":0,\"days\":0,\"a_day\":null,\"busiest\":null,\"steps\":{}}";
    assert_said(workload, NULL, nothing);
    assert_said(workload, "wuye", nothing);
    workload_free(workload);
    workload_free(NULL);
}

static void each_counts_for_its_unit_and_for_all(void **state)
{
    (void)state;
    struct workload *workload = workload_new();
    char unit[] = "wuye"; /* copied */
    for (int i = 0; i < 3; i++) workload_add(workload, (struct text){unit, 4}, 20000, &remind);
    memset(unit, 'x', 4);
    workload_add(workload, TEXT("wuye"), 20003, &other_remind);
    workload_add(workload, TEXT("街道"), 20003, &overdue);
    workload_add(workload, TEXT("街道"), 20003, NULL);
    workload_add(workload, (struct text){NULL, 0}, 20001, &overdue);
    assert_said(workload, "wuye", "{\"notices\":4,\"days\":2,\"a_day\":2.0,\"busiest\":{\"day\":\"2024-10-04\",\"notices\":3},\"steps\":{\"remind\":4}}");
    assert_said(workload, "街道", "{\"notices\":2,\"days\":1,\"a_day\":2.0,\"busiest\":{\"day\":\"2024-10-07\",\"notices\":2},\"steps\":{\"overdue\":1,\"withdrawn\":1}}");
    assert_said(workload, "", "{\"notices\":1,\"days\":1,\"a_day\":1.0,\"busiest\":{\"day\":\"2024-10-05\",\"notices\":1},\"steps\":{\"overdue\":1}}");
    assert_said(workload, NULL, "{\"notices\":7,\"days\":3,\"a_day\":2.33,\"busiest\":{\"day\":\"2024-10-04\",\"notices\":3},"
                                "\"steps\":{\"overdue\":2,\"remind\":4,\"withdrawn\":1}}"); /* of two days with three the first */
    workload_free(workload);
}

static void name_unit(void *context, struct text unit)
{
    char *names = context;
    text_append(names, 64, unit.bytes ? unit.at : "-");
}

static void units_with_any_are_named(void **state)
{
    (void)state;
    char names[64] = "";
    struct workload *workload = workload_new();
    workload_add(workload, (struct text){NULL, 0}, 1, &remind);
    workload_add(workload, (struct text){NULL, 0}, 2, &remind);
    workload_each(workload, name_unit, names);
    assert_string_equal(names, "-");
    workload_free(workload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_never_sent_is_nothing), cmocka_unit_test(each_counts_for_its_unit_and_for_all),
                                       cmocka_unit_test(units_with_any_are_named)};
    return cmocka_run_group_tests_name("workload", tests, NULL, NULL);
}
