/* States as text: numbers and one word, with a blank between. */
#include "sla/digest_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"pending", "delivered", "exhausted", "shadowed", "empty"};

const char *digest_status_name(enum digest_status status)
{
    return names[status];
}

size_t digest_state_print(char *text, const struct digest_state *state)
{
    return (size_t)snprintf(text, DIGEST_TEXT_BYTES, "%d %" PRId64 " %s %" PRId64 " %" PRId64 " %u %u %u %" PRId64 " %" PRId64, DIGEST_STATE_FORMAT,
                            state->instant_ms, names[state->status], state->composed_ms, state->next_try_ms, state->attempts, state->place,
                            state->failures, state->delivered_instant_ms, state->delivered_composed_ms);
}

static bool find_status(const char *name, enum digest_status *status)
{
    for (int i = 0; i < DIGEST_STATUSES; i++)
        if (!strcmp(names[i], name)) return *status = (enum digest_status)i, true;
    return false;
}

bool digest_state_parse(struct text text, struct digest_state *state)
{
    char copy[DIGEST_TEXT_BYTES], name[16];
    struct digest_state read = {.recipient = state->recipient};
    int format = 0, end = 0;
    if (text.bytes >= sizeof copy) return false;
    memcpy(copy, text.at, text.bytes);
    copy[text.bytes] = 0;
    int taken = sscanf(copy, "%d %" SCNd64 " %15s %" SCNd64 " %" SCNd64 " %u %u %u %" SCNd64 " %" SCNd64 "%n", &format, &read.instant_ms, name,
                       &read.composed_ms, &read.next_try_ms, &read.attempts, &read.place, &read.failures, &read.delivered_instant_ms,
                       &read.delivered_composed_ms, &end);
    if (taken != 10 || format != DIGEST_STATE_FORMAT || !find_status(name, &read.status) || (copy[end] && copy[end] != ' ')) return false;
    *state = read;
    return true;
}

void digest_recipient_print(char *text, uint64_t recipient)
{
    snprintf(text, DIGEST_RECIPIENT_BYTES, "%016" PRIx64, recipient);
}

bool digest_recipient_parse(struct text text, uint64_t *recipient)
{
    static const char digits[] = "0123456789abcdef";
    *recipient = 0;
    if (text.bytes != DIGEST_RECIPIENT_BYTES - 1) return false;
    for (size_t i = 0; i < text.bytes; i++) {
        const char *digit = memchr(digits, text.at[i], 16);
        if (!digit) return false;
        *recipient = *recipient << 4 | (uint64_t)(digit - digits);
    }
    return true;
}

bool digest_state_is_later(const struct digest_state *a, const struct digest_state *b)
{
    if (a->instant_ms != b->instant_ms) return a->instant_ms > b->instant_ms;
    if ((a->status == DIGEST_PENDING) != (b->status == DIGEST_PENDING)) return b->status == DIGEST_PENDING;
    return a->attempts > b->attempts;
}
