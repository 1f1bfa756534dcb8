/* What must be right in the server before a daemon works with it: its version and
 * settings, and our Function library. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/redis.h"

static const char version_mark[] = "-- bihuan library version ";

static void say(struct buffer *lines, const char *text)
{
    if (lines) buffer_addf(lines, "redis: %s\n", text);
}

/* The value behind "\nNAME:" of an INFO text into value[room]. */
static bool info_value(const char *info, const char *name, char *value, size_t room)
{
    size_t bytes = strlen(name);
    for (const char *line = info; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        if (strncmp(line, name, bytes) || line[bytes] != ':') continue;
        snprintf(value, room, "%.*s", (int)strcspn(line + bytes + 1, "\r\n"), line + bytes + 1);
        return true;
    }
    return false;
}

static bool snapshots_off(struct redis *redis)
{
    redisReply *reply = redis_command(redis, "CONFIG GET save");
    if (!reply) return false; /* not allowed to look: no reason to warn */
    bool off = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 && reply->element[1]->str && !*reply->element[1]->str;
    freeReplyObject(reply);
    return off;
}

static size_t check_info(const char *info, struct buffer *faults)
{
    size_t count = 0;
    char value[64] = "(none told)", text[160];
    if (!info_value(info, "redis_version", value, sizeof value) || strtol(value, NULL, 10) < REDIS_VERSION_MIN_MAJOR) {
        snprintf(text, sizeof text, "version %s is too old, 7.0 or later is needed", value);
        say(faults, text);
        count++;
    }
    if (info_value(info, "maxmemory_policy", value, sizeof value) && strcmp(value, "noeviction")) {
        snprintf(text, sizeof text, "maxmemory-policy is %s, it must be noeviction: Redis would drop cases", value);
        say(faults, text);
        count++;
    }
    return count;
}

size_t redis_check(struct redis *redis, struct buffer *faults, struct buffer *warnings)
{
    redisReply *reply = redis_command(redis, "INFO");
    if (!reply || reply->type != REDIS_REPLY_STRING) {
        if (faults) buffer_addf(faults, "redis %s: %s\n", redis->address, reply ? "unexpected reply to INFO" : redis->error);
        if (reply) freeReplyObject(reply);
        return 1;
    }
    char value[64] = "";
    size_t count = check_info(reply->str, faults);
    bool appending = info_value(reply->str, "aof_enabled", value, sizeof value) && !strcmp(value, "1");
    freeReplyObject(reply);
    if (!appending && snapshots_off(redis)) say(warnings, "persistence is off (appendonly no, no save points): a restart loses everything");
    return count;
}

/* The version in a library's source; 0 where it bears none. */
static int source_version(const char *source)
{
    const char *mark = strstr(source, version_mark);
    return mark ? (int)strtol(mark + sizeof version_mark - 1, NULL, 10) : 0;
}

/* The value of a key in a map that RESP2 gives as an array of pairs. */
static const redisReply *pair_value(const redisReply *pairs, const char *key)
{
    for (size_t i = 0; pairs->type == REDIS_REPLY_ARRAY && i + 1 < pairs->elements; i += 2)
        if (pairs->element[i]->str && !strcmp(pairs->element[i]->str, key)) return pairs->element[i + 1];
    return NULL;
}

/* Compares what the server has. LOADED stands for "must be loaded". */
static enum redis_library compare_library(struct redis *redis, const char *name, int version, const struct buffer *wanted)
{
    redisReply *reply = redis_command(redis, "FUNCTION LIST LIBRARYNAME %s WITHCODE", name);
    if (!reply) return REDIS_LIBRARY_FAILED;
    enum redis_library result = REDIS_LIBRARY_LOADED;
    const redisReply *code = reply->type == REDIS_REPLY_ARRAY && reply->elements == 1 ? pair_value(reply->element[0], "library_code") : NULL;
    if (code && code->type == REDIS_REPLY_STRING) {
        int there = source_version(code->str);
        if ((size_t)code->len == wanted->bytes && !memcmp(code->str, wanted->data, wanted->bytes)) {
            result = REDIS_LIBRARY_PRESENT;
        } else if (there > version) {
            snprintf(redis->error, sizeof redis->error, "library %.64s in Redis has version %d, this program brings %d", name, there, version);
            result = REDIS_LIBRARY_NEWER;
        }
    }
    freeReplyObject(reply);
    return result;
}

enum redis_library redis_load_library(struct redis *redis, const char *name, int version, const char *source, size_t bytes)
{
    const char *end = memchr(source, '\n', bytes);
    if (!end || bytes < 5 || memcmp(source, "#!lua", 5)) {
        snprintf(redis->error, sizeof redis->error, "library %.64s: the source does not begin with a #!lua line", name);
        return REDIS_LIBRARY_FAILED;
    }
    size_t head = (size_t)(end - source) + 1;
    struct buffer wanted;
    buffer_init(&wanted, bytes + 128);
    buffer_add(&wanted, source, head);
    buffer_addf(&wanted, "%s%d\n", version_mark, version);
    buffer_add(&wanted, source + head, bytes - head);
    enum redis_library result = compare_library(redis, name, version, &wanted);
    if (result == REDIS_LIBRARY_LOADED) {
        redisReply *reply = redis_command(redis, "FUNCTION LOAD REPLACE %b", wanted.data, wanted.bytes);
        if (!reply) result = REDIS_LIBRARY_FAILED;
        else freeReplyObject(reply);
    }
    buffer_free(&wanted);
    return result;
}
