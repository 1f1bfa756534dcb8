#ifndef BIHUAN_TESTS_SUPPORT_TOWN_RANDOM_H
#define BIHUAN_TESTS_SUPPORT_TOWN_RANDOM_H
/* The town's dice: splitmix64, integers only, so that a seed gives the same
 * town with every compiler and libc. The trap: two throws in one expression or
 * argument list come in no fixed order; give each a name first. */
#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 0 to count - 1; count from 1. */
static inline uint32_t dice_below(struct dice *dice, uint32_t count)
{
    return (uint32_t)(((dice_next(dice) >> 32) * count) >> 32);
}

/* least to most, both included. */
static inline int32_t dice_between(struct dice *dice, int32_t least, int32_t most)
{
    return least + (int32_t)dice_below(dice, (uint32_t)(most - least) + 1);
}

static inline bool dice_chance(struct dice *dice, uint32_t permille)
{
    return dice_below(dice, 1000) < permille;
}

/* An index of weights[count], each as likely as its weight. */
static inline uint32_t dice_weighted(struct dice *dice, const uint16_t *weights, uint32_t count)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += weights[i];
    uint32_t left = dice_below(dice, total);
    uint32_t i = 0;
    while (left >= weights[i])
        left -= weights[i++];
    return i;
}

#endif
