/* Waits by the list in the configuration; a list, not a formula, as Standard Webhooks gives one. */
#include "notify/backoff.h"

int64_t backoff_wait_ms(const struct config_spans *retry, unsigned attempts, int64_t retry_after_ms, uint32_t dice)
{
    if (attempts >= retry->count) return -1;
    int64_t wait_ms = retry->at_ms[attempts];
    wait_ms += wait_ms * BACKOFF_JITTER_PERCENT / 100 * (int64_t)(dice % 1024) / 1023;
    if (retry_after_ms > BACKOFF_RETRY_AFTER_MAX_MS) retry_after_ms = BACKOFF_RETRY_AFTER_MAX_MS;
    return retry_after_ms > wait_ms ? retry_after_ms : wait_ms;
}
