/* bihuan-sla check: everything that run would meet. */
#include "sla/checkup.h"
#include "sla/verbs.h"

int sla_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    checkup_rules_and_store(&checkup);
    return checkup_end(&checkup, "configuration, policy, calendar, zone, Redis");
}
