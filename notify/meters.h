#ifndef BIHUAN_NOTIFY_METERS_H
#define BIHUAN_NOTIFY_METERS_H
/* What the notifier counts, for /metrics and for `bihuan-notify status`: a few small calls on its way. One thread calls them; they are
 * read by others through common/metrics.h alone. Every call accepts NULL. */
#include <jansson.h>

#include "common/config.h"
#include "common/metrics.h"

enum { METERS_MINUTES = 5, METERS_SAID_BYTES = 96 };

/* What happens without an endpoint. */
enum meter {
    METER_PUBLISHED,  /* a result */
    METER_STALE,      /* a notice that was dropped as its case had moved on */
    METER_SILENCED,   /* a notice put off by a silence, */
    METER_OUT_OF_HOURS, /* by sending hours, */
    METER_GATHERED,   /* for a digest */
    METER_DIGEST_DELIVERED,
    METER_DIGEST_FAILED,
    METERS
};

/* What came of an attempt: as enum verdict_kind of notify/channel.h, in that order; and one that failed without a request, as the
 * endpoint is held or gone. */
enum met { MET_DELIVERED, MET_RETRY, MET_SLOW_DOWN, MET_REFUSED, MET_GONE, MET_WITHHELD, METS };

/* How an endpoint stands. */
enum standing_kind { ENDPOINT_OPEN, ENDPOINT_HELD, ENDPOINT_GONE, ENDPOINT_WAITS };
struct endpoint_standing {
    enum standing_kind kind; /* HELD: by its breaker; WAITS: for its rate */
    int64_t since_ms;        /* real time; of HELD */
    size_t line, in_flight;  /* deliveries that wait for it; requests under way */
};

struct meters;

struct meters *meters_new(void);
/* Accepts NULL. */
void meters_free(struct meters *meters);
struct metrics *meters_metrics(struct meters *meters);

/* The endpoints of a configuration, by their places there. Those of before that are there by name keep their figures. */
void meters_endpoints(struct meters *meters, const struct config *config);

/* An answer, ms after the request; `said`: for people, as "200" or what went wrong. */
void meters_answered(struct meters *meters, size_t endpoint, enum met met, const char *said, int64_t ms, int64_t real_ms);
/* An attempt that failed without a request, as the endpoint is held or gone. */
void meters_withheld(struct meters *meters, size_t endpoint);
/* A delivery that must wait for the endpoint's rate. */
void meters_rate_waited(struct meters *meters, size_t endpoint);
void meters_count(struct meters *meters, enum meter meter, uint64_t count);

/* About once a second: */
void meters_endpoint(struct meters *meters, size_t endpoint, const struct endpoint_standing *standing);
struct meters_backlog {
    size_t errands, unacknowledged;       /* cases in hand; records that Kafka has not acknowledged */
    int64_t waiting, pending, oldest_ms;  /* cases in the outbox; those due of them; for how long the oldest of these waits */
};
void meters_backlog(struct meters *meters, const struct meters_backlog *backlog);
/* The endpoints as `status` shows them; a new reference. */
json_t *meters_to_json(const struct meters *meters, int64_t real_ms);

#endif
