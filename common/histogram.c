/* Log-linear buckets: exact below 16, then 16 to each doubling. */
#include "common/histogram.h"

#include <string.h>

enum { STEPS = 16, STEP_BITS = 4 };

static unsigned bucket_of(uint64_t value)
{
    if (value < STEPS) return (unsigned)value;
    unsigned doublings = 63 - (unsigned)__builtin_clzll(value) - STEP_BITS;
    return STEPS + doublings * STEPS + (unsigned)(value >> doublings) - STEPS;
}

/* The largest value that falls into a bucket. */
static uint64_t upper_end(unsigned bucket)
{
    if (bucket < STEPS) return bucket;
    unsigned doublings = (bucket - STEPS) / STEPS, step = (bucket - STEPS) % STEPS;
    return (((uint64_t)STEPS + step + 1) << doublings) - 1;
}

void histogram_add(struct histogram *histogram, int64_t value)
{
    histogram->count++;
    histogram->bucket[bucket_of(value < 0 ? 0 : (uint64_t)value)]++;
}

int64_t histogram_percentile(const struct histogram *histogram, double percent)
{
    double wanted = (double)histogram->count * percent / 100;
    uint64_t seen = 0;
    if (histogram->count == 0) return 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->bucket[i];
        if (seen > 0 && (double)seen >= wanted) return (int64_t)upper_end(i);
    }
    return INT64_MAX;
}

void histogram_clear(struct histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
}
