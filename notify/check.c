/* bihuan-notify check: everything that run would meet. Nothing is sent to an endpoint. */
#include <unistd.h>

#include "notify/endpoint.h"
#include "notify/verbs.h"
#include "notify/words.h"
#include "sla/appeal.h"
#include "sla/checkup.h"

/* An alert that nobody gets is exhausted at once. That none serves every unit is warned of already. */
static void check_dispatcher(struct checkup *checkup, const struct endpoints *endpoints)
{
    struct appeal_rules rules = appeal_rules(&checkup->config);
    bool served = rules.citizens == 0 || rules.dispatcher.bytes == 0;
    for (size_t i = 0; i < endpoints->count; i++) served |= endpoint_serves(&endpoints->at[i], rules.dispatcher);
    if (!served) buffer_addf(&checkup->warnings, "[appeals] dispatcher: no endpoint serves \"%s\": alerts are not sent\n", rules.dispatcher.at);
}

static void check_endpoints(struct checkup *checkup)
{
    struct endpoints endpoints;
    if (!checkup->config_good) return;
    checkup->count += endpoints_open(&endpoints, &checkup->config, &checkup->faults, &checkup->warnings);
    check_dispatcher(checkup, &endpoints);
    endpoints_close(&endpoints);
}

/* Where there are templates they must be right, whether an endpoint needs them or not yet. */
static void check_words(struct checkup *checkup)
{
    if (!checkup->config_good) return;
    size_t before = checkup->faults.bytes;
    struct words *words = words_open(&checkup->config, access(checkup->config.notify.templates, F_OK) == 0, &checkup->faults);
    for (size_t i = before; !words && i < checkup->faults.bytes; i++) checkup->count += checkup->faults.data[i] == '\n';
    words_close(words);
}

int notify_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    check_endpoints(&checkup);
    check_words(&checkup);
    checkup_rules_and_store(&checkup);
    const char *const topics[] = {checkup.config.topics.results, checkup.config.topics.ledger};
    checkup_topics(&checkup, topics, 2);
    checkup_retention(&checkup, topics + 1, 1);
    return checkup_end(&checkup, "configuration, endpoints and secrets, templates, rules, Redis, Kafka and its topics");
}
