/* What waits in the outbox, and for the timers: looks that cost a few short commands a shard, whatever waits. */
#include "sla/store_call.h"

#include <stdlib.h>

enum { ASKED = 3 };

static bool ask_first(struct store *store, unsigned shard, enum store_key key)
{
    store_call_begin(store, "ZRANGE");
    store_call_key(store, shard, key);
    store_call_number(store, 0);
    store_call_number(store, 0);
    store_call_word(store, "WITHSCORES");
    return store_call_send(store);
}

static bool ask(struct store *store, unsigned shard, int64_t now_ms)
{
    store_call_begin(store, "ZCARD");
    store_call_key(store, shard, KEY_OUT);
    if (!store_call_send(store)) return false;
    store_call_begin(store, "ZCOUNT");
    store_call_key(store, shard, KEY_OUT);
    store_call_word(store, "-inf");
    store_call_number(store, now_ms);
    if (!store_call_send(store)) return false;
    return ask_first(store, shard, KEY_OUT);
}

static void add(struct store_backlog *backlog, redisReply *const *answer, int64_t now_ms)
{
    const redisReply *first = answer[2];
    int64_t age_ms = first->elements == 2 ? now_ms - (int64_t)strtod(first->element[1]->str, NULL) : 0;
    backlog->cases += answer[0]->integer;
    backlog->due += answer[1]->integer;
    if (age_ms > backlog->oldest_ms) backlog->oldest_ms = age_ms;
}

enum store_result store_backlog(struct store *store, struct store_backlog *backlog)
{
    int64_t now_ms = clock_shared_ms(&store->clock);
    bool good = true;
    *backlog = (struct store_backlog){0};
    for (unsigned shard = 0; shard < store->shards; shard++)
        if (!ask(store, shard, now_ms)) return STORE_LOST;
    for (unsigned shard = 0; shard < store->shards; shard++) {
        redisReply *answer[ASKED] = {NULL};
        bool whole = true;
        for (int i = 0; i < ASKED && store->link->context; i++) whole &= (answer[i] = store_answer(store)) != NULL;
        good &= whole;
        if (whole && answer[ASKED - 1]) add(backlog, answer, now_ms);
        for (int i = 0; i < ASKED; i++)
            if (answer[i]) freeReplyObject(answer[i]);
        if (!store->link->context) return STORE_LOST;
    }
    return good ? STORE_DONE : STORE_REFUSED;
}

enum store_result store_oldest_due(struct store *store, int64_t *at_ms)
{
    *at_ms = INT64_MAX;
    for (unsigned shard = 0; shard < store->shards; shard++)
        if (!ask_first(store, shard, KEY_DUE)) return STORE_LOST;
    for (unsigned shard = 0; shard < store->shards; shard++) {
        redisReply *first = store_answer(store);
        if (!first && !store->link->context) return STORE_LOST;
        int64_t due_ms = first && first->elements == 2 ? (int64_t)strtod(first->element[1]->str, NULL) : INT64_MAX;
        if (due_ms < *at_ms) *at_ms = due_ms;
        if (first) freeReplyObject(first);
    }
    return STORE_DONE;
}
