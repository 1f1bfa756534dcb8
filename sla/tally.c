/* Sums of a commit, in a hash table that a pool backs. */
#include "sla/tally.h"

#include <string.h>

enum { HEAD_BYTES = 5, NAME_ON_STACK = 256 };

static size_t put_key(char *key, enum tally_of of, int32_t day, struct text name)
{
    key[0] = (char)of;
    memcpy(key + 1, &day, sizeof day);
    if (name.bytes) memcpy(key + HEAD_BYTES, name.at, name.bytes);
    return HEAD_BYTES + name.bytes;
}

static struct tally_row *new_row(struct tally *tally, enum tally_of of, int32_t day, const char *key, size_t bytes)
{
    struct tally_row *row = pool_take(&tally->pool, sizeof *row);
    char *copy = pool_copy(&tally->pool, key, bytes);
    memset(row, 0, sizeof *row);
    row->of = of;
    row->day = day;
    row->name = (struct text){copy + HEAD_BYTES, bytes - HEAD_BYTES};
    HASH_ADD_KEYPTR(hh, tally->rows, copy, bytes, row);
    return row;
}

void tally_add(struct tally *tally, enum tally_of of, int counter, int32_t day, struct text name, int32_t count)
{
    char stack[HEAD_BYTES + NAME_ON_STACK];
    char *key = name.bytes <= NAME_ON_STACK ? stack : pool_take(&tally->pool, HEAD_BYTES + name.bytes);
    size_t bytes = put_key(key, of, day, name);
    struct tally_row *row;
    HASH_FIND(hh, tally->rows, key, bytes, row);
    if (!row) row = new_row(tally, of, day, key, bytes);
    row->delta[counter] += count;
}

int tally_counters(enum tally_of of)
{
    static const int counters[] = {COUNTERS, RECORD_COUNTERS, NOTICE_COUNTERS};
    return counters[of];
}

bool tally_row_is_zero(const struct tally_row *row)
{
    for (int i = 0; i < TALLY_COUNTERS; i++)
        if (row->delta[i]) return false;
    return true;
}

void tally_clear(struct tally *tally)
{
    HASH_CLEAR(hh, tally->rows);
    pool_clear(&tally->pool);
}

void tally_free(struct tally *tally)
{
    HASH_CLEAR(hh, tally->rows);
    pool_free(&tally->pool);
}
