#ifndef BIHUAN_NOTIFY_ANSWERS_H
#define BIHUAN_NOTIFY_ANSWERS_H
/* What came of an errand's notices, recorded. */
#include "notify/notifier.h"

/* Records what the errand's deliveries came to, and decides what is told; the case is looked at again, so that what was
 * voided meanwhile is marked. Blob: the case as it is now, empty: it is gone. */
void answers_take(struct notifier *notifier, struct errand *errand, struct text blob);

#endif
