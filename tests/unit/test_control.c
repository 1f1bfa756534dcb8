/* Control records: each kind written and read again, each fault by its name, and content that is not what its hash says. */
#include "tests/unit/decisions.h"

static struct control control;
static char why[256];

static const char *parsed(const char *text)
{
    control_clear(&control);
    return control_parse(&control, text, strlen(text), why, sizeof why);
}

/* The record that says so, with " for '. */
static const char *fault_of(const char *members)
{
    char text[2048];
    snprintf(text, sizeof text, "{'control': 1, 'id': 'x', 'at': '2024-09-02T10:00:00+08:00', 'by': 'me'%s%s}", *members ? ", " : "", members);
    char *json = quoted(text);
    const char *fault = parsed(json);
    free(json);
    return fault;
}

static void assert_fault(const char *members, const char *expected)
{
    const char *fault = fault_of(members);
    if (!fault) fail_msg("%s was taken", members);
    assert_string_equal(fault, expected);
    assert_int_equal(control.kind, CONTROL_KINDS);
    assert_null(control.policy);
    assert_null(control.calendar);
}

/* Printed, read, printed: the same. */
static void assert_round_trip(void)
{
    assert_int_equal(decisions.count, 1);
    assert_null(parsed(decisions.text[0]));
    char *again = control_print(&control, &book.zone);
    assert_string_equal(again, decisions.text[0]);
    free(again);
    decisions_end();
}

static void every_kind_is_read_as_written(void **state)
{
    (void)state;
    int64_t at_ms = ms("2024-09-02T10:00:00+08:00");
    activated("a", at_ms, "'title': '标题'", "2", "'09-03'", at_ms + 7);
    assert_round_trip();
    assert_int_equal(control.kind, CONTROL_ACTIVATE);
    assert_true(control.from_ms == at_ms + 7 && control.at_ms == at_ms && control.real_ms == at_ms);
    assert_string_equal(control.policy->title, "标题");
    assert_string_equal(calendar_version(control.calendar), "test 2");
    activated("a", at_ms, "", NULL, NULL, INT64_MIN);
    assert_round_trip();
    assert_true(control.from_ms == INT64_MIN && !control.calendar);
    activated("a", at_ms, NULL, "2", "", INT64_MIN);
    assert_round_trip();
    assert_null(control.policy);
    recalculated("r", at_ms, INT64_MIN, at_ms);
    assert_round_trip();
    assert_true(control.from_ms == INT64_MIN && control.to_ms == at_ms);
    recalculated("r", at_ms, at_ms, INT64_MAX);
    assert_round_trip();
    assert_true(control.from_ms == at_ms && control.to_ms == INT64_MAX);
    took_back(CONTROL_UNDO, "u", at_ms, "r");
    assert_round_trip();
    assert_string_equal(control.of, "r");
    took_back(CONTROL_WITHDRAW, "w", at_ms, "a");
    assert_round_trip();
    assert_int_equal(control.kind, CONTROL_WITHDRAW);
    struct control forget = {.kind = CONTROL_FORGET};
    control_citizen(forget.citizen, TEXT("k1:AAAA"));
    decided(forget, "f", at_ms);
    assert_round_trip();
    assert_memory_equal(control.citizen, forget.citizen, sizeof control.citizen);
    assert_string_equal(control_kind_name(control.kind), "forget");
    silenced("s", at_ms, "wuye", "", at_ms + 5, at_ms + 6);
    assert_round_trip();
    assert_true(control.kind == CONTROL_SILENCE && control.from_ms == at_ms + 5 && control.to_ms == at_ms + 6 && !*control.item);
    assert_string_equal(control.unit, "wuye");
    assert_string_equal(control.reason, "系统检修");
    silenced("s", at_ms, "", "电梯", INT64_MIN, at_ms + 1);
    assert_round_trip();
    assert_true(control.from_ms == INT64_MIN && !*control.unit);
    assert_string_equal(control.item, "电梯");
    took_back(CONTROL_LIFT, "l", at_ms, "s");
    assert_round_trip();
    assert_true(control.kind == CONTROL_LIFT && !strcmp(control.of, "s"));
}

static void every_fault_is_named(void **state)
{
    (void)state;
    assert_string_equal(parsed(""), "record: expected a JSON object");
    assert_string_equal(parsed("[]"), "record: expected a JSON object");
    assert_string_equal(parsed("{} {}"), "record: expected a JSON object");
    assert_string_equal(parsed("{\"control\":1,\"control\":1}"), "record: expected a JSON object");
    assert_string_equal(parsed("{}"), "control: a record of another format");
    assert_string_equal(parsed("{\"control\":2,\"kind\":\"recalc\"}"), "control: a record of another format");
    assert_fault("", "kind: expected activate, withdraw, recalc, undo, forget, silence or lift");
    assert_fault("'kind': 'revoke'", "kind: expected activate, withdraw, recalc, undo, forget, silence or lift");
    assert_fault("'kind': 1", "kind: expected activate, withdraw, recalc, undo, forget, silence or lift");
    assert_fault("'kind': 'activate'", "policy: expected a policy, a calendar or both");
    assert_fault("'kind': 'activate', 'policy': null, 'calendar': null", "policy: expected a policy, a calendar or both");
    assert_fault("'kind': 'activate', 'policy': 5", "policy: expected an object");
    assert_fault("'kind': 'activate', 'policy': {}, 'calendar': ['2024']", "policy_sha256: is not the hash of what is there");
    assert_fault("'kind': 'activate', 'calendar': 'cn'", "calendar: expected an object");
    assert_fault("'kind': 'activate', 'policy': {}", "policy_sha256: is not the hash of what is there");
    assert_fault("'kind': 'activate', 'calendar': {}, 'calendar_sha256': 5", "calendar_sha256: is not the hash of what is there");
    assert_fault("'kind': 'activate', 'calendar': {}, 'calendar_sha256': '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8b'",
                 "calendar_sha256: is not the hash of what is there");
    assert_fault("'kind': 'activate', 'effective_from': 'yesterday'", "effective_from: expected RFC 3339 as 2024-09-30T10:15:00+08:00");
    assert_fault("'kind': 'recalc', 'received_from': 5", "received_from: expected a time");
    assert_fault("'kind': 'recalc', 'received_before': '2024-13-01T00:00:00Z'", "received_before: no such date");
    assert_fault("'kind': 'undo'", "of: expected a text");
    assert_fault("'kind': 'withdraw', 'of': ''", "of: expected a text");
    assert_fault("'kind': 'undo', 'of': '0123456789012345678901234567890123456789'", "of: expected a text");
    assert_fault("'kind': 'lift'", "of: expected a text");
    assert_fault("'kind': 'silence', 'until': '2024-09-03T10:00:00+08:00'", "reason: expected a text");
    assert_fault("'kind': 'silence', 'reason': 'x'", "until: expected a time after it begins");
    assert_fault("'kind': 'silence', 'reason': 'x', 'until': '2024-09-02T10:00:00+08:00'", "until: expected a time after it begins");
    assert_fault("'kind': 'silence', 'reason': 'x', 'from': '2024-09-04T00:00:00+08:00', 'until': '2024-09-03T10:00:00+08:00'",
                 "until: expected a time after it begins");
    assert_fault("'kind': 'silence', 'reason': 'x', 'unit': 'a', 'item': 'b', 'until': '2024-09-03T10:00:00+08:00'", "item: expected a unit or an item, not both");
    assert_fault("'kind': 'silence', 'reason': 'x', 'unit': '', 'until': '2024-09-03T10:00:00+08:00'", "unit: expected a text");
    assert_fault("'kind': 'silence', 'reason': 'x', 'item': 7, 'until': '2024-09-03T10:00:00+08:00'", "item: expected a text");
    assert_fault("'kind': 'silence', 'reason': 'x', 'from': 5, 'until': '2024-09-03T10:00:00+08:00'", "from: expected a time");
    assert_fault("'kind': 'silence', 'reason': 'x', 'until': 'soon'", "until: expected RFC 3339 as 2024-09-30T10:15:00+08:00");
    assert_null(fault_of("'kind': 'silence', 'reason': 'x', 'unit': null, 'item': null, 'until': '2024-09-03T10:00:00+08:00'"));
    assert_true(!*control.unit && !*control.item); /* null: all */
    assert_fault("'kind': 'forget'", "citizen_sha256: expected 64 hex digits");
    assert_fault("'kind': 'forget', 'citizen_sha256': '00'", "citizen_sha256: expected 64 hex digits");
    assert_fault("'kind': 'forget', 'citizen_sha256': '4413XXa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'", "citizen_sha256: expected 64 hex digits");
    assert_string_equal(parsed("{\"control\":1,\"kind\":\"recalc\",\"at\":\"2024-09-02T10:00:00+08:00\",\"by\":\"me\"}"), "id: expected a text");
    assert_string_equal(parsed("{\"control\":1,\"kind\":\"recalc\",\"id\":\"x\",\"by\":\"me\"}"), "at: expected a time");
    assert_string_equal(parsed("{\"control\":1,\"kind\":\"recalc\",\"id\":\"x\",\"at\":null,\"by\":\"me\"}"), "at: expected a time");
    assert_string_equal(parsed("{\"control\":1,\"kind\":\"recalc\",\"id\":\"x\",\"at\":\"2024-09-02T10:00:00+08:00\"}"), "by: expected a text");
    assert_string_equal(parsed("{\"control\":1,\"kind\":\"recalc\",\"id\":\"x\",\"at\":\"2024-09-02T10:00:00+08:00\",\"recorded\":1,\"by\":\"me\"}"),
                        "recorded: expected a time");
}

/* One sign changed in what was activated, and the record is not read. */
static void content_is_what_its_hash_says(void **state)
{
    (void)state;
    activated("a", ms("2024-09-02T10:00:00+08:00"), "'title': 'careful'", "2", "'09-03'", INT64_MIN);
    char *title = strstr(decisions.text[0], "careful");
    *title = 'C';
    assert_string_equal(parsed(decisions.text[0]), "policy_sha256: is not the hash of what is there");
    *title = 'c';
    char *holiday = strstr(decisions.text[0], "09-03");
    holiday[4] = '4';
    assert_string_equal(parsed(decisions.text[0]), "calendar_sha256: is not the hash of what is there");
    assert_null(control.policy);
    decisions_end();
    /* the hash is right, and what it is of is no policy, or no calendar */
    char hash[65], members[256];
    control_content_hash(hash, "{}");
    snprintf(members, sizeof members, "'kind': 'activate', 'policy': {}, 'policy_sha256': '%s'", hash);
    assert_non_null(fault_of(members));
    assert_memory_equal(why, "policy: ", 8);
    snprintf(members, sizeof members, "'kind': 'activate', 'calendar': {}, 'calendar_sha256': '%s'", hash);
    assert_non_null(fault_of(members));
    assert_memory_equal(why, "calendar: ", 10);
}

static void hostile_bytes_are_refused(void **state)
{
    (void)state;
    char deep[8192];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    assert_non_null(parsed(deep));
    assert_non_null(control_parse(&control, "{\"control\":1,\"id\":\"a\0b\"}", 24, why, sizeof why));
    assert_non_null(parsed("{\"control\":1,\"kind\":\"undo\",\"id\":\"a\\u0000b\",\"at\":\"2024-09-02T10:00:00+08:00\",\"by\":\"me\",\"of\":\"x\"}"));
    activated("a", ms("2024-09-02T10:00:00+08:00"), "", "2", "", INT64_MIN);
    size_t bytes = strlen(decisions.text[0]);
    for (size_t cut = 0; cut < bytes; cut++) {
        control_clear(&control);
        assert_non_null(control_parse(&control, decisions.text[0], cut, why, sizeof why));
    }
    for (int i = 0; i < 2000; i++) { /* a byte changed: refused, or a record all the same */
        char *copy = strdup(decisions.text[0]);
        copy[draw((uint32_t)bytes)] = (char)draw(256);
        control_clear(&control);
        const char *fault = control_parse(&control, copy, bytes, why, sizeof why);
        assert_true(!fault || *fault);
        free(copy);
    }
    decisions_end();
}

/* Names of people and records come from a command line. */
static void what_is_no_utf8_is_no_crash(void **state)
{
    (void)state;
    rulebook_zone("Asia/Shanghai");
    struct control undo = {.kind = CONTROL_UNDO, .at_ms = ms("2024-09-02T10:00:00+08:00"), .id = "u", .of = "\xff\xfe", .by = "me"};
    char *text = control_print(&undo, &book.zone);
    assert_string_equal(parsed(text), "of: expected a text");
    free(text);
    struct control recalc = {.kind = CONTROL_RECALC, .at_ms = ms("2024-09-02T10:00:00+08:00"), .id = "r", .by = "\xe7\x8e", .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    text = control_print(&recalc, &book.zone);
    assert_null(parsed(text));
    assert_string_equal(control.by, "?");
    free(text);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_is_read_as_written), cmocka_unit_test(every_fault_is_named),
                                       cmocka_unit_test(content_is_what_its_hash_says), cmocka_unit_test(hostile_bytes_are_refused),
                                       cmocka_unit_test(what_is_no_utf8_is_no_crash)};
    int failed = cmocka_run_group_tests_name("control", tests, NULL, NULL);
    control_clear(&control);
    decisions_end();
    rulebook_close();
    life_close();
    return failed;
}
