/* Reads a secret from a file or the environment. Messages name where it comes
 * from, never what it says. */
#include "common/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"

static char *fail(char *error, size_t error_bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));

static char *fail(char *error, size_t error_bytes, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(error, error_bytes, format, list);
    va_end(list);
    return NULL;
}

/* Judges and trims text[bytes], which it owns; `source` is for messages. */
static char *finish(char *text, size_t bytes, const char *source, char *error, size_t error_bytes)
{
    bool zero = memchr(text, 0, bytes);
    while (bytes && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r')) bytes--;
    text[bytes] = 0;
    if (!zero && bytes && bytes <= SECRET_BYTES_MAX) return text;
    explicit_bzero(text, bytes);
    free(text);
    return fail(error, error_bytes, "%s: %s", source, zero ? "holds a zero byte" : bytes ? "is longer than 64 KiB" : "is empty");
}

static void warn_when_open(int fd, const char *file)
{
    struct stat status;
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || !(status.st_mode & 027)) return;
    log_warn("secret.open", "file=%s mode=%04o text=\"others may read or change this secret\"", log_quote(file), (unsigned)status.st_mode & 07777);
}

static char *read_file(const char *file, char *error, size_t error_bytes)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return fail(error, error_bytes, "%s: %s", file, strerror(errno));
    warn_when_open(fd, file);
    size_t room = SECRET_BYTES_MAX + 3, bytes = 0;
    char *text = xmalloc(room);
    ssize_t more;
    while (bytes < room - 1 && ((more = read(fd, text + bytes, room - 1 - bytes)) > 0 || (more < 0 && errno == EINTR)))
        bytes += more > 0 ? (size_t)more : 0;
    int failure = more < 0 ? errno : 0;
    close(fd);
    if (!failure) return finish(text, bytes, file, error, error_bytes);
    explicit_bzero(text, bytes);
    free(text);
    return fail(error, error_bytes, "%s: %s", file, strerror(failure));
}

char *secret_read(const char *file, const char *env, char *error, size_t error_bytes)
{
    if (file && *file) return read_file(file, error, error_bytes);
    if (!env || !*env) return fail(error, error_bytes, "%s", "");
    const char *value = getenv(env);
    if (!value) return fail(error, error_bytes, "environment variable %s is not set", env);
    return finish(xstrdup(value), strlen(value), env, error, error_bytes);
}

void secret_free(char *secret)
{
    if (!secret) return;
    explicit_bzero(secret, strlen(secret));
    free(secret);
}
