/* A bump allocator: chunks of one size, or larger ones for larger pieces. */
#include "common/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 * 1024, ALIGN = alignof(max_align_t) };

struct pool_chunk {
    struct pool_chunk *next;
    size_t used, room;
    alignas(max_align_t) char data[];
};

static struct pool_chunk *chunk_new(size_t room)
{
    struct pool_chunk *chunk = malloc(sizeof *chunk + room);
    if (!chunk) abort();
    *chunk = (struct pool_chunk){.room = room};
    return chunk;
}

static size_t usual_bytes(const struct pool *pool)
{
    return pool->chunk_bytes ? pool->chunk_bytes : CHUNK_BYTES;
}

void *pool_take(struct pool *pool, size_t bytes)
{
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    struct pool_chunk *chunk = pool->chunk;
    if (!chunk || chunk->room - chunk->used < bytes) {
        chunk = chunk_new(bytes > usual_bytes(pool) ? bytes : usual_bytes(pool));
        chunk->next = pool->chunk;
        pool->chunk = chunk;
    }
    void *piece = chunk->data + chunk->used;
    chunk->used += bytes;
    return piece;
}

void *pool_copy(struct pool *pool, const void *from, size_t bytes)
{
    void *piece = pool_take(pool, bytes);
    if (bytes) memcpy(piece, from, bytes);
    return piece;
}

void pool_clear(struct pool *pool)
{
    struct pool_chunk *kept = NULL, *next;
    for (struct pool_chunk *chunk = pool->chunk; chunk; chunk = next) {
        next = chunk->next;
        if (!kept && chunk->room == usual_bytes(pool)) {
            chunk->used = 0;
            chunk->next = NULL;
            kept = chunk;
        } else {
            free(chunk);
        }
    }
    pool->chunk = kept;
}

void pool_free(struct pool *pool)
{
    struct pool_chunk *next;
    for (struct pool_chunk *chunk = pool->chunk; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    pool->chunk = NULL;
}
