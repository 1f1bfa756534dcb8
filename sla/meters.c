/* The timer daemon's figures. */
#include "sla/meters.h"

enum { COUNT_MS = 10000 };

static struct series *add(struct timer_meters *m, enum metric_kind kind, const char *name, const char *help)
{
    return metric_only(metrics_add(m->metrics, kind, name, help, NULL, NULL));
}

bool timer_meters_open(struct timer_meters *m, const struct config *config, char *error, size_t error_bytes)
{
    *m = (struct timer_meters){.metrics = metrics_new()};
    m->fired = add(m, METRIC_COUNTER, "bihuan_sla_timers_fired_total", "Cases whose timer was fired.");
    m->published = add(m, METRIC_COUNTER, "bihuan_sla_results_published_total", "Deadlines that passed, published as clock.overdue.");
    m->refused = add(m, METRIC_COUNTER, "bihuan_sla_commits_refused_total", "Commits refused as cases or rules had changed; they are tried again.");
    m->mended = add(m, METRIC_COUNTER, "bihuan_sla_mended_total", "Cases whose timer or outbox entry was missing, mended by the sweep. Not 0: something touched Redis.");
    m->shrunk = add(m, METRIC_COUNTER, "bihuan_sla_shrunk_total", "Closed cases past their retention that were shrunk.");
    m->sweeps = add(m, METRIC_COUNTER, "bihuan_sla_sweeps_total", "Rounds of the sweep over all shards.");
    m->lag = add(m, METRIC_GAUGE, "bihuan_sla_oldest_due_lag_seconds", "For how long (business time, beyond the grace) the oldest timer that is due has been waiting; 0: none is.");
    m->progress = add(m, METRIC_GAUGE, "bihuan_sla_sweep_progress_ratio", "How far the sweep's round is.");
    m->cases = add(m, METRIC_GAUGE, "bihuan_sla_cases", "Cases in the store, with what gathers appeals.");
    return metrics_page_open(&m->page, m->metrics, "bihuan-sla", config->metrics.sla, error, error_bytes);
}

void timer_meters_close(struct timer_meters *m)
{
    metrics_page_close(&m->page);
    metrics_free(m->metrics);
    *m = (struct timer_meters){0};
}

static bool count_cases(struct timer_meters *m, struct store *store)
{
    int64_t now_ms = clock_monotonic_ms(), cases;
    if (m->counted_ms && now_ms - m->counted_ms < COUNT_MS) return true;
    m->counted_ms = now_ms;
    enum store_result result = store_count_cases(store, &cases);
    if (result == STORE_DONE) series_set(m->cases, (double)cases);
    return result != STORE_LOST;
}

bool timer_meters_look(struct timer_meters *m, const struct timers *timers)
{
    int64_t oldest_ms;
    metrics_page_beat(&m->page);
    if (!m->page.listener) return true;
    series_raise(m->fired, timers->fired);
    series_raise(m->published, timers->published);
    series_raise(m->refused, timers->refused);
    series_raise(m->mended, timers->mended);
    series_raise(m->shrunk, timers->shrunk);
    series_add(m->sweeps, timers->sweep_shard < m->sweep_shard);
    m->sweep_shard = timers->sweep_shard;
    series_set(m->progress, (double)timers->sweep_shard / (double)timers->store->shards);
    enum store_result result = store_oldest_due(timers->store, &oldest_ms);
    int64_t upto_ms = clock_business_ms(&timers->store->clock) - timers->changer.grace_ms;
    if (result == STORE_DONE) series_set(m->lag, oldest_ms < upto_ms ? (double)(upto_ms - oldest_ms) / 1000 : 0);
    return result != STORE_LOST && count_cases(m, timers->store);
}
