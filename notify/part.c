/* Parts. The trap: places may have changed since the last try (another is on duty, a contact was added): then the last that
 * there is stands for one that is gone. */
#include "notify/part.h"

#include <xxhash.h>

#include "notify/backoff.h"

uint64_t part_id(uint64_t notice, uint64_t recipient)
{
    uint64_t both[2] = {notice, recipient};
    return XXH3_64bits(both, sizeof both);
}

void part_begin(struct part *part, const struct recipient *to, uint64_t notice, const struct case_file *file)
{
    uint64_t id = part_id(notice, to->key);
    const struct told *told = case_told(file, TOLD_RECIPIENT, id);
    *part = (struct part){.to = *to, .known = told != NULL};
    part->told = told ? *told : (struct told){.kind = TOLD_RECIPIENT, .status = TOLD_PENDING, .deadline_ms = (int64_t)notice, .id = id};
    if (part->told.day >= to->places) part->told.day = (uint8_t)(to->places ? to->places - 1 : 0);
    if (part->told.status == TOLD_DELIVERED || part->told.status == TOLD_EXHAUSTED) part->state = PART_SETTLED;
    else part->state = PART_HELD;
}

const struct place *part_place(const struct part *part)
{
    return &part->to.place[part->told.day];
}

bool part_next_place(struct part *part)
{
    if (part->told.day + 1U >= part->to.places) return false;
    part->told.day++;
    part->told.step = 0;
    return true;
}

void part_conclude(struct part *part, const struct verdict *verdict, const struct config_spans *retry, int64_t fallback_after, int64_t real_ms, uint32_t dice)
{
    struct told *told = &part->told;
    if (told->attempts < UINT8_MAX) told->attempts++;
    if (told->at_ms == 0) told->at_ms = real_ms;
    if (verdict->kind == VERDICT_DELIVERED) {
        told->status = TOLD_DELIVERED;
        return;
    }
    told->step++;
    told->status = TOLD_PENDING;
    bool hopeless = verdict->kind == VERDICT_REFUSED || verdict->kind == VERDICT_GONE;
    int64_t wait_ms = backoff_wait_ms(retry, told->attempts, verdict->wait_ms, dice);
    if ((hopeless || wait_ms < 0 || told->step >= fallback_after) && part_next_place(part)) told->next_try_ms = real_ms;
    else if (hopeless || wait_ms < 0) told->status = TOLD_EXHAUSTED;
    else told->next_try_ms = real_ms + wait_ms;
}
