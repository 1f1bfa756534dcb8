#ifndef BIHUAN_SLA_ADOPTION_H
#define BIHUAN_SLA_ADOPTION_H
/* From the topic of control records into Redis, and decisions of ours into the topic. The
 * topic comes first: what it holds is decided, whatever became of us then. */
#include "sla/store.h"

/* For a store that is being opened: where Redis has no records, takes those of the topic; where there are none either,
 * activates what the files propose. Waits for Kafka until `stop` becomes true; NULL: one try. False: fault. */
bool adopt_first(struct store *store, bool (*stop)(void)) __attribute__((warn_unused_result));
/* Was the last fault that somebody else decides just now? */
bool adopt_is_busy(const struct store *store);
/* Takes over what the topic has and Redis does not, and marks the shards. */
enum store_result adopt_all(struct store *store) __attribute__((warn_unused_result));
/* Records a decision, whose id, times and author are filled in: in the topic, then in Redis, then in the shards. It must be
 * one that can be followed: STORE_REFUSED otherwise, with the reason in fault, and nothing is recorded. */
enum store_result adopt_decision(struct store *store, struct control *decision) __attribute__((warn_unused_result));
/* For `check`: are the records that cases rest on all in the topic, is it compacted, do the files propose something else, is a
 * decision not carried through yet? Appends a line for each fault and warning. Returns the faults. */
size_t adopt_check(const struct config *config, const struct ruleset *set, struct buffer *faults, struct buffer *warnings);
/* A decision filled in, in the order of records: its id, times and author. */
void decision_fill(struct store *store, struct control *decision);

#endif
