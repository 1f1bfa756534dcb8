#ifndef BIHUAN_COMMON_DAEMON_H
#define BIHUAN_COMMON_DAEMON_H
/* Manners of a daemon: signals as flags and a descriptor to poll, readiness and
 * watchdog for systemd. First SIGTERM or SIGINT: drain; second: exit at once with
 * code 1. SIGHUP: reload. SIGPIPE: ignored. */
#include <stdbool.h>
#include <stdint.h>

/* Installs the handlers. Once, in main, before any thread. False: errno. */
bool daemon_start(void);

/* True from the first SIGTERM or SIGINT (or daemon_stop) on. Any thread; cheap. */
bool daemon_stopping(void);
/* Asks the daemon to drain from within, as SIGTERM does. Any thread. */
void daemon_stop(void);
/* True once after each SIGHUP (several may fall together). One thread. */
bool daemon_reload_wanted(void);

/* A descriptor, readable once a signal came, for poll; ours, do not close. */
int daemon_fd(void);
/* Sleeps at most timeout_ms (-1: for ever), less when a signal comes. Once
 * stopping it returns at once. Empties daemon_fd: for the main thread. */
void daemon_wait(int timeout_ms);

/* Tells the supervisor at $NOTIFY_SOCKET; without one they do nothing. */
void daemon_notify_ready(void);
void daemon_notify_watchdog(void);
void daemon_notify_stopping(void);
/* One line of state for people, as "STATUS=…". */
void daemon_notify_status(const char *text);
/* How often to call daemon_notify_watchdog, ms (half of the supervisor's limit); 0: not asked for. */
int64_t daemon_watchdog_ms(void);

#endif
