#ifndef BIHUAN_COMMON_METRICS_PAGE_H
#define BIHUAN_COMMON_METRICS_PAGE_H
/* A daemon's /metrics for Prometheus, and /healthz: 200 while its loop goes round, 503 once it has not for HEALTH_MS. */
#include "common/listener.h"
#include "common/metrics.h"

enum { HEALTH_MS = 60000 };

struct metrics_page {
    struct metrics *metrics;  /* borrowed */
    struct listener *listener; /* NULL: not served */
    _Atomic int64_t beat_ms;  /* monotonic */
};

/* Serves them at `address` ("": nowhere), and says in the log where. Adds what every program tells: bihuan_build_info, and when it
 * started. False: why, in error. Not to be moved while it is open. */
bool metrics_page_open(struct metrics_page *page, struct metrics *metrics, const char *program, const char *address, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));
/* The loop went round. */
void metrics_page_beat(struct metrics_page *page);
void metrics_page_close(struct metrics_page *page);

#endif
