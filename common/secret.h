#ifndef BIHUAN_COMMON_SECRET_H
#define BIHUAN_COMMON_SECRET_H
/* Secrets come from a file or the environment, never from the configuration
 * itself, and are never logged: messages name the source, not the value. */
#include <stddef.h>

enum { SECRET_BYTES_MAX = 64 << 10 };

/* Reads a secret: from `file` if given, else from the environment variable `env`;
 * NULL or "" is not given. Line ends behind it are trimmed. A file that others may read,
 * or the group write, is a warning in the log. Returns owned text, at least one byte,
 * at most SECRET_BYTES_MAX, without NUL; free with secret_free. NULL: the reason in
 * error[error_bytes] ("" when neither source was given). */
char *secret_read(const char *file, const char *env, char *error, size_t error_bytes) __attribute__((warn_unused_result));
/* Overwrites and frees. Accepts NULL. */
void secret_free(char *secret);

#endif
