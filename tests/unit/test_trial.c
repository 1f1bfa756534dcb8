/* A trial as a whole, over drawn lives under each pair of the shipped policies: its figures are those of the summary, its rows
 * agree with each other, and rules on trial against themselves differ in nothing. */
#include "sla/trial.h"
#include "tests/unit/lives.h"

static const char *const files[] = {"conf/policy/meilong-2024.json", "conf/policy/city-hours.json", "conf/policy/shanghai-street-2018.json", "conf/policy/foi-2019.json"};
enum { POLICIES = sizeof files / sizeof *files, LIVES = 200 /* of each pair */ };

static struct ruleset rules[POLICIES];
static struct trial trial;
static struct summary *summary[SIDES];
static struct fold folded;

static void load(struct ruleset *set, const char *file)
{
    char error[512];
    rulebook_zone("Asia/Shanghai");
    set->policy = policy_load(file, error, sizeof error);
    set->calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    set->zone = book.zone;
    assert_true(set->policy && set->calendar);
    ruleset_complete(set);
}

static long long number(const json_t *row, const char *group, const char *name)
{
    const json_t *value = json_object_get(group ? json_object_get(row, group) : row, name);
    if (!json_is_integer(value)) fail_msg("%s is no number", name);
    return json_integer_value(value);
}

/* Lives under both rules, as of some years on; each side also summed by hand. The rows. */
static json_t *tried(int in_force, int new)
{
    const int64_t until_ms = ms("2026-09-01T00:00:00+08:00"); /* in the midst of some */
    const struct rules *of[SIDES] = {&rules[in_force].rules, &rules[new].rules};
    trial_open(&trial, of[SIDE_IN_FORCE], of[SIDE_NEW], until_ms);
    for (int side = 0; side < SIDES; side++) summary[side] = summary_new(DAY_NONE, DAY_NONE);
    for (int i = 0; i < LIVES; i++) {
        drawn_life(i % 4 ? OF_TICKET : OF_RATING, 20);
        trial_case(&trial, &life.file);
        for (int side = 0; side < SIDES; side++) {
            fold_case(&folded, of[side], &life.file, until_ms);
            summary_add_case(summary[side], &folded, 1);
        }
    }
    assert_int_equal(trial.cut, 0);
    assert_in_range(trial.cases, LIVES / 2, LIVES - 1);
    return trial_rows(&trial);
}

static void end_trial(void)
{
    for (int side = 0; side < SIDES; side++) summary_free(summary[side]);
    trial_close(&trial);
}

typedef void check_rows(const json_t *rows, int in_force, int new);

static void for_each_pair(check_rows *check)
{
    for (int in_force = 0; in_force < POLICIES; in_force++) {
        for (int new = 0; new < POLICIES; new++) {
            json_t *rows = tried(in_force, new);
            assert_true(json_array_size(rows) > 4);
            check(rows, in_force, new);
            json_decref(rows);
            end_trial();
        }
    }
}

/* --- figures --- */

static void assert_figures(const json_t *side, const json_t *wanted)
{
    json_t *own = json_copy((json_t *)(uintptr_t)side), *figures = json_copy((json_t *)(uintptr_t)wanted);
    assert_non_null(json_object_get(own, "notices"));
    json_object_del(own, "notices");
    json_object_del(figures, "unit");
    assert_true(json_equal(own, figures));
    json_decref(own);
    json_decref(figures);
}

static void check_figures(const json_t *rows, int in_force, int new)
{
    static const char *const names[SIDES] = {"in_force", "new"};
    const int policy[SIDES] = {in_force, new};
    for (int side = 0; side < SIDES; side++) {
        json_t *root = summary_to_json(summary[side], &rules[policy[side]].rules, trial.until_ms, NULL);
        const json_t *units = json_object_get(root, "units"), *unit = json_array_get(units, 0);
        size_t k = 0;
        assert_figures(json_object_get(json_array_get(rows, 0), names[side]), json_object_get(root, "total"));
        for (size_t i = 1; i < json_array_size(rows); i++) {
            const json_t *row = json_array_get(rows, i);
            if (!unit || strcmp(json_string_value(json_object_get(row, "unit")), json_string_value(json_object_get(unit, "unit"))) != 0) continue;
            assert_figures(json_object_get(row, names[side]), unit);
            unit = json_array_get(units, ++k);
        }
        assert_int_equal(k, json_array_size(units)); /* each was there, in order */
        json_decref(root);
    }
}

static void each_side_has_the_figures_of_the_summary(void **state)
{
    (void)state;
    for_each_pair(check_figures);
}

/* --- what agrees --- */

static long long late(const json_t *row, const char *side)
{
    return number(row, side, "missed") + number(row, side, "rectify_missed");
}

static void check_sums(const json_t *rows, int in_force, int new)
{
    const json_t *total = json_array_get(rows, 0);
    long long notices = 0, days = 0, appear = 0, vanish = 0, earlier = 0, later = 0;
    (void)in_force, (void)new;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        assert_string_equal(json_string_value(json_object_get(row, "row")), i ? "unit" : "total");
        assert_int_equal(late(row, "new") - late(row, "in_force"), number(row, "breaches", "appear") - number(row, "breaches", "vanish"));
        if (i == 0) continue;
        notices += number(json_object_get(row, "new"), "notices", "notices");
        days += number(json_object_get(row, "new"), "notices", "days");
        appear += number(row, "breaches", "appear");
        vanish += number(row, "breaches", "vanish");
        earlier += number(row, "deadlines", "earlier");
        later += number(row, "deadlines", "later");
    }
    long long moved = number(total, "breaches", "moved");
    assert_int_equal(notices, number(json_object_get(total, "new"), "notices", "notices"));
    assert_true(days >= number(json_object_get(total, "new"), "notices", "days"));
    assert_int_equal(appear, number(total, "breaches", "appear") + moved);
    assert_int_equal(vanish, number(total, "breaches", "vanish") + moved);
    assert_int_equal(earlier, number(total, "deadlines", "earlier"));
    assert_int_equal(later, number(total, "deadlines", "later"));
}

static void units_add_up_to_the_total_and_changes_to_the_figures(void **state)
{
    (void)state;
    for_each_pair(check_sums);
}

static void check_differs(const json_t *rows, int in_force, int new)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (in_force != new && i) continue; /* units may be alike by chance */
        assert_int_equal(json_is_true(json_object_get(row, "differs")), in_force != new);
        assert_int_equal(json_equal(json_object_get(row, "in_force"), json_object_get(row, "new")), in_force == new);
        if (in_force != new) continue;
        assert_int_equal(number(row, "breaches", "appear") + number(row, "breaches", "vanish"), 0);
        assert_int_equal(number(row, "deadlines", "earlier") + number(row, "deadlines", "later"), 0);
    }
}

static void rules_against_themselves_differ_in_nothing(void **state)
{
    (void)state;
    for_each_pair(check_differs);
}

static void the_other_way_round_what_appeared_vanishes(void **state)
{
    (void)state;
    for (int pair = 0; pair < POLICIES - 1; pair++) {
        dice = 7;
        json_t *rows = tried(pair, pair + 1);
        end_trial();
        dice = 7; /* the same lives */
        json_t *other = tried(pair + 1, pair);
        end_trial();
        const json_t *one = json_array_get(rows, 0), *back = json_array_get(other, 0);
        assert_true(json_equal(json_object_get(one, "in_force"), json_object_get(back, "new")));
        assert_true(json_equal(json_object_get(one, "new"), json_object_get(back, "in_force")));
        assert_int_equal(number(one, "breaches", "appear"), number(back, "breaches", "vanish"));
        assert_int_equal(number(one, "breaches", "moved"), number(back, "breaches", "moved"));
        assert_int_equal(number(one, "deadlines", "earlier"), number(back, "deadlines", "later"));
        assert_int_equal(json_array_size(rows), json_array_size(other));
        json_decref(rows);
        json_decref(other);
    }
}

/* --- ends --- */

static void a_trial_of_nothing_has_a_total_alone(void **state)
{
    (void)state;
    trial_open(&trial, &rules[0].rules, &rules[0].rules, INT64_MIN);
    json_t *rows = trial_rows(&trial);
    const json_t *total = json_array_get(rows, 0);
    assert_int_equal(json_array_size(rows), 1);
    assert_true(json_is_null(json_object_get(total, "as_of")));
    assert_int_equal(number(total, NULL, "cases"), 0);
    assert_true(json_is_false(json_object_get(total, "differs")));
    json_decref(rows);
    trial_close(&trial);
}

/* Amended on Thursday, its deadline turns out to have been Tuesday's end: of Wednesday's step the unit hears on Thursday. */
static void a_notice_counts_on_the_day_on_which_it_is_sent(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00"), "wuye"));
    struct event amended = event_at(TICKET_AMENDED, "2024-09-05T00:30:00+08:00");
    amended.flags |= EVENT_HAS_SIMPLE | EVENT_SIMPLE;
    happens(amended);
    step(TICKET_ANSWERED, "2024-09-05T01:00:00+08:00");
    trial_open(&trial, &rules[0].rules, &rules[0].rules, ms("2024-10-01T00:00:00+08:00"));
    trial_case(&trial, &life.file);
    json_t *rows = trial_rows(&trial);
    const json_t *notices = json_object_get(json_object_get(json_array_get(rows, 0), "new"), "notices");
    assert_int_equal(number(notices, NULL, "notices"), 1);
    assert_int_equal(number(notices, "steps", "escalate"), 1); /* of Wednesday, 09:00 */
    assert_string_equal(json_string_value(json_object_get(json_object_get(notices, "busiest"), "day")), "2024-09-05");
    json_decref(rows);
    trial_close(&trial);
}

static void a_case_that_is_cut_is_counted_as_such(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    step(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00");
    for (int i = 0; i < 4000; i++) {
        struct event event = event_at(TICKET_SIGNED, "2024-09-02T11:00:00+08:00");
        event.at_ms += i * INT64_C(60000);
        happens(event);
    }
    trial_open(&trial, &rules[0].rules, &rules[0].rules, ms("2024-10-01T00:00:00+08:00"));
    trial_case(&trial, &life.file);
    assert_int_equal(trial.cut, 1);
    json_t *rows = trial_rows(&trial);
    assert_int_equal(number(json_array_get(rows, 0), NULL, "cut"), 1);
    assert_int_equal(number(json_array_get(rows, 0), "new", "missed"), 1); /* figures are whole */
    json_decref(rows);
    trial_close(&trial);
}

int main(void)
{
    for (int i = 0; i < POLICIES; i++) load(&rules[i], files[i]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_side_has_the_figures_of_the_summary),
                                       cmocka_unit_test(units_add_up_to_the_total_and_changes_to_the_figures),
                                       cmocka_unit_test(rules_against_themselves_differ_in_nothing),
                                       cmocka_unit_test(the_other_way_round_what_appeared_vanishes),
                                       cmocka_unit_test(a_trial_of_nothing_has_a_total_alone),
                                       cmocka_unit_test(a_notice_counts_on_the_day_on_which_it_is_sent),
                                       cmocka_unit_test(a_case_that_is_cut_is_counted_as_such)};
    int failed = cmocka_run_group_tests_name("trial", tests, NULL, NULL);
    for (int i = 0; i < POLICIES; i++) ruleset_free(&rules[i]);
    fold_free(&folded);
    case_clear(&life.file);
    return failed;
}
