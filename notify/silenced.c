/* Counting what silences concern, in one walk over the cases. Alerts of places are not counted: they are few, and owed for a day
 * at most. */
#include "notify/silenced.h"

#include "sla/census.h"
#include "sla/demand.h"

struct concern {
    struct store *store;
    int64_t now_ms, grace_ms;
    const struct silence *silence;
    size_t count;
    struct silenced *counts;
    struct demands demands;
};

static bool is_open(const struct fold *fold)
{
    for (size_t i = 0; i < fold->clocks; i++)
        if (fold->clock[i].outcome == CLOCK_RUNNING || fold->clock[i].outcome == CLOCK_SUSPENDED || fold->clock[i].outcome == CLOCK_OVERDUE) return true;
    return false;
}

static void add_notice(struct concern *concern, const struct silence_case *what)
{
    const struct silence *because = silence_at(concern->store->book, what, concern->now_ms);
    for (size_t i = 0; i < concern->count; i++) {
        const struct silence *silence = &concern->silence[i];
        bool counts = silence_in_force(silence, concern->now_ms) && because ? because->record == silence->record : silence_covers(silence, what);
        concern->counts[i].notices += counts;
    }
}

/* Pending ones are demanded still, or dropped at the next look. */
static bool add_case(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    struct concern *concern = context;
    struct silence_case held = {fold->unit, fold->item};
    bool open = is_open(fold);
    for (size_t i = 0; i < concern->count && open; i++) concern->counts[i].cases += silence_covers(&concern->silence[i], &held);
    demands_owed(&concern->demands, file, fold, rules, concern->now_ms - concern->grace_ms);
    for (size_t i = 0; i < concern->demands.count; i++) {
        const struct demand *demand = &concern->demands.at[i];
        if (demand_is_notice(demand->kind)) add_notice(concern, &(struct silence_case){demand->unit, fold->item});
    }
    return true;
}

enum store_result silenced_count(struct store *store, int64_t grace_ms, const struct silence *silence, size_t count, struct silenced *counts)
{
    static struct concern concern;
    concern = (struct concern){.store = store, .now_ms = clock_business_ms(&store->clock), .grace_ms = grace_ms, .silence = silence, .count = count, .counts = counts};
    for (size_t i = 0; i < count; i++) counts[i] = (struct silenced){0};
    return count ? census(store, concern.now_ms, add_case, &concern) : STORE_DONE;
}
