/* Digests: where a clock belongs over the holiday weeks of 2026 (off: 09-25, 10-01 to 10-07; worked: Sunday 09-20, Saturday 10-10), whom its
 * ladder addresses by then, and what of many lines stays. */
#include "notify/digest.h"
#include "tests/unit/lives.h"

#define LADDERS                                                                                                                       \
    "'ladders': {'steps': [{'step': 'remind', 'workdays_before': 2, 'to': ['handler']}, {'step': 'overdue', 'overdue': true, 'to': ['handler', 'dispatcher']}," \
    " {'step': 'urged', 'on': 'ticket.urged', 'to': ['circulation']}, {'step': 'after', 'workdays_after': [2, 3], 'to': ['leader']}]}"
#define LADDERED(limit) "{'clock': 'answer', " limit ", 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true, 'ladder': 'steps'}"
#define BIT(role) (1u << (role))

static const struct clock *received(const char *members, const char *receipt, const char *now)
{
    rulebook(members, "Asia/Shanghai");
    life_begin(OF_TICKET);
    step(TICKET_RECEIVED, receipt);
    return main_of(fold_at(now));
}

static enum digest_section section(const char *receipt, const char *now)
{
    return digest_section_of(received("", receipt, now), &life.rules, ms(now));
}

static void a_holiday_week_lies_between_today_and_the_next_working_day(void **state)
{
    (void)state;
    assert_int_equal(section("2026-09-22T10:00:00+08:00", "2026-09-30T08:30:00+08:00"), DIGEST_TODAY);
    assert_int_equal(section("2026-09-23T10:00:00+08:00", "2026-09-30T08:30:00+08:00"), DIGEST_TOMORROW); /* 10-08 */
    assert_int_equal(section("2026-09-24T10:00:00+08:00", "2026-09-30T08:30:00+08:00"), DIGEST_SECTIONS); /* 10-09 */
    assert_int_equal(section("2026-09-22T10:00:00+08:00", "2026-10-01T08:30:00+08:00"), DIGEST_OVERDUE);
    assert_int_equal(section("2026-09-23T10:00:00+08:00", "2026-10-03T08:30:00+08:00"), DIGEST_TOMORROW); /* on duty over the holiday */
    assert_int_equal(section("2026-09-23T10:00:00+08:00", "2026-10-08T08:30:00+08:00"), DIGEST_TODAY);
    assert_int_equal(section("2026-09-24T10:00:00+08:00", "2026-10-08T08:30:00+08:00"), DIGEST_TOMORROW);
}

static void a_make_up_day_is_a_working_day(void **state)
{
    (void)state;
    assert_int_equal(section("2026-09-28T10:00:00+08:00", "2026-10-09T08:30:00+08:00"), DIGEST_TOMORROW); /* Saturday 10-10 */
    assert_int_equal(section("2026-09-28T10:00:00+08:00", "2026-10-10T08:30:00+08:00"), DIGEST_TODAY);
    assert_int_equal(section("2026-09-29T10:00:00+08:00", "2026-10-09T08:30:00+08:00"), DIGEST_SECTIONS);
    assert_int_equal(section("2026-09-29T10:00:00+08:00", "2026-10-10T08:30:00+08:00"), DIGEST_TOMORROW); /* Monday 10-12 */
    assert_int_equal(section("2026-09-14T10:00:00+08:00", "2026-09-19T08:30:00+08:00"), DIGEST_TOMORROW); /* worked on Sunday 09-20 */
}

static void the_last_minute_of_a_day_is_today_and_the_next_overdue(void **state)
{
    (void)state;
    assert_int_equal(section("2026-09-22T10:00:00+08:00", "2026-09-30T23:59:59.999+08:00"), DIGEST_TODAY);
    assert_int_equal(section("2026-09-22T10:00:00+08:00", "2026-10-01T00:00:00.001+08:00"), DIGEST_OVERDUE);
}

static void hours_that_end_in_a_holiday_are_not_left_out(void **state)
{
    const char *now = "2026-09-30T08:30:00+08:00";
    const struct clock *clock = received(GENERAL(MAIN("'limit_hours': 96")), "2026-09-29T10:00:00+08:00", now);
    (void)state;
    assert_day(clock->last_day, "2026-10-03");
    assert_int_equal(digest_section_of(clock, &life.rules, ms(now)), DIGEST_TOMORROW);
}

static void a_clock_counts_on_its_own_calendar(void **state)
{
    const char *now = "2026-09-30T08:30:00+08:00"; /* every day is one of duty: the next is 10-01 */
    const struct clock *clock = received(DUTY ", " GENERAL(MAIN("'limit_workdays': 2, 'counting': {'calendar': 'duty'}")), "2026-09-29T10:00:00+08:00", now);
    (void)state;
    assert_day(clock->last_day, "2026-10-01");
    assert_int_equal(digest_section_of(clock, &life.rules, ms(now)), DIGEST_TOMORROW);
    clock = received(DUTY ", " GENERAL(MAIN("'limit_workdays': 3, 'counting': {'calendar': 'duty'}")), "2026-09-29T10:00:00+08:00", now);
    assert_int_equal(digest_section_of(clock, &life.rules, ms(now)), DIGEST_SECTIONS);
}

static void what_rests_or_has_ended_is_in_no_section(void **state)
{
    const char *now = "2026-09-30T08:30:00+08:00";
    (void)state;
    received("", "2026-09-22T10:00:00+08:00", now);
    step(TICKET_SUSPENDED, "2026-09-29T10:00:00+08:00");
    assert_int_equal(digest_section_of(main_of(fold_at(now)), &life.rules, ms(now)), DIGEST_SECTIONS);
    received("", "2026-09-22T10:00:00+08:00", now);
    step(TICKET_ANSWERED, "2026-09-29T10:00:00+08:00");
    assert_int_equal(digest_section_of(main_of(fold_at(now)), &life.rules, ms(now)), DIGEST_SECTIONS);
    received("", "2026-09-01T10:00:00+08:00", now);
    step(TICKET_ANSWERED, "2026-09-29T10:00:00+08:00"); /* late */
    assert_int_equal(digest_section_of(main_of(fold_at(now)), &life.rules, ms(now)), DIGEST_SECTIONS);
}

/* --- whom --- */

static unsigned roles_at(const char *now)
{
    return digest_roles(received(LADDERS ", " GENERAL(LADDERED("'limit_workdays': 5")), "2026-09-22T10:00:00+08:00", now), &life.rules, ms(now));
}

static void a_ladder_addresses_more_roles_as_days_pass(void **state)
{
    (void)state;
    assert_int_equal(roles_at("2026-09-23T10:00:00+08:00"), BIT(ROLE_HANDLER)); /* who will be reminded */
    assert_int_equal(roles_at("2026-09-30T23:00:00+08:00"), BIT(ROLE_HANDLER));
    assert_int_equal(roles_at("2026-10-01T10:00:00+08:00"), BIT(ROLE_HANDLER) | BIT(ROLE_DISPATCHER));
    assert_int_equal(roles_at("2026-10-09T08:59:00+08:00"), BIT(ROLE_HANDLER) | BIT(ROLE_DISPATCHER)); /* the second working day, before opening */
    assert_int_equal(roles_at("2026-10-09T09:00:00+08:00"), BIT(ROLE_HANDLER) | BIT(ROLE_DISPATCHER) | BIT(ROLE_LEADER));
    assert_int_equal(roles_at("2026-12-01T09:00:00+08:00"), BIT(ROLE_HANDLER) | BIT(ROLE_DISPATCHER) | BIT(ROLE_LEADER)); /* long after its last step */
}

static void a_clock_without_a_ladder_addresses_nobody(void **state)
{
    const char *now = "2026-10-08T10:00:00+08:00";
    (void)state;
    assert_int_equal(digest_roles(received("", "2026-09-22T10:00:00+08:00", now), &life.rules, ms(now)), 0);
}

/* --- lines --- */

static struct digest_line line_of(const char *id, int64_t deadline_ms, int urgency)
{
    return (struct digest_line){.case_id = text_of(id), .unit = TEXT("wuye"), .title = TEXT("电梯故障"), .clock = "answer", .class = "general",
                                .deadline_ms = deadline_ms, .urgency = urgency};
}

static void put(struct digest *digest, const char *id, int64_t deadline_ms, int urgency)
{
    struct digest_line line = line_of(id, deadline_ms, urgency);
    digest_add(digest, DIGEST_OVERDUE, &line);
}

static void the_most_pressing_come_first(void **state)
{
    static const char *const expected[] = {"d", "c", "b", "a", "e"};
    struct digest digest = {.at_ms = 0};
    (void)state;
    assert_true(digest_is_empty(&digest));
    put(&digest, "e", 300, URGENCY_NORMAL);
    put(&digest, "a", 200, URGENCY_NORMAL);
    put(&digest, "b", 100, URGENCY_URGENT);
    put(&digest, "c", 900, URGENCY_CRITICAL);
    put(&digest, "d", 800, URGENCY_CRITICAL);
    assert_int_equal(digest.lines[DIGEST_OVERDUE], 5);
    for (int i = 0; i < 5; i++) assert_true(text_equal(digest.line[DIGEST_OVERDUE][i].case_id, text_of(expected[i])));
    assert_true(text_equal(digest.line[DIGEST_OVERDUE][0].title, TEXT("电梯故障")));
    assert_false(digest_is_empty(&digest));
    digest_clear(&digest);
    assert_true(digest_is_empty(&digest));
}

static void of_one_instant_the_id_decides_then_the_clock(void **state)
{
    struct digest_line a = line_of("a", 5, URGENCY_NORMAL), b = line_of("b", 5, URGENCY_NORMAL), contact = a, rating = a;
    (void)state;
    contact.clock = "contact";
    rating.of = OF_RATING;
    assert_true(digest_line_compare(&a, &b) < 0 && digest_line_compare(&b, &a) > 0);
    assert_true(digest_line_compare(&a, &contact) < 0);
    assert_true(digest_line_compare(&a, &rating) < 0);
    assert_int_equal(digest_line_compare(&a, &a), 0);
}

/* Whatever the order in which they come: the same lines, in the same order. */
static void of_many_the_first_stay_and_all_are_counted(void **state)
{
    enum { MANY = 5000 };
    int order[MANY];
    (void)state;
    for (int round = 0; round < 5; round++) {
        struct digest digest = {.at_ms = 0};
        for (int i = 0; i < MANY; i++) order[i] = i;
        for (int i = MANY - 1; i > 0; i--) {
            int j = (int)random() % (i + 1), kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        for (int i = 0; i < MANY; i++) {
            char id[16];
            snprintf(id, sizeof id, "ML%05d", order[i]);
            put(&digest, id, order[i] / 7, URGENCY_NORMAL);
        }
        assert_int_equal(digest.total[DIGEST_OVERDUE], MANY);
        assert_int_equal(digest.lines[DIGEST_OVERDUE], DIGEST_LINES_MAX);
        for (int i = 0; i < DIGEST_LINES_MAX; i++) {
            char id[16];
            snprintf(id, sizeof id, "ML%05d", i);
            assert_true(text_equal(digest.line[DIGEST_OVERDUE][i].case_id, text_of(id)));
        }
        assert_int_equal(digest.total[DIGEST_TODAY], 0);
        assert_null(digest.line[DIGEST_TODAY]);
        digest_clear(&digest);
    }
}

static void an_id_is_of_recipient_and_instant(void **state)
{
    char one[DIGEST_ID_BYTES], again[DIGEST_ID_BYTES], other[DIGEST_ID_BYTES], later[DIGEST_ID_BYTES];
    (void)state;
    digest_id(one, 17, 1000);
    digest_id(again, 17, 1000);
    digest_id(other, 18, 1000);
    digest_id(later, 17, 1001);
    assert_int_equal(strlen(one), 36);
    assert_memory_equal(one, "dig_", 4);
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
    assert_string_not_equal(one, later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_holiday_week_lies_between_today_and_the_next_working_day), cmocka_unit_test(a_make_up_day_is_a_working_day),
        cmocka_unit_test(the_last_minute_of_a_day_is_today_and_the_next_overdue), cmocka_unit_test(hours_that_end_in_a_holiday_are_not_left_out),
        cmocka_unit_test(a_clock_counts_on_its_own_calendar), cmocka_unit_test(what_rests_or_has_ended_is_in_no_section),
        cmocka_unit_test(a_ladder_addresses_more_roles_as_days_pass), cmocka_unit_test(a_clock_without_a_ladder_addresses_nobody),
        cmocka_unit_test(the_most_pressing_come_first), cmocka_unit_test(of_one_instant_the_id_decides_then_the_clock),
        cmocka_unit_test(of_many_the_first_stay_and_all_are_counted), cmocka_unit_test(an_id_is_of_recipient_and_instant)};
    int failed = cmocka_run_group_tests_name("digest", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
