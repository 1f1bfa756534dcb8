#ifndef BIHUAN_COMMON_HISTOGRAM_H
#define BIHUAN_COMMON_HISTOGRAM_H
/* How long things took, kept in buckets that are at most 1/16 wide: enough to
 * say a median and a 99th percentile. */
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 1024 };

struct histogram {
    uint64_t count;
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

/* Adds a value; below 0 counts as 0. */
void histogram_add(struct histogram *histogram, int64_t value);
/* The value that `percent` of those added do not exceed (upper end of its bucket); 0 of none. */
int64_t histogram_percentile(const struct histogram *histogram, double percent);
/* Forgets everything. */
void histogram_clear(struct histogram *histogram);

#endif
