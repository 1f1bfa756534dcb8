/* One case through commits: what the sums gain and lose, the next timer, what is owed, the blob. */
#include "sla/change.h"

#include "tests/unit/lives.h"

static struct changer changer;
static struct rulebook one = {.one = &life.rules};

static void open_at(const char *now)
{
    rulebook_of("conf/policy/meilong-2024.json");
    changer_open(&changer, &one, 60000);
    changer.now_ms = ms(now);
}

static int32_t summed(enum counter counter)
{
    int32_t sum = 0;
    for (const struct tally_row *row = changer.tally.rows; row; row = row->hh.next) sum += row->delta[counter];
    return sum;
}

/* A case as it was stored, with one event more; its blob is kept for the next commit. */
static void commit(struct change *change, struct buffer *stored, struct event event)
{
    assert_null(change_begin(change, &changer, OF_TICKET, TEXT("ML1"), stored->bytes ? stored->data : NULL, stored->bytes));
    assert_int_equal(change_add(change, &event), CASE_ADDED);
    assert_int_equal(change_add(change, &event), CASE_DUPLICATE);
    assert_true(change_finish(change, &changer));
}

static void keep(struct change *change, struct buffer *stored)
{
    buffer_clear(stored);
    buffer_add(stored, change->blob.at, change->blob.bytes);
    change_end(change);
    changer_clear(&changer);
}

static void each_commit_carries_what_changed(void **state)
{
    (void)state;
    struct change change;
    struct buffer stored;
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    open_at("2024-09-02T10:00:00+08:00");
    commit(&change, &stored, of_unit(event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00"), "wuye"));
    assert_false(change.stored);
    assert_int_equal(summed(COUNT_RECEIVED), 1);
    assert_int_equal(summed(COUNT_OPEN), 1);
    assert_true(change.due_moved);
    assert_false(change.owes);
    assert_true(change.retry_ms == INT64_MAX);
    assert_instant(change.file.due_ms, "2024-09-05T09:00:00+08:00"); /* two working days before the 9th */
    keep(&change, &stored);
    commit(&change, &stored, of_unit(event_at(TICKET_TRANSFERRED, "2024-09-02T11:00:00+08:00"), "chengguan")); /* later than now: waits */
    assert_true(change.stored);
    assert_memory_equal(change.expected, stored.data, CASE_CHECKSUM_BYTES);
    assert_null(changer.tally.rows);
    assert_instant(change.file.due_ms, "2024-09-02T11:00:00+08:00");
    keep(&change, &stored);
    changer.now_ms = ms("2024-09-02T12:00:00+08:00");
    commit(&change, &stored, event_at(TICKET_URGED, "2024-09-02T11:30:00+08:00"));
    assert_int_equal(summed(COUNT_TRANSFERRED), 1);
    assert_int_equal(summed(COUNT_URGED), 1);
    assert_int_equal(summed(COUNT_OPEN), 0); /* one taken away, one added */
    change_count(&change, &changer);
    assert_int_equal(summed(COUNT_URGED), 2); /* for those who cleared the sums since */
    keep(&change, &stored);
    changer.now_ms = ms("2024-09-02T11:00:00+08:00"); /* a clock behind: the case is not folded back */
    commit(&change, &stored, event_at(TICKET_SIGNED, "2024-09-02T11:40:00+08:00"));
    assert_instant(change.file.as_of_ms, "2024-09-02T12:00:00+08:00");
    assert_false(change.due_moved);
    keep(&change, &stored);
    buffer_free(&stored);
    changer_close(&changer);
}

static void what_is_owed_is_waited_for_or_not(void **state)
{
    (void)state;
    struct change change;
    struct buffer stored;
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    open_at("2024-09-09T14:00:00+08:00");
    commit(&change, &stored, of_unit(event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00"), "wuye"));
    assert_true(change.owes); /* the reminder of the last day */
    keep(&change, &stored);
    assert_null(change_begin(&change, &changer, OF_TICKET, TEXT("ML1"), stored.data, stored.bytes));
    struct told told = changer.demands.at[0].told;
    told.status = TOLD_PENDING;
    told.next_try_ms = 1000;
    assert_true(case_tell(&change.file, &told));
    assert_true(change_finish(&change, &changer));
    assert_false(change.owes); /* a try is waiting */
    assert_int_equal(change.retry_ms, 1000);
    told.status = TOLD_DELIVERED;
    assert_true(case_tell(&change.file, &told));
    told.id++;
    told.status = TOLD_PENDING;
    told.next_try_ms = 2000;
    assert_true(case_tell(&change.file, &told));
    assert_true(change_finish(&change, &changer));
    assert_true(change.owes); /* a try that nothing waits for */
    assert_int_equal(change.retry_ms, 2000);
    change.file.tolds = 0; /* something else is owed than what two tries are about */
    assert_true(case_tell(&change.file, &(struct told){.kind = TOLD_MILESTONE, .status = TOLD_DELIVERED, .id = 10}));
    assert_true(case_tell(&change.file, &(struct told){.kind = TOLD_NOTICE, .status = TOLD_EXHAUSTED, .id = 10}));
    assert_true(case_tell(&change.file, &(struct told){.kind = TOLD_RECIPIENT, .status = TOLD_PENDING, .id = 10, .next_try_ms = 1000})); /* no try of its own */
    for (told.id = 11; told.id < 13; told.id++, told.next_try_ms += 1000) assert_true(case_tell(&change.file, &told));
    assert_true(change_finish(&change, &changer));
    assert_true(change.owes);
    assert_int_equal(changer.demands.count, 1);
    assert_int_equal(change.retry_ms, 2000); /* the earlier of the two */
    change_end(&change);
    buffer_free(&stored);
    changer_close(&changer);
}

/* An event that arrives late takes contributions away and leaves the first as they were. */
static void a_correction_takes_away(void **state)
{
    (void)state;
    struct change change;
    struct buffer stored;
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    open_at("2024-09-20T10:00:00+08:00");
    commit(&change, &stored, of_unit(event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00"), "wuye"));
    assert_int_equal(summed(COUNT_MISSED), 1);
    assert_int_equal(summed(COUNT_OPEN_OVERDUE), 1);
    keep(&change, &stored);
    struct event grant = of_days(event_at(TICKET_EXTENSION_REFUSED, "2024-09-03T10:00:00+08:00"), 1);
    commit(&change, &stored, grant); /* changes nothing */
    assert_null(changer.tally.rows);
    keep(&change, &stored);
    assert_null(change_begin(&change, &changer, OF_TICKET, TEXT("ML1"), stored.data, stored.bytes));
    change.file.as_of_ms = INT64_MIN;
    changer.now_ms = ms("2024-09-03T12:00:00+08:00"); /* as of an earlier instant: not missed yet */
    assert_true(change_finish(&change, &changer));
    assert_int_equal(summed(COUNT_MISSED), -1);
    assert_int_equal(summed(COUNT_OPEN_OVERDUE), -1);
    assert_int_equal(summed(COUNT_RECEIVED), 0);
    change_end(&change);
    changer_clear(&changer);
    struct event rating = event_at(RATING_SUBMITTED, "2024-09-02T10:00:00+08:00");
    rating.satisfaction = 1;
    changer.now_ms = ms("2024-09-20T10:00:00+08:00");
    assert_null(change_begin(&change, &changer, OF_RATING, TEXT("R1"), NULL, 0));
    assert_int_equal(change_add(&change, &rating), CASE_ADDED);
    assert_true(change_finish(&change, &changer));
    keep(&change, &stored);
    assert_null(change_begin(&change, &changer, OF_RATING, TEXT("R1"), stored.data, stored.bytes));
    change.file.as_of_ms = INT64_MIN;
    changer.now_ms = ms("2024-09-03T12:00:00+08:00");
    assert_true(change_finish(&change, &changer));
    assert_int_equal(summed(COUNT_RECTIFY_MISSED), -1); /* the last alone */
    assert_int_equal(summed(COUNT_BAD_REVIEWS), 0);
    change_end(&change);
    buffer_free(&stored);
    changer_close(&changer);
}

static void damage_is_said(void **state)
{
    (void)state;
    struct change change;
    open_at("2024-09-02T10:00:00+08:00");
    assert_string_equal(change_begin(&change, &changer, OF_TICKET, TEXT("ML1"), "12345678", 8), "a case cut short");
    change_end(&change);
    changer_close(&changer);
}

static void a_blob_too_long_is_not_committed(void **state)
{
    (void)state;
    struct change change;
    open_at("2024-09-02T10:00:00+08:00");
    assert_null(change_begin(&change, &changer, OF_TICKET, TEXT("ML1"), NULL, 0));
    size_t bytes = (size_t)CASE_BLOB_MAX_BYTES;
    char *unit = malloc(bytes);
    memset(unit, 'u', bytes);
    struct event event = event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00");
    event.unit = (struct text){unit, bytes};
    assert_int_equal(change_add(&change, &event), CASE_ADDED);
    assert_false(change_finish(&change, &changer));
    assert_null(changer.tally.rows);
    change_end(&change);
    changer_close(&changer);
    free(unit);
}

/* The sums of all commits are what the last fold contributes, however a life arrived. */
static void sums_of_commits_are_what_a_case_contributes(void **state)
{
    (void)state;
    struct buffer stored;
    buffer_init(&stored, CASE_BLOB_MAX_BYTES);
    rulebook_of("conf/policy/city-hours.json");
    for (int i = 0; i < 300; i++) {
        int64_t sums[COUNTERS] = {0};
        changer_open(&changer, &one, 0);
        buffer_clear(&stored);
        drawn_life(OF_TICKET, 20);
        size_t turn = draw((uint32_t)life.file.events);
        for (size_t k = 0; k < life.file.events; k++) { /* from the middle on, then from the start */
            struct change change;
            struct event event = life.file.event[(turn + k) % life.file.events];
            changer.now_ms = life.file.event[0].at_ms + (int64_t)k * DAY_MS;
            commit(&change, &stored, event);
            for (const struct tally_row *row = changer.tally.rows; row; row = row->hh.next)
                for (int c = 0; c < COUNTERS; c++) sums[c] += row->delta[c];
            keep(&change, &stored);
        }
        const struct fold *fold = fold_as_of(changer.now_ms);
        for (size_t k = 0; k < fold->contributions; k++) sums[fold->contribution[k].counter]--;
        for (int c = 0; c < COUNTERS; c++) assert_int_equal(sums[c], 0);
        changer_close(&changer);
    }
    buffer_free(&stored);
}

/* --- sums --- */

static void sums_are_kept_by_kind_day_and_name(void **state)
{
    (void)state;
    struct tally tally = {0};
    char name[400];
    memset(name, 'n', sizeof name);
    tally_add(&tally, TALLY_CASES, COUNT_OPEN, DAY_NONE, TEXT("wuye"), 1);
    tally_add(&tally, TALLY_CASES, COUNT_OPEN, 5, TEXT("wuye"), 1);
    tally_add(&tally, TALLY_RECORDS, RECORD_APPLIED, DAY_NONE, TEXT("wuye"), 1);
    tally_add(&tally, TALLY_NOTICES, NOTICE_OWED, DAY_NONE, (struct text){NULL, 0}, 1);
    tally_add(&tally, TALLY_CASES, COUNT_OPEN, DAY_NONE, (struct text){name, sizeof name}, 1);
    tally_add(&tally, TALLY_CASES, COUNT_OPEN, DAY_NONE, TEXT("wuye"), -1);
    int rows = 0, zero = 0;
    for (const struct tally_row *row = tally.rows; row; row = row->hh.next) {
        rows++;
        zero += tally_row_is_zero(row);
    }
    assert_int_equal(rows, 5);
    assert_int_equal(zero, 1);
    assert_int_equal(tally_counters(TALLY_CASES), COUNTERS);
    assert_int_equal(tally_counters(TALLY_NOTICES), NOTICE_COUNTERS);
    tally_clear(&tally);
    assert_null(tally.rows);
    tally_clear(&tally);
    tally_add(&tally, TALLY_RECORDS, RECORD_DUPLICATE, DAY_NONE, TEXT("t"), 2);
    assert_int_equal(tally.rows->delta[RECORD_DUPLICATE], 2);
    tally_free(&tally);
    tally_free(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_commit_carries_what_changed), cmocka_unit_test(what_is_owed_is_waited_for_or_not),
                                       cmocka_unit_test(a_correction_takes_away), cmocka_unit_test(damage_is_said), cmocka_unit_test(a_blob_too_long_is_not_committed),
                                       cmocka_unit_test(sums_of_commits_are_what_a_case_contributes), cmocka_unit_test(sums_are_kept_by_kind_day_and_name)};
    int failed = cmocka_run_group_tests_name("change", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
