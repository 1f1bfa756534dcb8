/* The records of the rules as Redis has them: a copy of the topic's, which daemons follow without asking
 * Kafka; and the mark in each shard that keeps commits under old rules out.
 *
 * The trap: a record may be here while a shard is not marked yet. So whoever knows more than a shard marks
 * it, and whoever knows less than a shard reads on. */
#include "sla/store_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"

static enum store_result lost_or_refused(struct store *store)
{
    return store->link->context ? STORE_REFUSED : STORE_LOST;
}

static void hold(struct store *store, struct rulebook *book)
{
    store->books = xrealloc(store->books, (store->books_held + 1) * sizeof(struct rulebook *));
    store->books[store->books_held++] = book;
    store->book = book;
}

/* Reads all records and builds a book of them. */
static enum store_result build(struct store *store)
{
    redisReply *reply = redis_command(store->link, "LRANGE %s 0 -1", STORE_RULES);
    if (!reply) {
        store_fail(store, "%s", store->link->error);
        return lost_or_refused(store);
    }
    struct text *records = xcalloc(reply->elements + 1, sizeof *records);
    for (size_t i = 0; i < reply->elements; i++) records[i] = (struct text){reply->element[i]->str, (size_t)reply->element[i]->len};
    char why[STORE_FAULT_BYTES - 64];
    struct rulebook *book = reply->elements ? rulebook_build(store->config->sla.zone, store->config->sla.retention_days * DAY_MS, records, reply->elements, why, sizeof why)
                                            : rulebook_of_one(&store->proposal->rules);
    if (!book) store_fail(store, "%s: %s", STORE_RULES, why);
    free(records);
    freeReplyObject(reply);
    if (!book) return STORE_REFUSED;
    hold(store, book);
    return STORE_DONE;
}

enum store_result store_read_rules(struct store *store)
{
    redisReply *reply = redis_command(store->link, "LLEN %s", STORE_RULES);
    if (!reply) {
        store_fail(store, "%s", store->link->error);
        return lost_or_refused(store);
    }
    size_t count = reply->type == REDIS_REPLY_INTEGER ? (size_t)reply->integer : 0;
    freeReplyObject(reply);
    if (store->book && count == store->book->records) return STORE_DONE;
    size_t before = store->book ? store->book->records : 0;
    if (count < before && !store->opening) {
        redis_drop(store->link);
        store_fail(store, "the data was emptied meanwhile");
        return STORE_LOST;
    }
    enum store_result result = build(store);
    if (result == STORE_DONE && before) log_info("rules.renewed", "records=%zu before=%zu editions=%u", store->book->records, before, store->book->editions);
    return result;
}

/* What a shard is marked with; -1: lost. */
static int64_t mark_of(struct store *store, unsigned shard)
{
    char key[STORE_KEY_BYTES];
    store_key(key, shard, KEY_POSITION);
    redisReply *reply = redis_command(store->link, "HGET %s %s", key, STORE_RULES_FIELD);
    if (!reply) {
        store_fail(store, "%s", store->link->error);
        return -1;
    }
    int64_t mark = reply->type == REDIS_REPLY_STRING ? strtoll(reply->str, NULL, 10) : 0;
    freeReplyObject(reply);
    return mark;
}

enum store_result store_renew_rules(struct store *store)
{
    enum store_result result = store_read_rules(store);
    if (result == STORE_DONE && store->book->records == 0) { /* nothing is committed that rests on no record: they are taken from the topic first */
        store_fail(store, "the data was emptied meanwhile");
        redis_drop(store->link);
        return STORE_LOST;
    }
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE && store->marked != store->book->records; shard++) {
        int64_t mark = mark_of(store, shard);
        if (mark < 0) return lost_or_refused(store);
        if (mark < (int64_t)store->book->records) result = store_mark_rules(store, shard, mark);
    }
    if (result == STORE_DONE) store->marked = store->book->records;
    return result;
}

enum store_result store_append_rules(struct store *store, size_t known, const struct text *records, size_t count)
{
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_record");
    store_call_number(store, 1);
    store_call_word(store, STORE_RULES);
    store_call_number(store, (int64_t)known);
    for (size_t i = 0; i < count; i++) store_call_text(store, records[i]);
    redisReply *reply = store_call_send(store) ? store_answer(store) : NULL;
    if (!reply) return lost_or_refused(store);
    bool good = reply->type == REDIS_REPLY_INTEGER && reply->integer == (long long)(known + count);
    freeReplyObject(reply);
    return good ? STORE_DONE : STORE_REFUSED;
}
