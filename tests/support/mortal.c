/* Preloaded into a program (LD_PRELOAD), it kills it, as kill -9 does, at a named point of what it says to others over sockets.
 *
 *   MORTAL_AT    WHEN WHAT COUNT: at the COUNT-th time. WHEN: `before` it is sent, `after` that, or `received`, when the answer (the first piece of it)
 *                has come and nobody has looked at it. WHAT: the name of a function or command of Redis, `kafka:KEY` (the number of the request), or
 *                `tcp:PORT` of the other side.
 *   MORTAL_LOG   file to which the point is appended when it comes
 *
 * The trap: what is received has no name; it is called after what was sent last over the same socket. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FDS_MAX = 1024, NAME_BYTES = 48 };

static char name_of[FDS_MAX][NAME_BYTES];
static atomic_int times;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_send)(int, const void *, size_t, int);
static ssize_t (*real_recv)(int, void *, size_t, int);
static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);
static ssize_t (*real_recvmsg)(int, struct msghdr *, int);

static void find(void)
{
    if (real_recvmsg) return;
    *(void **)&real_write = dlsym(RTLD_NEXT, "write");
    *(void **)&real_read = dlsym(RTLD_NEXT, "read");
    *(void **)&real_send = dlsym(RTLD_NEXT, "send");
    *(void **)&real_recv = dlsym(RTLD_NEXT, "recv");
    *(void **)&real_sendmsg = dlsym(RTLD_NEXT, "sendmsg");
    *(void **)&real_recvmsg = dlsym(RTLD_NEXT, "recvmsg");
}

static bool is_socket(int fd)
{
    int type;
    socklen_t bytes = sizeof type;
    return fd >= 0 && fd < FDS_MAX && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &bytes) == 0;
}

/* The first word of a command that is no function's call, else the function. */
static void name_redis(int fd, const char *at, size_t bytes)
{
    char head[256];
    size_t most = bytes < sizeof head - 1 ? bytes : sizeof head - 1;
    memcpy(head, at, most);
    head[most] = '\0';
    const char *function = strstr(head, "bihuan_"), *word = strchr(head, '$');
    if (!function) function = word && (word = strchr(word, '\n')) ? word + 1 : "";
    snprintf(name_of[fd], NAME_BYTES, "%.*s", (int)strcspn(function, "\r\n"), function);
}

static void name(int fd, const char *at, size_t bytes)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &size)) return;
    if (peer.ss_family == AF_INET) snprintf(name_of[fd], NAME_BYTES, "tcp:%d", ntohs(((struct sockaddr_in *)&peer)->sin_port));
    if (peer.ss_family == AF_INET6) snprintf(name_of[fd], NAME_BYTES, "tcp:%d", ntohs(((struct sockaddr_in6 *)&peer)->sin6_port));
    if (peer.ss_family == AF_UNIX && bytes && *at == '*') name_redis(fd, at, bytes);
}

static void at(const char *when, int fd)
{
    const char *wanted = getenv("MORTAL_AT"), *log = getenv("MORTAL_LOG");
    char point[NAME_BYTES + 16];
    int length = snprintf(point, sizeof point, "%s %s ", when, name_of[fd]);
    if (!wanted || strncmp(wanted, point, (size_t)length) || atomic_fetch_add(&times, 1) + 1 != strtol(wanted + length, NULL, 10)) return;
    int out = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (out >= 0) dprintf(out, "%s\n", wanted);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

ssize_t write(int fd, const void *from, size_t bytes)
{
    find();
    if (!is_socket(fd)) return real_write(fd, from, bytes);
    name(fd, from, bytes);
    at("before", fd);
    ssize_t done = real_write(fd, from, bytes);
    if (done > 0) at("after", fd);
    return done;
}

ssize_t send(int fd, const void *from, size_t bytes, int flags)
{
    find();
    if (!is_socket(fd)) return real_send(fd, from, bytes, flags);
    name(fd, from, bytes);
    at("before", fd);
    ssize_t done = real_send(fd, from, bytes, flags);
    if (done > 0) at("after", fd);
    return done;
}

/* Kafka's alone: a request is its length, four bytes, and its key, two. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    find();
    if (!is_socket(fd) || message->msg_iovlen == 0) return real_sendmsg(fd, message, flags);
    const unsigned char *head = message->msg_iov[0].iov_base;
    if (message->msg_iov[0].iov_len >= 8) snprintf(name_of[fd], NAME_BYTES, "kafka:%d", head[4] << 8 | head[5]);
    at("before", fd);
    ssize_t done = real_sendmsg(fd, message, flags);
    if (done > 0) at("after", fd);
    return done;
}

ssize_t read(int fd, void *to, size_t bytes)
{
    find();
    ssize_t done = real_read(fd, to, bytes);
    if (done > 0 && is_socket(fd)) at("received", fd);
    return done;
}

ssize_t recv(int fd, void *to, size_t bytes, int flags)
{
    find();
    ssize_t done = real_recv(fd, to, bytes, flags);
    if (done > 0 && is_socket(fd)) at("received", fd);
    return done;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    find();
    ssize_t done = real_recvmsg(fd, message, flags);
    if (done > 0 && is_socket(fd)) at("received", fd);
    return done;
}
