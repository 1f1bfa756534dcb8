/* Loading the rules, and a fingerprint that tells two sets of them apart. */
#include "sla/ruleset.h"

#include "common/log.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { FAULT_BYTES = 512 };

/* Of what the files say, not how they are set. */
static uint64_t fingerprint(const struct ruleset *set)
{
    XXH3_state_t *state = XXH3_createState();
    const char *json = calendar_json(set->calendar);
    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, set->policy->json, strlen(set->policy->json));
    XXH3_64bits_update(state, json, strlen(json));
    XXH3_64bits_update(state, set->zone.name, strlen(set->zone.name));
    uint64_t value = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return value;
}

void ruleset_complete(struct ruleset *set)
{
    set->rules = (struct rules){set->policy, set->calendar, &set->zone, {NULL}};
    for (int i = 0; i < set->policy->calendars; i++) {
        const struct policy_calendar *own = &set->policy->calendar[i];
        set->derived[i] = calendar_derive(set->calendar, own->kinds, own->on, (size_t)own->ons, own->off, (size_t)own->offs);
        set->rules.derived[i] = set->derived[i];
    }
    set->fingerprint = fingerprint(set);
}

static void review_files(const struct ruleset *set, const struct config *config)
{
    char fault[FAULT_BYTES];
    struct policy *policy = policy_load(config->sla.policy, fault, sizeof fault);
    if (!policy) log_error("rules.reload", "kept=old error=%s", log_quote(fault));
    struct calendar *calendar = calendar_load(config->sla.calendar, fault, sizeof fault);
    if (!calendar) log_error("rules.reload", "kept=old error=%s", log_quote(fault));
    bool same = policy && calendar && strcmp(policy->json, set->policy->json) == 0 &&
                strcmp(calendar_json(calendar), calendar_json(set->calendar)) == 0;
    if (policy && calendar && !same)
        log_warn("rules.reload", "kept=old note=%s", log_quote("the files hold other rules than those that what is stored rests on"));
    policy_free(policy);
    calendar_free(calendar);
}

void ruleset_review(const struct ruleset *set, const char *path)
{
    struct config config;
    struct buffer faults;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    if (config_load(&config, path, &faults) == 0) review_files(set, &config); /* else said by whoever reloads the configuration */
    config_free(&config);
    buffer_free(&faults);
}

bool ruleset_load(struct ruleset *set, const struct config *config, const char *policy_file)
{
    char fault[FAULT_BYTES];
    bool good = true;
    *set = (struct ruleset){0};
    set->policy = policy_load(policy_file ? policy_file : config->sla.policy, fault, sizeof fault);
    if (!set->policy) good = fprintf(stderr, "%s\n", fault) < 0;
    set->calendar = calendar_load(config->sla.calendar, fault, sizeof fault);
    if (!set->calendar) good = fprintf(stderr, "%s\n", fault) < 0;
    if (!zone_load(&set->zone, config->sla.zone))
        good = fprintf(stderr, "%s: [sla] zone: no time zone \"%s\" on this machine\n", config->path, config->sla.zone) < 0;
    if (!good) {
        ruleset_free(set);
        return false;
    }
    ruleset_complete(set);
    return true;
}

void ruleset_free(struct ruleset *set)
{
    policy_free(set->policy);
    calendar_free(set->calendar);
    for (int i = 0; i < POLICY_CALENDARS_MAX; i++) calendar_free(set->derived[i]);
    *set = (struct ruleset){0};
}
