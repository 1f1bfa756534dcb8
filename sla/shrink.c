/* Deciding on retention, and doing it.
 *
 * The trap: only records that are applied may alter a case. One that is refused leaves it whole, or
 * what comes next would depend on how records happened to fall into batches. */
#include "sla/shrink.h"

#include <string.h>

#include "sla/stub.h"

bool shrink_at_rest(const struct fold *fold)
{
    if (fold->state != STATE_CLOSED && fold->state != STATE_VOIDED && fold->state != STATE_MERGED) return false;
    for (size_t i = fold->old_clocks; i < fold->clocks; i++)
        if (clock_live(&fold->clock[i])) return false;
    return true;
}

/* Is it retired at an instant? Leaves the fold as of its shrinking in changer->after. */
static bool is_retired(const struct change *change, struct changer *changer, int64_t at_ms)
{
    int64_t shrinks_ms = case_shrink_instant(&change->file, changer->retention_ms);
    if (at_ms < shrinks_ms) return false;
    changer->rules = rulebook_bind(changer->book, &change->file);
    fold_case(&changer->after, changer->rules, &change->file, shrinks_ms - 1);
    return shrink_at_rest(&changer->after);
}

/* Links that are timed later stay behind the stub. */
static void shrink(struct change *change, struct changer *changer)
{
    struct case_file *file = &change->file;
    int64_t at_ms = case_shrink_instant(file, changer->retention_ms);
    size_t gone = 0;
    file->stub = stub_make(&changer->after, file, changer->rules, at_ms, &changer->pool);
    while (gone < file->events && file->event[gone].at_ms < at_ms) gone++;
    file->events -= gone;
    memmove(file->event, file->event + gone, file->events * sizeof *file->event);
    file->edition = (uint8_t)changer->rules->edition;
    file->tolds = 0;
    file->seen_ms = 0;
    change->shrunk = true;
}

enum case_add shrink_add(struct change *change, struct changer *changer, const struct event *event, int64_t record_ms)
{
    struct case_file *file = &change->file;
    bool retired = is_retired(change, changer, record_ms);
    if (retired && event->at_ms < case_shrink_instant(file, changer->retention_ms)) return CASE_RETIRED;
    if (file->stub && event->at_ms < file->stub->at_ms) return CASE_RETIRED;
    if (retired) shrink(change, changer);
    enum case_add added = change_add(change, event);
    if (added != CASE_FULL && record_ms > file->seen_ms) file->seen_ms = record_ms;
    return added;
}

enum case_add shrink_link(struct change *change, const struct event *link)
{
    struct stub *stub = change->file.stub;
    if (!stub || link->at_ms >= stub->at_ms) return change_add(change, link);
    stub_link(stub, link);
    return CASE_ADDED;
}

bool shrink_if_due(struct change *change, struct changer *changer, int64_t read_ms)
{
    if (!is_retired(change, changer, read_ms)) return false;
    shrink(change, changer);
    return true;
}
