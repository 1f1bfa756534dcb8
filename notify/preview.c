/* Looking for a notice, the likeliest first. */
#include "notify/preview.h"

#include <string.h>

static bool is_asked_for(const struct policy_step *step, int day, const char *asked)
{
    char text[STEP_TEXT_BYTES];
    step_print(text, step, day);
    return !asked || !strcmp(asked, text) || !strcmp(asked, step->name);
}

/* The step asked for; without one, the first of the clock's ladder. "escalate-d2" names a day of a repeated step. */
static const struct policy_step *find_step(const struct policy *policy, const struct policy_clock *ladder, int *day, const char *asked)
{
    for (int i = 0; i < ladder->steps; i++) {
        const struct policy_step *step = &policy->step[ladder->first_step + i];
        int first = step->when == STEP_WORKDAYS_AFTER ? step->n : step->when == STEP_ON_EVENT;
        int last = step->when == STEP_WORKDAYS_AFTER ? step->until : first;
        for (*day = first; *day <= last; ++*day)
            if (is_asked_for(step, *day, asked)) return step;
    }
    return NULL;
}

/* A step of the latest clock whose ladder has it. */
static bool of_ladders(struct preview *preview, const struct envelope *envelope, const char *asked)
{
    const struct fold *fold = envelope->fold;
    int day = 0;
    for (size_t i = fold->clocks; i-- > 0;) {
        const struct clock *clock = &fold->clock[i];
        const struct policy_step *step = find_step(envelope->rules->policy, clock->ladder, &day, asked);
        if (!step) continue;
        preview->demand = (struct demand){.kind = DEMAND_NOTICE, .clock = clock, .step = step, .unit = clock->unit.bytes ? clock->unit : fold->unit};
        preview->demand.told = (struct told){.kind = TOLD_NOTICE, .clock = clock->rule->told_as, .step = step->told_as, .day = (uint8_t)day,
                                             .which = clock->which, .deadline_ms = clock->deadline_ms};
        preview->demand.told.id = demand_notice_key(&preview->demand.told);
        return true;
    }
    return false;
}

/* What is owed now, of that name if one is asked for. */
static bool of_demands(struct preview *preview, const struct envelope *envelope, const struct case_file *file, const char *asked)
{
    struct demands demands;
    char text[STEP_TEXT_BYTES];
    demands_owed(&demands, file, envelope->fold, envelope->rules, envelope->now_ms);
    for (size_t i = 0; i < demands.count; i++) {
        const struct demand *demand = &demands.at[i];
        told_step_print(text, &demand->told, envelope->rules->words);
        if (!demand_is_notice(demand->kind) || (asked && strcmp(asked, text) != 0)) continue;
        preview->demand = *demand;
        return true;
    }
    return false;
}

const char *preview_find(struct preview *preview, const struct envelope *envelope, const char *step)
{
    struct case_file untold = *envelope->file;
    untold.tolds = 0;
    if (envelope->fold->class < 0 || envelope->fold->clocks == 0) return "this case has no clock, so no notice";
    bool found = of_demands(preview, envelope, envelope->file, step) || (!step && of_demands(preview, envelope, &untold, step)) ||
                 of_ladders(preview, envelope, step);
    if (!found) return step ? "no clock of this case has that step" : "no clock of this case has a step at all";
    demand_id(preview->id, envelope->file, &preview->demand);
    return NULL;
}
