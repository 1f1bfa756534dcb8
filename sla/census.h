#ifndef BIHUAN_SLA_CENSUS_H
#define BIHUAN_SLA_CENSUS_H
/* All cases that the store holds, each once, in the order of their names (bytes
 * of the id, a ticket before a rating), folded as of an instant under the rules that each is bound to. Nothing is
 * written. For verbs that look; daemons never walk. */
#include "sla/store.h"

/* Called for each case that has an event by then. All borrowed until it returns. False ends the walk. */
typedef bool census_seen(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules);

/* STORE_REFUSED: a case cannot be read, or `seen` ended the walk; store->fault says which case ("" for the latter). */
enum store_result census(struct store *store, int64_t until_ms, census_seen *seen, void *context)
    __attribute__((warn_unused_result));

#endif
