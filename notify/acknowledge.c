/* bihuan-notify acknowledge: the daemon behind the links in messages. What comes in becomes an event in Kafka, as everything does; there
 * is no way from here into the store. */
#include <inttypes.h>
#include <stdio.h>

#include "common/daemon.h"
#include "common/log.h"
#include "notify/ack_desk.h"
#include "notify/verbs.h"

enum { ERROR_BYTES = 512, WAIT_MS = 1000 };

static void serve(const struct listener *listener)
{
    int64_t every_ms = daemon_watchdog_ms(), fed_ms = 0;
    log_info("acknowledge.start", "port=%u", listener_port(listener));
    daemon_notify_ready();
    while (!daemon_stopping()) {
        if (every_ms && clock_monotonic_ms() - fed_ms >= every_ms) {
            fed_ms = clock_monotonic_ms();
            daemon_notify_watchdog();
        }
        daemon_wait(every_ms && every_ms < WAIT_MS ? (int)every_ms : WAIT_MS);
    }
    daemon_notify_stopping();
}

static int open_and_serve(const struct config *config, const struct ruleset *set, const struct ack_keys *keys)
{
    char error[ERROR_BYTES] = "";
    if (!daemon_start()) {
        perror("bihuan-notify acknowledge: signals");
        return EXIT_FAILED;
    }
    struct ack_desk *desk = ack_desk_open(config, set, keys, error, sizeof error);
    struct listener *listener = desk ? listener_open(config->acknowledge.listen, ack_desk_answer, desk, error, sizeof error) : NULL;
    if (listener) serve(listener);
    else fprintf(stderr, "bihuan-notify acknowledge: %s\n", error);
    bool good = listener != NULL;
    listener_close(listener);
    if (good) log_info("acknowledge.stop", "taken=%" PRIu64, ack_desk_taken(desk));
    ack_desk_close(desk);
    return good ? EXIT_OK : EXIT_FAILED;
}

static int with_keys(const struct config *config, const struct ruleset *set)
{
    char error[ERROR_BYTES];
    struct ack_keys keys;
    int code = EXIT_USAGE;
    const char *fault = ack_url_check(config->acknowledge.url);
    if (!ack_keys_open(&keys, config, error, sizeof error)) fprintf(stderr, "bihuan-notify acknowledge: [acknowledge] key: %s\n", error);
    else if (keys.count == 0) fprintf(stderr, "bihuan-notify acknowledge: [acknowledge] key_file or key_env: there is none, so no link can be told from a forged one\n");
    else if (fault) fprintf(stderr, "bihuan-notify acknowledge: [acknowledge] url: %s\n", fault);
    else code = open_and_serve(config, set, &keys);
    ack_keys_close(&keys);
    return code;
}

int notify_acknowledge(const struct options *options)
{
    struct config config;
    struct ruleset set;
    int code = EXIT_USAGE;
    if (!config_open(&config, options->config)) return code;
    log_set_level((enum log_level)config.log.level);
    if (ruleset_load(&set, &config, NULL)) {
        code = with_keys(&config, &set);
        ruleset_free(&set);
    }
    config_free(&config);
    return code;
}
