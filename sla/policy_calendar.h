#ifndef BIHUAN_SLA_POLICY_CALENDAR_H
#define BIHUAN_SLA_POLICY_CALENDAR_H
/* Reading a calendar that is made from the configured one: which kinds of day count, and single days. Policies and sending
 * hours have such. */
#include "sla/form.h"
#include "sla/policy.h"

/* Reads {"counts", "on", "off"} under that name; on and off are owned by the caller, also after a fault. */
bool policy_calendar_read(struct form *form, const char *name, const json_t *object, struct policy_calendar *calendar);

/* Name of a kind of day by its place, NULL behind the last: for form_bits. */
const char *day_kind_at(int i);

#endif
