#ifndef BIHUAN_SLA_UNGATHER_H
#define BIHUAN_SLA_UNGATHER_H
/* Gathered appeals (sla/appeals.h) of citizens who were forgotten, taken out where bihuan-sla forget was not there to do so: in a
 * backup from before it. Their cases, brought up already, do not name them any more, and so tell which appeals these are. */
#include "sla/store.h"

/* Looks at all that gathers appeals. STORE_REFUSED: told to stop (store->fault ""), or what is there cannot be changed. */
enum store_result ungather(struct store *store, bool (*stop)(void)) __attribute__((warn_unused_result));

#endif
