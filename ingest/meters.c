/* Ingest's figures. Records are added up by batch: a record costs no atomic addition. */
#include "ingest/meters.h"

#include <string.h>

static size_t feed_of(const struct ingest_meters *m, const char *topic)
{
    return !strcmp(topic, m->config->topics.ratings);
}

static struct series *gauge(struct ingest_meters *m, const char *name, const char *help)
{
    return metric_only(metrics_add(m->metrics, METRIC_GAUGE, name, help, NULL, NULL));
}

static void add_by_topic(struct ingest_meters *m)
{
    static const char *const by_outcome[METRICS_LABELS_MAX] = {"topic", "outcome"}, *const by_topic[METRICS_LABELS_MAX] = {"topic"};
    static const char *const outcomes[RECORD_COUNTERS] = {"applied", "duplicate", "dead_letter"};
    const char *topics[FEEDS] = {m->config->topics.tickets, m->config->topics.ratings};
    struct metric *records = metrics_add(m->metrics, METRIC_COUNTER, "bihuan_ingest_records_total", "Records by what became of them.", by_outcome, NULL);
    struct metric *lag = metrics_add(m->metrics, METRIC_GAUGE, "bihuan_ingest_consumer_lag_records",
                                     "Records of the partitions that are ours between what is committed and the log's end.", by_topic, NULL);
    for (int feed = 0; feed < FEEDS; feed++) {
        for (int i = 0; i < RECORD_COUNTERS; i++) m->records[feed][i] = metric_series(records, (const char *const[METRICS_LABELS_MAX]){topics[feed], outcomes[i]});
        m->lag[feed] = metric_series(lag, (const char *const[METRICS_LABELS_MAX]){topics[feed]});
    }
}

bool ingest_meters_open(struct ingest_meters *m, const struct config *config, char *error, size_t error_bytes)
{
    *m = (struct ingest_meters){.metrics = metrics_new(), .config = config};
    add_by_topic(m);
    m->batches = metric_only(metrics_add(m->metrics, METRIC_COUNTER, "bihuan_ingest_batches_total", "Batches committed.", NULL, NULL));
    m->time = metric_only(metrics_add(m->metrics, METRIC_HISTOGRAM, "bihuan_ingest_commit_seconds", "From taking up a batch to its last commit.", NULL, metrics_bounds_ms));
    m->paused = gauge(m, "bihuan_ingest_paused", "1 while reading pauses, as the commits are behind.");
    m->batches_waiting = gauge(m, "bihuan_ingest_queue_batches", "Batches between the consumer and the committer, the one under way included.");
    m->records_waiting = gauge(m, "bihuan_ingest_queue_records", "Records of these.");
    m->bytes_waiting = gauge(m, "bihuan_ingest_queue_bytes", "Bytes of these.");
    m->stopped = gauge(m, "bihuan_ingest_stopped_partitions", "Partitions not read, as the log no longer reaches back: bihuan-ingest accept-gap.");
    return metrics_page_open(&m->page, m->metrics, "bihuan-ingest", config->metrics.ingest, error, error_bytes);
}

void ingest_meters_close(struct ingest_meters *m)
{
    metrics_page_close(&m->page);
    metrics_free(m->metrics);
    *m = (struct ingest_meters){0};
}

void ingest_meters_batch(struct ingest_meters *m, const struct batch *batch, const struct assignment *assignment, int64_t ms)
{
    uint64_t count[FEEDS][RECORD_COUNTERS] = {{0}};
    if (!m) return;
    size_t feed = 0;
    int slot = -1;
    for (size_t i = 0; i < batch->count; i++) {
        const struct record *record = &batch->record[i];
        if (record->slot != slot) feed = feed_of(m, assignment->slot[slot = record->slot].topic);
        if (record->counted) count[feed][record->counted - 1]++;
    }
    for (feed = 0; feed < FEEDS; feed++)
        for (int k = 0; k < RECORD_COUNTERS; k++) series_add(m->records[feed][k], count[feed][k]);
    series_add(m->batches, 1);
    series_observe(m->time, ms);
}

void ingest_meters_paused(struct ingest_meters *m, bool paused)
{
    if (m) series_set(m->paused, paused);
}

/* Up to where the slot's records are in all shards. */
static int64_t reached(const struct standing *standing, size_t slot)
{
    if (standing->done[slot].next >= 0) return standing->done[slot].next;
    int64_t next = INT64_MAX;
    for (unsigned shard = 0; shard < standing->store->shards; shard++) {
        const struct position *at = standing_at(standing, (int)slot, shard);
        if (at->next < next) next = at->next;
    }
    return next;
}

void ingest_meters_look(struct ingest_meters *m, const struct standing *standing, struct handover *handover)
{
    int64_t lag[FEEDS] = {0}, low, high, stopped = 0;
    if (!m) return;
    metrics_page_beat(&m->page);
    for (size_t slot = 0; standing->assignment && slot < standing->assignment->count; slot++) {
        const struct slot *of = &standing->assignment->slot[slot];
        stopped += standing->stopped[slot];
        if (rd_kafka_get_watermark_offsets(standing->consumer, of->topic, of->partition, &low, &high) || high < 0) continue;
        int64_t next = reached(standing, slot);
        if (next < low) next = low;
        if (next < high) lag[feed_of(m, of->topic)] += high - next;
    }
    for (int feed = 0; feed < FEEDS; feed++) series_set(m->lag[feed], (double)lag[feed]);
    series_set(m->stopped, (double)stopped);
    pthread_mutex_lock(&handover->lock);
    size_t batches = handover->batches, records = handover->records, bytes = handover->bytes;
    pthread_mutex_unlock(&handover->lock);
    series_set(m->batches_waiting, (double)batches);
    series_set(m->records_waiting, (double)records);
    series_set(m->bytes_waiting, (double)bytes);
}
