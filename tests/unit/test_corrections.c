/* What was told under one set of rules and is untrue under another: each department hears of it once, each time anew.
 *
 * A complaint of Monday 2024-09-02 with five working days is due by the end of the 9th; with the 4th a holiday, by the end
 * of the 10th; with the 7th a working day, there would be no difference. */
#include "sla/demand.h"
#include "tests/unit/decisions.h"

#define RECEIPT "2024-09-02T10:00:00+08:00"
#define EARLY "2024-09-10T00:00:00+08:00" /* deadline by the first calendar */
#define LATE "2024-09-11T00:00:00+08:00"  /* by the amended one */
#define LADDERS                                                                                                                       \
    "'ladders': {'steps': [{'step': 'remind', 'workdays_before': 2, 'to': ['handler']}, {'step': 'overdue', 'overdue': true, 'to': ['handler']}," \
    " {'step': 'after', 'workdays_after': [1, 3], 'to': ['leader']}]}"
#define ANSWER "{'clock': 'answer', 'limit_workdays': 5, 'starts': 'each-round', " ENDS ", 'suspends': true, 'extends': true, 'ladder': 'steps'}"
#define LONG "{'clock': 'review', 'limit_workdays': 100, 'starts': 'receipt', " ENDS ", 'suspends': true, 'extends': false}"
#define MEMBERS LADDERS ", " GENERAL(ANSWER ", " LONG)

static struct demands demands;
static char seen[32][NOTICE_ID_BYTES];
static size_t ids;

/* A case, the first rules, an amended calendar that is activated too late for it. */
static void begin(void)
{
    decisions_end();
    ids = 0;
    activated("first", ms("2024-01-01T00:00:00+08:00"), MEMBERS, "1", "", INT64_MIN);
    activated("amended", ms("2024-09-03T12:00:00+08:00"), NULL, "2", "'09-04'", INT64_MIN);
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, RECEIPT), "wuye"));
}

static void rebind(const char *id)
{
    recalculated(id, ms("2024-09-30T00:00:00+08:00"), INT64_MIN, INT64_MAX);
}

static void undo(const char *id, const char *of)
{
    took_back(CONTROL_UNDO, id, ms("2024-09-30T00:00:00+08:00"), of);
}

static size_t owed_at(const char *now)
{
    follow();
    const struct rules *rules = rulebook_bind(decisions.book, &life.file);
    fold_case(&life.fold, rules, &life.file, ms(now));
    demands_owed(&demands, &life.file, &life.fold, rules, ms(now));
    life.rules.zone = rules->zone;
    return demands.count;
}

static int owed(enum demand_kind kind)
{
    int n = 0;
    for (size_t i = 0; i < demands.count; i++) n += demands.at[i].kind == kind;
    return n;
}

static const struct demand *the(enum demand_kind kind)
{
    assert_int_equal(owed(kind), 1);
    for (size_t i = 0; i < demands.count; i++)
        if (demands.at[i].kind == kind) return &demands.at[i];
    return NULL;
}

/* Told; under an id that nothing before had. */
static void tell(const struct demand *demand, enum told_status status)
{
    struct told told = demand->told;
    told.status = (uint8_t)status;
    demand_id(seen[ids], &life.file, demand);
    for (size_t i = 0; i < ids; i++)
        if (!strcmp(seen[i], seen[ids])) fail_msg("kind %d is told under an id that was used before", (int)demand->kind);
    assert_in_range(++ids, 1, 31);
    assert_true(case_tell(&life.file, &told));
}

static void tell_all(enum told_status status)
{
    for (size_t i = 0; i < demands.count; i++) tell(&demands.at[i], status);
}

static void assert_correction(const char *now, const char *before, const char *deadline)
{
    char text[STEP_TEXT_BYTES];
    assert_int_equal(owed_at(now), 1);
    const struct demand *correction = the(DEMAND_CORRECTION);
    told_step_print(text, &correction->told, &decisions.book->words);
    assert_string_equal(text, "corrected");
    assert_instant(correction->told.deadline_ms, deadline);
    assert_instant(correction->before_ms, before);
    assert_true(text_equal(correction->unit, TEXT("wuye")));
}

static void reminded(enum told_status status)
{
    begin();
    assert_int_equal(owed_at("2024-09-05T10:00:00+08:00"), 1);
    tell(the(DEMAND_NOTICE), status);
}

static void a_deadline_that_moved_is_corrected_each_time(void **state)
{
    (void)state;
    reminded(TOLD_DELIVERED);
    rebind("r1");
    assert_correction("2024-09-05T10:00:00+08:00", EARLY, LATE);
    tell_all(TOLD_DELIVERED);
    assert_int_equal(owed_at("2024-09-05T10:00:00+08:00"), 0);
    undo("u1", "r1");
    assert_correction("2024-09-05T11:00:00+08:00", LATE, EARLY);
    tell_all(TOLD_DELIVERED);
    assert_int_equal(owed_at("2024-09-05T11:00:00+08:00"), 0);
    rebind("r2");
    assert_correction("2024-09-05T12:00:00+08:00", EARLY, LATE);
    tell_all(TOLD_DELIVERED);
    undo("u2", "r2");
    assert_correction("2024-09-05T12:00:00+08:00", LATE, EARLY);
    tell_all(TOLD_DELIVERED);
    assert_int_equal(owed_at("2024-09-05T12:00:00+08:00"), 0);
}

static void undone_before_it_was_told_it_is_not(void **state)
{
    (void)state;
    reminded(TOLD_DELIVERED);
    rebind("r1");
    assert_correction("2024-09-05T10:00:00+08:00", EARLY, LATE);
    uint64_t id = the(DEMAND_CORRECTION)->told.id;
    tell_all(TOLD_PENDING);
    assert_int_equal(owed_at("2024-09-05T10:00:00+08:00"), 1); /* a try that failed: the same is owed */
    assert_true(the(DEMAND_CORRECTION)->told.id == id);
    undo("u1", "r1");
    assert_int_equal(owed_at("2024-09-05T11:00:00+08:00"), 0);
}

static void who_was_told_nothing_is_not_corrected(void **state)
{
    (void)state;
    static const enum told_status none[] = {TOLD_SHADOWED, TOLD_EXHAUSTED, TOLD_SUPERSEDED};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        reminded(none[i]);
        rebind("r1");
        assert_int_equal(owed_at("2024-09-05T10:00:00+08:00"), 0);
    }
}

static void one_of_several_endpoints_is_somebody(void **state)
{
    (void)state;
    reminded(TOLD_EXHAUSTED);
    struct told accepted = {.kind = TOLD_RECIPIENT, .status = TOLD_DELIVERED, .id = 77, .deadline_ms = (int64_t)life.file.told[0].id};
    assert_true(case_tell(&life.file, &accepted));
    rebind("r1");
    assert_correction("2024-09-05T10:00:00+08:00", EARLY, LATE);
}

static void a_recipient_that_waits_or_gathers_is_nobody(void **state)
{
    (void)state;
    static const enum told_status not_yet[] = {TOLD_PENDING, TOLD_GATHERED, TOLD_EXHAUSTED};
    for (size_t i = 0; i < sizeof not_yet / sizeof *not_yet; i++) {
        reminded(TOLD_EXHAUSTED);
        struct told recipient = {.kind = TOLD_RECIPIENT, .status = (uint8_t)not_yet[i], .id = 77, .deadline_ms = (int64_t)life.file.told[0].id};
        assert_true(case_tell(&life.file, &recipient));
        rebind("r1");
        assert_int_equal(owed_at("2024-09-05T10:00:00+08:00"), 0);
    }
}

static void who_hears_of_a_correction_is_who_was_told(void **state)
{
    (void)state;
    static const enum told_status ends[] = {TOLD_PENDING, TOLD_SUPERSEDED, TOLD_EXHAUSTED};
    const unsigned handler = 1U << ROLE_HANDLER, leader = 1U << ROLE_LEADER;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        reminded(TOLD_DELIVERED);
        owed_at("2024-09-11T10:00:00+08:00");
        tell(the(DEMAND_NOTICE), ends[i]);
        const struct told notice = life.file.told[1];
        assert_int_equal(told_roles(&life.file, &notice, &decisions.book->words), handler); /* the leader has nothing */
        struct told accepted = {.kind = TOLD_RECIPIENT, .status = TOLD_DELIVERED, .id = 77, .deadline_ms = (int64_t)notice.id};
        assert_true(case_tell(&life.file, &accepted));
        assert_int_equal(told_roles(&life.file, &notice, &decisions.book->words), handler | leader);
    }
    reminded(TOLD_SHADOWED);
    assert_int_equal(told_roles(&life.file, &life.file.told[0], &decisions.book->words), 0);
}

static void a_reminder_due_says_both(void **state)
{
    (void)state;
    reminded(TOLD_DELIVERED);
    rebind("r1");
    assert_int_equal(owed_at("2024-09-09T10:00:00+08:00"), 1); /* the reminder of the new deadline lies behind as well */
    assert_instant(the(DEMAND_NOTICE)->before_ms, EARLY);
    assert_instant(the(DEMAND_NOTICE)->told.deadline_ms, LATE);
    tell_all(TOLD_DELIVERED);
    assert_int_equal(owed_at("2024-09-09T10:00:00+08:00"), 0);
}

/* Overdue by the first rules, told; not by the others; and again. */
static void an_overdue_is_taken_back_and_told_anew(void **state)
{
    (void)state;
    static const char *const recalc[] = {"r1", "r2", "r3"}, *const taken[] = {"u1", "u2", "u3"};
    begin();
    assert_int_equal(owed_at("2024-09-10T10:00:00+08:00"), 2);
    assert_int_equal(owed(DEMAND_OVERDUE), 1);
    tell_all(TOLD_DELIVERED);
    for (int i = 0; i < 3; i++) {
        rebind(recalc[i]);
        owed_at("2024-09-10T11:00:00+08:00");
        assert_int_equal(owed(DEMAND_WITHDRAWN), 1);
        assert_int_equal(owed(DEMAND_RETRACT), 1);
        assert_int_equal(owed(DEMAND_NOTICE) + owed(DEMAND_CORRECTION), 1); /* the later deadline */
        tell_all(TOLD_DELIVERED);
        assert_int_equal(owed_at("2024-09-10T11:00:00+08:00"), 0);
        undo(taken[i], recalc[i]);
        owed_at("2024-09-10T12:00:00+08:00");
        assert_int_equal(owed(DEMAND_OVERDUE), 1);
        assert_int_equal(owed(DEMAND_NOTICE) + owed(DEMAND_CORRECTION), 1);
        tell_all(TOLD_DELIVERED);
        assert_int_equal(owed_at("2024-09-10T12:00:00+08:00"), 0);
    }
}

/* A deadline that moves for another reason under rules that do not move it is no correction. */
static void what_an_event_moved_is_no_correction(void **state)
{
    (void)state;
    begin();
    activated("later", ms("2024-09-03T13:00:00+08:00"), NULL, "3", "'12-25'", INT64_MIN);
    assert_int_equal(owed_at("2024-09-05T10:00:00+08:00"), 1);
    tell_all(TOLD_DELIVERED);
    rebind("r1");
    assert_int_equal(owed_at("2024-09-05T10:00:00+08:00"), 0);
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2024-09-05T10:30:00+08:00"), 3));
    owed_at("2024-09-05T11:00:00+08:00");
    assert_int_equal(owed(DEMAND_CORRECTION), 0);
}

/* Given up, it is not owed again. */
static void a_correction_that_nobody_took_is_not_repeated(void **state)
{
    (void)state;
    reminded(TOLD_DELIVERED);
    rebind("r1");
    assert_correction("2024-09-05T10:00:00+08:00", EARLY, LATE);
    tell_all(TOLD_EXHAUSTED);
    assert_int_equal(owed_at("2024-09-05T10:00:00+08:00"), 0);
}

/* Taken back because of a late answer, under rules of then; the case is reopened, and so on: nothing of that is the rules'. */
static void what_was_taken_back_alone_is_known(void **state)
{
    (void)state;
    begin();
    assert_int_equal(owed_at("2024-09-10T10:00:00+08:00"), 2);
    tell(the(DEMAND_OVERDUE), TOLD_DELIVERED);
    tell(the(DEMAND_NOTICE), TOLD_DELIVERED);
    struct told told = life.file.told[1];
    told.step = STEP_RETRACT; /* told alone, as the clock was gone under those rules */
    told.edition = 1;
    told.id++;
    assert_true(case_tell(&life.file, &told));
    told.kind = TOLD_WITHDRAWN;
    assert_true(case_tell(&life.file, &told));
    assert_int_equal(owed_at("2024-09-10T12:00:00+08:00"), 2);
    assert_instant(the(DEMAND_CORRECTION)->before_ms, EARLY);
    assert_instant(the(DEMAND_CORRECTION)->told.deadline_ms, EARLY);
    assert_int_equal(owed(DEMAND_OVERDUE), 1);
    life.file.tolds = 0; /* whatever was told before it is lost */
    told.kind = TOLD_NOTICE;
    assert_true(case_tell(&life.file, &told));
    owed_at("2024-09-10T12:00:00+08:00");
    assert_instant(the(DEMAND_NOTICE)->before_ms, EARLY);
}

/* Rules that know of no others. */
static void without_a_book_a_move_is_a_correction(void **state)
{
    (void)state;
    reminded(TOLD_DELIVERED);
    rebind("r1");
    follow();
    struct rules rules = *rulebook_bind(decisions.book, &life.file);
    rules.book = NULL;
    fold_case(&life.fold, &rules, &life.file, ms("2024-09-05T10:00:00+08:00"));
    demands_owed(&demands, &life.file, &life.fold, &rules, ms("2024-09-05T10:00:00+08:00"));
    assert_instant(the(DEMAND_CORRECTION)->before_ms, EARLY);
}

/* Other clocks and rounds of the rules of then say nothing of this one; and there is room for so much at once. */
static void each_round_is_corrected_by_itself(void **state)
{
    (void)state;
    reminded(TOLD_DELIVERED);
    step(TICKET_ANSWERED, "2024-09-05T11:00:00+08:00");
    step(TICKET_REOPENED, "2024-09-05T12:00:00+08:00");
    owed_at("2024-09-10T10:00:00+08:00"); /* due by the end of the 12th: the reminder */
    tell(the(DEMAND_NOTICE), TOLD_DELIVERED);
    tell(the(DEMAND_ANSWERED), TOLD_DELIVERED);
    activated("third", ms("2024-09-03T13:00:00+08:00"), NULL, "3", "'09-11'", INT64_MIN);
    rebind("r1");
    owed_at("2024-09-10T10:00:00+08:00");
    assert_instant(the(DEMAND_NOTICE)->before_ms, "2024-09-13T00:00:00+08:00"); /* the reminder says both */
    assert_instant(the(DEMAND_NOTICE)->told.deadline_ms, "2024-09-14T00:00:00+08:00");
}

/* Of another clock, round or deadline. */
static void an_overdue_of_another_clock_is_another(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        begin();
        owed_at("2024-09-10T10:00:00+08:00");
        struct told other = the(DEMAND_OVERDUE)->told;
        other.status = TOLD_DELIVERED;
        if (i == 0) other.clock++;
        if (i == 1) other.which++;
        if (i == 2) other.deadline_ms++;
        other.id++;
        assert_true(case_tell(&life.file, &other));
        owed_at("2024-09-10T10:00:00+08:00");
        assert_int_equal(owed(DEMAND_OVERDUE), 1);
        assert_int_equal(owed(DEMAND_WITHDRAWN), 1);
    }
}

static void there_is_room_for_so_many(void **state)
{
    (void)state;
    reminded(TOLD_DELIVERED);
    rebind("r1");
    for (int i = 0; i < DEMANDS_MAX; i++) step(TICKET_CALLED_BACK, "2024-09-05T11:00:00+08:00");
    assert_int_equal(owed_at("2024-09-05T12:00:00+08:00"), DEMANDS_MAX);
    assert_int_equal(owed(DEMAND_CORRECTION), 0);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_that_moved_is_corrected_each_time), cmocka_unit_test(undone_before_it_was_told_it_is_not),
        cmocka_unit_test(who_was_told_nothing_is_not_corrected), cmocka_unit_test(one_of_several_endpoints_is_somebody),
                                       cmocka_unit_test(a_recipient_that_waits_or_gathers_is_nobody),
        cmocka_unit_test(who_hears_of_a_correction_is_who_was_told),
        cmocka_unit_test(a_reminder_due_says_both), cmocka_unit_test(an_overdue_is_taken_back_and_told_anew),
        cmocka_unit_test(what_an_event_moved_is_no_correction), cmocka_unit_test(a_correction_that_nobody_took_is_not_repeated),
        cmocka_unit_test(what_was_taken_back_alone_is_known), cmocka_unit_test(without_a_book_a_move_is_a_correction),
        cmocka_unit_test(each_round_is_corrected_by_itself), cmocka_unit_test(there_is_room_for_so_many),
        cmocka_unit_test(an_overdue_of_another_clock_is_another)};
    int failed = cmocka_run_group_tests_name("corrections", tests, NULL, NULL);
    decisions_end();
    rulebook_close();
    return failed;
}
