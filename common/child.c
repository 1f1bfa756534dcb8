/* A child process and a pipe. */
#include "common/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEEP_MS = 200, PIECE_BYTES = 4096 };

bool child_beside(const char *name, char *path, size_t bytes)
{
    ssize_t length = readlink("/proc/self/exe", path, bytes);
    if (length <= 0 || (size_t)length >= bytes) return false;
    path[length] = 0;
    char *slash = strrchr(path, '/');
    if (!slash) return false;
    size_t folder = (size_t)(slash - path) + 1;
    return (size_t)snprintf(slash + 1, bytes - folder, "%s", name) < bytes - folder;
}

static void become(char *const argv[], int out, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent || dup2(out, STDOUT_FILENO) < 0) _exit(127);
    execv(argv[0], argv);
    _exit(127);
}

/* Reads until the other end is closed. */
static void read_all(int from, pid_t pid, struct buffer *out, bool (*keep)(void *context), void *context)
{
    bool told = false;
    for (;;) {
        char piece[PIECE_BYTES];
        struct pollfd poll_for = {.fd = from, .events = POLLIN};
        int ready = poll(&poll_for, 1, KEEP_MS);
        if (keep && !told && !keep(context)) {
            kill(pid, SIGTERM);
            told = true;
        }
        if (ready <= 0) continue;
        ssize_t bytes = read(from, piece, sizeof piece);
        if (bytes > 0) buffer_add(out, piece, (size_t)bytes);
        else if (bytes == 0 || errno != EINTR) return;
    }
}

int child_run(char *const argv[], struct buffer *out, bool (*keep)(void *context), void *context, char *error, size_t error_bytes)
{
    int ends[2], status;
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC)) {
        snprintf(error, error_bytes, "pipe: %s", strerror(errno));
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) become(argv, ends[1], parent);
    close(ends[1]);
    if (pid < 0) snprintf(error, error_bytes, "fork: %s", strerror(errno));
    else read_all(ends[0], pid, out, keep, context);
    close(ends[0]);
    if (pid < 0) return -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) != 127) return WEXITSTATUS(status);
    if (WIFEXITED(status)) snprintf(error, error_bytes, "%s cannot be run", argv[0]);
    else snprintf(error, error_bytes, "%s ended by signal %d", argv[0], WTERMSIG(status));
    return -1;
}
