/* Calendars of a file's own. The days are dates of the index, so what is made of them never leaves it. */
#include "sla/policy_calendar.h"

#include <stdio.h>
#include <string.h>

#include "common/alloc.h"
#include "common/zone.h"
#include "sla/calendar.h"

const char *day_kind_at(int i)
{
    return i <= DAY_MAKEUP_WORKDAY ? day_kind_name((enum day_kind)i) : NULL;
}

static bool read_dates(const struct form *form, const json_t *object, const char *field, int32_t **days, int *count)
{
    const json_t *list = json_object_get(object, field), *value;
    size_t i;
    if (!list) return true;
    if (!json_is_array(list) || json_array_size(list) > POLICY_DATES_MAX)
        return form_fault(form, "%s: expected an array of at most %d dates", field, POLICY_DATES_MAX);
    *days = xcalloc(json_array_size(list) + 1, sizeof **days);
    json_array_foreach(list, i, value) {
        const char *s = json_string_value(value);
        if (!s || !day_parse(s, strlen(s), &(*days)[i]) || !calendar_holds((*days)[i]))
            return form_fault(form, "%s[%zu]: expected a date \"YYYY-MM-DD\" of %d to %d", field, i, CALENDAR_FIRST_YEAR, CALENDAR_LAST_YEAR);
        ++*count;
    }
    return true;
}

bool policy_calendar_read(struct form *form, const char *name, const json_t *object, struct policy_calendar *calendar)
{
    static const char *const members[] = {"counts", "on", "off", NULL};
    uint32_t kinds = 0;
    if (!*name || strlen(name) >= sizeof calendar->name)
        return form_fault(form, "expected a name of 1 to %zu bytes", sizeof calendar->name - 1);
    snprintf(calendar->name, sizeof calendar->name, "%s", name);
    if (!form_members(form, object, members) || !form_bits(form, object, "counts", day_kind_at, &kinds) ||
        !read_dates(form, object, "on", &calendar->on, &calendar->ons) ||
        !read_dates(form, object, "off", &calendar->off, &calendar->offs))
        return false;
    if (!kinds) return form_fault(form, "counts: expected at least one kind of day");
    calendar->kinds = kinds;
    return true;
}
