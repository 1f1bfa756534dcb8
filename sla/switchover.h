#ifndef BIHUAN_SLA_SWITCHOVER_H
#define BIHUAN_SLA_SWITCHOVER_H
/* From the running store to the one that was made: what is under way ends, nothing more is committed, the rest is caught up,
 * both are compared for good, and programs are sent over. At a difference, or when anything fails before the last step, the running store
 * goes on unharmed; killed, it does so within REBUILDING_HOLD_MS. */
#include "sla/rebuilding.h"

enum switch_result { SWITCH_DONE, SWITCH_DIFFERENT, SWITCH_FAILED };
enum switch_result switchover(struct rebuilding *rebuilding) __attribute__((warn_unused_result));

#endif
