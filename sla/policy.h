#ifndef BIHUAN_SLA_POLICY_H
#define BIHUAN_SLA_POLICY_H
/* A policy: which class a case has, which clocks a class runs, and which
 * reminders and escalations a clock's ladder holds. Data (a file in conf/policy,
 * conf/schema/policy.json); the code knows no limit of its own. */
#include "sla/event.h"

enum {
    POLICY_CLASSES_MAX = 16,
    POLICY_RULES_MAX = 32,
    POLICY_CLOCKS_MAX = 4,
    POLICY_STEPS_MAX = 24,
    POLICY_ROLES_MAX = 6,
    POLICY_NAME_BYTES = 32,
    POLICY_LIMIT_MAX_DAYS = 1000,
};

enum role { ROLE_HANDLER, ROLE_LEADER, ROLE_SUPERVISION, ROLE_DISPATCHER, ROLE_CIRCULATION, ROLES };
const char *role_name(enum role role);

/* One step of a ladder. */
enum step_when {
    STEP_WORKDAYS_BEFORE, /* opening of the n-th working day before the last day */
    STEP_HOURS_BEFORE,    /* n hours before closing of the last day */
    STEP_OVERDUE,         /* the deadline itself */
    STEP_WORKDAYS_AFTER,  /* opening of each working day n … until after the last day */
};
struct policy_step {
    char name[POLICY_NAME_BYTES];
    enum step_when when;
    int n, until;
    unsigned roles; /* bits 1 << enum role */
};

struct policy_clock {
    char name[POLICY_NAME_BYTES];
    int limit_days;       /* working days */
    bool each_round;      /* starts anew at a reopening */
    uint32_t stopped_by;  /* bits 1 << enum event_type */
    uint32_t cancelled_by;
    bool suspends, extends;
    int steps;
    struct policy_step step[POLICY_STEPS_MAX];
};

struct policy_class {
    char name[POLICY_NAME_BYTES];
    enum of of;
    int clocks; /* clock[0], if any, is the class's main clock: `answer` or `rectify` */
    struct policy_clock clock[POLICY_CLOCKS_MAX];
};

/* A case is of the first rule's class whose every condition holds. */
struct policy_rule {
    enum of of;
    int class;
    uint32_t kinds, urgencies, stars; /* bits; 0: any */
    int simple, is_default;           /* -1: any */
};

struct policy {
    char name[POLICY_NAME_BYTES];
    char source[256];            /* the rule it rests on, or "" */
    int64_t effective_from_ms;
    int extension_max_days;      /* a round, all grants together */
    int32_t opening_ms, closing_ms, day_end_ms; /* of the day, local wall clock */
    bool rest_day_moves_receipt; /* the second reading of receipt on a rest day */
    bool has_contact;
    int classes, rules;
    struct policy_class class[POLICY_CLASSES_MAX];
    struct policy_rule rule[POLICY_RULES_MAX];
};

/* Loads a policy file. The caller owns the result (policy_free). NULL on
 * error, with "FILE: path: reason" in error[error_bytes]. */
struct policy *policy_load(const char *file, char *error, size_t error_bytes);
void policy_free(struct policy *policy);

/* What rules look at. */
struct policy_facts {
    enum of of;
    enum kind kind;
    enum urgency urgency;
    bool simple, is_default;
    int satisfaction;
};
/* Index of the class, or -1 when no rule holds. */
int policy_classify(const struct policy *policy, const struct policy_facts *facts);
/* Index of the class of that name, or -1. */
int policy_class_named(const struct policy *policy, const char *name);

#endif
