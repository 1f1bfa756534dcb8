/* Metrics as Prometheus reads them: parsed here by the rules of the text exposition format. */
#include "common/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct metrics *metrics;
static struct buffer text;

static void begin(void **state)
{
    (void)state;
    metrics_free(metrics);
    metrics = metrics_new();
    buffer_free(&text);
    buffer_init(&text, 1 << 20);
}

static const char *printed(void)
{
    buffer_clear(&text);
    metrics_print(metrics, &text);
    assert_false(text.overflow);
    return buffer_text(&text);
}

static struct series *labelled(struct metric *metric, const char *a, const char *b)
{
    return metric_series(metric, (const char *const[METRICS_LABELS_MAX]){a, b});
}

static bool is_name(const char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789", at[i]) || (i == 0 && at[i] >= '0' && at[i] <= '9')) return false;
    return bytes > 0;
}

/* One sample line: name, labels with escapes alone where the format has them, a number. */
static void assert_sample(const char *line, const char *end)
{
    size_t name = strcspn(line, "{ ");
    assert_true(is_name(line, name));
    const char *at = line + name;
    if (*at == '{') {
        do {
            size_t label = strcspn(++at, "=");
            assert_true(is_name(at, label));
            at += label + 1;
            assert_int_equal(*at, '"');
            for (at++; *at != '"'; at++) {
                assert_int_not_equal(*at, '\n');
                if (*at == '\\') assert_non_null(strchr("\\n\"", *++at));
            }
            at++;
        } while (*at == ',');
        assert_int_equal(*at++, '}');
    }
    assert_int_equal(*at, ' ');
    char *after;
    strtod(at + 1, &after);
    assert_ptr_equal(after, end);
}

/* HELP, TYPE, then samples of that family alone. */
static void assert_exposition(const char *all)
{
    char family[128] = "";
    for (const char *line = all; *line;) {
        const char *end = strchr(line, '\n');
        assert_non_null(end);
        if (!strncmp(line, "# HELP ", 7)) {
            size_t bytes = strcspn(line + 7, " ");
            assert_true(is_name(line + 7, bytes));
            snprintf(family, sizeof family, "%.*s", (int)bytes, line + 7);
            const char *type = end + 1;
            assert_memory_equal(type, "# TYPE ", 7);
            assert_memory_equal(type + 7, family, strlen(family));
            end = strchr(type, '\n');
        } else {
            assert_memory_equal(line, family, strlen(family));
            assert_sample(line, end);
        }
        line = end + 1;
    }
}

static void as_prometheus_reads_them(void **state)
{
    begin(state);
    struct metric *counter = metrics_add(metrics, METRIC_COUNTER, "bihuan_test_total", "How many\nof \\them.", (const char *const[METRICS_LABELS_MAX]){"a", "b"}, NULL);
    struct metric *gauge = metrics_add(metrics, METRIC_GAUGE, "bihuan_test_seconds", "How long.", NULL, NULL);
    static const int64_t bounds[] = {10, 1500, 0};
    struct metric *histogram = metrics_add(metrics, METRIC_HISTOGRAM, "bihuan_test_time_seconds", "Times.", (const char *const[METRICS_LABELS_MAX]){"a"}, bounds);
    series_add(labelled(counter, "x", "物业"), 2);
    series_add(labelled(counter, "x", "物业"), 3);
    series_add(labelled(counter, "q\"b\\n\n", ""), 1);
    series_set(metric_only(gauge), -1.5);
    struct series *times = labelled(histogram, "w", NULL);
    static const int64_t ms[] = {-5, 10, 11, 1500, 1501, 9000};
    for (size_t i = 0; i < sizeof ms / sizeof *ms; i++) series_observe(times, ms[i]);
    assert_string_equal(printed(), "# HELP bihuan_test_total How many\\nof \\\\them.\n# TYPE bihuan_test_total counter\n"
                                   "bihuan_test_total{a=\"x\",b=\"物业\"} 5\nbihuan_test_total{a=\"q\\\"b\\\\n\\n\",b=\"\"} 1\n"
                                   "# HELP bihuan_test_seconds How long.\n# TYPE bihuan_test_seconds gauge\nbihuan_test_seconds -1.5\n"
                                   "# HELP bihuan_test_time_seconds Times.\n# TYPE bihuan_test_time_seconds histogram\n"
                                   "bihuan_test_time_seconds_bucket{a=\"w\",le=\"0.01\"} 2\nbihuan_test_time_seconds_bucket{a=\"w\",le=\"1.5\"} 4\n"
                                   "bihuan_test_time_seconds_bucket{a=\"w\",le=\"+Inf\"} 6\nbihuan_test_time_seconds_sum{a=\"w\"} 12.022\n"
                                   "bihuan_test_time_seconds_count{a=\"w\"} 6\n");
    assert_exposition(buffer_text(&text));
}

static void series_are_bounded(void **state)
{
    begin(state);
    char value[32];
    struct metric *counter = metrics_add(metrics, METRIC_COUNTER, "bihuan_test_total", "Many.", (const char *const[METRICS_LABELS_MAX]){"a"}, NULL);
    for (int i = 0; i < METRICS_SERIES_MAX + 100; i++) {
        snprintf(value, sizeof value, "v%d", i);
        series_add(labelled(counter, value, NULL), 1);
    }
    snprintf(value, sizeof value, "v%d", METRICS_SERIES_MAX - 1);
    series_add(labelled(counter, value, NULL), 1);
    assert_non_null(strstr(printed(), "{a=\"v511\"} 2\n"));
    assert_non_null(strstr(buffer_text(&text), "{a=\"other\"} 100\n"));
    assert_null(strstr(buffer_text(&text), "{a=\"v512\"}"));
    assert_exposition(buffer_text(&text));
}

static void long_values_are_cut_between_characters(void **state)
{
    begin(state);
    char value[256] = "", line[256];
    for (int i = 0; i < 50; i++) strcat(value, "环");
    struct metric *counter = metrics_add(metrics, METRIC_COUNTER, "bihuan_test_total", "Long.", (const char *const[METRICS_LABELS_MAX]){"a"}, NULL);
    series_add(labelled(counter, value, NULL), 1);
    series_add(labelled(counter, value, NULL), 1);
    snprintf(line, sizeof line, "{a=\"%.126s\"} 2\n", value); /* 42 characters of 3 bytes */
    assert_non_null(strstr(printed(), line));
}

static void what_is_counted_elsewhere_never_falls(void **state)
{
    begin(state);
    struct series *only = metric_only(metrics_add(metrics, METRIC_COUNTER, "bihuan_test_total", "It.", NULL, NULL));
    series_raise(only, 7);
    series_raise(only, 5);
    assert_non_null(strstr(printed(), "\nbihuan_test_total 7\n"));
    series_add(NULL, 1);
    series_raise(NULL, 1);
    series_set(NULL, 1);
    series_observe(NULL, 1);
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *add_many(void *metric)
{
    for (int i = 0; i < ROUNDS; i++) series_add(labelled(metric, i % 2 ? "odd" : "even", NULL), 1);
    return NULL;
}

static void any_thread_adds(void **state)
{
    begin(state);
    pthread_t thread[THREADS];
    struct metric *counter = metrics_add(metrics, METRIC_COUNTER, "bihuan_test_total", "It.", (const char *const[METRICS_LABELS_MAX]){"a"}, NULL);
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&thread[i], NULL, add_many, counter), 0);
    for (int i = 0; i < 50; i++) assert_exposition(printed());
    for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
    assert_non_null(strstr(printed(), "{a=\"odd\"} 40000\n"));
    assert_non_null(strstr(buffer_text(&text), "{a=\"even\"} 40000\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_prometheus_reads_them), cmocka_unit_test(series_are_bounded),
                                       cmocka_unit_test(long_values_are_cut_between_characters), cmocka_unit_test(what_is_counted_elsewhere_never_falls),
                                       cmocka_unit_test(any_thread_adds)};
    int failed = cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
    metrics_free(metrics);
    buffer_free(&text);
    return failed;
}
