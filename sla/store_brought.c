/* Lists as Redis keeps them: the format (1) and the digest's instant, then the ids, each 8 bytes, the lowest first.
 *
 * The trap: a list may be of another digest than the state says, where its writer was killed in between. So it bears the instant. */
#include "sla/store_brought.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "sla/digest_state.h"
#include "sla/store_call.h"

enum { BROUGHT_FORMAT = 1, WORD_BYTES = 8, HEAD_WORDS = 2 };

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

bool brought_holds(const struct brought *brought, uint64_t id)
{
    return brought->count && bsearch(&id, brought->id, brought->count, sizeof id, by_id);
}

void brought_free(struct brought *brought)
{
    free(brought->id);
    *brought = (struct brought){.instant_ms = INT64_MIN};
}

static enum store_result answered(struct store *store, redisReply **reply)
{
    *reply = store_call_send(store) ? store_answer(store) : NULL;
    if (*reply) return STORE_DONE;
    return store->link->context ? STORE_REFUSED : STORE_LOST;
}

static void put_field(struct store *store, uint64_t recipient)
{
    char *field = pool_take(&store->call->pool, DIGEST_RECIPIENT_BYTES);
    digest_recipient_print(field, recipient);
    store_call_word(store, field);
}

static struct text print(struct store *store, struct brought *brought)
{
    size_t bytes = (brought->count + HEAD_WORDS) * WORD_BYTES;
    uint64_t *word = pool_take(&store->call->pool, bytes);
    if (brought->count) qsort(brought->id, brought->count, sizeof *brought->id, by_id);
    word[0] = htole64(BROUGHT_FORMAT);
    word[1] = htole64((uint64_t)brought->instant_ms);
    for (size_t i = 0; i < brought->count; i++) word[HEAD_WORDS + i] = htole64(brought->id[i]);
    return (struct text){(const char *)word, bytes};
}

enum store_result store_brought_put(struct store *store, struct brought *const *brought, size_t count)
{
    redisReply *reply;
    if (count == 0) return STORE_DONE;
    store_call_begin(store, "HSET");
    store_call_word(store, STORE_BROUGHT);
    for (size_t i = 0; i < count; i++) {
        put_field(store, brought[i]->recipient);
        store_call_text(store, print(store, brought[i]));
    }
    enum store_result result = answered(store, &reply);
    if (reply) freeReplyObject(reply);
    return result;
}

static void parse(struct brought *brought, const redisReply *value)
{
    size_t words = value && value->type == REDIS_REPLY_STRING ? (size_t)value->len / WORD_BYTES : 0;
    if (words < HEAD_WORDS || words - HEAD_WORDS > BROUGHT_MAX || (size_t)value->len % WORD_BYTES) return;
    uint64_t *word = xmalloc(words * WORD_BYTES);
    memcpy(word, value->str, words * WORD_BYTES);
    for (size_t i = 0; i < words; i++) word[i] = le64toh(word[i]);
    if (word[0] == BROUGHT_FORMAT) {
        brought->instant_ms = (int64_t)word[1];
        brought->count = words - HEAD_WORDS;
        memmove(word, word + HEAD_WORDS, brought->count * WORD_BYTES);
        brought->id = word;
    } else {
        free(word);
    }
}

enum store_result store_brought_read(struct store *store, struct brought *brought, size_t count)
{
    redisReply *reply;
    for (size_t i = 0; i < count; i++) brought[i] = (struct brought){.recipient = brought[i].recipient, .instant_ms = INT64_MIN};
    if (count == 0) return STORE_DONE;
    store_call_begin(store, "HMGET");
    store_call_word(store, STORE_BROUGHT);
    for (size_t i = 0; i < count; i++) put_field(store, brought[i].recipient);
    enum store_result result = answered(store, &reply);
    for (size_t i = 0; reply && i < reply->elements && i < count; i++) parse(&brought[i], reply->element[i]);
    if (reply) freeReplyObject(reply);
    return result;
}

enum store_result store_brought_remove(struct store *store, const uint64_t *recipient, size_t count)
{
    redisReply *reply;
    if (count == 0) return STORE_DONE;
    store_call_begin(store, "HDEL");
    store_call_word(store, STORE_BROUGHT);
    for (size_t i = 0; i < count; i++) put_field(store, recipient[i]);
    enum store_result result = answered(store, &reply);
    if (reply) freeReplyObject(reply);
    return result;
}
