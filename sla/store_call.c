/* Commands put together from pieces, and their answers. */
#include "sla/store_call.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/alloc.h"

enum { FIRST_ROOM = 256, NUMBER_BYTES = 24 };

bool store_fail(struct store *store, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(store->fault, sizeof store->fault, format, list);
    va_end(list);
    return false;
}

bool store_passing(const char *fault)
{
    static const char *const codes[] = {"LOADING ", "READONLY ", "OOM ", "MISCONF ", "NOREPLICAS ", "BUSY ", "CLUSTERDOWN ", "MASTERDOWN ", "TRYAGAIN "};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (!strncmp(fault, codes[i], strlen(codes[i]))) return true;
    return false;
}

void store_call_text(struct store *store, struct text text)
{
    struct store_call *call = store->call;
    if (call->count == call->room) {
        call->room = call->room ? call->room * 2 : FIRST_ROOM;
        call->argv = xrealloc(call->argv, call->room * sizeof *call->argv);
        call->bytes = xrealloc(call->bytes, call->room * sizeof *call->bytes);
    }
    call->argv[call->count] = text.bytes ? text.at : "";
    call->bytes[call->count++] = text.bytes;
}

void store_call_word(struct store *store, const char *word)
{
    store_call_text(store, (struct text){word, strlen(word)});
}

void store_call_begin(struct store *store, const char *name)
{
    store->call->count = 0;
    pool_clear(&store->call->pool);
    store_call_word(store, name);
}

void store_call_number(struct store *store, int64_t number)
{
    char *text = pool_take(&store->call->pool, NUMBER_BYTES);
    int bytes = snprintf(text, NUMBER_BYTES, "%" PRId64, number);
    store_call_text(store, (struct text){text, (size_t)bytes});
}

void store_call_key(struct store *store, unsigned shard, enum store_key key)
{
    char *text = pool_take(&store->call->pool, STORE_KEY_BYTES);
    store_key(text, shard, key);
    store_call_word(store, text);
}

bool store_call_send(struct store *store)
{
    struct store_call *call = store->call;
    if (redis_pipeline_append(store->link, (int)call->count, call->argv, call->bytes) && redis_pipeline_flush(store->link)) return true;
    return store_fail(store, "%s", store->link->error);
}

redisReply *store_answer(struct store *store)
{
    redisReply *reply = redis_get_reply(store->link);
    if (!reply) {
        store_fail(store, "%s", store->link->error);
        return NULL;
    }
    if (reply->type != REDIS_REPLY_ERROR) return reply;
    store_fail(store, "%s", reply->str);
    freeReplyObject(reply);
    /* A server that came back empty, or that cannot work just now, is as good as lost. */
    if (strstr(store->fault, "unction not found") || store_passing(store->fault)) redis_drop(store->link);
    return NULL;
}
