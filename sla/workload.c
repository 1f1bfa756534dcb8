/* Counts by unit and day, in hash tables: a day without a notice takes no room. */
#include "sla/workload.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "common/alloc.h"
#include "common/pool.h"
#include "sla/case_json.h"

struct day {
    int32_t day;
    int64_t notices;
    UT_hash_handle hh;
};

struct step {
    char name[POLICY_NAME_BYTES];
    int64_t notices;
    UT_hash_handle hh;
};

/* Of a unit, or of all. */
struct load {
    struct text unit;
    int64_t notices;
    struct day *days;
    struct step *steps;
    UT_hash_handle hh;
};

struct workload {
    struct load *units, all;
    struct pool pool; /* all of the above */
};

struct workload *workload_new(void)
{
    return xcalloc(1, sizeof(struct workload));
}

static void load_clear(struct load *load)
{
    HASH_CLEAR(hh, load->days);
    HASH_CLEAR(hh, load->steps);
}

void workload_free(struct workload *workload)
{
    struct load *load, *next;
    if (!workload) return;
    load_clear(&workload->all);
    HASH_ITER(hh, workload->units, load, next) load_clear(load);
    HASH_CLEAR(hh, workload->units);
    pool_free(&workload->pool);
    free(workload);
}

static struct load *find(const struct workload *workload, struct text unit)
{
    struct load *load;
    HASH_FIND(hh, workload->units, unit.bytes ? unit.at : "", unit.bytes, load);
    return load;
}

static struct load *load_of(struct workload *workload, struct text unit)
{
    struct load *load = find(workload, unit);
    if (load) return load;
    load = pool_take(&workload->pool, sizeof *load);
    *load = (struct load){.unit = {pool_copy(&workload->pool, unit.bytes ? unit.at : "", unit.bytes), unit.bytes}};
    HASH_ADD_KEYPTR(hh, workload->units, load->unit.at, load->unit.bytes, load);
    return load;
}

static void count_day(struct workload *workload, struct load *load, int32_t day)
{
    struct day *on;
    HASH_FIND(hh, load->days, &day, sizeof day, on);
    if (!on) {
        on = pool_take(&workload->pool, sizeof *on);
        *on = (struct day){.day = day};
        HASH_ADD(hh, load->days, day, sizeof on->day, on);
    }
    on->notices++;
}

static void count_step(struct workload *workload, struct load *load, const char *name)
{
    struct step *step;
    HASH_FIND_STR(load->steps, name, step);
    if (!step) {
        step = pool_take(&workload->pool, sizeof *step);
        *step = (struct step){.notices = 0};
        snprintf(step->name, sizeof step->name, "%s", name);
        HASH_ADD_STR(load->steps, name, step);
    }
    step->notices++;
}

void workload_add(struct workload *workload, struct text unit, int32_t day, const struct policy_step *step)
{
    struct load *loads[] = {load_of(workload, unit), &workload->all};
    for (int i = 0; i < 2; i++) {
        loads[i]->notices++;
        count_day(workload, loads[i], day);
        count_step(workload, loads[i], step ? step->name : "withdrawn");
    }
}

void workload_each(const struct workload *workload, workload_unit *seen, void *context)
{
    for (const struct load *load = workload->units; load; load = load->hh.next) seen(context, load->unit);
}

static json_t *busiest_to_json(const struct load *load)
{
    const struct day *most = NULL;
    for (const struct day *day = load->days; day; day = day->hh.next)
        if (!most || day->notices > most->notices || (day->notices == most->notices && day->day < most->day)) most = day;
    return most ? json_pack("{s:o, s:I}", "day", json_day(most->day), "notices", (json_int_t)most->notices) : json_null();
}

static int by_name(const struct step *a, const struct step *b)
{
    return strcmp(a->name, b->name);
}

static json_t *steps_to_json(struct load *load)
{
    json_t *steps = json_object();
    HASH_SORT(load->steps, by_name);
    for (const struct step *step = load->steps; step; step = step->hh.next)
        json_object_set_new_nocheck(steps, step->name, json_integer(step->notices));
    return steps;
}

json_t *workload_to_json(struct workload *workload, const struct text *unit)
{
    struct load none = {.notices = 0}, *load = unit ? find(workload, *unit) : &workload->all;
    if (!load) load = &none;
    unsigned days = HASH_COUNT(load->days);
    json_t *a_day = days ? json_real(rint((double)load->notices / days * 100) / 100) : json_null();
    return json_pack("{s:I, s:I, s:o, s:o, s:o}", "notices", (json_int_t)load->notices, "days", (json_int_t)days, "a_day", a_day, "busiest",
                     busiest_to_json(load), "steps", steps_to_json(load));
}
