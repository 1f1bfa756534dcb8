/* Places of clocks and steps over versions: given in order, shared by what is the same, never taken back, and bounded. */
#include "tests/unit/decisions.h"

#define REMIND(step, days) "{'step': '" step "', 'workdays_before': " days ", 'to': ['handler']}"
#define CLOCK(name, ladder) "{'clock': '" name "', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true, 'ladder': '" ladder "'}"

static struct vocabulary words;

static struct policy *taken(const char *members)
{
    struct policy *policy = policy_of(members);
    assert_true(vocabulary_take(&words, policy));
    return policy;
}

static void the_same_shares_a_place(void **state)
{
    (void)state;
    struct policy *a = taken("'ladders': {" "'one'" ": [" REMIND("r2", "2") ", " REMIND("r1", "1") "]}, " GENERAL(CLOCK("answer", "one")));
    struct policy *b = taken("'ladders': {" "'one'" ": [" REMIND("r3", "3") ", " REMIND("r1", "1") "], 'two': [" REMIND("r1", "1") "]}, "
                             GENERAL(CLOCK("reply", "one") ", " CLOCK("answer", "two")));
    assert_int_equal(words.clocks, 2);
    assert_string_equal(vocabulary_clock(&words, 0), "answer");
    assert_string_equal(vocabulary_clock(&words, 1), "reply");
    assert_null(vocabulary_clock(&words, 2));
    const struct policy_class *class = &b->class[policy_class_named(b, "general")];
    assert_int_equal(class->clock[0].told_as, 1);
    assert_int_equal(class->clock[1].told_as, 0);
    assert_int_equal(words.steps, 4); /* r2 and r1 of one; r3 of one; r1 of two */
    assert_int_equal(a->step[a->ladder[0].first_step].told_as, 0);
    assert_int_equal(b->step[b->ladder[0].first_step].told_as, 2);
    assert_int_equal(b->step[b->ladder[0].first_step + 1].told_as, 1);
    assert_int_equal(b->step[b->ladder[1].first_step].told_as, 3);
    assert_string_equal(vocabulary_step(&words, 2)->name, "r3");
    assert_null(vocabulary_step(&words, 4));
    struct policy *c = taken("'ladders': {" "'one'" ": [" REMIND("r2", "1") "]}, " GENERAL(CLOCK("answer", "one"))); /* one name, another time */
    assert_int_equal(c->step[0].told_as, 4);
    policy_free(a);
    policy_free(b);
    policy_free(c);
    vocabulary_free(&words);
    assert_int_equal(words.steps, 0);
}

static void names_have_their_bound(void **state)
{
    (void)state;
    char members[2048];
    struct policy *policy;
    for (int i = 0; i < VOCABULARY_CLOCKS_MAX; i += 2) {
        snprintf(members, sizeof members, GENERAL("{'clock': 'a%d', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}, "
                 "{'clock': 'b%d', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}"), i, i);
        policy_free(taken(members));
    }
    policy = policy_of("");
    assert_false(vocabulary_take(&words, policy));
    policy_free(policy);
    vocabulary_free(&words);
}

static void steps_have_their_bound(void **state)
{
    (void)state;
    static char members[16384], one[128];
    bool good = true;
    int versions = 0;
    while (good) {
        snprintf(members, sizeof members, "'ladders': {'one': [");
        for (int i = 0; i < POLICY_STEPS_MAX; i++) {
            snprintf(one, sizeof one, "%s{'step': 's%d-%d', 'workdays_before': 2, 'to': ['handler']}", i ? ", " : "", versions, i);
            text_append(members, sizeof members, one);
        }
        text_append(members, sizeof members, "]}, " GENERAL(CLOCK("answer", "one")));
        struct policy *policy = policy_of(members);
        good = vocabulary_take(&words, policy);
        policy_free(policy);
        versions++;
    }
    assert_int_equal(words.steps, VOCABULARY_STEPS_MAX);
    assert_int_equal(versions, VOCABULARY_STEPS_MAX / POLICY_STEPS_MAX + 1);
    vocabulary_free(&words);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_shares_a_place), cmocka_unit_test(names_have_their_bound), cmocka_unit_test(steps_have_their_bound)};
    int failed = cmocka_run_group_tests_name("vocabulary", tests, NULL, NULL);
    rulebook_close();
    life_close();
    return failed;
}
