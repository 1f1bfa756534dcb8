/* Judging and marking a target.
 *
 * The trap: the one server that must never be filled is the one that runs, by whatever name it is reached. So servers are told
 * by Redis' own run_id, and a target bears `rebuild` in bihuan:meta, the life of the store that it stands in for. */
#include "sla/target.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/secret.h"

enum { RUN_ID_BYTES = 64 };
#define ALONE "alone" /* `rebuild` where the running store was gone */

static bool fail(struct target *target, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct target *target, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(target->fault, sizeof target->fault, format, list);
    va_end(list);
    return false;
}

static struct redis *open_link(struct target *target, const struct config *config, const char *address)
{
    char fault[STORE_FAULT_BYTES] = "";
    *target = (struct target){.config = *config, .kind = TARGET_REFUSED};
    target->config.redis.address = (char *)(uintptr_t)address;
    char *password = *config->redis.password_file ? secret_read(config->redis.password_file, NULL, fault, sizeof fault) : NULL;
    struct redis *link = *fault ? NULL : redis_open(address, password, config->redis.timeout_ms);
    secret_free(password);
    if (!link) fail(target, "[redis] password_file: %s", fault);
    else if (!redis_connect(link)) fail(target, "%s: %s", address, link->error);
    else return link;
    redis_close(link);
    return NULL;
}

static bool run_id(struct redis *link, char *text)
{
    redisReply *reply = redis_command(link, "INFO server");
    const char *at = reply && reply->type == REDIS_REPLY_STRING ? strstr(reply->str, "run_id:") : NULL;
    if (at) snprintf(text, RUN_ID_BYTES, "%.*s", (int)strcspn(at + 7, "\r\n"), at + 7);
    if (reply) freeReplyObject(reply);
    return at != NULL;
}

/* A field of bihuan:meta into text[room], "" for none. */
static bool meta(struct redis *link, const char *field, char *text, size_t room)
{
    redisReply *reply = redis_command(link, "HGET %s %s", STORE_META, field);
    if (!reply) return false;
    snprintf(text, room, "%s", reply->type == REDIS_REPLY_STRING ? reply->str : "");
    freeReplyObject(reply);
    return true;
}

static long long integer(struct redis *link, const char *command)
{
    redisReply *reply = redis_command(link, command);
    long long value = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
    if (reply) freeReplyObject(reply);
    return value;
}

static bool same_server(struct redis *link, struct store *running)
{
    char ours[RUN_ID_BYTES] = "", theirs[RUN_ID_BYTES] = "";
    return running && run_id(link, ours) && run_id(running->link, theirs) && !strcmp(ours, theirs);
}

static enum target_kind judge(struct target *target, struct redis *link, struct store *running)
{
    char of[STORE_LIFE_BYTES];
    long long keys = integer(link, "DBSIZE");
    if (keys < 0 || !meta(link, "life", target->life, sizeof target->life) || !meta(link, "rebuild", of, sizeof of)) {
        fail(target, "%s: %s", link->address, link->error);
        return TARGET_REFUSED;
    }
    if (keys == 0) return TARGET_EMPTY;
    if (same_server(link, running)) fail(target, "%s is the server that runs", link->address);
    else if (!*target->life) fail(target, "%s holds %lld keys that are none of ours: give an empty server, or a copy of the one that runs", link->address, keys);
    else if (*of && (!running || !strcmp(of, ALONE) || !strcmp(of, running->life))) return TARGET_BEGUN;
    else if (*of) fail(target, "%s is being rebuilt for another store", link->address);
    else if (!running || !strcmp(target->life, running->life)) return TARGET_BACKUP;
    else fail(target, "%s holds another store, no copy of the one that runs", link->address);
    return TARGET_REFUSED;
}

void target_look(struct target *target, const struct config *config, const char *address, struct store *running)
{
    struct redis *link = open_link(target, config, address);
    if (!link) return;
    target->kind = judge(target, link, running);
    for (unsigned shard = 0; target->kind != TARGET_REFUSED && shard < (unsigned)config->sla.shards; shard++) {
        char key[STORE_KEY_BYTES], command[STORE_KEY_BYTES + 8];
        store_key(key, shard, KEY_CASE);
        snprintf(command, sizeof command, "HLEN %s", key);
        long long count = integer(link, command);
        if (count > 0) target->cases += count;
    }
    redis_close(link);
}

/* --- preparing --- */

static bool set_meta(struct redis *link, const char *field, const char *value)
{
    redisReply *reply = redis_command(link, "HSET %s %s %s", STORE_META, field, value);
    if (reply) freeReplyObject(reply);
    return reply != NULL;
}

static bool run(struct redis *link, const char *command, const char *key, const char *field)
{
    redisReply *reply = *field ? redis_command(link, "%s %s %s", command, key, field) : redis_command(link, "%s %s", command, key);
    if (reply) freeReplyObject(reply);
    return reply != NULL;
}

static bool new_life(char *text)
{
    unsigned char bytes[STORE_LIFE_BYTES / 2 - 1];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) return false;
    for (size_t i = 0; i < sizeof bytes; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

static bool take_clock(struct redis *link, struct store *running)
{
    redisReply *clock = redis_command(running->link, "GET %s", STORE_CLOCK);
    if (!clock) return false;
    redisReply *set = clock->type == REDIS_REPLY_STRING ? redis_command(link, "SET %s %s", STORE_CLOCK, clock->str) : NULL;
    bool good = set || clock->type != REDIS_REPLY_STRING;
    freeReplyObject(clock);
    if (set) freeReplyObject(set);
    return good;
}

/* All records of a list; NULL: lost. */
static redisReply *records_of(struct redis *link)
{
    return redis_command(link, "LRANGE %s 0 -1", STORE_RULES);
}

static bool same_record(const redisReply *a, const redisReply *b)
{
    return a->len == b->len && !memcmp(a->str, b->str, (size_t)a->len);
}

static bool append_records(struct target *target, struct redis *link, const redisReply *ours, const redisReply *theirs)
{
    for (size_t i = 0; i < ours->elements; i++)
        if (i >= theirs->elements || !same_record(ours->element[i], theirs->element[i]))
            return fail(target, "%s rests on other rules than the store that runs: record %zu of %s", link->address, i + 1, STORE_RULES);
    for (size_t i = ours->elements; i < theirs->elements; i++) {
        redisReply *reply = redis_command(link, "RPUSH %s %b", STORE_RULES, theirs->element[i]->str, (size_t)theirs->element[i]->len);
        if (!reply) return fail(target, "%s", link->error);
        freeReplyObject(reply);
    }
    return true;
}

bool target_take_rules(struct target *target, struct redis *link, struct store *running)
{
    redisReply *theirs = records_of(running->link), *ours = theirs ? records_of(link) : NULL;
    bool good = ours ? append_records(target, link, ours, theirs) : fail(target, "%s", theirs ? link->error : running->link->error);
    if (theirs) freeReplyObject(theirs);
    if (ours) freeReplyObject(ours);
    return good;
}

/* The cases of an empty target all come under the rules that are recorded now: nothing has to be carried through in them. */
static bool note_walk(struct redis *link)
{
    char count[24];
    snprintf(count, sizeof count, "%lld", integer(link, "LLEN " STORE_RULES));
    return set_meta(link, "walked", count);
}

/* What a copy brought along of another's work: a switch under way, timers in hand. Leases end by themselves. */
static bool let_go(struct redis *link, unsigned shards)
{
    bool good = run(link, "HDEL", STORE_META, "moved");
    for (unsigned shard = 0; shard < shards && good; shard++) {
        char key[STORE_KEY_BYTES];
        store_key(key, shard, KEY_POSITION);
        good = run(link, "HDEL", key, "moved");
        store_key(key, shard, KEY_TIMER);
        good = good && run(link, "DEL", key, "");
    }
    return good;
}

bool target_prepare(struct target *target, struct store *running)
{
    const char *address = target->config.redis.address;
    struct target again;
    struct redis *link = open_link(&again, &target->config, address);
    if (!link) return fail(target, "%s", again.fault);
    bool good = true;
    if (target->kind != TARGET_BEGUN) {
        good = new_life(target->life) && set_meta(link, "rebuild", running ? running->life : ALONE) && set_meta(link, "life", target->life);
    }
    good = good && let_go(link, (unsigned)target->config.sla.shards) && (!running || (take_clock(link, running) && target_take_rules(target, link, running)));
    if (good && running && target->kind == TARGET_EMPTY) good = note_walk(link);
    if (!good && !*target->fault) fail(target, "%s: %s", address, *link->error ? link->error : "could not be prepared");
    redis_close(link);
    return good;
}

bool target_is_prepared(struct target *target, const struct config *config, const char *address)
{
    char of[STORE_LIFE_BYTES];
    struct redis *link = open_link(target, config, address);
    if (!link) return false;
    bool good = meta(link, "rebuild", of, sizeof of);
    if (!good) fail(target, "%s: %s", address, link->error);
    else if (!*of) good = fail(target, "%s: no rebuild is under way there: bihuan-sla rebuild --into %s", address, address);
    redis_close(link);
    return good;
}

bool target_finish(struct target *target, struct store *store)
{
    return run(store->link, "HDEL", STORE_META, "rebuild") || fail(target, "%s", store->link->error);
}
