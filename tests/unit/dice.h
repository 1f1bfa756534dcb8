#ifndef BIHUAN_TESTS_DICE_H
#define BIHUAN_TESTS_DICE_H
/* Chance that is the same each time. */
#include <stdint.h>

static uint32_t dice = 20241013;

/* From 0 to below - 1. */
static inline uint32_t draw(uint32_t below)
{
    dice ^= dice << 13; /* xorshift */
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice % below;
}

static inline int64_t draw_ms(int64_t from_ms, int64_t to_ms)
{
    uint64_t n = (uint64_t)draw(UINT32_MAX) << 31 ^ draw(UINT32_MAX);
    return from_ms + (int64_t)(n % (uint64_t)(to_ms - from_ms));
}
#endif
