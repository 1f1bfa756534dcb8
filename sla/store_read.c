/* Reading what the store holds: cases, figures, positions. */
#include "sla/store_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN_COUNT = 512 };

static enum store_result lost_or_refused(const struct store *store)
{
    return store->link->context ? STORE_REFUSED : STORE_LOST;
}

static struct text reply_text(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING ? (struct text){reply->str, (size_t)reply->len} : (struct text){0};
}

/* Asks for fields whose names begin as `pattern` says. */
static bool send_scan(struct store *store, unsigned shard, const char *pattern, const struct store_cursor *cursor)
{
    store_call_begin(store, "HSCAN");
    store_call_key(store, shard, KEY_CASE);
    store_call_word(store, *cursor->text ? cursor->text : "0");
    store_call_word(store, "MATCH");
    store_call_word(store, pattern);
    store_call_word(store, "COUNT");
    store_call_number(store, SCAN_COUNT);
    return store_call_send(store);
}

bool store_scan_send(struct store *store, unsigned shard, const struct store_cursor *cursor)
{
    return send_scan(store, shard, "*", cursor);
}

redisReply *store_scan_take(struct store *store, struct store_cursor *cursor)
{
    redisReply *reply = store_answer(store);
    if (!reply) return NULL;
    snprintf(cursor->text, sizeof cursor->text, "%s", reply->element[0]->str);
    cursor->done = !strcmp(cursor->text, "0");
    return reply;
}

static enum store_result scan_step(struct store *store, unsigned shard, const char *pattern, struct store_cursor *cursor, store_seen *seen, void *context)
{
    redisReply *reply = send_scan(store, shard, pattern, cursor) ? store_scan_take(store, cursor) : NULL;
    if (!reply) return lost_or_refused(store);
    const redisReply *pairs = reply->element[1];
    for (size_t i = 0; i + 1 < pairs->elements; i += 2) seen(context, reply_text(pairs->element[i]), reply_text(pairs->element[i + 1]));
    freeReplyObject(reply);
    return STORE_DONE;
}

enum store_result store_scan_step(struct store *store, unsigned shard, struct store_cursor *cursor, store_seen *seen, void *context)
{
    return scan_step(store, shard, "*", cursor, seen, context);
}

/* A number that a command answers, also as text; 0 for none. */
static enum store_result take_number(struct store *store, redisReply *reply, int64_t *number)
{
    *number = 0;
    if (!reply) {
        store_fail(store, "%s", store->link->error);
        return lost_or_refused(store);
    }
    if (reply->type == REDIS_REPLY_INTEGER) *number = reply->integer;
    else if (reply->type == REDIS_REPLY_STRING) *number = strtoll(reply->str, NULL, 10);
    freeReplyObject(reply);
    return STORE_DONE;
}

enum store_result store_count_cases(struct store *store, int64_t *cases)
{
    enum store_result result = STORE_DONE;
    char key[STORE_KEY_BYTES];
    int64_t some;
    *cases = 0;
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE; shard++, *cases += some) {
        store_key(key, shard, KEY_CASE);
        result = take_number(store, redis_command(store->link, "HLEN %s", key), &some);
    }
    return result;
}

enum store_result store_note_walk(struct store *store, size_t records)
{
    int64_t fresh;
    return take_number(store, redis_command(store->link, "HSET %s walked %lld", STORE_META, (long long)records), &fresh);
}

enum store_result store_walked(struct store *store, size_t *records)
{
    int64_t number;
    enum store_result result = take_number(store, redis_command(store->link, "HGET %s walked", STORE_META), &number);
    *records = (size_t)number;
    return result;
}

enum store_result store_scan(struct store *store, unsigned shard, store_seen *seen, void *context)
{
    struct store_cursor cursor = {.text = ""};
    enum store_result result;
    do result = store_scan_step(store, shard, &cursor, seen, context);
    while (result == STORE_DONE && !cursor.done);
    return result;
}

enum store_result store_scan_of(struct store *store, enum of of, store_seen *seen, void *context)
{
    const char pattern[] = {of_letter(of), '*', 0};
    enum store_result result = STORE_DONE;
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE; shard++) {
        struct store_cursor cursor = {.text = ""};
        do result = scan_step(store, shard, pattern, &cursor, seen, context);
        while (result == STORE_DONE && !cursor.done);
    }
    return result;
}

redisReply *store_case(struct store *store, enum of of, struct text id)
{
    char key[STORE_KEY_BYTES], letter[2] = {of_letter(of)};
    store_key(key, case_shard(of, id, store->shards), KEY_CASE);
    redisReply *reply = redis_command(store->link, "HGET %s %s%b", key, letter, id.at, id.bytes);
    if (!reply) store_fail(store, "%s", store->link->error);
    return reply;
}

redisReply *store_positions(struct store *store, unsigned shard)
{
    char key[STORE_KEY_BYTES];
    store_key(key, shard, KEY_POSITION);
    redisReply *reply = redis_command(store->link, "HGETALL %s", key);
    if (!reply) store_fail(store, "%s", store->link->error);
    return reply;
}

redisReply *store_scores(struct store *store, unsigned shard, enum store_key key, const struct text *fields, size_t count)
{
    store_call_begin(store, "ZMSCORE");
    store_call_key(store, shard, key);
    for (size_t i = 0; i < count; i++) store_call_text(store, fields[i]);
    return store_call_send(store) ? store_answer(store) : NULL;
}

bool store_drop_timer(struct store *store, unsigned shard, struct text field)
{
    char key[STORE_KEY_BYTES];
    store_key(key, shard, KEY_DUE);
    redisReply *reply = redis_command(store->link, "ZREM %s %b", key, field.at, field.bytes);
    if (!reply) return store_fail(store, "%s", store->link->error);
    freeReplyObject(reply);
    return true;
}

/* --- figures --- */

/* Counters of a row; true when its length is one that this program knows. */
static bool read_row(struct text value, int counters, int64_t *count)
{
    size_t there = value.bytes / sizeof(int32_t);
    if (value.bytes % sizeof(int32_t) || there > (size_t)counters) return false;
    for (int i = 0; i < counters; i++) {
        int32_t one = 0;
        if ((size_t)i < there) memcpy(&one, value.at + (size_t)i * sizeof one, sizeof one);
        count[i] = one;
    }
    return true;
}

/* "{s03}figures:2024-09" → the first day of that month; false for the other keys. */
static bool month_of_key(const char *key, size_t bytes, int32_t *first_day)
{
    char day[DAY_TEXT_BYTES];
    if (bytes < 7) return false;
    memcpy(day, key + bytes - 7, 7);
    memcpy(day + 7, "-01", 4);
    return day_parse(day, 10, first_day);
}

static bool add_row(struct summary *summary, const int32_t *first_day, struct text field, struct text value)
{
    int64_t count[COUNTERS];
    int32_t day = DAY_NONE;
    if (!read_row(value, COUNTERS, count)) return false;
    if (first_day) {
        if (field.bytes < 3) return false;
        day = *first_day + (field.at[0] - '0') * 10 + (field.at[1] - '0') - 1;
        field = (struct text){field.at + 3, field.bytes - 3};
    }
    for (int i = 0; i < COUNTERS; i++)
        if (count[i]) summary_add(summary, (enum counter)i, day, field, count[i]);
    return true;
}

/* The rows of one key; those of other kinds than cases are passed over. */
static bool add_rows(struct store *store, struct summary *summary, unsigned shard, struct text key, const redisReply *rows)
{
    int32_t first_day;
    char now_key[STORE_KEY_BYTES];
    store_figures_key(now_key, shard, TALLY_CASES, DAY_NONE);
    bool by_day = month_of_key(key.at, key.bytes, &first_day);
    if (!by_day && (key.bytes != strlen(now_key) || memcmp(key.at, now_key, key.bytes) != 0)) return true;
    for (size_t i = 0; i + 1 < rows->elements; i += 2)
        if (!add_row(summary, by_day ? &first_day : NULL, reply_text(rows->element[i]), reply_text(rows->element[i + 1])))
            return store_fail(store, "%.*s holds a row that this program cannot read", (int)key.bytes, key.at);
    return true;
}

/* The rows of the keys in `names`, and the cases due, as of one moment; an empty array when there are more keys by now. */
static redisReply *call_figures(struct store *store, unsigned shard, const redisReply *names, int64_t upto_ms)
{
    store_call_begin(store, "FCALL_RO");
    store_call_word(store, "bihuan_figures");
    store_call_number(store, (int64_t)names->elements + 3);
    store_call_key(store, shard, KEY_FIGURES);
    store_call_key(store, shard, KEY_DUE);
    store_call_key(store, shard, KEY_CASE);
    for (size_t i = 0; i < names->elements; i++) store_call_text(store, reply_text(names->element[i]));
    store_call_number(store, upto_ms);
    return store_call_send(store) ? store_answer(store) : NULL;
}

static enum store_result add_shard(struct store *store, struct summary *summary, unsigned shard, int64_t upto_ms, store_seen *due, void *context)
{
    char index[STORE_KEY_BYTES];
    redisReply *names = NULL, *all = NULL;
    store_key(index, shard, KEY_FIGURES);
    do {
        if (names) freeReplyObject(names);
        if (all) freeReplyObject(all);
        names = redis_command(store->link, "SMEMBERS %s", index);
        if (!names) store_fail(store, "%s", store->link->error);
        all = names ? call_figures(store, shard, names, upto_ms) : NULL;
    } while (all && all->elements == 0);
    bool good = all != NULL;
    for (size_t i = 0; good && i < names->elements; i++) good = add_rows(store, summary, shard, reply_text(names->element[i]), all->element[i]);
    const redisReply *cases = good ? all->element[names->elements] : NULL;
    for (size_t i = 0; good && i + 1 < cases->elements; i += 2) due(context, reply_text(cases->element[i]), reply_text(cases->element[i + 1]));
    if (names) freeReplyObject(names);
    if (all) freeReplyObject(all);
    return good ? STORE_DONE : lost_or_refused(store);
}

enum store_result store_figures(struct store *store, struct summary *summary, int64_t upto_ms, store_seen *due, void *context)
{
    enum store_result result = STORE_DONE;
    for (unsigned shard = 0; shard < store->shards && result == STORE_DONE && !store->empty; shard++)
        result = add_shard(store, summary, shard, upto_ms, due, context);
    return result;
}

enum store_result store_rows(struct store *store, enum tally_of of, store_row_seen *seen, void *context)
{
    for (unsigned shard = 0; shard < store->shards; shard++) {
        char key[STORE_KEY_BYTES];
        store_figures_key(key, shard, of, DAY_NONE);
        redisReply *rows = redis_command(store->link, "HGETALL %s", key);
        if (!rows) {
            store_fail(store, "%s", store->link->error);
            return lost_or_refused(store);
        }
        for (size_t i = 0; i + 1 < rows->elements; i += 2) {
            int64_t count[TALLY_COUNTERS];
            if (read_row(reply_text(rows->element[i + 1]), tally_counters(of), count)) seen(context, reply_text(rows->element[i]), count);
        }
        freeReplyObject(rows);
    }
    return STORE_DONE;
}
