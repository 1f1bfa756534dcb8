#ifndef BIHUAN_COMMON_POOL_H
#define BIHUAN_COMMON_POOL_H
/* Memory that is taken in small pieces and given back all at once. */
#include <stddef.h>

struct pool {
    struct pool_chunk *chunk; /* newest first */
    size_t chunk_bytes;       /* taken from the system at once; 0: 64 KiB. Set it before the first use */
};

/* `bytes` of memory, aligned for any object, that live until pool_clear. Never
 * NULL: without memory the process aborts. */
void *pool_take(struct pool *pool, size_t bytes);
/* A copy of bytes at `from`. */
void *pool_copy(struct pool *pool, const void *from, size_t bytes);
/* Gives everything back but one chunk, which is kept for the next use. */
void pool_clear(struct pool *pool);
/* Gives everything back. */
void pool_free(struct pool *pool);

#endif
