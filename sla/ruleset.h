#ifndef BIHUAN_SLA_RULESET_H
#define BIHUAN_SLA_RULESET_H
/* One set of rules: policy, calendar and zone as files name them. What is in force for stored cases, sla/rulebook.h says. */
#include "common/config.h"
#include "sla/rules.h"

struct ruleset {
    struct rules rules; /* points into the members below */
    struct policy *policy;
    struct calendar *calendar;
    struct calendar *derived[POLICY_CALENDARS_MAX];
    struct zone zone;
    struct vocabulary words;
};

/* Loads what `config` names; policy_file, unless NULL, stands in for its policy.
 * Says every fault on stderr. False: nothing is loaded. Not to be copied. */
bool ruleset_load(struct ruleset *set, const struct config *config, const char *policy_file)
    __attribute__((warn_unused_result));
/* Of a set whose policy, calendar and zone are there (from a certificate): derives the rest. */
void ruleset_complete(struct ruleset *set);
void ruleset_free(struct ruleset *set);
/* Makes the calendars that rules->policy derives from rules->calendar, into derived[POLICY_CALENDARS_MAX]; the caller's. */
void rules_derive(struct rules *rules, struct calendar **derived);

#endif
