/* Links of acknowledgement: what was signed comes back, and nothing else passes. */
#include "notify/ack.h"
#include "sla/event_decode.h"
#include "tests/unit/unit.h"

enum { NOW_S = 1700000000 };
static const int64_t now_ms = INT64_C(1000) * NOW_S;

static struct ack sample(void)
{
    return (struct ack){.of = OF_TICKET, .action = ACK_SIGNED, .id = TEXT("ML2024093000123"), .notice = TEXT("ntc_0123456789abcdef0123456789abcdef"),
                        .recipient = TEXT("liwei"), .unit = TEXT("wuye"), .until_ms = now_ms + 5000};
}

static struct ack_keys keys_of(const char *text)
{
    struct ack_keys keys;
    assert_null(ack_keys_parse(&keys, text));
    return keys;
}

static void assert_same_ack(const struct ack *a, const struct ack *b)
{
    assert_int_equal(a->of, b->of);
    assert_int_equal(a->action, b->action);
    assert_int_equal(a->until_ms, b->until_ms);
    assert_true(text_equal(a->id, b->id) && text_equal(a->notice, b->notice) && text_equal(a->recipient, b->recipient) && text_equal(a->unit, b->unit));
}

static void what_was_signed_comes_back(void **state)
{
    struct ack_keys keys = keys_of("0123456789abcdef");
    char token[ACK_TOKEN_BYTES], room[ACK_TOKEN_BYTES], most[ACK_TEXT_MAX_BYTES];
    (void)state;
    memset(most, 'm', sizeof most);
    for (int i = 0; i < 4; i++) {
        struct ack ack = sample(), back;
        if (i == 1) ack.of = OF_RATING, ack.action = ACK_SEEN;
        if (i == 2) ack.unit = (struct text){0};
        if (i == 3) ack.id = ack.notice = ack.recipient = ack.unit = (struct text){most, sizeof most};
        assert_true(ack_print(token, &keys, &ack));
        assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), strlen(token));
        assert_int_equal(ack_read(token, &keys, now_ms, &back, room), ACK_GOOD);
        assert_same_ack(&ack, &back);
        assert_int_equal(ack_read(token, &keys, now_ms + 4999, &back, room), ACK_GOOD);
        assert_int_equal(ack_read(token, &keys, now_ms + 5000, &back, room), ACK_EXPIRED);
    }
}

/* Each bit of the token, turned, and each cut. */
static void change_everything(size_t unit_bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    struct ack_keys keys = keys_of("0123456789abcdef");
    struct ack ack = sample(), back;
    char token[ACK_TOKEN_BYTES], room[ACK_TOKEN_BYTES];
    ack.unit.bytes = unit_bytes;
    assert_true(ack_print(token, &keys, &ack));
    for (size_t i = 0; token[i]; i++) {
        char was = token[i];
        for (int bit = 0; bit < 6; bit++) {
            token[i] = digits[(size_t)(strchr(digits, was) - digits) ^ 1u << bit];
            assert_int_equal(ack_read(token, &keys, now_ms, &back, room), ACK_FORGED);
        }
        token[i] = 0;
        assert_int_equal(ack_read(token, &keys, now_ms, &back, room), ACK_FORGED);
        token[i] = '=';
        assert_int_equal(ack_read(token, &keys, now_ms, &back, room), ACK_FORGED);
        token[i] = was;
    }
    assert_int_equal(ack_read("", &keys, now_ms, &back, room), ACK_FORGED);
    struct ack_keys none = {0};
    assert_int_equal(ack_read(token, &none, now_ms, &back, room), ACK_FORGED);
    char longer[4096];
    memset(longer, 'A', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    assert_int_equal(ack_read(longer, &keys, now_ms, &back, room), ACK_FORGED);
}

/* Of each length modulo three: the last digit's spare bits count as well. */
static void whatever_is_changed_is_forged(void **state)
{
    (void)state;
    for (size_t unit_bytes = 1; unit_bytes <= 3; unit_bytes++) change_everything(unit_bytes);
}

static void keys_take_turns(void **state)
{
    struct ack_keys old = keys_of("old-0123456789abcdef"), both = keys_of("new-0123456789abcdef\r\n\nold-0123456789abcdef\n"), new = keys_of("new-0123456789abcdef");
    struct ack ack = sample(), back;
    char token[ACK_TOKEN_BYTES], room[ACK_TOKEN_BYTES];
    (void)state;
    assert_int_equal(both.count, 2);
    assert_true(ack_print(token, &old, &ack));
    assert_int_equal(ack_read(token, &both, now_ms, &back, room), ACK_GOOD);
    assert_int_equal(ack_read(token, &new, now_ms, &back, room), ACK_FORGED);
    assert_true(ack_print(token, &both, &ack));
    assert_int_equal(ack_read(token, &new, now_ms, &back, room), ACK_GOOD);
}

static void keys_that_are_none(void **state)
{
    static const char *const wrong[] = {"", "\n \n", "short", "0123456789abcdef\nshort"};
    char text[2048] = "";
    struct ack_keys keys;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) assert_non_null(ack_keys_parse(&keys, wrong[i]));
    for (int i = 0; i < ACK_KEYS_MAX + 1; i++) text_append(text, sizeof text, "0123456789abcdef\n");
    assert_non_null(ack_keys_parse(&keys, text));
    memset(text, 'k', ACK_KEY_MAX_BYTES + 1);
    text[ACK_KEY_MAX_BYTES + 1] = 0;
    assert_non_null(ack_keys_parse(&keys, text));
}

static void what_cannot_be_signed(void **state)
{
    struct ack_keys keys = keys_of("0123456789abcdef"), none = {0};
    char token[ACK_TOKEN_BYTES], longer[ACK_TEXT_MAX_BYTES + 1];
    (void)state;
    memset(longer, 'x', sizeof longer);
    struct ack wrong[8];
    for (int i = 0; i < 8; i++) wrong[i] = sample();
    wrong[0].of = OF_RATING; /* is not signed for */
    wrong[1].of = OF_PLACE;
    wrong[2].id.bytes = 0;
    wrong[3].notice.bytes = 0;
    wrong[4].recipient.bytes = 0;
    wrong[5].unit = (struct text){longer, sizeof longer};
    wrong[6].until_ms = 0;
    wrong[7].until_ms = INT64_MAX;
    for (int i = 0; i < 8; i++) assert_false(ack_print(token, &keys, &wrong[i]));
    struct ack good = sample();
    assert_false(ack_print(token, &none, &good));
}

static void links(void **state)
{
    static const char *const wrong[] = {"", "ftp://a.example.cn", "https://", "https:///x", "https://?", "https://a b", "https://a/#x", "https://a/\"", "https://办"};
    struct ack_keys keys = keys_of("0123456789abcdef");
    struct ack ack = sample();
    char link[ACK_LINK_BYTES], token[ACK_TOKEN_BYTES], url[2000];
    (void)state;
    assert_true(ack_print(token, &keys, &ack));
    ack_link(link, "https://bihuan.example.cn/ack", &keys, &ack);
    snprintf(url, sizeof url, "?t=%s", token);
    assert_string_equal(strchr(link, '?'), url);
    ack_link(link, "https://bihuan.example.cn/ack?x=1", &keys, &ack);
    assert_non_null(strstr(link, "?x=1&t="));
    ack_link(link, "", &keys, &ack);
    assert_string_equal(link, "");
    memset(url, 'u', sizeof url - 1);
    url[sizeof url - 1] = 0;
    ack_link(link, url, &keys, &ack);
    assert_string_equal(link, "");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) assert_non_null(ack_url_check(wrong[i]));
    assert_null(ack_url_check("https://bihuan.example.cn/ack?x=1"));
    assert_null(ack_url_check("http://127.0.0.1:8412"));
}

static void a_second_click_is_the_same_event(void **state)
{
    struct ack one = sample(), other = sample();
    char a[ACK_EVENT_ID_BYTES], b[ACK_EVENT_ID_BYTES];
    (void)state;
    other.until_ms += 1000000;
    other.unit = TEXT("elsewhere");
    ack_event_id(a, &one);
    ack_event_id(b, &other);
    assert_string_equal(a, b);
    for (int i = 0; i < 4; i++) {
        other = sample();
        if (i == 0) other.action = ACK_SEEN;
        if (i == 1) other.recipient = TEXT("liweii");
        if (i == 2) other.notice = TEXT("ntc_1");
        if (i == 3) other.id = TEXT("ML2024093000124");
        ack_event_id(b, &other);
        assert_string_not_equal(a, b);
    }
}

static void the_event_is_what_the_consumer_takes(void **state)
{
    struct decoder *decoder = decoder_new();
    struct zone zone;
    (void)state;
    assert_true(zone_load(&zone, "Asia/Shanghai"));
    for (int i = 0; i < 3; i++) {
        struct ack ack = sample();
        struct decoded out;
        uint8_t key[8];
        if (i) ack.action = ACK_SEEN;
        if (i == 2) ack.of = OF_RATING;
        json_t *event = ack_event(&ack, &zone, now_ms);
        char *text = json_dumps(event, JSON_COMPACT);
        assert_true(decode_structured(decoder, text, strlen(text), &out));
        assert_int_equal(out.event.type, i == 0 ? TICKET_SIGNED : i == 1 ? TICKET_SEEN : RATING_SEEN);
        assert_int_equal(out.event.at_ms, now_ms);
        assert_true(text_equal(out.event.unit, ack.unit));
        ack_event_key(key, &ack);
        assert_memory_equal(key, out.event.key, 8);
        free(text);
        json_decref(event);
    }
    decoder_free(decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_signed_comes_back), cmocka_unit_test(whatever_is_changed_is_forged), cmocka_unit_test(keys_take_turns),
                                       cmocka_unit_test(keys_that_are_none), cmocka_unit_test(what_cannot_be_signed), cmocka_unit_test(links),
                                       cmocka_unit_test(a_second_click_is_the_same_event), cmocka_unit_test(the_event_is_what_the_consumer_takes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
