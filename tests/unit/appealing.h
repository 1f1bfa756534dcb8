#ifndef BIHUAN_TESTS_APPEALING_H
#define BIHUAN_TESTS_APPEALING_H
/* Receipts of tickets, and what gathers them, for unit tests. */
#include "common/zone.h"
#include "sla/appeals.h"
#include "tests/unit/dice.h"
#include "tests/unit/unit.h"

enum { HOUR_MS = 3600000, CITIZENS_MAX = 64 };
static const int64_t noon_ms = INT64_C(1728964800000); /* 2024-10-15 12:00 +08:00 */
static const struct appeal_rules rules = {.window_ms = 90 * (int64_t)DAY_MS, .cluster_ms = 4 * HOUR_MS, .citizens = 3};
static struct pool pool;
static struct buffer blob;

/* KEYID:HASH of the n-th citizen. */
static inline struct text citizen(unsigned n)
{
    static char text[CITIZENS_MAX][32];
    assert_true(n < CITIZENS_MAX);
    int bytes = snprintf(text[n], sizeof text[n], "k1:%022u", n);
    return (struct text){text[n], (size_t)bytes};
}

static inline struct text numbered(unsigned n)
{
    char *text = pool_take(&pool, 24);
    int bytes = snprintf(text, 24, "ML20241015%05u", n);
    return (struct text){text, (size_t)bytes};
}

static inline struct appeal appeal_by(unsigned n)
{
    return (struct appeal){citizen(n), TEXT("noise"), TEXT("310112")};
}

static inline bool same_blob(const struct appeals *a, const struct appeals *b)
{
    struct case_file told = {0};
    struct buffer other;
    buffer_init(&other, APPEALS_BLOB_MAX_BYTES);
    buffer_clear(&blob);
    assert_true(appeals_encode(a, &told, &blob));
    assert_true(appeals_encode(b, &told, &other));
    bool same = blob.bytes == other.bytes && !memcmp(blob.data, other.data, blob.bytes);
    buffer_free(&other);
    return same;
}
#endif
