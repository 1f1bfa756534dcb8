#ifndef BIHUAN_NOTIFY_PRESENT_H
#define BIHUAN_NOTIFY_PRESENT_H
/* How things stand with the notifiers at this moment, for `bihuan-notify status`: who runs, each endpoint, what waits, silences in
 * force. Cheap to look up, whatever there is in the store. */
#include <jansson.h>
#include <stdio.h>

#include "sla/look.h"

/* Looks it up; a new reference. NULL: the store is lost, or refuses (fault).
 * {mode, from, at, backlog: {cases, due, put_off, oldest_ms}, notifiers: [{notifier, mode, errands, unacknowledged}], endpoints: [{endpoint, channel, state, since,
 * line, in_flight, delivered, failed, answer, answered}], silences: [{silence, unit, item, reason, by, from, until}]} */
json_t *present_look(struct look *look) __attribute__((warn_unused_result));
/* For people, some lines. */
void present_print(FILE *out, const json_t *present);
/* The same in one line. */
void present_print_line(FILE *out, const json_t *present);

#endif
