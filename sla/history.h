#ifndef BIHUAN_SLA_HISTORY_H
#define BIHUAN_SLA_HISTORY_H
/* A history: the cases that files of canonical events amount to, each event once, links at both ends. What replay
 * and backtest read; no server. */
#include "common/progress.h"
#include "sla/case.h"
#include "sla/lines.h"

#include <uthash.h>

struct history_case {
    struct case_file file;
    UT_hash_handle hh;
};

struct history {
    struct history_case *cases;  /* in the order in which they were first named; walk with hh.next */
    int64_t last_ms;             /* of the events that stand; INT64_MIN for none */
    uint64_t full;               /* events beyond CASE_EVENTS_MAX of one case, left out */
    struct lines lines;
    struct pool links;           /* details of links */
    struct progress *progress;   /* told of each event read; NULL: nobody */
};

void history_open(struct history *history);
/* Reads files in order ("-": stdin). False when some of it could not be read or was bad, or a case was full; said on
 * stderr, where `verb` names who speaks. */
bool history_read(struct history *history, char *const *paths, int count, const char *verb);
/* The cases by their names (bytes of the id, a ticket before a rating), ended by NULL; for the caller to free. */
struct history_case **history_sorted(const struct history *history);
void history_close(struct history *history);

#endif
