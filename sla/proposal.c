/* What the files would change. */
#include "sla/proposal.h"

#include <string.h>

#include "common/log.h"

enum { FAULT_BYTES = 512 };

struct proposal proposal_compare(const struct rulebook *book, const struct ruleset *set, int64_t at_ms)
{
    const struct rules *rules = rulebook_at(book, at_ms);
    return (struct proposal){strcmp(set->policy->json, rules->policy->json) != 0, strcmp(calendar_json(set->calendar), calendar_json(rules->calendar)) != 0};
}

static void review_files(const struct rulebook *book, const struct config *config)
{
    char fault[FAULT_BYTES];
    struct ruleset set = {.policy = policy_load(config->sla.policy, fault, sizeof fault)};
    if (!set.policy) log_error("rules.reload", "kept=old error=%s", log_quote(fault));
    set.calendar = calendar_load(config->sla.calendar, fault, sizeof fault);
    if (!set.calendar) log_error("rules.reload", "kept=old error=%s", log_quote(fault));
    if (set.policy && set.calendar && book) {
        struct proposal differs = proposal_compare(book, &set, INT64_MAX);
        if (differs.policy_differs || differs.calendar_differs)
            log_warn("rules.reload", "kept=old note=%s", log_quote("the files propose other rules than those in force: bihuan-sla rules activate"));
    }
    ruleset_free(&set);
}

void proposal_review(const struct rulebook *book, const char *path)
{
    struct config config;
    struct buffer faults;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    if (config_load(&config, path, &faults) == 0) review_files(book, &config); /* else said by whoever reloads the configuration */
    config_free(&config);
    buffer_free(&faults);
}
