/* SMS gateways: what is read, how fields are escaped where they stand, and what answers mean. */
#include "notify/gateway.h"
#include "tests/unit/calling.h"

#define HEAD "{'gateway': 'g', 'url': 'https://sms.example.cn/send', "
#define JSON "'content_type': 'application/json', 'body': {'m': '{{mobile}}', 't': '{{text}}'}, "
#define OK "'success': {'pointer': '/code', 'equals': 0}"

/* Single quotes stand for double ones. */
static bool parsed(struct gateway *gateway, const char *quoted, char error[256])
{
    char text[2048];
    snprintf(text, sizeof text, "%s", quoted);
    for (char *c = text; *c; c++)
        if (*c == '\'') *c = '"';
    *error = 0;
    return gateway_parse(gateway, "g.json", text, strlen(text), error, 256);
}

static void is_refused(const char *quoted, const char *said)
{
    struct gateway gateway;
    char error[256];
    if (parsed(&gateway, quoted, error)) fail_msg("%s passes", quoted);
    if (!strstr(error, said)) fail_msg("%s: %s", quoted, error);
    gateway_free(&gateway);
}

static const struct gateway_fields fields = {.mobile = TEXT("+8613800000000"), .text = "a\"b\\c\n<&>'字 1+1=2\t", .id = "ntc_1", .secret = "s&c"};

static void the_shipped_example(void **state)
{
    struct gateway gateway;
    char error[256] = "";
    (void)state;
    if (!gateway_load(&gateway, "conf/sms/example-gateway.json", error, sizeof error)) fail_msg("%s", error);
    assert_true(gateway.uses_secret);
    gateway_free(&gateway);
}

static void fields_are_escaped_where_they_stand(void **state)
{
    static const struct { const char *type, *body, *filled; } each[] = {
        {"application/json", "{\\\"t\\\":\\\"{{text}}\\\"}", "{\"t\":\"a\\\"b\\\\c\\n<&>'字 1+1=2\\u0009\"}"},
        {"application/x-www-form-urlencoded", "m={{mobile}}&t={{text}}", "m=%2B8613800000000&t=a%22b%5Cc%0A%3C%26%3E%27%E5%AD%97%201%2B1%3D2%09"},
        {"text/xml; charset=utf-8", "<t>{{text}}</t>", "<t>a&quot;b\\c\n&lt;&amp;&gt;&apos;字 1+1=2\t</t>"},
        {"text/plain", "{{id}}:{{text}}", "ntc_1:a\"b\\c\n<&>'字 1+1=2\t"}};
    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct gateway gateway;
        struct request request;
        struct pool pool = {0};
        char text[1024], error[256];
        snprintf(text, sizeof text, "{\"gateway\":\"g\",\"url\":\"https://sms.example.cn/{{id}}?to={{mobile}}&k={{secret}}\",\"headers\":{\"X-Key\":\"{{secret}}\"},"
                                    "\"content_type\":\"%s\",\"body\":\"%s\",\"success\":{\"status\":[200]}}", each[i].type, each[i].body);
        if (!gateway_parse(&gateway, "g.json", text, strlen(text), error, sizeof error)) fail_msg("%s", error);
        assert_true(gateway_request(&gateway, &fields, &request, &pool, error));
        assert_string_equal(request.url, "https://sms.example.cn/ntc_1?to=%2B8613800000000&k=s%26c");
        assert_string_equal(request.header[0], "X-Key: s&c");
        assert_string_equal(request.body, each[i].filled);
        assert_int_equal(request.bytes, strlen(each[i].filled));
        pool_free(&pool);
        gateway_free(&gateway);
    }
}

static void a_get_has_no_body(void **state)
{
    struct gateway gateway;
    struct request request;
    struct pool pool = {0};
    char error[256];
    (void)state;
    assert_true(parsed(&gateway, "{'gateway': 'g', 'method': 'GET', 'url': 'https://sms.example.cn/?t={{text}}', 'success': {'contains': 'OK'}}", error));
    assert_true(gateway_request(&gateway, &fields, &request, &pool, error));
    assert_string_equal(request.method, "GET");
    assert_null(request.body);
    pool_free(&pool);
    gateway_free(&gateway);
}

static void faults(void **state)
{
    (void)state;
    is_refused("{", "g.json: line 1");
    is_refused("[]", "expected an object");
    is_refused(HEAD JSON "'success': {}}", "success: expected");
    is_refused(HEAD JSON OK ", 'retry': 1}", "unknown field \"retry\"");
    is_refused("{'gateway': 'g', 'url': 'https://{{id}}/', " JSON OK "}", "url: fields may stand in path and query alone");
    is_refused("{'gateway': 'g', 'url': 'https://a.example.cn{{id}}/', " JSON OK "}", "url: fields may stand in path and query alone");
    is_refused("{'gateway': 'g', 'url': 'https://a:{{id}}@b.example.cn/', " JSON OK "}", "url: fields may stand");
    is_refused("{'gateway': 'g', 'url': 'http{{id}}://a.example.cn/', " JSON OK "}", "url: expected https://");
    is_refused("{'gateway': 'g', 'url': 'https://a:b@c.example.cn/', " JSON OK "}", "url: must not hold a name");
    is_refused("{'gateway': 'g', 'url': 'https://a.example.cn/#{{id}}', " JSON OK "}", "url: must not hold a fragment");
    is_refused("{'gateway': 'g', 'url': 'https:///x', " JSON OK "}", "url: there is no host");
    is_refused("{'gateway': 'g', 'url': 'https:///{{id}}/x', " JSON OK "}", "url: there is no host");
    is_refused("{'gateway': 'g', 'url': 'https://a b.example.cn/', " JSON OK "}", "url: is none");
    is_refused("{'gateway': 'g', 'url': 'https://a.example.cn/{{name}}', " JSON OK "}", "unknown field {{name}}");
    is_refused("{'gateway': 'g', 'url': 'https://a.example.cn/{{id', " JSON OK "}", "a {{ without }}");
    is_refused(HEAD "'headers': {'Host': 'x'}, " JSON OK "}", "headers.Host: is the sender's own");
    is_refused(HEAD "'headers': {'content-type': 'x'}, " JSON OK "}", "use content_type");
    is_refused(HEAD "'headers': {'A B': 'x'}, " JSON OK "}", "is no header's name");
    is_refused(HEAD "'headers': {'X': 'a\\r\\nB: c'}, " JSON OK "}", "expected one line of text");
    is_refused(HEAD "'headers': {'X': '{{text}}'}, " JSON OK "}", "cannot be filled in here");
    is_refused(HEAD "'content_type': 'image/png', 'body': 'x', " OK "}", "content_type: expected JSON");
    is_refused(HEAD "'body': 'x', " OK "}", "body: needs content_type");
    is_refused(HEAD OK "}", "body: needs content_type");
    is_refused(HEAD "'content_type': 'text/plain', 'body': {}, " OK "}", "body: expected text");
    is_refused(HEAD "'method': 'DELETE', " JSON OK "}", "method");
    is_refused(HEAD "'method': 'GET', " JSON OK "}", "a GET has none");
    is_refused(HEAD JSON "'success': {'pointer': '/a'}}", "pointer and equals go together");
    is_refused(HEAD JSON "'success': {'pointer': 'a', 'equals': 1}}", "expected a JSON pointer");
    is_refused(HEAD JSON "'success': {'status': [99]}}", "success.status");
    is_refused(HEAD JSON OK ", 'refused': [1.5]}", "refused.0: expected");
    is_refused(HEAD JSON OK ", 'characters_max': 3}", "characters_max");
}

static struct verdict judged(const char *quoted, long status, const char *body)
{
    struct gateway gateway;
    struct verdict verdict;
    char error[256];
    if (!parsed(&gateway, quoted, error)) fail_msg("%s", error);
    gateway_judge(&gateway, &(struct answer){.status = status, .body = body, .bytes = strlen(body)}, &verdict);
    gateway_free(&gateway);
    return verdict;
}

static void answers_with_a_code(void **state)
{
    static const char form[] = HEAD JSON "'success': {'pointer': '/res/0/co~1de', 'equals': 'OK'}, 'message': '/msg', 'receipt': '/sid', 'slow_down': ['BUSY', 7], 'refused': [-3]}";
    static const struct { long status; const char *body; enum verdict_kind kind; const char *error; } each[] = {
        {200, "{\"res\":[{\"co/de\":\"OK\"}],\"sid\":12345678901234}", VERDICT_DELIVERED, ""},
        {200, "{\"res\":[{\"co/de\":\"BUSY\"}],\"msg\":\"slower\"}", VERDICT_SLOW_DOWN, "HTTP 200, code BUSY: slower"},
        {200, "{\"res\":[{\"co/de\":7}]}", VERDICT_SLOW_DOWN, "HTTP 200, code 7: {\"res\":[{\"co/de\":7}]}"},
        {200, "{\"res\":[{\"co/de\":-3}],\"msg\":\"number 13812341234 is bad\"}", VERDICT_REFUSED, "HTTP 200, code -3: number 138****1234 is bad"},
        {400, "{\"res\":[{\"co/de\":-3}],\"msg\":\"bad\"}", VERDICT_REFUSED, "HTTP 400, code -3: bad"},
        {200, "{\"res\":[{\"co/de\":\"ok\"}],\"msg\":\"?\"}", VERDICT_RETRY, "HTTP 200, code ok: ?"},
        {200, "{\"res\":[]}", VERDICT_RETRY, "HTTP 200: {\"res\":[]}"}, {200, "", VERDICT_RETRY, "HTTP 200: an empty body"},
        {200, "garbage", VERDICT_RETRY, "HTTP 200: garbage"}, {201, "{\"res\":[{\"co/de\":\"OK\"}]}", VERDICT_RETRY, "HTTP 201, code OK: {\"res\":[{\"co/de\":\"OK\"}]}"},
        {410, "", VERDICT_GONE, "HTTP 410: an empty body"}, {429, "", VERDICT_SLOW_DOWN, "HTTP 429: an empty body"}, {0, "", VERDICT_RETRY, "no answer"}};
    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct verdict verdict = judged(form, each[i].status, each[i].body);
        assert_string_equal(verdict.error, each[i].error);
        assert_int_equal(verdict.kind, each[i].kind);
        assert_string_equal(verdict.receipt, i ? "" : "12345678901234");
    }
}

static void answers_with_a_text(void **state)
{
    static const char form[] = HEAD JSON "'success': {'status': [200, 202], 'contains': '<returnstatus>Success'}, 'slow_down': ['too fast'], 'refused': ['black']}";
    (void)state;
    assert_int_equal(judged(form, 202, "<r><returnstatus>Success</returnstatus></r>").kind, VERDICT_DELIVERED);
    assert_int_equal(judged(form, 200, "<r>too fast</r>").kind, VERDICT_SLOW_DOWN);
    assert_int_equal(judged(form, 200, "<r>in the blacklist</r>").kind, VERDICT_REFUSED);
    assert_int_equal(judged(form, 200, "<r/>").kind, VERDICT_RETRY);
    assert_int_equal(judged(form, 500, "<returnstatus>Success").kind, VERDICT_RETRY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_shipped_example), cmocka_unit_test(fields_are_escaped_where_they_stand), cmocka_unit_test(a_get_has_no_body),
                                       cmocka_unit_test(faults), cmocka_unit_test(answers_with_a_code), cmocka_unit_test(answers_with_a_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
