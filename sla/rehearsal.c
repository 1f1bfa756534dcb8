/* From one instant at which something may become owed to the next: events as they come, and what falls due between.
 *
 * The trap: what is owed depends on what was told before, results as well, so every demand is told. */
#include "sla/rehearsal.h"

#include <stdlib.h>

enum { EVENT_WORK = 64 /* to fold an event, against one look at one thing told */ };

void rehearsal_open(struct rehearsal *rehearsal, const struct rules *rules)
{
    *rehearsal = (struct rehearsal){.rules = rules};
}

void rehearsal_close(struct rehearsal *rehearsal)
{
    fold_free(&rehearsal->fold);
    free(rehearsal->file.told);
    *rehearsal = (struct rehearsal){0};
}

static bool tell(struct case_file *file, const struct demand *demand)
{
    struct told told = demand->told;
    told.status = TOLD_DELIVERED;
    return case_tell(file, &told);
}

/* What a look costs: each clock, nudge and step reached held against all that was told. */
static int64_t look_work(const struct rehearsal *rehearsal)
{
    const struct fold *fold = &rehearsal->fold;
    return (int64_t)((fold->clocks * (fold->nudges + 1) + fold->milestones) * (rehearsal->file.tolds + 1));
}

/* All that is owed at an instant is told, and looked for again until nothing is: one thing told may make room for the
 * next. False: the case can be told no more, or the work is too much. */
static bool settle(struct rehearsal *rehearsal, int64_t now_ms, int64_t *work, rehearsal_sent *sent, void *context)
{
    struct demands *demands = &rehearsal->demands;
    do {
        *work += look_work(rehearsal);
        if (*work > REHEARSAL_WORK_MAX) return false;
        demands_owed(demands, &rehearsal->file, &rehearsal->fold, rehearsal->rules, now_ms);
        for (size_t i = 0; i < demands->count; i++) {
            if (!tell(&rehearsal->file, &demands->at[i])) return false;
            if (demand_is_notice(demands->at[i].kind)) sent(context, &demands->at[i], now_ms);
        }
    } while (demands->count);
    return true;
}

bool rehearse(struct rehearsal *rehearsal, const struct case_file *file, int64_t until_ms, rehearsal_sent *sent, void *context)
{
    struct case_file *own = &rehearsal->file;
    int64_t now_ms = file->events ? file->event[0].at_ms : INT64_MAX, work = 0;
    *own = (struct case_file){.of = file->of, .id = file->id, .event = file->event, .events = file->events, .told = own->told, .tolds_room = own->tolds_room};
    while (now_ms <= until_ms && now_ms < INT64_MAX) {
        fold_case(&rehearsal->fold, rehearsal->rules, own, now_ms);
        work += (int64_t)(EVENT_WORK * rehearsal->fold.used);
        if (!settle(rehearsal, now_ms, &work, sent, context)) return false;
        now_ms = rehearsal->fold.next_ms < rehearsal->demands.next_ms ? rehearsal->fold.next_ms : rehearsal->demands.next_ms;
    }
    return true;
}
