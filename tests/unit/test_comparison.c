/* Clocks of two sets of rules held against each other: what comes to be late, what no longer is, and under whom.
 * 2024-09-02 is a Monday, and so is the 9th. */
#include "sla/comparison.h"
#include "tests/unit/lives.h"

#define RECEIPT "2024-09-02T10:00:00+08:00"
#define DAYS(n) GENERAL(MAIN("'limit_workdays': " #n))
#define CONTACT ", {'clock': 'contact', 'limit_workdays': 1, 'starts': 'receipt', 'stopped_by': ['ticket.contacted'], 'cancelled_by': ['ticket.voided'], 'suspends': true, 'extends': false}"

static struct comparison *comparison;
static struct fold old;

static void received(void)
{
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"));
}

/* The case under one policy and then under another, as of a time. */
static void compare(const char *in_force, const char *new, const char *now)
{
    static struct ruleset kept; /* the fold borrows from it */
    ruleset_free(&kept);
    rulebook(in_force, "Asia/Shanghai");
    fold_case(&old, &life.rules, &life.file, ms(now));
    kept = book;
    book = (struct ruleset){0};
    rulebook(new, "Asia/Shanghai");
    comparison_free(comparison);
    comparison = comparison_new();
    comparison_add(comparison, &old, fold_at(now));
}

static int row_count(void)
{
    struct comparison_row **sorted = comparison_sorted(comparison);
    int n = 0;
    while (sorted[n]) n++;
    free(sorted);
    return n;
}

static struct comparison_row *row(const char *unit)
{
    struct comparison_row **sorted = comparison_sorted(comparison), *found = NULL;
    for (struct comparison_row **next = sorted; *next; next++)
        if (text_equal((*next)->unit, text_of(unit))) found = *next;
    free(sorted);
    if (!found) fail_msg("no row of %s", unit);
    return found;
}

static void assert_late(const struct late_counts *late, int appear, int vanish, int moved)
{
    assert_int_equal(late->appear, appear);
    assert_int_equal(late->vanish, vanish);
    assert_int_equal(late->moved, moved);
}

static void assert_clocks(struct comparison_row *of, bool with_moved, const char *expected)
{
    json_t *object = comparison_clocks(of, with_moved), *wanted = quoted_json(expected);
    char *text = json_dumps(object, JSON_COMPACT);
    if (!json_equal(object, wanted)) fail_msg("%s", text);
    free(text);
    json_decref(object);
    json_decref(wanted);
}

static void a_shorter_limit_makes_breaches_appear(void **state)
{
    (void)state;
    received();
    step(TICKET_ANSWERED, "2024-09-05T10:00:00+08:00");
    compare(DAYS(5), DAYS(2), "2024-09-20T00:00:00+08:00");
    assert_late(&row("wuye")->breaches, 1, 0, 0);
    assert_late(&comparison_total(comparison)->breaches, 1, 0, 0);
    assert_int_equal(row("wuye")->earlier, 1);
    assert_int_equal(row("wuye")->later, 0);
    assert_clocks(row("wuye"), false, "{'answer': {'in_force': {'ran': 1, 'late': 0}, 'new': {'ran': 1, 'late': 1}, 'appear': 1, 'vanish': 0, 'earlier': 1, 'later': 0}}");
    assert_true(comparison_differs(row("wuye")) && comparison_differs(comparison_total(comparison)));
    compare(DAYS(2), DAYS(5), "2024-09-20T00:00:00+08:00");
    assert_late(&row("wuye")->breaches, 0, 1, 0);
    assert_int_equal(comparison_total(comparison)->later, 1);
    compare(DAYS(2), DAYS(2), "2024-09-20T00:00:00+08:00");
    assert_late(&row("wuye")->breaches, 0, 0, 0);
    assert_false(comparison_differs(row("wuye")) || comparison_differs(comparison_total(comparison)));
    assert_int_equal(row_count(), 1);
}

/* Late under both; at the new deadline another unit holds the case. */
static void a_breach_may_move_to_another_unit(void **state)
{
    (void)state;
    received();
    step_to(TICKET_TRANSFERRED, "2024-09-06T10:00:00+08:00", "chengguan");
    compare(DAYS(5), DAYS(2), "2024-09-20T00:00:00+08:00");
    assert_late(&row("wuye")->breaches, 1, 0, 0);
    assert_late(&row("chengguan")->breaches, 0, 1, 0);
    assert_late(&comparison_total(comparison)->breaches, 0, 0, 1);
    assert_int_equal(row("wuye")->earlier, 1); /* under whom it is to be kept */
    assert_int_equal(row("chengguan")->earlier, 0);
    assert_clocks(comparison_total(comparison), true,
                  "{'answer': {'in_force': {'ran': 1, 'late': 1}, 'new': {'ran': 1, 'late': 1}, 'appear': 0, 'vanish': 0, 'moved': 1, 'earlier': 1, 'later': 0}}");
    assert_true(comparison_differs(comparison_total(comparison)));
}

static void a_clock_that_one_side_lacks_has_no_counterpart(void **state)
{
    (void)state;
    received();
    step(TICKET_ANSWERED, "2024-09-05T10:00:00+08:00");
    compare(DAYS(5), GENERAL(MAIN("'limit_workdays': 5") CONTACT), "2024-09-20T00:00:00+08:00");
    assert_late(&row("wuye")->breaches, 0, 0, 0); /* contacts are no breach of the figures */
    assert_int_equal(row("wuye")->earlier + row("wuye")->later, 0);
    assert_clocks(row("wuye"), false,
                  "{'answer': {'in_force': {'ran': 1, 'late': 0}, 'new': {'ran': 1, 'late': 0}, 'appear': 0, 'vanish': 0, 'earlier': 0, 'later': 0},"
                  " 'contact': {'in_force': {'ran': 0, 'late': 0}, 'new': {'ran': 1, 'late': 1}, 'appear': 1, 'vanish': 0, 'earlier': 0, 'later': 0}}");
    assert_true(comparison_differs(row("wuye")));
    compare(GENERAL(MAIN("'limit_workdays': 5") CONTACT), DAYS(5), "2024-09-20T00:00:00+08:00");
    assert_clocks(row("wuye"), false,
                  "{'answer': {'in_force': {'ran': 1, 'late': 0}, 'new': {'ran': 1, 'late': 0}, 'appear': 0, 'vanish': 0, 'earlier': 0, 'later': 0},"
                  " 'contact': {'in_force': {'ran': 1, 'late': 1}, 'new': {'ran': 0, 'late': 0}, 'appear': 0, 'vanish': 1, 'earlier': 0, 'later': 0}}");
}

/* Rework makes the reopening the third round on one side: its clock is the second's of the other. */
static void clocks_are_matched_by_their_start_not_their_round(void **state)
{
    (void)state;
    static const char rework[] = DAYS(5) ", 'effects': [{'on': 'ticket.called_back', 'satisfaction': [1], 'rework': true}]";
    received();
    step(TICKET_ANSWERED, "2024-09-03T10:00:00+08:00");
    struct event call = event_at(TICKET_CALLED_BACK, "2024-09-03T15:00:00+08:00");
    call.satisfaction = 1;
    happens(call);
    step(TICKET_ANSWERED, "2024-09-04T10:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-05T10:00:00+08:00");
    compare(DAYS(5), rework, "2024-09-20T00:00:00+08:00");
    assert_int_equal(life.fold.clocks, 3);
    assert_late(&row("wuye")->breaches, 0, 0, 0);
    assert_clocks(row("wuye"), false, "{'answer': {'in_force': {'ran': 2, 'late': 1}, 'new': {'ran': 3, 'late': 1}, 'appear': 0, 'vanish': 0, 'earlier': 0, 'later': 0}}");
}

/* An appeal that is upheld makes a late rating none of the figures'. */
static void a_rating_counts_as_its_figures_do(void **state)
{
    (void)state;
    static const char two[] = "'classes': [" CLASS("general", MAIN("'limit_workdays': 5")) ", {'class': 'rating', 'of': 'rating', 'clocks': [{'clock': 'rectify', 'limit_workdays': 2,"
                              " 'starts': 'receipt', 'stopped_by': ['rating.rectified'], 'cancelled_by': [], 'suspends': false, 'extends': false}]}]";
    char nine[1024];
    snprintf(nine, sizeof nine, "%s", two);
    strstr(nine, "'limit_workdays': 2")[strlen("'limit_workdays': ")] = '9';
    life_begin(OF_RATING);
    struct event event = of_unit(event_at(RATING_SUBMITTED, RECEIPT), "wuye");
    event.satisfaction = 1;
    happens(event);
    step(RATING_RECTIFIED, "2024-09-06T10:00:00+08:00");
    compare(nine, two, "2024-09-20T00:00:00+08:00");
    assert_late(&row("wuye")->breaches, 1, 0, 0);
    step(RATING_APPEAL_UPHELD, "2024-09-07T10:00:00+08:00");
    compare(nine, two, "2024-09-20T00:00:00+08:00");
    assert_late(&row("wuye")->breaches, 0, 0, 0);
}

static void an_incomplete_case_has_nothing_to_compare(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    step(TICKET_URGED, RECEIPT);
    compare(DAYS(5), DAYS(2), "2024-09-20T00:00:00+08:00");
    assert_int_equal(row_count(), 0);
    comparison_touch(comparison, TEXT("b"));
    comparison_touch(comparison, TEXT("a"));
    comparison_touch(comparison, TEXT("b"));
    struct comparison_row **sorted = comparison_sorted(comparison);
    assert_true(text_equal(sorted[0]->unit, TEXT("a")) && text_equal(sorted[1]->unit, TEXT("b")) && !sorted[2]);
    free(sorted);
}

/* --- cases, clocks that only one side has, the furthest move --- */

static void a_case_counts_once_however_many_clocks_differ(void **state)
{
    (void)state;
    received();
    compare(GENERAL(MAIN("'limit_workdays': 5")), GENERAL(MAIN("'limit_workdays': 7") CONTACT), "2024-09-03T10:00:00+08:00");
    const struct comparison_row *all = comparison_total(comparison);
    assert_int_equal(all->cases, 1);
    assert_int_equal(all->later, 1);
    assert_int_equal(all->fresh, 1);
    assert_int_equal(all->gone, 0);
    assert_int_equal(all->furthest_ms, 2 * (int64_t)DAY_MS);
    assert_int_equal(row("wuye")->cases, 1);
    assert_int_equal(row("wuye")->furthest_ms, 2 * (int64_t)DAY_MS);
    assert_false(comparison_add(comparison, &old, &old));
    assert_int_equal(all->cases, 1);
    compare(GENERAL(MAIN("'limit_workdays': 7") CONTACT), GENERAL(MAIN("'limit_workdays': 5")), "2024-09-03T10:00:00+08:00");
    assert_int_equal(comparison_total(comparison)->gone, 1);
    assert_int_equal(comparison_total(comparison)->earlier, 1);
    assert_int_equal(comparison_total(comparison)->furthest_ms, 2 * (int64_t)DAY_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_case_counts_once_however_many_clocks_differ),
        cmocka_unit_test(a_shorter_limit_makes_breaches_appear),
                                       cmocka_unit_test(a_breach_may_move_to_another_unit),
                                       cmocka_unit_test(a_clock_that_one_side_lacks_has_no_counterpart),
                                       cmocka_unit_test(clocks_are_matched_by_their_start_not_their_round),
                                       cmocka_unit_test(a_rating_counts_as_its_figures_do),
                                       cmocka_unit_test(an_incomplete_case_has_nothing_to_compare)};
    int failed = cmocka_run_group_tests_name("comparison", tests, NULL, NULL);
    comparison_free(comparison);
    fold_free(&old);
    rulebook_close();
    return failed;
}
