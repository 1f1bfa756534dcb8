/* bihuan-report check: everything that its verbs would meet. */
#include "report/verbs.h"
#include "sla/checkup.h"

int report_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    checkup_rules_and_store(&checkup);
    return checkup_end(&checkup, "configuration, policy, calendar, zone, Redis");
}
