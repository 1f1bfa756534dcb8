/* The shipped policies say what the contract says, and a slip in a file is refused by name. */
#include "sla/policy.h"
#include "tests/unit/unit.h"

static struct policy *load(const char *file)
{
    char error[512];
    struct policy *policy = policy_load(file, error, sizeof error);
    if (!policy) fail_msg("%s", error);
    return policy;
}

static void meilong_classes(void **state)
{
    (void)state;
    struct policy *policy = load("conf/policy/meilong-2024.json");
    struct policy_facts facts = {.of = OF_TICKET, .kind = KIND_REPORT, .simple = true};
    const struct policy_class *class = &policy->class[policy_classify(policy, &facts)];
    assert_string_equal(class->name, "simple");
    assert_int_equal(class->clock[0].limit.amount, 1);
    facts.simple = false;
    class = &policy->class[policy_classify(policy, &facts)];
    assert_string_equal(class->name, "general");
    assert_int_equal(class->clock[0].limit.amount, 5);
    assert_int_equal(class->clock[0].stopped_by, 1U << TICKET_ANSWERED | 1U << TICKET_CLOSED);
    assert_int_equal(policy->extension_max_days, 10);
    assert_false(policy->has_contact);
    policy_free(policy);
}

static void ratings_are_bad_reviews_up_to_two_stars(void **state)
{
    (void)state;
    struct policy *policy = load("conf/policy/meilong-2024.json");
    for (int stars = 1; stars <= 5; stars++) {
        struct policy_facts facts = {.of = OF_RATING, .satisfaction = stars};
        int bad = policy_class_named(policy, "bad_review");
        assert_int_equal(policy_classify(policy, &facts) == bad, stars <= 2);
        facts.is_default = true;
        assert_int_not_equal(policy_classify(policy, &facts), bad);
    }
    assert_int_equal(policy->class[policy_class_named(policy, "rating")].clocks, 0);
    assert_int_equal(policy_class_named(policy, "nothing"), -1);
    policy_free(policy);
}

static void shanghai_has_a_contact_clock(void **state)
{
    (void)state;
    struct policy *policy = load("conf/policy/shanghai-street-2018.json");
    static const struct {
        const char *class;
        int days;
    } expected[] = {{"inquiry", 1}, {"supervised", 3}, {"request", 5}, {"complex", 15}};
    for (size_t i = 0; i < 4; i++) {
        const struct policy_class *class = &policy->class[policy_class_named(policy, expected[i].class)];
        assert_int_equal(class->clock[0].limit.amount, expected[i].days);
        assert_int_equal(class->clocks, 2);
        assert_string_equal(class->clock[1].name, "contact");
        assert_int_equal(class->clock[1].limit.amount, 1);
        assert_int_equal(class->clock[1].starts, STARTS_RECEIPT);
        assert_false(class->clock[1].extends);
        assert_true(class->clock[1].suspends);
    }
    for (int kind = KIND_CONSULTATION; kind < KINDS; kind++) {
        struct policy_facts facts = {.of = OF_TICKET, .kind = (enum kind)kind};
        assert_string_equal(policy->class[policy_classify(policy, &facts)].name, kind <= KIND_OPINION ? "inquiry" : "request");
    }
    assert_true(policy->has_contact);
    policy_free(policy);
}

/* The shipped file with `from` replaced by `to` does not load, for a reason that names `reason`. */
static void assert_refused(const char *from, const char *to, const char *reason)
{
    static char text[1 << 16], changed[1 << 16];
    char name[] = "/tmp/policy-XXXXXX", error[512] = "";
    FILE *in = fopen("conf/policy/meilong-2024.json", "rb");
    text[fread(text, 1, sizeof text - 1, in)] = 0;
    fclose(in);
    char *at = strstr(text, from);
    assert_non_null(at);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    int fd = mkstemp(name);
    FILE *out = fdopen(fd, "wb");
    fputs(changed, out);
    fclose(out);
    struct policy *policy = policy_load(name, error, sizeof error);
    remove(name);
    assert_null(policy);
    if (!strstr(error, reason)) fail_msg("%s, not %s", error, reason);
}

static void slips_are_refused(void **state)
{
    (void)state;
    assert_refused("\"limit_workdays\": 5", "\"limit_workday\": 5", "unknown field \"limit_workday\"");
    assert_refused("\"limit_workdays\": 5", "\"limit_workdays\": 0", "limit_workdays");
    assert_refused("\"ticket.closed\"", "\"ticket.close\"", "unknown name \"ticket.close\"");
    assert_refused("\"to\": [\"handler\"]", "\"to\": []", "at least one role");
    assert_refused("\"ladder\": \"one-day\"", "\"ladder\": \"two-days\"", "no ladder \"two-days\"");
    assert_refused("{\"of\": \"ticket\", \"class\": \"general\"},", "", "no rule takes every other ticket");
    assert_refused("{\"of\": \"ticket\", \"class\": \"general\"}", "{\"of\": \"ticket\", \"kind\": [\"other\"], \"class\": \"general\"}", "no rule takes every other ticket");
    assert_refused("\"class\": \"general\", \"of\"", "\"class\": \"simple\", \"of\"", "twice");
    assert_refused("\"24:00\"", "\"24:01\"", "day_end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(meilong_classes), cmocka_unit_test(ratings_are_bad_reviews_up_to_two_stars),
                                       cmocka_unit_test(shanghai_has_a_contact_clock), cmocka_unit_test(slips_are_refused)};
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
