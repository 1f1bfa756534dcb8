/* Chains checked: whatever is done to a log shows, and what writers do that are killed or get no answer does not. */
#include "notify/audit.h"
#include "tests/unit/unit.h"

enum { RECORDS = 200, CHAIN = 7 };

/* What the record of a place hashes to; `salt` tells another from it. */
static void hash_of(unsigned char *hash, uint64_t seq, unsigned salt)
{
    memset(hash, 0, AUDIT_HASH_BYTES);
    memcpy(hash, &seq, sizeof seq);
    hash[sizeof seq] = (unsigned char)salt;
}

static void take(struct audit *audit, uint64_t seq, unsigned salt)
{
    struct audit_record record = {.place = {3, CHAIN, seq}, .prev_ms = (int64_t)seq * 1000000 - 1000000};
    hash_of(record.hash, seq, salt);
    hash_of(record.prev, seq - 1, 0);
    audit_take(audit, &record);
}

static void tie(struct audit *audit, uint64_t seq, unsigned salt)
{
    unsigned char hash[AUDIT_HASH_BYTES];
    hash_of(hash, seq, salt);
    audit_tie(audit, &(struct audit_place){3, CHAIN, seq}, hash, (int64_t)seq * 1000000);
}

static void look(struct audit *audit, uint64_t seq, unsigned salt)
{
    unsigned char hash[AUDIT_HASH_BYTES];
    hash_of(hash, seq, salt);
    audit_look(audit, &(struct audit_place){3, CHAIN, seq}, hash, 1, (int64_t)seq + 100, "S00001");
}

/* from..to but `without`, front to back or back to front. */
static void take_all(struct audit *audit, uint64_t from, uint64_t to, uint64_t without, bool backwards)
{
    for (uint64_t i = 0; i <= to - from; i++) {
        uint64_t seq = backwards ? to - i : from + i;
        if (seq != without) take(audit, seq, 0);
    }
}

static struct audit_sums end(struct audit *audit)
{
    struct audit_sums sums;
    audit_end(audit, &sums);
    return sums;
}

static void assert_fault(struct audit *audit, enum audit_kind kind, uint64_t seq, uint64_t seq_to)
{
    size_t count;
    const struct audit_fault *fault = audit_faults(audit, &count);
    for (size_t i = 0; i < count; i++)
        if (fault[i].kind == kind && fault[i].place.seq == seq && fault[i].seq_to == seq_to) return;
    fail_msg("no fault of kind %s at %llu to %llu among %zu", audit_kind_name(kind), (unsigned long long)seq, (unsigned long long)seq_to, count);
}

static void whole_in_any_order(void **state)
{
    (void)state;
    for (int backwards = 0; backwards < 2; backwards++) {
        struct audit *audit = audit_open();
        tie(audit, RECORDS, 0);
        take_all(audit, 1, RECORDS, 0, backwards);
        struct audit_sums sums = end(audit);
        assert_int_equal(sums.records, RECORDS);
        assert_int_equal(sums.chains, 1);
        assert_int_equal(sums.faults, 0);
        assert_int_equal(sums.loose, 0);
        assert_false(audit_wants(audit, false));
        audit_close(audit);
    }
}

static void what_is_removed_is_missing(void **state)
{
    (void)state;
    for (uint64_t gone = 1; gone <= RECORDS; gone += 1) {
        struct audit *audit = audit_open();
        take_all(audit, 1, RECORDS, gone, false);
        tie(audit, RECORDS, 0);
        assert_int_equal(end(audit).faults, 1);
        if (gone > 1) look(audit, gone - 1, 0);
        assert_fault(audit, AUDIT_MISSING, gone, gone);
        size_t count;
        assert_int_equal(audit_faults(audit, &count)[0].offset, gone > 1 ? (int64_t)gone + 99 : -1);
        audit_close(audit);
    }
}

static void the_tail_and_a_whole_chain_are_missed(void **state)
{
    struct audit *audit = audit_open();
    (void)state;
    take_all(audit, 1, 150, 0, false);
    tie(audit, RECORDS, 0);
    assert_int_equal(end(audit).faults, 1);
    assert_fault(audit, AUDIT_MISSING, 151, RECORDS);
    audit_close(audit);
    audit = audit_open();
    tie(audit, RECORDS, 0);
    assert_int_equal(end(audit).faults, 1);
    assert_fault(audit, AUDIT_MISSING, 1, RECORDS);
    audit_close(audit);
}

static void what_is_changed_shows(void **state)
{
    (void)state;
    for (uint64_t changed = 1; changed <= RECORDS; changed++) {
        struct audit *audit = audit_open();
        take_all(audit, 1, RECORDS, changed, changed % 2);
        take(audit, changed, 1);
        tie(audit, RECORDS, 0);
        assert_int_equal(end(audit).faults, 1);
        assert_true(audit_wants(audit, false));
        look(audit, changed, 1);
        assert_fault(audit, changed == RECORDS ? AUDIT_HEAD : AUDIT_CHANGED, changed, changed);
        size_t count;
        const struct audit_fault *fault = audit_faults(audit, &count);
        assert_int_equal(count, 1);
        assert_int_equal(fault->offset, changed + 100);
        assert_string_equal(fault->subject, "S00001");
        audit_close(audit);
    }
}

/* A head in the middle is of a writer that lives on: by then its block may be done, and is asked for again. */
static void a_head_in_the_middle(void **state)
{
    (void)state;
    for (unsigned salt = 0; salt < 2; salt++) {
        struct audit *audit = audit_open();
        struct audit_sums sums;
        take_all(audit, 1, RECORDS, 0, false);
        tie(audit, 10, salt);
        tie(audit, RECORDS, 0);
        assert_int_equal(end(audit).faults, 0);
        assert_true(audit_wants(audit, false));
        for (uint64_t seq = 1; seq <= RECORDS; seq++) look(audit, seq, 0);
        audit_looked(audit, &sums);
        assert_int_equal(sums.faults, salt);
        if (salt) assert_fault(audit, AUDIT_HEAD, 10, 10);
        audit_close(audit);
    }
}

static void what_is_put_in_shows(void **state)
{
    (void)state;
    for (unsigned salt = 0; salt < 2; salt++) { /* the same once more is none of that */
        for (int late = 0; late < 2; late++) {
            struct audit *audit = audit_open();
            struct audit_sums sums;
            if (!late) take(audit, 20, 0);
            if (!late) take(audit, 20, salt);
            take_all(audit, 1, RECORDS, late ? 0 : 20, false);
            if (late) take(audit, 20, salt);
            tie(audit, RECORDS, 0);
            assert_int_equal(end(audit).copies, 1);
            for (uint64_t seq = 1; seq <= RECORDS; seq++) look(audit, seq, 0);
            look(audit, 20, salt);
            audit_looked(audit, &sums);
            assert_int_equal(sums.faults, salt);
            if (salt) assert_fault(audit, AUDIT_FORKED, 20, 20);
            audit_close(audit);
        }
    }
}

static void a_killed_writer_leaves_gaps_behind_its_head(void **state)
{
    struct audit *audit = audit_open();
    (void)state;
    take_all(audit, 1, 100, 0, false);
    take_all(audit, 103, 110, 105, false);
    tie(audit, 100, 0);
    struct audit_sums sums = end(audit);
    assert_int_equal(sums.faults, 0);
    assert_int_equal(sums.loose, 7);
    assert_false(audit_wants(audit, false));
    assert_true(audit_wants(audit, true));
    look(audit, 103, 0);
    assert_fault(audit, AUDIT_LOOSE, 103, 110);
    size_t count;
    assert_int_equal(audit_faults(audit, &count)->offset, 203);
    audit_close(audit);
}

static void also_behind_a_head_a_change_shows(void **state)
{
    struct audit *audit = audit_open();
    (void)state;
    take_all(audit, 1, 99, 0, false);
    take(audit, 100, 1);
    take_all(audit, 101, 110, 0, false);
    tie(audit, 50, 0);
    assert_int_equal(end(audit).faults, 1);
    assert_fault(audit, AUDIT_CHANGED, 100, 100);
    audit_close(audit);
}

/* Record n was linked at n million ms. */
static void what_is_gone_with_the_front_is_no_fault(void **state)
{
    struct audit *audit = audit_open();
    (void)state;
    take(audit, 48, 0);
    take_all(audit, 51, RECORDS, 120, false);
    tie(audit, RECORDS, 0);
    audit_front(audit, 20000000);
    audit_front(audit, 51000000);
    struct audit_sums sums = end(audit);
    assert_int_equal(sums.aged, 49);
    assert_int_equal(sums.faults, 1);
    assert_fault(audit, AUDIT_MISSING, 120, 120);
    audit_close(audit);
    audit = audit_open(); /* all of it */
    tie(audit, 50, 0);
    audit_front(audit, 51000000);
    assert_int_equal(end(audit).aged, 50);
    audit_close(audit);
    audit = audit_open(); /* not, if it is younger than the front */
    tie(audit, 52, 0);
    audit_front(audit, 51000000);
    assert_int_equal(end(audit).faults, 1);
    audit_close(audit);
}

static void more_is_read_and_worked_out_again(void **state)
{
    struct audit *audit = audit_open();
    (void)state;
    take_all(audit, 1, 100, 50, false);
    tie(audit, 100, 0);
    assert_int_equal(end(audit).faults, 1);
    take(audit, 50, 0);
    assert_int_equal(end(audit).faults, 0);
    audit_close(audit);
}

static void a_place_far_away_costs_nothing(void **state)
{
    struct audit *audit = audit_open();
    (void)state;
    take(audit, (UINT64_C(1) << 40), 0);
    assert_int_equal(end(audit).faults, 0);
    tie(audit, (UINT64_C(1) << 40), 0);
    assert_int_equal(end(audit).faults, 1);
    assert_fault(audit, AUDIT_MISSING, 1, (UINT64_C(1) << 40) - 1);
    audit_close(audit);
    audit_close(NULL);
}

static void faults_are_kept_within_bounds(void **state)
{
    struct audit *audit = audit_open();
    size_t count;
    (void)state;
    for (uint64_t seq = 1; seq <= 3 * AUDIT_FAULTS_MAX; seq += 2) take(audit, seq, 0);
    tie(audit, 3 * AUDIT_FAULTS_MAX, 0);
    assert_int_equal(end(audit).faults, 3 * AUDIT_FAULTS_MAX / 2);
    audit_faults(audit, &count);
    assert_int_equal(count, AUDIT_FAULTS_MAX);
    audit_close(audit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_in_any_order), cmocka_unit_test(what_is_removed_is_missing), cmocka_unit_test(the_tail_and_a_whole_chain_are_missed),
        cmocka_unit_test(what_is_changed_shows), cmocka_unit_test(a_head_in_the_middle), cmocka_unit_test(what_is_put_in_shows),
        cmocka_unit_test(a_killed_writer_leaves_gaps_behind_its_head), cmocka_unit_test(also_behind_a_head_a_change_shows),
        cmocka_unit_test(what_is_gone_with_the_front_is_no_fault), cmocka_unit_test(more_is_read_and_worked_out_again),
        cmocka_unit_test(a_place_far_away_costs_nothing), cmocka_unit_test(faults_are_kept_within_bounds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
