/* The walk over all cases: names first, sorted, then the cases in batches.
 *
 * The trap: a scan of Redis may show a name twice, and new cases come while it
 * runs; sorting makes each name count once, and what came later is left out. */
#include "sla/census.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "sla/case_codec.h"
#include "sla/case_json.h"

enum { BATCH_CASES = 2048 };

struct names {
    struct text *field;
    size_t count, room;
    struct pool pool;
};

static void note_name(void *context, struct text field, struct text blob)
{
    struct names *names = context;
    enum of of;
    struct text id;
    (void)blob;
    if (store_field_parse(field, &of, &id) && !of_case(of)) return; /* gathered appeals */
    if (names->count == names->room) {
        names->room = names->room ? names->room * 2 : 1024;
        names->field = xrealloc(names->field, names->room * sizeof *names->field);
    }
    names->field[names->count++] = (struct text){pool_copy(&names->pool, field.at, field.bytes), field.bytes};
}

static int by_name(const void *a, const void *b)
{
    struct case_file one = {0}, other = {0};
    if (!store_field_parse(*(const struct text *)a, &one.of, &one.id) || !store_field_parse(*(const struct text *)b, &other.of, &other.id))
        return text_compare(*(const struct text *)a, *(const struct text *)b);
    return case_compare(&one, &other);
}

static enum store_result gather_names(struct store *store, struct names *names)
{
    enum store_result result = STORE_DONE;
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE; shard++) result = store_scan(store, shard, note_name, names);
    if (names->count) qsort(names->field, names->count, sizeof *names->field, by_name);
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++)
        if (kept == 0 || !text_equal(names->field[i], names->field[kept - 1])) names->field[kept++] = names->field[i];
    names->count = kept;
    return result;
}

/* One batch: the blobs of its names, in their order. */
struct batch {
    const struct text *field;
    size_t count;
    redisReply **reply; /* [shards], NULL where nothing was asked */
    size_t *next;       /* [shards]: elements used so far */
};

static unsigned shard_of(const struct store *store, struct text field)
{
    enum of of = OF_TICKET;
    struct text id = {0};
    return store_field_parse(field, &of, &id) ? case_shard(of, id, store->shards) : 0;
}

static enum store_result load_batch(struct store *store, struct batch *batch)
{
    struct text *asked = xmalloc(batch->count * sizeof *asked);
    bool *sent = xcalloc(store->shards, sizeof *sent);
    enum store_result result = STORE_DONE;
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE; shard++) {
        size_t count = 0;
        for (size_t i = 0; i < batch->count; i++)
            if (shard_of(store, batch->field[i]) == shard) asked[count++] = batch->field[i];
        sent[shard] = count > 0;
        if (count > 0 && !store_load_send(store, shard, asked, count)) result = STORE_LOST;
    }
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE; shard++)
        if (sent[shard] && !(batch->reply[shard] = store_load_take(store))) result = STORE_LOST;
    free(asked);
    free(sent);
    return result;
}

/* The walk under way. */
struct walk {
    struct store *store;
    int64_t until_ms;
    census_seen *seen;
    void *context;
    struct case_file file;
    struct fold fold;
    struct pool pool; /* of the case under way */
};

static enum store_result see_case(struct walk *walk, struct text field, const redisReply *blob)
{
    struct case_file *file = &walk->file;
    const char *fault = blob->type == REDIS_REPLY_STRING ? NULL : "it is gone";
    *walk->store->fault = 0;
    if (!store_field_parse(field, &file->of, &file->id)) fault = "its name is no case's";
    if (!fault) fault = case_decode(blob->str, (size_t)blob->len, file, &walk->pool);
    if (fault) {
        snprintf(walk->store->fault, sizeof walk->store->fault, "case %.*s: %s", (int)field.bytes, field.at, fault);
        return STORE_REFUSED;
    }
    const struct rules *rules = rulebook_bind(walk->store->book, file);
    fold_case(&walk->fold, rules, file, walk->until_ms);
    return walk->fold.used == 0 || walk->seen(walk->context, file, &walk->fold, rules) ? STORE_DONE : STORE_REFUSED;
}

static enum store_result see_batch(struct walk *walk, struct batch *batch)
{
    enum store_result result = STORE_DONE;
    for (size_t i = 0; i < batch->count && result == STORE_DONE; i++) {
        unsigned shard = shard_of(walk->store, batch->field[i]);
        result = see_case(walk, batch->field[i], batch->reply[shard]->element[batch->next[shard]++]);
        pool_clear(&walk->pool);
    }
    return result;
}

static void empty_batch(struct batch *batch, unsigned shards)
{
    for (unsigned shard = 0; shard < shards; shard++) {
        if (batch->reply[shard]) freeReplyObject(batch->reply[shard]);
        batch->reply[shard] = NULL;
        batch->next[shard] = 0;
    }
}

enum store_result census(struct store *store, int64_t until_ms, census_seen *seen, void *context)
{
    struct names names = {0};
    struct walk walk = {.store = store, .until_ms = until_ms, .seen = seen, .context = context};
    struct batch batch = {.reply = xcalloc(store->shards, sizeof *batch.reply), .next = xcalloc(store->shards, sizeof *batch.next)};
    enum store_result result = gather_names(store, &names);
    for (size_t from = 0; from < names.count && result == STORE_DONE; from += batch.count) {
        batch.field = &names.field[from];
        batch.count = names.count - from < BATCH_CASES ? names.count - from : BATCH_CASES;
        result = load_batch(store, &batch);
        if (result == STORE_DONE) result = see_batch(&walk, &batch);
        empty_batch(&batch, store->shards);
    }
    free(batch.reply);
    free(batch.next);
    case_clear(&walk.file);
    fold_free(&walk.fold);
    pool_free(&walk.pool);
    free(names.field);
    pool_free(&names.pool);
    return result;
}
