/* Links of the ledger's chain, and how far they are acknowledged.
 *
 * The traps: the hash is of the very bytes that go to Kafka, so a record is printed once and produced again as it is; and Kafka
 * acknowledges in any order, so a head is only what all before it is acknowledged of. What stands in Redis is thus in the log. */
#include "notify/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>
#include <utlist.h>

#include "common/alloc.h"
#include "common/kafka.h"
#include "common/log.h"
#include "notify/chain_private.h"

enum { HASH_BYTES = 32 };

/* --- hashes --- */

static void print_hex(char *hex, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * count] = 0;
}

void chain_hash(char hex[CHAIN_HASH_BYTES], const void *bytes, size_t count)
{
    unsigned char hash[HASH_BYTES];
    EVP_Digest(bytes, count, hash, NULL, EVP_sha256(), NULL);
    print_hex(hex, hash, sizeof hash);
}

static void hash_part(EVP_MD_CTX *hash, const void *bytes, size_t count)
{
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)((uint64_t)count >> (56 - 8 * i));
    EVP_DigestUpdate(hash, length, sizeof length);
    if (count) EVP_DigestUpdate(hash, bytes, count);
}

void chain_cover_hash(char hex[CHAIN_HASH_BYTES], const struct chain_cover *cover)
{
    unsigned char digest[HASH_BYTES];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    EVP_DigestInit_ex(hash, EVP_sha256(), NULL);
    hash_part(hash, cover->key, cover->key_bytes);
    for (size_t i = 0; i < cover->headers; i++) {
        hash_part(hash, cover->header[i].name, strlen(cover->header[i].name));
        hash_part(hash, cover->header[i].value, cover->header[i].bytes);
    }
    EVP_DigestFinal_ex(hash, digest, NULL);
    EVP_MD_CTX_free(hash);
    print_hex(hex, digest, sizeof digest);
}

/* --- heads as text --- */

size_t chain_head_print(char text[CHAIN_HEAD_BYTES], const struct chain_head *head)
{
    return (size_t)snprintf(text, CHAIN_HEAD_BYTES, "%" PRIu64 " %s %" PRId64, head->seq, head->hash, head->at_ms);
}

static bool is_hex(const char *text, size_t digits)
{
    return strlen(text) == digits && strspn(text, "0123456789abcdef") == digits;
}

bool chain_head_read(struct chain_head *head, struct text name, struct text value)
{
    char text[CHAIN_HEAD_BYTES], *hash, *end;
    if (name.bytes >= sizeof head->name || value.bytes == 0 || value.bytes >= sizeof text || memchr(value.at, 0, value.bytes)) return false;
    snprintf(head->name, sizeof head->name, "%.*s", (int)name.bytes, name.at);
    snprintf(text, sizeof text, "%.*s", (int)value.bytes, value.at);
    head->seq = strtoull(text, &hash, 10);
    if (*hash != ' ' || head->seq == 0 || strlen(hash) <= CHAIN_HASH_BYTES || hash[CHAIN_HASH_BYTES] != ' ') return false;
    hash[CHAIN_HASH_BYTES] = 0;
    head->at_ms = strtoll(hash + CHAIN_HASH_BYTES + 1, &end, 10);
    memcpy(head->hash, hash + 1, CHAIN_HASH_BYTES);
    return end > hash + CHAIN_HASH_BYTES + 1 && !*end && is_hex(head->hash, CHAIN_HASH_BYTES - 1) && is_hex(head->name, CHAIN_NAME_BYTES - 1);
}

/* --- beginning and end --- */

struct chain *chain_begin(const char *name, unsigned shards)
{
    struct chain *chain = xcalloc(1, sizeof *chain);
    snprintf(chain->name, sizeof chain->name, "%s", name);
    chain->shards = shards;
    chain->shard = xcalloc(shards, sizeof *chain->shard);
    return chain;
}

struct chain *chain_open(struct store *store)
{
    unsigned char life[(CHAIN_NAME_BYTES - 1) / 2];
    char name[CHAIN_NAME_BYTES];
    while (getrandom(life, sizeof life, 0) != (ssize_t)sizeof life) continue;
    print_hex(name, life, sizeof life);
    struct chain *chain = chain_begin(name, store->shards);
    if (!chain_read_heads(chain, store)) log_warn("chain.heads", "error=%s note=%s", log_quote(store->fault), log_quote("the chain is tied to none before it"));
    return chain;
}

void chain_stands(struct chain *chain, unsigned shard, const struct chain_head *head)
{
    struct chain_shard *at = &chain->shard[shard];
    if (at->seq > 0 || at->afters == CHAIN_AFTER_MAX) return;
    at->after = xrealloc(at->after, (at->afters + 1) * sizeof *at->after);
    at->after[at->afters++] = *head;
}

void chain_close(struct chain *chain)
{
    if (!chain) return;
    for (unsigned i = 0; i < chain->shards; i++) {
        struct chain_link *link, *next;
        DL_FOREACH_SAFE(chain->shard[i].first, link, next) free(link);
        free(chain->shard[i].after);
    }
    free(chain->shard);
    free(chain);
}

/* --- links --- */

static json_t *afters(const struct chain_shard *at)
{
    if (at->afters == 0) return json_null();
    json_t *list = json_array();
    for (size_t i = 0; i < at->afters; i++) {
        json_t *one = json_object();
        json_object_set_new_nocheck(one, "chain", json_string_nocheck(at->after[i].name));
        json_object_set_new_nocheck(one, "seq", json_integer((json_int_t)at->after[i].seq));
        json_object_set_new_nocheck(one, "hash", json_string_nocheck(at->after[i].hash));
        json_object_set_new_nocheck(one, "at_ms", json_integer(at->after[i].at_ms));
        json_array_append_new(list, one);
    }
    return list;
}

char *chain_print(struct chain *chain, unsigned shard, json_t *value, const struct chain_cover *cover, struct chain_link **link)
{
    struct chain_shard *at = &chain->shard[shard];
    int64_t now_ms = clock_real_ms();
    char bears[CHAIN_HASH_BYTES];
    chain_cover_hash(bears, cover);
    json_object_set_new_nocheck(value, "bears", json_string_nocheck(bears));
    json_object_set_new_nocheck(value, "shard", json_integer(shard));
    json_object_set_new_nocheck(value, "chain", json_string_nocheck(chain->name));
    json_object_set_new_nocheck(value, "seq", json_integer((json_int_t)at->seq + 1));
    json_object_set_new_nocheck(value, "at_ms", json_integer(now_ms));
    json_object_set_new_nocheck(value, "prev", at->seq ? json_string_nocheck(at->hash) : json_null());
    json_object_set_new_nocheck(value, "prev_ms", at->seq ? json_integer(at->at_ms) : json_null());
    if (at->seq == 0) json_object_set_new_nocheck(value, "after", afters(at));
    char *text = json_dumps(value, JSON_COMPACT);
    *link = NULL;
    if (!text) return NULL;
    chain_hash(at->hash, text, strlen(text));
    *link = xcalloc(1, sizeof **link);
    (*link)->shard = shard;
    (*link)->seq = ++at->seq;
    (*link)->at_ms = at->at_ms = now_ms;
    memcpy((*link)->hash, at->hash, sizeof at->hash);
    DL_APPEND(at->first, *link);
    return text;
}

void chain_acknowledged(struct chain *chain, struct chain_link *link)
{
    struct chain_shard *at = &chain->shard[link->shard];
    link->acknowledged = true;
    while ((link = at->first) && link->acknowledged) {
        at->acknowledged = link->seq;
        at->acknowledged_ms = link->at_ms;
        memcpy(at->acknowledged_hash, link->hash, sizeof link->hash);
        DL_DELETE(at->first, link);
        free(link);
    }
}

void chain_all_acknowledged(struct chain *chain)
{
    for (unsigned i = 0; i < chain->shards; i++)
        while (chain->shard[i].first) chain_acknowledged(chain, chain->shard[i].first);
}

bool chain_acknowledged_head(const struct chain *chain, unsigned shard, struct chain_head *head)
{
    const struct chain_shard *at = &chain->shard[shard];
    head->seq = at->acknowledged;
    head->at_ms = at->acknowledged_ms;
    memcpy(head->name, chain->name, sizeof head->name);
    memcpy(head->hash, at->acknowledged_hash, sizeof head->hash);
    return head->seq > 0;
}
