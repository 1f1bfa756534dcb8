#ifndef BIHUAN_NOTIFY_DIGEST_SCAN_H
#define BIHUAN_NOTIFY_DIGEST_SCAN_H
/* One look at all cases, in slices, that fills the digests of many recipients at once. Each case counts as it is when it is
 * come by; all are folded as of one instant. */
#include <uthash.h>

#include "notify/digest.h"
#include "notify/route.h"
#include "notify/sending.h"
#include "sla/store.h"
#include "sla/store_brought.h"

/* A digest to be filled. */
struct digest_filling {
    uint64_t recipient;
    enum config_channel channel; /* by whose hours, */
    unsigned roles;              /* and as which: what is gathered for it */
    struct digest digest;
    size_t gathered;      /* notices that were left to this digest, or would be, and that no earlier one brought */
    struct brought brought; /* the notices that it tells of */
    size_t brought_room;
    const struct brought *before; /* of the last digest that was delivered; NULL: not known */
    uint64_t seen;        /* number of the case under way, when it has a line */
};

/* What was folded and whom it concerns. Take a new one for each look. */
struct digest_scan {
    struct store *store;
    const struct routing *routing;
    const struct sending *sending; /* set after the beginning, as from_ms; NULL: nothing is left to a digest but what was already */
    int64_t from_ms;      /* [notify] from: what fell due before is told to nobody */
    size_t noted;         /* notices in all lists of what was brought */
    struct digest_filling **filling; /* [count], by recipient; borrowed */
    size_t count;
    int64_t now_ms;       /* business time as of which all are folded */
    unsigned shard;
    struct store_cursor cursor;
    struct digest_route *routes; /* whom a unit's clocks lead to; uthash */
    uint64_t *names;      /* hashes of the cases of the shard that have a line, so that one that Redis shows twice counts once */
    size_t names_count, names_room;
    uint64_t cases, lines, unreadable;
    struct fold fold;
    struct case_file file;
    struct demands demands;
    struct pool pool, route_pool;
};
enum { DIGEST_ROUTES_MAX = 1 << 16 /* kept at once; then all are looked up anew */, DIGEST_MEMBERS_MAX = 64,
       DIGEST_NOTED_MAX = 1 << 20 /* noted in one look; what finds no room is told again by the next digest */ };

void digest_scan_begin(struct digest_scan *scan, struct store *store, const struct routing *routing, struct digest_filling **filling, size_t count, int64_t now_ms);
/* Goes on until a monotonic instant. *done: all cases were seen. */
enum store_result digest_scan_go_on(struct digest_scan *scan, int64_t until_ms, bool *done) __attribute__((warn_unused_result));
/* Accepts one that is all zero. */
void digest_scan_end(struct digest_scan *scan);

#endif
