/* Records as comma-separated values: quoted as RFC 4180 says, and never a formula. */
#include "notify/ledger_csv.h"
#include "notify/ledger_filter.h"
#include "tests/unit/unit.h"

static struct zone zone;

static char *csv_of(const char *record)
{
    struct buffer out;
    json_t *value = json_loads(record, 0, NULL);
    assert_non_null(value);
    buffer_init(&out, LEDGER_CSV_LINE_BYTES);
    ledger_csv_add(&out, value, &zone);
    json_decref(value);
    char *text = strdup(buffer_text(&out));
    buffer_free(&out);
    return text;
}

static unsigned commas(const char *line)
{
    unsigned count = 0;
    bool quoted = false;
    for (; *line; line++) {
        quoted ^= *line == '"';
        count += *line == ',' && !quoted;
    }
    return count;
}

static void the_head_has_a_name_for_each(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, LEDGER_CSV_LINE_BYTES);
    ledger_csv_begin(&out);
    assert_memory_equal(out.data, "\xef\xbb\xbftime,case,of,", 16);
    assert_string_equal(out.data + out.bytes - 7, "n,seq\r\n");
    char *line = csv_of("{}");
    assert_int_equal(commas(out.data), commas(line));
    assert_int_equal(strspn(line, ","), strlen(line) - 2);
    free(line);
    buffer_free(&out);
}

static void cells_are_quoted(void **state)
{
    char *line = csv_of("{\"time\":\"2024-10-10T09:00:00+08:00\",\"case\":\"A\\\"B,C\\r\\nD\",\"attempt\":3,\"voided\":false,\"sent_ms\":1727662500000,"
                        "\"why\":{\"policy\":\"meilong-2024\",\"rule\":\"要点\"},"
                        "\"to\":[{\"person\":\"liwei\",\"roles\":[\"handler\",\"leader\"],\"address\":\"138****1234\"},{\"person\":null,\"roles\":[],\"address\":null}]}");
    (void)state;
    assert_memory_equal(line, "\"2024-10-10T09:00:00+08:00\",\"A\"\"B,C\r\nD\",", 40);
    assert_non_null(strstr(line, ",\"liwei (handler,leader) 138****1234; \",\"3\","));
    assert_non_null(strstr(line, ",\"meilong-2024\",\"要点\","));
    assert_non_null(strstr(line, ",\"2024-09-30T10:15:00+08:00\","));
    assert_non_null(strstr(line, ",\"false\","));
    free(line);
}

static void what_looks_like_a_formula_is_none(void **state)
{
    static const char *const bad[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\\t=1", "\\r=1", "\\n=1"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char record[128];
        snprintf(record, sizeof record, "{\"case\":\"%s\",\"error\":\"%s\"}", bad[i], bad[i]);
        char *line = csv_of(record);
        assert_memory_equal(line, ",\"'", 3);
        assert_non_null(strstr(line + 3, ",\"'"));
        free(line);
    }
    char *line = csv_of("{\"case\":\"a=1\"}");
    assert_memory_equal(line, ",\"a=1\",", 7);
    free(line);
}

static bool passes(const char *from, const char *to, const char *unit, const char *outcome)
{
    struct options options = {.program = "bihuan-notify", .verb = "ledger"};
    struct ledger_filter filter;
    json_t *record = json_pack("{s:s,s:s,s:s}", "time", "2024-10-10T00:00:00+08:00", "unit", "wuye", "outcome", "failed");
    assert_int_equal(ledger_filter_open(&filter, &options, &zone, from, to, unit, outcome), EXIT_OK);
    bool good = ledger_filter_passes(&filter, record);
    json_decref(record);
    return good;
}

static void records_are_chosen(void **state)
{
    struct options options = {.program = "bihuan-notify", .verb = "ledger"};
    struct ledger_filter filter;
    (void)state;
    assert_true(passes(NULL, NULL, NULL, NULL));
    assert_true(passes("2024-10-10", "2024-10-11", "wuye", "failed"));
    assert_false(passes(NULL, "2024-10-10", NULL, NULL));
    assert_true(passes(NULL, "2024-10-10T00:00:00.001+08:00", NULL, NULL));
    assert_false(passes("2024-10-10T00:00:00.001+08:00", NULL, NULL, NULL));
    assert_false(passes(NULL, NULL, "wuy", NULL));
    assert_false(passes(NULL, NULL, NULL, "delivered"));
    assert_int_equal(ledger_filter_open(&filter, &options, &zone, "2024-13-01", NULL, NULL, NULL), EXIT_USAGE);
    assert_int_equal(ledger_filter_open(&filter, &options, &zone, NULL, "soon", NULL, NULL), EXIT_USAGE);
    assert_int_equal(ledger_filter_open(&filter, &options, &zone, NULL, NULL, NULL, "lost"), EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_head_has_a_name_for_each), cmocka_unit_test(cells_are_quoted),
                                       cmocka_unit_test(what_looks_like_a_formula_is_none), cmocka_unit_test(records_are_chosen)};
    if (!zone_load(&zone, "Asia/Shanghai")) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
