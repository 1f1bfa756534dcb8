/* Right and wrong warnings, counted by hand. */
#include "sla/score.h"

#include <math.h>

#include "tests/unit/unit.h"

enum { CASES = 400, LOOKS_EACH = 4, TUNED = 0, TESTED = 1, ROUNDS = 2 };

static struct glance glance[CASES * LOOKS_EACH];
static struct sight sight[CASES];
static float guess[CASES * LOOKS_EACH];
static struct hindsight hindsight;

#define assert_number(found, expected) assert_true(fabs((found) - (expected)) < 1e-6)

static int begin(void **state)
{
    (void)state;
    hindsight = (struct hindsight){.months = 1, .rounds = ROUNDS, .glance = glance, .sight = sight};
    return 0;
}

/* A case with a limit of four steps, looked at as each begins; the guesses in hundredths. */
static void seen(int round, bool late, int first, int second, int third, int fourth)
{
    const int percent[LOOKS_EACH] = {first, second, third, fourth};
    for (int i = 0; i < LOOKS_EACH; i++) {
        if (percent[i] < 0) continue;
        guess[hindsight.glances] = (float)(percent[i] / 100.0);
        glance[hindsight.glances++] = (struct glance){.round = (uint8_t)round, .step = (uint8_t)(i + 1), .last = 4,
                                                      .left_minutes = (uint16_t)((4 - i) * 510)};
    }
    sight[hindsight.sights++] = (struct sight){(uint32_t)hindsight.glances, (uint8_t)(round + 1), late};
}

static struct score scored(double threshold)
{
    struct score score;
    assert_true(score_rounds(&hindsight, guess, TESTED, ROUNDS, threshold, &score));
    return score;
}

/* 60 late ones, of which the model sees 50, 100 timely ones, of which it warns of 10; every late case is open at half, and so
 * are 40 of the timely ones. */
static void a_month(void)
{
    for (int i = 0; i < 50; i++) seen(TESTED, true, 30, 60, 70, 80);
    for (int i = 0; i < 10; i++) seen(TESTED, true, 10, 20, 30, 40);
    for (int i = 0; i < 10; i++) seen(TESTED, false, 30, 60, 70, -1);
    for (int i = 0; i < 30; i++) seen(TESTED, false, 10, 20, 30, -1);
    for (int i = 0; i < 60; i++) seen(TESTED, false, 10, -1, -1, -1);
}

static void warnings_are_counted_by_case(void **state)
{
    (void)state;
    a_month();
    struct score score = scored(0.5);
    assert_int_equal(score.cases, 160);
    assert_int_equal(score.late, 60);
    assert_int_equal(score.model.warned, 60);
    assert_int_equal(score.model.right, 50);
    assert_number(score.model.precision, 50.0 / 60);
    assert_number(score.model.recall, 50.0 / 60);
    assert_int_equal(score.model.lead_minutes, 3 * 510);
}

static void the_plain_rule_warns_at_half(void **state)
{
    (void)state;
    a_month();
    struct score score = scored(0.5);
    assert_int_equal(score.plain.warned, 100);
    assert_int_equal(score.plain.right, 60);
    assert_number(score.plain.precision, 0.6);
    assert_number(score.plain.recall, 1);
    assert_int_equal(score.plain.lead_minutes, 2 * 510);
}

static void at_equal_recall_the_model_finds_as_many(void **state)
{
    (void)state;
    a_month();
    struct score score = scored(0.5);
    assert_number(score.equal.threshold, 0.4); /* the least probable of the late ones came to that */
    assert_int_equal(score.equal.right, 60);
    assert_int_equal(score.equal.warned, 70);
}

/* Ten late ones more, which rest from the second day on, so that the plain rule never warns of them; the model does. */
static void at_equal_recall_it_need_not_find_more(void **state)
{
    (void)state;
    a_month();
    for (int i = 0; i < 10; i++) seen(TESTED, true, 10, 50, -1, -1);
    struct score score = scored(0.5);
    assert_int_equal(score.plain.right, 60);
    assert_number(score.equal.threshold, 0.5);
    assert_int_equal(score.equal.right, 60);
}

static void the_plain_rule_may_warn_later_as_well(void **state)
{
    (void)state;
    a_month();
    struct score score = scored(0.5);
    assert_int_equal(score.as_many.warned, 60); /* at three quarters */
    assert_int_equal(score.as_many.right, 60);
}

static void order_at_half_is_of_pairs(void **state)
{
    (void)state;
    a_month();
    struct score score = scored(0.5);
    /* Late: 50 at 70, 10 at 30. Timely at half: 10 at 70, 30 at 30. */
    assert_number(score.order, (50 * 30 + 50 * 10 * 0.5 + 10 * 30 * 0.5) / (60.0 * 40));
}

static void probabilities_are_held_against_what_came(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) seen(TESTED, true, 80, -1, -1, -1);
    for (int i = 0; i < 10; i++) seen(TESTED, false, 80, -1, -1, -1);
    for (int i = 0; i < 40; i++) seen(TESTED, false, 0, -1, -1, -1);
    struct score score = scored(0.5);
    assert_int_equal(score.glances, 80);
    assert_number(score.brier, (30 * 0.04 + 10 * 0.64) / 80);
    assert_number(score.brier_base, 3.0 / 8 * 5 / 8);
    assert_int_equal(score.tenth[8].glances, 40);
    assert_int_equal(score.tenth[8].late, 30);
    assert_number(score.tenth[8].probability, 0.8);
    assert_int_equal(score.tenth[0].glances, 40);
}

static void only_the_months_asked_for_count(void **state)
{
    (void)state;
    a_month();
    for (int i = 0; i < 50; i++) seen(TUNED, true, 90, 90, 90, 90);
    assert_int_equal(scored(0.5).cases, 160);
}

static void what_too_little_was_known_of_does_not_count(void **state)
{
    (void)state;
    a_month();
    for (int i = 0; i < 50; i++) seen(TESTED, true, 90, 90, 90, 90);
    for (size_t i = hindsight.glances - 200; i < hindsight.glances; i++) guess[i] = NAN;
    assert_int_equal(scored(0.5).cases, 160);
}

static void few_cases_are_not_judged(void **state)
{
    (void)state;
    struct score score;
    for (int i = 0; i < SCORE_CASES_MIN - 1; i++) seen(TESTED, i % 2, 10, 20, 30, 40);
    assert_false(score_rounds(&hindsight, guess, TESTED, ROUNDS, 0.5, &score));
    assert_int_equal(score.cases, SCORE_CASES_MIN - 1);
    seen(TESTED, false, 10, -1, -1, -1);
    assert_true(score_rounds(&hindsight, guess, TESTED, ROUNDS, 0.5, &score));
    for (size_t i = 0; i < hindsight.sights; i++) sight[i].late = false;
    assert_false(score_rounds(&hindsight, guess, TESTED, ROUNDS, 0.5, &score));
}

/* In the month before, late ones came to 70 and timely ones to 60. */
static void the_threshold_is_the_best_of_the_months_before(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) seen(TUNED, true, 10, 70, 70, 70);
    for (int i = 0; i < 40; i++) seen(TUNED, false, 10, 60, 60, -1);
    a_month();
    assert_number(score_threshold(&hindsight, guess, TUNED, TESTED, TESTED), 0.65);
}

static void of_equal_thresholds_the_earlier_warning_is_better(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) seen(TUNED, true, 10, 72, 72, 72);
    for (int i = 0; i < 40; i++) seen(TUNED, false, 10, 43, 43, -1);
    assert_number(score_threshold(&hindsight, guess, TUNED, TESTED, TESTED), 0.45);
}

static void a_threshold_does_not_know_what_came_later(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) seen(TUNED, true, 10, 70, 70, 70);
    for (int i = 0; i < 40; i++) seen(TUNED, false, 10, 60, 60, -1);
    for (int i = 0; i < 40; i++) sight[i].known = ROUNDS;
    assert_number(score_threshold(&hindsight, guess, TUNED, TESTED, TESTED), SCORE_THRESHOLD_DEFAULT);
    assert_number(score_threshold(&hindsight, guess, TUNED, TESTED, ROUNDS), 0.65);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(warnings_are_counted_by_case, begin),
                                       cmocka_unit_test_setup(the_plain_rule_warns_at_half, begin),
                                       cmocka_unit_test_setup(at_equal_recall_the_model_finds_as_many, begin),
                                       cmocka_unit_test_setup(at_equal_recall_it_need_not_find_more, begin),
                                       cmocka_unit_test_setup(of_equal_thresholds_the_earlier_warning_is_better, begin),
                                       cmocka_unit_test_setup(the_plain_rule_may_warn_later_as_well, begin),
                                       cmocka_unit_test_setup(order_at_half_is_of_pairs, begin),
                                       cmocka_unit_test_setup(probabilities_are_held_against_what_came, begin),
                                       cmocka_unit_test_setup(only_the_months_asked_for_count, begin),
                                       cmocka_unit_test_setup(what_too_little_was_known_of_does_not_count, begin),
                                       cmocka_unit_test_setup(few_cases_are_not_judged, begin),
                                       cmocka_unit_test_setup(the_threshold_is_the_best_of_the_months_before, begin),
                                       cmocka_unit_test_setup(a_threshold_does_not_know_what_came_later, begin)};
    return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
