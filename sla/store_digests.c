/* Digests in Redis. One hash for all recipients, as a digest tells of the cases of all shards; nothing of it is written together with a
 * case, so it needs no place among a shard's keys.
 *
 * The trap: the field `moved` of the hash is no recipient. A rebuild holds it up as it does the shards (sla/store_moved.c). */
#include "sla/store_digests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "sla/store_call.h"

static enum store_result lost_or_refused(const struct store *store)
{
    return store->link->context ? STORE_REFUSED : STORE_LOST;
}

/* A state, and behind it until when and by whom it is held. */
static bool read_entry(struct digest_entry *entry, struct text text)
{
    if (text.bytes >= sizeof entry->stored || !digest_state_parse(text, &entry->state)) return false;
    memcpy(entry->stored, text.at, text.bytes);
    entry->stored[text.bytes] = 0;
    const char *owner = strrchr(entry->stored, ' '), *until = owner;
    while (until && until > entry->stored && until[-1] != ' ') until--;
    if (!owner || until == entry->stored) return false;
    entry->until_ms = strtoll(until, NULL, 10);
    return (size_t)snprintf(entry->owner, sizeof entry->owner, "%s", owner + 1) < sizeof entry->owner;
}

static int by_recipient(const void *a, const void *b)
{
    uint64_t x = ((const struct digest_entry *)a)->state.recipient, y = ((const struct digest_entry *)b)->state.recipient;
    return (x > y) - (x < y);
}

static void take_entry(struct digest_entries *entries, const redisReply *field, const redisReply *value)
{
    struct digest_entry *entry = &entries->at[entries->count];
    struct text name = {field->str, (size_t)field->len};
    *entry = (struct digest_entry){.until_ms = 0};
    if (!digest_recipient_parse(name, &entry->state.recipient)) return;
    if (read_entry(entry, (struct text){value->str, (size_t)value->len})) entries->count++;
    else log_error("store.digest", "recipient=%s reason=%s", log_quote(field->str), log_quote("its state cannot be read"));
}

enum store_result store_digests_read(struct store *store, struct digest_entries *entries)
{
    *entries = (struct digest_entries){.now_ms = clock_shared_ms(&store->clock)};
    redisReply *reply = redis_command(store->link, "HGETALL %s", STORE_DIGESTS);
    if (!reply) {
        store_fail(store, "%s", store->link->error);
        return lost_or_refused(store);
    }
    bool good = reply->elements / 2 <= STORE_DIGESTS_MAX;
    if (!good) store_fail(store, "%s has more than %d fields", STORE_DIGESTS, (int)STORE_DIGESTS_MAX);
    entries->at = xcalloc(good ? reply->elements / 2 + 1 : 1, sizeof *entries->at);
    for (size_t i = 0; good && i + 1 < reply->elements; i += 2) take_entry(entries, reply->element[i], reply->element[i + 1]);
    if (entries->count) qsort(entries->at, entries->count, sizeof *entries->at, by_recipient);
    freeReplyObject(reply);
    return good ? STORE_DONE : STORE_REFUSED;
}

void digest_entries_free(struct digest_entries *entries)
{
    free(entries->at);
    *entries = (struct digest_entries){0};
}

struct digest_entry *digest_entries_find(const struct digest_entries *entries, uint64_t recipient)
{
    struct digest_entry wanted = {.state = {.recipient = recipient}};
    return entries->count ? bsearch(&wanted, entries->at, entries->count, sizeof wanted, by_recipient) : NULL;
}

/* --- writing --- */

/* Three arguments of the call: which, what is expected there, what comes there. */
static void put_entry(struct store *store, const struct digest_entry *entry, enum digest_put put)
{
    char *text = pool_take(&store->call->pool, DIGEST_RECIPIENT_BYTES), *value = pool_take(&store->call->pool, DIGEST_TEXT_BYTES);
    digest_recipient_print(text, entry->state.recipient);
    store_call_word(store, text);
    store_call_word(store, entry->stored);
    if (put != DIGEST_REMOVE) digest_state_print(value, &entry->state);
    else *value = 0;
    store_call_word(store, value);
}

enum store_result store_digests_put(struct store *store, enum digest_put put, const char *owner, int64_t ms, struct digest_entry *const *entry, bool *done,
                                    size_t count)
{
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_digests");
    store_call_number(store, 1);
    store_call_word(store, STORE_DIGESTS);
    store_call_word(store, owner);
    store_call_number(store, put == DIGEST_LEASE ? ms : 0);
    for (size_t i = 0; i < count; i++) put_entry(store, entry[i], put);
    redisReply *reply = store_call_send(store) ? store_answer(store) : NULL;
    if (!reply) return lost_or_refused(store);
    for (size_t i = 0; i < count; i++) {
        const redisReply *one = i < reply->elements ? reply->element[i] : NULL;
        done[i] = one && one->len > 0;
        if (!done[i]) continue;
        if (put == DIGEST_REMOVE) *entry[i]->stored = 0;
        else done[i] = read_entry(entry[i], (struct text){one->str, (size_t)one->len});
    }
    freeReplyObject(reply);
    return STORE_DONE;
}
