#ifndef BIHUAN_SLA_OUTLOOK_VIEW_H
#define BIHUAN_SLA_OUTLOOK_VIEW_H
/* What lies ahead, for people and for programs (docs/FORESIGHT.md). */
#include <stdio.h>

#include "sla/outlook.h"

/* Deadlines by unit and day, the `limit` cases most likely to be late, and how right such warnings are. */
void outlook_print(FILE *out, const struct outlook *outlook, size_t limit);
/* The same as JSON lines. False when the stream fails. */
bool outlook_print_json(FILE *out, const struct outlook *outlook, size_t limit);
/* The score in full. */
void outlook_print_score(FILE *out, const struct outlook *outlook);
bool outlook_print_score_json(FILE *out, const struct outlook *outlook);

#endif
