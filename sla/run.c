/* bihuan-sla run: the timer daemon. Wakes, fires, sweeps, sleeps. */
#include <stdio.h>

#include "common/daemon.h"
#include "common/log.h"
#include "sla/adoption.h"
#include "sla/meters.h"
#include "sla/proposal.h"
#include "sla/timers.h"
#include "sla/verbs.h"

enum { POLL_MS = 50, BEAT_MS = 1000, SWEEP_MS = 200 };

struct due_times {
    int64_t beat_ms, sweep_ms, watchdog_ms;
};

static bool is_time(int64_t *next_ms, int64_t every_ms)
{
    int64_t now_ms = clock_monotonic_ms();
    if (every_ms == 0 || now_ms < *next_ms) return false;
    *next_ms = now_ms + every_ms;
    return true;
}

/* One turn of the loop. False: the store is lost. */
static bool turn(struct timers *timers, struct timer_meters *meters, struct due_times *times)
{
    bool more = false;
    if (is_time(&times->watchdog_ms, daemon_watchdog_ms())) daemon_notify_watchdog();
    if (is_time(&times->beat_ms, BEAT_MS) && (!store_heartbeat(timers->store) || !timer_meters_look(meters, timers))) return false;
    if (timers_fire(timers, &more) == STORE_LOST) return false;
    if (!more && is_time(&times->sweep_ms, SWEEP_MS) && timers_sweep(timers) == STORE_LOST) return false;
    if (!more) daemon_wait(POLL_MS);
    return true;
}

/* A server that was put back, or took over without the last write, may lack decisions that the topic has. One daemon that asks is
 * enough: what it takes over it marks the shards with. A lost link shows at the next turn. */
static void catch_up_rules(struct store *store)
{
    if (adopt_all(store) == STORE_REFUSED) log_warn("rules.topic", "error=%s", log_quote(store->fault));
}

static int serve(struct timers *timers, struct timer_meters *meters, const char *path)
{
    struct due_times times = {0};
    catch_up_rules(timers->store);
    log_info("timer.start", "owner=%s shards=%u grace_ms=%lld", log_quote(timers->owner), timers->store->shards, (long long)timers->changer.grace_ms);
    daemon_notify_ready();
    while (!daemon_stopping()) {
        if (daemon_reload_wanted()) {
            config_reload_level(path);
            proposal_review(timers->store->book, path);
        }
        if (turn(timers, meters, &times) || daemon_stopping()) continue;
        log_warn("timer.lost", "error=%s", log_quote(timers->store->fault));
        if (!store_recover(timers->store, daemon_stopping) && !daemon_stopping()) {
            log_error("timer.stop", "error=%s", log_quote(timers->store->fault));
            return EXIT_FAILED;
        }
        if (!daemon_stopping()) catch_up_rules(timers->store);
    }
    daemon_notify_stopping();
    log_info("timer.stop", "fired=%llu published=%llu refused=%llu mended=%llu shrunk=%llu", (unsigned long long)timers->fired, (unsigned long long)timers->published,
             (unsigned long long)timers->refused,
             (unsigned long long)timers->mended, (unsigned long long)timers->shrunk);
    return EXIT_OK;
}

int sla_run(const struct options *options)
{
    struct config config;
    struct ruleset set;
    struct store store;
    struct timers timers = {.store = NULL};
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    if (!ruleset_load(&set, &config, NULL)) {
        config_free(&config);
        return EXIT_USAGE;
    }
    log_set_level((enum log_level)config.log.level);
    int code = EXIT_FAILED;
    if (!daemon_start()) {
        perror("bihuan-sla run: signals");
    } else if (!store_open(&store, &config, &set, daemon_stopping)) {
        if (daemon_stopping()) code = EXIT_OK; /* told to, while it waited for a server */
        else fprintf(stderr, "bihuan-sla run: %s\n", store.fault);
        store_close(&store);
    } else {
        char error[KAFKA_ERROR_BYTES] = "";
        struct timer_meters meters;
        bool good = timer_meters_open(&meters, &config, error, sizeof error) && timers_open(&timers, &store, &config, error, sizeof error);
        if (good) code = serve(&timers, &meters, options->config);
        else fprintf(stderr, "bihuan-sla run: %s\n", error);
        timer_meters_close(&meters);
        timers_close(&timers);
        store_close(&store);
    }
    ruleset_free(&set);
    config_free(&config);
    return code;
}
