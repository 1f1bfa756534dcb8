#ifndef BIHUAN_COMMON_CHILD_H
#define BIHUAN_COMMON_CHILD_H
/* Another of our programs run as a part of this one's work: its stdout taken, its stderr shared. */
#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

/* Path of the program `name` beside the one that runs, into path[bytes]. False: it cannot be told. */
bool child_beside(const char *name, char *path, size_t bytes) __attribute__((warn_unused_result));

/* Runs argv (ends with NULL) to its end, appends what it prints to *out. keep (may be NULL) is called a few times a second; once it
 * returns false the child is told to end (SIGTERM). It ends with this process, whatever happens to that. Returns its exit status, or -1 with the
 * reason in error. */
int child_run(char *const argv[], struct buffer *out, bool (*keep)(void *context), void *context, char *error, size_t error_bytes);

#endif
