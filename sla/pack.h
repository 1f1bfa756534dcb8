#ifndef BIHUAN_SLA_PACK_H
#define BIHUAN_SLA_PACK_H
/* Parts that packed cases are made of (sla/case_codec.h, sla/stub.h): texts, times, units. */
#include "common/buffer.h"
#include "sla/event.h"

/* Times are kept as distances; a damaged blob may hold any, so they wrap rather than overflow. */
int64_t pack_distance(int64_t from_ms, int64_t to_ms);
int64_t pack_reach(int64_t from_ms, int64_t distance_ms);

/* A time as its distance from another, in seconds where it has no milliseconds. Less than 100,000 years apart. */
void pack_put_time(struct buffer *out, int64_t from_ms, int64_t to_ms);
int64_t pack_take_time(struct reader *in, int64_t from_ms);

void pack_put_text(struct buffer *out, struct text text);
struct text pack_take_text(struct reader *in); /* borrowed from the input */

/* Units seen so far, on both sides alike: one that repeats is written once. */
enum { PACK_UNITS_MAX = 32 }; /* remembered; later ones are written out */
struct pack_units {
    struct text seen[PACK_UNITS_MAX];
    unsigned count;
};
void pack_put_unit(struct buffer *out, struct pack_units *units, struct text unit);
struct text pack_take_unit(struct reader *in, struct pack_units *units);

#endif
