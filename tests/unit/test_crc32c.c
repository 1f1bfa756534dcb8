/* The published vectors of RFC 3720 B.4; both ways agree; a sum goes on where another ended. */
#include "common/crc32c.h"
#include "tests/unit/unit.h"

typedef uint32_t sum(uint32_t before, const void *data, size_t bytes);

static void check_vectors(sum *crc)
{
    uint8_t bytes[32];
    assert_int_equal(crc(0, "123456789", 9), 0xe3069283u);
    assert_int_equal(crc(0, "", 0), 0);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(crc(0, bytes, sizeof bytes), 0x8a9136aau);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(crc(0, bytes, sizeof bytes), 0x62a8ab43u);
    for (uint8_t i = 0; i < sizeof bytes; i++) bytes[i] = i;
    assert_int_equal(crc(0, bytes, sizeof bytes), 0x46dd794eu);
    for (uint8_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(31 - i);
    assert_int_equal(crc(0, bytes, sizeof bytes), 0x113fdb5cu);
}

static void vectors(void **state)
{
    (void)state;
    check_vectors(crc32c);
    check_vectors(crc32c_portable);
}

static void both_ways_agree_at_any_start_and_length(void **state)
{
    (void)state;
    uint8_t bytes[300];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)((seed = seed * 1103515245u + 12345u) >> 16);
    for (size_t start = 0; start < 9; start++)
        for (size_t length = 0; start + length <= sizeof bytes; length++)
            assert_int_equal(crc32c(seed, bytes + start, length), crc32c_portable(seed, bytes + start, length));
}

static void sums_chain(void **state)
{
    (void)state;
    static const char text[] = "小区电梯故障，已持续23天，希望尽快核实处理并答复。";
    for (size_t cut = 0; cut < sizeof text; cut++) {
        assert_int_equal(crc32c(crc32c(0, text, cut), text + cut, sizeof text - cut), crc32c(0, text, sizeof text));
        assert_int_equal(crc32c_portable(crc32c_portable(0, text, cut), text + cut, sizeof text - cut), crc32c(0, text, sizeof text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors), cmocka_unit_test(both_ways_agree_at_any_start_and_length),
                                       cmocka_unit_test(sums_chain)};
    return cmocka_run_group_tests_name("crc32c", tests, NULL, NULL);
}
