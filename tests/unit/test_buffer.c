/* The buffer keeps to its maximum; what was written reads back, and no more. */
#include "common/buffer.h"
#include "tests/unit/unit.h"

static void varints_read_back(void **state)
{
    (void)state;
    static const struct { uint64_t value; size_t bytes; } table[] = {
        {0, 1}, {1, 1}, {127, 1}, {128, 2}, {16383, 2}, {16384, 3}, {UINT32_MAX, 5}, {(UINT64_C(1) << 63) - 1, 9}, {UINT64_C(1) << 63, 10}, {UINT64_MAX, 10}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buffer buffer;
        struct reader reader;
        buffer_init(&buffer, 10);
        assert_true(buffer_add_varint(&buffer, table[i].value));
        assert_int_equal(buffer.bytes, table[i].bytes);
        reader_init(&reader, buffer.data, buffer.bytes);
        assert_true(reader_varint(&reader) == table[i].value);
        assert_false(reader.bad);
        assert_int_equal(reader_left(&reader), 0);
        for (size_t cut = 0; cut < buffer.bytes; cut++) {
            reader_init(&reader, buffer.data, cut);
            assert_int_equal(reader_varint(&reader), 0);
            assert_true(reader.bad);
        }
        buffer_free(&buffer);
    }
}

static void signed_varints_read_back(void **state)
{
    (void)state;
    static const int64_t values[] = {0, -1, 1, -64, 63, -65, 64, INT64_MIN, INT64_MAX, -1723420800000};
    static const size_t bytes[] = {1, 1, 1, 1, 1, 2, 2, 10, 10, 6};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct buffer buffer;
        struct reader reader;
        buffer_init(&buffer, 10);
        assert_true(buffer_add_svarint(&buffer, values[i]));
        assert_int_equal(buffer.bytes, bytes[i]);
        reader_init(&reader, buffer.data, buffer.bytes);
        assert_true(reader_svarint(&reader) == values[i]);
        assert_false(reader.bad);
        buffer_free(&buffer);
    }
}

static void varints_over_64_bits_are_bad(void **state)
{
    (void)state;
    static const uint8_t large[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    static const uint8_t endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
    struct reader reader;
    reader_init(&reader, large, sizeof large);
    assert_int_equal(reader_varint(&reader), 0);
    assert_true(reader.bad);
    reader_init(&reader, endless, sizeof endless);
    assert_int_equal(reader_varint(&reader), 0);
    assert_true(reader.bad);
}

static void a_bad_reader_stays_bad(void **state)
{
    (void)state;
    struct reader reader;
    reader_init(&reader, "abc", 3);
    assert_int_equal(reader_u8(&reader), 'a');
    assert_null(reader_bytes(&reader, SIZE_MAX));
    assert_true(reader.bad);
    assert_int_equal(reader_u8(&reader), 0);
    assert_null(reader_bytes(&reader, 1));
    reader_init(&reader, "abc", 3);
    assert_memory_equal(reader_bytes(&reader, 3), "abc", 3);
    assert_non_null(reader_bytes(&reader, 0));
    assert_false(reader.bad);
    reader_init(&reader, NULL, 7);
    assert_int_equal(reader_left(&reader), 0);
    assert_int_equal(reader_u8(&reader), 0);
    assert_true(reader.bad);
}

static void the_maximum_holds(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100);
    assert_string_equal(buffer_text(&buffer), "");
    for (int i = 0; i < 100; i++) assert_true(buffer_add_u8(&buffer, 'x'));
    assert_int_equal(buffer.bytes, 100);
    assert_int_equal(strlen(buffer_text(&buffer)), 100);
    assert_true(buffer_add(&buffer, "", 0));
    assert_false(buffer.overflow);
    assert_false(buffer_add_u8(&buffer, 'y'));
    assert_true(buffer.overflow);
    assert_int_equal(buffer.bytes, 100);
    buffer_clear(&buffer);
    assert_string_equal(buffer_text(&buffer), "");
    assert_true(buffer_add_text(&buffer, "again"));
    assert_string_equal(buffer_text(&buffer), "again");
    buffer_free(&buffer);
    assert_true(buffer_add_text(&buffer, "after free"));
    buffer_free(&buffer);
    buffer_free(NULL);
}

/* What does not fit is left out whole, and so is what would fit behind it. */
static void an_overflow_keeps_nothing_more(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 8);
    assert_true(buffer_add_text(&buffer, "12345"));
    assert_false(buffer_add_text(&buffer, "6789"));
    assert_false(buffer_add_text(&buffer, "6"));
    assert_false(buffer_add_varint(&buffer, 1));
    assert_false(buffer_addf(&buffer, "%d", 1));
    assert_false(buffer_add(&buffer, "x", SIZE_MAX));
    assert_string_equal(buffer_text(&buffer), "12345");
    buffer_free(&buffer);
    buffer_init(&buffer, 0);
    assert_true(buffer_add(&buffer, "", 0));
    assert_false(buffer_add_u8(&buffer, 0));
    buffer_free(&buffer);
}

static void formatted_text_of_any_length(void **state)
{
    (void)state;
    struct buffer buffer;
    for (int bytes = 250; bytes < 260; bytes++) {
        buffer_init(&buffer, (size_t)bytes + 1);
        assert_true(buffer_addf(&buffer, "%0*d", bytes, 7));
        assert_int_equal(buffer.bytes, bytes);
        assert_int_equal(strlen(buffer_text(&buffer)), bytes);
        assert_int_equal(buffer.data[bytes - 1], '7');
        assert_true(buffer_addf(&buffer, "%c", 'z'));
        assert_false(buffer_addf(&buffer, "%c", 'z'));
        buffer_free(&buffer);
        buffer_init(&buffer, (size_t)bytes - 1);
        assert_false(buffer_addf(&buffer, "%0*d", bytes, 7));
        assert_string_equal(buffer_text(&buffer), "");
        buffer_free(&buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_read_back), cmocka_unit_test(signed_varints_read_back),
        cmocka_unit_test(varints_over_64_bits_are_bad), cmocka_unit_test(a_bad_reader_stays_bad),
        cmocka_unit_test(the_maximum_holds), cmocka_unit_test(an_overflow_keeps_nothing_more),
        cmocka_unit_test(formatted_text_of_any_length)};
    return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
