/* What waits in the outbox for a later time, brought forward: the reason for which it was put off has ended.
 *
 * The trap: a case may be claimed between the look and the write. It is out of the outbox then, and what is not in
 * there is not put there. */
#include "sla/store_call.h"

#include <stdlib.h>

enum { LOT_CASES = 512 };

static enum store_result lost_or_refused(const struct store *store)
{
    return store->link->context ? STORE_REFUSED : STORE_LOST;
}

/* Names of those that wait beyond now, in the order in which their time comes; the caller frees. */
static redisReply *waiting(struct store *store, unsigned shard, int64_t now_ms)
{
    store_call_begin(store, "ZRANGEBYSCORE");
    store_call_key(store, shard, KEY_OUT);
    store_call_number(store, now_ms + 1);
    store_call_word(store, "+inf");
    return store_call_send(store) ? store_answer(store) : NULL;
}

static struct text element_text(const redisReply *reply, size_t i)
{
    const redisReply *element = reply->element[i];
    return element->type == REDIS_REPLY_STRING ? (struct text){element->str, (size_t)element->len} : (struct text){0};
}

/* Those of the lot that are meant, to now. */
static enum store_result wake_lot(struct store *store, unsigned shard, const struct text *field, size_t count, int64_t now_ms, store_meant *meant, void *context,
                                  int64_t *woken)
{
    bool wake[LOT_CASES];
    size_t any = 0;
    redisReply *blobs = store_load_send(store, shard, field, count) ? store_load_take(store) : NULL;
    if (!blobs) return lost_or_refused(store);
    for (size_t i = 0; i < count; i++) any += wake[i] = meant(context, field[i], element_text(blobs, i));
    freeReplyObject(blobs);
    if (any == 0) return STORE_DONE;
    store_call_begin(store, "ZADD");
    store_call_key(store, shard, KEY_OUT);
    store_call_word(store, "XX");
    store_call_word(store, "LT");
    store_call_word(store, "CH");
    for (size_t i = 0; i < count; i++) {
        if (!wake[i]) continue;
        store_call_number(store, now_ms);
        store_call_text(store, field[i]);
    }
    redisReply *reply = store_call_send(store) ? store_answer(store) : NULL;
    if (!reply) return lost_or_refused(store);
    *woken += reply->integer;
    freeReplyObject(reply);
    return STORE_DONE;
}

enum store_result store_wake(struct store *store, unsigned shard, store_meant *meant, void *context, int64_t *woken)
{
    int64_t now_ms = clock_shared_ms(&store->clock);
    enum store_result result = STORE_DONE;
    redisReply *names = waiting(store, shard, now_ms);
    if (!names) return lost_or_refused(store);
    for (size_t from = 0; from < names->elements && result == STORE_DONE; from += LOT_CASES) {
        struct text field[LOT_CASES];
        size_t count = 0;
        while (count < LOT_CASES && from + count < names->elements) {
            field[count] = element_text(names, from + count);
            count++;
        }
        result = wake_lot(store, shard, field, count, now_ms, meant, context, woken);
    }
    freeReplyObject(names);
    return result;
}
