/* What holds of every life: drawn ones, by thousands, under the shipped policies. */
#include "tests/unit/lives.h"

static const char *const files[] = {"conf/policy/city-hours.json", "conf/policy/foi-2019.json", "conf/policy/meilong-2024.json", "conf/policy/shanghai-street-2018.json"};
enum { POLICIES = sizeof files / sizeof *files, LIVES = 2000 /* under each */ };

typedef void check_life(int64_t now_ms);

static void for_each_life(check_life *check)
{
    for (int policy = 0; policy < POLICIES; policy++) {
        rulebook_of(files[policy]);
        for (int i = 0; i < LIVES; i++) {
            drawn_life(i % 7 ? OF_TICKET : OF_RATING, 30);
            check(drawn_now());
        }
    }
}

static char text[FOLD_TEXT_BYTES], other[FOLD_TEXT_BYTES];

/* The same events into a case of their own, in any order. */
static void shuffled(struct case_file *file)
{
    size_t order[64], count = life.file.events;
    for (size_t i = 0; i < count; i++) order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t k = draw((uint32_t)i), swapped = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swapped;
    }
    for (size_t i = 0; i < count; i++) {
        struct event event = life.file.event[order[i]];
        assert_int_equal(case_add(file, &event, NULL), CASE_ADDED);
        if (!draw(5)) assert_int_equal(case_add(file, &life.file.event[order[draw((uint32_t)i + 1)]], NULL), CASE_DUPLICATE);
    }
}

static void check_order(int64_t now_ms)
{
    fold_print(fold_as_of(now_ms), text);
    for (int i = 0; i < 3; i++) {
        struct case_file file = {.of = life.file.of, .id = life.file.id};
        struct fold fold = {.tracing = draw(2)};
        shuffled(&file);
        fold_case(&fold, &life.rules, &file, now_ms);
        if (fold.tracing == life.fold.tracing || life.rules.policy->has_shares) {
            fold_print(&fold, other);
            assert_string_equal(other, text);
        }
        assert_true(fold.next_ms == life.fold.next_ms);
        fold_free(&fold);
        case_clear(&file);
    }
}

static void the_order_of_arrival_never_matters(void **state)
{
    (void)state;
    for_each_life(check_order);
}

/* What is later than now is as if it were not there. */
static void check_later(int64_t now_ms)
{
    size_t used = fold_as_of(now_ms)->used;
    fold_print(&life.fold, text);
    assert_true(used == life.file.events || life.file.event[used].at_ms > now_ms);
    struct case_file earlier = life.file;
    earlier.events = used;
    fold_case(&life.fold, &life.rules, &earlier, now_ms);
    fold_print(&life.fold, other);
    assert_string_equal(other, text);
}

static void later_events_change_nothing(void **state)
{
    (void)state;
    for_each_life(check_later);
}

/* Until the instant that it names itself. */
static void check_next(int64_t now_ms)
{
    int64_t next_ms = fold_as_of(now_ms)->next_ms;
    fold_print(&life.fold, text);
    assert_true(next_ms > now_ms);
    int64_t until_ms = next_ms == INT64_MAX ? now_ms + INT64_C(4000) * DAY_MS : next_ms - 1;
    fold_print(fold_as_of(until_ms), other);
    assert_string_equal(other, text);
    fold_print(fold_as_of(now_ms + (until_ms - now_ms) / 3), other);
    assert_string_equal(other, text);
}

static void nothing_changes_before_it_says_so(void **state)
{
    (void)state;
    for_each_life(check_next);
}

static int counted_in_all(const struct fold *fold, enum counter counter)
{
    int n = 0;
    for (size_t i = 0; i < fold->contributions; i++) n += fold->contribution[i].counter == counter;
    return n;
}

/* A case is counted once, is open or is not, and is answered once a round at most. */
static void check_sense(int64_t now_ms)
{
    const struct fold *fold = fold_as_of(now_ms);
    int rounds = 0, live = 0;
    if (fold->class < 0) {
        assert_int_equal(fold->contributions + fold->clocks, 0);
        return;
    }
    for (size_t i = 0; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        bool ended = clock->outcome == CLOCK_MET || clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_CANCELLED;
        rounds += clock->main;
        live += clock->main && clock_live(clock);
        assert_int_equal(ended, !clock_live(clock));
        assert_int_equal(clock->overdue_ms > 0, clock->outcome == CLOCK_MISSED || clock->outcome == CLOCK_OVERDUE);
        assert_true(clock->deadline_ms > clock->started_ms || clock->stated_ms);
        assert_true(clock->begin_ms >= clock->started_ms);
    }
    assert_true(live <= 1);
    if (fold->of == OF_RATING) {
        assert_true(fold->state == STATE_OPEN || fold->state == STATE_CLOSED);
        return;
    }
    assert_int_equal(counted_in_all(fold, COUNT_RECEIVED), 1);
    assert_int_equal(counted_in_all(fold, COUNT_OPEN), live);
    assert_int_equal(rounds, 1 + counted_in_all(fold, COUNT_REOPENED));
    assert_true(counted_in_all(fold, COUNT_ANSWERED) <= rounds);
    assert_true(counted_in_all(fold, COUNT_ANSWERED_IN_TIME) <= counted_in_all(fold, COUNT_ANSWERED));
    assert_int_equal(live, fold->state < STATE_ANSWERED);
    assert_int_equal(counted_in_all(fold, COUNT_VOIDED), fold->state == STATE_VOIDED);
    assert_int_equal(counted_in_all(fold, COUNT_MERGED), fold->state == STATE_MERGED);
}

static void a_fold_makes_sense(void **state)
{
    (void)state;
    for_each_life(check_sense);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_order_of_arrival_never_matters), cmocka_unit_test(later_events_change_nothing),
                                       cmocka_unit_test(nothing_changes_before_it_says_so), cmocka_unit_test(a_fold_makes_sense)};
    int failed = cmocka_run_group_tests_name("fold_lives", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
