#ifndef BIHUAN_TESTS_SUPPORT_TOWN_FAULT_H
#define BIHUAN_TESTS_SUPPORT_TOWN_FAULT_H
/* Bad records: a good event, spoilt in one of many ways that the event
 * contract names. */
#include <jansson.h>
#include <stdio.h>

#include "town_random.h"

/* Writes a spoilt copy of `event` to `out` as one line. The event's id changes,
 * so that no good one's duplicate is made. */
void town_fault(json_t *event, struct dice *dice, FILE *out);

#endif
