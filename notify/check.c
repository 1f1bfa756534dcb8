/* bihuan-notify check: everything that run would meet. Nothing is sent to an endpoint. */
#include "notify/outfit.h"
#include "notify/verbs.h"
#include "sla/appeal.h"
#include "sla/checkup.h"

/* An alert that nobody gets is exhausted at once. That none serves every unit is warned of already. */
static void check_dispatcher(struct checkup *checkup, const struct outfit *outfit)
{
    struct appeal_rules rules = appeal_rules(&checkup->config);
    struct route_question question = {.unit = rules.dispatcher, .holder = rules.dispatcher, .dispatcher = rules.dispatcher,
                                      .roles = 1U << ROLE_HANDLER | 1U << ROLE_DISPATCHER, .day = outfit_day(&checkup->config)};
    struct route route;
    if (rules.citizens == 0 || rules.dispatcher.bytes == 0) return;
    route_find(&route, &outfit->routing, &question);
    if (route.count == 0) buffer_addf(&checkup->warnings, "[appeals] dispatcher: no endpoint serves \"%s\", and nobody of it can be reached: alerts are not sent\n", rules.dispatcher.at);
}

/* Endpoints, units, sending hours, templates, and routes between them. */
static void check_outfit(struct checkup *checkup)
{
    struct outfit outfit;
    if (!checkup->config_good) return;
    checkup->count += outfit_open(&outfit, &checkup->config, &checkup->faults, &checkup->warnings);
    check_dispatcher(checkup, &outfit);
    outfit_close(&outfit);
}

int notify_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    check_outfit(&checkup);
    checkup_rules_and_store(&checkup);
    const char *const topics[] = {checkup.config.topics.results, checkup.config.topics.ledger};
    checkup_topics(&checkup, topics, 2);
    checkup_retention(&checkup, topics + 1, 1);
    return checkup_end(&checkup, "configuration, endpoints and secrets, units, sending hours, rules, Redis, Kafka and its topics");
}
