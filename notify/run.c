/* bihuan-notify run: the notifier as a daemon. */
#include <stdio.h>

#include "common/daemon.h"
#include "common/log.h"
#include "common/metrics_page.h"
#include "notify/notifier.h"
#include "notify/verbs.h"
#include "sla/proposal.h"

enum { ERROR_BYTES = 512, DRAIN_MS = 45000 };

/* Everything that run opens, in the order it is opened. Two configurations: the one in force, and the one that a
 * reload brings. */
struct service {
    struct config config[2];
    int in_force;
    struct ruleset set;
    struct store store;
    struct notifier notifier;
    struct meters *meters;
    struct metrics_page page;
    int64_t watchdog_ms, stop_ms;
};

static void feed_watchdog(struct service *service)
{
    int64_t now_ms = clock_monotonic_ms();
    if (daemon_watchdog_ms() == 0 || now_ms - service->watchdog_ms < daemon_watchdog_ms()) return;
    service->watchdog_ms = now_ms;
    daemon_notify_watchdog();
}

/* Endpoints, mode, waits and log level change; rules and servers need a restart. */
static void reload(struct service *service, const char *path)
{
    struct config *other = &service->config[!service->in_force];
    if (!config_open(other, path)) {
        log_error("notify.reload", "kept=old note=%s", log_quote("the configuration has faults"));
        return;
    }
    if (!notifier_reload(&service->notifier, other)) {
        config_free(other);
        return;
    }
    log_set_level((enum log_level)other->log.level);
    config_free(&service->config[service->in_force]);
    service->in_force = !service->in_force;
    service->store.config = other;
    proposal_review(service->store.book, path);
}

/* Told to stop, and nothing is under way; or it takes too long: what is under way is leased, and taken up again later. */
static bool has_ended(struct service *service)
{
    if (!daemon_stopping()) return false;
    if (service->stop_ms == 0) service->stop_ms = clock_monotonic_ms();
    if (notifier_idle(&service->notifier)) return true;
    if (clock_monotonic_ms() - service->stop_ms < DRAIN_MS) return false;
    log_warn("notify.drain", "errands=%zu note=%s", service->notifier.count, log_quote("left: their leases end, and they are taken up again"));
    return true;
}

static int serve(struct service *service, const char *path)
{
    bool wanted = false, good = true;
    log_info("notify.start", "mode=%s endpoints=%zu in_flight=%lld", service->config[0].notify.mode == NOTIFY_SHADOW ? "shadow" : "live",
             service->notifier.outfit.endpoints.count, (long long)service->config[0].notify.in_flight);
    daemon_notify_ready();
    while (good && !has_ended(service)) {
        wanted |= daemon_reload_wanted();
        good = notifier_turn(&service->notifier, !daemon_stopping() && !wanted);
        daemon_wait(0); /* empties what woke us */
        metrics_page_beat(&service->page);
        feed_watchdog(service);
        if (!wanted || !notifier_idle(&service->notifier)) continue;
        reload(service, path);
        wanted = false;
    }
    daemon_notify_stopping();
    if (!good) log_error("notify.stop", "error=%s", log_quote(service->store.fault));
    else log_info("notify.stop", "delivered=%llu failed=%llu published=%llu", (unsigned long long)service->notifier.delivered,
                  (unsigned long long)service->notifier.failed, (unsigned long long)service->notifier.published);
    return good ? EXIT_OK : EXIT_FAILED;
}

static int open_and_serve(struct service *service, const char *path)
{
    char error[ERROR_BYTES] = "";
    int code = EXIT_FAILED;
    struct config *config = &service->config[0];
    if (!daemon_start()) {
        perror("bihuan-notify run: signals");
        return code;
    }
    if (!store_open(&service->store, config, &service->set, daemon_stopping)) {
        if (daemon_stopping()) code = EXIT_OK; /* told to, while it waited for a server */
        else fprintf(stderr, "bihuan-notify run: %s\n", service->store.fault);
    } else {
        service->meters = meters_new();
        bool good = metrics_page_open(&service->page, meters_metrics(service->meters), "bihuan-notify", config->metrics.notify, error, sizeof error) &&
                    notifier_open(&service->notifier, config, &service->store, error, sizeof error);
        service->notifier.meters = service->notifier.dispatch.meters = service->meters;
        meters_endpoints(service->meters, config);
        if (good) code = serve(service, path);
        else fprintf(stderr, "bihuan-notify run: %s\n", error);
        if (!good) code = EXIT_USAGE;
        notifier_close(&service->notifier);
        metrics_page_close(&service->page);
        meters_free(service->meters);
    }
    store_close(&service->store);
    return code;
}

int notify_run(const struct options *options)
{
    struct service service = {.in_force = 0};
    if (!config_open(&service.config[0], options->config)) return EXIT_USAGE;
    log_set_level((enum log_level)service.config[0].log.level);
    int code = EXIT_USAGE;
    if (ruleset_load(&service.set, &service.config[0], NULL)) {
        code = open_and_serve(&service, options->config);
        ruleset_free(&service.set);
    }
    config_free(&service.config[service.in_force]);
    return code;
}
