/* contributions(after) − contributions(before), the next timer, what is owed, and the
 * blob: all that a commit carries of one case.
 *
 * The trap: what the figures hold is the case as of its last commit, so `before`
 * is folded at the stored instant, not now, and under the rules of then. */
#include "sla/change.h"

#include <string.h>

#include "sla/cluster.h"

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

static const char *begin_appeals(struct change *change, struct changer *changer, const void *blob, size_t bytes)
{
    change->appeals = pool_take(&changer->pool, sizeof *change->appeals);
    *change->appeals = (struct appeals){.of = change->file.of};
    const char *fault = blob ? appeals_decode(blob, bytes, change->appeals, &change->file, &changer->pool) : NULL;
    if (!blob || fault) return fault;
    change->stored = true;
    memcpy(change->expected, blob, sizeof change->expected);
    return NULL;
}

const char *change_begin(struct change *change, struct changer *changer, enum of of, struct text id, const void *blob,
                         size_t bytes)
{
    *change = (struct change){.file = {.of = of, .id = id, .as_of_ms = INT64_MIN, .due_ms = INT64_MAX},
                              .due_before_ms = INT64_MAX, .retry_ms = INT64_MAX};
    if (!of_case(of)) return begin_appeals(change, changer, blob, bytes);
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

void change_add_appeal(struct change *change, struct changer *changer, const struct appeal *appeal, int64_t at_ms, struct text case_id)
{
    appeals_add(change->appeals, &changer->pool, appeal, at_ms, case_id);
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
    if (change->alerts_owed) tally_add(&changer->tally, TALLY_NOTICES, NOTICE_OWED, DAY_NONE, changer->appeals.dispatcher, change->alerts_owed);
    if (change->alerts_superseded)
        tally_add(&changer->tally, TALLY_NOTICES, NOTICE_SUPERSEDED, DAY_NONE, changer->appeals.dispatcher, change->alerts_superseded);
}

static const struct told *pending(const struct case_file *file, uint64_t id)
{
    for (size_t i = 0; i < file->tolds; i++)
        if (file->told[i].kind == TOLD_NOTICE && file->told[i].status == TOLD_PENDING && file->told[i].id == id) return &file->told[i];
    return NULL;
}

/* Something that no try is waiting for, or a try that nothing waits for? */
static void look_at_owed(struct change *change, const struct demands *demands)
{
    size_t waited_for = 0, pendings = 0;
    change->retry_ms = INT64_MAX;
    for (size_t i = 0; i < change->file.tolds; i++) {
        const struct told *told = &change->file.told[i];
        if (told->kind != TOLD_NOTICE || told->status != TOLD_PENDING) continue;
        pendings++;
        if (told->next_try_ms < change->retry_ms) change->retry_ms = told->next_try_ms;
    }
    for (size_t i = 0; i < demands->count; i++)
        if (pending(&change->file, demands->at[i].told.id)) waited_for++;
    change->owes = waited_for < demands->count || waited_for < pendings;
}

/* The blob into the pool. */
static bool keep_blob(struct change *change, struct changer *changer, struct buffer *blob, bool good)
{
    if (good) change->blob = (struct text){pool_copy(&changer->pool, blob->data, blob->bytes), blob->bytes};
    buffer_free(blob);
    return good;
}

/* Can nothing be linked to it any more? Alerts that no notifier ever took up end with it. */
static bool is_past(struct change *change, struct changer *changer)
{
    struct case_file *file = &change->file;
    if (change->appeals->count == 0 && file->tolds == 0) return true;
    if (!changer->lets_go || !appeals_past(change->appeals, &changer->appeals, changer->now_ms)) return false;
    for (size_t i = file->tolds; i-- > 0;) {
        struct told told = file->told[i];
        if (told.kind != TOLD_NOTICE || told.status != TOLD_PENDING || told.attempts) continue;
        change->alerts_superseded++;
        case_untell(file, TOLD_NOTICE, told.id);
    }
    look_at_owed(change, &changer->demands);
    return !change->owes;
}

/* Remembers the alerts that became owed, under their ids: a late arrival may move a burst's rise before anybody was told.
 * True when there is one. */
static bool note_alerts(struct change *change, struct changer *changer)
{
    for (size_t i = 0; i < changer->demands.count; i++) {
        const struct demand *demand = &changer->demands.at[i];
        if (!case_told(&change->file, TOLD_NOTICE, demand->told.id)) change->alerts_owed += case_tell(&change->file, &demand->told);
    }
    return change->alerts_owed > 0;
}

static bool finish_appeals(struct change *change, struct changer *changer)
{
    struct buffer blob;
    appeals_prune(change->appeals, &changer->appeals);
    clusters_forget(&change->file, change->appeals, &changer->appeals);
    clusters_owed(&changer->demands, change->appeals, &change->file, &changer->appeals, changer->now_ms, &changer->pool);
    bool noted = note_alerts(change, changer);
    look_at_owed(change, &changer->demands);
    change->owes |= noted;
    change->due_moved = false;
    change->blob = (struct text){0};
    bool past = is_past(change, changer);
    change_count(change, changer);
    if (past) return true;
    buffer_init(&blob, APPEALS_BLOB_MAX_BYTES);
    return keep_blob(change, changer, &blob, appeals_encode(change->appeals, &change->file, &blob));
}

bool change_finish(struct change *change, struct changer *changer)
{
    struct case_file *file = &change->file;
    struct buffer blob;
    if (change->appeals) return finish_appeals(change, changer);
    if (changer->now_ms > file->as_of_ms) file->as_of_ms = changer->now_ms;
    rulebook_forget(changer->book, file);
    changer->rules = rulebook_bind(changer->book, file);
    file->edition = (uint8_t)changer->rules->edition;
    fold_case(&changer->after, changer->rules, file, file->as_of_ms);
    demands_owed(&changer->demands, file, &changer->after, changer->rules, file->as_of_ms - changer->grace_ms);
    file->due_ms = changer->after.next_ms < changer->demands.next_ms ? changer->after.next_ms : changer->demands.next_ms;
    buffer_init(&blob, CASE_BLOB_MAX_BYTES);
    if (!keep_blob(change, changer, &blob, case_encode(file, &blob))) return false;
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
