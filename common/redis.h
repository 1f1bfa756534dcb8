#ifndef BIHUAN_COMMON_REDIS_H
#define BIHUAN_COMMON_REDIS_H
/* A blocking link to one Redis server over hiredis. One thread at a time.
 *
 * An error of the link (lost, timed out, protocol) ends it: `context` is gone,
 * every reply still owed is gone with it, and `epoch` counts on at the next connect,
 * so that an owner can void what it loaded. Nothing is sent again by itself.
 * An error that the server answers is a reply like any other. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "common/buffer.h"

enum { REDIS_ERROR_BYTES = 512, REDIS_VERSION_MIN_MAJOR = 7 };

struct redis {
    redisContext *context;  /* NULL while not connected */
    char *address;          /* owned */
    char *password;         /* owned, NULL for none */
    int64_t timeout_ms;     /* connect, and each read or write */
    size_t owed;            /* replies not yet read */
    uint64_t epoch;         /* successful connects so far */
    char error[REDIS_ERROR_BYTES]; /* of the last call that failed */
};

/* A link to `address` ("host:port", "[v6]:port", or a socket path: anything
 * with a / in it), not connected yet. Strings are copied; password NULL or ""
 * for none; timeout_ms > 0. Never NULL; the address is judged at connect. Where the
 * process left SIGPIPE at its default it is ignored from now on. */
struct redis *redis_open(const char *address, const char *password, int64_t timeout_ms);
/* Ends and frees the link. Accepts NULL. */
void redis_close(struct redis *redis);

/* Connects when not connected (TCP_NODELAY, keep-alive, AUTH). False: error. */
bool redis_connect(struct redis *redis) __attribute__((warn_unused_result));
/* Drops the connection if there is one, then connects, up to `attempts` times with
 * waits of 50 ms that double up to 2 s; stops early when *stop becomes true (NULL:
 * never). False: error of the last attempt. */
bool redis_reconnect(struct redis *redis, int attempts, bool (*stop)(void)) __attribute__((warn_unused_result));
/* Drops the connection, keeps the link. */
void redis_drop(struct redis *redis);

/* Puts a command into the pipeline: argc arguments, bytes may be NULL for C
 * strings; copied. Sent with the next redis_get_reply. False: link error. */
bool redis_pipeline_append(struct redis *redis, int argc, const char *const *argv, const size_t *bytes)
    __attribute__((warn_unused_result));
/* Sends what is appended without waiting for replies. False: link error. */
bool redis_pipeline_flush(struct redis *redis) __attribute__((warn_unused_result));
/* The next reply owed, in order; the caller frees it with freeReplyObject. May
 * be a REDIS_REPLY_ERROR. NULL: link error, or nothing was owed; see error. */
redisReply *redis_get_reply(struct redis *redis) __attribute__((warn_unused_result));

/* One command and its reply, as redis_get_reply. Connects when not connected.
 * Fails while pipelined replies are owed. An error answered by the server also
 * gives NULL here, its text in error (the link lives). */
redisReply *redis_call(struct redis *redis, int argc, const char *const *argv, const size_t *bytes)
    __attribute__((warn_unused_result));
/* The same from a hiredis format ("SET %s %b"). */
redisReply *redis_command(struct redis *redis, const char *format, ...) __attribute__((warn_unused_result));

/* The server's TIME in ms into *now_ms. False: error. */
bool redis_time_ms(struct redis *redis, int64_t *now_ms) __attribute__((warn_unused_result));

/* Start-up checks: version at least 7.0, maxmemory-policy noeviction (errors);
 * persistence off (warning). Appends a line each to *faults and *warnings (either
 * may be NULL). Returns the number of faults; an unreachable server is one. */
size_t redis_check(struct redis *redis, struct buffer *faults, struct buffer *warnings);

enum redis_library { REDIS_LIBRARY_PRESENT, REDIS_LIBRARY_LOADED, REDIS_LIBRARY_NEWER, REDIS_LIBRARY_FAILED };

/* Makes sure that Function library `name` stands in the server as `source` (Lua
 * that begins with "#!lua name=NAME") in version `version` (> 0). The version is
 * written behind the first line as a comment and read back from there.
 *   PRESENT  the server has exactly this source
 *   LOADED   it had none, an older version, or another text of this version
 *   NEWER    it has a higher version; untouched, error says which
 *   FAILED   link or server error, error says which */
enum redis_library redis_load_library(struct redis *redis, const char *name, int version, const char *source, size_t bytes)
    __attribute__((warn_unused_result));

#endif
