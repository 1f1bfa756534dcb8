/* What a rebuild writes into a store that nobody else works on yet, beside the commits: the outbox as cases owe, and the
 * figures of notices as the ledger tells them. On a store that runs either would be a race. */
#include "sla/store_call.h"

#include <stdlib.h>
#include <string.h>

enum { COMMANDS = 3 };

/* One command of the three that a shard's outbox takes; false where there was nothing to send. */
static bool send_out(struct store *store, unsigned shard, const struct out_entry *entries, size_t count, enum commit_out out, int64_t now_ms, bool *sent)
{
    size_t used = 0;
    store_call_begin(store, out == OUT_CLEAR ? "ZREM" : "ZADD");
    store_call_key(store, shard, KEY_OUT);
    if (out == OUT_NOW) store_call_word(store, "NX"); /* what waits already is not put off */
    for (size_t i = 0; i < count; i++) {
        if (entries[i].out != out) continue;
        if (out != OUT_CLEAR) store_call_number(store, out == OUT_NOW ? now_ms : entries[i].at_ms);
        store_call_text(store, entries[i].field);
        used++;
    }
    *sent = used > 0;
    return used == 0 || store_call_send(store);
}

bool store_fill_out(struct store *store, unsigned shard, const struct out_entry *entries, size_t count)
{
    static const enum commit_out kinds[COMMANDS] = {OUT_NOW, OUT_AT, OUT_CLEAR};
    int64_t now_ms = clock_shared_ms(&store->clock);
    for (int i = 0; i < COMMANDS; i++) {
        bool sent;
        if (!send_out(store, shard, entries, count, kinds[i], now_ms, &sent)) return false;
        redisReply *reply = sent ? store_answer(store) : NULL;
        if (sent && !reply) return false;
        if (reply) freeReplyObject(reply);
    }
    return true;
}

bool store_fill_notices(struct store *store, unsigned shard, const struct tally *tally)
{
    char key[STORE_KEY_BYTES];
    store_figures_key(key, shard, TALLY_NOTICES, DAY_NONE);
    redisReply *reply = redis_command(store->link, "DEL %s", key);
    if (!reply) return store_fail(store, "%s", store->link->error);
    freeReplyObject(reply);
    struct store_refusal refusal = {NULL};
    bool sent = store_commit_send(store, shard, NULL, 0, NULL, 0, tally);
    enum store_result result = sent ? store_commit_take(store, &refusal) : STORE_LOST;
    store_refusal_free(&refusal);
    return result == STORE_DONE;
}
