/* Who has a post on a day, and what a unit is on it. Reading is in units_read.c.
 *
 * The trap: chains (successors, units above each other, substitutes) are followed over a bounded number of hops, though reading refuses
 * those that go round: substitutes may well stand in for each other. */
#include "sla/units.h"

#include <stdlib.h>
#include <string.h>

#include "common/zone.h"
#include "sla/units_table.h"

const char *post_name(enum post post)
{
    static const char *const names[POSTS] = {"handler", "leader"};
    return names[post];
}

void units_free(struct units *units)
{
    if (!units) return;
    HASH_CLEAR(hh, units->person_by_id);
    HASH_CLEAR(hh, units->unit_by_id);
    pool_free(&units->pool);
    free(units);
}

struct officer *units_officer(const struct units *units, const char *id, size_t bytes)
{
    struct officer *officer;
    HASH_FIND(hh, units->person_by_id, id, bytes, officer);
    return officer;
}

struct unit *units_find(const struct units *units, struct text id)
{
    struct unit *unit = NULL;
    if (id.bytes) HASH_FIND(hh, units->unit_by_id, id.at, id.bytes, unit);
    return unit;
}

/* --- a unit over time --- */

bool span_holds(const struct span *span, size_t count, int32_t day)
{
    for (size_t i = 0; i < count; i++)
        if (span[i].from <= day && day <= span[i].until) return true;
    return false;
}

/* The last tenure that had begun by that day. */
static const struct tenure *begun(const struct unit *unit, int32_t day)
{
    const struct tenure *last = NULL;
    for (const struct tenure *tenure = unit->tenure; tenure && tenure->valid.from <= day; tenure = tenure->next) last = tenure;
    return last;
}

const struct tenure *unit_tenure(const struct unit *unit, int32_t day)
{
    const struct tenure *tenure = begun(unit, day);
    return tenure && day <= tenure->valid.until ? tenure : NULL;
}

const struct unit *unit_in_force(const struct unit *unit, int32_t day, int *hops)
{
    while (unit) {
        const struct tenure *tenure = begun(unit, day);
        if (!tenure) return NULL;
        if (day <= tenure->valid.until) return unit;
        if (++*hops > UNIT_HOPS_MAX) return NULL;
        unit = tenure->successor;
    }
    return NULL;
}

const struct unit *unit_above(const struct unit *unit, int32_t day)
{
    const struct tenure *tenure = begun(unit, day);
    int hops = 0;
    if (!tenure) return NULL;
    if (day > tenure->valid.until && tenure->successor) return unit_in_force(tenure->successor, day, &hops);
    return tenure->parent ? unit_in_force(tenure->parent, day, &hops) : NULL;
}

static struct text id_of(const struct unit *unit)
{
    return unit ? unit->id : (struct text){NULL, 0};
}

bool units_know(const struct units *units, struct text unit)
{
    return units_find(units, unit) != NULL;
}

struct text units_in_force(const struct units *units, struct text unit, int32_t day)
{
    int hops = 0;
    return id_of(unit_in_force(units_find(units, unit), day, &hops));
}

struct text units_name(const struct units *units, struct text unit)
{
    const struct unit *found = units_find(units, unit);
    struct text name = unit;
    for (const struct tenure *tenure = found ? found->tenure : NULL; tenure; tenure = tenure->next)
        if (tenure->name.bytes) name = tenure->name;
    return name;
}

struct text units_parent(const struct units *units, struct text unit, int32_t day)
{
    const struct unit *found = units_find(units, unit);
    const struct tenure *tenure = found ? unit_tenure(found, day) : NULL;
    int hops = 0;
    return id_of(tenure ? unit_in_force(tenure->parent, day, &hops) : NULL);
}

struct text units_above(const struct units *units, struct text unit, int32_t day)
{
    const struct unit *found = units_find(units, unit);
    return id_of(found ? unit_above(found, day) : NULL);
}

struct text units_dispatcher(const struct units *units)
{
    return id_of(units->dispatcher);
}

struct text units_supervision(const struct units *units)
{
    return id_of(units->supervision);
}

struct text units_circulation(const struct units *units)
{
    return id_of(units->circulation);
}

const struct person *units_person_at(const struct units *units, size_t i)
{
    return i < units->people ? &units->person[i].person : NULL;
}

struct text units_unit_at(const struct units *units, size_t i)
{
    return id_of(i < units->count ? &units->unit[i] : NULL);
}

/* --- people --- */

/* Gathered for an answer; counts beyond the room. */
struct gathering {
    struct posted *posted;
    size_t count, room;
};

static bool absent(const struct officer *officer, int32_t day)
{
    return span_holds(officer->absence, officer->absences, day);
}

/* The first that is there: of the absent one's own substitutes, in order, then of theirs. NULL: nobody. */
static const struct officer *stand_in(const struct officer *officer, int32_t day)
{
    const struct officer *line[UNIT_POST_MAX] = {officer};
    size_t count = 1;
    for (size_t done = 0; done < count; done++)
        for (size_t i = 0; i < line[done]->substitutes; i++) {
            const struct officer *one = line[done]->substitute[i];
            size_t seen = 0;
            if (!absent(one, day)) return one;
            while (seen < count && line[seen] != one) seen++;
            if (seen == count && count < UNIT_POST_MAX) line[count++] = one;
        }
    return NULL;
}

static void gather(struct gathering *all, const struct posted *one)
{
    size_t known = all->count < all->room ? all->count : all->room;
    for (size_t i = 0; i < known; i++) {
        if (all->posted[i].person != one->person) continue;
        if (!one->instead_of) all->posted[i].instead_of = NULL; /* it has the post anyway */
        return;
    }
    if (all->count < all->room) all->posted[all->count] = *one;
    all->count++;
}

static void gather_group(struct gathering *all, const struct group *group, bool on_duty, int32_t day)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct officer *officer = group->at[i], *there = absent(officer, day) ? stand_in(officer, day) : officer;
        if (!there) continue;
        gather(all, &(struct posted){&there->person, there == officer ? NULL : &officer->person, on_duty});
    }
}

static bool roster_holds(const struct roster *roster, const struct calendar *calendar, int32_t day)
{
    if (roster->dates && !span_holds(roster->date, roster->dates, day)) return false;
    if (roster->weekdays && !(roster->weekdays >> day_iso_weekday(day) & 1)) return false;
    if (roster->turns > 1 && day < roster->start) return false;
    if (!roster->kinds) return true;
    return calendar && calendar_holds(day) && roster->kinds >> calendar_kind(calendar, day) & 1;
}

/* The first roster of the post whose conditions hold; NULL for none. */
static const struct group *on_duty(const struct tenure *tenure, enum post post, const struct calendar *calendar, int32_t day)
{
    for (size_t i = 0; i < tenure->rosters; i++) {
        const struct roster *roster = &tenure->roster[i];
        if (roster->post != post || !roster_holds(roster, calendar, day)) continue;
        int64_t turn = roster->turns > 1 ? ((int64_t)day - roster->start) / roster->turn_days : 0;
        return &roster->turn[turn % (int64_t)roster->turns];
    }
    return NULL;
}

size_t units_people(const struct units *units, struct text unit, enum post post, const struct calendar *calendar, int32_t day,
                    struct posted *posted, size_t room)
{
    const struct unit *found = units_find(units, unit);
    const struct tenure *tenure = found ? unit_tenure(found, day) : NULL;
    struct gathering all = {posted, 0, room};
    if (!tenure) return 0;
    const struct group *duty = on_duty(tenure, post, calendar, day);
    if (duty) gather_group(&all, duty, true, day);
    if (all.count == 0) gather_group(&all, &tenure->post[post], false, day);
    return all.count;
}

static void gather_anyway(struct gathering *all, const struct group *group, bool on_duty)
{
    for (size_t i = 0; i < group->count; i++) gather(all, &(struct posted){&group->at[i]->person, NULL, on_duty});
}

size_t units_everybody(const struct units *units, struct text unit, enum post post, int32_t day, struct posted *posted, size_t room)
{
    const struct unit *found = units_find(units, unit);
    const struct tenure *tenure = found ? unit_tenure(found, day) : NULL;
    struct gathering all = {posted, 0, room};
    if (!tenure) return 0;
    gather_anyway(&all, &tenure->post[post], false);
    for (size_t i = 0; i < tenure->rosters; i++)
        for (size_t k = 0; tenure->roster[i].post == post && k < tenure->roster[i].turns; k++) gather_anyway(&all, &tenure->roster[i].turn[k], true);
    return all.count;
}
