/* What every step of the pass uses: room, figures, milestones, the trace. */
#include "sla/pass.h"

#include <stdlib.h>

void *pass_grow(void *array, size_t *room, size_t item_bytes)
{
    *room = *room ? *room * 2 : 8;
    void *larger = realloc(array, *room * item_bytes);
    if (!larger) abort();
    return larger;
}

void pass_contribute(struct fold *fold, enum counter counter, int32_t day, struct text unit)
{
    fold->contribution =
        pass_room(fold->contribution, fold->contributions, &fold->contributions_room, sizeof *fold->contribution);
    fold->contribution[fold->contributions++] = (struct contribution){(uint8_t)counter, day, unit};
}

void pass_count_here(struct pass *p, enum counter counter, const struct event *event, struct text unit)
{
    pass_contribute(p->fold, counter, zone_day(p->rules->zone, event->at_ms), unit);
}

void pass_reach(struct pass *p, const struct event *event, int clock)
{
    struct fold *fold = p->fold;
    fold->milestone = pass_room(fold->milestone, fold->milestones, &fold->milestones_room, sizeof *fold->milestone);
    fold->milestone[fold->milestones++] = (struct milestone){event, p->round, fold->unit, clock};
}

void pass_trace(struct pass *p, const struct event *event, int64_t at_ms, enum effect effect)
{
    struct fold *fold = p->fold;
    fold->trace = pass_room(fold->trace, fold->traces, &fold->traces_room, sizeof *fold->trace);
    fold->trace[fold->traces++] = (struct trace){event, at_ms, (uint8_t)effect, (uint8_t)pass_state_of(p), fold->class, p->round,
                                                 p->added_days, fold->unit};
}
