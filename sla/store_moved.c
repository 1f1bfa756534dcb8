/* From one server to another: what holds a store up while a rebuild switches, and how programs follow.
 *
 * The trap: whoever switches may be killed at any moment. So what is held up is held for a while only, until it is
 * for good; and one that finds that a hold ended in between has to begin again, as commits may have come in. */
#include "sla/store_call.h"
#include "sla/store_digests.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"

enum { HOPS_MAX = 8, ADDRESS_BYTES = 4096 };
#define PENDING "pending "

/* What `moved` of bihuan:meta says into text[ADDRESS_BYTES], "" for nothing. False: lost. */
static bool ask(struct store *store, char *text)
{
    redisReply *reply = redis_command(store->link, "HGET %s moved", STORE_META);
    if (!reply) return store_fail(store, "%s", store->link->error);
    snprintf(text, ADDRESS_BYTES, "%s", reply->type == REDIS_REPLY_STRING ? reply->str : "");
    freeReplyObject(reply);
    return true;
}

static bool is_pending(struct store *store, const char *moved, bool *pending)
{
    int64_t now_ms;
    *pending = !strncmp(moved, PENDING, strlen(PENDING));
    if (!*pending) return true;
    if (!redis_time_ms(store->link, &now_ms)) return store_fail(store, "%s", store->link->error);
    *pending = strtoll(moved + strlen(PENDING), NULL, 10) > now_ms;
    return true;
}

static bool go_to(struct store *store, const char *address)
{
    log_warn("store.moved", "from=%s to=%s note=%s", log_quote(store->link->address), log_quote(address),
             log_quote("the data was rebuilt there and this server is out of use: change [redis] address"));
    redis_drop(store->link);
    free(store->link->address);
    store->link->address = xstrdup(address);
    store->followed = true;
    return redis_connect(store->link) || store_fail(store, "%s", store->link->error);
}

bool store_follow(struct store *store, bool look)
{
    char moved[ADDRESS_BYTES];
    for (int hop = 0; hop < HOPS_MAX; hop++) {
        bool pending;
        if (!ask(store, moved) || !is_pending(store, moved, &pending)) return false;
        if (pending && !look) {
            redis_drop(store->link);
            return store_fail(store, "a rebuild is about to switch to another server: waiting");
        }
        if (!*moved || !strncmp(moved, PENDING, strlen(PENDING))) return true;
        if (!go_to(store, moved)) return false;
    }
    redis_drop(store->link);
    return store_fail(store, "the data has moved in a circle: bihuan:meta moved");
}

bool store_moved(struct store *store)
{
    char moved[ADDRESS_BYTES];
    if (!ask(store, moved) || !*moved || !strncmp(moved, PENDING, strlen(PENDING))) return false;
    redis_drop(store->link);
    store_fail(store, "the data has moved to %s", moved);
    return true;
}

/* --- holding up --- */

static const char *const hold_names[] = {"", "drain", "fence"};

static bool hold_key(struct store *store, const char *key, enum store_hold hold, int64_t ms, const char *owner, enum store_hold go_on)
{
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_hold");
    store_call_number(store, 1);
    store_call_word(store, key);
    store_call_word(store, hold_names[hold]);
    if (ms < 0) store_call_word(store, "-");
    else store_call_number(store, ms);
    store_call_word(store, owner);
    store_call_word(store, hold_names[go_on]);
    redisReply *reply = store_call_send(store) ? store_answer(store) : NULL;
    if (!reply) return false;
    bool good = reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
    freeReplyObject(reply);
    return good || store_fail(store, "%s", go_on == HOLD_NOTHING ? "another rebuild holds the store up" : "what held the store up has ended meanwhile");
}

/* Programs that look for the store while it is fenced wait; those that find it open go on. */
static bool say_pending(struct store *store, enum store_hold hold, int64_t ms)
{
    int64_t now_ms;
    char pending[64];
    if (hold == HOLD_FENCE && ms < 0) return true; /* store_move comes next */
    if (!redis_time_ms(store->link, &now_ms)) return store_fail(store, "%s", store->link->error);
    snprintf(pending, sizeof pending, PENDING "%" PRId64, now_ms + ms);
    redisReply *reply = hold == HOLD_FENCE ? redis_command(store->link, "HSET %s moved %s", STORE_META, pending)
                                           : redis_command(store->link, "HDEL %s moved", STORE_META);
    if (!reply) return store_fail(store, "%s", store->link->error);
    freeReplyObject(reply);
    return true;
}

bool store_hold(struct store *store, enum store_hold hold, int64_t ms, const char *owner, enum store_hold go_on)
{
    char key[STORE_KEY_BYTES];
    for (unsigned shard = 0; shard < store->shards; shard++) {
        store_key(key, shard, KEY_POSITION);
        if (!hold_key(store, key, hold, ms, owner, go_on)) return false;
    }
    return hold_key(store, STORE_DIGESTS, hold, ms, owner, go_on) && say_pending(store, hold, ms);
}

/* An integer that a command answers; -1: lost. */
static int64_t integer_of(struct store *store, redisReply *reply)
{
    int64_t integer = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
    if (!reply) store_fail(store, "%s", store->link->error);
    else freeReplyObject(reply);
    return integer;
}

/* Digests that are leased to somebody; -1: lost. */
static int64_t digests_in_hand(struct store *store, int64_t now_ms)
{
    struct digest_entries entries;
    int64_t sum = store_digests_read(store, &entries) == STORE_DONE ? 0 : -1;
    for (size_t i = 0; i < entries.count && sum >= 0; i++) sum += entries.at[i].until_ms > now_ms;
    digest_entries_free(&entries);
    return sum;
}

int64_t store_in_hand(struct store *store)
{
    int64_t now_ms, sum;
    if (!redis_time_ms(store->link, &now_ms)) {
        store_fail(store, "%s", store->link->error);
        return -1;
    }
    sum = digests_in_hand(store, now_ms);
    for (unsigned shard = 0; shard < store->shards && sum >= 0; shard++) {
        char lease[STORE_KEY_BYTES], timer[STORE_KEY_BYTES];
        store_key(lease, shard, KEY_LEASE);
        store_key(timer, shard, KEY_TIMER);
        int64_t leases = integer_of(store, redis_command(store->link, "ZCOUNT %s (%lld +inf", lease, (long long)now_ms));
        int64_t timers = leases < 0 ? -1 : integer_of(store, redis_command(store->link, "EXISTS %s", timer));
        if (timers < 0) return -1;
        sum += leases + timers;
    }
    return sum;
}

bool store_move(struct store *store, const char *address)
{
    redisReply *reply = redis_command(store->link, "HSET %s moved %s", STORE_META, address);
    if (!reply) return store_fail(store, "%s", store->link->error);
    freeReplyObject(reply);
    return true;
}
