/* The calls that change a shard: commit and the two claims. Their arguments are
 * laid out as sla/store.lua takes them. */
#include "sla/store_call.h"

#include <stdlib.h>
#include <string.h>

bool store_load_send(struct store *store, unsigned shard, const struct text *fields, size_t count)
{
    store_call_begin(store, "HMGET");
    store_call_key(store, shard, KEY_CASE);
    for (size_t i = 0; i < count; i++) store_call_text(store, fields[i]);
    return store_call_send(store);
}

redisReply *store_load_take(struct store *store)
{
    return store_answer(store);
}

/* --- commit --- */

static char *figures_key(struct store *store, unsigned shard, const struct tally_row *row)
{
    char *text = pool_take(&store->call->pool, STORE_KEY_BYTES);
    store_figures_key(text, shard, row->of, row->day);
    return text;
}

static int by_key(const void *a, const void *b)
{
    const struct tally_row *const *x = a, *const *y = b;
    if ((*x)->of != (*y)->of) return (*x)->of < (*y)->of ? -1 : 1;
    return ((*x)->day > (*y)->day) - ((*x)->day < (*y)->day);
}

/* Rows that change something, those of one key together. */
static struct tally_row **sorted_rows(struct store *store, const struct tally *tally, size_t *count)
{
    size_t room = tally ? HASH_COUNT(tally->rows) : 0;
    struct tally_row **rows = pool_take(&store->call->pool, (room + 1) * sizeof *rows);
    *count = 0;
    if (!tally) return rows;
    for (struct tally_row *row = tally->rows; row; row = row->hh.next)
        if (!tally_row_is_zero(row)) rows[(*count)++] = row;
    qsort(rows, *count, sizeof *rows, by_key);
    return rows;
}

static void put_position(struct store *store, const struct commit_position *position)
{
    store_call_text(store, position->field);
    store_call_text(store, position->expected);
    store_call_text(store, position->value);
}

/* Every commit rests on the rules that it was folded under; 0: none yet. */
static void put_rules(struct store *store, int64_t expected)
{
    store_call_word(store, STORE_RULES_FIELD);
    if (expected) store_call_number(store, expected);
    else store_call_word(store, "");
    store_call_number(store, (int64_t)store->book->records);
}

static void put_case(struct store *store, const struct commit_case *one)
{
    const struct change *change = one->change;
    store_call_text(store, one->field);
    store_call_text(store, change->stored ? (struct text){(const char *)change->expected, sizeof change->expected} : (struct text){0});
    store_call_text(store, change->blob);
    if (!change->due_moved) store_call_word(store, "");
    else if (change->file.due_ms == INT64_MAX) store_call_word(store, "-");
    else store_call_number(store, change->file.due_ms);
    switch (one->out) {
    case OUT_KEEP: store_call_word(store, ""); break;
    case OUT_NOW: store_call_word(store, "now"); break;
    case OUT_AT: store_call_number(store, one->out_ms); break;
    case OUT_CLEAR: store_call_word(store, "-"); break;
    }
    if (one->lease_ms) store_call_number(store, one->lease_ms);
    else store_call_word(store, "");
}

/* Day of the month and name for a row by day, else the name alone. */
static struct text row_field(struct store *store, const struct tally_row *row)
{
    if (row->of != TALLY_CASES || row->day == DAY_NONE) return row->name;
    int year, month, dom;
    day_to_civil(row->day, &year, &month, &dom);
    char *text = pool_take(&store->call->pool, row->name.bytes + 3);
    text[0] = (char)('0' + dom / 10);
    text[1] = (char)('0' + dom % 10);
    text[2] = ' ';
    memcpy(text + 3, row->name.at, row->name.bytes);
    return (struct text){text, row->name.bytes + 3};
}

static void put_row(struct store *store, const struct tally_row *row, int64_t key_index)
{
    size_t bytes = (size_t)tally_counters(row->of) * sizeof *row->delta;
    store_call_number(store, key_index);
    store_call_text(store, row_field(store, row));
    store_call_text(store, (struct text){(const char *)row->delta, bytes}); /* little-endian, as this machine is */
}

/* The parts of a commit; `mark`: the rules that the shard is marked with. */
static bool send_commit(struct store *store, unsigned shard, int64_t mark, const struct commit_position *positions, size_t position_count,
                        const struct commit_case *cases, size_t case_count, const struct tally *tally)
{
    static const enum store_key keys[] = {KEY_CASE, KEY_DUE, KEY_OUT, KEY_LEASE, KEY_POSITION, KEY_FIGURES};
    enum { FIXED = sizeof keys / sizeof *keys };
    size_t row_count;
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_commit");
    struct tally_row **rows = sorted_rows(store, tally, &row_count);
    char **row_key = pool_take(&store->call->pool, (row_count + 1) * sizeof *row_key);
    size_t distinct = 0;
    for (size_t i = 0; i < row_count; i++) {
        char *key = figures_key(store, shard, rows[i]);
        bool same = i > 0 && !strcmp(row_key[i - 1], key);
        row_key[i] = same ? row_key[i - 1] : key;
        distinct += !same;
    }
    store_call_number(store, (int64_t)(FIXED + distinct));
    for (size_t i = 0; i < FIXED; i++) store_call_key(store, shard, keys[i]);
    for (size_t i = 0; i < row_count; i++)
        if (i == 0 || row_key[i] != row_key[i - 1]) store_call_word(store, row_key[i]);
    store_call_number(store, (int64_t)position_count + 1);
    put_rules(store, mark);
    for (size_t i = 0; i < position_count; i++) put_position(store, &positions[i]);
    store_call_number(store, (int64_t)case_count);
    for (size_t i = 0; i < case_count; i++) put_case(store, &cases[i]);
    store_call_number(store, (int64_t)row_count);
    int64_t index = FIXED;
    for (size_t i = 0; i < row_count; i++) {
        if (i == 0 || row_key[i] != row_key[i - 1]) index++;
        put_row(store, rows[i], index);
    }
    return store_call_send(store);
}

bool store_commit_send(struct store *store, unsigned shard, const struct commit_position *positions, size_t position_count,
                       const struct commit_case *cases, size_t case_count, const struct tally *tally)
{
    if (store->book->records == 0) { /* emptied meanwhile: the rules come back with store_try */
        redis_drop(store->link);
        return store_fail(store, "the data was emptied meanwhile");
    }
    return send_commit(store, shard, (int64_t)store->book->records, positions, position_count, cases, case_count, tally);
}

/* Codes of bihuan_commit, as sla/store.lua names them. */
enum { CODE_DONE = 1, CODE_REFUSED_POSITIONS = -1, CODE_REFUSED_CASES = -2, CODE_REFUSED_TYPES = -3, CODE_REFUSED_MOVED = -4 };

/* A rebuild is about to switch, or did: all that was loaded is void, and where the data is now is asked at the next try. */
static enum store_result store_gone(struct store *store)
{
    redis_drop(store->link);
    store_fail(store, "a rebuild holds the store up, or has moved it");
    return STORE_LOST;
}

enum store_result store_commit_take(struct store *store, struct store_refusal *refusal)
{
    refusal->reply = NULL;
    redisReply *reply = store_answer(store);
    if (!reply) return store->link->context ? STORE_REFUSED : STORE_LOST;
    long long code = reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 ? reply->element[0]->integer : 0;
    enum store_result result = STORE_REFUSED;
    if (code == CODE_DONE) result = STORE_DONE;
    else if (code == CODE_REFUSED_POSITIONS) result = reply->element[1]->integer == 0 ? STORE_REFUSED_RULES : STORE_REFUSED_POSITIONS;
    else if (code == CODE_REFUSED_CASES) result = STORE_REFUSED_CASES;
    else if (code == CODE_REFUSED_MOVED) result = store_gone(store);
    else store_fail(store, "%s", code == CODE_REFUSED_TYPES && reply->elements > 1 ? reply->element[1]->str : "unexpected answer");
    if (result == STORE_REFUSED_RULES) store->marked = 0;
    if (result == STORE_REFUSED_POSITIONS || result == STORE_REFUSED_CASES) refusal->reply = reply;
    else freeReplyObject(reply);
    return result;
}

enum store_result store_mark_rules(struct store *store, unsigned shard, int64_t mark)
{
    struct store_refusal refusal;
    if (!send_commit(store, shard, mark, NULL, 0, NULL, 0, NULL)) return STORE_LOST;
    enum store_result result = store_commit_take(store, &refusal);
    store_refusal_free(&refusal);
    return result == STORE_LOST || result == STORE_REFUSED ? result : STORE_DONE;
}

static size_t group(enum store_result result)
{
    return result == STORE_REFUSED_POSITIONS ? 2 : 1;
}

size_t store_refusal_count(const struct store_refusal *refusal, enum store_result result)
{
    return refusal->reply ? (refusal->reply->elements - 1) / group(result) : 0;
}

size_t store_refusal_index(const struct store_refusal *refusal, enum store_result result, size_t n)
{
    size_t index = (size_t)refusal->reply->element[1 + n * group(result)]->integer;
    return result == STORE_REFUSED_POSITIONS ? index - 1 : index; /* the rules come first */
}

struct text store_refusal_position(const struct store_refusal *refusal, size_t n)
{
    const redisReply *value = refusal->reply->element[2 + n * 2];
    return (struct text){value->str, (size_t)value->len};
}

void store_refusal_free(struct store_refusal *refusal)
{
    if (refusal->reply) freeReplyObject(refusal->reply);
    refusal->reply = NULL;
}

/* --- claims --- */

bool store_due_send(struct store *store, unsigned shard, const char *owner, int64_t hold_ms, int64_t upto_ms, int64_t limit)
{
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_due");
    store_call_number(store, 5);
    store_call_key(store, shard, KEY_DUE);
    store_call_key(store, shard, KEY_CASE);
    store_call_key(store, shard, KEY_TIMER);
    store_call_key(store, shard, KEY_LEASE);
    store_call_key(store, shard, KEY_POSITION);
    store_call_word(store, owner);
    store_call_number(store, hold_ms);
    store_call_number(store, upto_ms);
    store_call_number(store, limit);
    return store_call_send(store);
}

redisReply *store_due_take(struct store *store)
{
    return store_answer(store);
}

bool store_claim_send(struct store *store, unsigned shard, int64_t lease_ms, int64_t limit)
{
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_claim");
    store_call_number(store, 6);
    store_call_key(store, shard, KEY_OUT);
    store_call_key(store, shard, KEY_LEASE);
    store_call_key(store, shard, KEY_CASE);
    store_call_key(store, shard, KEY_DUE);
    store_call_key(store, shard, KEY_TIMER);
    store_call_key(store, shard, KEY_POSITION);
    store_call_number(store, lease_ms);
    store_call_number(store, limit);
    return store_call_send(store);
}

redisReply *store_claim_take(struct store *store)
{
    return store_answer(store);
}

bool store_renew(struct store *store, struct lease *const *leases, size_t count, int64_t lease_ms)
{
    store_call_begin(store, "FCALL");
    store_call_word(store, "bihuan_renew");
    store_call_number(store, 1);
    store_call_key(store, leases[0]->shard, KEY_LEASE);
    store_call_number(store, lease_ms);
    for (size_t i = 0; i < count; i++) {
        store_call_text(store, leases[i]->field);
        store_call_number(store, leases[i]->until_ms);
    }
    redisReply *reply = store_call_send(store) ? store_answer(store) : NULL;
    if (!reply) return false;
    for (size_t i = 0; i < count && reply->str; i++) leases[i]->until_ms = strtoll(reply->str, NULL, 10);
    freeReplyObject(reply);
    return true;
}
