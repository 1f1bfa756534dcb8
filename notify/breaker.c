/* The breaker. The trap: a burst of failures within a moment is no outage: it opens only after a while without success. */
#include "notify/breaker.h"

bool breaker_lets(struct breaker *breaker, int64_t now_ms)
{
    if (breaker->wait_ms == 0) return true;
    if (breaker->probing || now_ms < breaker->probe_ms) return false;
    breaker->probing = true;
    return true;
}

int64_t breaker_opens_ms(const struct breaker *breaker, int64_t now_ms)
{
    if (breaker->wait_ms == 0) return 0;
    if (breaker->probing) return now_ms + BREAKER_FIRST_MS;
    return now_ms < breaker->probe_ms ? breaker->probe_ms : 0;
}

static void fail(struct breaker *breaker, int64_t now_ms)
{
    if (breaker->failures++ == 0) breaker->since_ms = now_ms;
    if (breaker->wait_ms == 0 && (breaker->failures < BREAKER_FAILURES || now_ms - breaker->since_ms < BREAKER_SILENCE_MS)) return;
    if (breaker->wait_ms && !breaker->probing) return; /* one that was under way when it opened */
    breaker->wait_ms = breaker->wait_ms == 0 ? BREAKER_FIRST_MS : breaker->wait_ms * 2 > BREAKER_MOST_MS ? BREAKER_MOST_MS : breaker->wait_ms * 2;
    breaker->probe_ms = now_ms + breaker->wait_ms;
}

void breaker_answered(struct breaker *breaker, bool good, bool withheld, int64_t now_ms)
{
    if (good && !withheld) {
        *breaker = (struct breaker){0};
        return;
    }
    if (!withheld) fail(breaker, now_ms);
    breaker->probing = false;
}
