/* Loading the rules, and a fingerprint that tells two sets of them apart. */
#include "sla/ruleset.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

enum { FAULT_BYTES = 512 };

static bool fingerprint_file(XXH3_state_t *state, const char *path)
{
    char block[8192];
    size_t bytes;
    FILE *in = fopen(path, "rb");
    if (!in) return false;
    while ((bytes = fread(block, 1, sizeof block, in)) > 0) XXH3_64bits_update(state, block, bytes);
    fclose(in);
    return true;
}

static uint64_t fingerprint(const char *policy, const char *calendar, const char *zone)
{
    XXH3_state_t *state = XXH3_createState();
    XXH3_64bits_reset(state);
    fingerprint_file(state, policy);
    fingerprint_file(state, calendar);
    XXH3_64bits_update(state, zone, strlen(zone));
    uint64_t value = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return value;
}

bool ruleset_load(struct ruleset *set, const struct config *config, const char *policy_file)
{
    char fault[FAULT_BYTES];
    const char *policy = policy_file ? policy_file : config->sla.policy;
    bool good = true;
    *set = (struct ruleset){0};
    set->policy = policy_load(policy, fault, sizeof fault);
    if (!set->policy) good = fprintf(stderr, "%s\n", fault) < 0;
    set->calendar = calendar_load(config->sla.calendar, fault, sizeof fault);
    if (!set->calendar) good = fprintf(stderr, "%s\n", fault) < 0;
    if (!zone_load(&set->zone, config->sla.zone))
        good = fprintf(stderr, "%s: [sla] zone: no time zone \"%s\" on this machine\n", config->path, config->sla.zone) < 0;
    if (!good) {
        ruleset_free(set);
        return false;
    }
    set->rules = (struct rules){set->policy, set->calendar, &set->zone};
    set->fingerprint = fingerprint(policy, config->sla.calendar, config->sla.zone);
    return true;
}

void ruleset_free(struct ruleset *set)
{
    policy_free(set->policy);
    calendar_free(set->calendar);
    *set = (struct ruleset){0};
}
