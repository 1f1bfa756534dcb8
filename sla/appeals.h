#ifndef BIHUAN_SLA_APPEALS_H
#define BIHUAN_SLA_APPEALS_H
/* Appeals gathered: of one citizen about one matter (OF_APPELLANT), or of all citizens about one item in one area (OF_PLACE). Kept
 * in Redis beside the cases, under their commits (sla/change.h): what is gathered is a function of the receipts alone, in whatever
 * order they came.
 *
 *   8 bytes  checksum (XXH3-64, little-endian) of all that follows: what compare-and-set looks at
 *   1 byte   format version
 *   of a place: what was told, item, area
 *   entries  to the end
 *
 * Nearly every appellant has one appeal, so that blob is kept within 30 bytes, of which an allocator makes 32. */
#include "common/buffer.h"
#include "sla/appeal.h"
#include "sla/case.h"

enum {
    APPEALS_FORMAT = 1,
    APPEALS_OF_APPELLANT_MAX = 256, /* entries, the newest */
    APPEALS_OF_PLACE_MAX = 2048,
    APPEALS_BLOB_MAX_BYTES = 1 << 20,
};

struct appeals_entry {
    int64_t at_ms;       /* of the receipt; of an appellant's cut to the minute */
    uint64_t citizen;    /* of a place: appeal_citizen */
    struct text case_id; /* a second receipt of a case is an entry of its own */
};

struct appeals {
    enum of of;
    struct text item, area;      /* of a place */
    struct appeals_entry *entry; /* by time, then case, then citizen; no two alike; in the pool */
    size_t count, room;
};

/* Reads a blob into *appeals (`of` is set, the rest zeroed), and what was told of a place into *told; texts borrow from
 * the blob. NULL, or what is wrong with it (static text). */
const char *appeals_decode(const void *blob, size_t bytes, struct appeals *appeals, struct case_file *told, struct pool *pool)
    __attribute__((warn_unused_result));
/* Appends the blob. False: it grew beyond APPEALS_BLOB_MAX_BYTES. */
bool appeals_encode(const struct appeals *appeals, const struct case_file *told, struct buffer *out) __attribute__((warn_unused_result));

/* Adds a case's appeal; nothing where it is there already. Texts are borrowed. */
void appeals_add(struct appeals *appeals, struct pool *pool, const struct appeal *appeal, int64_t at_ms, struct text case_id);
/* Takes out an entry that equals this one, if there is. */
void appeals_drop(struct appeals *appeals, const struct appeals_entry *entry);
/* An event's instant as an entry has it. */
int64_t appeals_instant(enum of of, int64_t at_ms);
/* Lets go of what is too old or too much. Which that is depends on what there is alone, never on the order in which it
 * came: the newest so many, and of a place the last appeals_reach_ms before its newest. */
void appeals_prune(struct appeals *appeals, const struct appeal_rules *rules);
/* How far back a place's entries reach: two spans of a cluster, to tell whether one is new, and a day. */
int64_t appeals_reach_ms(const struct appeal_rules *rules);
/* Is all of it so old that nothing can be linked to it any more, unless it comes a week late? */
bool appeals_past(const struct appeals *appeals, const struct appeal_rules *rules, int64_t now_ms);

/* Takes a citizen's entries (KEYID:HASH) out: of a place those of theirs, of an appellant all, as it is theirs. How many. Where
 * none is left the field is to be removed. */
size_t appeals_forget(struct appeals *appeals, struct text citizen);

#endif
