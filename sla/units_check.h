#ifndef BIHUAN_SLA_UNITS_CHECK_H
#define BIHUAN_SLA_UNITS_CHECK_H
/* What a units file must be as a whole, once each field is good. For sla/units_read.c alone. */
#include "sla/form.h"
#include "sla/units.h"

/* Chains that go round or are too long: successors, and units above each other. Faults go to the form. */
void units_check(const struct units *units, struct form *form);

#endif
