/* A bump arena for Jansson. Each thread reserves one range of addresses and hands it
 * out front to back, so "is it mine" is one subtraction and one comparison.
 *
 * The trap: free inside the range does nothing, wherever the arena stands; what
 * is left over after arena_end is gone although nobody freed it. */
#include "common/arena.h"

#include <jansson.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { ALIGN_BYTES = 16 };

struct arena {
    char *base; /* NULL: nothing reserved */
    size_t used;
    bool active;
};

static _Thread_local struct arena mine;
static pthread_key_t at_exit;
static pthread_once_t once = PTHREAD_ONCE_INIT;

void *arena_malloc(size_t bytes)
{
    if (!mine.active) return malloc(bytes);
    size_t rounded = (bytes + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
    if (rounded < bytes || rounded > (size_t)ARENA_MAX_BYTES - mine.used) return NULL;
    void *pointer = mine.base + mine.used;
    mine.used += rounded;
    return pointer;
}

void arena_free(void *pointer)
{
    /* A NULL base makes the difference the address itself, far above the maximum
     * for anything malloc gives; a NULL pointer goes to free, which takes it. */
    if ((uintptr_t)pointer - (uintptr_t)mine.base < (uintptr_t)ARENA_MAX_BYTES && mine.base) return;
    free(pointer);
}

static void release(void *arena)
{
    (void)arena;
    arena_release();
}

static void install(void)
{
    pthread_key_create(&at_exit, release);
    json_set_alloc_funcs(arena_malloc, arena_free);
}

void arena_install(void)
{
    pthread_once(&once, install);
}

bool arena_begin(void)
{
    if (!mine.base) {
        void *base = mmap(NULL, ARENA_MAX_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (base == MAP_FAILED) return false;
        mine.base = base;
        arena_install();
        pthread_setspecific(at_exit, base); /* any value but NULL runs release */
    }
    mine.used = 0;
    mine.active = true;
    return true;
}

void arena_end(void)
{
    if (mine.used > ARENA_KEEP_BYTES) madvise(mine.base + ARENA_KEEP_BYTES, mine.used - ARENA_KEEP_BYTES, MADV_DONTNEED);
    mine.active = false;
    mine.used = 0;
}

size_t arena_used_bytes(void)
{
    return mine.used;
}

void arena_release(void)
{
    arena_end();
    if (mine.base) munmap(mine.base, ARENA_MAX_BYTES);
    mine.base = NULL;
}
