/* Heads of chains in Redis: read when a writer begins, noted while it writes.
 *
 * The trap: a head that this chain is tied to goes away with the first note; but its writer may live, and have noted a newer one
 * since. So it goes only where it still stands as it was read. */
#include "notify/chain_private.h"

#include <string.h>

#include "common/pool.h"

static struct text element(const redisReply *reply, size_t i)
{
    return (struct text){reply->element[i]->str, (size_t)reply->element[i]->len};
}

bool chain_read_heads(struct chain *chain, struct store *store)
{
    for (unsigned shard = 0; shard < chain->shards; shard++)
        if (!store_heads_send(store, shard)) return false;
    for (unsigned shard = 0; shard < chain->shards; shard++) {
        redisReply *reply = store_heads_take(store);
        if (!reply) return false;
        for (size_t i = 0; i + 1 < reply->elements; i += 2) {
            struct chain_head head;
            if (chain_head_read(&head, element(reply, i), element(reply, i + 1))) chain_stands(chain, shard, &head);
        }
        freeReplyObject(reply);
    }
    return true;
}

static bool is_to_note(const struct chain_shard *at)
{
    return at->noted != at->acknowledged;
}

static struct text keep(struct pool *pool, const char *text, size_t bytes)
{
    return (struct text){pool_copy(pool, text, bytes), bytes};
}

static bool send_head(struct chain *chain, struct store *store, unsigned shard, struct pool *pool)
{
    struct chain_shard *at = &chain->shard[shard];
    struct chain_head head;
    struct text pair[2 * CHAIN_AFTER_MAX];
    char text[CHAIN_HEAD_BYTES];
    chain_acknowledged_head(chain, shard, &head);
    for (size_t i = 0; i < at->afters; i++) {
        pair[2 * i] = (struct text){at->after[i].name, strlen(at->after[i].name)};
        pair[2 * i + 1] = keep(pool, text, chain_head_print(text, &at->after[i]));
    }
    size_t bytes = chain_head_print(text, &head);
    return store_head_note_send(store, shard, (struct text){chain->name, strlen(chain->name)}, (struct text){text, bytes}, pair, at->afters);
}

bool chain_note(struct chain *chain, struct store *store)
{
    struct pool pool = {0};
    bool good = true;
    unsigned sent = 0;
    if (chain->epoch != store->link->epoch)
        for (unsigned shard = 0; shard < chain->shards; shard++) chain->shard[shard].noted = 0;
    chain->epoch = store->link->epoch;
    for (unsigned shard = 0; shard < chain->shards && good; shard++)
        if (is_to_note(&chain->shard[shard])) good = send_head(chain, store, shard, &pool), sent++;
    for (; sent > 0 && good; sent--) good = store_head_note_take(store);
    for (unsigned shard = 0; shard < chain->shards && good; shard++) {
        struct chain_shard *at = &chain->shard[shard];
        if (is_to_note(at)) at->afters = 0; /* gone, or a newer one of theirs */
        at->noted = at->acknowledged;
    }
    pool_free(&pool);
    return good;
}
