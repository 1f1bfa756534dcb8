/* The vocabulary: names there and back, texts, and rule 2.1's order. */
#include "sla/event.h"
#include "tests/unit/unit.h"

static void types_have_names(void **state)
{
    (void)state;
    for (int type = EVENT_NONE + 1; type < EVENT_TYPES; type++) {
        const char *name = event_type_name((enum event_type)type);
        assert_int_equal(event_type_parse(name, strlen(name)), type);
        assert_int_equal(strncmp(name, of_name(event_type_of((enum event_type)type)), 6), 0);
        assert_true(strlen(event_type_chinese((enum event_type)type)) >= 6);
    }
    assert_null(event_type_name(EVENT_NONE));
    assert_null(event_type_name(EVENT_TYPES));
    assert_int_equal(event_type_parse("ticket.receive", 14), EVENT_NONE);
    assert_int_equal(event_type_parse("", 0), EVENT_NONE);
    assert_string_equal(of_name(OF_RATING), "rating");
}

static void codes_have_names(void **state)
{
    (void)state;
    assert_string_equal(kind_name(KIND_OTHER), "other");
    assert_string_equal(urgency_name(URGENCY_CRITICAL), "critical");
    assert_string_equal(outcome_name(OUTCOME_EXPLAINED), "explained");
    assert_null(kind_name(KIND_NONE));
}

static void texts_are_compared_by_bytes(void **state)
{
    (void)state;
    static const struct text none = {NULL, 0};
    assert_true(text_equal(none, TEXT("")));
    assert_false(text_equal(TEXT("a"), TEXT("b")));
    assert_false(text_equal(TEXT("a"), TEXT("ab")));
    assert_int_equal(text_compare(none, TEXT("")), 0);
    assert_true(text_compare(TEXT("a"), TEXT("ab")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("ab")) > 0);
    assert_true(text_compare(TEXT("a\x7f"), TEXT("街")) < 0);
    assert_true(text_compare(TEXT("a"), none) > 0);
}

static void lists_end_each_text_with_a_nul(void **state)
{
    (void)state;
    struct text list = {"a\0bc", 5}, one, broken = {"a\0bc", 4};
    assert_true(text_next(&list, &one) && text_equal(one, TEXT("a")));
    assert_true(text_next(&list, &one) && text_equal(one, TEXT("bc")));
    assert_false(text_next(&list, &one));
    assert_true(text_next(&broken, &one));
    assert_false(text_next(&broken, &one)); /* what has no end is none */
    assert_true(text_among((struct text){"a\0bc", 5}, TEXT("bc")));
    assert_false(text_among((struct text){"a\0bc", 5}, TEXT("b")));
}

static void time_goes_before_type_before_key(void **state)
{
    (void)state;
    struct event a = {.at_ms = 5, .type = TICKET_CLOSED, .key = {1}}, b = a;
    assert_int_equal(event_compare(&a, &b), 0);
    b.key[0] = 2;
    assert_true(event_compare(&a, &b) < 0);
    b.type = TICKET_SIGNED;
    assert_true(event_compare(&a, &b) > 0);
    assert_true(event_compare(&b, &a) < 0);
    b.at_ms = 6;
    assert_true(event_compare(&a, &b) < 0);
    assert_true(event_compare(&b, &a) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(types_have_names), cmocka_unit_test(codes_have_names), cmocka_unit_test(texts_are_compared_by_bytes),
                                       cmocka_unit_test(lists_end_each_text_with_a_nul), cmocka_unit_test(time_goes_before_type_before_key)};
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
