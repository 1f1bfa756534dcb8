#ifndef BIHUAN_TESTS_REDIS_PRIVATE_H
#define BIHUAN_TESTS_REDIS_PRIVATE_H
/* A Redis server of a test's own, on a socket in a directory of its own: no
 * port, no data kept, gone with the test (also when the test dies). */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/redis.h"

struct redis_private {
    char directory[64], socket[96];
    pid_t pid; /* 0 while it does not run */
};

/* Starts the server in its directory, and waits until it answers. */
static inline bool redis_private_run(struct redis_private *server)
{
    pid_t parent = getpid();
    server->pid = fork();
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(1);
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", server->socket, "--dir", server->directory, "--save", "",
               "--appendonly", "no", "--logfile", "redis.log", (char *)NULL);
        _exit(127);
    }
    struct redis *probe = redis_open(server->socket, NULL, 5000);
    int64_t now_ms;
    bool up = false;
    for (int i = 0; i < 500 && server->pid > 0 && !(up = redis_time_ms(probe, &now_ms)); i++) nanosleep(&(struct timespec){0, 20000000}, NULL);
    if (!up) fprintf(stderr, "redis-server: %s\n", probe->error);
    redis_close(probe);
    return up;
}

/* Makes the directory and starts the server. False: said on stderr. */
static inline bool redis_private_start(struct redis_private *server)
{
    *server = (struct redis_private){.directory = "/tmp/bihuan-redis-XXXXXX"};
    if (!mkdtemp(server->directory)) return false;
    snprintf(server->socket, sizeof server->socket, "%s/redis.sock", server->directory);
    return redis_private_run(server);
}

/* Ends the server at once, as kill -9 does; its directory stays. */
static inline void redis_private_kill(struct redis_private *server)
{
    if (server->pid <= 0) return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

/* Ends the server and removes its directory. */
static inline void redis_private_stop(struct redis_private *server)
{
    static const char *const files[] = {"redis.sock", "redis.log", "dump.rdb"};
    char path[128];
    redis_private_kill(server);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", server->directory, files[i]);
        unlink(path);
    }
    rmdir(server->directory);
}

#endif
