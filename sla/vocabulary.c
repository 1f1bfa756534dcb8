/* Places for names, in the order in which versions bring them. */
#include "sla/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum { FIRST_ROOM = 64 };

static bool take_clocks(struct vocabulary *words, struct policy *policy)
{
    uint8_t place[POLICY_NAMES_MAX];
    for (int i = 0; i < policy->names; i++) {
        int at = 0;
        while (at < words->clocks && strcmp(words->clock[at], policy->clock_name[i]) != 0) at++;
        if (at == VOCABULARY_CLOCKS_MAX) return false;
        if (at == words->clocks) snprintf(words->clock[words->clocks++], POLICY_NAME_BYTES, "%s", policy->clock_name[i]);
        place[i] = (uint8_t)at;
    }
    for (int c = 0; c < policy->classes; c++)
        for (int i = 0; i < policy->class[c].clocks; i++) {
            struct policy_clock *clock = &policy->class[c].clock[i];
            clock->told_as = place[clock->name_index];
        }
    return true;
}

static bool same_step(const struct vocabulary_step *known, const char *ladder, const struct policy_step *step)
{
    return known->step.when == step->when && known->step.n == step->n && strcmp(known->step.name, step->name) == 0 && strcmp(known->ladder, ladder) == 0;
}

static bool take_step(struct vocabulary *words, const char *ladder, struct policy_step *step)
{
    int at = 0;
    while (at < words->steps && !same_step(&words->step[at], ladder, step)) at++;
    if (at == VOCABULARY_STEPS_MAX) return false;
    step->told_as = (uint16_t)at;
    if (at < words->steps) return true;
    if (words->steps == words->steps_room) {
        words->steps_room = words->steps_room ? words->steps_room * 2 : FIRST_ROOM;
        words->step = xrealloc(words->step, (size_t)words->steps_room * sizeof *words->step);
    }
    struct vocabulary_step *fresh = &words->step[words->steps++];
    fresh->step = *step;
    snprintf(fresh->ladder, sizeof fresh->ladder, "%s", ladder);
    return true;
}

bool vocabulary_take(struct vocabulary *words, struct policy *policy)
{
    if (!take_clocks(words, policy)) return false;
    for (int l = 0; l < policy->ladders; l++)
        for (int i = 0; i < policy->ladder[l].steps; i++)
            if (!take_step(words, policy->ladder[l].name, &policy->step[policy->ladder[l].first_step + i])) return false;
    return true;
}

const char *vocabulary_clock(const struct vocabulary *words, unsigned place)
{
    return place < (unsigned)words->clocks ? words->clock[place] : NULL;
}

const struct policy_step *vocabulary_step(const struct vocabulary *words, unsigned place)
{
    return place < (unsigned)words->steps ? &words->step[place].step : NULL;
}

void vocabulary_free(struct vocabulary *words)
{
    free(words->step);
    *words = (struct vocabulary){0};
}
