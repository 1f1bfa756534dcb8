#ifndef BIHUAN_COMMON_ARENA_H
#define BIHUAN_COMMON_ARENA_H
/* A bump arena a thread for Jansson: between arena_begin and arena_end every
 * value that Jansson creates on this thread comes from one reserved range, and
 * arena_end forgets them all at once. A record is parsed without one malloc.
 *
 * The traps: what was created inside must not be used (or json_decref'ed) after
 * the arena_end, nor freed on another thread. What was created outside may be freed
 * inside, and the reverse is harmless while the arena is active. */
#include <stdbool.h>
#include <stddef.h>

enum { ARENA_MAX_BYTES = 64 << 20, ARENA_KEEP_BYTES = 2 << 20 };

/* Gives Jansson the arena's allocation functions, once in the process; repeats
 * do nothing. Call it in main, before any thread and before Jansson is used. */
void arena_install(void);

/* Starts allocating from this thread's arena, empty. Not nested. False when
 * the range cannot be reserved: Jansson then goes on with malloc. */
bool arena_begin(void);
/* Ends it: everything allocated since arena_begin is gone. The memory is kept for
 * the next begin (all but the first ARENA_KEEP_BYTES goes back to the system).
 * Without a begin it does nothing. */
void arena_end(void);
/* Bytes handed out since arena_begin. Beyond ARENA_MAX_BYTES allocations fail
 * (Jansson answers "out of memory"), they never spill into malloc. */
size_t arena_used_bytes(void);
/* Gives this thread's range back; also done when the thread ends. */
void arena_release(void);

/* The functions given to Jansson, for tests and other users of the same rule. */
void *arena_malloc(size_t bytes);
void arena_free(void *pointer);

#endif
