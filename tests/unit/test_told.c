/* What was told: what one entry does to the others, as text and back, and in the headers of a record. */
#include "sla/demand.h"
#include "sla/told_record.h"
#include "tests/unit/dice.h"
#include "tests/unit/life.h"

static const struct told full = {.kind = TOLD_RECIPIENT, .status = TOLD_GATHERED, .clock = 255, .attempts = 255, .step = UINT16_MAX, .day = 255, .edition = 255, .which = UINT32_MAX,
                                 .deadline_ms = INT64_MIN, .at_ms = -1, .next_try_ms = INT64_MAX, .id = UINT64_MAX};

static void assert_told(const struct told *a, const struct told *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->clock, b->clock);
    assert_int_equal(a->attempts, b->attempts);
    assert_int_equal(a->step, b->step);
    assert_int_equal(a->day, b->day);
    assert_int_equal(a->edition, b->edition);
    assert_true(a->which == b->which && a->deadline_ms == b->deadline_ms && a->at_ms == b->at_ms && a->next_try_ms == b->next_try_ms && a->id == b->id);
}

static void assert_round(const struct told *told)
{
    char text[TOLD_TEXT_BYTES];
    struct told again;
    size_t bytes = told_print(text, told);
    assert_true(bytes < TOLD_TEXT_BYTES && bytes == strlen(text));
    assert_true(told_parse((struct text){text, bytes}, &again));
    assert_told(told, &again);
}

static uint64_t any(void)
{
    return (uint64_t)draw(1 << 30) << 34 ^ (uint64_t)draw(1 << 30) << 8 ^ (uint64_t)draw(256);
}

static void an_entry_reads_back_as_it_was(void **state)
{
    (void)state;
    assert_round(&(struct told){0});
    assert_round(&full);
    for (int i = 0; i < 2000; i++) {
        struct told told = {.kind = (uint8_t)draw(TOLD_RECIPIENT + 1), .status = (uint8_t)draw(TOLD_GATHERED + 1), .clock = (uint8_t)any(), .attempts = (uint8_t)any(),
                            .step = (uint16_t)any(), .day = (uint8_t)any(), .edition = (uint8_t)any(), .which = (uint32_t)any(), .deadline_ms = (int64_t)any(), .at_ms = (int64_t)any(),
                            .next_try_ms = (int64_t)any(), .id = any()};
        assert_round(&told);
    }
}

static void what_is_no_entry_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " ", "1", "1 0 0 0 0 0 0 0 0 0 0 0", "2 0 0 0 0 0 0 0 0 0 0 0 0", "1 5 0 0 0 0 0 0 0 0 0 0 0", "1 0 0 0 0 10000 0 0 0 0 0 0 0", "1 0 0 0 0 0 0 100 0 0 0 0 0", "1 0 6 0 0 0 0 0 0 0 0 0 0",
                                      "1 0 0 100 0 0 0 0 0 0 0 0 0", "1 0 0 0 0 0 0 0 100000000 0 0 0 0", "1 0 0 0 0 0 0 0 0 0 0 0 0 ", "1 0 0 0 0 0 0 0 0 0 0 0 0 0",
                                      "1 0 0 0 0 0 0 0 0 0 0 0 10000000000000000", "1  0 0 0 0 0 0 0 0 0 0 0 0", "1 0 0 0 0 0 0 0 0 0 0 0 A", "1 0 0 0 0 0 0 0 0 0 0 0 g", "0 0 0 0 0 0 0 0 0 0 0 0 0", "1 0 0 0 0 0 0 0 0 -1 0 0 0"};
    struct told told;
    assert_true(told_parse(TEXT("1 0 0 0 0 0 0 0 0 0 0 0 0"), &told));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(told_parse((struct text){bad[i], strlen(bad[i])}, &told));
}

static void counters_read_back_as_they_were(void **state)
{
    (void)state;
    static const int32_t counts[NOTICE_COUNTERS] = {INT32_MIN, INT32_MAX, -1, 0, 1, 4711};
    int32_t again[NOTICE_COUNTERS];
    char text[TOLD_COUNTS_BYTES];
    size_t bytes = told_counts_print(text, counts);
    assert_true(bytes < TOLD_COUNTS_BYTES && told_counts_parse((struct text){text, bytes}, again));
    assert_memory_equal(counts, again, sizeof counts);
    assert_false(told_counts_parse((struct text){text, bytes - 5}, again));
    assert_false(told_counts_parse(TEXT("1 2 3 4 5 6 7"), again));
}

/* --- in a case --- */

static struct told of_kind(enum told_kind kind, uint64_t id, int64_t deadline_ms)
{
    return (struct told){.kind = (uint8_t)kind, .status = TOLD_DELIVERED, .which = 1, .deadline_ms = deadline_ms, .id = id};
}

static void apply(struct told told)
{
    assert_true(told_apply(&life.file, &told));
}

static void a_withdrawal_leaves_the_overdue_told(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    apply(of_kind(TOLD_OVERDUE, 1, 1000));
    apply(of_kind(TOLD_WITHDRAWN, 3, 1000));
    assert_non_null(case_told(&life.file, TOLD_OVERDUE, 1));
    assert_non_null(case_told(&life.file, TOLD_WITHDRAWN, 3));
    assert_int_equal(life.file.tolds, 2);
}

static void a_withdrawal_is_owed_once(void **state)
{
    (void)state;
    struct demands demands;
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2024-09-30T10:15:00+08:00", "wuye");
    for (int turn = 0; turn < 2; turn++) {
        const char *now = turn ? "2024-10-14T09:00:00+08:00" : "2024-10-13T09:00:00+08:00";
        demands_owed(&demands, &life.file, fold_at(now), &life.rules, ms(now));
        for (size_t i = 0; i < demands.count; i++) {
            demands.at[i].told.status = TOLD_DELIVERED;
            apply(demands.at[i].told);
        }
        if (turn == 0) step(TICKET_ANSWERED, "2024-10-12T09:00:00+08:00"); /* in time, and the news came late */
    }
    demands_owed(&demands, &life.file, fold_at("2024-10-14T09:00:00+08:00"), &life.rules, ms("2024-10-14T09:00:00+08:00"));
    assert_int_equal(demands.count, 0);
}

static void a_notice_that_ends_otherwise_remembers_who_had_it(void **state)
{
    (void)state;
    static const enum told_status ends[] = {TOLD_EXHAUSTED, TOLD_SUPERSEDED};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        life_begin(OF_TICKET);
        struct told notice = of_kind(TOLD_NOTICE, 7, 1000), waits = of_kind(TOLD_RECIPIENT, 71, 7), gathered = of_kind(TOLD_RECIPIENT, 72, 7);
        notice.status = waits.status = TOLD_PENDING;
        gathered.status = TOLD_GATHERED;
        apply(notice), apply(of_kind(TOLD_RECIPIENT, 70, 7)), apply(waits), apply(gathered);
        notice.status = (uint8_t)ends[i];
        apply(notice);
        assert_int_equal(life.file.tolds, 2);
        assert_non_null(case_told(&life.file, TOLD_RECIPIENT, 70));
    }
}

static void a_delivered_notice_forgets_who_had_it_first(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    struct told notice = of_kind(TOLD_NOTICE, 7, 1000);
    notice.status = TOLD_PENDING;
    apply(notice);
    apply(of_kind(TOLD_RECIPIENT, 70, 7));
    apply(of_kind(TOLD_RECIPIENT, 80, 8));
    assert_int_equal(life.file.tolds, 3);
    notice.status = TOLD_DELIVERED;
    apply(notice);
    assert_int_equal(life.file.tolds, 2);
    assert_null(case_told(&life.file, TOLD_RECIPIENT, 70));
    assert_non_null(case_told(&life.file, TOLD_RECIPIENT, 80));
}

static void a_case_holds_so_many_and_says_so(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    for (uint64_t id = 0; id < CASE_TOLD_MAX; id++) apply(of_kind(TOLD_NOTICE, id, 1000));
    struct told more = of_kind(TOLD_NOTICE, CASE_TOLD_MAX, 1000);
    assert_false(told_apply(&life.file, &more));
    assert_int_equal(life.file.tolds, CASE_TOLD_MAX);
    apply(of_kind(TOLD_NOTICE, 7, 2000)); /* in its place */
    assert_int_equal(life.file.tolds, CASE_TOLD_MAX);
}

/* Applied from the beginning again, over what is there, it comes to the same. */
static void applying_a_history_again_changes_nothing(void **state)
{
    (void)state;
    struct told history[64];
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < 64; i++) {
            history[i] = of_kind((enum told_kind)draw(TOLD_RECIPIENT + 1), (uint64_t)draw(3), draw(3));
            history[i].status = (uint8_t)draw(TOLD_GATHERED + 1);
            if (history[i].kind == TOLD_OVERDUE || history[i].kind == TOLD_WITHDRAWN) history[i].id = (uint64_t)history[i].deadline_ms; /* as both follow from it */
        }
        life_begin(OF_TICKET);
        for (size_t i = 0; i < 64; i++) apply(history[i]);
        size_t tolds = life.file.tolds;
        struct told once[64];
        memcpy(once, life.file.told, tolds * sizeof *once);
        for (size_t i = 0; i < 64; i++) apply(history[i]);
        assert_int_equal(life.file.tolds, tolds);
        for (size_t i = 0; i < tolds; i++) {
            const struct told *there = case_told(&life.file, (enum told_kind)once[i].kind, once[i].id);
            assert_non_null(there);
            assert_told(there, &once[i]);
        }
    }
}

/* --- in a record --- */

static rd_kafka_headers_t *headers; /* what was read last borrows from them */

static enum told_read read_back(const struct kafka_header *header, size_t count, struct text *field, struct told_record *record)
{
    if (headers) rd_kafka_headers_destroy(headers);
    headers = rd_kafka_headers_new(count);
    for (size_t i = 0; i < count; i++) rd_kafka_header_add(headers, header[i].name, -1, header[i].value, (ssize_t)header[i].bytes);
    return told_record_of(headers, field, record);
}

static void a_record_bears_what_it_proves(void **state)
{
    (void)state;
    struct told_record record = {.told = {full, of_kind(TOLD_NOTICE, 9, 5)}, .tolds = 2, .revision = UINT64_MAX, .counted = true, .counts = {1, 0, 0, -3, 0, 7}, .unit = TEXT("wuye")};
    struct told_record again;
    struct told_headers made;
    struct text field;
    told_headers_make(&made, TEXT("tML2024093000123"), &record);
    assert_int_equal(made.count, 6);
    assert_int_equal(read_back(made.header, made.count, &field, &again), TOLD_READ);
    assert_true(text_equal(field, TEXT("tML2024093000123")) && text_equal(again.unit, TEXT("wuye")));
    assert_true(again.tolds == 2 && again.revision == UINT64_MAX && again.counted);
    assert_told(&again.told[0], &record.told[0]);
    assert_told(&again.told[1], &record.told[1]);
    assert_memory_equal(again.counts, record.counts, sizeof record.counts);
    told_headers_make(&made, TEXT("r1"), &(struct told_record){.revision = 5}); /* that a notice was sent */
    assert_int_equal(read_back(made.header, made.count, &field, &again), TOLD_READ);
    assert_true(again.tolds == 0 && again.revision == 5 && !again.counted);
}

static void a_record_of_others_bears_nothing_and_a_damaged_one_is_told(void **state)
{
    (void)state;
    static const struct kafka_header strange[] = {{"trace", "1", 1}}, damaged[] = {{"case", "t1", 2}, {"told", "1 0", 3}}, revision[] = {{"case", "t1", 2}, {"revision", "1x", 2}};
    struct kafka_header many[TOLD_RECORD_MAX + 2] = {{"case", "t1", 2}};
    for (size_t i = 1; i < TOLD_RECORD_MAX + 2; i++) many[i] = (struct kafka_header){"told", "1 0 0 0 0 0 0 0 0 0 0 0 0", 25};
    struct told_record record;
    struct text field;
    assert_int_equal(read_back(strange, 1, &field, &record), TOLD_NOT_BORNE);
    assert_int_equal(read_back(damaged, 2, &field, &record), TOLD_UNREADABLE);
    assert_int_equal(read_back(revision, 2, &field, &record), TOLD_UNREADABLE);
    assert_int_equal(read_back(many, TOLD_RECORD_MAX + 1, &field, &record), TOLD_READ);
    assert_int_equal(read_back(many, TOLD_RECORD_MAX + 2, &field, &record), TOLD_UNREADABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_entry_reads_back_as_it_was),
                                       cmocka_unit_test(what_is_no_entry_is_refused),
                                       cmocka_unit_test(counters_read_back_as_they_were),
                                       cmocka_unit_test(a_withdrawal_leaves_the_overdue_told),
                                       cmocka_unit_test(a_withdrawal_is_owed_once),
                                       cmocka_unit_test(a_delivered_notice_forgets_who_had_it_first),
                                       cmocka_unit_test(a_notice_that_ends_otherwise_remembers_who_had_it),
                                       cmocka_unit_test(a_case_holds_so_many_and_says_so),
                                       cmocka_unit_test(applying_a_history_again_changes_nothing),
                                       cmocka_unit_test(a_record_bears_what_it_proves),
                                       cmocka_unit_test(a_record_of_others_bears_nothing_and_a_damaged_one_is_told)};
    if (life_open("conf/policy/meilong-2024.json")) return EXIT_FAILURE;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (headers) rd_kafka_headers_destroy(headers);
    life_close();
    return failed;
}
