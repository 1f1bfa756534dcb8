/* Masked addresses. */
#include "notify/mask.h"
#include "tests/unit/unit.h"

static void addresses(void **state)
{
    static const char *const pair[][2] = {
        {"13812341234", "138****1234"},
        {"+86 138 1234 1234", "861****1234"},
        {"021-64101234", "021****1234"},
        {"64101234", "****1234"},
        {"6410123", "****123"},
        {"641012", "6***"},
        {"123456789012345678901", "1***"},
        {"liwei@example.cn", "l***@example.cn"},
        {"李伟@example.cn", "李***@example.cn"},
        {"a@b@example.cn", "a***@example.cn"},
        {"@example.cn", "@***"},
        {"@all", "@all"},
        {"liwei", "l***"},
        {"李", "李***"},
        {"x@exam ple", "x***"},
        {"", ""},
        {"\xff\xfe", "***"},
        {"\xe6\x9d", "***"},
        {"\n", "***"},
        {"1", "1***"},
    };
    char text[MASK_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        mask_address(text, (struct text){pair[i][0], strlen(pair[i][0])});
        assert_string_equal(text, pair[i][1]);
    }
}

static void a_long_domain_does_not_show(void **state)
{
    char address[400] = "a@", text[MASK_BYTES];
    (void)state;
    memset(address + 2, 'd', 300);
    mask_address(text, (struct text){address, 302});
    assert_string_equal(text, "a***");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(a_long_domain_does_not_show)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
