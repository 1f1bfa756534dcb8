#ifndef BIHUAN_COMMON_PROGRESS_H
#define BIHUAN_COMMON_PROGRESS_H
/* A line on stderr that says how far a long command has come; on a terminal only, and not more often than twice a
 * second. */
#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what;     /* as "events read"; static text */
    uint64_t done, of;    /* of: 0 where nobody knows */
    int64_t shown_ms;     /* monotonic */
    bool terminal, shown;
};

void progress_begin(struct progress *progress, const char *what, uint64_t of);
/* One more is done. */
void progress_step(struct progress *progress);
/* Takes the line away. */
void progress_end(struct progress *progress);

#endif
