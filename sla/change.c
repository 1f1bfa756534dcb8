/* contributions(after) − contributions(before), the next timer, what is owed, and the
 * blob: all that a commit carries of one case.
 *
 * The trap: what the figures hold is the case as of its last commit, so `before`
 * is folded at the stored instant, not now, and under the rules of then. */
#include "sla/change.h"

#include <string.h>

void changer_open(struct changer *changer, const struct rulebook *book, int64_t grace_ms)
{
    *changer = (struct changer){.book = book, .grace_ms = grace_ms};
}

void changer_clear(struct changer *changer)
{
    tally_clear(&changer->tally);
    pool_clear(&changer->pool);
}

void changer_close(struct changer *changer)
{
    fold_free(&changer->before);
    fold_free(&changer->after);
    tally_free(&changer->tally);
    pool_free(&changer->pool);
}

const char *change_begin(struct change *change, struct changer *changer, enum of of, struct text id, const void *blob,
                         size_t bytes)
{
    *change = (struct change){.file = {.of = of, .id = id, .as_of_ms = INT64_MIN, .due_ms = INT64_MAX},
                              .due_before_ms = INT64_MAX, .retry_ms = INT64_MAX};
    if (!blob) return NULL;
    const char *fault = case_decode(blob, bytes, &change->file, &changer->pool);
    if (fault) return fault;
    change->stored = true;
    memcpy(change->expected, blob, sizeof change->expected);
    change->due_before_ms = change->file.due_ms;
    fold_case(&changer->before, rulebook_edition(changer->book, change->file.edition), &change->file, change->file.as_of_ms);
    change->counteds = changer->before.contributions;
    change->counted = pool_copy(&changer->pool, changer->before.contribution, change->counteds * sizeof *change->counted);
    return NULL;
}

enum case_add change_add(struct change *change, const struct event *event)
{
    return case_add(&change->file, event, NULL);
}

static bool same_contribution(const struct contribution *a, const struct contribution *b)
{
    return a->counter == b->counter && a->day == b->day && text_equal(a->unit, b->unit);
}

static void keep_counted(struct change *change, struct changer *changer)
{
    change->counts = changer->after.contributions;
    change->count = pool_copy(&changer->pool, changer->after.contribution, change->counts * sizeof *change->count);
}

void change_count(const struct change *change, struct changer *changer)
{
    const struct contribution *before = change->counted, *after = change->count;
    size_t same = 0;
    while (same < change->counteds && same < change->counts && same_contribution(&before[same], &after[same])) same++;
    for (size_t i = same; i < change->counteds; i++)
        tally_add(&changer->tally, TALLY_CASES, before[i].counter, before[i].day, before[i].unit, -1);
    for (size_t i = same; i < change->counts; i++)
        tally_add(&changer->tally, TALLY_CASES, after[i].counter, after[i].day, after[i].unit, 1);
}

static const struct told *pending(const struct case_file *file, uint64_t id)
{
    for (size_t i = 0; i < file->tolds; i++)
        if (file->told[i].status == TOLD_PENDING && file->told[i].id == id) return &file->told[i];
    return NULL;
}

/* Something that no try is waiting for, or a try that nothing waits for? */
static void look_at_owed(struct change *change, const struct demands *demands)
{
    size_t waited_for = 0, pendings = 0;
    change->retry_ms = INT64_MAX;
    for (size_t i = 0; i < change->file.tolds; i++) {
        const struct told *told = &change->file.told[i];
        if (told->status != TOLD_PENDING) continue;
        pendings++;
        if (told->next_try_ms < change->retry_ms) change->retry_ms = told->next_try_ms;
    }
    for (size_t i = 0; i < demands->count; i++)
        if (pending(&change->file, demands->at[i].told.id)) waited_for++;
    change->owes = waited_for < demands->count || waited_for < pendings;
}

bool change_finish(struct change *change, struct changer *changer)
{
    struct case_file *file = &change->file;
    struct buffer blob;
    if (changer->now_ms > file->as_of_ms) file->as_of_ms = changer->now_ms;
    rulebook_forget(changer->book, file);
    changer->rules = rulebook_bind(changer->book, file);
    file->edition = (uint8_t)changer->rules->edition;
    fold_case(&changer->after, changer->rules, file, file->as_of_ms);
    demands_owed(&changer->demands, file, &changer->after, changer->rules, file->as_of_ms - changer->grace_ms);
    file->due_ms = changer->after.next_ms < changer->demands.next_ms ? changer->after.next_ms : changer->demands.next_ms;
    buffer_init(&blob, CASE_BLOB_MAX_BYTES);
    if (!case_encode(file, &blob)) {
        buffer_free(&blob);
        return false;
    }
    change->blob = (struct text){pool_copy(&changer->pool, blob.data, blob.bytes), blob.bytes};
    buffer_free(&blob);
    change->due_moved = file->due_ms != change->due_before_ms;
    look_at_owed(change, &changer->demands);
    keep_counted(change, changer);
    change_count(change, changer);
    return true;
}

void change_end(struct change *change)
{
    case_clear(&change->file);
}
