/* bihuan-sla check: everything that its verbs would meet. */
#include "sla/checkup.h"
#include "sla/verbs.h"

int sla_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    checkup_rules_and_store(&checkup);
    const char *const topics[] = {checkup.config.topics.results};
    checkup_topics(&checkup, topics, 1);
    return checkup_end(&checkup, "configuration, policy, calendar, zone, Redis, Kafka and its topic of results");
}
