#ifndef BIHUAN_SLA_CASE_LINKS_H
#define BIHUAN_SLA_CASE_LINKS_H
/* The earlier and later tickets in which the citizen of a case appealed about the same. */
#include <jansson.h>

#include "sla/fold.h"
#include "sla/look.h"

/* {"window_days","earlier":[{"case","received","state","unit"}],"later":[...]}: those received within the window before and after the
 * case, by time, as they stand at the fold's instant. Null where appeals are not linked, the case is no appeal, or its links are no longer kept. A
 * new reference; what fails is said on stderr, and null. */
json_t *case_links(struct look *look, const struct case_file *file, const struct fold *fold);
/* The same for people. Prints nothing of null. */
void case_links_print(const json_t *links);

#endif
