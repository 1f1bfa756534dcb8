/* States of digests as text, and which of two is the later. */
#include <string.h>

#include "sla/digest_state.h"
#include "tests/unit/unit.h"

static void a_state_reads_back_as_it_was(void **state)
{
    const struct digest_state one = {17, 1727654400000, 1727654400123, INT64_MAX, DIGEST_PENDING, 4294967295u, 7, 3, INT64_MIN, -1};
    struct digest_state read = {.recipient = 17};
    char text[DIGEST_TEXT_BYTES];
    (void)state;
    size_t bytes = digest_state_print(text, &one);
    assert_in_range(bytes, 1, DIGEST_TEXT_BYTES - DIGEST_OWNER_BYTES - 24); /* a lease stands behind it */
    assert_true(digest_state_parse((struct text){text, bytes}, &read));
    assert_memory_equal(&one, &read, sizeof one);
    snprintf(text + bytes, sizeof text - bytes, " 1727654460000 host:1");
    assert_true(digest_state_parse((struct text){text, strlen(text)}, &read));
}

static void every_status_has_its_word(void **state)
{
    static const char *const words[DIGEST_STATUSES] = {"pending", "delivered", "exhausted", "shadowed", "empty"};
    (void)state;
    for (int i = 0; i < DIGEST_STATUSES; i++) {
        struct digest_state read = {0};
        char text[DIGEST_TEXT_BYTES];
        assert_string_equal(digest_status_name((enum digest_status)i), words[i]);
        size_t bytes = digest_state_print(text, &(struct digest_state){.status = (enum digest_status)i});
        assert_true(digest_state_parse((struct text){text, bytes}, &read));
        assert_int_equal(read.status, i);
    }
}

static void what_is_no_state_is_refused(void **state)
{
    static const char *const wrong[] = {"", "1", "2 5 pending 0 0 0 0 0 0 0", "1 5 sent 0 0 0 0 0 0 0", "1 5 pending 0 0 0 0 0 0", "1 5 pending 0 0 0 0 0 0 0x",
                                        "1 5 pending x 0 0 0 0 0 0"};
    char text[DIGEST_TEXT_BYTES + 1];
    struct digest_state read = {.recipient = 17};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(digest_state_parse((struct text){wrong[i], strlen(wrong[i])}, &read));
        assert_int_equal(read.instant_ms, 0);
    }
    memset(text, ' ', sizeof text);
    assert_false(digest_state_parse((struct text){text, sizeof text}, &read));
}

static void a_recipient_is_sixteen_digits(void **state)
{
    char text[DIGEST_RECIPIENT_BYTES];
    uint64_t recipient = 0;
    (void)state;
    digest_recipient_print(text, UINT64_C(0x0123456789abcdef));
    assert_string_equal(text, "0123456789abcdef");
    assert_true(digest_recipient_parse((struct text){text, 16}, &recipient));
    assert_true(recipient == UINT64_C(0x0123456789abcdef));
    assert_false(digest_recipient_parse((struct text){"moved", 5}, &recipient));
    assert_false(digest_recipient_parse((struct text){"0123456789abcdeF", 16}, &recipient));
    assert_false(digest_recipient_parse((struct text){"0123456789abcdef0", 17}, &recipient));
}

static void the_later_is_of_a_later_instant_or_came_of_it(void **state)
{
    const struct digest_state old = {.instant_ms = 1, .status = DIGEST_DELIVERED, .attempts = 9}, tried = {.instant_ms = 2, .status = DIGEST_PENDING, .attempts = 1},
                              again = {.instant_ms = 2, .status = DIGEST_PENDING, .attempts = 2}, done = {.instant_ms = 2, .status = DIGEST_EXHAUSTED, .attempts = 1};
    (void)state;
    assert_true(digest_state_is_later(&tried, &old) && !digest_state_is_later(&old, &tried));
    assert_true(digest_state_is_later(&again, &tried) && !digest_state_is_later(&tried, &again));
    assert_true(digest_state_is_later(&done, &again) && !digest_state_is_later(&again, &done));
    assert_false(digest_state_is_later(&done, &done));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_state_reads_back_as_it_was), cmocka_unit_test(every_status_has_its_word),
                                       cmocka_unit_test(what_is_no_state_is_refused),
                                       cmocka_unit_test(a_recipient_is_sixteen_digits), cmocka_unit_test(the_later_is_of_a_later_instant_or_came_of_it)};
    return cmocka_run_group_tests_name("digest_state", tests, NULL, NULL);
}
