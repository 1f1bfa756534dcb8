/* bihuan-notify check: everything that run would meet. Nothing is sent to an endpoint. */
#include <unistd.h>

#include "notify/ack.h"
#include "notify/outfit.h"
#include "notify/verbs.h"
#include "notify/words.h"
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

/* Where there are templates they must be right, also where no endpoint needs them yet. */
static void check_words(struct checkup *checkup)
{
    size_t before = checkup->faults.bytes;
    struct words *words = words_open(&checkup->config, access(checkup->config.notify.templates, F_OK) == 0, &checkup->faults);
    for (size_t i = before; !words && i < checkup->faults.bytes; i++) checkup->count += checkup->faults.data[i] == '\n';
    words_close(words);
}

/* Endpoints, units, sending hours, templates, and routes between them. */
static void check_outfit(struct checkup *checkup)
{
    struct outfit outfit;
    if (!checkup->config_good) return;
    checkup->count += outfit_open(&outfit, &checkup->config, &checkup->faults, &checkup->warnings);
    check_dispatcher(checkup, &outfit);
    if (!outfit.words) check_words(checkup);
    outfit_close(&outfit);
}

/* Links that nobody can check, or that lead nowhere. */
static void check_acknowledge(struct checkup *checkup)
{
    char error[512];
    struct ack_keys keys;
    if (!checkup->config_good) return;
    const char *url = checkup->config.acknowledge.url, *fault = *url ? ack_url_check(url) : NULL;
    bool good = ack_keys_open(&keys, &checkup->config, error, sizeof error);
    if (fault) buffer_addf(&checkup->faults, "[acknowledge] url: %s\n", fault);
    if (!good) buffer_addf(&checkup->faults, "[acknowledge] key: %s\n", error);
    if (good && *url && keys.count == 0) buffer_addf(&checkup->faults, "[acknowledge] url: a key_file or key_env is needed to sign the links\n");
    if (good && !*url && keys.count) buffer_addf(&checkup->warnings, "[acknowledge] url: there is none, so messages have no links of acknowledgement\n");
    checkup->count += (fault != NULL) + !good + (good && *url && keys.count == 0);
    ack_keys_close(&keys);
}

int notify_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    check_outfit(&checkup);
    check_acknowledge(&checkup);
    checkup_rules_and_store(&checkup);
    const char *const topics[] = {checkup.config.topics.results, checkup.config.topics.ledger};
    checkup_topics(&checkup, topics, 2);
    checkup_retention(&checkup, topics + 1, 1);
    return checkup_end(&checkup, "configuration, endpoints and secrets, units, sending hours, templates, rules, Redis, Kafka and its topics");
}
