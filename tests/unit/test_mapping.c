/* Rows become events, or are named with what is wrong; a mapping with a slip does
 * not load. Files live in a directory of this process's own. */
#include "ingest/mapping.h"
#include "ingest/time_form.h"
#include "tests/unit/unit.h"

#include <unistd.h>

static char folder[] = "/tmp/test_mapping_XXXXXX";

/* Writes a file into the folder; returns its path. */
static const char *file(const char *name, const char *content)
{
    static char path[4][128];
    static int slot;
    char *at = path[slot++ % 4];
    snprintf(at, sizeof path[0], "%s/%s", folder, name);
    FILE *out = fopen(at, "wb");
    assert_non_null(out);
    assert_true(fputs(content, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return at;
}

static struct mapping *loaded(const char *content)
{
    char error[MAPPING_ERROR_BYTES] = "";
    struct mapping *mapping = mapping_load(file("mapping.json", content), error, sizeof error);
    if (!mapping) print_error("%s\n", error);
    assert_non_null(mapping);
    return mapping;
}

/* What a mapping makes of a file, and what it says on stderr. */
static struct result {
    char events[8192], said[4096];
    struct mapping_counts counts;
    bool good;
} outcome;

static bool gather(void *context, const struct mapped *mapped)
{
    struct result *to = context;
    size_t used = strlen(to->events);
    snprintf(to->events + used, sizeof to->events - used, "%.*s %.*s\n", (int)mapped->subject.bytes, mapped->subject.at, (int)mapped->json.bytes, mapped->json.at);
    return true;
}

static void run(const char *mapping_text, const char *rows)
{
    struct mapping *mapping = loaded(mapping_text);
    char path[128];
    snprintf(path, sizeof path, "%s", file("rows", rows));
    fflush(stderr);
    int kept = dup(2);
    assert_non_null(freopen(file("said", ""), "w", stderr));
    outcome = (struct result){.good = false};
    outcome.good = mapping_read(mapping, path, gather, &outcome, &outcome.counts);
    fflush(stderr);
    dup2(kept, 2);
    close(kept);
    mapping_free(mapping);
    char said[128];
    snprintf(said, sizeof said, "%s/said", folder);
    FILE *in = fopen(said, "rb");
    assert_non_null(in);
    outcome.said[fread(outcome.said, 1, sizeof outcome.said - 1, in)] = 0;
    fclose(in);
}

#define HEAD "\"mapping\":\"m\",\"zone\":\"Asia/Shanghai\",\"time\":\"%Y-%m-%d %H:%M\",\"null\":[\"\",\"-\"],"
#define CSV_MAPPING                                                                                                    \
    "{" HEAD "\"format\":\"csv\",\"tables\":{\"kind\":{\"values\":{\"投诉\":\"complaint\",\"odd\":\"nope\"}}},\"events\":["       \
    "{\"type\":\"ticket.received\",\"id\":\"{id}-1\",\"source\":\"/m\",\"subject\":\"{id}\",\"time\":\"{date} {clock}\",\"data\":{" \
    "\"citizen\":{\"phone\":\"{phone}\"},\"kind\":{\"from\":\"{kind}\",\"table\":\"kind\"},\"title\":\"{title}\",\"simple\":\"{simple}\"," \
    "\"area\":[\"{street}/{community}\",\"{street}\",{\"value\":\"?\"}],\"co_units\":{\"from\":\"{units}\",\"split\":\"、\"}}},"        \
    "{\"type\":\"ticket.extension_granted\",\"when\":[\"days\",{\"column\":\"kind\",\"is\":[\"投诉\"]}],\"id\":\"{id}-2\","             \
    "\"source\":\"/m\",\"subject\":\"{id}\",\"time\":{\"from\":\"{date}\",\"time\":\"%Y-%m-%d\"},\"data\":{\"days\":\"{days}\"}}]}"
#define CSV_HEAD "id,date,clock,phone,kind,title,simple,street,community,units,days\n"

static void a_row_becomes_its_events(void **state)
{
    (void)state;
    run(CSV_MAPPING, "\xef\xbb\xbf" CSV_HEAD "1,2024-9-3,8:05,13812341234,投诉,\"电梯\n\"\"坏\"\"了\",1,龙田,老坑,甲、乙,3\r\n\n2,2024-09-04,0:00,-,投诉,,false,龙田,-,,\n");
    assert_string_equal(outcome.said, "");
    assert_string_equal(
        outcome.events,
        "1 {\"specversion\":\"1.0\",\"id\":\"1-1\",\"source\":\"/m\",\"type\":\"ticket.received\",\"subject\":\"1\",\"time\":\"2024-09-03T08:05:00+08:00\",\"data\":"
        "{\"kind\":\"complaint\",\"simple\":true,\"area\":\"龙田/老坑\",\"title\":\"电梯\\n\\\"坏\\\"了\",\"co_units\":[\"甲\",\"乙\"],\"citizen\":{\"phone\":\"13812341234\"}}}\n"
        "1 {\"specversion\":\"1.0\",\"id\":\"1-2\",\"source\":\"/m\",\"type\":\"ticket.extension_granted\",\"subject\":\"1\",\"time\":\"2024-09-03T00:00:00+08:00\",\"data\":{\"days\":3}}\n"
        "2 {\"specversion\":\"1.0\",\"id\":\"2-1\",\"source\":\"/m\",\"type\":\"ticket.received\",\"subject\":\"2\",\"time\":\"2024-09-04T00:00:00+08:00\",\"data\":"
        "{\"kind\":\"complaint\",\"simple\":false,\"area\":\"龙田\"}}\n");
    assert_true(outcome.good);
    assert_int_equal(outcome.counts.rows, 2);
    assert_int_equal(outcome.counts.events, 3);
    assert_int_equal(outcome.counts.bad, 0);
}

static void a_bad_row_is_named_and_the_others_go_on(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"2,2024-13-03,8:05,1,投诉,t,,,,,", "{date} {clock}: found \"2024-13-03 8:05\", expected a time of 2000 to 2199 as %Y-%m-%d %H:%M"},
        {"2,1999-12-31,8:05,1,投诉,t,,,,,", "{date} {clock}: found \"1999-12-31 8:05\", expected a time"},
        {"2,2024-01-03,-,1,投诉,t,,,,,", "clock: found nothing, expected a value"},
        {",2024-01-03,8:05,1,投诉,t,,,,,", "id: found nothing, expected a value"},
        {"2,2024-01-03,8:05,1,咨询,t,,,,,", "kind: found \"咨询\", expected a code of its table"},
        {"2,2024-01-03,8:05,1,odd,t,,,,,", "ticket.received: data.kind: found \"nope\", expected "},
        {"2,2024-01-03,8:05,1,投诉,t,maybe,,,,", "simple: found \"maybe\", expected true, false, 1 or 0"},
        {"2,2024-01-03,8:05,1,投诉,t,,,,,2.5", "days: found \"2.5\", expected a whole number"},
        {"2,2024-01-03,8:05,1,投诉,t,,,,,300", "ticket.extension_granted: data.days: found "},
        {"2,2024-01-03,8:05", "found 3 columns, expected 11"},
        {"2,2024-01-03,8:05,1,投诉,t\"x\",,,,,", "found a quote out of place, expected CSV"},
        {"2,2024-01-03,8:05,\xff,投诉,t,,,,,", "phone: found bytes that are no UTF-8, expected UTF-8"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char rows[1024], start[1024];
        snprintf(rows, sizeof rows, CSV_HEAD "%s\n3,2024-01-03,8:05,,投诉,t,,,,,\n", table[i][0]);
        run(CSV_MAPPING, rows);
        snprintf(start, sizeof start, "%s/rows:2: %s", folder, table[i][1]);
        assert_memory_equal(outcome.said, start, strlen(start));
        assert_memory_equal(outcome.events, "3 {", 3);
        assert_int_equal(outcome.counts.rows, 2);
        assert_int_equal(outcome.counts.bad, 1);
        assert_int_equal(outcome.counts.events, 1);
        assert_true(outcome.good);
    }
}

static void an_open_quote_and_a_missing_column_are_named(void **state)
{
    (void)state;
    run(CSV_MAPPING, CSV_HEAD "2,2024-01-03,8:05,1,投诉,\"t,,,,\n3,2024\n");
    assert_non_null(strstr(outcome.said, "rows:2: found the end of the file inside quotes"));
    assert_int_equal(outcome.counts.bad, 1);
    run(CSV_MAPPING, "id,date\n1,2\n");
    assert_non_null(strstr(outcome.said, "found no column clock, expected one"));
    assert_false(outcome.good);
    assert_int_equal(outcome.counts.events, 0);
    run(CSV_MAPPING, "");
    assert_true(outcome.good);
    assert_int_equal(outcome.counts.rows, 0);
}

static void json_lines_keep_their_types(void **state)
{
    (void)state;
    run("{\"mapping\":\"m\",\"format\":\"json-lines\",\"zone\":\"UTC\",\"time\":\"%Q\",\"row_without_event\":\"skip\",\"events\":[{\"type\":\"rating.submitted\",\"when\":\"s\","
        "\"id\":\"R{id}\",\"source\":\"/m\",\"subject\":\"R{id}\",\"time\":\"{t}\",\"data\":{\"satisfaction\":\"{s}\",\"reasons\":\"{r}\",\"default\":\"{d}\","
        "\"citizen\":{\"name\":\"{who.name}\"}}}]}",
        "{\"id\":5,\"t\":1700000000123,\"s\":\"4\",\"r\":[\"510\"],\"d\":true,\"who\":{\"name\":\"王\"}}\n\n{\"id\":6}\n[1]\n{\"id\":{},\"t\":1700000000123,\"s\":1}\n");
    assert_string_equal(outcome.events, "R5 {\"specversion\":\"1.0\",\"id\":\"R5\",\"source\":\"/m\",\"type\":\"rating.submitted\",\"subject\":\"R5\",\"time\":\"2023-11-14T22:13:20.123+00:00\","
                                        "\"data\":{\"satisfaction\":4,\"reasons\":[\"510\"],\"default\":true,\"citizen\":{\"name\":\"王\"}}}\n");
    assert_non_null(strstr(outcome.said, "rows:4: found no JSON object"));
    assert_non_null(strstr(outcome.said, "rows:5: R{id}: found an object"));
    assert_int_equal(outcome.counts.bad, 2);
}

static void slips_do_not_load(void **state)
{
    (void)state;
#define EVENT(members) "{" HEAD "\"format\":\"csv\",\"events\":[{\"source\":\"/m\",\"subject\":\"{s}\",\"time\":\"{t}\"," members "}]}"
    static const char *const table[][2] = {
        {"[]", "expected an object"},
        {"{", "line 1"},
        {"{}", "mapping: expected a name"},
        {"{\"mapping\":\"m\",\"formt\":\"csv\"}", "unknown field \"formt\""},
        {"{\"mapping\":\"m\",\"format\":\"csv\",\"zone\":\"Nowhere\"}", "zone: expected an IANA name"},
        {"{" HEAD "\"format\":\"csv\",\"events\":[]}", "expected an array of 1 to"},
        {EVENT("\"id\":\"1\",\"type\":\"ticket.recieved\""), "unknown type"},
        {EVENT("\"type\":\"ticket.signed\""), "id: expected a template"},
        {EVENT("\"id\":\"{x\",\"type\":\"ticket.signed\""), "expected {COLUMN}"},
        {EVENT("\"id\":\"x}\",\"type\":\"ticket.signed\""), "} without {"},
        {EVENT("\"id\":\"1\",\"type\":\"ticket.signed\",\"data\":{\"kind\":\"{k}\"}"), "unknown field \"kind\""},
        {EVENT("\"id\":\"1\",\"type\":\"ticket.received\",\"data\":{\"kind\":{\"from\":\"{k}\",\"table\":\"t\"}}"), "no table \"t\""},
        {EVENT("\"id\":\"1\",\"type\":\"ticket.received\",\"data\":{\"due\":{\"from\":\"{k}\",\"time\":\"%Y\"}}"), "expected %Y, %m and %d"},
        {EVENT("\"id\":\"1\",\"type\":\"ticket.received\",\"data\":{\"citizen\":{\"nick\":\"{k}\"}}"), "unknown field \"nick\""}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char error[MAPPING_ERROR_BYTES] = "";
        assert_null(mapping_load(file("mapping.json", table[i][0]), error, sizeof error));
        assert_non_null(strstr(error, table[i][1]));
    }
    char error[MAPPING_ERROR_BYTES] = "";
    assert_null(mapping_load("no-such-mapping", error, sizeof error));
    assert_non_null(strstr(error, "conf/mapping/no-such-mapping.json"));
}

static void shipped_mappings_load(void **state)
{
    (void)state;
    static const char *const names[] = {"messages-replies", "pingshan-cases"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char error[MAPPING_ERROR_BYTES] = "";
        struct mapping *mapping = mapping_load(names[i], error, sizeof error);
        assert_string_equal(error, "");
        assert_non_null(mapping);
        mapping_free(mapping);
    }
}

static void times_are_read_by_their_form(void **state)
{
    (void)state;
    static struct zone zone;
    assert_true(zone_load(&zone, "Asia/Shanghai"));
    static const struct {
        const char *form, *text;
        int64_t at_ms; /* -1: refused */
    } table[] = {{"%Y-%m-%d %H:%M:%S", "2024-09-30 10:15:00", INT64_C(1727662500000)},
                 {"%Y/%m/%d %H:%M", "2024/9/30   10:15", INT64_C(1727662500000)},
                 {"%Y-%m-%dT%H:%M:%S.%f%z", "2024-09-30T02:15:00.1239Z", INT64_C(1727662500123)},
                 {"%Y%m%d%H%M%S%z", "20240930101500+0800", INT64_C(1727662500000)},
                 {"%Y%m%d%H%M%S%z", "20240930031500+01", INT64_C(1727662500000)},
                 {"%Y年%m月%d日", "2024年9月30日", INT64_C(1727625600000)},
                 {"%s", "1727662500", INT64_C(1727662500000)},
                 {"%Q", "1727662500123", INT64_C(1727662500123)},
                 {"%Y-%m-%d", "2024-02-30", -1},
                 {"%Y-%m-%d %H:%M", "2024-09-30 24:00", -1},
                 {"%Y-%m-%d %H:%M:%S", "2024-09-30 10:15:60", -1},
                 {"%Y-%m-%d", "2024-09-30 ", -1},
                 {"%Y-%m-%d", "24-09-30", -1},
                 {"%Y-%m-%d", "", -1},
                 {"%s", "-5", -1}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int64_t at_ms = -1;
        assert_null(time_form_fault(table[i].form));
        bool read = time_form_read(table[i].form, table[i].text, strlen(table[i].text), &zone, &at_ms);
        assert_int_equal(read, table[i].at_ms != -1);
        if (read) assert_int_equal(at_ms, table[i].at_ms);
    }
    assert_non_null(time_form_fault("%Y-%q"));
    assert_non_null(time_form_fault("%H:%M"));
    assert_non_null(time_form_fault("%Y-%m-%d %"));
}

int main(void)
{
    if (!mkdtemp(folder)) return perror(folder), 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_row_becomes_its_events),
                                       cmocka_unit_test(a_bad_row_is_named_and_the_others_go_on),
                                       cmocka_unit_test(an_open_quote_and_a_missing_column_are_named),
                                       cmocka_unit_test(json_lines_keep_their_types),
                                       cmocka_unit_test(slips_do_not_load),
                                       cmocka_unit_test(shipped_mappings_load),
                                       cmocka_unit_test(times_are_read_by_their_form)};
    int failed = cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
    static const char *const names[] = {"mapping.json", "rows", "said"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    return failed;
}
