/* Cells line up whatever script is in them. */
#include "common/columns.h"
#include "tests/unit/unit.h"

static char *printed(void (*cell)(FILE *, const char *, int), const char *text, int columns)
{
    char *line = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&line, &bytes);
    cell(out, text, columns);
    fclose(out);
    return line;
}

static void assert_cell(void (*cell)(FILE *, const char *, int), const char *text, int columns, const char *expected)
{
    char *line = printed(cell, text, columns);
    assert_string_equal(line, expected);
    free(line);
}

static void a_chinese_character_takes_two_columns(void **state)
{
    (void)state;
    assert_int_equal(columns_of(""), 0);
    assert_int_equal(columns_of("wuye"), 4);
    assert_int_equal(columns_of("街道12"), 6);
    assert_int_equal(columns_of("1 → 2"), 5);
    assert_int_equal(columns_of("街\xff\xfe"), 4); /* no UTF-8 */
}

static void cells_are_filled_up_and_never_cut(void **state)
{
    (void)state;
    assert_cell(columns_left, "街道", 6, "街道  ");
    assert_cell(columns_left, "街道办", 6, "街道办");
    assert_cell(columns_left, "街道办事处", 6, "街道办事处");
    assert_cell(columns_right, "街道", 6, "  街道");
    assert_cell(columns_right, "街道办事处", 6, " 街道办事处");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_chinese_character_takes_two_columns), cmocka_unit_test(cells_are_filled_up_and_never_cut)};
    columns_open();
    return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
