#ifndef BIHUAN_NOTIFY_DIGEST_ROLL_H
#define BIHUAN_NOTIFY_DIGEST_ROLL_H
/* The roll: who gets digests on a day, where, and as which roles: everybody whom a notice of any unit could reach that day and for whom
 * conf/sending.json has digests. Worked out by the same routes as notices (notify/route.h), a few units a turn. */
#include <uthash.h>

#include "common/pool.h"
#include "notify/route.h"
#include "notify/sending.h"
#include "sla/rulebook.h"

/* One who gets digests. Texts live as long as the roll. */
struct digest_reader {
    struct recipient to;     /* its roles: all as which it can be addressed that day */
    enum config_channel channel; /* of its first place, whose hours count */
    UT_hash_handle hh;
};

struct digest_roll {
    struct digest_reader *readers; /* by key; uthash */
    int32_t day;
    bool whole;              /* all units were asked */
    size_t unit, endpoint, served; /* how far */
    size_t left_out;         /* of more than DIGEST_READERS_MAX */
    struct pool pool;
};
enum { DIGEST_READERS_MAX = 1 << 16 };

/* What a roll is worked out from. Borrowed. */
struct digest_roll_source {
    const struct routing *routing;
    const struct sending *sending;
    const struct rules *rules;
};

/* Begins anew for a day; what was there is given up. */
void digest_roll_begin(struct digest_roll *roll, int32_t day);
/* Goes on until a monotonic instant, or until the roll is whole. now_ms: business time. */
void digest_roll_go_on(struct digest_roll *roll, const struct digest_roll_source *source, int64_t now_ms, int64_t until_ms);
/* The one of a key, or NULL. */
struct digest_reader *digest_roll_find(const struct digest_roll *roll, uint64_t key);
void digest_roll_free(struct digest_roll *roll);

#endif
