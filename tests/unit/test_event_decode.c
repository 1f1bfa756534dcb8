/* Every kind of bad event, what a good one leaves, and that reasons keep citizens' words to themselves. */
#include "sla/event_decode.h"
#include "common/arena.h"
#include "tests/unit/unit.h"

static struct decoder *decoder;
static struct decoded out;

#define HEAD "{\"specversion\":\"1.0\",\"id\":\"i-1\",\"source\":\"/s\",\"subject\":\"C1\",\"time\":\"2024-09-30T10:15:00+08:00\","
#define WITH(type, data) HEAD "\"type\":\"" type "\",\"data\":" data "}"
#define RECEIVED(more) WITH("ticket.received", "{\"kind\":\"help\"" more "}")

static bool decode(const char *value)
{
    return decode_structured(decoder, value, strlen(value), &out);
}

static void assert_text(struct text text, const char *expected)
{
    assert_int_equal(text.bytes, strlen(expected));
    assert_memory_equal(text.at, expected, text.bytes);
}

static void assert_bad(const char *value, const char *expected)
{
    if (decode(value)) fail_msg("good: %s", value);
    if (!strstr(out.reason, expected)) fail_msg("%s: reason %s, not %s", value, out.reason, expected);
}

static void what_is_no_strict_json_is_bad(void **state)
{
    (void)state;
    assert_bad("[]", "value: found an array of 0, expected one JSON object");
    assert_bad("", "value: ");
    assert_bad("\xef\xbb\xbf" RECEIVED(""), "value: ");
    assert_bad(RECEIVED("") "{}", "more behind");
    assert_bad(RECEIVED(",\"kind\":\"help\""), "a repeated key");
    assert_bad(RECEIVED(",\"x\":\"\\u0000\""), "\\u0000");
    assert_bad(RECEIVED(",\"\\u0000\":1"), "\\u0000");
    assert_bad(RECEIVED(",\"x\":\"\\ud83d\""), "a lone surrogate");
    assert_bad(RECEIVED(",\"x\":\"\\ude00\""), "a lone surrogate");
    assert_bad(RECEIVED(",\"x\":\"\xff\""), "no UTF-8");
    assert_bad(RECEIVED(",\"x\":9223372036854775808"), "beyond a signed 64-bit");
    assert_bad(RECEIVED(",\"x\":-1e400"), "finite double");
    assert_true(decode(RECEIVED(",\"x\":[9223372036854775807,1e-400,\"\\ud83d\\ude00\"]")));
}

static void a_raw_nul_is_bad_wherever_it_stands(void **state)
{
    (void)state;
    static const char value[] = WITH("ticket.called_back", "{\"reached\":true ,\"satisfaction\":1 }");
    char copy[sizeof value];
    for (size_t i = 0; i < sizeof value - 1; i++) {
        memcpy(copy, value, sizeof value);
        if (copy[i] == ' ') copy[i] = 0;
        assert_int_equal(decode_structured(decoder, copy, sizeof value - 1, &out), copy[i] != 0);
    }
}

static void depth_is_counted_in_containers_outside_strings(void **state)
{
    (void)state;
    char deep[256], value[1024];
    for (size_t levels = 30; levels <= 31; levels++) {
        memset(deep, '[', levels);
        memset(deep + levels, ']', levels);
        deep[2 * levels] = 0;
        snprintf(value, sizeof value, RECEIVED(",\"x\":%s"), deep);
        assert_int_equal(decode(value), levels == 30);
    }
    assert_non_null(strstr(out.reason, "at most 32 levels"));
    assert_true(decode(RECEIVED(",\"x\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[[\",\"y\":[]")));
}

static void size_ends_at_256_kib(void **state)
{
    (void)state;
    size_t bytes = EVENT_VALUE_MAX_BYTES;
    char *value = malloc(bytes + 2);
    memset(value, ' ', bytes + 1);
    memcpy(value, RECEIVED(""), sizeof RECEIVED("") - 1);
    assert_true(decode_structured(decoder, value, bytes, &out));
    assert_false(decode_structured(decoder, value, bytes + 1, &out));
    assert_string_equal(out.reason, "value: found 262145 bytes, expected at most 262144");
    free(value);
}

static void attributes_are_checked(void **state)
{
    (void)state;
    assert_bad("{}", "specversion: found nothing, expected a string");
    assert_bad("{\"specversion\":\"1.0\",\"id\":null}", "id: found null");
    assert_bad("{\"specversion\":\"0.3\",\"id\":\"a\",\"source\":\"b\",\"type\":\"t\",\"subject\":\"c\",\"time\":\"\"}",
               "specversion: found \"0.3\", expected \"1.0\"");
    assert_bad("{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"b\",\"type\":\"t\",\"subject\":\"c\",\"time\":\"\"}",
               "id: found \"\", expected 1 to 128 bytes");
    assert_bad(WITH("ticket.eaten\\u0001\\\"", "{}"), "type: found \"ticket.eaten\\u0001\\\"\", expected a known type");
    assert_bad("{\"datacontenttype\":1,\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"b\",\"type\":\"t\",\"subject\":\"c\",\"time\":\"\"}",
               "datacontenttype: found the integer 1");
    assert_bad(WITH("ticket.signed", "[]"), "data: found an array of 0, expected an object");
    assert_true(decode(WITH("ticket.signed", "null")));
}

static void names_end_at_128_bytes(void **state)
{
    (void)state;
    char value[1024], name[256];
    for (size_t bytes = 126; bytes <= 129; bytes += 3) {
        memset(name, 0, sizeof name);
        for (size_t i = 0; i < bytes; i += 3) memcpy(name + i, "街", 3);
        snprintf(value, sizeof value, WITH("ticket.merged", "{\"into\":\"%s\"}"), name);
        assert_int_equal(decode(value), bytes == 126);
    }
    assert_non_null(strstr(out.reason, "data.into: found \"街街"));
    assert_non_null(strstr(out.reason, "街…\" (129 bytes), expected a case of 1 to 128 bytes"));
}

static void times_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"2024-09-30T10:15:00", "2024-02-30T00:00:00Z", "1999-12-31T23:59:59.999+08:00",
                                      "2199-12-31T16:00:00Z", "2024-09-30T10:15:60Z", "2024-09-30 10:15:00Z"};
    char value[512];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(value, sizeof value, RECEIVED(",\"due\":\"%s\""), bad[i]);
        assert_bad(value, "data.due: found \"");
    }
    assert_true(decode(RECEIVED(",\"due\":\"2024-01-01t00:00:00.123456789z\"")));
    assert_int_equal(out.event.detail->due_ms, INT64_C(1704067200123));
}

static void fields_are_checked(void **state)
{
    (void)state;
    assert_bad(WITH("ticket.received", "{}"), "data.kind: found nothing, expected a value: it is required");
    assert_bad(WITH("ticket.dispatched", "{\"unit\":\"\"}"), "data.unit: found \"\"");
    assert_bad(WITH("ticket.received", "{\"kind\":\"Help\"}"), "data.kind: found \"Help\", expected consultation");
    assert_bad(RECEIVED(",\"simple\":1"), "data.simple: found the integer 1, expected true or false");
    assert_bad(RECEIVED(",\"urgency\":\"\""), "data.urgency: ");
    assert_bad(RECEIVED(",\"co_units\":[\"a\",null]"), "data.co_units: found null");
    assert_bad(WITH("ticket.extension_granted", "{\"days\":251}"), "data.days: found the integer 251, expected an integer from 1 to 250");
    assert_bad(WITH("rating.submitted", "{\"satisfaction\":5.0}"), "data.satisfaction: found the real number 5");
    assert_bad(WITH("rating.submitted", "{\"satisfaction\":5,\"channel\":\"phone\"}"), "data.channel: found \"phone\", expected pc");
    assert_bad(WITH("ticket.merged", "{\"into\":\"\"}"), "data.into: ");
    assert_bad(WITH("ticket.answered", "{\"outcome\":\"gone\"}"), "data.outcome: found \"gone\"");
    assert_true(decode(WITH("ticket.signed", "{\"days\":\"no field of this type\"}")));
    assert_true(decode(RECEIVED(",\"simple\":null")));
    assert_false(out.event.flags & EVENT_HAS_SIMPLE);
}

static void reasons_hold_no_word_of_a_citizen(void **state)
{
    (void)state;
    static const char *const bad[] = {
        RECEIVED(",\"title\":[\"13812341234\"]"), RECEIVED(",\"text\":13812341234"), RECEIVED(",\"address\":{\"13812341234\":1}"),
        RECEIVED(",\"citizen\":\"13812341234\""), RECEIVED(",\"citizen\":{\"phone\":13812341234}"),
        RECEIVED(",\"citizen\":{\"name\":[\"13812341234\"]}"), RECEIVED(",\"citizen\":{\"13812341234\":1}"),
        WITH("ticket.returned", "{\"reason\":13812341234}"), WITH("ticket.received", "\"13812341234\""), "\"13812341234\"",
        "13812341234", RECEIVED(",\"text\":\"13812341234\",\"text\":1"), RECEIVED(",\"text\":\"13812341234\" \"13812341234\""),
        RECEIVED(",\"text\":\"13812341234\x01\""), RECEIVED(",\"text\":\"13812341234")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(decode(bad[i]));
        assert_true(out.reason[0]);
        assert_null(strstr(out.reason, "1381"));
    }
    assert_false(decode(RECEIVED(",\"citizen\":{\"phone\":13812341234}")));
    assert_string_equal(out.reason, "data.citizen.phone: found an integer of 11 characters, expected a string");
}

static void a_good_receipt_leaves_its_fields(void **state)
{
    (void)state;
    assert_true(decode(RECEIVED(",\"simple\":true,\"urgency\":\"urgent\",\"item\":\"property\",\"area\":\"\",\"title\":\"小区\","
                                "\"text\":\"t\",\"unit\":\"wuye\",\"citizen\":{\"name\":\"王小明\",\"phone\":\"138\",\"id_no\":null}")));
    assert_int_equal(out.of, OF_TICKET);
    assert_int_equal(out.event.type, TICKET_RECEIVED);
    assert_int_equal(out.event.at_ms, INT64_C(1727662500000));
    assert_int_equal(out.event.kind, KIND_HELP);
    assert_int_equal(out.event.urgency, URGENCY_URGENT);
    assert_int_equal(out.event.flags, EVENT_HAS_SIMPLE | EVENT_SIMPLE | EVENT_HAS_ITEM | EVENT_HAS_AREA | EVENT_HAS_TITLE | EVENT_HAS_UNIT);
    assert_ptr_equal(out.event.detail, &out.detail);
    assert_text(out.detail.item, "property");
    assert_text(out.detail.area, "");
    assert_text(out.detail.title, "");
    assert_text(out.title, "小区");
    assert_text(out.event.unit, "wuye");
    assert_text(out.citizen_name, "王小明");
    assert_text(out.citizen_id_no, "");
    assert_text(out.id, "i-1");
    assert_text(out.source, "/s");
    assert_text(out.subject, "C1");
    assert_text(out.target, "");
}

static void the_key_is_of_source_and_id(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0x37, 0xae, 0x77, 0xd9, 0xee, 0x1b, 0xef, 0x21};
    for (int i = 0; i < 2; i++) {
        assert_true(decode(WITH("ticket.signed", "{}")));
        assert_memory_equal(out.event.key, expected, sizeof expected);
    }
}

static void an_empty_unit_is_a_unit_taken_away(void **state)
{
    (void)state;
    assert_true(decode(WITH("ticket.amended", "{\"unit\":\"\"}")));
    assert_true(out.event.flags & EVENT_HAS_UNIT);
    assert_int_equal(out.event.unit.bytes, 0);
    assert_true(decode(WITH("ticket.amended", "{\"unit\":null}")));
    assert_false(out.event.flags & EVENT_HAS_UNIT);
}

static void links_name_their_case(void **state)
{
    (void)state;
    assert_true(decode(WITH("ticket.merged", "{\"into\":\"C2\"}")));
    assert_text(out.target, "C2");
    assert_false(out.event.flags & EVENT_VOID_OF_EFFECT);
    assert_true(decode(WITH("ticket.merged", "{\"into\":\"C1\"}")));
    assert_text(out.target, "");
    assert_true(out.event.flags & EVENT_VOID_OF_EFFECT);
    assert_true(decode(WITH("rating.submitted", "{\"satisfaction\":2,\"default\":true,\"case\":\"C1\",\"unit\":\"u\"}")));
    assert_int_equal(out.of, OF_RATING);
    assert_text(out.target, "C1");
    struct event_detail detail;
    struct event link = event_as_link(&out.event, TEXT("R1"), &detail);
    assert_int_equal(link.flags, EVENT_LINK | EVENT_DEFAULT);
    assert_int_equal(link.satisfaction, 2);
    assert_int_equal(link.unit.bytes, 0);
    assert_null(link.detail);
    assert_int_equal(event_compare(&link, &out.event), 0);
    assert_true(decode(WITH("ticket.merged", "{\"into\":\"C2\"}")));
    link = event_as_link(&out.event, out.subject, &detail);
    assert_text(link.detail->target, "C1");
}

static void co_units_are_kept_one_by_one(void **state)
{
    (void)state;
    struct text unit;
    assert_true(decode(WITH("ticket.dispatched", "{\"unit\":\"a\",\"co_units\":[\"b\",\"\",\"会办\"]}")));
    assert_true(out.event.flags & EVENT_HAS_CO_UNITS);
    struct text list = out.event.detail->co_units;
    assert_true(text_next(&list, &unit));
    assert_text(unit, "b");
    assert_true(text_next(&list, &unit));
    assert_text(unit, "会办");
    assert_false(text_next(&list, &unit));
    assert_true(text_among(out.event.detail->co_units, TEXT("b")));
    assert_false(text_among(out.event.detail->co_units, TEXT("a")));
    assert_true(decode(WITH("ticket.signed", "{\"unit\":\"a\"}")));
    assert_false(out.event.flags & EVENT_HAS_CO_UNITS);
}

static void co_units_have_a_bound(void **state)
{
    (void)state;
    char text[1024];
    for (int units = EVENT_CO_UNITS_MAX; units <= EVENT_CO_UNITS_MAX + 1; units++) {
        size_t used = (size_t)snprintf(text, sizeof text, "%s", WITH("ticket.dispatched", "{\"unit\":\"a\",\"co_units\":[\"b\""));
        used -= 1; /* the envelope's own bracket comes last */
        for (int i = 1; i < units; i++) used += (size_t)snprintf(text + used, sizeof text - used, ",\"b\"");
        snprintf(text + used, sizeof text - used, "]}}");
        assert_int_equal(decode_structured(decoder, text, strlen(text), &out), units <= EVENT_CO_UNITS_MAX);
    }
    assert_non_null(strstr(out.reason, "at most 64 units"));
}

/* What a suspension is for may be a code; only those who know the codes may keep it. */
static void a_reason_stays_outside_the_event(void **state)
{
    (void)state;
    assert_true(decode(WITH("ticket.suspended", "{\"reason\":\"third-party\"}")));
    assert_text(out.suspension_reason, "third-party");
    assert_null(out.event.detail);
    assert_true(decode(WITH("ticket.returned", "{\"reason\":\"x\"}")));
    assert_int_equal(out.suspension_reason.bytes, 0);
}

static bool binary(const char *id, size_t id_bytes, const char *again, const char *data)
{
    struct attribute attributes[] = {{"specversion", TEXT("1.0")}, {"id", {id, id_bytes}}, {"source", TEXT("/s")},
                                     {"type", TEXT("ticket.signed")}, {"subject", TEXT("C1")},
                                     {"time", TEXT("2024-09-30T10:15:00+08:00")}, {again, TEXT("1.0")}};
    return decode_binary(decoder, attributes, sizeof attributes / sizeof *attributes, data, data ? strlen(data) : 0, &out);
}

static void binary_mode_takes_attributes_from_headers(void **state)
{
    (void)state;
    uint8_t key[8];
    assert_true(decode(WITH("ticket.signed", "{}")));
    memcpy(key, out.event.key, sizeof key);
    assert_true(binary("i-1", 3, "traceparent", "{\"unit\":\"u\"}"));
    assert_memory_equal(out.event.key, key, sizeof key);
    assert_text(out.event.unit, "u");
    assert_true(binary("i-1", 3, "data", NULL));
    assert_true(binary("i-1", 3, "x", "null"));
    assert_false(binary("i-1", 3, "x", "[]"));
    assert_false(binary("i-1", 3, "specversion", NULL));
    assert_string_equal(out.reason, "specversion: found it twice, expected one header");
    assert_false(binary("i\xff", 2, "x", NULL));
    assert_false(binary("i\0j", 3, "x", NULL));
    assert_false(binary("", 0, "x", NULL));
}

static void binary_data_begins_at_level_2(void **state)
{
    (void)state;
    char data[128] = "{\"x\":";
    for (size_t levels = 30; levels <= 31; levels++) {
        memset(data + 5, '[', levels);
        memset(data + 5 + levels, ']', levels);
        snprintf(data + 5 + 2 * levels, sizeof data - 5 - 2 * levels, "}");
        assert_int_equal(binary("i", 1, "x", data), levels == 30);
    }
}

static void the_rarer_fields_are_checked(void **state)
{
    (void)state;
    assert_bad(WITH("rating.submitted", "{\"satisfaction\":5,\"named\":1}"), "data.named: found the integer 1, expected true or false");
    assert_bad(WITH("rating.submitted", "{\"satisfaction\":5,\"reasons\":\"late\"}"), "data.reasons: found a string of 4 bytes, expected an array of strings");
    assert_bad(WITH("rating.submitted", "{\"satisfaction\":5,\"reasons\":[1]}"), "data.reasons: found an integer of 1 characters");
    assert_bad(WITH("rating.submitted", "{\"satisfaction\":0}"), "data.satisfaction: found the integer 0, expected an integer from 1 to 5");
    assert_bad(WITH("rating.submitted", "{\"satisfaction\":5,\"project_no\":true}"), "data.project_no: found true, expected a string");
    assert_bad(WITH("rating.submitted", "{\"satisfaction\":5,\"case\":false}"), "data.case: found false, expected a case");
    assert_bad(RECEIVED(",\"channel\":7"), "data.channel: found the integer 7, expected a string");
    assert_bad(RECEIVED(",\"due\":7"), "data.due: found the integer 7, expected a time as");
    char units[1024] = "", many[1200];
    for (int i = 0; i < 64; i++) text_append(units, sizeof units, i ? ",\"u\"" : "\"u\"");
    snprintf(many, sizeof many, RECEIVED(",\"co_units\":[%s]"), units);
    assert_true(decode(many));
    snprintf(many, sizeof many, RECEIVED(",\"co_units\":[%s,\"u\"]"), units);
    assert_bad(many, "data.co_units: found an array of 65, expected at most 64 units");
    assert_bad(RECEIVED(",\"co_units\":7"), "data.co_units: found the integer 7, expected an array of strings");
    assert_bad(RECEIVED(",\"urgency\":{\"x\":1}"), "data.urgency: found an object of 1 members, expected normal");
    assert_bad(RECEIVED(",\"text\":1.5"), "data.text: found a number with a fraction or exponent, expected a string");
    assert_bad(RECEIVED(",\"title\":true"), "data.title: found a boolean, expected a string");
    assert_bad(RECEIVED(",\"title\":false"), "data.title: found a boolean, expected a string");
    assert_true(decode(WITH("rating.submitted", "{\"satisfaction\":5,\"named\":true,\"channel\":\"qr\",\"reasons\":[\"slow\"],\"case\":\"C9\",\"default\":true}")));
    assert_text(out.detail.channel, "qr");
    assert_text(out.target, "C9");
    assert_int_equal(out.event.flags, EVENT_DEFAULT | EVENT_HAS_CHANNEL);
    assert_true(decode(HEAD "\"type\":\"ticket.signed\"}")); /* no data at all */
    assert_true(decode(HEAD "\"type\":\"ticket.signed\",\"datacontenttype\":null,\"dataschema\":\"x\",\"extra\":[]}"));
}

/* Where none is expected, an amendment say, a citizen is ignored, but for what a title must not show. */
static void a_citizen_out_of_place_is_noted_alone(void **state)
{
    (void)state;
    assert_true(decode(WITH("ticket.amended", "{\"citizen\":{\"name\":\"王小明\",\"phone\":\"138\",\"id_no\":\"310\"}}")));
    assert_text(out.citizen_name, "王小明");
    assert_text(out.citizen_phone, "138");
    assert_text(out.citizen_id_no, "310");
    assert_null(out.event.detail);
    assert_true(decode(WITH("ticket.amended", "{\"citizen\":{\"name\":1,\"phone\":null,\"id_no\":[]}}")));
    assert_true(decode(WITH("ticket.amended", "{\"citizen\":5}")));
    assert_text(out.citizen_name, "");
    assert_true(decode(RECEIVED(",\"citizen\":{\"id_no\":\"310\",\"pet\":\"cat\"}"))); /* a member that nobody knows */
    assert_bad(RECEIVED(",\"citizen\":{\"pet\":1}"), "data.citizen: found an integer of 1 characters, expected strings alone as members");
}

static void reasons_show_values_as_they_were(void **state)
{
    (void)state;
    assert_bad(RECEIVED(",\"urgency\":\"\\\\\\\"\\u00e9\\u007f\\u0085\\ud83d\\ude00\""), "found \"\\\\\\\"é\\u007f\\u0085😀\", expected");
    assert_bad(RECEIVED(",\"urgency\":1e2"), "found the real number 100.0, expected");
    assert_bad(RECEIVED(",\"urgency\":1.5"), "found the real number 1.5, expected");
    assert_bad(RECEIVED(",\"urgency\":1e300"), "found the real number 1.0000000000000001e+300, expected");
    assert_bad(RECEIVED(",\"urgency\":[1,2]"), "found an array of 2, expected");
}

static void names_have_their_length(void **state)
{
    (void)state;
    char value[1024], name[EVENT_ID_MAX_BYTES + 2];
    static const char form[] = "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"%s\",\"type\":\"ticket.signed\",\"subject\":\"%s\",\"time\":\"2024-09-30T10:15:00Z\"}";
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = 0;
    for (int longest = 0; longest < 2; longest++) {
        snprintf(value, sizeof value, form, name + longest, "s", "c");
        assert_int_equal(decode(value), longest);
        snprintf(value, sizeof value, form, "i", "s", name + longest);
        assert_int_equal(decode(value), longest);
    }
    snprintf(value, sizeof value, form, "i", "s", "");
    assert_bad(value, "subject: found \"\", expected 1 to 128 bytes");
    snprintf(value, sizeof value, form, "i", "", "c");
    assert_bad(value, "source: found \"\", expected a string that is not empty");
}

static void headers_may_lack_a_value(void **state)
{
    (void)state;
    static const struct attribute all[] = {{"specversion", {"1.0", 3}}, {"id", {"i", 1}},     {"source", {"s", 1}},          {"type", {"ticket.signed", 13}},
                                           {"subject", {"c", 1}},       {"time", {"2024-09-30T10:15:00Z", 20}}, {"dataschema", {NULL, 0}}, {"extra", {"x", 1}}};
    assert_true(decode_binary(decoder, all, 8, NULL, 0, &out));
    assert_false(decode_binary(decoder, all, 8, "{", 1, &out));
    assert_non_null(strstr(out.reason, "value: found"));
    assert_false(decode_binary(decoder, all, 5, "{}", 2, &out));
    assert_non_null(strstr(out.reason, "time: found nothing"));
    decoder_free(NULL);
}

/* More brackets than levels are matched: a string that ends in a backslash ends the record. */
static void a_string_without_end_is_no_json(void **state)
{
    (void)state;
    char value[256];
    memset(value, '[', 64);
    memcpy(value + 64, "\"\\", 3);
    assert_false(decode(value));
    for (int i = 0; i < 80; i++) value[i] = i % 2 ? ']' : '[';
    memcpy(value + 80, "\"abc", 4);
    value[84] = 0;
    assert_bad(value, "value: ");
    memset(value, ']', 64);
    memset(value + 64, '[', 40);
    value[104] = 0;
    assert_bad(value, "at most 32 levels");
    memset(value, '{', 20);
    memset(value + 20, '}', 40);
    memset(value + 60, '[', 20);
    value[80] = 0;
    assert_bad(value, "value: ");
}

int main(void)
{
    arena_install();
    decoder = decoder_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_strict_json_is_bad), cmocka_unit_test(a_raw_nul_is_bad_wherever_it_stands), cmocka_unit_test(depth_is_counted_in_containers_outside_strings),
        cmocka_unit_test(size_ends_at_256_kib), cmocka_unit_test(attributes_are_checked),
        cmocka_unit_test(names_end_at_128_bytes), cmocka_unit_test(times_are_checked), cmocka_unit_test(fields_are_checked),
        cmocka_unit_test(reasons_hold_no_word_of_a_citizen), cmocka_unit_test(a_good_receipt_leaves_its_fields),
        cmocka_unit_test(the_key_is_of_source_and_id), cmocka_unit_test(an_empty_unit_is_a_unit_taken_away),
        cmocka_unit_test(links_name_their_case), cmocka_unit_test(co_units_are_kept_one_by_one), cmocka_unit_test(co_units_have_a_bound),
                                       cmocka_unit_test(a_reason_stays_outside_the_event), cmocka_unit_test(binary_mode_takes_attributes_from_headers),
        cmocka_unit_test(binary_data_begins_at_level_2), cmocka_unit_test(the_rarer_fields_are_checked),
        cmocka_unit_test(a_citizen_out_of_place_is_noted_alone), cmocka_unit_test(reasons_show_values_as_they_were),
        cmocka_unit_test(names_have_their_length), cmocka_unit_test(headers_may_lack_a_value), cmocka_unit_test(a_string_without_end_is_no_json)};
    int failed = cmocka_run_group_tests_name("event_decode", tests, NULL, NULL);
    decoder_free(decoder);
    arena_release();
    return failed;
}
