#ifndef BIHUAN_NOTIFY_JUDGE_H
#define BIHUAN_NOTIFY_JUDGE_H
/* What a claimed case owes now, begun: results go to Kafka, notices to their endpoints or into
 * the line. */
#include "notify/notifier.h"

/* Folds the errand's case as of now and begins what it owes; afterwards errand->phase tells how it goes on. */
void judge(struct notifier *notifier, struct errand *errand);

/* Sends what waits, endpoint by endpoint, as far as there is room; cases that were not looked at for too long are
 * looked at again first, and what they owe no more is dropped. False: the store was lost. */
bool judge_waiting(struct notifier *notifier) __attribute__((warn_unused_result));

/* Records what the errand's deliveries came to, and decides what is told; the case is looked at again, so that what was
 * voided meanwhile is marked. Blob: the case as it is now, empty: it is gone. */
void judge_answers(struct notifier *notifier, struct errand *errand, struct text blob);

/* For how many more notices there is room at all, requests and lines taken together. */
size_t judge_room(const struct notifier *notifier);

/* Asked by the sender when a request is about to be written: is the case still what it was when it was judged? Looks
 * again when the last look is too old. */
bool judge_ready(void *notifier, void *delivery);
/* An answer of the sender. */
void judge_answered(void *notifier, void *delivery, const struct answer *answer);

#endif
