#ifndef BIHUAN_SLA_RULESET_H
#define BIHUAN_SLA_RULESET_H
/* The rules in force: policy, calendar and zone as configuration names them. */
#include "common/config.h"
#include "sla/rules.h"

struct ruleset {
    struct rules rules; /* points into the members below */
    struct policy *policy;
    struct calendar *calendar;
    struct calendar *derived[POLICY_CALENDARS_MAX];
    struct zone zone;
    uint64_t fingerprint; /* of everything that a fold rests on */
};

/* Loads what `config` names; policy_file, unless NULL, stands in for its policy.
 * Says every fault on stderr. False: nothing is loaded. Not to be copied. */
bool ruleset_load(struct ruleset *set, const struct config *config, const char *policy_file)
    __attribute__((warn_unused_result));
/* At a reload: reads the policy and calendar that the configuration at `path` names now, and says in the log what is wrong
 * with them, or that they are others. Those in force stay in force in any case: what is stored rests on them. */
void ruleset_review(const struct ruleset *set, const char *path);
/* Of a set whose policy, calendar and zone are there (from a certificate): derives the rest. */
void ruleset_complete(struct ruleset *set);
void ruleset_free(struct ruleset *set);

#endif
