#ifndef BIHUAN_SLA_RULES_H
#define BIHUAN_SLA_RULES_H
/* What every decision rests on. Borrowed; built by sla/ruleset.h. */
#include "common/zone.h"
#include "sla/calendar.h"
#include "sla/vocabulary.h"

struct rulebook;

struct rules {
    const struct policy *policy;
    const struct calendar *calendar;                    /* the configured one */
    const struct zone *zone;
    const struct calendar *derived[POLICY_CALENDARS_MAX]; /* the policy's own, in its order */
    const struct vocabulary *words;                     /* names that what was told goes by */
    unsigned edition;                                   /* number of this set of rules among all that were in force (sla/rulebook.h) */
    const struct rulebook *book;                        /* that has the others; NULL where there are none */
};

#endif
