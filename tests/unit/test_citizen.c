/* What leaves ingest of a citizen: hash, masks, and the scrubbed title. */
#include "ingest/citizen.h"
#include "ingest/normal.h"
#include "tests/unit/unit.h"

#define TEST_KEY "0123456789abcdef0123456789abcdef"

static struct text text_of(const char *s)
{
    return (struct text){s, s ? strlen(s) : 0};
}

static struct citizen *open_with(const char *key, const char *key_id, char error[256])
{
    struct config config = {.privacy = {.key_file = (char *)"", .key_env = (char *)(key ? "TEST_CITIZEN_KEY" : ""), .key_id = (char *)(uintptr_t)key_id}};
    if (key) setenv("TEST_CITIZEN_KEY", key, 1);
    return citizen_open(&config, error, 256);
}

static const char *text_with(const struct citizen *citizen, const char *name, const char *phone, const char *id_no)
{
    static char text[16][CITIZEN_TEXT_BYTES];
    static int slot;
    char *out = text[slot++ % 16];
    struct decoded decoded = {.citizen_name = text_of(name), .citizen_phone = text_of(phone), .citizen_id_no = text_of(id_no)};
    size_t bytes = citizen_text(citizen, &decoded, out);
    assert_int_equal(bytes, strlen(out));
    assert_true(strlen(out) < CITIZEN_TEXT_BYTES);
    return out;
}

/* The title of an event whose citizen is 王小明, scrubbed. */
static const char *scrubbed_of(const char *title, const char *name, const char *phone, const char *id_no)
{
    static char text[CITIZEN_TITLE_BYTES + 1];
    struct decoded decoded = {
        .title = text_of(title), .citizen_name = text_of(name), .citizen_phone = text_of(phone), .citizen_id_no = text_of(id_no)};
    memset(text, 'Z', sizeof text);
    size_t bytes = scrub_title(&decoded, text);
    assert_int_equal(bytes, strlen(text));
    return text;
}

static const char *scrubbed(const char *title)
{
    return scrubbed_of(title, NULL, NULL, NULL);
}

static void masks_without_a_key(void **state)
{
    (void)state;
    char error[256] = "";
    struct citizen *citizen = open_with(NULL, "", error);
    assert_non_null(citizen);
    assert_non_null(strstr(error, "not hashed"));
    assert_string_equal(text_with(citizen, "王小明", "13812341234", "310112199001011234"), "::王*:138****1234:310***********1234");
    assert_string_equal(text_with(citizen, "王小明", NULL, NULL), "::王*::");
    assert_string_equal(text_with(citizen, NULL, NULL, NULL), "");
    assert_string_equal(text_with(citizen, "", "", ""), "");
    citizen_close(citizen);
}

static void masks_never_show_a_whole_value(void **state)
{
    (void)state;
    static const char *const table[][4] = {
        {"王", "110", "1", "::*:****:****"},
        {"Z", "1234567", "1234567", "::*:****67:****"},
        {"AB", "12345678", "12345678", "::A*:****78:****78"},
        {" 王 ", "1234567890", "E12345678", "::*:****90:****78"},
        {"王小", "+86 138-1234-1234", "310112900101123", "::王*:138****1234:310********1123"},
        {"13812341234", "021-64881234", "31011219900101123x", "::*:021****1234:310***********123X"},
        {"：王", "１３８１２３４１２３４", "３１０１１２１９９００１０１１２３Ｘ", "::*:138****1234:310***********123X"},
        {"𠮷田", "unknown", "军字第12345678号", "::𠮷*:****:****"},
        {"\xe2\x80\xae王", "138****1234", "310***********1234", "::*:****34:310***********1234"}};
    char error[256];
    struct citizen *citizen = open_with(NULL, "", error);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(text_with(citizen, table[i][0], table[i][1], table[i][2]), table[i][3]);
    char longest[1000];
    memset(longest, '9', sizeof longest);
    struct decoded decoded = {.citizen_name = {longest, 1000}, .citizen_phone = {longest, 1000}, .citizen_id_no = {longest, 1000}};
    char text[CITIZEN_TEXT_BYTES];
    assert_true(citizen_text(citizen, &decoded, text) < 60);
    citizen_close(citizen);
}

/* HMAC-SHA256(key, "310112199001011234"), by python3's hmac. */
static void hash_is_keyed_and_of_the_normal_form(void **state)
{
    (void)state;
    char error[256];
    struct citizen *citizen = open_with(TEST_KEY, "k1", error), *other = open_with("another key of 32 bytes, not that", "k2", error);
    assert_non_null(citizen);
    assert_string_equal(error, "");
    const char *full = text_with(citizen, "王小明", "13812341234", "310112199001011234");
    assert_string_equal(full, "k1:gy3RERLDeOjwb6TPVyfHnw:王*:138****1234:310***********1234");
    assert_memory_equal(full, text_with(citizen, "李四", NULL, "３10112 19900101-1234"), 25);
    assert_memory_not_equal(full + 3, text_with(other, "王小明", "13812341234", "310112199001011234") + 3, 22);
    const char *phone = text_with(citizen, NULL, "13812341234", NULL);
    assert_memory_equal(phone, text_with(citizen, NULL, "+86 138 1234 1234", "无"), 25);
    assert_memory_equal(phone, text_with(citizen, NULL, "(0086)138-1234-1234", "000000000000000000"), 25);
    assert_memory_not_equal(phone, full, 25);
    citizen_close(citizen);
    citizen_close(other);
}

static void placeholders_and_names_are_no_identity(void **state)
{
    (void)state;
    char error[256];
    struct citizen *citizen = open_with(TEST_KEY, "k1", error);
    assert_string_equal(text_with(citizen, "王小明", NULL, NULL), "::王*::");
    assert_memory_equal(text_with(citizen, "王小明", "00000000000", "-"), "::王*:", 7);
    assert_memory_equal(text_with(citizen, NULL, "110", "11111"), ":::", 3);
    assert_memory_equal(text_with(citizen, NULL, "138****1234", "310***********1234"), ":::", 3);
    citizen_close(citizen);
}

static void bad_keys_are_faults(void **state)
{
    (void)state;
    char error[256];
    assert_null(open_with("short", "k1", error));
    assert_non_null(strstr(error, "16"));
    assert_null(open_with(TEST_KEY, "", error));
    assert_null(open_with(TEST_KEY, "a:b", error));
    assert_null(open_with(TEST_KEY, "键", error));
    unsetenv("TEST_CITIZEN_KEY");
    struct config config = {.privacy = {.key_file = (char *)"/no/such/file", .key_env = (char *)"", .key_id = (char *)"k1"}};
    assert_null(citizen_open(&config, error, sizeof error));
    assert_non_null(strstr(error, "/no/such/file"));
    citizen_close(NULL);
}

static void numbers_are_scrubbed(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"", ""},
        {"小区电梯故障", "小区电梯故障"},
        {"请联系13812341234谢谢", "请联系***谢谢"},
        {"138 1234 1234", "***"},
        {"138-1234-1234、139 1234 1234", "***、***"},
        {"1 3 8 1 2 3 4 1 2 3 4", "***"},
        {"+86 138-1234-1234", "+***"},
        {"+8613812341234", "+***"},
        {"０８６１３８１２３４１２３４", "***"},
        {"１３８１２３４１２３４ａ", "***ａ"},
        {"一三八一二三四一二三四", "***"},
        {"幺三八 ①②③④ 1234", "***"},
        {"138\xe2\x80\x8b""1234\xe2\x80\x8b""1234", "***"},
        {"138.1234.1234 138/1234/1234", "*** ***"},
        {"身份证310112199001011234。", "身份证***。"},
        {"身份证31011219900101123X", "身份证***"},
        {"31011219900101123ｘ号", "***号"},
        {"310112 19900101 123X", "***"},
        {"310112-1990-0101-1234", "***"},
        {"310112900101123", "***"},
        {"021-64881234转801", "***转801"},
        {"(0755)6488 1234", "(***"},
        {"0755-1234567", "***"},
        {"64881234", "***"},
        {"1381234123413912345678", "***"},
        {"tel13812341234", "tel***"},
        {"wx12345678 QQ123456789", "wx*** QQ***"},
        {"QQ：123456789", "QQ：***"},
        {"12345678号案", "***号案"},
        {"20240930", "***"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) assert_string_equal(scrubbed(table[i][0]), table[i][1]);
}

static void harmless_numbers_stay(void **state)
{
    (void)state;
    static const char *const table[] = {
        "2024-09-30 10:15 停电", "2024年9月30日3号楼2单元1101室", "12345热线", "ML2024093000123", "XM-2024-0001234号项目", "310112A2024000001",
        "123456", "二〇二四年", "一二三四", "400-820-8820", "罚款 1,200,000 元", "2023-2024", "3-2-101", "G1501高速", "1.5万元"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) assert_string_equal(scrubbed(table[i]), table[i]);
    assert_string_equal(scrubbed("HM13812341234"), "HM***"); /* exactly a mobile number: privacy first */
}

static void addresses_are_scrubbed(void **state)
{
    (void)state;
    static const char *const table[][2] = {{"回复wang.xm+1@example.com吧", "回复***吧"},
                                           {"ＷＡＮＧ＠ＱＱ．ＣＯＭ", "***"},
                                           {"12345678@qq.com", "***"},
                                           {"wang @ qq.com", "***"},
                                           {"@坪山", "@坪山"},
                                           {"a@", "a@"},
                                           {"苹果5元@公斤", "苹果5元@公斤"},
                                           {"13812341234@139.com 13812341234", "*** ***"},
                                           {"tel 138 1234 1234@qq.com", "tel ***@qq.com"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) assert_string_equal(scrubbed(table[i][0]), table[i][1]);
}

static void own_words_are_scrubbed(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"王小明反映电梯故障", "***反映电梯故障"}, {"反映人：王 小明", "反映人：***"},   {"王小明王小明", "******"},       {"王小", "王小"},
        {"王小王小明", "王小***"},                 {"号码 64 88 12 34", "号码 ***"},     {"6488-1234", "***"},            {"021 6488 12 34", "***"},
        {"护照e1234567。", "护照***。"},           {"护照 E 123-4567 谢谢", "护照 *** 谢谢"}, {"AE1234567B", "A***B"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(scrubbed_of(table[i][0], "王小明", "021-64881234", "E1234567"), table[i][1]);
    assert_string_equal(scrubbed_of("王先生，国王", "王", NULL, NULL), "王先生，国王");
    assert_string_equal(scrubbed_of("找 zhang san 与ZHANG SAN", "Zhang San", NULL, NULL), "找 *** 与***");
    assert_string_equal(scrubbed_of("阿卜杜拉·买买提来电", "阿卜杜拉买买提", NULL, NULL), "***来电");
    assert_string_equal(scrubbed_of("拨打 12 345 与 123 45", NULL, "12345", NULL), "拨打 *** 与 ***");
    assert_string_equal(scrubbed_of("拨打110", NULL, "110", "1"), "拨打110");
}

/* Scrub, then cut: what crosses byte 120 goes as a whole. */
static void cut_comes_after_scrubbing(void **state)
{
    (void)state;
    char title[400];
    for (size_t before = 100; before <= 121; before++) {
        memset(title, 'a', before);
        snprintf(title + before, sizeof title - before, "，13812341234，王小明");
        const char *out = scrubbed_of(title, "王小明", NULL, NULL);
        assert_true(strlen(out) <= CITIZEN_TITLE_BYTES);
        assert_null(strstr(out, "138"));
        assert_null(strpbrk(out, "0123456789"));
        assert_null(strstr(out, "王"));
    }
    memset(title, 'a', 112);
    snprintf(title + 112, sizeof title - 112, "，13812341234");
    assert_string_equal(scrubbed(title) + 112, "，***");
    snprintf(title + 112, sizeof title - 112, "13812341234 13912341234 138");
    assert_string_equal(scrubbed(title) + 112, "*** *** "); /* the runs of "a" are letters, yet these are mobile numbers */
}

static void cut_is_at_a_character(void **state)
{
    (void)state;
    char title[600] = "";
    for (int i = 0; i < 50; i++) text_append(title, sizeof title, "电");
    assert_int_equal(strlen(scrubbed(title)), 120);
    title[0] = 'a', title[1] = 'b', title[2] = 'c';
    assert_int_equal(strlen(scrubbed(title)), 120);
    char shifted[601] = "x";
    text_append(shifted, sizeof shifted, title);
    assert_int_equal(strlen(scrubbed(shifted)), 118);
    char wide[601] = "";
    for (int i = 0; i < 40; i++) text_append(wide, sizeof wide, "😀");
    assert_int_equal(strlen(scrubbed(wide)), 120);
    assert_int_equal(strlen(scrubbed(wide + 0)), 120);
    char off[601] = "xx";
    text_append(off, sizeof off, wide);
    assert_int_equal(strlen(scrubbed(off)), 118);
}

static bool is_utf8(const char *text)
{
    for (size_t left = strlen(text); left;) {
        struct glyph glyph = glyph_next(text, left);
        if (glyph.code == GLYPH_INVALID && glyph.bytes == 1) return false;
        text += glyph.bytes, left -= glyph.bytes;
    }
    return true;
}

/* Whatever the bytes: valid UTF-8, no number of the citizen, no run of seven digits. */
static void anything_gives_clean_text(void **state)
{
    (void)state;
    static const char *const parts[] = {"138", "1234", "1234", "王", "小明", " ", "-", "@", "qq.com", "\xe5", "\xff", "电", "０", "a", "X", "310112199001", "\xf0\x9f", "+86"};
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        char title[512] = "";
        for (int i = 0; i < 24; i++) {
            seed = seed * 1664525 + 1013904223;
            text_append(title, sizeof title, parts[(seed >> 16) % (sizeof parts / sizeof *parts)]);
        }
        const char *out = scrubbed_of(title, "王小明", "13812341234", "310112199001011234");
        assert_true(is_utf8(out));
        assert_null(strstr(out, "13812341234"));
        assert_null(strstr(out, "王小明"));
        assert_null(strstr(out, "138 1234 1234"));
    }
}

static void a_long_title_is_read_as_far_as_it_fills(void **state)
{
    (void)state;
    size_t bytes = 256 * 1024;
    char *title = malloc(bytes + 1);
    memset(title, '1', bytes);
    title[bytes] = 0;
    assert_string_equal(scrubbed(title), "***");
    memset(title, 'a', bytes);
    assert_int_equal(strlen(scrubbed(title)), 120);
    memset(title, ' ', bytes);
    assert_int_equal(strlen(scrubbed_of(title, "王小明", "13812341234", NULL)), 120);
    free(title);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks_without_a_key),
                                       cmocka_unit_test(masks_never_show_a_whole_value),
                                       cmocka_unit_test(hash_is_keyed_and_of_the_normal_form),
                                       cmocka_unit_test(placeholders_and_names_are_no_identity),
                                       cmocka_unit_test(bad_keys_are_faults),
                                       cmocka_unit_test(numbers_are_scrubbed),
                                       cmocka_unit_test(harmless_numbers_stay),
                                       cmocka_unit_test(addresses_are_scrubbed),
                                       cmocka_unit_test(own_words_are_scrubbed),
                                       cmocka_unit_test(cut_comes_after_scrubbing),
                                       cmocka_unit_test(cut_is_at_a_character),
                                       cmocka_unit_test(anything_gives_clean_text),
                                       cmocka_unit_test(a_long_title_is_read_as_far_as_it_fills)};
    return cmocka_run_group_tests_name("citizen", tests, NULL, NULL);
}
