/* The trap: other lines go to stderr as well, so the cursor waits at the line's beginning. */
#include "common/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"

enum { EVERY_MS = 500, LOOK_EVERY = 1024 /* steps between looks at the clock */ };

void progress_begin(struct progress *progress, const char *what, uint64_t of)
{
    *progress = (struct progress){.what = what, .of = of, .shown_ms = clock_monotonic_ms(), .terminal = isatty(STDERR_FILENO) != 0};
}

static void show(struct progress *progress, int64_t now_ms)
{
    progress->shown_ms = now_ms;
    progress->shown = true;
    if (progress->of) fprintf(stderr, "%llu of %llu %s\033[K\r", (unsigned long long)progress->done, (unsigned long long)progress->of, progress->what);
    else fprintf(stderr, "%llu %s\033[K\r", (unsigned long long)progress->done, progress->what);
}

void progress_step(struct progress *progress)
{
    if (++progress->done % LOOK_EVERY || !progress->terminal) return;
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms - progress->shown_ms >= EVERY_MS) show(progress, now_ms);
}

void progress_end(struct progress *progress)
{
    if (progress->shown) fputs("\033[K", stderr);
    progress->shown = false;
}
