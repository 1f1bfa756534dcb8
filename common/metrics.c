/* Metrics in memory.
 *
 * The trap: a histogram that is printed while it is added to must not say less in a wider bucket than in a narrower one. Buckets
 * are kept apart and summed when they are printed, and the count is their sum. */
#include "common/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

const int64_t metrics_bounds_ms[] = {1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 0};

struct series {
    char *label[METRICS_LABELS_MAX];
    const int64_t *bounds_ms;
    _Atomic uint64_t count;                           /* of a counter */
    _Atomic uint64_t bits;                            /* of a gauge: a double's */
    _Atomic uint64_t bucket[METRICS_BOUNDS_MAX + 1];  /* the last: beyond all bounds */
    _Atomic uint64_t sum_ms;
};

struct metric {
    pthread_mutex_t *lock; /* of all */
    enum metric_kind kind;
    const char *name, *help, *label[METRICS_LABELS_MAX];
    const int64_t *bounds_ms;
    size_t labels, count;
    struct series *series[METRICS_SERIES_MAX + 1]; /* the last: "other" */
};

struct metrics {
    pthread_mutex_t lock; /* of the lists of series; their values need none */
    struct metric *metric[METRICS_FAMILIES_MAX];
    size_t count;
};

struct metrics *metrics_new(void)
{
    struct metrics *metrics = xcalloc(1, sizeof *metrics);
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics) return;
    for (size_t i = 0; i < metrics->count; i++) {
        struct metric *metric = metrics->metric[i];
        for (size_t n = 0; n < metric->count; n++) {
            for (size_t k = 0; k < metric->labels; k++) free(metric->series[n]->label[k]);
            free(metric->series[n]);
        }
        free(metric);
    }
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

struct metric *metrics_add(struct metrics *metrics, enum metric_kind kind, const char *name, const char *help, const char *const labels[METRICS_LABELS_MAX],
                           const int64_t *bounds_ms)
{
    size_t bounds = 0;
    struct metric *metric = xcalloc(1, sizeof *metric);
    while (bounds_ms && bounds_ms[bounds]) bounds++;
    if (metrics->count == METRICS_FAMILIES_MAX || bounds > METRICS_BOUNDS_MAX) abort();
    *metric = (struct metric){.lock = &metrics->lock, .kind = kind, .name = name, .help = help, .bounds_ms = bounds_ms};
    for (; labels && metric->labels < METRICS_LABELS_MAX && labels[metric->labels]; metric->labels++) metric->label[metric->labels] = labels[metric->labels];
    metrics->metric[metrics->count++] = metric;
    if (metric->labels == 0) metric_only(metric);
    return metric;
}

/* --- series --- */

/* Not within a character. */
static size_t cut(const char *text)
{
    size_t bytes = strnlen(text, METRICS_LABEL_MAX_BYTES + 1);
    if (bytes <= METRICS_LABEL_MAX_BYTES) return bytes;
    for (bytes = METRICS_LABEL_MAX_BYTES; bytes > 0 && ((unsigned char)text[bytes] & 0xc0) == 0x80;) bytes--;
    return bytes;
}

static bool is_it(const struct metric *metric, const struct series *series, const char *const *values)
{
    for (size_t i = 0; i < metric->labels; i++) {
        size_t bytes = cut(values[i]);
        if (strlen(series->label[i]) != bytes || memcmp(series->label[i], values[i], bytes) != 0) return false;
    }
    return true;
}

static struct series *find_or_make(struct metric *metric, const char *const *values)
{
    static const char *const other[METRICS_LABELS_MAX] = {"other", "other", "other"};
    for (size_t i = 0; i < metric->count; i++)
        if (is_it(metric, metric->series[i], values)) return metric->series[i];
    if (metric->count > METRICS_SERIES_MAX) return metric->series[METRICS_SERIES_MAX];
    struct series *series = xcalloc(1, sizeof *series);
    if (metric->count == METRICS_SERIES_MAX) values = other;
    for (size_t i = 0; i < metric->labels; i++) series->label[i] = xstrndup(values[i], cut(values[i]));
    series->bounds_ms = metric->bounds_ms;
    return metric->series[metric->count++] = series;
}

struct series *metric_series(struct metric *metric, const char *const values[METRICS_LABELS_MAX])
{
    pthread_mutex_lock(metric->lock);
    struct series *series = find_or_make(metric, values);
    pthread_mutex_unlock(metric->lock);
    return series;
}

struct series *metric_only(struct metric *metric)
{
    return metric_series(metric, (const char *const[METRICS_LABELS_MAX]){NULL});
}

void series_add(struct series *series, uint64_t count)
{
    if (series) atomic_fetch_add_explicit(&series->count, count, memory_order_relaxed);
}

void series_raise(struct series *series, uint64_t total)
{
    if (series && total > atomic_load_explicit(&series->count, memory_order_relaxed)) atomic_store_explicit(&series->count, total, memory_order_relaxed);
}

void series_set(struct series *series, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (series) atomic_store_explicit(&series->bits, bits, memory_order_relaxed);
}

static double gauge_value(const struct series *series)
{
    double value;
    uint64_t bits = atomic_load_explicit(&series->bits, memory_order_relaxed);
    memcpy(&value, &bits, sizeof value);
    return value;
}

void series_observe(struct series *series, int64_t ms)
{
    size_t i = 0;
    if (!series) return;
    if (ms < 0) ms = 0;
    while (series->bounds_ms[i] && ms > series->bounds_ms[i]) i++;
    atomic_fetch_add_explicit(&series->bucket[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&series->sum_ms, (uint64_t)ms, memory_order_relaxed);
}

/* --- the text --- */

/* Backslash and line feed; of a label's value the quote too. */
static void add_escaped(struct buffer *text, const char *value, bool quote)
{
    for (; *value; value++) {
        if (*value == '\\') buffer_add_text(text, "\\\\");
        else if (*value == '\n') buffer_add_text(text, "\\n");
        else if (*value == '"' && quote) buffer_add_text(text, "\\\"");
        else buffer_add(text, value, 1);
    }
}

/* name_suffix{labels,le="…"} and a blank; le NULL: none. */
static void add_name(struct buffer *text, const struct metric *metric, const struct series *series, const char *suffix, const char *le)
{
    const char *between = "{";
    buffer_addf(text, "%s%s", metric->name, suffix);
    for (size_t i = 0; i < metric->labels; i++, between = ",") {
        buffer_addf(text, "%s%s=\"", between, metric->label[i]);
        add_escaped(text, series->label[i], true);
        buffer_add_text(text, "\"");
    }
    if (le) buffer_addf(text, "%sle=\"%s\"", between, le);
    buffer_add_text(text, metric->labels || le ? "} " : " ");
}

static void print_histogram(struct buffer *text, const struct metric *metric, const struct series *series)
{
    uint64_t count = 0;
    for (size_t i = 0;; i++) {
        char le[32] = "+Inf";
        if (metric->bounds_ms[i]) snprintf(le, sizeof le, "%g", (double)metric->bounds_ms[i] / 1000);
        count += atomic_load_explicit(&series->bucket[i], memory_order_relaxed);
        add_name(text, metric, series, "_bucket", le);
        buffer_addf(text, "%llu\n", (unsigned long long)count);
        if (!metric->bounds_ms[i]) break;
    }
    add_name(text, metric, series, "_sum", NULL);
    buffer_addf(text, "%.3f\n", (double)atomic_load_explicit(&series->sum_ms, memory_order_relaxed) / 1000);
    add_name(text, metric, series, "_count", NULL);
    buffer_addf(text, "%llu\n", (unsigned long long)count);
}

static void print_metric(struct buffer *text, const struct metric *metric)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    buffer_addf(text, "# HELP %s ", metric->name);
    add_escaped(text, metric->help, false);
    buffer_addf(text, "\n# TYPE %s %s\n", metric->name, kinds[metric->kind]);
    for (size_t i = 0; i < metric->count; i++) {
        const struct series *series = metric->series[i];
        if (metric->kind == METRIC_HISTOGRAM) {
            print_histogram(text, metric, series);
            continue;
        }
        add_name(text, metric, series, "", NULL);
        if (metric->kind == METRIC_COUNTER) buffer_addf(text, "%llu\n", (unsigned long long)atomic_load_explicit(&series->count, memory_order_relaxed));
        else buffer_addf(text, "%.15g\n", gauge_value(series));
    }
}

void metrics_print(struct metrics *metrics, struct buffer *text)
{
    pthread_mutex_lock(&metrics->lock);
    for (size_t i = 0; i < metrics->count; i++) print_metric(text, metrics->metric[i]);
    pthread_mutex_unlock(&metrics->lock);
}
