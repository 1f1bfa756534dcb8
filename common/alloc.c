/* Allocations that cannot fail, because the one thing to do then is to stop and be
 * started again. What a peer sizes is bounded elsewhere and must not come here. */
#include "common/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*on_failure)(size_t bytes);

void alloc_on_failure(void (*handler)(size_t bytes))
{
    on_failure = handler;
}

static _Noreturn void failed(size_t bytes)
{
    if (on_failure) {
        on_failure(bytes);
    } else {
        char line[80]; /* not common/log: it may want memory, too */
        int length = snprintf(line, sizeof line, "level=error event=memory.exhausted bytes=%zu\n", bytes);
        if (length > 0 && write(2, line, (size_t)length) < 0) abort();
    }
    abort();
}

void *xmalloc(size_t bytes)
{
    void *pointer = malloc(bytes ? bytes : 1);
    if (!pointer) failed(bytes);
    return pointer;
}

void *xcalloc(size_t count, size_t bytes)
{
    void *pointer = calloc(count ? count : 1, bytes ? bytes : 1);
    if (!pointer) failed(count * bytes);
    return pointer;
}

void *xrealloc(void *old, size_t bytes)
{
    void *pointer = realloc(old, bytes ? bytes : 1);
    if (!pointer) failed(bytes);
    return pointer;
}

char *xstrdup(const char *text)
{
    return text ? xstrndup(text, strlen(text)) : NULL;
}

char *xstrndup(const char *text, size_t bytes)
{
    size_t length = strnlen(text, bytes);
    char *copy = xmalloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}
