/* Signatures of Standard Webhooks, by the standard's own vector. */
#include "notify/webhook.h"
#include "tests/unit/unit.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_published_vector), cmocka_unit_test(secrets_that_are_none),
                                       cmocka_unit_test(padding_is_no_part_of_the_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
