/* A place on its way through commits: what it gathers, the alert it comes to owe, and its end; what leaves the house of it. */
#include "notify/alert.h"
#include "notify/errand.h"
#include "sla/change.h"
#include "tests/unit/appealing.h"

static struct changer changer;
static char stored[16384];
static size_t stored_bytes;
static struct zone zone;

static int32_t counted(enum notice_counter counter)
{
    int32_t sum = 0;
    for (struct tally_row *row = changer.tally.rows; row; row = row->hh.next)
        if (row->of == TALLY_NOTICES && text_equal(row->name, changer.appeals.dispatcher)) sum += row->delta[counter];
    return sum;
}

static void begin(struct change *change, enum of of)
{
    changer_clear(&changer);
    assert_null(change_begin(change, &changer, of, TEXT("PLACE"), stored_bytes ? stored : NULL, stored_bytes));
}

static void finish(struct change *change)
{
    assert_true(change_finish(change, &changer));
    assert_true(change->blob.bytes <= sizeof stored);
    if (change->blob.bytes) memcpy(stored, change->blob.at, change->blob.bytes);
    stored_bytes = change->blob.bytes;
}

/* One commit with one citizen's appeal; is something owed? */
static bool appeals_at(enum of of, unsigned who, int64_t at_ms, unsigned number)
{
    struct change change;
    struct appeal appeal = appeal_by(who);
    begin(&change, of);
    change_add_appeal(&change, &changer, &appeal, at_ms, numbered(number));
    finish(&change);
    bool owes = change.owes;
    assert_false(change.due_moved);
    change_end(&change);
    return owes;
}

static void reset(void)
{
    stored_bytes = 0;
    changer.now_ms = noon_ms;
    changer.lets_go = false;
}

static void an_alert_is_owed_once_under_the_id_it_was_noted_with(void **state)
{
    (void)state;
    struct change change;
    reset();
    assert_false(appeals_at(OF_PLACE, 1, noon_ms, 1));
    assert_false(appeals_at(OF_PLACE, 2, noon_ms + 1, 2));
    assert_true(appeals_at(OF_PLACE, 3, noon_ms + 2, 3));
    assert_int_equal(counted(NOTICE_OWED), 1);
    assert_false(appeals_at(OF_PLACE, 4, noon_ms - 1, 4)); /* it rose earlier: noted all the same */
    assert_int_equal(counted(NOTICE_OWED), 0);
    begin(&change, OF_PLACE);
    assert_int_equal(change.file.tolds, 1);
    assert_true(change.file.told[0].status == TOLD_PENDING && change.file.told[0].at_ms == noon_ms + 2);
    finish(&change);
    assert_int_equal(changer.demands.count, 1);
    assert_true(changer.demands.at[0].told.id == change.file.told[0].id);
    assert_true(change.retry_ms == 0);
    change_end(&change);
}

static void only_the_sweep_lets_go_and_what_was_never_taken_up_ends_superseded(void **state)
{
    (void)state;
    struct change change;
    reset();
    for (unsigned i = 0; i < 3; i++) appeals_at(OF_PLACE, i, noon_ms + i, i);
    changer.now_ms = noon_ms + 40 * (int64_t)DAY_MS;
    begin(&change, OF_PLACE);
    assert_true(change_finish(&change, &changer));
    assert_true(change.blob.bytes > 0);
    change_end(&change);
    changer.lets_go = true;
    begin(&change, OF_PLACE);
    assert_true(change_finish(&change, &changer));
    assert_int_equal(change.blob.bytes, 0);
    assert_int_equal(counted(NOTICE_SUPERSEDED), 1);
    tally_clear(&changer.tally);
    change_count(&change, &changer);
    assert_int_equal(counted(NOTICE_SUPERSEDED), 1);
    change_end(&change);
    /* One under way stays until it is settled. */
    begin(&change, OF_PLACE);
    change.file.told[0].attempts = 1;
    assert_true(change_finish(&change, &changer));
    assert_true(change.blob.bytes > 0 && change.owes);
    change_end(&change);
}

static void the_sweep_leaves_what_is_not_past_and_takes_what_was_told(void **state)
{
    (void)state;
    struct change change;
    reset();
    for (unsigned i = 0; i < 3; i++) appeals_at(OF_PLACE, i, noon_ms + i, i);
    begin(&change, OF_PLACE);
    struct told delivered = change.file.told[0], accepted = {.kind = TOLD_RECIPIENT, .status = TOLD_DELIVERED, .id = 9, .deadline_ms = (int64_t)delivered.id};
    delivered.status = TOLD_DELIVERED;
    assert_true(case_tell(&change.file, &delivered) && case_tell(&change.file, &accepted));
    finish(&change);
    change_end(&change);
    changer.lets_go = true;
    begin(&change, OF_PLACE);
    assert_true(change_finish(&change, &changer));
    assert_true(change.blob.bytes > 0);
    change_end(&change);
    changer.now_ms += 40 * (int64_t)DAY_MS;
    begin(&change, OF_PLACE);
    assert_true(change_finish(&change, &changer));
    assert_int_equal(change.blob.bytes, 0);
    assert_int_equal(counted(NOTICE_SUPERSEDED), 0);
    change_end(&change);
}

static void what_no_entry_is_left_of_goes_at_once(void **state)
{
    (void)state;
    struct change change;
    reset();
    appeals_at(OF_APPELLANT, 1, noon_ms, 1);
    begin(&change, OF_APPELLANT);
    assert_int_equal(appeals_forget(change.appeals, citizen(1)), 1);
    assert_true(change_finish(&change, &changer));
    assert_int_equal(change.blob.bytes, 0);
    change_end(&change);
}

/* As when the ledger is read before the topics. */
static void what_was_told_waits_for_its_appeals(void **state)
{
    (void)state;
    struct change change;
    struct told told = {.kind = TOLD_NOTICE, .status = TOLD_DELIVERED, .step = STEP_CLUSTER, .at_ms = noon_ms + 2, .id = 7};
    reset();
    begin(&change, OF_PLACE);
    assert_true(case_tell(&change.file, &told));
    finish(&change);
    assert_true(stored_bytes > 0);
    change_end(&change);
    for (unsigned i = 0; i < 5; i++) assert_false(appeals_at(OF_PLACE, i, noon_ms + i, i));
    assert_int_equal(counted(NOTICE_OWED), 0);
}

static void damage_is_said(void **state)
{
    (void)state;
    struct change change;
    reset();
    appeals_at(OF_PLACE, 1, noon_ms, 1);
    stored[12] ^= 1;
    changer_clear(&changer);
    assert_non_null(change_begin(&change, &changer, OF_PLACE, TEXT("PLACE"), stored, stored_bytes));
    change_end(&change);
    assert_non_null(change_begin(&change, &changer, OF_PLACE, TEXT("PLACE"), stored, 8));
    change_end(&change);
}

static json_t *notice(unsigned citizens, const struct alert *alert)
{
    struct change change;
    reset();
    for (unsigned i = 0; i < citizens; i++) appeals_at(OF_PLACE, i % CITIZENS_MAX, noon_ms + i, i / 2);
    begin(&change, OF_PLACE);
    finish(&change);
    struct alert filled = *alert;
    filled.appeals = change.appeals;
    json_t *object = alert_notice(&filled, &changer.demands.at[0], "ntc_1");
    change_end(&change);
    return object;
}

static void the_notice_says_what_where_and_how_many_and_not_who(void **state)
{
    (void)state;
    const struct alert alert = {.place = TEXT("PLACE"), .appeal_rules = &changer.appeals, .zone = &zone, .now_ms = noon_ms};
    json_t *object = notice(250, &alert), *data = json_object_get(object, "data");
    assert_string_equal(json_string_value(json_object_get(object, "subject")), "PLACE");
    assert_string_equal(json_string_value(json_object_get(data, "item")), "noise");
    assert_string_equal(json_string_value(json_object_get(data, "unit")), "centre");
    assert_int_equal(json_integer_value(json_object_get(data, "citizens")), CITIZENS_MAX);
    assert_int_equal(json_array_size(json_object_get(data, "cases")), ALERT_CASES_MAX);
    assert_true(json_is_true(json_object_get(data, "more")));
    char *text = json_dumps(object, 0);
    assert_null(strstr(text, "k1:"));
    free(text);
    json_decref(object);
    object = notice(4, &alert); /* each case received twice */
    assert_int_equal(json_array_size(json_object_get(json_object_get(object, "data"), "cases")), 2);
    assert_true(json_is_false(json_object_get(json_object_get(object, "data"), "more")));
    json_decref(object);
}

static void an_errand_takes_up_a_place(void **state)
{
    (void)state;
    reset();
    for (unsigned i = 0; i < 3; i++) appeals_at(OF_PLACE, i, noon_ms + i, i);
    struct errand *errand = calloc(1, sizeof *errand);
    assert_null(errand_begin(errand, 0, TEXT("pPLACE"), (struct text){stored, stored_bytes}, 1000, 0));
    assert_int_equal(errand->file.of, OF_PLACE);
    assert_int_equal(errand->appeals->count, 3);
    assert_int_equal(errand->file.tolds, 1);
    errand_free(errand);
    errand = calloc(1, sizeof *errand);
    assert_non_null(errand_begin(errand, 0, TEXT("tPLACE"), (struct text){stored, stored_bytes}, 1000, 0));
    errand_free(errand);
}

int main(void)
{
    if (!zone_load(&zone, "Asia/Shanghai")) return 1;
    changer_open(&changer, NULL, 0);
    changer.appeals = rules;
    changer.appeals.dispatcher = TEXT("centre");
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_alert_is_owed_once_under_the_id_it_was_noted_with),
                                       cmocka_unit_test(only_the_sweep_lets_go_and_what_was_never_taken_up_ends_superseded),
                                       cmocka_unit_test(the_sweep_leaves_what_is_not_past_and_takes_what_was_told),
                                       cmocka_unit_test(what_no_entry_is_left_of_goes_at_once), cmocka_unit_test(damage_is_said), cmocka_unit_test(what_was_told_waits_for_its_appeals),
                                       cmocka_unit_test(the_notice_says_what_where_and_how_many_and_not_who), cmocka_unit_test(an_errand_takes_up_a_place)};
    int failed = cmocka_run_group_tests_name("alerts", tests, NULL, NULL);
    changer_close(&changer);
    pool_free(&pool);
    return failed;
}
