/* bihuan-notify check: everything that run would meet. Nothing is sent to an endpoint. */
#include "notify/endpoint.h"
#include "notify/verbs.h"
#include "sla/checkup.h"

static void check_endpoints(struct checkup *checkup)
{
    struct endpoints endpoints;
    if (!checkup->config_good) return;
    checkup->count += endpoints_open(&endpoints, &checkup->config, &checkup->faults, &checkup->warnings);
    endpoints_close(&endpoints);
}

int notify_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    check_endpoints(&checkup);
    checkup_rules_and_store(&checkup);
    const char *const topics[] = {checkup.config.topics.results, checkup.config.topics.ledger};
    checkup_topics(&checkup, topics, 2);
    checkup_retention(&checkup, topics + 1, 1);
    return checkup_end(&checkup, "configuration, endpoints and secrets, rules, Redis, Kafka and its topics");
}
