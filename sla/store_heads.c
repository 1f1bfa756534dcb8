/* Heads of the ledger's chains (notify/chain.h): where each writer's stands. Here only because keys are known here; the store knows
 * nothing of what they mean. */
#include "sla/store_call.h"

#include <string.h>

bool store_heads_send(struct store *store, unsigned shard)
{
    store_call_begin(store, "HGETALL");
    store_call_key(store, shard, KEY_HEADS);
    return store_call_send(store);
}

redisReply *store_heads_take(struct store *store)
{
    return store_answer(store);
}

bool store_head_note_send(struct store *store, unsigned shard, struct text chain, struct text head, const struct text *tied, size_t count)
{
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_head");
    store_call_number(store, 1);
    store_call_key(store, shard, KEY_HEADS);
    store_call_text(store, chain);
    store_call_text(store, head);
    for (size_t i = 0; i < 2 * count; i++) store_call_text(store, tied[i]);
    return store_call_send(store);
}

bool store_head_note_take(struct store *store)
{
    redisReply *reply = store_answer(store);
    if (reply) freeReplyObject(reply);
    return reply != NULL;
}

static struct text text_of(const redisReply *reply)
{
    return (struct text){reply->str, (size_t)reply->len};
}

bool store_copy_heads(struct store *from, struct store *to)
{
    bool good = true;
    for (unsigned shard = 0; shard < from->shards && good; shard++) {
        redisReply *reply = store_heads_send(from, shard) ? store_heads_take(from) : NULL;
        good = reply != NULL;
        for (size_t i = 0; good && i + 1 < reply->elements; i += 2)
            good = store_head_note_send(to, shard, text_of(reply->element[i]), text_of(reply->element[i + 1]), NULL, 0) && store_head_note_take(to);
        if (reply) freeReplyObject(reply);
    }
    return good;
}
