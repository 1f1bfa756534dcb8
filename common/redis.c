/* A blocking link to one Redis server. What Redis keeps for whom is not known here.
 *
 * The trap: after a lost connection nobody knows whether a command took effect,
 * so nothing is repeated here; the owner reloads, and the commits' expectations
 * tell. The Function library and the start-up checks are in redis_server.c. */
#include "common/redis.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/alloc.h"

enum { KEEPALIVE_S = 15, WAIT_FIRST_MS = 50, WAIT_MOST_MS = 2000 };

static bool fail(struct redis *redis, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct redis *redis, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(redis->error, sizeof redis->error, format, list);
    va_end(list);
    return false;
}

/* Keeps the reason of the context, then drops it. */
static bool fail_link(struct redis *redis, const char *doing)
{
    fail(redis, "%s: %s", doing, redis->context && *redis->context->errstr ? redis->context->errstr : "not connected");
    redis_drop(redis);
    return false;
}

/* hiredis writes without MSG_NOSIGNAL: a server that ends would end us. */
static void ignore_pipe_signal(void)
{
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) || action.sa_handler != SIG_DFL) return;
    action = (struct sigaction){.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, NULL);
}

struct redis *redis_open(const char *address, const char *password, int64_t timeout_ms)
{
    ignore_pipe_signal();
    struct redis *redis = xcalloc(1, sizeof *redis);
    redis->address = xstrdup(address);
    redis->password = password && *password ? xstrdup(password) : NULL;
    redis->timeout_ms = timeout_ms;
    return redis;
}

void redis_drop(struct redis *redis)
{
    if (redis->context) redisFree(redis->context);
    redis->context = NULL;
    redis->owed = 0;
}

void redis_close(struct redis *redis)
{
    if (!redis) return;
    redis_drop(redis);
    free(redis->address);
    if (redis->password) explicit_bzero(redis->password, strlen(redis->password));
    free(redis->password);
    free(redis);
}

static redisContext *connect_tcp(struct redis *redis, struct timeval timeout)
{
    char host[256];
    const char *address = redis->address, *colon = strrchr(address, ':');
    size_t bytes = colon ? (size_t)(colon - address) : 0;
    if (colon && bytes > 1 && *address == '[' && address[bytes - 1] == ']') {
        address++;
        bytes -= 2;
    }
    if (!bytes || bytes >= sizeof host) {
        fail(redis, "\"%.200s\" is neither host:port nor the path of a socket", redis->address);
        return NULL;
    }
    memcpy(host, address, bytes);
    host[bytes] = 0;
    return redisConnectWithTimeout(host, (int)strtol(colon + 1, NULL, 10), timeout);
}

static bool authenticate(struct redis *redis)
{
    if (!redis->password) return true;
    redisReply *reply = redisCommand(redis->context, "AUTH %s", redis->password);
    if (!reply) return fail_link(redis, "AUTH");
    bool good = reply->type != REDIS_REPLY_ERROR;
    if (!good) {
        fail(redis, "AUTH: %s", reply->str);
        redis_drop(redis);
    }
    freeReplyObject(reply);
    return good;
}

bool redis_connect(struct redis *redis)
{
    if (redis->context) return true;
    struct timeval timeout = {redis->timeout_ms / 1000, redis->timeout_ms % 1000 * 1000};
    bool local = strchr(redis->address, '/');
    fail(redis, "out of memory");
    redis->context = local ? redisConnectUnixWithTimeout(redis->address, timeout) : connect_tcp(redis, timeout);
    if (!redis->context) return false;
    if (redis->context->err) return fail_link(redis, redis->address);
    redis->owed = 0;
    /* hiredis sets TCP_NODELAY itself when it connects, but in 0.14 undoes
     * nothing and checks nothing; keep-alive it sets only when asked. */
    if (!local && redisEnableKeepAlive(redis->context) != REDIS_OK) return fail_link(redis, "keep-alive");
    if (redisSetTimeout(redis->context, timeout) != REDIS_OK) return fail_link(redis, "timeout");
    if (!authenticate(redis)) return false;
    redis->epoch++;
    redis->error[0] = 0;
    return true;
}

bool redis_reconnect(struct redis *redis, int attempts, bool (*stop)(void))
{
    int64_t wait_ms = WAIT_FIRST_MS;
    redis_drop(redis);
    for (int attempt = 1; !redis_connect(redis); attempt++) {
        if (attempt >= attempts) return false;
        for (int64_t slept_ms = 0; slept_ms < wait_ms; slept_ms += WAIT_FIRST_MS) {
            if (stop && stop()) return false;
            nanosleep(&(struct timespec){0, WAIT_FIRST_MS * 1000000L}, NULL);
        }
        if ((wait_ms *= 2) > WAIT_MOST_MS) wait_ms = WAIT_MOST_MS;
    }
    return true;
}

bool redis_pipeline_append(struct redis *redis, int argc, const char *const *argv, const size_t *bytes)
{
    if (!redis->context) return fail(redis, "not connected");
    /* hiredis takes the array without const and leaves it alone. */
    if (redisAppendCommandArgv(redis->context, argc, (const char **)(uintptr_t)argv, bytes) != REDIS_OK)
        return fail_link(redis, "append");
    redis->owed++;
    return true;
}

bool redis_pipeline_flush(struct redis *redis)
{
    if (!redis->context) return fail(redis, "not connected");
    for (int done = 0; !done;)
        if (redisBufferWrite(redis->context, &done) != REDIS_OK) return fail_link(redis, "write");
    return true;
}

redisReply *redis_get_reply(struct redis *redis)
{
    void *reply = NULL;
    if (!redis->context) {
        fail(redis, "not connected");
    } else if (!redis->owed) {
        fail(redis, "no reply is owed");
    } else if (redisGetReply(redis->context, &reply) != REDIS_OK) {
        fail_link(redis, "reply");
        reply = NULL;
    } else {
        redis->owed--;
    }
    return reply;
}

/* The reply to the one command just appended; errors of the server are failures. */
static redisReply *only_reply(struct redis *redis)
{
    redisReply *reply = redis_get_reply(redis);
    if (!reply || reply->type != REDIS_REPLY_ERROR) return reply;
    fail(redis, "%s", reply->str);
    freeReplyObject(reply);
    return NULL;
}

static bool may_call(struct redis *redis)
{
    if (redis->owed) return fail(redis, "%zu pipelined replies are still owed", redis->owed);
    return redis_connect(redis);
}

redisReply *redis_call(struct redis *redis, int argc, const char *const *argv, const size_t *bytes)
{
    if (!may_call(redis) || !redis_pipeline_append(redis, argc, argv, bytes)) return NULL;
    return only_reply(redis);
}

redisReply *redis_command(struct redis *redis, const char *format, ...)
{
    if (!may_call(redis)) return NULL;
    va_list list;
    va_start(list, format);
    int appended = redisvAppendCommand(redis->context, format, list);
    va_end(list);
    if (appended != REDIS_OK) {
        fail_link(redis, "append");
        return NULL;
    }
    redis->owed++;
    return only_reply(redis);
}

bool redis_time_ms(struct redis *redis, int64_t *now_ms)
{
    redisReply *reply = redis_command(redis, "TIME");
    if (!reply) return false;
    bool good = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 && reply->element[0]->str && reply->element[1]->str;
    if (good) *now_ms = strtoll(reply->element[0]->str, NULL, 10) * 1000 + strtoll(reply->element[1]->str, NULL, 10) / 1000;
    else fail(redis, "TIME: unexpected reply");
    freeReplyObject(reply);
    return good;
}
