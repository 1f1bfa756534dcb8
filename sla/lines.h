#ifndef BIHUAN_SLA_LINES_H
#define BIHUAN_SLA_LINES_H
/* Canonical event lines from files, decoded by several threads, handed over in
 * the order of the lines. Bad lines are named on stderr as FILE:LINE: reason. */
#include "common/pool.h"
#include "sla/event_decode.h"

/* An event as a line gave it. Texts live as long as the reader. */
struct line_event {
    struct event event; /* its detail without title and citizen */
    enum of of;
    struct text id;     /* the byte before it is ours to use, as a key's first */
    struct text target; /* empty for none */
};

typedef void line_taken(void *context, const struct line_event *event);

/* Texts of everything read; lines_free gives them back. */
struct lines {
    struct pool *pools;
    size_t pool_count, pools_room;
    uint64_t good, bad;
};

/* Reads a file ("-": stdin) to its end, calling taken for each good line in
 * order, on this thread. False when it cannot be read (said on stderr). */
bool lines_read(struct lines *lines, const char *path, line_taken *taken, void *context);
void lines_free(struct lines *lines);

#endif
