/* Loading a set of rules. */
#include "sla/ruleset.h"

#include <stdio.h>
#include <stdlib.h>

enum { FAULT_BYTES = 512 };

void rules_derive(struct rules *rules, struct calendar **derived)
{
    for (int i = 0; i < rules->policy->calendars; i++) {
        const struct policy_calendar *own = &rules->policy->calendar[i];
        derived[i] = calendar_derive(rules->calendar, own->kinds, own->on, (size_t)own->ons, own->off, (size_t)own->offs);
        rules->derived[i] = derived[i];
    }
}

void ruleset_complete(struct ruleset *set)
{
    if (!vocabulary_take(&set->words, set->policy)) abort(); /* it has room for any one policy */
    set->rules = (struct rules){.policy = set->policy, .calendar = set->calendar, .zone = &set->zone, .words = &set->words};
    rules_derive(&set->rules, set->derived);
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
    vocabulary_free(&set->words);
    calendar_free(set->calendar);
    for (int i = 0; i < POLICY_CALENDARS_MAX; i++) calendar_free(set->derived[i]);
    *set = (struct ruleset){0};
}
