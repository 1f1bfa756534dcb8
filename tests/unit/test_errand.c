/* What an errand tells its case: delivered, to be tried again, given up; what is counted, and when the case is to be
 * looked at again. Up to three recipients, each with an endpoint of its own. */
#include "notify/errand.h"
#include "sla/stub.h"
#include "tests/unit/life.h"

static struct endpoint endpoint[3];
static size_t recipients;
static int64_t waits_ms[] = {0, 5000};
static struct config config = {.notify = {.retry = {waits_ms, 2}, .fallback_after = 3}};
static struct demands demands;
static struct errand *errand;
static struct buffer blob;

/* The case as stored, claimed. */
static void claim(void)
{
    buffer_clear(&blob);
    assert_true(case_encode(&life.file, &blob));
    errand = calloc(1, sizeof *errand);
    assert_null(errand_begin(errand, 0, TEXT("tML2024093000123"), (struct text){blob.data, blob.bytes}, 1000, 0));
}

static void settle(struct tally *tally)
{
    assert_true(errand_apply(errand, &life.file, tally));
    errand_free(errand);
}

static const struct demand *owed_notice(const char *now)
{
    demands_owed(&demands, &life.file, fold_at(now), &life.rules, ms(now));
    for (size_t i = 0; i < demands.count; i++)
        if (demands.at[i].kind == DEMAND_NOTICE) return &demands.at[i];
    return NULL;
}

static void begin(const char *now)
{
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2024-09-30T10:15:00+08:00", "wuye");
    assert_non_null(owed_notice(now));
}

static void answer(struct notice *notice, size_t i, enum verdict_kind kind)
{
    notice->delivery[i].answered = true;
    notice->delivery[i].verdict.kind = kind;
}

static int32_t counted_notices(struct tally *tally, enum notice_counter counter)
{
    int32_t sum = 0;
    for (struct tally_row *row = tally->rows; row; row = row->hh.next)
        if (row->of == TALLY_NOTICES) sum += row->delta[counter];
    return sum;
}

/* Planned as if there were room everywhere: to all that do not have it. */
static struct notice *send(const char *now)
{
    const struct demand *demand = owed_notice(now);
    claim();
    struct notice *notice = errand_add_notice(errand, demand, "ntc_1", recipients);
    for (size_t i = 0; i < recipients; i++) {
        struct recipient to = {.key = i + 1, .places = 1, .place = {{.endpoint = &endpoint[i]}}};
        part_begin(&notice->part[i], &to, demand->told.id, &errand->file);
        if (notice->part[i].state == PART_SETTLED) continue;
        notice->part[i].state = PART_SENT;
        notice->part[i].delivery = errand_add_delivery(notice, &endpoint[i]);
    }
    return notice;
}

/* One attempt at the first reminder, concluded at real_ms and settled; verdicts[i] is the i-th endpoint's answer. */
static void attempt(const enum verdict_kind *verdicts, int64_t real_ms, struct tally *tally)
{
    struct notice *notice = send("2024-10-10T09:00:00+08:00");
    for (size_t i = 0; i < notice->deliveries; i++) answer(notice, i, verdicts[i]);
    errand_conclude(errand, notice, &config, real_ms, 0);
    settle(tally);
}

static void delivered_is_told_and_owed_no_more(void **state)
{
    struct tally tally = {0};
    (void)state;
    recipients = 1;
    begin("2024-10-10T09:00:00+08:00");
    attempt((enum verdict_kind[]){VERDICT_DELIVERED}, 1000, &tally);
    assert_null(owed_notice("2024-10-10T09:00:00+08:00"));
    assert_int_equal(counted_notices(&tally, NOTICE_OWED), 1);
    assert_int_equal(counted_notices(&tally, NOTICE_DELIVERED), 1);
    assert_int_equal(counted_notices(&tally, NOTICE_ATTEMPTS), 1);
    tally_free(&tally);
}

static void failures_are_tried_again_and_then_given_up(void **state)
{
    struct tally tally = {0};
    (void)state;
    recipients = 1;
    begin("2024-10-10T09:00:00+08:00");
    attempt((enum verdict_kind[]){VERDICT_RETRY}, 1000, &tally);
    assert_int_equal(life.file.told[0].status, TOLD_PENDING);
    assert_int_equal(life.file.told[0].next_try_ms, 6000);
    assert_non_null(owed_notice("2024-10-10T09:00:00+08:00"));

    attempt((enum verdict_kind[]){VERDICT_RETRY}, 7000, &tally);
    assert_int_equal(life.file.tolds, 1);
    assert_int_equal(life.file.told[0].status, TOLD_EXHAUSTED);
    assert_null(owed_notice("2024-10-10T09:00:00+08:00"));
    assert_int_equal(counted_notices(&tally, NOTICE_OWED), 1);
    assert_int_equal(counted_notices(&tally, NOTICE_EXHAUSTED), 1);
    assert_int_equal(counted_notices(&tally, NOTICE_ATTEMPTS), 2);
    tally_free(&tally);
}

static void gone_is_given_up_at_once(void **state)
{
    struct tally tally = {0};
    (void)state;
    recipients = 1;
    begin("2024-10-10T09:00:00+08:00");
    attempt((enum verdict_kind[]){VERDICT_GONE}, 1000, &tally);
    assert_int_equal(life.file.told[0].status, TOLD_EXHAUSTED);
    tally_free(&tally);
}

static void of_several_endpoints_only_those_that_failed_are_asked_again(void **state)
{
    struct tally tally = {0};
    (void)state;
    recipients = 3;
    begin("2024-10-10T09:00:00+08:00");
    attempt((enum verdict_kind[]){VERDICT_DELIVERED, VERDICT_RETRY, VERDICT_DELIVERED}, 1000, &tally);
    assert_int_equal(life.file.tolds, 4);

    struct notice *notice = send("2024-10-10T09:00:00+08:00");
    assert_int_equal(notice->deliveries, 1);
    assert_ptr_equal(notice->delivery[0].endpoint, &endpoint[1]);
    answer(notice, 0, VERDICT_DELIVERED);
    errand_conclude(errand, notice, &config, 7000, 0);
    settle(&tally);
    assert_int_equal(life.file.tolds, 1);
    assert_int_equal(life.file.told[0].status, TOLD_DELIVERED);
    assert_int_equal(counted_notices(&tally, NOTICE_DELIVERED), 1);
    assert_int_equal(counted_notices(&tally, NOTICE_ATTEMPTS), 4);
    tally_free(&tally);
}

static void what_was_withheld_is_no_attempt(void **state)
{
    struct tally tally = {0};
    (void)state;
    recipients = 2;
    begin("2024-10-10T09:00:00+08:00");
    struct notice *notice = send("2024-10-10T09:00:00+08:00");
    notice->delivery[0].withheld = notice->delivery[1].withheld = true;
    errand_conclude(errand, notice, &config, 1000, 0);
    assert_true(notice->dropped);
    settle(&tally);
    assert_int_equal(life.file.tolds, 0);
    assert_int_equal(counted_notices(&tally, NOTICE_OWED), 0);
    tally_free(&tally);
}

static void one_that_was_withheld_is_asked_again_and_the_other_is_not(void **state)
{
    struct tally tally = {0};
    (void)state;
    recipients = 2;
    begin("2024-10-10T09:00:00+08:00");
    struct notice *notice = send("2024-10-10T09:00:00+08:00");
    answer(notice, 0, VERDICT_DELIVERED);
    notice->delivery[1].withheld = true;
    uint64_t id = notice->demand.told.id;
    errand_conclude(errand, notice, &config, 1000, 0);
    settle(&tally);
    assert_int_equal(life.file.tolds, 2);
    assert_int_equal(case_told(&life.file, TOLD_NOTICE, id)->status, TOLD_PENDING);
    notice = send("2024-10-10T09:00:00+08:00");
    assert_int_equal(notice->deliveries, 1);
    assert_ptr_equal(notice->delivery[0].endpoint, &endpoint[1]);
    notice->delivery[0].withheld = true; /* once more: nothing to tell */
    errand_conclude(errand, notice, &config, 2000, 0);
    assert_true(notice->dropped);
    assert_null(errand->tells);
    errand_free(errand);
    tally_free(&tally);
}

static void an_overdue_that_some_endpoint_has_is_corrected(void **state)
{
    struct tally tally = {0};
    (void)state;
    recipients = 2;
    begin("2024-10-13T00:00:01+08:00");
    struct notice *notice = send("2024-10-13T00:00:01+08:00");
    answer(notice, 0, VERDICT_DELIVERED);
    answer(notice, 1, VERDICT_GONE);
    notice->demand.told.attempts = 0;
    errand_conclude(errand, notice, &config, 1000, 0);
    settle(&tally);
    step(TICKET_ANSWERED, "2024-10-11T16:00:00+08:00"); /* in time, told late */
    owed_notice("2024-10-13T00:00:02+08:00");
    size_t retractions = 0;
    for (size_t i = 0; i < demands.count; i++) retractions += demands.at[i].kind == DEMAND_RETRACT;
    assert_int_equal(retractions, 1);
    tally_free(&tally);
}

static void what_is_pending_and_put_off_waits_for_the_later_of_both(void **state)
{
    struct tally tally = {0};
    struct change change = {.retry_ms = INT64_MAX};
    (void)state;
    recipients = 1;
    begin("2024-10-10T09:00:00+08:00");
    attempt((enum verdict_kind[]){VERDICT_RETRY}, 1000, &tally);
    const struct demand *demand = owed_notice("2024-10-10T09:00:00+08:00");
    claim(); /* its time has come, but there is no room */
    errand_put_off(errand, demand->told.id, 9000);
    change.file = life.file;
    assert_int_equal(errand_next_look(errand, &change, &demands), 9000);
    errand_free(errand);
    tally_free(&tally);
}

static void steps_passed_over_count_once(void **state)
{
    struct tally tally = {0};
    (void)state;
    recipients = 1;
    begin("2024-10-10T09:00:00+08:00");
    struct notice *notice = send("2024-10-12T14:00:00+08:00"); /* two reminders were passed over */
    assert_int_equal(notice->demand.superseded, 2);
    answer(notice, 0, VERDICT_DELIVERED);
    errand_conclude(errand, notice, &config, 1000, 0);
    settle(&tally);
    assert_int_equal(counted_notices(&tally, NOTICE_OWED), 3);
    assert_int_equal(counted_notices(&tally, NOTICE_SUPERSEDED), 2);
    assert_int_equal(counted_notices(&tally, NOTICE_DELIVERED), 1);
    tally_free(&tally);
}

/* What is left to a digest is so from its commit on: a digest put together before that did not see it. */
static void what_is_left_to_a_digest_is_so_once_committed(void **state)
{
    struct tally tally = {0};
    (void)state;
    begin("2024-10-14T09:00:00+08:00");
    recipients = 1;
    struct notice *notice = send("2024-10-14T09:00:00+08:00");
    struct part *part = &notice->part[0];
    part->state = PART_GATHERED;
    part->told.status = TOLD_GATHERED;
    part->told.at_ms = 1000;
    part->hold_ms = 90000;
    uint64_t id = part->told.id;
    errand_conclude(errand, notice, &config, 1000, 0);
    errand_stamp(errand, 7000);
    settle(&tally);
    const struct told *told = case_told(&life.file, TOLD_RECIPIENT, id);
    assert_non_null(told);
    assert_int_equal(told->at_ms, 7000);
    tally_free(&tally);
}

static void revisions_rise_and_follow_the_clock(void **state)
{
    (void)state;
    recipients = 1;
    begin("2024-10-10T09:00:00+08:00");
    life.file.revision = 500;
    claim();
    assert_int_equal(errand_next_revision(errand, 100), 501);
    assert_int_equal(errand_next_revision(errand, 100), 502);
    assert_int_equal(errand_next_revision(errand, 9000), 9000);
    errand_free(errand);
}

static void a_case_is_looked_at_again_when_it_must_be(void **state)
{
    struct tally tally = {0};
    struct change change = {.retry_ms = INT64_MAX};
    (void)state;
    recipients = 1;
    begin("2024-10-10T09:00:00+08:00");
    const struct demand *demand = owed_notice("2024-10-10T09:00:00+08:00");
    claim();
    change.file = life.file;
    assert_int_equal(errand_next_look(errand, &change, &demands), 0);
    errand_put_off(errand, demand->told.id, 4000);
    assert_int_equal(errand_next_look(errand, &change, &demands), 4000);
    errand_free(errand);

    struct notice *notice = send("2024-10-10T09:00:00+08:00");
    answer(notice, 0, VERDICT_RETRY);
    errand_conclude(errand, notice, &config, 1000, 0);
    assert_true(errand_apply(errand, &life.file, &tally));
    change.file = life.file;
    assert_non_null(owed_notice("2024-10-10T09:00:00+08:00"));
    assert_int_equal(errand_next_look(errand, &change, &demands), 6000);
    demands.count = 0; /* answered meanwhile: what is pending must be put away */
    assert_int_equal(errand_next_look(errand, &change, &demands), 0);
    demands.cut = true; /* there was no room for all that is demanded: nobody can say that it is not */
    assert_int_equal(errand_next_look(errand, &change, &demands), 6000);
    demands.cut = false;
    errand_free(errand);
    tally_free(&tally);
}

/* Its clock is history by then: a correction would follow for something that nobody can look up any more. */
static void a_case_that_shrank_meanwhile_is_told_nothing(void **state)
{
    (void)state;
    struct tally tally = {0};
    struct pool pool = {0};
    recipients = 1;
    begin("2024-10-10T09:00:00+08:00");
    struct notice *notice = send("2024-10-10T09:00:00+08:00");
    answer(notice, 0, VERDICT_DELIVERED);
    errand_conclude(errand, notice, &config, 1000, 0);
    step(TICKET_CLOSED, "2024-10-10T10:00:00+08:00");
    life.file.stub = stub_make(fold_at("2025-11-14T09:59:59+08:00"), &life.file, &life.rules, ms("2025-11-14T10:00:00+08:00"), &pool);
    life.file.events = 0;
    settle(&tally);
    assert_int_equal(life.file.tolds, 0);
    assert_int_equal(counted_notices(&tally, NOTICE_DELIVERED), 1);
    tally_free(&tally);
    pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivered_is_told_and_owed_no_more), cmocka_unit_test(failures_are_tried_again_and_then_given_up),
        cmocka_unit_test(gone_is_given_up_at_once), cmocka_unit_test(of_several_endpoints_only_those_that_failed_are_asked_again),
        cmocka_unit_test(what_was_withheld_is_no_attempt),
        cmocka_unit_test(one_that_was_withheld_is_asked_again_and_the_other_is_not), cmocka_unit_test(an_overdue_that_some_endpoint_has_is_corrected),
        cmocka_unit_test(what_is_pending_and_put_off_waits_for_the_later_of_both), cmocka_unit_test(steps_passed_over_count_once),
        cmocka_unit_test(what_is_left_to_a_digest_is_so_once_committed),
                                       cmocka_unit_test(revisions_rise_and_follow_the_clock), cmocka_unit_test(a_case_is_looked_at_again_when_it_must_be),
        cmocka_unit_test(a_case_that_shrank_meanwhile_is_told_nothing)};
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    buffer_init(&blob, CASE_BLOB_MAX_BYTES);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_free(&blob);
    life_close();
    return failed;
}
