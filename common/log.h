#ifndef BIHUAN_COMMON_LOG_H
#define BIHUAN_COMMON_LOG_H
/* One event a line on stderr, key=value:
 *   2026-03-01T02:03:04.567Z level=info event=ingest.start topic=bihuan.tickets partitions=16
 * A line is one write, so threads never interleave; it is cut at LOG_LINE_BYTES
 * and holds no control characters. Never log a secret or a citizen's data. */
#include <stdbool.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum { LOG_LINE_BYTES = 4096, LOG_QUOTE_BYTES = 1024, LOG_QUOTE_SLOTS = 8 };

/* Lines below this level are not written. Default info. Any thread. */
void log_set_level(enum log_level level);
/* "debug", "info", "warn" or "error"; false leaves *level. */
bool log_level_parse(const char *text, enum log_level *level);
/* Where lines go, a file descriptor that stays the caller's. Default 2. */
void log_set_fd(int fd);

/* Writes one line: `event` is a dotted name, `format` the key=value pairs
 * ("" for none). errno is left as it was. */
void log_write(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool log_enabled(enum log_level level);

#define log_debug(event, ...) (log_enabled(LOG_LEVEL_DEBUG) ? log_write(LOG_LEVEL_DEBUG, event, __VA_ARGS__) : (void)0)
#define log_info(event, ...) log_write(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_warn(event, ...) log_write(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_error(event, ...) log_write(LOG_LEVEL_ERROR, event, __VA_ARGS__)

/* A value fit for key=value: itself when plain, else in double quotes with
 * ", \ and control characters escaped; NULL gives -. Cut at LOG_QUOTE_BYTES. The
 * result lies in one of this thread's LOG_QUOTE_SLOTS slots: good for as many
 * values in one call, not to be kept. */
const char *log_quote(const char *value);

#endif
