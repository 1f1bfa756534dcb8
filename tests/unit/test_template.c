/* Templates: what is filled in where, what is no template, and that no value can begin anything. */
#include "notify/template.h"
#include "tests/unit/unit.h"

enum { NAME, EMPTY, LINK, FLAG, FILLED, VALUES };
enum { LIST, NONE, LISTS };
enum { ROW_NAME, ROW_LINK, COLUMNS };
static const struct template_field table[] = {{"name", FIELD_TEXT, NAME, 0},     {"empty", FIELD_TEXT, EMPTY, 0},     {"link", FIELD_LINK, LINK, 0},
                                              {"flag", FIELD_FLAG, FLAG, 0},     {"filled", FIELD_FILLED, FILLED, 0}, {"list", FIELD_LIST, LIST, 0},
                                              {"none", FIELD_LIST, NONE, 0},     {"name", FIELD_TEXT, ROW_NAME, LIST + 1}, {"link", FIELD_LINK, ROW_LINK, LIST + 1},
                                              {NULL, FIELD_TEXT, 0, 0}};

static struct buffer out;

static const char *filled(const char *text, enum markup markup, struct text name)
{
    static char fault[1024];
    struct buffer faults;
    const struct text cell[] = {TEXT("one"), TEXT("https://x.cn/1"), TEXT("two"), {NULL, 0}};
    const struct text value[VALUES] = {[NAME] = name, [LINK] = TEXT("https://x.cn/a(b)?c=d&e"), [FLAG] = TEXT("1"), [FILLED] = TEXT("<b>as it is</b>")};
    const struct template_list list[LISTS] = {{2, COLUMNS, cell}, {0, COLUMNS, NULL}};
    buffer_init(&faults, sizeof fault - 1);
    struct template *template = template_parse("file", text, strlen(text), table, &faults);
    snprintf(fault, sizeof fault, "%s", buffer_text(&faults));
    buffer_free(&faults);
    if (!template) return fault;
    buffer_free(&out);
    buffer_init(&out, 1 << 16);
    assert_true(template_fill(template, markup, &(struct template_values){value, list}, &out));
    template_free(template);
    return buffer_text(&out);
}

static const char *plain(const char *text)
{
    return filled(text, MARKUP_PLAIN, TEXT("Wu"));
}

static void fields_and_sections(void **state)
{
    (void)state;
    assert_string_equal(plain("a {{name}} b {{ name }}{{! nothing }}.\n\n"), "a Wu b Wu.");
    assert_string_equal(plain("{{#name}}has {{name}}{{/name}}{{^name}}has none{{/name}}"), "has Wu");
    assert_string_equal(plain("{{#empty}}has{{/empty}}{{^empty}}has none{{/empty}}"), "has none");
    assert_string_equal(plain("{{#flag}}on{{/flag}}{{^flag}}off{{/flag}}"), "on");
    assert_string_equal(plain("{{#list}}{{name}}{{#link}} {{link}}{{/link}};{{/list}}{{name}}"), "one https://x.cn/1;two;Wu");
    assert_string_equal(plain("{{#none}}some{{/none}}{{^none}}no {{name}}{{/none}}{{^list}}x{{/list}}"), "no Wu");
    assert_string_equal(plain("{{#list}}{{#flag}}{{name}}{{/flag}}{{^flag}}x{{/flag}}{{/list}}"), "onetwo");
    assert_string_equal(filled("{{filled}}|{{name}}", MARKUP_HTML, TEXT("<b>")), "<b>as it is</b>|&lt;b&gt;");
}

static void tags_alone_on_a_line_leave_none(void **state)
{
    (void)state;
    assert_string_equal(plain("a\n{{#name}}\n{{name}}\n{{/name}}\nb"), "a\nWu\nb");
    assert_string_equal(plain("a\n  {{#empty}}  \nx\n  {{/empty}}\r\nb"), "a\nb");
    assert_string_equal(plain("{{! words }}\na\n{{! more }}\n{{#name}}\n{{/name}}"), "a\n");
    assert_string_equal(plain("a {{#name}}\nb\n{{/name}} c"), "a \nb\n c");
    assert_string_equal(plain("{{name}}\n{{name}}"), "Wu\nWu");
}

static void faults_say_file_line_and_field(void **state)
{
    (void)state;
    assert_string_equal(plain("a\nb {{nmae}}"), "file:2: unknown field \"nmae\"\n");
    assert_string_equal(plain("{{#name}}\nx\n{{#list}}"), "file:3: {{#list}} is not closed\nfile:1: {{#name}} is not closed\n");
    assert_string_equal(plain("\n{{/name}}"), "file:2: {{/name}} closes no section\n");
    assert_string_equal(plain("{{#name}}\n{{/list}}"), "file:2: {{/list}} where {{#name}} of line 1 is open\n");
    assert_string_equal(plain("{{flag}}"), "file:1: flag has no text: it can only begin a section, {{#flag}}\n");
    assert_string_equal(plain("a\n\n{{name"), "file:3: {{ without }}\n");
    assert_string_equal(plain("{{{name}}}"), "file:1: {{{ is not known here: fields, sections and comments alone are\n");
    assert_string_equal(plain("{{>other}}\n{{&name}}\n{{=<% %>=}}"), "file:1: {{> is not known here: fields, sections and comments alone are\n"
                                                                     "file:2: {{& is not known here: fields, sections and comments alone are\n"
                                                                     "file:3: {{= is not known here: fields, sections and comments alone are\n");
    assert_string_equal(plain("{{#list}}{{#list}}{{/list}}{{/list}}"), "file:1: {{#list}}: a list within a list\n");
    assert_string_equal(plain("{{}}"), "file:1: unknown field \"\"\n");
    assert_null(template_parse("file", "a\0b", 3, table, NULL));
    assert_null(template_load("/nowhere/file", table, NULL));
}

static void bounds(void **state)
{
    static char long_text[TEMPLATE_MAX_BYTES + 2], deep[4096], many[TEMPLATE_PARTS_MAX * 16];
    struct buffer small;
    (void)state;
    memset(long_text, 'a', sizeof long_text - 1);
    assert_string_equal(plain(long_text), "file:1: more than 65536 bytes\n");
    for (int i = 0; i <= TEMPLATE_DEPTH_MAX; i++) text_append(deep, sizeof deep, "{{#name}}");
    assert_non_null(strstr(plain(deep), "more than 16 sections within each other"));
    for (size_t i = 0; i <= TEMPLATE_PARTS_MAX; i++) memcpy(many + i * 8, "{{name}}", 9);
    assert_string_equal(plain(many), "file:1: more than 4096 parts\n");
    const struct text value[VALUES] = {[NAME] = TEXT("0123456789")};
    struct template *template = template_parse("file", "{{name}}{{name}}", 16, table, NULL);
    buffer_init(&small, 15);
    assert_false(template_fill(template, MARKUP_PLAIN, &(struct template_values){.text = value}, &small));
    assert_string_equal(buffer_text(&small), "012345678901234"); /* what fits */
    buffer_free(&small);
    template_free(template);
}

/* --- escaping --- */

#define WIDE_LESS "\uFF1C"
#define WIDE_MORE "\uFF1E"
#define WIDE_AT "\uFF20"

static const char *as(enum markup markup, struct text value)
{
    return filled("{{name}}", markup, value);
}

static void no_value_begins_anything(void **state)
{
    (void)state;
    assert_string_equal(as(MARKUP_MARKDOWN, TEXT("<@all> *a* _b_ `c` [d](e) #f ~g~ |h| \\ &lt; !")),
                        WIDE_LESS WIDE_AT "all" WIDE_MORE " \uFF0Aa\uFF0A \uFF3Fb\uFF3F \uFF40c\uFF40 \uFF3Bd\uFF3D(e) \uFF03f \uFF5Eg\uFF5E \uFF5Ch\uFF5C \uFF3C "
                        "\uFF06lt; \uFF01");
    assert_string_equal(as(MARKUP_MARKDOWN, TEXT("<at user_id=\"all\"></at>")), WIDE_LESS "at user\uFF3Fid=\"all\"" WIDE_MORE WIDE_LESS "/at" WIDE_MORE);
    assert_string_equal(as(MARKUP_MARKDOWN, TEXT("- a-b")), "\uFF0D a-b");
    assert_string_equal(as(MARKUP_MARKDOWN, TEXT("=== +")), "\uFF1D== +");
    assert_string_equal(as(MARKUP_PLAIN, TEXT("<@all> *a* @13800000000")), WIDE_LESS WIDE_AT "all" WIDE_MORE " *a* " WIDE_AT "13800000000");
    assert_string_equal(as(MARKUP_HTML, TEXT("<a href='x' onclick=\"y\">&")), "&lt;a href=&#39;x&#39; onclick=&quot;y&quot;&gt;&amp;");
}

static void no_value_is_a_link(void **state)
{
    static const enum markup all[] = {MARKUP_PLAIN, MARKUP_MARKDOWN, MARKUP_HTML};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(as(all[i], TEXT("https://evil.example.cn/x 3.5 a.b v1.2. c:/d")), "https\uFF1A//evil\u00B7example\u00B7cn/x 3.5 a\u00B7b v1.2. c:/d");
        assert_string_equal(as(all[i], TEXT("\u5C0F\u533A.cn")), "\u5C0F\u533A\u00B7cn");
    }
}

static void control_characters_become_blanks(void **state)
{
    (void)state;
    assert_string_equal(as(MARKUP_PLAIN, TEXT("a\r\nb\tc\x1b" "d\x7f" "e")), "a  b c d e");
    assert_string_equal(as(MARKUP_MARKDOWN, TEXT("a\n# b")), "a \uFF03 b");
    assert_string_equal(as(MARKUP_PLAIN, TEXT("a\u202Eb\u2028c\u200Bd\uFEFFe\xC2\x85" "f")), "a b c d e f");
    assert_string_equal(as(MARKUP_HTML, TEXT("a\0b")), "a b");
}

static void bytes_that_are_no_characters(void **state)
{
    (void)state;
    assert_string_equal(as(MARKUP_PLAIN, TEXT("a\xff" "b\xc0\x80" "c\xed\xa0\x80" "d\xe4\xb8")), "a\uFFFDb\uFFFD\uFFFDc\uFFFD\uFFFD\uFFFDd\uFFFD\uFFFD");
    assert_string_equal(as(MARKUP_JSON, TEXT("a\xff")), "a\uFFFD");
    assert_string_equal(as(MARKUP_PLAIN, TEXT("\U0001F600\u4E2D")), "\U0001F600\u4E2D");
}

static void json_and_url_are_exact(void **state)
{
    (void)state;
    assert_string_equal(as(MARKUP_JSON, TEXT("a\"b\\c\nd\x01<@>\u2028://x.cn")), "a\\\"b\\\\c\\u000ad\\u0001<@>\\u2028://x.cn");
    assert_string_equal(as(MARKUP_URL, TEXT("A-z_0.~ /?&=%\u4E2D")), "A-z_0.~%20%2F%3F%26%3D%25%E4%B8%AD");
}

static void links_stay_in_their_place(void **state)
{
    (void)state;
    assert_string_equal(filled("[x]({{link}})", MARKUP_MARKDOWN, TEXT("")), "[x](https://x.cn/a%28b%29?c=d&e)");
    assert_string_equal(filled("<a href=\"{{link}}\">", MARKUP_HTML, TEXT("")), "<a href=\"https://x.cn/a%28b%29?c=d&amp;e\">");
    assert_string_equal(filled("{{link}}", MARKUP_JSON, TEXT("")), "https://x.cn/a(b)?c=d&e");
    buffer_clear(&out);
    escape_link(&out, MARKUP_HTML, TEXT("https://x.cn/\"><script>\n\u4E2D"));
    assert_string_equal(buffer_text(&out), "https://x.cn/%22%3E%3Cscript%3E%0A%E4%B8%AD");
}

static void long_values_are_cut_at_a_character(void **state)
{
    static char text[3 * ESCAPE_VALUE_MAX_BYTES];
    struct pool pool = {0};
    (void)state;
    for (size_t i = 0; i + 3 <= sizeof text; i += 3) memcpy(text + i, "\u4E2D", 3);
    const char *cut = as(MARKUP_PLAIN, (struct text){text, sizeof text});
    assert_int_equal(strlen(cut), ESCAPE_VALUE_MAX_BYTES / 3 * 3 + 3);
    assert_string_equal(cut + ESCAPE_VALUE_MAX_BYTES / 3 * 3, "\u2026");
    struct text five = escape_cut((struct text){text, 18}, 5, &pool), six = escape_cut((struct text){text, 18}, 6, &pool);
    assert_true(five.bytes == 18 && memcmp(five.at + 15, "\u2026", 3) == 0);
    assert_true(six.at == text && six.bytes == 18);
    pool_free(&pool);
}

static int close_all(void **state)
{
    (void)state;
    buffer_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_and_sections),          cmocka_unit_test(tags_alone_on_a_line_leave_none), cmocka_unit_test(faults_say_file_line_and_field),
        cmocka_unit_test(bounds),                       cmocka_unit_test(no_value_begins_anything),       cmocka_unit_test(no_value_is_a_link),
        cmocka_unit_test(control_characters_become_blanks), cmocka_unit_test(bytes_that_are_no_characters), cmocka_unit_test(json_and_url_are_exact),
        cmocka_unit_test(links_stay_in_their_place),    cmocka_unit_test(long_values_are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, close_all);
}
