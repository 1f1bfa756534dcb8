/* Signals as flags, and words to systemd. The handler only sets flags and writes
 * one byte to a pipe; whoever polls daemon_fd wakes up. */
#include "common/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static atomic_bool stopping, reload;
static int wake[2] = {-1, -1};

static void wake_up(void)
{
    int saved = errno;
    if (wake[1] >= 0 && write(wake[1], "", 1) < 0) { /* full: it will wake anyway */ }
    errno = saved;
}

static void on_signal(int number)
{
    if (number == SIGHUP) atomic_store(&reload, true);
    else if (atomic_exchange(&stopping, true)) _exit(1);
    wake_up();
}

bool daemon_start(void)
{
    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0) return false;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigemptyset(&ignore.sa_mask);
    return !sigaction(SIGTERM, &action, NULL) && !sigaction(SIGINT, &action, NULL) && !sigaction(SIGHUP, &action, NULL) &&
           !sigaction(SIGPIPE, &ignore, NULL);
}

bool daemon_stopping(void)
{
    return atomic_load_explicit(&stopping, memory_order_relaxed);
}

void daemon_stop(void)
{
    atomic_store(&stopping, true);
    wake_up();
}

bool daemon_reload_wanted(void)
{
    return atomic_load_explicit(&reload, memory_order_relaxed) && atomic_exchange(&reload, false);
}

int daemon_fd(void)
{
    return wake[0];
}

void daemon_wait(int timeout_ms)
{
    struct pollfd wanted = {.fd = wake[0], .events = POLLIN};
    char bytes[64];
    if (poll(&wanted, 1, daemon_stopping() ? 0 : timeout_ms) <= 0) return;
    while (read(wake[0], bytes, sizeof bytes) > 0) continue;
}

/* One datagram; an address that begins with @ is in the abstract name space. */
static void notify(const char *text)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t bytes = path ? strlen(path) : 0;
    if (!bytes || (*path != '/' && *path != '@') || bytes >= sizeof address.sun_path) return;
    memcpy(address.sun_path, path, bytes);
    if (*path == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes);
    if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, length) < 0) { /* nobody listens: no harm */ }
    close(fd);
}

void daemon_notify_ready(void)
{
    notify("READY=1");
}

void daemon_notify_watchdog(void)
{
    notify("WATCHDOG=1");
}

void daemon_notify_stopping(void)
{
    notify("STOPPING=1");
}

void daemon_notify_status(const char *text)
{
    char line[512];
    snprintf(line, sizeof line, "STATUS=%s", text);
    line[strcspn(line, "\n")] = 0;
    notify(line);
}

int64_t daemon_watchdog_ms(void)
{
    const char *limit_us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!limit_us || (pid && strtol(pid, NULL, 10) != (long)getpid())) return 0;
    int64_t half_ms = strtoll(limit_us, NULL, 10) / 2000;
    return half_ms > 0 ? half_ms : 0;
}
