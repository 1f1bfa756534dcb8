/* Who is there: a key a daemon that expires unless it is refreshed. Nothing rests on it; people look. */
#include "sla/store_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum { PRESENT_MAX = 256, SCAN_COUNT = 1000 };

bool store_present(struct store *store, const char *name, const char *json, int64_t ms)
{
    redisReply *reply = redis_command(store->link, "SET " STORE_NOTIFIER "%s %s PX %lld", name, json, (long long)ms);
    if (!reply) return store_fail(store, "%s", store->link->error);
    freeReplyObject(reply);
    return true;
}

/* Keys seen so far, each once: a scan may show one twice. */
struct names {
    char *key[PRESENT_MAX];
    size_t count;
};

static void note(struct names *names, const char *key)
{
    for (size_t i = 0; i < names->count; i++)
        if (!strcmp(names->key[i], key)) return;
    if (names->count < PRESENT_MAX) names->key[names->count++] = xstrndup(key, strlen(key));
}

static bool gather(struct store *store, struct names *names)
{
    char cursor[32] = "0";
    do {
        redisReply *reply = redis_command(store->link, "SCAN %s MATCH " STORE_NOTIFIER "* COUNT %d", cursor, SCAN_COUNT);
        if (!reply) return store_fail(store, "%s", store->link->error);
        snprintf(cursor, sizeof cursor, "%s", reply->element[0]->str);
        for (size_t i = 0; i < reply->element[1]->elements; i++) note(names, reply->element[1]->element[i]->str);
        freeReplyObject(reply);
    } while (strcmp(cursor, "0") != 0);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum store_result store_presences(struct store *store, store_seen *seen, void *context)
{
    struct names names = {.count = 0};
    bool good = gather(store, &names);
    if (names.count) qsort(names.key, names.count, sizeof *names.key, by_name);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.key[i] + strlen(STORE_NOTIFIER);
        redisReply *reply = good ? redis_command(store->link, "GET %s", names.key[i]) : NULL;
        if (good && !reply) good = store_fail(store, "%s", store->link->error);
        if (reply && reply->type == REDIS_REPLY_STRING) seen(context, (struct text){name, strlen(name)}, (struct text){reply->str, (size_t)reply->len});
        if (reply) freeReplyObject(reply);
        free(names.key[i]);
    }
    return good ? STORE_DONE : store->link->context ? STORE_REFUSED : STORE_LOST;
}
