/* Walking, one scan ahead of the commits.
 *
 * The trap: a commit that is refused because live traffic changed some of its cases has applied nothing. Those cases
 * are done already, as every commit binds anew; the others go again. */
#include "sla/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "sla/case_codec.h"
#include "sla/ungather.h"

/* Cases of one scan that are to be written. */
struct lot {
    unsigned shard;
    struct change *change;
    struct text *field;
    size_t count;
    bool sent;
};

void walk_open(struct walk *walk, struct store *store, int64_t grace_ms, bool (*stop)(void))
{
    *walk = (struct walk){.store = store, .stop = stop};
    changer_open(&walk->changer, store->book, grace_ms);
}

void walk_close(struct walk *walk)
{
    changer_close(&walk->changer);
}

static bool is_stopped(struct walk *walk)
{
    if (!walk->stop || !walk->stop()) return false;
    *walk->store->fault = 0;
    return true;
}

static enum store_result begin(struct walk *walk)
{
    walk->seen = walk->written = walk->cases = 0;
    walk->changer.book = walk->store->book;
    enum store_result result = store_count_cases(walk->store, &walk->cases);
    progress_begin(&walk->progress, "cases", (uint64_t)walk->cases);
    return result;
}

/* --- looking --- */

struct looking {
    struct walk *walk;
    walk_seen *seen;
    void *context;
    struct case_file file; /* its arrays serve one case after the other */
    const char *fault;
};

static void look_at(struct looking *looking, struct text field, struct text blob)
{
    struct changer *changer = &looking->walk->changer;
    struct case_file *file = &looking->file;
    if (looking->fault || !store_field_parse(field, &file->of, &file->id) || !of_case(file->of)) return;
    looking->fault = case_decode(blob.at, blob.bytes, file, &changer->pool);
    if (looking->fault) {
        snprintf(looking->walk->store->fault, STORE_FAULT_BYTES, "case %.*s: %s", (int)file->id.bytes, file->id.at, looking->fault);
    } else {
        looking->walk->seen++;
        progress_step(&looking->walk->progress);
        looking->seen(looking->context, looking->walk, file);
    }
    changer_clear(changer);
}

static struct text element_text(const redisReply *pairs, size_t i)
{
    return (struct text){pairs->element[i]->str, (size_t)pairs->element[i]->len};
}

/* One shard, the next scan under way while one is looked at. */
static enum store_result look_at_shard(struct looking *looking, unsigned shard)
{
    struct store *store = looking->walk->store;
    struct store_cursor cursor = {.text = ""};
    bool stopped = false, more = true;
    if (!store_scan_send(store, shard, &cursor)) return STORE_LOST;
    while (more) {
        redisReply *reply = store_scan_take(store, &cursor);
        if (!reply) return store->link->context ? STORE_REFUSED : STORE_LOST;
        stopped = is_stopped(looking->walk);
        more = !cursor.done && !looking->fault && !stopped;
        bool sent = !more || store_scan_send(store, shard, &cursor);
        const redisReply *pairs = reply->element[1];
        for (size_t i = 0; i + 1 < pairs->elements; i += 2) look_at(looking, element_text(pairs, i), element_text(pairs, i + 1));
        freeReplyObject(reply);
        if (!sent) return STORE_LOST;
    }
    return looking->fault || stopped ? STORE_REFUSED : STORE_DONE;
}

enum store_result walk_look(struct walk *walk, walk_seen *seen, void *context)
{
    struct looking looking = {.walk = walk, .seen = seen, .context = context};
    enum store_result result = begin(walk);
    for (unsigned shard = 0; shard < walk->store->shards && result == STORE_DONE; shard++) result = look_at_shard(&looking, shard);
    case_clear(&looking.file);
    progress_end(&walk->progress);
    return result;
}

/* --- bringing up --- */

static bool same_clocks(const struct fold *a, const struct fold *b)
{
    if (a->clocks != b->clocks || a->next_ms != b->next_ms) return false;
    for (size_t i = 0; i < a->clocks; i++) {
        const struct clock *x = &a->clock[i], *y = &b->clock[i];
        if (x->rule->told_as != y->rule->told_as || x->which != y->which || x->deadline_ms != y->deadline_ms || x->started_ms != y->started_ms ||
            x->outcome != y->outcome || x->provisional != y->provisional)
            return false;
    }
    return true;
}

static bool same_contributions(const struct fold *a, const struct fold *b)
{
    if (a->contributions != b->contributions) return false;
    for (size_t i = 0; i < a->contributions; i++) {
        const struct contribution *x = &a->contribution[i], *y = &b->contribution[i];
        if (x->counter != y->counter || x->day != y->day || !text_equal(x->unit, y->unit)) return false;
    }
    return true;
}

/* Is the same owed, and the next at the same time? Other ladders than the clocks' own past tell nothing of that. */
static bool same_demands(struct changer *changer, const struct case_file *file, const struct rules *before, const struct rules *after, int64_t at_ms)
{
    uint64_t id[DEMANDS_MAX];
    demands_owed(&changer->demands, file, &changer->before, before, at_ms - changer->grace_ms);
    size_t count = changer->demands.count;
    int64_t next_ms = changer->demands.next_ms;
    for (size_t i = 0; i < count; i++) id[i] = changer->demands.at[i].told.id;
    demands_owed(&changer->demands, file, &changer->after, after, at_ms - changer->grace_ms);
    bool same = count == changer->demands.count && next_ms == changer->demands.next_ms;
    for (size_t i = 0; i < count && same; i++) same = id[i] == changer->demands.at[i].told.id;
    return same;
}

bool walk_differs(struct changer *changer, const struct case_file *file, const struct rules *before, const struct rules *after, int64_t at_ms)
{
    fold_case(&changer->after, after, file, at_ms);
    return !same_clocks(&changer->before, &changer->after) || !same_contributions(&changer->before, &changer->after) ||
           !same_demands(changer, file, before, after, at_ms);
}

bool walk_changes(struct changer *changer, struct change *change)
{
    const struct rules *rules = rulebook_bind(changer->book, &change->file);
    bool forgotten = rulebook_forget(changer->book, &change->file);
    if (forgotten || rules->edition == change->file.edition) return forgotten;
    return walk_differs(changer, &change->file, rulebook_edition(changer->book, change->file.edition), rules, change->file.as_of_ms);
}

/* Takes up the cases of a scan that something changes for. NULL, or what is wrong with one. */
static const char *fill(struct walk *walk, struct lot *lot, const redisReply *pairs)
{
    lot->change = xcalloc(pairs->elements / 2 + 1, sizeof *lot->change);
    lot->field = pool_take(&walk->changer.pool, (pairs->elements / 2 + 1) * sizeof *lot->field);
    walk->changer.now_ms = clock_business_ms(&walk->store->clock);
    for (size_t i = 0; i + 1 < pairs->elements; i += 2) {
        const redisReply *name = pairs->element[i], *blob = pairs->element[i + 1];
        struct change *change = &lot->change[lot->count];
        struct text field = {name->str, (size_t)name->len}, id;
        enum of of;
        if (!store_field_parse(field, &of, &id) || !of_case(of)) continue;
        walk->seen++;
        progress_step(&walk->progress);
        const char *fault = change_begin(change, &walk->changer, of, id, blob->str, (size_t)blob->len);
        bool changes = !fault && walk_changes(&walk->changer, change);
        if (changes && !change_finish(change, &walk->changer)) fault = "it has grown too large";
        if (fault || !changes) change_end(change);
        else lot->field[lot->count++] = field;
        if (!fault) continue;
        snprintf(walk->store->fault, STORE_FAULT_BYTES, "case %.*s: %s", (int)id.bytes, id.at, fault);
        return fault;
    }
    return NULL;
}

static bool send_lot(struct walk *walk, struct lot *lot)
{
    struct commit_case *commit = pool_take(&walk->changer.pool, (lot->count + 1) * sizeof *commit);
    tally_clear(&walk->changer.tally);
    for (size_t i = 0; i < lot->count; i++) {
        change_count(&lot->change[i], &walk->changer);
        commit[i] = (struct commit_case){.field = lot->field[i], .change = &lot->change[i], .out = lot->change[i].owes ? OUT_NOW : OUT_KEEP};
    }
    lot->sent = lot->count > 0;
    return !lot->sent || store_commit_send(walk->store, lot->shard, NULL, 0, commit, lot->count, &walk->changer.tally);
}

static void keep_unrefused(struct lot *lot, const struct store_refusal *refusal)
{
    bool *differs = xcalloc(lot->count + 1, sizeof *differs);
    size_t kept = 0;
    for (size_t n = 0; n < store_refusal_count(refusal, STORE_REFUSED_CASES); n++) differs[store_refusal_index(refusal, STORE_REFUSED_CASES, n)] = true;
    for (size_t i = 0; i < lot->count; i++) {
        if (differs[i]) {
            change_end(&lot->change[i]);
            continue;
        }
        lot->field[kept] = lot->field[i];
        lot->change[kept++] = lot->change[i];
    }
    lot->count = kept;
    free(differs);
}

static enum store_result take_lot(struct walk *walk, struct lot *lot)
{
    while (lot->sent) {
        struct store_refusal refusal;
        enum store_result result = store_commit_take(walk->store, &refusal);
        lot->sent = false;
        if (result == STORE_REFUSED_CASES) keep_unrefused(lot, &refusal);
        store_refusal_free(&refusal);
        if (result == STORE_DONE) walk->written += (int64_t)lot->count;
        else if (result != STORE_REFUSED_CASES) return result;
        else if (!send_lot(walk, lot)) return STORE_LOST;
    }
    return STORE_DONE;
}

static void empty_lot(struct walk *walk, struct lot *lot)
{
    for (size_t i = 0; i < lot->count; i++) change_end(&lot->change[i]);
    free(lot->change);
    *lot = (struct lot){.shard = lot->shard};
    changer_clear(&walk->changer);
}

/* One shard, the next scan under way while a lot is folded and committed. */
static enum store_result bring_up_shard(struct walk *walk, unsigned shard)
{
    struct store_cursor cursor = {.text = ""};
    struct lot lot = {.shard = shard};
    redisReply *reply = NULL;
    enum store_result result = store_scan_send(walk->store, shard, &cursor) ? STORE_DONE : STORE_LOST;
    while (result == STORE_DONE && !cursor.done) {
        redisReply *next = store_scan_take(walk->store, &cursor);
        result = next ? take_lot(walk, &lot) : walk->store->link->context ? STORE_REFUSED : STORE_LOST;
        empty_lot(walk, &lot);
        if (reply) freeReplyObject(reply);
        reply = next;
        if (result == STORE_DONE && is_stopped(walk)) result = STORE_REFUSED;
        if (result == STORE_DONE && !cursor.done && !store_scan_send(walk->store, shard, &cursor)) result = STORE_LOST;
        if (result != STORE_DONE) break;
        const char *fault = fill(walk, &lot, reply->element[1]);
        if (fault && !cursor.done) redis_drop(walk->store->link); /* an answer is under way that nobody will take */
        if (fault) result = STORE_REFUSED;
        else if (!send_lot(walk, &lot)) result = STORE_LOST;
    }
    if (result == STORE_DONE) result = take_lot(walk, &lot);
    empty_lot(walk, &lot);
    if (reply) freeReplyObject(reply);
    return result;
}

/* Was somebody forgotten since all cases were brought up last? */
static enum store_result forget_is_due(struct store *store, bool *due)
{
    size_t done;
    enum store_result result = store_walked(store, &done);
    *due = false;
    for (size_t i = done; i < store->book->records && result == STORE_DONE; i++) *due |= store->book->record[i].kind == CONTROL_FORGET;
    return result;
}

enum store_result walk_bring_up(struct walk *walk)
{
    struct store *store = walk->store;
    enum store_result result = begin(walk);
    size_t records = store->book->records;
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE;) {
        result = bring_up_shard(walk, shard);
        if (result == STORE_REFUSED_RULES) { /* decided anew meanwhile: from the first shard again, under those */
            result = store_renew_rules(store);
            if (result == STORE_DONE) result = begin(walk);
            records = store->book->records;
            shard = 0;
        } else {
            shard++;
        }
    }
    bool forget = false;
    if (result == STORE_DONE) result = forget_is_due(store, &forget);
    if (result == STORE_DONE && forget) result = ungather(store, walk->stop);
    if (result == STORE_DONE) result = store_note_walk(store, records);
    progress_end(&walk->progress);
    return result;
}

enum store_result walk_is_due(struct store *store, bool *due)
{
    size_t done, wanted = 0;
    enum store_result result = store_walked(store, &done);
    for (size_t i = 0; i < store->book->records; i++) {
        enum control_kind kind = store->book->record[i].kind;
        if (kind == CONTROL_RECALC || kind == CONTROL_UNDO || kind == CONTROL_FORGET) wanted = i + 1;
    }
    *due = wanted > done;
    return result;
}
