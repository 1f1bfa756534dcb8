#ifndef BIHUAN_SLA_VOCABULARY_H
#define BIHUAN_SLA_VOCABULARY_H
/* Names of clocks and steps of ladders over all versions of the rules. What was told of a
 * case names them by their place here, so it stays clear, and comparable, when the case is
 * bound to other rules. Places are given in order and never taken back. */
#include "sla/policy.h"

enum { VOCABULARY_CLOCKS_MAX = 250, VOCABULARY_STEPS_MAX = 4096 };

struct vocabulary {
    int clocks, steps, steps_room;
    char clock[VOCABULARY_CLOCKS_MAX][POLICY_NAME_BYTES];
    struct vocabulary_step *step; /* owned */
};
struct vocabulary_step {
    char ladder[POLICY_NAME_BYTES];
    struct policy_step step; /* as the version that brought it has it */
};

/* Gives the policy's clocks and steps their places (told_as); those of a name and ladder known already share
 * one. False: there is no room, and the policy must not be used. */
bool vocabulary_take(struct vocabulary *words, struct policy *policy) __attribute__((warn_unused_result));
/* Name of the clocks at a place; NULL beyond it. */
const char *vocabulary_clock(const struct vocabulary *words, unsigned place);
/* The step at a place; NULL beyond it. */
const struct policy_step *vocabulary_step(const struct vocabulary *words, unsigned place);
void vocabulary_free(struct vocabulary *words);

#endif
