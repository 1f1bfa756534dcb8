#ifndef BIHUAN_NOTIFY_BACKOFF_H
#define BIHUAN_NOTIFY_BACKOFF_H
/* When to try again. Pure. */
#include <stdint.h>

#include "common/config.h"

enum { BACKOFF_RETRY_AFTER_MAX_MS = 24 * 3600 * 1000, BACKOFF_JITTER_PERCENT = 20 };

/* How long to wait, in ms, before the next attempt after `attempts` that failed, by [notify] retry: the wait of
 * that attempt plus up to a fifth by `dice` (any 32 random bits), so that those that failed together do not come back
 * together; at least what the endpoint asked for by Retry-After (retry_after_ms, 0 for none, at most a day). -1:
 * no attempt is left. */
int64_t backoff_wait_ms(const struct config_spans *retry, unsigned attempts, int64_t retry_after_ms, uint32_t dice);

#endif
