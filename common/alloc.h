#ifndef BIHUAN_COMMON_ALLOC_H
#define BIHUAN_COMMON_ALLOC_H
/* Small allocations that never fail: running out of memory calls one handler,
 * then aborts. What a peer sizes has a bound of its own and may fail; it does
 * not belong here. All results are owned by the caller and freed with free(). */
#include <stddef.h>

void *xmalloc(size_t bytes) __attribute__((malloc, warn_unused_result));
void *xcalloc(size_t count, size_t bytes) __attribute__((malloc, warn_unused_result));
/* As realloc; 0 bytes are treated as 1, so the result is never NULL. */
void *xrealloc(void *old, size_t bytes) __attribute__((warn_unused_result));
/* NULL gives NULL. */
char *xstrdup(const char *text) __attribute__((warn_unused_result));
/* At most `bytes` bytes of text, with a NUL behind. */
char *xstrndup(const char *text, size_t bytes) __attribute__((malloc, warn_unused_result));

/* Replaces the handler, which is told how many bytes were wanted (NULL: the
 * default, one line on stderr). When it returns the process aborts. Call it
 * before any thread. */
void alloc_on_failure(void (*handler)(size_t bytes));

#endif
