#ifndef BIHUAN_NOTIFY_JUDGE_H
#define BIHUAN_NOTIFY_JUDGE_H
/* What a claimed case owes now, begun: results go to Kafka, notices to their endpoints. */
#include "notify/notifier.h"

/* Folds the errand's case as of now and begins what it owes; afterwards errand->phase tells how it goes on. */
void judge(struct notifier *notifier, struct errand *errand);

/* The case as it was judged, in the notifier's workspace. */
struct envelope judge_fold(struct notifier *notifier, const struct errand *errand);
/* What a record bears of a tell, its figures as well. */
struct told_record judge_record_of(const struct tell *tell);

/* How the dispatch asks about notices' deliveries; its context is the notifier. A request is written within some hundred ms of a look
 * at its case. */
extern const struct delivery_kind judge_deliveries;

#endif
