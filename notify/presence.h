#ifndef BIHUAN_NOTIFY_PRESENCE_H
#define BIHUAN_NOTIFY_PRESENCE_H
/* A running notifier tells what it is at: about once a second, for /metrics, and for `bihuan-notify status` through Redis. */
#include "notify/notifier.h"

enum { PRESENCE_MS = 10000 };

/* False: the store is lost. */
bool presence_show(struct notifier *notifier) __attribute__((warn_unused_result));

#endif
