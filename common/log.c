/* One event a line, one write a line. The line is put together on the stack, so
 * logging never allocates and is safe where memory has run out. */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static _Atomic int lowest = LOG_LEVEL_INFO;
static _Atomic int output = 2;

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&lowest, (int)level, memory_order_relaxed);
}

void log_set_fd(int fd)
{
    atomic_store_explicit(&output, fd, memory_order_relaxed);
}

bool log_level_parse(const char *text, enum log_level *level)
{
    for (int i = 0; i < 4; i++)
        if (!strcmp(text, level_names[i])) {
            *level = (enum log_level)i;
            return true;
        }
    return false;
}

bool log_enabled(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&lowest, memory_order_relaxed);
}

/* The time in UTC, level and event. Returns the length. */
static size_t print_head(char *line, size_t room, enum log_level level, const char *event)
{
    struct timespec now;
    struct tm date;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &date);
    size_t length = strftime(line, room, "%Y-%m-%dT%H:%M:%S", &date);
    int more = snprintf(line + length, room - length, ".%03dZ level=%s event=%s", (int)(now.tv_nsec / 1000000), level_names[level], event);
    length += more > 0 ? (size_t)more : 0;
    return length < room ? length : room - 1;
}

void log_write(enum log_level level, const char *event, const char *format, ...)
{
    if (!log_enabled(level)) return;
    int saved = errno;
    char line[LOG_LINE_BYTES];
    size_t room = sizeof line - 1, length = print_head(line, room, level, event);
    if (*format && length + 1 < room) {
        line[length++] = ' ';
        va_list list;
        va_start(list, format);
        int more = vsnprintf(line + length, room - length, format, list);
        va_end(list);
        length += more > 0 ? (size_t)more : 0;
        if (length >= room) {
            length = room - 1;
            memcpy(line + length - 3, "...", 3);
        }
    }
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f) line[i] = ' ';
    line[length++] = '\n';
    ssize_t written;
    do written = write(atomic_load_explicit(&output, memory_order_relaxed), line, length);
    while (written < 0 && errno == EINTR);
    errno = saved;
}

static bool is_plain(const char *value)
{
    size_t length = 0;
    for (const unsigned char *c = (const unsigned char *)value; *c; c++, length++)
        if (*c <= 0x20 || *c == '"' || *c == '=' || *c == '\\' || *c == 0x7f) return false;
    return length > 0 && length < LOG_QUOTE_BYTES;
}

const char *log_quote(const char *value)
{
    static _Thread_local char slots[LOG_QUOTE_SLOTS][LOG_QUOTE_BYTES];
    static _Thread_local unsigned turn;
    if (!value) return "-";
    if (is_plain(value)) return value;
    char *slot = slots[turn++ % LOG_QUOTE_SLOTS], *at = slot, *end = slot + LOG_QUOTE_BYTES - 8;
    *at++ = '"';
    for (; *value && at < end; value++) {
        unsigned char c = (unsigned char)*value;
        bool control = c < 0x20 || c == 0x7f;
        if (control && c != '\n') {
            at += snprintf(at, 5, "\\x%02x", c);
            continue;
        }
        if (control || c == '"' || c == '\\') *at++ = '\\';
        *at++ = control ? 'n' : (char)c;
    }
    if (*value) at = stpcpy(at, "...");
    *at++ = '"';
    *at = 0;
    return slot;
}
