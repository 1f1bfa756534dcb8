/* Digests of the ledger. Their records of one recipient have one key, so they come in order but for what a crash repeated; the later
 * state stands whatever the order. */
#include "sla/digest_readback.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum { PUT_MOST = 512 };

struct digest_told {
    struct digest_state state;
    UT_hash_handle hh;
};

bool digest_readback_take(struct digest_readback *readback, const rd_kafka_message_t *message, uint64_t *damaged)
{
    const char *header = kafka_header_text(message, DIGEST_HEADER);
    struct digest_state state = {.recipient = 0};
    struct digest_told *told;
    if (!header) return false;
    size_t bytes = strlen(header), first = DIGEST_RECIPIENT_BYTES - 1;
    bool good = bytes > first && digest_recipient_parse((struct text){header, first}, &state.recipient) && header[first] == ' ' &&
                digest_state_parse((struct text){header + first + 1, bytes - first - 1}, &state);
    *damaged += !good;
    if (!good) return true;
    HASH_FIND(hh, readback->told, &state.recipient, sizeof state.recipient, told);
    if (!told) {
        told = pool_take(&readback->pool, sizeof *told);
        *told = (struct digest_told){.state = state};
        HASH_ADD(hh, readback->told, state.recipient, sizeof told->state.recipient, told);
    } else if (digest_state_is_later(&state, &told->state)) {
        told->state = state;
    }
    return true;
}

bool digest_readback_apply(struct digest_readback *readback, struct store *store)
{
    struct digest_entries entries;
    struct digest_told *told = readback->told;
    bool done[PUT_MOST];
    enum store_result result = store_digests_read(store, &entries);
    struct digest_entry *fresh = xcalloc(HASH_COUNT(readback->told) + 1, sizeof *fresh), *put[PUT_MOST] = {NULL};
    for (size_t used = 0, count = 0; result == STORE_DONE && (told || count);) {
        for (; told && count < PUT_MOST; told = told->hh.next) {
            struct digest_entry *there = digest_entries_find(&entries, told->state.recipient);
            if (there && !digest_state_is_later(&told->state, &there->state)) continue;
            if (there) fresh[used] = *there;
            fresh[used].state = told->state;
            put[count++] = &fresh[used++];
        }
        if (count) result = store_digests_put(store, DIGEST_RETURN, "rebuild", 0, put, done, count);
        count = 0;
    }
    digest_entries_free(&entries);
    free(fresh);
    return result == STORE_DONE;
}

void digest_readback_free(struct digest_readback *readback)
{
    HASH_CLEAR(hh, readback->told);
    pool_free(&readback->pool);
    *readback = (struct digest_readback){0};
}
