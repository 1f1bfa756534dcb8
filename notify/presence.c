/* What a notifier tells of itself. */
#include "notify/presence.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAME_BYTES = 96 };

static enum standing_kind standing_of(const struct endpoint *endpoint, int64_t real_ms)
{
    if (endpoint->gone) return ENDPOINT_GONE;
    if (endpoint->breaker.wait_ms || endpoint->slow_until_ms > real_ms) return ENDPOINT_HELD;
    return endpoint->waiting && endpoint->allowed_ms > real_ms ? ENDPOINT_WAITS : ENDPOINT_OPEN;
}

static void show_endpoints(struct notifier *notifier)
{
    int64_t real_ms = clock_shared_ms(&notifier->store->clock);
    for (size_t i = 0; i < notifier->outfit.endpoints.count; i++) {
        const struct endpoint *endpoint = &notifier->outfit.endpoints.at[i];
        meters_endpoint(notifier->meters, i, &(struct endpoint_standing){.kind = standing_of(endpoint, real_ms), .since_ms = endpoint->breaker.wait_ms ? endpoint->breaker.since_ms : real_ms,
                                                                         .line = endpoint->waiting, .in_flight = endpoint->in_flight});
    }
}

static bool say(struct notifier *notifier)
{
    char host[64] = "", name[NAME_BYTES];
    int64_t real_ms = clock_shared_ms(&notifier->store->clock);
    gethostname(host, sizeof host - 1);
    snprintf(name, sizeof name, "%s-%ld", host, (long)getpid());
    json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "notifier", name, "mode", notifier->config->notify.mode == NOTIFY_SHADOW ? "shadow" : "live", "at_ms",
                               (json_int_t)real_ms, "errands", (json_int_t)notifier->count, "unacknowledged", (json_int_t)notifier->recording, "endpoints",
                               meters_to_json(notifier->meters, real_ms));
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    bool good = !text || store_present(notifier->store, name, text, PRESENCE_MS) || notifier->store->link->context;
    free(text);
    json_decref(object);
    return good;
}

bool presence_show(struct notifier *notifier)
{
    struct store_backlog backlog;
    if (!notifier->meters) return true;
    show_endpoints(notifier);
    enum store_result result = store_backlog(notifier->store, &backlog);
    if (result == STORE_LOST) return false;
    meters_backlog(notifier->meters, &(struct meters_backlog){.errands = notifier->count, .unacknowledged = notifier->recording, .waiting = backlog.cases,
                                                              .pending = backlog.due, .oldest_ms = backlog.oldest_ms});
    return say(notifier);
}
