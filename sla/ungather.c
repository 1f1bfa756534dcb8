/* Each gathered appeal beside the case that it names: a receipt of that instant without a citizen is one whose citizen was forgotten, as an
 * appeal is gathered only of a citizen who is known.
 *
 * The trap: an appeal may be here a moment before its receipt is in the case. So where the receipt is not there, it is left. */
#include "sla/ungather.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/alloc.h"
#include "sla/case_codec.h"

enum { TOGETHER = 1024, TRIES = 8 };

/* What gathers appeals, and one of them. */
struct gathered {
    enum of of;
    struct text id;
    const struct appeals_entry *entry;
    bool gone; /* its citizen was forgotten */
};

struct ungathering {
    struct store *store;
    struct changer changer;
    struct pool pool; /* of a step of the scan */
    struct gathered *one;
    size_t count, room;
};

static void note(void *context, struct text field, struct text blob)
{
    struct ungathering *u = context;
    enum of of;
    struct text id;
    struct appeals *appeals;
    struct case_file told = {.of = OF_PLACE};
    if (!store_field_parse(field, &of, &id) || of_case(of)) return;
    appeals = pool_take(&u->pool, sizeof *appeals);
    *appeals = (struct appeals){.of = of};
    id = (struct text){pool_copy(&u->pool, id.at, id.bytes), id.bytes};
    if (!appeals_decode(pool_copy(&u->pool, blob.at, blob.bytes), blob.bytes, appeals, &told, &u->pool))
        for (size_t i = 0; i < appeals->count; i++) {
            if (u->count == u->room) u->one = xrealloc(u->one, (u->room = u->room * 2 + TOGETHER) * sizeof *u->one);
            u->one[u->count++] = (struct gathered){of, id, &appeals->entry[i], false};
        }
    case_clear(&told);
}

/* Does the case have that receipt, and nobody's name in it? */
static bool is_forgotten(struct ungathering *u, const struct gathered *one, const redisReply *blob)
{
    struct case_file file = {.of = OF_TICKET, .id = one->entry->case_id};
    bool nameless = false, named = false;
    if (blob->type == REDIS_REPLY_STRING && !case_decode(blob->str, (size_t)blob->len, &file, &u->changer.pool))
        for (size_t i = 0; i < file.events; i++) {
            const struct event *event = &file.event[i];
            if (event->type != TICKET_RECEIVED || event->flags & EVENT_LINK) continue;
            if (appeals_instant(one->of, event->at_ms) != one->entry->at_ms) continue;
            if (event_citizen(event).bytes) named = true;
            else nameless = true;
        }
    case_clear(&file);
    changer_clear(&u->changer);
    return nameless && !named;
}

/* Looks at the cases of from..to, pipelined. */
static enum store_result judge(struct ungathering *u, size_t from, size_t to)
{
    struct store *store = u->store;
    for (size_t i = from; i < to; i++) {
        struct text field = store_field(&u->pool, OF_TICKET, u->one[i].entry->case_id);
        if (!store_load_send(store, case_shard(OF_TICKET, u->one[i].entry->case_id, store->shards), &field, 1)) return STORE_LOST;
    }
    for (size_t i = from; i < to; i++) {
        redisReply *reply = store_load_take(store);
        if (!reply) return STORE_LOST;
        u->one[i].gone = is_forgotten(u, &u->one[i], reply->element[0]);
        freeReplyObject(reply);
    }
    return STORE_DONE;
}

static bool drop(struct appeals *appeals, const struct gathered *one, size_t count)
{
    size_t before = appeals->count;
    for (size_t i = 0; i < count; i++)
        if (one[i].gone) appeals_drop(appeals, one[i].entry);
    return appeals->count < before;
}

/* Those of one that gathers, `count` of them from `one` on. */
static enum store_result try_change(struct ungathering *u, const struct gathered *one, size_t count)
{
    struct store *store = u->store;
    struct change change;
    struct store_refusal refusal = {NULL};
    enum store_result result = STORE_DONE;
    redisReply *reply = store_case(store, one->of, one->id);
    if (!reply) return STORE_LOST;
    changer_clear(&u->changer);
    u->changer.book = store->book;
    u->changer.now_ms = clock_business_ms(&store->clock);
    if (reply->type == REDIS_REPLY_STRING) {
        if (!change_begin(&change, &u->changer, one->of, one->id, reply->str, (size_t)reply->len) && drop(change.appeals, one, count) && change_finish(&change, &u->changer)) {
            struct commit_case commit = {.field = store_field(&u->changer.pool, one->of, one->id), .change = &change, .out = OUT_KEEP};
            bool sent = store_commit_send(store, case_shard(one->of, one->id, store->shards), NULL, 0, &commit, 1, &u->changer.tally);
            result = sent ? store_commit_take(store, &refusal) : STORE_LOST;
        }
        change_end(&change);
    }
    store_refusal_free(&refusal);
    freeReplyObject(reply);
    return result;
}

static enum store_result take_out(struct ungathering *u, const struct gathered *one, size_t count)
{
    enum store_result result = STORE_REFUSED_CASES;
    for (int i = 0; i < TRIES && (result == STORE_REFUSED_CASES || result == STORE_REFUSED_RULES); i++) {
        if (result == STORE_REFUSED_RULES && store_renew_rules(u->store) != STORE_DONE) return STORE_LOST;
        result = try_change(u, one, count);
    }
    if (result == STORE_REFUSED_CASES || result == STORE_REFUSED_RULES) snprintf(u->store->fault, STORE_FAULT_BYTES, "gathered appeals changed at every try");
    return result;
}

/* What a step of the scan found. */
static enum store_result take_step(struct ungathering *u)
{
    enum store_result result = STORE_DONE;
    for (size_t from = 0; from < u->count && result == STORE_DONE; from += TOGETHER)
        result = judge(u, from, from + TOGETHER < u->count ? from + TOGETHER : u->count);
    for (size_t from = 0, to; from < u->count && result == STORE_DONE; from = to) {
        bool any = false;
        for (to = from; to < u->count && u->one[to].id.at == u->one[from].id.at; to++) any |= u->one[to].gone;
        if (any) result = take_out(u, &u->one[from], to - from);
    }
    u->count = 0;
    pool_clear(&u->pool);
    return result;
}

enum store_result ungather(struct store *store, bool (*stop)(void))
{
    struct ungathering u = {.store = store};
    enum store_result result = STORE_DONE;
    changer_open(&u.changer, store->book, 0);
    u.changer.appeals = appeal_rules(store->config);
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE; shard++) {
        struct store_cursor cursor = {.text = ""};
        while (result == STORE_DONE && !cursor.done) {
            result = store_scan_step(store, shard, &cursor, note, &u);
            if (result == STORE_DONE) result = take_step(&u);
            if (result != STORE_DONE || !stop || !stop()) continue;
            *store->fault = 0;
            result = STORE_REFUSED;
        }
    }
    free(u.one);
    pool_free(&u.pool);
    changer_close(&u.changer);
    return result;
}
