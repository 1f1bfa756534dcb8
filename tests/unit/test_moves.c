/* What other rules move: counted clock by clock, under the unit that holds the case. */
#include "sla/moves.h"
#include "tests/unit/lives.h"

#define RECEIPT "2024-09-02T10:00:00+08:00" /* a Monday; five working days end with the 9th, six with the 10th */
#define SIDE(limit) "{'clock': 'contact', " limit ", 'starts': 'receipt', 'stopped_by': ['ticket.contacted'], 'cancelled_by': ['ticket.answered', 'ticket.closed', 'ticket.voided', 'ticket.merged'], 'suspends': true, 'extends': false}"

static struct moves moves;
static struct fold before, after;

/* Both policies live on, as the folds point into them. */
static bool compared(const char *one, const char *other, const char *now)
{
    static struct ruleset first;
    struct vocabulary words = {.clocks = 0};
    rulebook(one, "Asia/Shanghai");
    ruleset_free(&first);
    first = book;
    memset(&book, 0, sizeof book);
    first.rules.zone = &first.zone;
    assert_true(vocabulary_take(&words, first.policy));
    rulebook(other, "Asia/Shanghai");
    assert_true(vocabulary_take(&words, book.policy));
    fold_case(&before, &first.rules, &life.file, ms(now));
    fold_case(&after, &book.rules, &life.file, ms(now));
    bool differs = moves_add(&moves, &before, &after);
    vocabulary_free(&words);
    ruleset_free(&first);
    return differs;
}

static void received(const char *unit)
{
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, RECEIPT), unit));
}

#define assert_row(row, ...) assert_row_is(row, (const int64_t[8]){__VA_ARGS__}, __LINE__)
static void assert_row_is(const struct move_row *row, const int64_t expected[8], int line)
{
    const int64_t found[8] = {row->cases, row->later, row->earlier, row->appear, row->vanish, row->fresh, row->gone, row->furthest_ms};
    for (int i = 0; i < 8; i++)
        if (found[i] != expected[i]) fail_msg("line %d: number %d is %lld, not %lld", line, i, (long long)found[i], (long long)expected[i]);
}

#define MEMBER(days) "{'clock': 'member', 'kind': 'member', 'limit_workdays': " days ", 'suspends': true, 'extends': true}"
#define FIVE GENERAL(MAIN("'limit_workdays': 5"))
#define SIX GENERAL(MAIN("'limit_workdays': 6"))
#define WITH_SIDE GENERAL(MAIN("'limit_workdays': 5") ", " SIDE("'limit_workdays': 1"))
#define OTHER_NAME GENERAL("{'clock': 'reply', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true}")

static void the_same_moves_nothing(void **state)
{
    (void)state;
    received("wuye");
    assert_false(compared(FIVE, FIVE, "2024-09-03T10:00:00+08:00"));
    assert_int_equal(moves.seen, 1);
    assert_null(moves.rows);
    assert_row(&moves.total, 0, 0, 0, 0, 0, 0, 0, 0);
    moves_free(&moves);
}

static void deadlines_move_and_breaches_appear_and_vanish(void **state)
{
    (void)state;
    received("wuye");
    assert_true(compared(FIVE, SIX, "2024-09-03T10:00:00+08:00"));
    assert_row(&moves.total, 1, 1, 0, 0, 0, 0, 0, DAY_MS);
    assert_true(compared(SIX, FIVE, "2024-09-03T10:00:00+08:00"));
    assert_row(&moves.total, 2, 1, 1, 0, 0, 0, 0, DAY_MS);
    assert_true(compared(FIVE, SIX, "2024-09-10T10:00:00+08:00")); /* overdue by five alone */
    assert_row(&moves.total, 3, 2, 1, 0, 1, 0, 0, DAY_MS);
    step(TICKET_ANSWERED, "2024-09-10T12:00:00+08:00");
    assert_true(compared(SIX, FIVE, "2024-09-20T10:00:00+08:00")); /* met by six, missed by five */
    assert_row(&moves.total, 4, 2, 2, 1, 1, 0, 0, DAY_MS);
    assert_int_equal(HASH_COUNT(moves.rows), 1);
    assert_row(moves.rows, 4, 2, 2, 1, 1, 0, 0, DAY_MS);
    moves_free(&moves);
}

static void clocks_come_and_go(void **state)
{
    (void)state;
    received("wuye");
    assert_true(compared(FIVE, WITH_SIDE, "2024-09-02T11:00:00+08:00"));
    assert_row(&moves.total, 1, 0, 0, 0, 0, 1, 0, 0);
    assert_true(compared(WITH_SIDE, FIVE, "2024-09-05T11:00:00+08:00")); /* it was overdue */
    assert_row(&moves.total, 2, 0, 0, 0, 1, 1, 1, 0);
    assert_true(compared(FIVE, OTHER_NAME, "2024-09-02T11:00:00+08:00"));
    assert_row(&moves.total, 3, 0, 0, 0, 1, 2, 2, 0);
    assert_true(compared(OTHER_NAME, FIVE, "2024-09-12T11:00:00+08:00")); /* one breach for another */
    assert_row(&moves.total, 4, 0, 0, 1, 2, 3, 3, 0);
    moves_free(&moves);
}

static void rows_are_by_unit_in_the_order_of_bytes(void **state)
{
    (void)state;
    static const char *const units[] = {"wuye", "", "chengguan", "wuye"}, *const sorted[] = {"", "chengguan", "wuye"};
    for (size_t i = 0; i < 4; i++) {
        received(units[i]);
        assert_true(compared(FIVE, SIX, "2024-09-03T10:00:00+08:00"));
    }
    moves_sort(&moves);
    size_t n = 0;
    for (const struct move_row *row = moves.rows; row; row = row->hh.next, n++) {
        assert_true(text_equal(row->unit, text_of(sorted[n])));
        assert_int_equal(row->cases, n == 2 ? 2 : 1);
    }
    assert_int_equal(n, 3);
    assert_row(&moves.total, 4, 4, 0, 0, 0, 0, 0, DAY_MS);
    moves_free(&moves);
}

static void a_breach_that_stays_is_none_that_appears(void **state)
{
    (void)state;
    received("wuye");
    assert_true(compared(FIVE, SIX, "2024-09-20T10:00:00+08:00"));
    assert_row(&moves.total, 1, 1, 0, 0, 0, 0, 0, DAY_MS);
    moves_free(&moves);
}

/* Clocks of several units, whose order is another. */
static void each_unit_is_compared_with_itself(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    happens(of_unit(with_co_units(event_at(TICKET_RECEIVED, RECEIPT), CO_UNITS("a\0b")), "wuye"));
    assert_true(compared(GENERAL(MAIN("'limit_workdays': 5") ", " MEMBER("3")), GENERAL(MAIN("'limit_workdays': 5") ", " SIDE("'limit_workdays': 1") ", " MEMBER("4")),
                         "2024-09-03T10:00:00+08:00"));
    assert_row(&moves.total, 1, 2, 0, 0, 0, 1, 0, DAY_MS);
    moves_free(&moves);
}

/* Rounds are told apart, wherever their clocks stand. */
static void each_round_is_compared_with_itself(void **state)
{
    (void)state;
    received("wuye");
    step(TICKET_ANSWERED, "2024-09-03T12:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-04T12:00:00+08:00");
    assert_true(compared(WITH_SIDE, SIX, "2024-09-04T13:00:00+08:00"));
    assert_row(&moves.total, 1, 2, 0, 0, 0, 0, 1, DAY_MS);
    moves_free(&moves);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_moves_nothing), cmocka_unit_test(deadlines_move_and_breaches_appear_and_vanish),
                                       cmocka_unit_test(clocks_come_and_go), cmocka_unit_test(rows_are_by_unit_in_the_order_of_bytes),
                                       cmocka_unit_test(each_round_is_compared_with_itself),
                                       cmocka_unit_test(a_breach_that_stays_is_none_that_appears), cmocka_unit_test(each_unit_is_compared_with_itself)};
    int failed = cmocka_run_group_tests_name("moves", tests, NULL, NULL);
    fold_free(&before);
    fold_free(&after);
    rulebook_close();
    return failed;
}
