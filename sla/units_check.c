/* Chains that go round.
 *
 * A chain can go round on some days alone, as units change. It changes only where a tenure begins or the day after one ends, and
 * goes round, if it does, already on the latest such day of those in it: so each unit is looked at on its own such days, no others. */
#include "sla/units_check.h"

#include "sla/units_table.h"

static bool goes_round(const struct unit *unit, int32_t day)
{
    for (int hops = 0; unit; hops++) {
        if (hops > UNIT_HOPS_MAX) return true;
        unit = unit_above(unit, day);
    }
    return false;
}

static void check_day(const struct unit *unit, int32_t day, const struct form *form)
{
    int hops = 0;
    unit_in_force(unit, day, &hops);
    if (hops > UNIT_HOPS_MAX) form_fault(form, "successor: the successors of \"%s\" go round, or are more than %d", unit->id.at, UNIT_HOPS_MAX);
    else if (goes_round(unit, day)) form_fault(form, "parent: the units above \"%s\" go round, or are more than %d", unit->id.at, UNIT_HOPS_MAX);
}

void units_check(const struct units *units, struct form *form)
{
    for (size_t i = 0; i < units->count; i++) {
        const struct unit *unit = &units->unit[i];
        form_at(form, "units[%zu]", unit->place);
        for (const struct tenure *tenure = unit->tenure; tenure; tenure = tenure->next) {
            check_day(unit, tenure->valid.from, form);
            if (tenure->valid.until != DAY_LAST) check_day(unit, tenure->valid.until + 1, form);
        }
    }
    form_at(form, "%s", "");
}
