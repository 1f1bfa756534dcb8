#ifndef BIHUAN_SLA_FIGURES_H
#define BIHUAN_SLA_FIGURES_H
/* The figures of the store as they stand at an instant. */
#include "sla/store.h"

/* Adds them to *summary, as of *as_of_ms (INT64_MAX: now, which it then holds). From now on they are the stored sums, put right for the
 * cases that change by then without having been folded (a timer waits its grace); at an
 * earlier instant every case is folded anew, and STORE_REFUSED where one was under way then
 * that has shrunk since (sla/stub.h). Nothing is written. */
enum store_result figures_gather(struct store *store, int64_t *as_of_ms, struct summary *summary)
    __attribute__((warn_unused_result));

#endif
