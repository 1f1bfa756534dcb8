/* Mails: headers that cannot be broken out of, subjects folded, addresses. What a reader makes of them: tests/integration/test_channels.py. */
#include "notify/mime.h"
#include "tests/unit/calling.h"

static const struct mime_mail plain = {.from = "bihuan@example.cn", .to = TEXT("wang@unit.example.cn"), .subject = "Due today", .id = "ntc_1", .real_ms = 1728522000000,
                                       .text = "text", .html = "<p>html</p>"};

static char *written(struct mime_mail mail)
{
    struct buffer buffer;
    const char *why;
    buffer_init(&buffer, MIME_MAIL_MAX_BYTES);
    assert_true(mime_write(&buffer, &mail, &why));
    return buffer.data;
}

static bool refused(struct mime_mail mail)
{
    struct buffer buffer;
    const char *why = NULL;
    buffer_init(&buffer, MIME_MAIL_MAX_BYTES);
    bool good = mime_write(&buffer, &mail, &why);
    buffer_free(&buffer);
    assert_int_equal(good, why == NULL);
    return !good;
}

static void a_mail(void **state)
{
    char *mail = written(plain), *again = written(plain);
    (void)state;
    assert_string_equal(mail, again);
    assert_memory_equal(mail, "Date: Thu, 10 Oct 2024 01:00:00 +0000\r\nFrom: bihuan@example.cn\r\nTo: wang@unit.example.cn\r\nSubject: Due today\r\n"
                              "Message-ID: <ntc_1@example.cn>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                              "Content-Type: multipart/alternative;\r\n boundary=\"=_words_ntc_1\"\r\n\r\n", 252);
    assert_null(strstr(mail, "calendar"));
    free(mail), free(again);
    struct mime_mail dated = plain;
    dated.calendar = "BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n";
    mail = written(dated);
    assert_non_null(strstr(mail, "multipart/mixed"));
    assert_non_null(strstr(mail, "text/calendar; charset=utf-8; method=PUBLISH\r\n"));
    free(mail);
}

/* No line is too long, each ends with CRLF, and nothing but ASCII is there. */
static void lines(void **state)
{
    struct mime_mail mail = plain;
    char text[3000];
    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    mail.text = text;
    mail.subject = "【逾期】案件 ML2024093000123 《小区电梯故障》 已逾期 2 个工作日,请立即办理并答复市民 — 主办单位:物业管理所 — 督办";
    char *bytes = written(mail);
    for (const char *line = bytes, *end; *line; line = end + 2) {
        end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true(end - line <= 78);
        for (const char *c = line; c < end; c++) assert_in_range(*c, ' ', '~');
    }
    free(bytes);
}

static void nothing_breaks_out_of_a_header(void **state)
{
    static const char *const subjects[] = {"a\r\nBcc: x@example.cn", "a\nBcc: x@example.cn", "a\rBcc: x", "\r\n\r\nbody", "a\x7f", "=?UTF-8?B?YQ==?=", "\xff\r\nBcc: x"};
    (void)state;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        struct mime_mail mail = plain;
        mail.subject = subjects[i];
        char *bytes = written(mail);
        assert_null(strstr(bytes, "Bcc"));
        assert_non_null(strstr(bytes, "Subject: =?UTF-8?B?"));
        free(bytes);
    }
    struct mime_mail mail = plain;
    mail.to = TEXT("a@example.cn\r\nBcc: b@example.cn");
    assert_true(refused(mail));
    mail = plain, mail.from = "a@example.cn\nX: y";
    assert_true(refused(mail));
    mail = plain, mail.id = "a>\r\nX: y";
    assert_true(refused(mail));
    mail = plain, mail.id = "";
    assert_true(refused(mail));
    assert_false(refused(plain));
}

static void subjects_are_folded_between_characters(void **state)
{
    struct buffer header;
    char text[400] = "";
    (void)state;
    for (int i = 0; i < 40; i++) {
        buffer_init(&header, 4096);
        mime_header(&header, "Subject:", text);
        for (const char *word = header.data; (word = strstr(word, "?B?")); word += 3) {
            size_t length = strcspn(word + 3, "?");
            assert_true(length % 4 == 0 && length + 12 <= 75);
        }
        buffer_free(&header);
        strcat(text, i % 3 ? "期" : "😀");
    }
}

static void addresses(void **state)
{
    static const char *const good[] = {"a@b.cn", "wang.xiao-ming+12345@unit.gov.example.cn", "o'neil@a-b.c"};
    static const char *const bad[] = {"", "a", "@b.cn", "a@", "a@b", ".a@b.cn", "a.@b.cn", "a..b@b.cn", "a@.cn", "a@b..cn", "a@b.cn.", "a@-b.cn", "a@b-.cn", "a b@b.cn", "a@b cn.cn",
                                      "a@b@c.cn", "\"a\"@b.cn", "a@[1.2.3.4]", "<a@b.cn>", "a@b.cn,c@d.cn", "王@b.cn", "a@b_c.cn", "a@b.cn-"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(mime_address((struct text){good[i], strlen(good[i])}));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (mime_address((struct text){bad[i], strlen(bad[i])})) fail_msg("\"%s\" passes", bad[i]);
    char long_one[400];
    memset(long_one, 'a', sizeof long_one);
    memcpy(long_one + 65, "@b.cn", 6);
    assert_false(mime_address((struct text){long_one, strlen(long_one)}));
    assert_true(mime_address((struct text){long_one + 1, strlen(long_one + 1)}));
    assert_false(mime_address(TEXT("a\0b@c.cn")));
}

static void replies(void **state)
{
    static const struct { long status; const char *body; enum verdict_kind kind; const char *error; } each[] = {
        {250, "250 2.0.0 Ok: queued as 4XyZ12\r\n", VERDICT_DELIVERED, ""}, {250, "250 OK\r\n", VERDICT_DELIVERED, ""},
        {450, "450 4.2.0 <wang@unit.example.cn>: greylisted\r\n", VERDICT_RETRY, "SMTP 450 4.2.0 <w***@unit.example.cn>: greylisted"},
        {421, "421 4.7.0 Too many\r\n", VERDICT_SLOW_DOWN, "SMTP 421 4.7.0 Too many"}, {452, "452 4.3.1 Full\r\n", VERDICT_RETRY, "SMTP 452 4.3.1 Full"},
        {550, "550 5.1.1 No such user\r\n", VERDICT_REFUSED, "SMTP 550 5.1.1 No such user"}, {535, "535 5.7.8 bad\r\n", VERDICT_REFUSED, "SMTP 535 5.7.8 bad"},
        {554, "", VERDICT_REFUSED, "SMTP said no"}, {0, "", VERDICT_RETRY, "no answer"}};
    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct verdict verdict = calling_judge(CHANNEL_EMAIL, NULL, each[i].status, each[i].body);
        assert_int_equal(verdict.kind, each[i].kind);
        assert_string_equal(verdict.error, each[i].error);
        assert_string_equal(verdict.receipt, i ? "" : "4XyZ12");
    }
}

/* It is cut at a character. */
static void a_receipt_that_is_too_long(void **state)
{
    char reply[200] = "250 Ok: queued as ";
    (void)state;
    for (int i = 0; i < 40; i++) strcat(reply, "é");
    struct verdict verdict = calling_judge(CHANNEL_EMAIL, NULL, 250, reply);
    assert_int_equal(strlen(verdict.receipt), 62);
    assert_int_equal((unsigned char)verdict.receipt[61], 0xa9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_mail), cmocka_unit_test(lines), cmocka_unit_test(nothing_breaks_out_of_a_header),
                                       cmocka_unit_test(subjects_are_folded_between_characters), cmocka_unit_test(addresses), cmocka_unit_test(replies), cmocka_unit_test(a_receipt_that_is_too_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
