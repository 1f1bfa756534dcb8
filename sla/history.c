/* Lines into cases, by way of a hash table.
 *
 * The trap: texts of events are borrowed from what was read, so that lives as long as the cases. */
#include "sla/history.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "sla/case_json.h"

void history_open(struct history *history)
{
    *history = (struct history){.last_ms = INT64_MIN};
}

static struct history_case *case_of(struct history *history, enum of of, struct text id)
{
    struct history_case *found;
    char *key = (char *)(uintptr_t)id.at - 1;
    *key = (char)of;
    HASH_FIND(hh, history->cases, key, id.bytes + 1, found);
    if (found) return found;
    found = xcalloc(1, sizeof *found);
    found->file.of = of;
    found->file.id = id;
    HASH_ADD_KEYPTR(hh, history->cases, key, id.bytes + 1, found);
    return found;
}

static void apply(struct history *history, enum of of, struct text id, const struct event *event)
{
    enum case_add added = case_add(&case_of(history, of, id)->file, event, NULL);
    if (added == CASE_ADDED && event->at_ms > history->last_ms) history->last_ms = event->at_ms;
    if (added == CASE_FULL) history->full++;
}

static void taken(void *context, const struct line_event *line)
{
    struct history *history = context;
    if (history->progress) progress_step(history->progress);
    apply(history, line->of, line->id, &line->event);
    if (!line->target.bytes) return;
    struct event link = event_as_link(&line->event, line->id, pool_take(&history->links, sizeof *link.detail));
    apply(history, OF_TICKET, line->target, &link);
}

bool history_read(struct history *history, char *const *paths, int count, const char *verb)
{
    bool good = true;
    for (int i = 0; i < count; i++) good &= lines_read(&history->lines, paths[i], taken, history);
    if (history->full)
        fprintf(stderr, "bihuan-sla %s: %llu events beyond %d of one case were left out\n", verb, (unsigned long long)history->full,
                CASE_EVENTS_MAX);
    return good && history->lines.bad == 0 && history->full == 0;
}

static int by_name(const void *a, const void *b)
{
    return case_compare(&(*(struct history_case *const *)a)->file, &(*(struct history_case *const *)b)->file);
}

struct history_case **history_sorted(const struct history *history)
{
    size_t n = 0;
    struct history_case **sorted = xmalloc((HASH_COUNT(history->cases) + 1) * sizeof *sorted);
    for (struct history_case *next = history->cases; next; next = next->hh.next) sorted[n++] = next;
    qsort(sorted, n, sizeof *sorted, by_name);
    sorted[n] = NULL;
    return sorted;
}

void history_close(struct history *history)
{
    struct history_case *one, *next;
    HASH_ITER(hh, history->cases, one, next) {
        HASH_DEL(history->cases, one);
        case_clear(&one->file);
        free(one);
    }
    pool_free(&history->links);
    lines_free(&history->lines);
}
