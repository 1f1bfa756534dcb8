/* What an errand amounts to.
 *
 * The trap: a case may have changed since it was claimed. So nothing here writes into the case
 * as claimed: what was told is kept apart, and applied to the case as it is when it is settled. */
#include "notify/errand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "sla/told.h"

enum { POOL_CHUNK_BYTES = 2048 }; /* thousands of errands are under way at once */

static struct text keep(struct pool *pool, struct text text)
{
    if (!text.bytes) return (struct text){0};
    return (struct text){pool_copy(pool, text.at, text.bytes), text.bytes};
}

const char *errand_begin(struct errand *errand, unsigned shard, struct text field, struct text blob, int64_t until_ms, int64_t loaded_ms)
{
    *errand = (struct errand){.defer_ms = INT64_MAX, .loaded_ms = loaded_ms, .leased_ms = loaded_ms, .pool = {.chunk_bytes = POOL_CHUNK_BYTES}};
    errand->last_tell = &errand->tells;
    errand->lease = (struct lease){shard, keep(&errand->pool, field), until_ms};
    errand->blob = keep(&errand->pool, blob);
    if (!blob.bytes) return "no case stands behind it";
    if (!store_field_parse(errand->lease.field, &errand->file.of, &errand->file.id)) return "its name is no case's";
    bool place = !of_case(errand->file.of);
    if (place) {
        errand->appeals = pool_take(&errand->pool, sizeof *errand->appeals);
        *errand->appeals = (struct appeals){.of = errand->file.of};
    }
    const char *fault = place ? appeals_decode(errand->blob.at, errand->blob.bytes, errand->appeals, &errand->file, &errand->pool)
                              : case_decode(errand->blob.at, errand->blob.bytes, &errand->file, &errand->pool);
    errand->revision = errand->file.revision;
    return fault;
}

void errand_free(struct errand *errand)
{
    case_clear(&errand->file);
    pool_free(&errand->pool);
    free(errand);
}

uint64_t errand_next_revision(struct errand *errand, int64_t real_ms)
{
    uint64_t now = (uint64_t)real_ms;
    errand->revision = now > errand->revision ? now : errand->revision + 1;
    return errand->revision;
}

struct tell *errand_tell(struct errand *errand, const struct told *told, struct text unit)
{
    struct tell *tell = pool_take(&errand->pool, sizeof *tell);
    *tell = (struct tell){.told = *told, .unit = keep(&errand->pool, unit)};
    *errand->last_tell = tell;
    errand->last_tell = &tell->next;
    return tell;
}

/* --- notices --- */

struct notice *errand_add_notice(struct errand *errand, const struct demand *demand, const char *id, size_t parts)
{
    struct notice *notice = pool_take(&errand->pool, sizeof *notice);
    *notice = (struct notice){.errand = errand, .demand = *demand, .parts = parts, .fresh = case_told(&errand->file, TOLD_NOTICE, demand->told.id) == NULL};
    notice->part = pool_take(&errand->pool, (parts + 1) * sizeof *notice->part);
    snprintf(notice->id, sizeof notice->id, "%s", id);
    notice->demand.unit = keep(&errand->pool, demand->unit);
    notice->demand.clock = NULL;
    notice->next = errand->notices;
    errand->notices = notice;
    return notice;
}

void errand_drop_notice(struct notice *notice)
{
    notice->errand->notices = notice->next;
}

struct delivery *errand_add_delivery(struct notice *notice, struct endpoint *endpoint)
{
    struct errand *errand = notice->errand;
    if (!notice->delivery) notice->delivery = pool_take(&errand->pool, notice->parts * sizeof *notice->delivery);
    struct delivery *delivery = &notice->delivery[notice->deliveries++];
    *delivery = (struct delivery){.owner = notice, .endpoint = endpoint, .pool = &errand->pool};
    notice->open++;
    errand->open++;
    return delivery;
}

void errand_put_off(struct errand *errand, uint64_t id, int64_t real_ms)
{
    struct put_off *one = pool_take(&errand->pool, sizeof *one);
    *one = (struct put_off){id, errand->put_off};
    errand->put_off = one;
    if (real_ms < errand->defer_ms) errand->defer_ms = real_ms;
}

/* Brings its parts up to what was answered. Returns how many requests were made. */
static size_t conclude_parts(struct notice *notice, const struct config *config, int64_t real_ms, uint32_t dice)
{
    size_t made = 0;
    for (size_t i = 0; i < notice->parts; i++) {
        struct part *part = &notice->part[i];
        if (part->state != PART_SENT) continue;
        if (!part->delivery->withheld) {
            part_conclude(part, &part->delivery->verdict, &config->notify.retry, config->notify.fallback_after, real_ms, dice);
            continue;
        }
        part->state = PART_HELD; /* as soon as the case is looked at again */
        part->hold_ms = real_ms;
    }
    for (size_t i = 0; i < notice->deliveries; i++) made += !notice->delivery[i].withheld;
    return made;
}

/* The notice's own status, and when it is to be looked at again. */
static void sum_up(const struct notice *notice, struct told *told)
{
    size_t delivered = 0, ended = 0;
    told->next_try_ms = INT64_MAX;
    for (size_t i = 0; i < notice->parts; i++) {
        const struct part *part = &notice->part[i];
        bool waits = part->state == PART_HELD || part->state == PART_GATHERED;
        int64_t next_ms = waits ? part->hold_ms : part->told.next_try_ms;
        delivered += part->told.status == TOLD_DELIVERED;
        if (part->told.status == TOLD_DELIVERED || part->told.status == TOLD_EXHAUSTED) ended++;
        else if (next_ms < told->next_try_ms) told->next_try_ms = next_ms;
    }
    told->status = ended < notice->parts ? TOLD_PENDING : delivered == notice->parts ? TOLD_DELIVERED : TOLD_EXHAUSTED;
    if (told->status != TOLD_PENDING) told->next_try_ms = 0;
}

/* How far it has come with whom: while it is under way, and who has it where others do not. */
static void tell_parts(struct errand *errand, const struct notice *notice, enum told_status status)
{
    for (size_t i = 0; i < notice->parts && status != TOLD_DELIVERED; i++) {
        const struct part *part = &notice->part[i];
        bool news = part->state == PART_SENT || part->state == PART_GATHERED || part->state == PART_CARRIED;
        if (news && (status == TOLD_PENDING || part->told.status == TOLD_DELIVERED)) errand_tell(errand, &part->told, notice->demand.unit);
    }
}

void errand_conclude(struct errand *errand, struct notice *notice, const struct config *config, int64_t real_ms, uint32_t dice)
{
    struct told told = notice->demand.told;
    const struct told *before = case_told(&errand->file, TOLD_NOTICE, told.id);
    if (notice->dropped) return;
    size_t made = conclude_parts(notice, config, real_ms, dice), held = 0, settled = 0;
    for (size_t i = 0; i < notice->parts; i++) {
        held += notice->part[i].state == PART_HELD;
        settled += notice->part[i].state == PART_SETTLED;
    }
    notice->dropped = made == 0 && held > 0 && held + settled == notice->parts;
    if (notice->dropped) return;
    told.attempts = before ? before->attempts : 0;
    if (made && told.attempts < UINT8_MAX) told.attempts++;
    sum_up(notice, &told);
    struct tell *tell = errand_tell(errand, &told, notice->demand.unit);
    tell->fresh = notice->fresh;
    tell->passed = notice->fresh ? notice->demand.superseded : 0;
    tell->attempts = (int)made;
    tell_parts(errand, notice, (enum told_status)told.status);
}

/* --- settling --- */

static enum notice_counter counter_of(enum told_status status)
{
    static const enum notice_counter counters[] = {[TOLD_PENDING] = NOTICE_COUNTERS, [TOLD_DELIVERED] = NOTICE_DELIVERED,
                                                   [TOLD_SUPERSEDED] = NOTICE_SUPERSEDED, [TOLD_EXHAUSTED] = NOTICE_EXHAUSTED,
                                                   [TOLD_SHADOWED] = NOTICE_SHADOWED,
                                                   [TOLD_GATHERED] = NOTICE_COUNTERS};
    return counters[status];
}

void tell_counts(const struct tell *tell, int32_t *counts)
{
    enum notice_counter counter = counter_of((enum told_status)tell->told.status);
    memset(counts, 0, NOTICE_COUNTERS * sizeof *counts);
    if (tell->told.kind != TOLD_NOTICE) return;
    counts[NOTICE_OWED] += tell->fresh ? 1 + tell->passed : 0;
    counts[NOTICE_SUPERSEDED] += tell->passed;
    if (counter != NOTICE_COUNTERS) counts[counter]++;
    counts[NOTICE_ATTEMPTS] += tell->attempts;
}

static void count_tell(const struct tell *tell, struct tally *tally)
{
    int32_t counts[NOTICE_COUNTERS];
    tell_counts(tell, counts);
    for (int i = 0; i < NOTICE_COUNTERS; i++)
        if (counts[i]) tally_add(tally, TALLY_NOTICES, i, DAY_NONE, tell->unit, counts[i]);
}

void errand_stamp(struct errand *errand, int64_t real_ms)
{
    for (struct tell *tell = errand->tells; tell; tell = tell->next)
        if (tell->told.kind == TOLD_RECIPIENT && tell->told.status == TOLD_GATHERED) tell->told.at_ms = real_ms;
}

bool errand_apply(const struct errand *errand, struct case_file *file, struct tally *tally)
{
    bool good = true, shrunk = file->stub && !errand->file.stub; /* meanwhile: of what it was nothing is remembered */
    for (const struct tell *tell = errand->tells; tell; tell = tell->next) {
        if (!shrunk) good &= told_apply(file, &tell->told);
        count_tell(tell, tally);
    }
    if (errand->revision > file->revision) file->revision = errand->revision;
    return good;
}

static bool is_put_off(const struct errand *errand, uint64_t id)
{
    for (const struct put_off *one = errand->put_off; one; one = one->next)
        if (one->id == id) return true;
    return false;
}

int64_t errand_next_look(const struct errand *errand, const struct change *change, const struct demands *demands)
{
    int64_t next_ms = errand->defer_ms;
    for (size_t i = 0; i < demands->count; i++) {
        const struct told *told = case_told(&change->file, TOLD_NOTICE, demands->at[i].told.id);
        if (told && told->status == TOLD_PENDING) continue;
        if (!is_put_off(errand, demands->at[i].told.id)) return 0;
    }
    for (size_t i = 0; i < change->file.tolds; i++) {
        const struct told *told = &change->file.told[i];
        if (told->kind != TOLD_NOTICE || told->status != TOLD_PENDING) continue;
        if (!demands_hold(demands, told->id) && !demands->cut) return 0;
        int64_t try_ms = is_put_off(errand, told->id) && errand->defer_ms > told->next_try_ms ? errand->defer_ms : told->next_try_ms;
        if (try_ms < next_ms) next_ms = try_ms;
    }
    return next_ms;
}
