/* bihuan-ingest check: everything that run would meet. */
#include "ingest/citizen.h"
#include "ingest/verbs.h"
#include "sla/checkup.h"

enum { ERROR_BYTES = 512 };

static void check_privacy(struct checkup *checkup)
{
    char error[ERROR_BYTES] = "";
    if (!checkup->config_good) return;
    struct citizen *citizen = citizen_open(&checkup->config, error, sizeof error);
    if (*error) buffer_addf(citizen ? &checkup->warnings : &checkup->faults, "%s\n", error);
    checkup->count += citizen == NULL;
    citizen_close(citizen);
}

int ingest_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    check_privacy(&checkup);
    checkup_rules_and_store(&checkup);
    const char *const topics[] = {checkup.config.topics.tickets, checkup.config.topics.ratings, checkup.config.topics.dlq};
    checkup_topics(&checkup, topics, 3);
    checkup_retention(&checkup, topics, 2);
    return checkup_end(&checkup, "configuration, rules, privacy, Redis, Kafka and its topics");
}
