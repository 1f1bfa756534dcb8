/* Silences: whom they reach, from when to when, which of several counts, and that they leave the rules alone. */
#include "sla/silence.h"
#include "tests/unit/decisions.h"

static int64_t at(int hour)
{
    return ms("2024-01-02T00:00:00+08:00") + hour * (int64_t)3600000;
}

static void begin(void **state)
{
    (void)state;
    decisions_end();
    activated("a", at(-24), "", "1", "", INT64_MIN);
}

static void lifted(const char *id, int64_t at_ms, const char *of)
{
    took_back(CONTROL_LIFT, id, at_ms, of);
}

/* The record of the silence that counts, "" for none. */
static const char *found(const char *unit, const char *item, int64_t at_ms)
{
    struct silence_case what = {text_of(unit), text_of(item)};
    const struct silence *silence = silence_at(decisions.book, &what, at_ms);
    return silence ? silence->record->id : "";
}

static void reaches_a_unit_an_item_or_all(void **state)
{
    begin(state);
    silenced("u", at(0), "wuye", "", INT64_MIN, at(10));
    silenced("i", at(0), "", "noise", INT64_MIN, at(5));
    follow();
    assert_string_equal(found("wuye", "lift", at(1)), "u");
    assert_string_equal(found("wuye2", "lift", at(1)), "");
    assert_string_equal(found("wuy", "lift", at(1)), "");
    assert_string_equal(found("wuyf", "lift", at(1)), ""); /* as long as the name */
    assert_string_equal(found("", "", at(1)), "");
    assert_string_equal(found("chengguan", "noise", at(1)), "i");
    assert_string_equal(found("wuye", "noise", at(1)), "u"); /* ends later */
    silenced("all", at(1), "", "", INT64_MIN, at(2));
    silenced("all too", at(1), "", "", INT64_MIN, at(2)); /* ends with it: the first decided counts */
    follow();
    assert_string_equal(found("", "", at(1)), "all");
    assert_string_equal(found("chengguan", "noise", at(1)), "i");
    assert_string_equal(found("", "", at(2)), "");
    silenced("longer", at(1), "wuye", "", INT64_MIN, at(11));
    follow();
    assert_string_equal(found("wuye", "lift", at(1)), "longer");
}

static void begins_and_ends_by_itself(void **state)
{
    begin(state);
    silenced("now", at(0), "a", "", INT64_MIN, at(1));
    silenced("later", at(0), "b", "", at(3), at(4));
    follow();
    assert_string_equal(found("a", "", at(0) - 1), "");
    assert_string_equal(found("a", "", at(0)), "now");
    assert_string_equal(found("a", "", at(1) - 1), "now");
    assert_string_equal(found("a", "", at(1)), "");
    assert_string_equal(found("b", "", at(3) - 1), "");
    assert_string_equal(found("b", "", at(3)), "later");
    assert_string_equal(found("b", "", at(4)), "");
}

static void is_lifted_once(void **state)
{
    begin(state);
    silenced("s", at(0), "a", "", INT64_MIN, at(9));
    silenced("t", at(0), "b", "", at(5), at(9));
    lifted("l", at(2), "s");
    lifted("m", at(2), "t"); /* before it began */
    lifted("n", at(3), "s"); /* once more: nothing comes of it */
    follow();
    assert_string_equal(found("a", "", at(1)), "s");
    assert_string_equal(found("a", "", at(2)), "");
    assert_string_equal(found("b", "", at(6)), "");
    const struct silence *silence = silence_named(decisions.book, "s");
    assert_true(silence && silence->until_ms == at(2));
    assert_string_equal(silence->lift->id, "l");
    assert_null(silence_named(decisions.book, "l"));
    silenced("u", at(3), "a", "", INT64_MIN, at(4));
    lifted("o", at(5), "u"); /* it had ended */
    follow();
    assert_null(silence_named(decisions.book, "u")->lift);
}

static void what_is_not_there_is_not_lifted(void **state)
{
    begin(state);
    lifted("l", at(0), "a"); /* an activation */
    assert_null(book_of(decisions.count));
    assert_string_equal(decisions.why, "record l: what it lifts is not there");
}

static void rules_are_left_alone(void **state)
{
    begin(state);
    activated("b", at(1), "'policy': 'other'", NULL, NULL, at(1));
    follow();
    size_t spans = decisions.book->spans;
    unsigned editions = decisions.book->editions;
    silenced("s", at(2), "", "", INT64_MIN, at(9));
    lifted("l", at(3), "s");
    follow();
    assert_int_equal(decisions.book->spans, spans);
    assert_int_equal(decisions.book->editions, editions);
    const struct past *last = &decisions.book->past[3], *before = &decisions.book->past[1];
    assert_int_equal(last->spans, before->spans);
    assert_memory_equal(last->span, before->span, spans * sizeof *last->span);
}

static void so_many_at_once_and_no_more(void **state)
{
    char id[32];
    begin(state);
    silenced("past", at(0), "", "", INT64_MIN, at(1));
    for (int i = 0; i < SILENCES_MAX; i++) {
        snprintf(id, sizeof id, "s%d", i);
        silenced(id, at(1), "a", "", at(2), at(3));
    }
    follow();
    silenced("more", at(1), "a", "", at(2), at(3));
    assert_null(book_of(decisions.count));
    assert_string_equal(decisions.why, "record more: more than 256 silences in force or to come");
    free(decisions.text[--decisions.count]);
    lifted("l", at(1), "s7");
    silenced("more", at(1), "a", "", at(2), at(3));
    follow();
    assert_int_equal(decisions.book->silences.count, SILENCES_MAX + 2);
}

/* Of a book that rests on no record. */
static void none_without_records(void **state)
{
    begin(state);
    struct rulebook *one = rulebook_of_one(follow());
    struct silence_case what = {0};
    assert_null(silence_at(one, &what, at(0)));
    rulebook_free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reaches_a_unit_an_item_or_all), cmocka_unit_test(begins_and_ends_by_itself), cmocka_unit_test(is_lifted_once),
                                       cmocka_unit_test(what_is_not_there_is_not_lifted), cmocka_unit_test(rules_are_left_alone),
                                       cmocka_unit_test(so_many_at_once_and_no_more), cmocka_unit_test(none_without_records)};
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    int failed = cmocka_run_group_tests_name("silence", tests, NULL, NULL);
    decisions_end();
    rulebook_close();
    life_close();
    return failed;
}
