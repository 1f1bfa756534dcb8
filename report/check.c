/* bihuan-report check: everything that its verbs would meet. */
#include "report/verbs.h"
#include "sla/checkup.h"
#include "sla/units.h"

/* Those by which figures are rolled up. */
static void check_units(struct checkup *checkup)
{
    if (!checkup->config_good || !*checkup->config.notify.units) return;
    size_t before = checkup->faults.bytes;
    units_free(units_load(checkup->config.notify.units, &checkup->faults));
    for (size_t i = before; i < checkup->faults.bytes; i++) checkup->count += checkup->faults.data[i] == '\n';
}

int report_check(const struct options *options)
{
    struct checkup checkup;
    checkup_begin(&checkup, options);
    check_units(&checkup);
    checkup_rules_and_store(&checkup);
    return checkup_end(&checkup, "configuration, units, policy, calendar, zone, Redis");
}
