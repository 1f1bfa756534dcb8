/* The notifier's figures. */
#include "notify/meters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum { MINUTE_MS = 60000, NAME_BYTES = 132 };

static const char *const outcomes[METS] = {"delivered", "retry", "throttled", "refused", "gone", "withheld"};
/* As in the configuration. */
static const char *const channels[CHANNELS] = {"webhook", "wecom", "dingtalk", "feishu", "email", "sms", "kafka"};
static const char *const standings[] = {"open", "held", "gone", "waits"};

struct minute {
    int64_t minute; /* since 1970 */
    uint32_t delivered, failed;
};

struct metered {
    char name[NAME_BYTES], channel[16];
    struct series *outcome[METS], *time, *waited, *held, *gone, *line, *in_flight;
    struct endpoint_standing standing;
    struct minute minute[METERS_MINUTES];
    char said[METERS_SAID_BYTES];
    int64_t said_ms;
};

struct meters {
    struct metrics *metrics;
    struct metric *deliveries, *time, *waited, *held, *gone, *line, *in_flight;
    struct series *count[METERS], *errands, *unacknowledged, *waiting, *pending, *oldest;
    struct metered *at;
    size_t endpoints;
};

/* --- making --- */

static void add_endpoint_families(struct meters *m)
{
    static const char *const by_outcome[METRICS_LABELS_MAX] = {"channel", "endpoint", "outcome"}, *const by_endpoint[METRICS_LABELS_MAX] = {"endpoint"},
                      *const by_channel[METRICS_LABELS_MAX] = {"channel"};
    m->deliveries = metrics_add(m->metrics, METRIC_COUNTER, "bihuan_notify_deliveries_total",
                                "Attempts to deliver, by what came of them; withheld: failed without a request, as the endpoint is gone or none could be made.", by_outcome, NULL);
    m->time = metrics_add(m->metrics, METRIC_HISTOGRAM, "bihuan_notify_delivery_seconds", "From the request to its answer.", by_channel, metrics_bounds_ms);
    m->waited = metrics_add(m->metrics, METRIC_COUNTER, "bihuan_notify_rate_waits_total", "Deliveries that had to wait for the endpoint's rate.", by_endpoint, NULL);
    m->held = metrics_add(m->metrics, METRIC_GAUGE, "bihuan_notify_endpoint_held", "1 while the breaker lets only single probes through.", by_endpoint, NULL);
    m->gone = metrics_add(m->metrics, METRIC_GAUGE, "bihuan_notify_endpoint_gone", "1 once it answered 410: it gets nothing until a reload.", by_endpoint, NULL);
    m->line = metrics_add(m->metrics, METRIC_GAUGE, "bihuan_notify_endpoint_line", "Deliveries that wait for the endpoint.", by_endpoint, NULL);
    m->in_flight = metrics_add(m->metrics, METRIC_GAUGE, "bihuan_notify_endpoint_in_flight", "Requests under way.", by_endpoint, NULL);
}

static struct series *gauge(struct meters *m, const char *name, const char *help)
{
    return metric_only(metrics_add(m->metrics, METRIC_GAUGE, name, help, NULL, NULL));
}

static struct series *counter(struct meters *m, const char *name, const char *help)
{
    return metric_only(metrics_add(m->metrics, METRIC_COUNTER, name, help, NULL, NULL));
}

struct meters *meters_new(void)
{
    static const char *const by_outcome[METRICS_LABELS_MAX] = {"outcome"};
    struct meters *m = xcalloc(1, sizeof *m);
    m->metrics = metrics_new();
    add_endpoint_families(m);
    m->count[METER_PUBLISHED] = counter(m, "bihuan_notify_results_published_total", "Results published to the platform.");
    m->count[METER_STALE] = counter(m, "bihuan_notify_stale_total", "Notices dropped before they went, as the case had moved on.");
    m->count[METER_SILENCED] = counter(m, "bihuan_notify_silenced_total", "Times that a notice was put off by a silence.");
    m->count[METER_OUT_OF_HOURS] = counter(m, "bihuan_notify_out_of_hours_total", "Times that a notice was put off to the next sending hours.");
    m->count[METER_GATHERED] = counter(m, "bihuan_notify_gathered_total", "Notices left to a digest.");
    struct metric *digests = metrics_add(m->metrics, METRIC_COUNTER, "bihuan_notify_digests_total", "Digests by what came of them.", by_outcome, NULL);
    m->count[METER_DIGEST_DELIVERED] = metric_series(digests, (const char *const[METRICS_LABELS_MAX]){"delivered"});
    m->count[METER_DIGEST_FAILED] = metric_series(digests, (const char *const[METRICS_LABELS_MAX]){"failed"});
    m->errands = gauge(m, "bihuan_notify_errands", "Cases that this notifier has in hand.");
    m->unacknowledged = gauge(m, "bihuan_notify_ledger_unacknowledged", "Records of ledger and results that Kafka has not acknowledged yet.");
    m->waiting = gauge(m, "bihuan_notify_outbox_cases", "Cases in the outbox of all shards, also those put off.");
    m->pending = gauge(m, "bihuan_notify_outbox_due_cases", "Those of them that a notifier may take by now.");
    m->oldest = gauge(m, "bihuan_notify_oldest_owed_seconds", "For how long the oldest of these has been waiting.");
    return m;
}

void meters_free(struct meters *m)
{
    if (!m) return;
    metrics_free(m->metrics);
    free(m->at);
    free(m);
}

struct metrics *meters_metrics(struct meters *m)
{
    return m->metrics;
}

/* --- endpoints --- */

static const struct metered *known(const struct meters *m, const char *name)
{
    for (size_t i = 0; i < m->endpoints; i++)
        if (!strcmp(m->at[i].name, name)) return &m->at[i];
    return NULL;
}

static void show_standing(struct metered *at)
{
    series_set(at->held, at->standing.kind == ENDPOINT_HELD);
    series_set(at->gone, at->standing.kind == ENDPOINT_GONE);
    series_set(at->line, (double)at->standing.line);
    series_set(at->in_flight, (double)at->standing.in_flight);
}

static void find_series(struct meters *m, struct metered *at)
{
    const char *const one[METRICS_LABELS_MAX] = {at->name};
    for (int i = 0; i < METS; i++) at->outcome[i] = metric_series(m->deliveries, (const char *const[METRICS_LABELS_MAX]){at->channel, at->name, outcomes[i]});
    at->time = metric_series(m->time, (const char *const[METRICS_LABELS_MAX]){at->channel});
    at->waited = metric_series(m->waited, one);
    at->held = metric_series(m->held, one);
    at->gone = metric_series(m->gone, one);
    at->line = metric_series(m->line, one);
    at->in_flight = metric_series(m->in_flight, one);
}

void meters_endpoints(struct meters *m, const struct config *config)
{
    if (!m) return;
    struct metered *list = xcalloc(config->endpoints.count + 1, sizeof *list);
    for (size_t i = 0; i < m->endpoints; i++) { /* of those that are gone from the configuration nothing is held or waits */
        m->at[i].standing = (struct endpoint_standing){ENDPOINT_OPEN, 0, 0, 0};
        show_standing(&m->at[i]);
    }
    for (size_t i = 0; i < config->endpoints.count; i++) {
        const struct config_endpoint *endpoint = &config->endpoints.at[i];
        const struct metered *before = known(m, endpoint->name);
        if (before) list[i] = *before;
        snprintf(list[i].name, sizeof list[i].name, "%s", endpoint->name);
        snprintf(list[i].channel, sizeof list[i].channel, "%s", channels[endpoint->channel]);
        find_series(m, &list[i]);
    }
    free(m->at);
    m->at = list;
    m->endpoints = config->endpoints.count;
}

/* --- counting --- */

static struct minute *minute_of(struct metered *at, int64_t real_ms)
{
    int64_t now = real_ms / MINUTE_MS;
    struct minute *minute = &at->minute[now % METERS_MINUTES];
    if (minute->minute != now) *minute = (struct minute){.minute = now};
    return minute;
}

void meters_answered(struct meters *m, size_t endpoint, enum met met, const char *said, int64_t ms, int64_t real_ms)
{
    if (!m || endpoint >= m->endpoints) return;
    struct metered *at = &m->at[endpoint];
    struct minute *minute = minute_of(at, real_ms);
    series_add(at->outcome[met], 1);
    series_observe(at->time, ms);
    minute->delivered += met == MET_DELIVERED;
    minute->failed += met != MET_DELIVERED;
    snprintf(at->said, sizeof at->said, "%s", said);
    at->said_ms = real_ms;
}

void meters_withheld(struct meters *m, size_t endpoint)
{
    if (m && endpoint < m->endpoints) series_add(m->at[endpoint].outcome[MET_WITHHELD], 1);
}

void meters_rate_waited(struct meters *m, size_t endpoint)
{
    if (m && endpoint < m->endpoints) series_add(m->at[endpoint].waited, 1);
}

void meters_count(struct meters *m, enum meter meter, uint64_t count)
{
    if (m) series_add(m->count[meter], count);
}

void meters_endpoint(struct meters *m, size_t endpoint, const struct endpoint_standing *standing)
{
    if (!m || endpoint >= m->endpoints) return;
    m->at[endpoint].standing = *standing;
    show_standing(&m->at[endpoint]);
}

void meters_backlog(struct meters *m, const struct meters_backlog *backlog)
{
    if (!m) return;
    series_set(m->errands, (double)backlog->errands);
    series_set(m->unacknowledged, (double)backlog->unacknowledged);
    series_set(m->waiting, (double)backlog->waiting);
    series_set(m->pending, (double)backlog->pending);
    series_set(m->oldest, (double)backlog->oldest_ms / 1000);
}

/* --- for status --- */

static json_t *endpoint_to_json(const struct metered *at, int64_t real_ms)
{
    json_int_t delivered = 0, failed = 0;
    for (int i = 0; i < METERS_MINUTES; i++) {
        if (at->minute[i].minute <= real_ms / MINUTE_MS - METERS_MINUTES) continue;
        delivered += at->minute[i].delivered;
        failed += at->minute[i].failed;
    }
    json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "endpoint", at->name, "channel", at->channel, "state", standings[at->standing.kind], "line",
                               (json_int_t)at->standing.line, "in_flight", (json_int_t)at->standing.in_flight, "delivered", delivered, "failed", failed);
    json_object_set_new(object, "since_ms", at->standing.since_ms ? json_integer(at->standing.since_ms) : json_null());
    json_t *said = *at->said ? json_string(at->said) : NULL; /* NULL too where it was cut within a character */
    json_object_set_new(object, "answer", said ? said : json_null());
    json_object_set_new(object, "answered_ms", at->said_ms ? json_integer(at->said_ms) : json_null());
    return object;
}

json_t *meters_to_json(const struct meters *m, int64_t real_ms)
{
    json_t *list = json_array();
    for (size_t i = 0; m && i < m->endpoints; i++) json_array_append_new(list, endpoint_to_json(&m->at[i], real_ms));
    return list;
}
