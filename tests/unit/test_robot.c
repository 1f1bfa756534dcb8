/* Group robots: signatures by their vectors, what is cut and where, mentions, keywords, and each code. */
#include "notify/robot.h"
#include "notify/channel_dingtalk.h"
#include "notify/channel_feishu.h"
#include "notify/cut.h"
#include "tests/unit/calling.h"

static const enum config_channel robots[] = {CHANNEL_WECOM, CHANNEL_DINGTALK, CHANNEL_FEISHU};

static char *repeated(const char *piece, size_t times)
{
    size_t bytes = strlen(piece);
    char *text = xmalloc(bytes * times + 1);
    for (size_t i = 0; i < times; i++) memcpy(text + i * bytes, piece, bytes);
    text[bytes * times] = 0;
    return text;
}

static void the_published_vectors(void **state)
{
    char signature[ROBOT_SIGNATURE_BYTES];
    (void)state;
    dingtalk_sign("SECtest", 1700000000000, signature);
    assert_string_equal(signature, "aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g=");
    feishu_sign("demo", 1700000000, signature);
    assert_string_equal(signature, "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo=");
}

static void signatures_go_where_the_services_look(void **state)
{
    struct calling ding = calling_begin(CHANNEL_DINGTALK), feishu = calling_begin(CHANNEL_FEISHU);
    (void)state;
    assert_true(calling_compose(&ding, "SECtest", 1700000000000));
    assert_string_equal(ding.request.url, "https://robot.example.cn/send?key=abc&timestamp=1700000000000&sign=aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g%3D");
    assert_true(calling_compose(&ding, NULL, 1700000000000));
    assert_string_equal(ding.request.url, ding.config.url);
    assert_true(calling_compose(&feishu, "demo", 1700000000999));
    assert_string_equal(calling_text(&feishu, "timestamp"), "1700000000");
    assert_string_equal(calling_text(&feishu, "sign"), "8oT2n3SMKFfEnDoiwer8BUM/SjKLwe9SqoEIHlhDTKo=");
    assert_true(calling_compose(&feishu, NULL, 1700000000999));
    assert_null(calling_text(&feishu, "sign"));
    calling_end(&ding);
    calling_end(&feishu);
}

static void both_formats(void **state)
{
    static const char *const markdown[] = {"markdown.content", "markdown.text", "card.elements.0.content"}, *const text[] = {"text.content", "text.content", "content.text"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct calling calling = calling_begin(robots[i]);
        assert_true(calling_compose(&calling, NULL, 1));
        assert_string_equal(calling_text(&calling, markdown[i]), "正文");
        assert_string_equal(calling.request.method, "POST");
        calling.config.format = FORMAT_TEXT;
        assert_true(calling_compose(&calling, NULL, 1));
        assert_string_equal(calling_text(&calling, text[i]), "正文");
        calling.message.body = "\xff";
        assert_false(calling_compose(&calling, NULL, 1));
        assert_true(*calling.error);
        calling_end(&calling);
    }
    struct calling ding = calling_begin(CHANNEL_DINGTALK);
    assert_true(calling_compose(&ding, NULL, 1));
    assert_string_equal(calling_text(&ding, "markdown.title"), "到期提醒");
    calling_end(&ding);
}

static void mentions(void **state)
{
    struct calling one = calling_begin(CHANNEL_WECOM), ding = calling_begin(CHANNEL_DINGTALK), feishu = calling_begin(CHANNEL_FEISHU);
    (void)state;
    calling_address(&one, "13800000000"), calling_address(&one, "zhang.san");
    calling_address(&ding, "13800000000"), calling_address(&ding, "user1");
    calling_address(&feishu, "ou_1"), calling_address(&feishu, "ou_2");
    assert_true(calling_compose(&one, NULL, 1));
    assert_string_equal(calling_text(&one, "markdown.content"), "正文\n<@zhang.san>");
    one.config.format = FORMAT_TEXT;
    assert_true(calling_compose(&one, NULL, 1));
    assert_string_equal(calling_text(&one, "text.mentioned_mobile_list.0"), "13800000000");
    assert_string_equal(calling_text(&one, "text.mentioned_list.0"), "zhang.san");
    assert_true(calling_compose(&ding, NULL, 1));
    assert_string_equal(calling_text(&ding, "markdown.text"), "正文\n@13800000000 @user1");
    assert_string_equal(calling_text(&ding, "at.atMobiles.0"), "13800000000");
    assert_string_equal(calling_text(&ding, "at.atUserIds.0"), "user1");
    assert_true(calling_compose(&feishu, NULL, 1));
    assert_string_equal(calling_text(&feishu, "card.elements.0.content"), "正文\n<at id=ou_1></at><at id=ou_2></at>");
    feishu.config.format = FORMAT_TEXT;
    assert_true(calling_compose(&feishu, NULL, 1));
    assert_string_equal(calling_text(&feishu, "content.text"), "正文\n<at user_id=\"ou_1\"></at><at user_id=\"ou_2\"></at>");
    calling_end(&one), calling_end(&ding), calling_end(&feishu);
}

static void addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct channel *channel = channel_of(robots[i]);
        assert_null(channel->address(TEXT("zhang_san-1")));
        assert_non_null(channel->address(TEXT("")));
        assert_non_null(channel->address(TEXT("a b")));
        assert_non_null(channel->address(TEXT("a>b")));
        assert_non_null(channel->address(TEXT("a\"b")));
        assert_non_null(channel->address(TEXT("a\0b")));
    }
    assert_null(channel_of(CHANNEL_WECOM)->address(TEXT("+8613800000000")));
    assert_null(channel_of(CHANNEL_SMS)->address(TEXT("13800000000")));
    assert_non_null(channel_of(CHANNEL_SMS)->address(TEXT("1380000000a")));
    assert_non_null(channel_of(CHANNEL_SMS)->address(TEXT("1234")));
    assert_non_null(channel_of(CHANNEL_SMS)->address(TEXT("1234567890123456")));
    assert_non_null(channel_of(CHANNEL_SMS)->address(TEXT("+")));
}

static void keywords_are_added_where_they_are_missing(void **state)
{
    char keyword[] = "督办";
    struct calling calling = calling_begin(CHANNEL_DINGTALK);
    (void)state;
    calling.config.keyword = keyword;
    assert_true(calling_compose(&calling, NULL, 1));
    assert_string_equal(calling_text(&calling, "markdown.text"), "正文\n督办");
    calling.message.body = "请督办";
    assert_true(calling_compose(&calling, NULL, 1));
    assert_string_equal(calling_text(&calling, "markdown.text"), "请督办");
    /* It stood in what was cut away. */
    char *filler = repeated("一二三四五六七八", 1000), *long_one = xmalloc(strlen(filler) + sizeof keyword);
    sprintf(long_one, "%s%s", filler, keyword);
    calling.message.body = long_one;
    assert_true(calling_compose(&calling, NULL, 1));
    const char *text = calling_text(&calling, "markdown.text");
    assert_true(strlen(text) <= 20000 && strlen(text) > 19900);
    assert_non_null(strstr(text, "督办"));
    free(filler), free(long_one);
    calling_end(&calling);
}

/* Of any length: within the bound, whole characters, and the link to the rest when it was cut. */
static void what_is_too_long_is_cut(void **state)
{
    static const struct { enum config_channel channel; enum config_format format; const char *path; size_t most; } each[] = {
        {CHANNEL_WECOM, FORMAT_TEXT, "text.content", 2048}, {CHANNEL_WECOM, FORMAT_MARKDOWN, "markdown.content", 4096},
        {CHANNEL_DINGTALK, FORMAT_TEXT, "text.content", 20000}, {CHANNEL_DINGTALK, FORMAT_MARKDOWN, "markdown.text", 20000}};
    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        for (size_t pad = 0; pad < 4; pad++) {
            struct calling calling = calling_begin(each[i].channel);
            char *filler = repeated("字", each[i].most / 3 + 2);
            calling.config.format = each[i].format;
            calling.message.link = "https://case.example.cn/ML1";
            calling.message.body = filler + 3; /* just over */
            char *padded = xmalloc(strlen(filler) + 8);
            sprintf(padded, "%.*s%s", (int)pad, "abcd", filler);
            calling.message.body = padded;
            assert_true(calling_compose(&calling, NULL, 1));
            const char *text = calling_text(&calling, each[i].path);
            assert_non_null(text);
            assert_true(strlen(text) <= each[i].most && strlen(text) + 3 > each[i].most);
            assert_non_null(strstr(text, "…"));
            assert_non_null(strstr(text, calling.message.link));
            padded[each[i].most / 3 * 3] = 0; /* fits */
            padded[each[i].most] = 0;
            calling.message.body = "短";
            assert_true(calling_compose(&calling, NULL, 1));
            assert_string_equal(calling_text(&calling, each[i].path), "短");
            free(filler), free(padded);
            calling_end(&calling);
        }
}

static void feishu_is_bound_by_its_whole_body(void **state)
{
    static const char *const pieces[] = {"字", "\n", "\"", "\x01", "a"};
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        for (int format = FORMAT_MARKDOWN; format <= FORMAT_TEXT; format++) {
            struct calling calling = calling_begin(CHANNEL_FEISHU);
            char *filler = repeated(pieces[i], 30000);
            calling.config.format = format;
            calling.message.body = filler;
            calling.message.link = "https://case.example.cn/ML1";
            assert_true(calling_compose(&calling, "demo", 1));
            assert_in_range(calling.request.bytes, 20480 - 1024, 20480);
            assert_non_null(strstr(calling.request.body, calling.message.link));
            free(filler);
            calling_end(&calling);
        }
}

static void cuts(void **state)
{
    static const char link[] = "一[案件](https://a.cn/1)二", tag[] = "a<@zhang>b", at[] = "x<at id=ou_1></at>y", open_one[] = "a[b c", escaped[] = "a\\*b", image[] = "a![b](c)d";
    (void)state;
    for (size_t room = 3; room < sizeof link - 1 - 3; room++) assert_int_equal(cut_fit(link, sizeof link - 1, room, true), 3);
    assert_int_equal(cut_fit(link, sizeof link - 1, sizeof link - 1 - 3, true), sizeof link - 1 - 3);
    assert_int_equal(cut_fit(link, sizeof link - 1, 5, false), 4);
    assert_int_equal(cut_fit(link, sizeof link - 1, 100, true), sizeof link - 1);
    for (size_t room = 1; room < 9; room++) assert_int_equal(cut_fit(tag, sizeof tag - 1, room, true), 1);
    for (size_t room = 1; room < sizeof at - 2; room++) assert_int_equal(cut_fit(at, sizeof at - 1, room, true), 1);
    assert_int_equal(cut_fit(open_one, 5, 3, true), 3);
    assert_int_equal(cut_fit(escaped, 4, 2, true), 1);
    for (size_t room = 1; room < sizeof image - 2; room++) assert_int_equal(cut_fit(image, sizeof image - 1, room, true), 1);
    assert_int_equal(cut_fit("", 0, 0, true), 0);
}

static void every_code(void **state)
{
    static const struct { enum config_channel channel; const char *body; enum verdict_kind kind; int64_t wait_ms; } each[] = {
        {CHANNEL_WECOM, "{\"errcode\":0,\"errmsg\":\"ok\"}", VERDICT_DELIVERED, 0}, {CHANNEL_WECOM, "{\"errcode\":45009,\"errmsg\":\"api freq out of limit\"}", VERDICT_SLOW_DOWN, 60000},
        {CHANNEL_WECOM, "{\"errcode\":93000,\"errmsg\":\"invalid webhook url\"}", VERDICT_REFUSED, 0}, {CHANNEL_WECOM, "{\"errcode\":40058}", VERDICT_REFUSED, 0},
        {CHANNEL_WECOM, "{\"errcode\":-1,\"errmsg\":\"system busy\"}", VERDICT_RETRY, 0}, {CHANNEL_WECOM, "{\"errcode\":\"0\"}", VERDICT_RETRY, 0},
        {CHANNEL_WECOM, "{\"code\":0}", VERDICT_RETRY, 0}, {CHANNEL_WECOM, "{\"errcode\":0.0}", VERDICT_RETRY, 0}, {CHANNEL_WECOM, "{\"errcode\":null}", VERDICT_RETRY, 0},
        {CHANNEL_DINGTALK, "{\"errcode\":0}", VERDICT_DELIVERED, 0}, {CHANNEL_DINGTALK, "{\"errcode\":130101,\"errmsg\":\"send too fast\"}", VERDICT_SLOW_DOWN, 600000},
        {CHANNEL_DINGTALK, "{\"errcode\":310000,\"errmsg\":\"sign not match\"}", VERDICT_REFUSED, 0}, {CHANNEL_DINGTALK, "{\"errcode\":999999}", VERDICT_RETRY, 0},
        {CHANNEL_FEISHU, "{\"code\":0,\"msg\":\"success\"}", VERDICT_DELIVERED, 0}, {CHANNEL_FEISHU, "{\"code\":11232}", VERDICT_SLOW_DOWN, 60000},
        {CHANNEL_FEISHU, "{\"code\":19021,\"msg\":\"sign match fail\"}", VERDICT_REFUSED, 0}, {CHANNEL_FEISHU, "{\"code\":19022}", VERDICT_REFUSED, 0},
        {CHANNEL_FEISHU, "{\"code\":19024}", VERDICT_REFUSED, 0}, {CHANNEL_FEISHU, "{\"code\":9499}", VERDICT_REFUSED, 0}, {CHANNEL_FEISHU, "{\"code\":1}", VERDICT_RETRY, 0},
        {CHANNEL_FEISHU, "{\"StatusCode\":0}", VERDICT_RETRY, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct verdict verdict = calling_judge(each[i].channel, NULL, 200, each[i].body);
        if (verdict.kind != each[i].kind || verdict.wait_ms != each[i].wait_ms || !*verdict.error != (verdict.kind == VERDICT_DELIVERED))
            fail_msg("%s: %s, %s", each[i].body, verdict_name(verdict.kind), verdict.error);
    }
    assert_int_equal(calling_judge(CHANNEL_FEISHU, NULL, 400, "{\"code\":9499}").kind, VERDICT_REFUSED);
    assert_int_equal(calling_judge(CHANNEL_FEISHU, NULL, 400, "{\"code\":0}").kind, VERDICT_RETRY);
    assert_int_equal(calling_judge(CHANNEL_WECOM, NULL, 500, "{\"errcode\":93000}").kind, VERDICT_RETRY);
}

static void what_is_no_answer_is_no_success(void **state)
{
    static const char *const bodies[] = {"", "garbage", "<html>", "[]", "{}", "0", "null", "{\"errcode\":0", "\xff\xfe", "{\"errcode\":0}{\"errcode\":0}"};
    (void)state;
    for (size_t r = 0; r < 3; r++) {
        for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
            struct verdict verdict = calling_judge(robots[r], NULL, 200, bodies[i]);
            if (verdict.kind != VERDICT_RETRY || !*verdict.error) fail_msg("\"%s\": %s", bodies[i], verdict_name(verdict.kind));
        }
        assert_int_equal(calling_judge(robots[r], NULL, 302, "").kind, VERDICT_RETRY);
        assert_int_equal(calling_judge(robots[r], NULL, 429, "").kind, VERDICT_SLOW_DOWN);
        assert_int_equal(calling_judge(robots[r], NULL, 0, "").kind, VERDICT_RETRY);
    }
}

static void words_of_services_are_tamed(void **state)
{
    struct verdict verdict = calling_judge(CHANNEL_WECOM, NULL, 200, "{\"errcode\":7,\"errmsg\":\"a\\n\\u001b[31mb to 13812341234 of wang.xm@example.cn \\u0085\"}");
    (void)state;
    assert_string_equal(verdict.error, "errcode 7: a  [31mb to 138****1234 of w******@example.cn");
    char *long_one = repeated("字", 200), body[1024];
    snprintf(body, sizeof body, "{\"errcode\":7,\"errmsg\":\"%s\"}", long_one);
    verdict = calling_judge(CHANNEL_WECOM, NULL, 200, body);
    assert_true(strlen(verdict.error) < sizeof verdict.error);
    json_t *valid = json_string(verdict.error);
    assert_non_null(valid);
    json_decref(valid);
    free(long_one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors), cmocka_unit_test(signatures_go_where_the_services_look), cmocka_unit_test(both_formats), cmocka_unit_test(mentions),
        cmocka_unit_test(addresses), cmocka_unit_test(keywords_are_added_where_they_are_missing), cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(feishu_is_bound_by_its_whole_body), cmocka_unit_test(cuts), cmocka_unit_test(every_code), cmocka_unit_test(what_is_no_answer_is_no_success),
        cmocka_unit_test(words_of_services_are_tamed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
