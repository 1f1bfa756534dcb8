/* What Prometheus fetches. Answered on a thread of the listener, so a loop that stands still shows. */
#include "common/metrics_page.h"

#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/options.h"

static void answer(void *context, const struct listener_request *request, struct listener_reply *reply)
{
    struct metrics_page *page = context;
    if (!strcmp(request->path, "/metrics")) {
        reply->content_type = "text/plain; version=0.0.4; charset=utf-8";
        metrics_print(page->metrics, &reply->body);
    } else if (!strcmp(request->path, "/healthz")) {
        bool well = clock_monotonic_ms() - page->beat_ms < HEALTH_MS;
        reply->status = well ? 200 : 503;
        buffer_add_text(&reply->body, well ? "ok\n" : "the daemon's loop stands still\n");
    } else {
        reply->status = 404;
        buffer_add_text(&reply->body, "there are /metrics and /healthz\n");
    }
}

static void add_program(struct metrics *metrics, const char *program)
{
    static const char *const labels[METRICS_LABELS_MAX] = {"program", "version"};
    struct metric *build = metrics_add(metrics, METRIC_GAUGE, "bihuan_build_info", "Which program and version answers; always 1.", labels, NULL);
    series_set(metric_series(build, (const char *const[METRICS_LABELS_MAX]){program, BIHUAN_VERSION}), 1);
    struct metric *start = metrics_add(metrics, METRIC_GAUGE, "process_start_time_seconds", "When the process started, in seconds since 1970.", NULL, NULL);
    series_set(metric_only(start), (double)clock_real_ms() / 1000);
}

bool metrics_page_open(struct metrics_page *page, struct metrics *metrics, const char *program, const char *address, char *error, size_t error_bytes)
{
    *page = (struct metrics_page){.metrics = metrics, .beat_ms = clock_monotonic_ms()};
    if (!*address) return true;
    add_program(metrics, program);
    page->listener = listener_open(address, answer, page, error, error_bytes);
    if (page->listener) log_info("metrics.listen", "address=%s port=%u", log_quote(address), listener_port(page->listener));
    return page->listener != NULL;
}

void metrics_page_beat(struct metrics_page *page)
{
    page->beat_ms = clock_monotonic_ms();
}

void metrics_page_close(struct metrics_page *page)
{
    listener_close(page->listener);
    page->listener = NULL;
}
