/* Rates of endpoints, shared by all notifiers. */
#include <stdio.h>

#include "sla/store_call.h"

int64_t store_rate(struct store *store, const char *endpoint, int64_t interval_ms, int64_t burst)
{
    char key[sizeof STORE_RATE + 128];
    if (!store->link->context) return -1;
    snprintf(key, sizeof key, "%s%s", STORE_RATE, endpoint);
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_rate");
    store_call_number(store, 1);
    store_call_word(store, key);
    store_call_number(store, interval_ms);
    store_call_number(store, burst);
    redisReply *reply = store_call_send(store) ? store_answer(store) : NULL;
    int64_t wait_ms = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
    if (reply) freeReplyObject(reply);
    return wait_ms;
}
