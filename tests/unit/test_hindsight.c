/* What was known when. Under meilong-2024, as of Friday 2024-11-15 10:00, one month held back: the rounds begin on
 * 09-15 and 10-15, both at midnight. */
#include "sla/hindsight.h"

#include "tests/unit/life.h"

#define NOW "2024-11-15T10:00:00+08:00"
enum { BEFORE = 0, TESTED = 1, END = 2 };

static struct peers *peers;
static struct hindsight hindsight;

static int begin(void **state)
{
    (void)state;
    peers = peers_new();
    hindsight_open(&hindsight, &life.rules, peers, 1, ms(NOW));
    life_begin(OF_TICKET);
    return 0;
}

static int end(void **state)
{
    (void)state;
    hindsight_close(&hindsight);
    peers_free(peers);
    return 0;
}

static void add(void)
{
    hindsight_add(&hindsight, &life.file, fold_at(NOW), &life.rules);
}

static int circle(const char *unit)
{
    static const struct limit five_days = {LIMIT_WORKDAYS, 5};
    return peers_of(peers, five_days, "general", (struct text){unit, strlen(unit)});
}

static int open_at(int round, const char *unit, int step)
{
    return pace_open(hindsight.pace[round], circle(unit), step);
}

static int answered_at(int round, const char *unit, int step)
{
    return pace_answered(hindsight.pace[round], circle(unit), step);
}

static void months_are_counted_back_from_now(void **state)
{
    (void)state;
    assert_int_equal(hindsight.start_ms[0], ms("2024-09-15T00:00:00+08:00"));
    assert_int_equal(hindsight.start_ms[1], ms("2024-10-15T00:00:00+08:00"));
    assert_int_equal(hindsight.start_ms[2], ms(NOW));
    struct hindsight other;
    hindsight_open(&other, &life.rules, peers, 1, ms("2024-03-31T10:00:00+08:00"));
    assert_int_equal(other.start_ms[0], ms("2024-01-31T00:00:00+08:00"));
    assert_int_equal(other.start_ms[1], ms("2024-02-29T00:00:00+08:00"));
    hindsight_close(&other);
}

/* Received on a Thursday, answered on the third day after. */
static void an_answered_case_teaches_all_months_after_it(void **state)
{
    (void)state;
    step_to(TICKET_RECEIVED, "2024-10-10T10:00:00+08:00", "wuye");
    step(TICKET_ANSWERED, "2024-10-14T10:00:00+08:00"); /* 10-11, 10-12 (a make-up day), 10-14 */
    add();
    hindsight_finish(&hindsight);
    assert_int_equal(open_at(BEFORE, "wuye", 0), 0);
    for (int round = TESTED; round <= END; round++) {
        assert_int_equal(open_at(round, "wuye", 3), 1);
        assert_int_equal(answered_at(round, "wuye", 3), 1);
        assert_int_equal(open_at(round, "wuye", 4), 0);
    }
}

/* On 10-15 a case of 10-11 has been open over the 12th and the 14th. */
static void later_events_are_not_known_before(void **state)
{
    (void)state;
    step_to(TICKET_RECEIVED, "2024-10-11T10:00:00+08:00", "wuye");
    step_to(TICKET_TRANSFERRED, "2024-10-15T08:00:00+08:00", "chengguan");
    step(TICKET_ANSWERED, "2024-10-16T11:00:00+08:00");
    add();
    hindsight_finish(&hindsight);
    for (int step = 0; step < 6; step++) {
        assert_int_equal(open_at(TESTED, "wuye", step), step < 3);
        assert_int_equal(answered_at(TESTED, "wuye", step), 0);
        assert_int_equal(open_at(TESTED, "chengguan", step), 0);
    }
    assert_int_equal(open_at(END, "wuye", 2), 1);
    assert_int_equal(open_at(END, "wuye", 3), 0);
    assert_int_equal(open_at(END, "chengguan", 3), 1);
    assert_int_equal(answered_at(END, "chengguan", 4), 1);
}

/* An answer, an extension or a transfer to come changes nothing of what an opening before it sees. */
static void a_glance_sees_what_was_known_then(void **state)
{
    (void)state;
    step_to(TICKET_RECEIVED, "2024-10-15T10:00:00+08:00", "wuye");
    step_to(TICKET_TRANSFERRED, "2024-10-17T12:00:00+08:00", "chengguan");
    step(TICKET_EXTENSION_REQUESTED, "2024-10-17T14:00:00+08:00");
    struct event grant = event_at(TICKET_EXTENSION_GRANTED, "2024-10-17T15:00:00+08:00");
    grant.days = 2;
    happens(grant);
    step(TICKET_ANSWERED, "2024-10-21T12:00:00+08:00");
    add();
    assert_int_equal(hindsight.sights, 1);
    assert_false(hindsight.sight[0].late);
    assert_int_equal(hindsight.glances, 4); /* 10-16, 17, 18, 21 */
    for (int i = 0; i < 4; i++) {
        const struct glance *glance = &hindsight.glance[i];
        assert_int_equal(glance->round, TESTED);
        assert_int_equal(glance->step, i + 1);
        assert_int_equal(glance->gone, 0);
        assert_int_equal(glance->last, i < 2 ? 5 : 7);
        assert_int_equal(glance->circle, circle(i < 2 ? "wuye" : "chengguan"));
        assert_int_equal(glance->left_minutes, (i < 2 ? 5 - i : 7 - i) * 510);
    }
    assert_true(glance_gone(&hindsight.glance[3]) > 0.42 && glance_gone(&hindsight.glance[3]) < 0.44);
}

static void a_late_case_is_looked_at_up_to_its_deadline(void **state)
{
    (void)state;
    step_to(TICKET_RECEIVED, "2024-10-10T10:00:00+08:00", "wuye"); /* due on 10-17 */
    step(TICKET_ANSWERED, "2024-10-25T10:00:00+08:00");
    add();
    assert_int_equal(hindsight.glances, 5); /* 10-11, 12, 14 before the month; 15, 16 in it; the answer is far */
    assert_int_equal(hindsight.glance[2].round, BEFORE);
    assert_int_equal(hindsight.glance[3].round, TESTED);
    assert_true(hindsight.sight[0].late);
    assert_int_equal(hindsight.sight[0].known, END); /* on 10-15 nobody knew */
}

static void an_open_case_past_its_deadline_is_late_already(void **state)
{
    (void)state;
    step_to(TICKET_RECEIVED, "2024-09-19T10:00:00+08:00", "wuye");
    add();
    assert_int_equal(hindsight.sights, 1);
    assert_true(hindsight.sight[0].late);
    assert_int_equal(hindsight.sight[0].known, TESTED);
}

static void an_outcome_that_nobody_knows_is_not_judged(void **state)
{
    (void)state;
    step_to(TICKET_RECEIVED, "2024-11-13T10:00:00+08:00", "wuye"); /* runs */
    add();
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2024-10-16T10:00:00+08:00", "wuye");
    step(TICKET_VOIDED, "2024-10-18T10:00:00+08:00");
    add();
    assert_int_equal(hindsight.sights, 0);
    assert_int_equal(hindsight.glances, 0);
    hindsight_finish(&hindsight);
    assert_int_equal(open_at(END, "wuye", 1), 2); /* but both were open on their first day */
    assert_int_equal(open_at(END, "wuye", 2), 0);
}

static void what_rests_is_not_looked_at(void **state)
{
    (void)state;
    step_to(TICKET_RECEIVED, "2024-10-15T10:00:00+08:00", "wuye");
    step(TICKET_SUSPENDED, "2024-10-16T12:00:00+08:00");
    step(TICKET_RESUMED, "2024-10-18T12:00:00+08:00");
    step(TICKET_ANSWERED, "2024-10-22T12:00:00+08:00");
    add();
    assert_int_equal(hindsight.glances, 3); /* 10-16, then 21, 22 */
    assert_int_equal(hindsight.glance[1].step, 2);
    assert_int_equal(hindsight.glance[2].step, 3);
}

static void each_round_is_a_case_of_its_own(void **state)
{
    (void)state;
    step_to(TICKET_RECEIVED, "2024-10-15T10:00:00+08:00", "wuye");
    step(TICKET_ANSWERED, "2024-10-17T12:00:00+08:00");
    step(TICKET_REOPENED, "2024-10-28T12:00:00+08:00");
    add();
    assert_int_equal(hindsight.sights, 2);
    assert_false(hindsight.sight[0].late);
    assert_true(hindsight.sight[1].late);
    assert_int_equal(hindsight.sight[0].glances_end, 2);
    assert_int_equal(hindsight.sight[1].glances_end, 7);
    hindsight_finish(&hindsight);
    assert_int_equal(open_at(END, "wuye", 1), 2);
    assert_int_equal(answered_at(END, "wuye", 2), 1);
}

static void ratings_have_their_own_class(void **state)
{
    (void)state;
    life_begin(OF_RATING);
    struct event rating = event_at(RATING_SUBMITTED, "2024-10-15T10:00:00+08:00");
    rating.satisfaction = 1;
    rating.unit = TEXT("wuye");
    happens(rating);
    step(RATING_RECTIFIED, "2024-10-17T12:00:00+08:00");
    add();
    assert_int_equal(hindsight.glances, 2);
    hindsight_finish(&hindsight);
    assert_int_equal(open_at(END, "wuye", 1), 0);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(months_are_counted_back_from_now, begin, end),
                                       cmocka_unit_test_setup_teardown(an_answered_case_teaches_all_months_after_it, begin, end),
                                       cmocka_unit_test_setup_teardown(later_events_are_not_known_before, begin, end),
                                       cmocka_unit_test_setup_teardown(a_glance_sees_what_was_known_then, begin, end),
                                       cmocka_unit_test_setup_teardown(a_late_case_is_looked_at_up_to_its_deadline, begin, end),
                                       cmocka_unit_test_setup_teardown(an_open_case_past_its_deadline_is_late_already, begin, end),
                                       cmocka_unit_test_setup_teardown(an_outcome_that_nobody_knows_is_not_judged, begin, end),
                                       cmocka_unit_test_setup_teardown(what_rests_is_not_looked_at, begin, end),
                                       cmocka_unit_test_setup_teardown(each_round_is_a_case_of_its_own, begin, end),
                                       cmocka_unit_test_setup_teardown(ratings_have_their_own_class, begin, end)};
    int failed = cmocka_run_group_tests_name("hindsight", tests, NULL, NULL);
    life_close();
    return failed;
}
