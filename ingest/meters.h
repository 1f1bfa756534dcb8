#ifndef BIHUAN_INGEST_METERS_H
#define BIHUAN_INGEST_METERS_H
/* What ingest counts, for /metrics. The committer's thread calls all but ingest_meters_paused. Every call accepts NULL. */
#include "common/metrics_page.h"
#include "ingest/handover.h"
#include "ingest/standing.h"
#include "sla/tally.h"

enum { FEEDS = 2 }; /* tickets, ratings */

struct ingest_meters {
    struct metrics *metrics;
    struct metrics_page page;
    const struct config *config; /* borrowed */
    struct series *records[FEEDS][RECORD_COUNTERS], *lag[FEEDS], *batches, *time, *paused, *batches_waiting, *records_waiting, *bytes_waiting, *stopped;
};

/* Adds the families, and serves them where the configuration says. False: why, in error. */
bool ingest_meters_open(struct ingest_meters *meters, const struct config *config, char *error, size_t error_bytes) __attribute__((warn_unused_result));
void ingest_meters_close(struct ingest_meters *meters);

/* A batch was committed within ms. */
void ingest_meters_batch(struct ingest_meters *meters, const struct batch *batch, const struct assignment *assignment, int64_t ms);
void ingest_meters_paused(struct ingest_meters *meters, bool paused);
/* About once a second: how far behind the logs' ends it is, as the consumer last heard of these; what waits. */
void ingest_meters_look(struct ingest_meters *meters, const struct standing *standing, struct handover *handover);

#endif
