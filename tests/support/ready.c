/* What the small test servers share (ready.h).
 *
 * The trap: a test that polls for the ready file must never read half a line,
 * hence the rename. */
#define _POSIX_C_SOURCE 200809L
#include "ready.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_line(const char *line, const char *file)
{
    FILE *out = fopen(file, "w");
    if (!out)
        return -1;
    int bad = fprintf(out, "%s\n", line) < 0;
    return fclose(out) != 0 || bad ? -1 : 0;
}

int ready_announce(const char *line, const char *file)
{
    if (file) {
        char beside[PATH_MAX];
        int length = snprintf(beside, sizeof beside, "%s.new", file);
        if (length < 0 || (size_t)length >= sizeof beside) {
            fprintf(stderr, "%s: name too long\n", file);
            return -1;
        }
        if (write_line(line, beside) != 0 || rename(beside, file) != 0) {
            fprintf(stderr, "%s: %s\n", file, strerror(errno));
            return -1;
        }
    }
    printf("%s\n", line);
    fflush(stdout);
    return 0;
}

static void ending_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

void ready_hold_signals(void)
{
    sigset_t set;
    ending_signals(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void ready_wait_for_end(void)
{
    sigset_t set;
    ending_signals(&set);
    int signal_number;
    while (sigwait(&set, &signal_number) != 0)
        ;
}

long ready_number(const char *option, const char *text, long minimum, long maximum)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < minimum || number > maximum) {
        fprintf(stderr, "%s: a whole number from %ld to %ld, not '%s'\n", option, minimum, maximum, text);
        exit(2);
    }
    return number;
}
