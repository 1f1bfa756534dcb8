/* A case's events, each once and in order; what is told of it; how it is printed. */
#include "common/arena.h"
#include "sla/case_json.h"
#include "tests/unit/lives.h"

static void an_event_is_kept_once_and_in_its_place(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    struct event late = event_at(TICKET_CLOSED, "2024-09-03T10:00:00+08:00"), early = event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00");
    assert_int_equal(case_add(&life.file, &late, NULL), CASE_ADDED);
    assert_int_equal(case_add(&life.file, &early, NULL), CASE_ADDED);
    assert_int_equal(life.file.event[0].type, TICKET_RECEIVED);
    late.type = TICKET_SIGNED; /* the same key: the first stands */
    assert_int_equal(case_add(&life.file, &late, NULL), CASE_DUPLICATE);
    assert_int_equal(life.file.events, 2);
    assert_int_equal(life.file.event[1].type, TICKET_CLOSED);
    assert_int_equal(life.file.duplicates, 1);
    case_empty(&life.file);
    assert_int_equal(life.file.events + life.file.duplicates + life.file.tolds, 0);
    assert_true(life.file.as_of_ms == INT64_MIN && life.file.due_ms == INT64_MAX);
}

static void with_a_pool_texts_are_copied(void **state)
{
    (void)state;
    struct pool pool = {0};
    char unit[] = "wuye", item[] = "Pothole";
    life_begin(OF_TICKET);
    struct event event = event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00");
    event.unit = (struct text){unit, 4};
    detail_of(&event)->item = (struct text){item, 7};
    detail_of(&event)->due_ms = 5;
    assert_int_equal(case_add(&life.file, &event, &pool), CASE_ADDED);
    event = event_at(TICKET_SIGNED, "2024-09-02T11:00:00+08:00");
    assert_int_equal(case_add(&life.file, &event, &pool), CASE_ADDED);
    memset(unit, 'x', 4);
    memset(item, 'x', 7);
    assert_true(text_equal(life.file.event[0].unit, TEXT("wuye")));
    assert_true(text_equal(life.file.event[0].detail->item, TEXT("Pothole")));
    assert_int_equal(life.file.event[0].detail->due_ms, 5);
    assert_null(life.file.event[1].detail);
    assert_null(life.file.event[1].unit.at);
    case_clear(&life.file);
    pool_free(&pool);
}

static void a_case_ends_at_65535_events(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    struct event event = event_at(TICKET_URGED, "2024-09-02T10:00:00+08:00");
    case_reserve(&life.file, CASE_EVENTS_MAX + 1);
    assert_true(life.file.room > CASE_EVENTS_MAX);
    for (life.file.events = 0; life.file.events < CASE_EVENTS_MAX; life.file.events++) { /* added one by one it took a minute */
        memcpy(event.key, &life.file.events, sizeof event.key);
        life.file.event[life.file.events] = event;
    }
    uint64_t other = UINT64_MAX;
    memcpy(event.key, &other, sizeof event.key);
    assert_int_equal(case_add(&life.file, &event, NULL), CASE_FULL);
    life.file.events--;
    assert_int_equal(case_add(&life.file, &event, NULL), CASE_ADDED);
}

static void what_is_told_is_told_once_under_its_id(void **state)
{
    (void)state;
    life_begin(OF_TICKET);
    struct told told = {.kind = TOLD_NOTICE, .id = 7, .status = TOLD_PENDING};
    assert_true(case_tell(&life.file, &told));
    told.status = TOLD_DELIVERED;
    assert_true(case_tell(&life.file, &told));
    told.kind = TOLD_OVERDUE;
    assert_true(case_tell(&life.file, &told));
    assert_int_equal(life.file.tolds, 2);
    assert_int_equal(case_told(&life.file, TOLD_NOTICE, 7)->status, TOLD_DELIVERED);
    assert_null(case_told(&life.file, TOLD_NOTICE, 8));
    case_untell(&life.file, TOLD_NOTICE, 8);
    case_untell(&life.file, TOLD_NOTICE, 7);
    assert_int_equal(life.file.tolds, 1);
    for (uint64_t id = 100; life.file.tolds < CASE_TOLD_MAX; id++) {
        told.id = id;
        assert_true(case_tell(&life.file, &told));
    }
    told.id = 99;
    assert_false(case_tell(&life.file, &told));
    assert_string_equal(told_kind_name(TOLD_RECIPIENT), "recipient");
    assert_string_equal(told_status_name(TOLD_SHADOWED), "shadowed");
}

static void cases_spread_over_shards(void **state)
{
    (void)state;
    int cases[8] = {0};
    char id[32];
    for (int i = 0; i < 4000; i++) {
        snprintf(id, sizeof id, "ML%d", i);
        unsigned shard = case_shard(OF_TICKET, text_of(id), 8);
        assert_true(shard < 8);
        assert_int_equal(case_shard(OF_TICKET, text_of(id), 8), shard);
        cases[shard]++;
    }
    for (int i = 0; i < 8; i++) assert_in_range(cases[i], 400, 600);
    int moved = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(id, sizeof id, "ML%d", i);
        moved += case_shard(OF_RATING, text_of(id), 8) != case_shard(OF_TICKET, text_of(id), 8);
    }
    assert_true(moved > 50); /* a rating of the same id is another case */
}

/* --- printed --- */

static char *printed(bool with_duplicates)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    assert_true(case_print(out, &life.file, &life.fold, &life.rules, with_duplicates));
    fclose(out);
    return text;
}

static void a_case_without_receipt_is_incomplete(void **state)
{
    (void)state;
    rulebook("", "Asia/Shanghai");
    life_begin(OF_TICKET);
    step(TICKET_SIGNED, "2024-09-02T10:00:00+08:00");
    fold_at("2024-09-02T11:00:00+08:00");
    life.file.duplicates = 3;
    char *text = printed(true);
    assert_string_equal(text, "{\"case\":\"ML2024093000123\",\"of\":\"ticket\",\"class\":null,\"state\":\"incomplete\",\"unit\":null,\"received\":null,"
                              "\"policy\":null,\"clocks\":[],\"outcome\":null,\"satisfaction\":null,\"duplicates\":3}\n");
    free(text);
}

static void what_a_policy_asks_for_stands_beside(void **state)
{
    (void)state;
    rulebook("'due': 'theirs', " GENERAL(MAIN("'limit_workdays': 5") ", {'clock': 's', 'kind': 'share', 'limit_hours': 5, 'suspends': true, 'extends': true},"
             "{'clock': 'a', 'kind': 'approval', 'limit_hours': 5, 'suspends': true, 'extends': true}, {'clock': 'm', 'kind': 'member', 'limit_hours': 5, 'suspends': true, 'extends': true}"),
             "Asia/Shanghai");
    life_begin(OF_TICKET);
    happens(with_co_units(with_due(of_unit(event_at(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00"), "wuye"), "2024-09-02T12:00:00+08:00"), CO_UNITS("shequ")));
    happens(of_days(event_at(TICKET_EXTENSION_REQUESTED, "2024-09-02T10:30:00+08:00"), 1));
    step(TICKET_ANSWERED, "2024-09-02T11:00:00+08:00");
    fold_at("2024-09-02T11:00:00+08:00");
    char *text = printed(false);
    static const char *const parts[] = {
        "\"shares\":[{\"unit\":\"wuye\",\"round\":1,\"from\":\"2024-09-02T10:00:00+08:00\",\"to\":\"2024-09-02T11:00:00+08:00\",\"held_ms\":3600000,\"clock\":{\"name\":\"s\",",
        "\"approvals\":[{\"name\":\"a\",\"round\":1,", "\"members\":[{\"unit\":\"shequ\",\"name\":\"m\",",
        "\"due\":{\"theirs\":\"2024-09-02T12:00:00+08:00\",\"ours\":\"2024-09-10T00:00:00+08:00\",\"difference_ms\":-648000000}"};
    for (size_t i = 0; i < 4; i++)
        if (!strstr(text, parts[i])) fail_msg("no %s in %s", parts[i], text);
    free(text);
}

/* A long life takes another way than a short one; what is printed is the same in form. */
static void a_long_life_is_printed_whole(void **state)
{
    (void)state;
    rulebook(GENERAL(MAIN("'limit_workdays': 5")), "Asia/Shanghai");
    life_begin(OF_TICKET);
    step_to(TICKET_RECEIVED, "2024-09-02T10:00:00+08:00", "wuye");
    case_reserve(&life.file, 60001);
    for (int i = 1; i <= 60000; i++) { /* in order already: adding looks for each key among all */
        struct event event = event_at(i % 2 ? TICKET_ANSWERED : TICKET_REOPENED, "2024-09-02T10:00:00+08:00");
        event.at_ms += i;
        life.file.event[life.file.events++] = event;
    }
    fold_at("2024-09-02T11:00:00+08:00");
    char *text = printed(false);
    json_t *read = json_loads(text, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(read, "clocks")), life.fold.clocks);
    assert_int_equal(life.fold.clocks, 30001);
    json_decref(read);
    free(text);
}

static void a_stream_that_fails_is_noticed(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    setvbuf(full, NULL, _IONBF, 0);
    json_t *value = json_string("x"), *list = json_array();
    assert_false(json_print_line(full, value)); /* text alone is no JSON text of ours */
    json_array_append_new(list, value);
    assert_false(json_print_line(full, list));
    for (int i = 0; i < 3000; i++) json_array_append_new(list, json_integer(i));
    assert_false(json_print_line(full, list)); /* longer than a line's room */
    fclose(full);
    char *text = json_dumps(list, JSON_COMPACT), *room = malloc(strlen(text));
    full = fopen("/dev/full", "w"); /* with room for all but the end of the line */
    setvbuf(full, room, _IOFBF, strlen(text));
    assert_false(json_print_line(full, list));
    fclose(full);
    free(room);
    free(text);
    FILE *none = fopen("/dev/null", "w");
    assert_true(json_print_line(none, list));
    fclose(none);
    json_decref(list);
}

static void cases_are_named_in_order(void **state)
{
    (void)state;
    struct case_file a = {.id = TEXT("1"), .of = OF_TICKET}, b = {.id = TEXT("1"), .of = OF_RATING}, c = {.id = TEXT("2"), .of = OF_TICKET};
    assert_true(case_compare(&a, &b) < 0);
    assert_true(case_compare(&b, &c) < 0);
    assert_int_equal(case_compare(&a, &a), 0);
}

int main(void)
{
    arena_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_kept_once_and_in_its_place), cmocka_unit_test(with_a_pool_texts_are_copied),
        cmocka_unit_test(a_case_ends_at_65535_events), cmocka_unit_test(what_is_told_is_told_once_under_its_id),
        cmocka_unit_test(cases_spread_over_shards), cmocka_unit_test(a_case_without_receipt_is_incomplete),
        cmocka_unit_test(what_a_policy_asks_for_stands_beside), cmocka_unit_test(a_long_life_is_printed_whole),
        cmocka_unit_test(a_stream_that_fails_is_noticed), cmocka_unit_test(cases_are_named_in_order)};
    int failed = cmocka_run_group_tests_name("case", tests, NULL, NULL);
    rulebook_close();
    arena_release();
    return failed;
}
