/* Keeping a case's events in order, each once. */
#include "sla/case.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void *grow(void *array, size_t *room, size_t item_bytes)
{
    *room = *room ? *room * 2 : 4;
    void *larger = realloc(array, *room * item_bytes);
    if (!larger) abort();
    return larger;
}

const char *told_kind_name(enum told_kind kind)
{
    static const char *const names[] = {"notice", "overdue", "withdrawn", "milestone", "recipient"};
    return names[kind];
}

const char *told_status_name(enum told_status status)
{
    static const char *const names[] = {"pending", "delivered", "superseded", "exhausted", "shadowed", "gathered"};
    return names[status];
}

static struct text keep(struct pool *pool, struct text text)
{
    if (!text.bytes) return (struct text){0};
    return (struct text){pool_copy(pool, text.at, text.bytes), text.bytes};
}

struct event_detail *event_detail_keep(struct pool *pool, const struct event_detail *from)
{
    struct event_detail *detail = pool_take(pool, sizeof *detail);
    *detail = (struct event_detail){.item = keep(pool, from->item), .area = keep(pool, from->area),
                                    .channel = keep(pool, from->channel), .title = keep(pool, from->title),
                                    .citizen = keep(pool, from->citizen), .target = keep(pool, from->target),
                                    .co_units = keep(pool, from->co_units), .reason = keep(pool, from->reason),
                                    .due_ms = from->due_ms};
    return detail;
}

enum case_add case_add(struct case_file *file, const struct event *event, struct pool *pool)
{
    for (size_t i = 0; i < file->events; i++) {
        if (memcmp(file->event[i].key, event->key, sizeof event->key) != 0) continue;
        file->duplicates++;
        return CASE_DUPLICATE;
    }
    if (file->events == CASE_EVENTS_MAX) return CASE_FULL;
    if (file->events == file->room) file->event = grow(file->event, &file->room, sizeof *file->event);
    size_t at = file->events;
    while (at > 0 && event_compare(&file->event[at - 1], event) > 0) at--;
    memmove(&file->event[at + 1], &file->event[at], (file->events - at) * sizeof *event);
    file->event[at] = *event;
    if (pool) file->event[at].unit = keep(pool, event->unit);
    if (pool && event->detail) file->event[at].detail = event_detail_keep(pool, event->detail);
    file->events++;
    return CASE_ADDED;
}

static size_t told_index(const struct case_file *file, enum told_kind kind, uint64_t id)
{
    size_t i = 0;
    while (i < file->tolds && (file->told[i].kind != kind || file->told[i].id != id)) i++;
    return i;
}

bool case_tell(struct case_file *file, const struct told *told)
{
    size_t at = told_index(file, (enum told_kind)told->kind, told->id);
    if (at == CASE_TOLD_MAX) return false;
    if (at == file->tolds_room) file->told = grow(file->told, &file->tolds_room, sizeof *file->told);
    file->told[at] = *told;
    if (at == file->tolds) file->tolds++;
    return true;
}

const struct told *case_told(const struct case_file *file, enum told_kind kind, uint64_t id)
{
    size_t at = told_index(file, kind, id);
    return at < file->tolds ? &file->told[at] : NULL;
}

void case_untell(struct case_file *file, enum told_kind kind, uint64_t id)
{
    size_t at = told_index(file, kind, id);
    if (at == file->tolds) return;
    memmove(&file->told[at], &file->told[at + 1], (file->tolds - at - 1) * sizeof *file->told);
    file->tolds--;
}

void case_reserve(struct case_file *file, size_t events)
{
    while (file->room < events) file->event = grow(file->event, &file->room, sizeof *file->event);
}

void case_empty(struct case_file *file)
{
    file->events = file->tolds = 0;
    file->stub = NULL;
    file->seen_ms = 0;
    file->duplicates = 0;
    file->revision = 0;
    file->as_of_ms = INT64_MIN;
    file->due_ms = INT64_MAX;
}

void case_clear(struct case_file *file)
{
    free(file->event);
    free(file->told);
    *file = (struct case_file){.as_of_ms = INT64_MIN, .due_ms = INT64_MAX};
}

unsigned case_shard(enum of of, struct text id, unsigned shards)
{
    return (unsigned)(XXH3_64bits_withSeed(id.at, id.bytes, of) % shards);
}

/* Of its own events the last; they lie in order. */
static const struct event *last_own(const struct case_file *file)
{
    for (size_t i = file->events; i-- > 0;)
        if (!(file->event[i].flags & EVENT_LINK)) return &file->event[i];
    return NULL;
}

int64_t case_shrink_instant(const struct case_file *file, int64_t retention_ms)
{
    const struct event *last = last_own(file);
    if (!last || file->seen_ms <= 0) return INT64_MAX;
    int64_t newest_ms = file->seen_ms > last->at_ms ? file->seen_ms : last->at_ms;
    return newest_ms > INT64_MAX - retention_ms ? INT64_MAX : newest_ms + retention_ms;
}
