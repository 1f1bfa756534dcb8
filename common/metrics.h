#ifndef BIHUAN_COMMON_METRICS_H
#define BIHUAN_COMMON_METRICS_H
/* Counters, gauges and histograms, printed as Prometheus reads them (text exposition format 0.0.4).
 *
 * A family has a name, a help text and labels; each combination of label values is a series. A series is looked up once
 * and kept; adding to it is one atomic addition, from any thread. Label values come from configuration and
 * data, so their number is bounded: beyond METRICS_SERIES_MAX of a family what comes goes to one series with all
 * labels "other". */
#include <stdint.h>

#include "common/buffer.h"

enum { METRICS_FAMILIES_MAX = 64, METRICS_SERIES_MAX = 512, METRICS_LABELS_MAX = 3, METRICS_BOUNDS_MAX = 16, METRICS_LABEL_MAX_BYTES = 128 };

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metrics;
struct metric;
struct series;

/* Never NULL. */
struct metrics *metrics_new(void);
/* Accepts NULL. */
void metrics_free(struct metrics *metrics);

/* Adds a family, before other threads use them. All texts are static. labels: names, NULL where there are fewer. bounds_ms: of a
 * histogram, which observes milliseconds and prints seconds: rising, ended by 0; else NULL. */
struct metric *metrics_add(struct metrics *metrics, enum metric_kind kind, const char *name, const char *help, const char *const labels[METRICS_LABELS_MAX],
                           const int64_t *bounds_ms);
/* For most histograms: 1 ms to a minute. */
extern const int64_t metrics_bounds_ms[];

/* The series with these label values (one for each label, copied, cut at METRICS_LABEL_MAX_BYTES between characters). Any thread; takes a lock. */
struct series *metric_series(struct metric *metric, const char *const values[METRICS_LABELS_MAX]);
/* The one series of a family without labels. */
struct series *metric_only(struct metric *metric);

/* Any thread, without a lock. Each accepts NULL, and does nothing then. */
void series_add(struct series *series, uint64_t count);   /* of a counter */
void series_raise(struct series *series, uint64_t total); /* the same of what is counted elsewhere: its total by now; never falls */
void series_set(struct series *series, double value);     /* of a gauge */
void series_observe(struct series *series, int64_t ms);   /* of a histogram; below 0 is 0 */

/* All of them. Any thread. */
void metrics_print(struct metrics *metrics, struct buffer *text);

#endif
