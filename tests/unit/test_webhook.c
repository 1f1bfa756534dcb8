/* Webhooks: signatures of Standard Webhooks by the standard's own vector, secrets that are rotated, and what answers mean. */
#include "notify/webhook.h"
#include "tests/unit/calling.h"

static void the_published_vector(void **state)
{
    static const char body[] = "{\"test\": 2432232314}";
    struct webhook_key key = {.bytes = 0};
    char signature[WEBHOOK_SIGNATURE_BYTES];
    (void)state;
    assert_null(webhook_key_parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &key));
    assert_int_equal(key.bytes, 24);
    webhook_sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, sizeof body - 1, signature);
    assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    webhook_sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265331, body, sizeof body - 1, signature);
    assert_string_not_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void secrets_that_are_none(void **state)
{
    static const char *const wrong[] = {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MfKQ9r8G", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
                                        "whsec_????????????????????????????????",
                                        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    struct webhook_key key = {.bytes = 0};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *fault = webhook_key_parse(wrong[i], &key);
        assert_non_null(fault);
        assert_int_equal(key.bytes, 0);
    }
}

static void padding_is_no_part_of_the_key(void **state)
{
    struct webhook_key key = {.bytes = 0};
    (void)state;
    assert_null(webhook_key_parse("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", &key));
    assert_int_equal(key.bytes, 25);
}

#define OLD "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define NEW "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* The channel opened with what stands in the environment; returns the number of faults. */
static size_t opened(const char *secret, void **secrets, struct buffer *faults)
{
    static char name[] = "TEST_WEBHOOK_SECRET";
    struct calling calling = calling_begin(CHANNEL_WEBHOOK);
    calling.config.secret_env = name;
    setenv(name, secret, 1);
    return channel_of(CHANNEL_WEBHOOK)->open(&calling.config, secrets, faults, NULL);
}

static void all_secrets_sign_while_one_is_rotated(void **state)
{
    struct calling calling = calling_begin(CHANNEL_WEBHOOK);
    struct webhook_key old, new;
    char signature[2][WEBHOOK_SIGNATURE_BYTES], line[256];
    void *secrets;
    (void)state;
    assert_int_equal(opened(NEW "\r\n\n" OLD, &secrets, NULL), 0);
    assert_null(webhook_key_parse(OLD, &old));
    assert_null(webhook_key_parse(NEW, &new));
    calling.message.envelope = "{\"test\": 2432232314}";
    assert_true(calling_compose(&calling, secrets, 1614265330999));
    webhook_sign(&new, calling.message.id, 1614265330, calling.message.envelope, 20, signature[0]);
    webhook_sign(&old, calling.message.id, 1614265330, calling.message.envelope, 20, signature[1]);
    snprintf(line, sizeof line, "webhook-signature: %s %s", signature[0], signature[1]);
    assert_int_equal(calling.request.headers, 4);
    assert_string_equal(calling.request.header[1], "webhook-id: ntc_00112233445566778899aabbccddeeff");
    assert_string_equal(calling.request.header[2], "webhook-timestamp: 1614265330");
    assert_string_equal(calling.request.header[3], line);
    channel_of(CHANNEL_WEBHOOK)->close(secrets);
    calling_end(&calling);
}

static void faults_name_the_line_and_not_the_secret(void **state)
{
    struct buffer faults;
    void *secrets;
    (void)state;
    buffer_init(&faults, 4096);
    assert_int_equal(opened(NEW "\nwhsec_wrong\nother", &secrets, &faults), 2);
    assert_string_equal(buffer_text(&faults), "[endpoint e] TEST_WEBHOOK_SECRET:2: expected base64 of 24 to 64 bytes behind whsec_\n"
                                              "[endpoint e] TEST_WEBHOOK_SECRET:3: expected whsec_ and base64\n");
    channel_of(CHANNEL_WEBHOOK)->close(secrets);
    buffer_free(&faults);
}

static void answers(void **state)
{
    static const struct { long status; enum verdict_kind kind; } each[] = {
        {200, VERDICT_DELIVERED}, {204, VERDICT_DELIVERED}, {299, VERDICT_DELIVERED}, {301, VERDICT_RETRY}, {400, VERDICT_RETRY}, {401, VERDICT_RETRY}, {404, VERDICT_RETRY},
        {410, VERDICT_GONE}, {429, VERDICT_SLOW_DOWN}, {500, VERDICT_RETRY}, {502, VERDICT_SLOW_DOWN}, {503, VERDICT_RETRY}, {504, VERDICT_SLOW_DOWN}, {0, VERDICT_RETRY}};
    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) assert_int_equal(calling_judge(CHANNEL_WEBHOOK, NULL, each[i].status, "").kind, each[i].kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_published_vector), cmocka_unit_test(secrets_that_are_none),
                                       cmocka_unit_test(padding_is_no_part_of_the_key), cmocka_unit_test(all_secrets_sign_while_one_is_rotated),
                                       cmocka_unit_test(faults_name_the_line_and_not_the_secret), cmocka_unit_test(answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
