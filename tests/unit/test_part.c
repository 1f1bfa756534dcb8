/* A recipient's part in a notice: places in order, failures, what an answer comes to. */
#include "notify/part.h"
#include "tests/unit/life.h"

static int64_t waits_ms[] = {0, 5000, 60000, 60000, 60000};
static const struct config_spans retry = {waits_ms, 5};
static struct endpoint endpoint[4];
static struct recipient to;
static struct part part;

static void begin(size_t places)
{
    to = (struct recipient){.key = 7, .places = places};
    for (size_t i = 0; i < places; i++) to.place[i].endpoint = &endpoint[i];
    part_begin(&part, &to, 99, &life.file);
}

static void answer(enum verdict_kind kind, int64_t wait_ms, int64_t real_ms)
{
    part_conclude(&part, &(struct verdict){.kind = kind, .wait_ms = wait_ms}, &retry, 2, real_ms, 0);
}

/* As the case will have it the next time. */
static void settle_and_begin(size_t places)
{
    assert_true(case_tell(&life.file, &part.told));
    begin(places);
}

static void delivered_is_settled(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    begin(1);
    assert_false(part.known);
    answer(VERDICT_DELIVERED, 0, 1000);
    assert_int_equal(part.told.status, TOLD_DELIVERED);
    settle_and_begin(1);
    assert_true(part.known && part.state == PART_SETTLED);
}

static void after_some_failures_the_next_place_is_tried_at_once(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    begin(2);
    answer(VERDICT_RETRY, 0, 1000);
    assert_int_equal(part.told.next_try_ms, 6000);
    assert_ptr_equal(part_place(&part)->endpoint, &endpoint[0]);
    settle_and_begin(2);
    answer(VERDICT_RETRY, 0, 6000);
    assert_ptr_equal(part_place(&part)->endpoint, &endpoint[1]);
    assert_int_equal(part.told.next_try_ms, 6000);
    settle_and_begin(2);
    assert_ptr_equal(part_place(&part)->endpoint, &endpoint[1]);
    answer(VERDICT_RETRY, 0, 6001);
    assert_int_equal(part.told.next_try_ms, 66001); /* the last place: waits grow on */
    settle_and_begin(2);
    answer(VERDICT_DELIVERED, 0, 70000);
    assert_int_equal(part.told.status, TOLD_DELIVERED);
    assert_int_equal(part.told.attempts, 4);
}

static void what_is_hopeless_goes_to_the_next_place_or_is_given_up(void **state)
{
    static const enum verdict_kind hopeless[] = {VERDICT_REFUSED, VERDICT_GONE};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        life_begin(OF_TICKET);
        begin(2);
        answer(hopeless[i], 0, 1000);
        assert_true(part.told.status == TOLD_PENDING && part.told.next_try_ms == 1000 && part_place(&part)->endpoint == &endpoint[1]);
        answer(hopeless[i], 0, 1000);
        assert_int_equal(part.told.status, TOLD_EXHAUSTED);
        settle_and_begin(2);
        assert_int_equal(part.state, PART_SETTLED);
    }
}

static void the_last_wait_is_the_last_attempt(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    begin(1);
    for (size_t i = 1; i < retry.count; i++) {
        answer(VERDICT_SLOW_DOWN, 90000, 1000);
        assert_int_equal(part.told.next_try_ms, 91000); /* as it asked */
    }
    answer(VERDICT_SLOW_DOWN, 90000, 1000);
    assert_int_equal(part.told.status, TOLD_EXHAUSTED);
}

static void nothing_is_given_up_while_a_place_is_left(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    begin(4);
    for (size_t tries = 1; tries <= 5; tries++) { /* two at the first place, two at the second, and the waits are used up */
        answer(VERDICT_RETRY, 0, 1000);
        assert_int_equal(part.told.status, TOLD_PENDING);
        settle_and_begin(4);
    }
    assert_ptr_equal(part_place(&part)->endpoint, &endpoint[3]);
    assert_int_equal(part.told.next_try_ms, 1000);
    answer(VERDICT_RETRY, 0, 1000);
    assert_int_equal(part.told.status, TOLD_EXHAUSTED);
}

static void places_that_are_gone_leave_the_last_there_is(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    begin(3);
    assert_true(part_next_place(&part) && part_next_place(&part) && !part_next_place(&part));
    settle_and_begin(1);
    assert_ptr_equal(part_place(&part)->endpoint, &endpoint[0]);
}

static void two_recipients_and_two_notices_have_parts_of_their_own(void **state)
{
    (void)state;
    assert_int_not_equal(part_id(1, 2), part_id(2, 1));
    assert_int_not_equal(part_id(1, 2), part_id(1, 3));
    assert_int_equal(part_id(1, 2), part_id(1, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(delivered_is_settled),
                                       cmocka_unit_test(after_some_failures_the_next_place_is_tried_at_once),
                                       cmocka_unit_test(what_is_hopeless_goes_to_the_next_place_or_is_given_up),
                                       cmocka_unit_test(the_last_wait_is_the_last_attempt),
                                       cmocka_unit_test(nothing_is_given_up_while_a_place_is_left),
                                       cmocka_unit_test(places_that_are_gone_leave_the_last_there_is),
                                       cmocka_unit_test(two_recipients_and_two_notices_have_parts_of_their_own)};
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    life_close();
    return failed;
}
