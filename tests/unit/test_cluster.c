/* Clusters: when a burst rises, goes on, dies down and rises anew; that each is told once, whatever order its appeals came in. Three
 * citizens within four hours are a cluster here. */
#include "sla/cluster.h"
#include "tests/unit/appealing.h"

static struct appeals place;
static struct case_file told;
static struct demands demands;
static unsigned cases;

static void begin(void)
{
    place = (struct appeals){.of = OF_PLACE};
    case_clear(&told);
    cases = 0;
}

static int64_t at(double hours)
{
    return noon_ms + (int64_t)(hours * HOUR_MS);
}

static void appeals_at(double hours, unsigned who)
{
    struct appeal appeal = appeal_by(who);
    appeals_add(&place, &pool, &appeal, at(hours), numbered(cases++));
    appeals_prune(&place, &rules);
    clusters_forget(&told, &place, &rules);
}

static size_t owed_at(int64_t now_ms)
{
    clusters_owed(&demands, &place, &told, &rules, now_ms, &pool);
    return demands.count;
}

static size_t owed(double hours)
{
    return owed_at(at(hours));
}

/* Tells what is owed; how many alerts that were. */
static size_t tell(int64_t now_ms)
{
    size_t count = owed_at(now_ms);
    for (size_t i = 0; i < count; i++) {
        demands.at[i].told.status = TOLD_DELIVERED;
        assert_true(case_tell(&told, &demands.at[i].told));
    }
    return count;
}

static void so_many_citizens_within_so_many_hours(void **state)
{
    (void)state;
    begin();
    appeals_at(0, 1);
    appeals_at(0.5, 1);
    appeals_at(1, 1); /* one citizen is one, however often */
    appeals_at(2, 2);
    assert_int_equal(owed(2), 0);
    appeals_at(5, 3); /* the first of them lies too far back by now */
    assert_int_equal(owed(5), 0);
    appeals_at(5.9, 4);
    assert_int_equal(owed(6), 1);
    const struct demand *demand = &demands.at[0];
    assert_true(demand->kind == DEMAND_CLUSTER && demand->told.kind == TOLD_NOTICE && demand->told.step == STEP_CLUSTER);
    assert_true(demand->told.at_ms == at(5.9));
    struct bursts bursts = bursts_find(&place, &rules, &pool);
    assert_int_equal(bursts.count, 1);
    assert_true(bursts.at[0].rise_ms == at(5.9) && bursts.at[0].last_ms == at(5.9) && bursts.at[0].citizens == 3);
    assert_int_equal(bursts.at[0].from, 3);
    assert_int_equal(bursts.at[0].to, 5);
}

static void just_four_hours_apart_is_too_far(void **state)
{
    (void)state;
    begin();
    appeals_at(0, 1);
    appeals_at(1, 2);
    appeals_at(4, 3);
    assert_int_equal(owed(4), 0);
    begin();
    appeals_at(0, 1);
    appeals_at(1, 2);
    appeals_at(3.999, 3);
    assert_int_equal(owed(4), 1);
}

static void a_burst_is_told_once_and_again_when_it_has_risen_anew(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 3; i++) appeals_at(0.1 * i, i);
    assert_int_equal(tell(at(1)), 1);
    uint64_t id = told.told[0].id;
    for (unsigned i = 3; i < 30; i++) {
        appeals_at(i, i % 20); /* few an hour, but at least three within four */
        assert_int_equal(tell(at(i)), 0);
    }
    appeals_at(33.5, 1);
    appeals_at(33.6, 2); /* two alone: it dies down */
    assert_int_equal(tell(at(34)), 0);
    appeals_at(38, 3);
    appeals_at(38.1, 4);
    assert_int_equal(tell(at(38.2)), 0);
    appeals_at(38.2, 5);
    assert_int_equal(tell(at(38.3)), 1);
    assert_true(told.told[told.tolds - 1].id != id);
    assert_int_equal(tell(at(39)), 0);
}

static void around_the_threshold_it_does_not_flap(void **state)
{
    (void)state;
    begin();
    size_t alerts = 0;
    for (unsigned i = 0; i < 100; i++) { /* three, two, three, two … */
        appeals_at(1.9 * i, i % 3);
        alerts += tell(at(1.9 * i));
    }
    assert_int_equal(alerts, 1);
}

static void one_that_nobody_heard_of_for_a_day_is_no_news(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 3; i++) appeals_at(0.1 * i, i);
    assert_int_equal(owed(24), 1);
    assert_int_equal(owed(24.3), 0);
}

static void an_attempt_in_vain_is_still_owed(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 3; i++) appeals_at(1 + 0.1 * i, i);
    assert_int_equal(owed(2), 1);
    struct told pending = demands.at[0].told;
    pending.status = TOLD_PENDING;
    pending.attempts = 3;
    assert_true(case_tell(&told, &pending));
    appeals_at(0.9, 9); /* the rise moves, the alert does not */
    assert_int_equal(owed(3), 1);
    assert_true(demands.at[0].told.id == pending.id && demands.at[0].told.attempts == 3);
    pending.status = TOLD_EXHAUSTED;
    assert_true(case_tell(&told, &pending));
    assert_int_equal(owed(3), 0);
}

static void late_arrivals_do_not_make_it_told_again(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 3; i++) appeals_at(3 + 0.1 * i, i);
    assert_int_equal(tell(at(3.3)), 1);
    for (unsigned i = 0; i < 3; i++) appeals_at(1 + 0.1 * i, 10 + i); /* it rose earlier, as is known now */
    assert_int_equal(tell(at(3.4)), 0);
    appeals_at(8, 1);
    appeals_at(8.1, 2);
    appeals_at(8.2, 3); /* a new one, */
    assert_int_equal(tell(at(8.3)), 1);
    appeals_at(5, 4);
    appeals_at(5.1, 5); /* or was it the same? */
    assert_int_equal(tell(at(8.4)), 0);
}

static void without_a_threshold_nothing_is_owed(void **state)
{
    (void)state;
    begin();
    struct appeal_rules off = rules;
    off.citizens = 0;
    for (unsigned i = 0; i < 30; i++) appeals_at(0.1 * i, i);
    clusters_owed(&demands, &place, &told, &off, at(3), &pool);
    assert_int_equal(demands.count, 0);
}

static void more_at_once_than_is_kept_is_told_once(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 3 * APPEALS_OF_PLACE_MAX; i++) {
        struct appeal appeal = appeal_by(i % CITIZENS_MAX);
        appeals_add(&place, &pool, &appeal, at(0) + i * 1000, numbered(cases++));
    }
    appeals_prune(&place, &rules);
    size_t alerts = tell(place.entry[place.count - 1].at_ms);
    for (unsigned i = 0; i < 24 * 180; i++) { /* for a day, so many that some twelve hours are kept */
        appeals_at(2 + i / 180.0, i % CITIZENS_MAX);
        if (i % 10 == 0) alerts += tell(place.entry[place.count - 1].at_ms);
    }
    assert_int_equal(alerts, 1);
    pool_clear(&pool);
}

static void a_citizen_who_is_forgotten_makes_no_new_alert(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 5; i++) appeals_at(0.1 * i, i);
    assert_int_equal(tell(at(1)), 1);
    assert_int_equal(appeals_forget(&place, citizen(0)), 1);
    assert_int_equal(tell(at(1)), 0); /* it rose later, as is known now */
}

static void what_was_told_is_let_go_of_in_the_end(void **state)
{
    (void)state;
    begin();
    for (unsigned n = 0; n < 60; n++) {
        for (unsigned i = 0; i < 3; i++) appeals_at(10 * n + 0.1 * i, i);
        assert_int_equal(tell(at(10 * n + 0.3)), 1);
        assert_true(told.tolds <= 6);
    }
    struct told accepted = {.kind = TOLD_RECIPIENT, .status = TOLD_DELIVERED, .id = 1, .deadline_ms = (int64_t)told.told[told.tolds - 1].id};
    assert_true(case_tell(&told, &accepted));
    appeals_at(591, 1);
    assert_non_null(case_told(&told, TOLD_RECIPIENT, 1)); /* its alert is there */
    assert_int_equal(owed(591), 0);
    appeals_at(1000, 1);
    assert_int_equal(told.tolds, 0);
}

/* Rises by the definition alone, over all appeals there ever were, in order. */
static size_t rises(const int64_t *when_ms, const unsigned *who, size_t count)
{
    size_t found = 0;
    int64_t last_ms = INT64_MIN / 2;
    for (size_t i = 0; i < count; i++) {
        bool seen[CITIZENS_MAX] = {false};
        size_t citizens = 0;
        for (size_t n = 0; n <= i; n++) {
            if (when_ms[n] <= when_ms[i] - rules.cluster_ms || seen[who[n]]) continue;
            seen[who[n]] = true;
            citizens++;
        }
        if (citizens < rules.citizens) continue;
        found += when_ms[i] - last_ms > rules.cluster_ms;
        last_ms = when_ms[i];
    }
    return found;
}

static void as_they_come_each_rise_is_told_at_once_and_no_other(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    for (int round = 0; round < 300; round++) {
        int64_t when_ms[COUNT], now_ms = noon_ms;
        unsigned who[COUNT];
        int64_t pause_ms = (1 + draw(40)) * (HOUR_MS / 8);
        size_t alerts = 0;
        begin();
        for (unsigned i = 0; i < COUNT; i++) {
            now_ms += draw(30) == 0 ? 30 * HOUR_MS : draw_ms(1, pause_ms);
            when_ms[i] = now_ms;
            who[i] = draw(8);
            appeals_at((double)(now_ms - noon_ms) / HOUR_MS, who[i]);
            when_ms[i] = place.entry[place.count - 1].at_ms; /* as rounded */
            alerts += tell(now_ms + 1);
        }
        assert_int_equal(alerts, rises(when_ms, who, COUNT));
        pool_clear(&pool);
    }
}

static void out_of_order_each_burst_is_told_and_none_twice(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        begin();
        int64_t last_ms = noon_ms;
        for (unsigned i = 0; i < 120; i++) {
            int64_t when_ms = noon_ms + i * (HOUR_MS / 2) - draw(10 * HOUR_MS); /* up to ten hours late */
            struct appeal appeal = appeal_by(draw(6));
            appeals_add(&place, &pool, &appeal, when_ms, numbered(cases++));
            appeals_prune(&place, &rules);
            clusters_forget(&told, &place, &rules);
            if (when_ms > last_ms) last_ms = when_ms;
            tell(last_ms);
            assert_int_equal(owed_at(last_ms), 0); /* what is told is not owed */
        }
        struct bursts bursts = bursts_find(&place, &rules, &pool);
        for (size_t i = 0; i < bursts.count; i++) {
            size_t about = 0;
            for (size_t n = 0; n < told.tolds; n++) about += bursts_about(&bursts, &told.told[n], &place, &rules) == &bursts.at[i];
            if (bursts.at[i].whole) assert_true(about >= 1);
        }
        pool_clear(&pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(so_many_citizens_within_so_many_hours), cmocka_unit_test(just_four_hours_apart_is_too_far),
                                       cmocka_unit_test(a_burst_is_told_once_and_again_when_it_has_risen_anew), cmocka_unit_test(around_the_threshold_it_does_not_flap),
                                       cmocka_unit_test(one_that_nobody_heard_of_for_a_day_is_no_news), cmocka_unit_test(an_attempt_in_vain_is_still_owed),
                                       cmocka_unit_test(late_arrivals_do_not_make_it_told_again), cmocka_unit_test(without_a_threshold_nothing_is_owed),
                                       cmocka_unit_test(more_at_once_than_is_kept_is_told_once), cmocka_unit_test(a_citizen_who_is_forgotten_makes_no_new_alert), cmocka_unit_test(what_was_told_is_let_go_of_in_the_end),
                                       cmocka_unit_test(as_they_come_each_rise_is_told_at_once_and_no_other),
                                       cmocka_unit_test(out_of_order_each_burst_is_told_and_none_twice)};
    buffer_init(&blob, APPEALS_BLOB_MAX_BYTES);
    int failed = cmocka_run_group_tests_name("cluster", tests, NULL, NULL);
    case_clear(&told);
    buffer_free(&blob);
    pool_free(&pool);
    return failed;
}
