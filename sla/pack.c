/* Texts, times and units as packed cases hold them. */
#include "sla/pack.h"

int64_t pack_distance(int64_t from_ms, int64_t to_ms)
{
    return (int64_t)((uint64_t)to_ms - (uint64_t)from_ms);
}

int64_t pack_reach(int64_t from_ms, int64_t distance_ms)
{
    return (int64_t)((uint64_t)from_ms + (uint64_t)distance_ms);
}

/* The lowest bit tells milliseconds from seconds, the next a distance backwards. */
void pack_put_time(struct buffer *out, int64_t from_ms, int64_t to_ms)
{
    int64_t distance_ms = pack_distance(from_ms, to_ms);
    bool back = distance_ms < 0, fine = distance_ms % 1000 != 0;
    uint64_t length = back ? -(uint64_t)distance_ms : (uint64_t)distance_ms;
    buffer_add_varint(out, (fine ? length : length / 1000) << 2 | (uint64_t)back << 1 | fine);
}

int64_t pack_take_time(struct reader *in, int64_t from_ms)
{
    uint64_t packed = reader_varint(in), length = packed >> 2;
    if (!(packed & 1)) length *= 1000;
    return pack_reach(from_ms, (int64_t)(packed & 2 ? -length : length));
}

void pack_put_text(struct buffer *out, struct text text)
{
    buffer_add_varint(out, text.bytes);
    buffer_add(out, text.at, text.bytes);
}

struct text pack_take_text(struct reader *in)
{
    uint64_t bytes = reader_varint(in);
    if (bytes > reader_left(in)) {
        in->bad = true;
        return (struct text){0};
    }
    return (struct text){(const char *)reader_bytes(in, bytes), bytes};
}

enum { UNIT_NONE, UNIT_NEW, UNIT_SEEN };

void pack_put_unit(struct buffer *out, struct pack_units *units, struct text unit)
{
    if (!unit.bytes) {
        buffer_add_u8(out, UNIT_NONE);
        return;
    }
    for (unsigned i = 0; i < units->count; i++) {
        if (!text_equal(units->seen[i], unit)) continue;
        buffer_add_u8(out, (uint8_t)(UNIT_SEEN + i));
        return;
    }
    buffer_add_u8(out, UNIT_NEW);
    pack_put_text(out, unit);
    if (units->count < PACK_UNITS_MAX) units->seen[units->count++] = unit;
}

struct text pack_take_unit(struct reader *in, struct pack_units *units)
{
    uint8_t how = reader_u8(in);
    if (how == UNIT_NONE) return (struct text){0};
    if (how == UNIT_NEW) {
        struct text unit = pack_take_text(in);
        if (units->count < PACK_UNITS_MAX) units->seen[units->count++] = unit;
        return unit;
    }
    if ((unsigned)(how - UNIT_SEEN) < units->count) return units->seen[how - UNIT_SEEN];
    in->bad = true;
    return (struct text){0};
}
