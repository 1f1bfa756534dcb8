/* Two sides, a case at a time. What is counted is the summary's, what is sent the rehearsal's, what differs the
 * comparison's; here they are put side by side. */
#include "sla/trial.h"

#include <stdlib.h>
#include <string.h>

#include "sla/case_json.h"

static const char *const side_name[SIDES] = {"in_force", "new"};

void trial_open(struct trial *trial, const struct rules *in_force, const struct rules *new, int64_t until_ms)
{
    *trial = (struct trial){.until_ms = until_ms, .comparison = comparison_new()};
    for (int i = 0; i < SIDES; i++) {
        struct trial_side *side = &trial->side[i];
        rehearsal_open(&side->rehearsal, i == SIDE_NEW ? new : in_force);
        side->summary = summary_new(DAY_NONE, DAY_NONE);
        side->workload = workload_new();
    }
}

void trial_close(struct trial *trial)
{
    for (int i = 0; i < SIDES; i++) {
        struct trial_side *side = &trial->side[i];
        fold_free(&side->fold);
        summary_free(side->summary);
        rehearsal_close(&side->rehearsal);
        workload_free(side->workload);
    }
    comparison_free(trial->comparison);
    *trial = (struct trial){0};
}

/* It counts on the day on which it became owed: then it reaches the unit, even where the step itself lay earlier. */
static void sent(void *context, const struct demand *notice, int64_t at_ms)
{
    struct trial_side *side = context;
    workload_add(side->workload, notice->unit, zone_day(side->rehearsal.rules->zone, at_ms), notice->step);
}

void trial_case(struct trial *trial, const struct case_file *file)
{
    bool whole = true;
    for (int i = 0; i < SIDES; i++) {
        struct trial_side *side = &trial->side[i];
        fold_case(&side->fold, side->rehearsal.rules, file, trial->until_ms);
        summary_add_case(side->summary, &side->fold, 1);
        whole &= rehearse(&side->rehearsal, file, trial->until_ms, sent, side);
    }
    comparison_add(trial->comparison, &trial->side[SIDE_IN_FORCE].fold, &trial->side[SIDE_NEW].fold);
    trial->cases += trial->side[SIDE_NEW].fold.used > 0;
    trial->cut += !whole;
}

/* --- rows --- */

/* What a side has for a unit: its figures by name of the unit, the total, and what one with nothing has. */
struct figures {
    json_t *units, *total, *none;
};

static void touch(void *context, struct text unit)
{
    comparison_touch(context, unit);
}

static struct figures figures_of(struct trial *trial, const struct trial_side *side)
{
    const struct rules *rules = side->rehearsal.rules;
    struct summary *empty = summary_new(DAY_NONE, DAY_NONE);
    json_t *root = summary_to_json(side->summary, rules, trial->until_ms, NULL), *nothing = summary_to_json(empty, rules, trial->until_ms, NULL), *unit;
    struct figures figures = {json_object(), json_incref(json_object_get(root, "total")), json_incref(json_object_get(nothing, "total"))};
    size_t i;
    json_array_foreach(json_object_get(root, "units"), i, unit)
    {
        const char *name = json_string_value(json_object_get(unit, "unit"));
        json_object_set_nocheck(figures.units, name, unit);
        comparison_touch(trial->comparison, (struct text){name, strlen(name)});
        json_object_del(unit, "unit");
    }
    workload_each(side->workload, touch, trial->comparison);
    json_decref(root);
    json_decref(nothing);
    summary_free(empty);
    return figures;
}

static void figures_free(struct figures *figures)
{
    json_decref(figures->units);
    json_decref(figures->total);
    json_decref(figures->none);
}

static json_t *side_to_json(const struct trial_side *side, const struct figures *figures, const struct text *unit)
{
    json_t *found = figures->total, *row;
    if (unit) found = json_object_getn(figures->units, unit->at, unit->bytes);
    row = json_copy(found ? found : figures->none);
    json_object_set_new_nocheck(row, "notices", workload_to_json(side->workload, unit));
    return row;
}

static json_t *late_to_json(const struct late_counts *late, bool total)
{
    json_t *object = json_pack("{s:I, s:I}", "appear", (json_int_t)late->appear, "vanish", (json_int_t)late->vanish);
    if (total) json_object_set_new_nocheck(object, "moved", json_integer(late->moved));
    return object;
}

/* Adds what both sides say, of a unit or (NULL) of all. */
static void put_sides(json_t *object, const struct trial *trial, const struct figures *figures, struct comparison_row *row, const struct text *unit)
{
    json_t *sides[SIDES];
    for (int i = 0; i < SIDES; i++) sides[i] = side_to_json(&trial->side[i], &figures[i], unit);
    bool differs = !json_equal(sides[SIDE_IN_FORCE], sides[SIDE_NEW]) || comparison_differs(row);
    json_object_set_new_nocheck(object, "differs", json_boolean(differs));
    for (int i = 0; i < SIDES; i++) json_object_set_new_nocheck(object, side_name[i], sides[i]);
    json_object_set_new_nocheck(object, "breaches", late_to_json(&row->breaches, !unit));
    json_object_set_new_nocheck(object, "deadlines", json_pack("{s:I, s:I}", "earlier", (json_int_t)row->earlier, "later", (json_int_t)row->later));
    json_object_set_new_nocheck(object, "clocks", comparison_clocks(row, !unit));
}

static json_t *rules_to_json(const struct trial *trial)
{
    json_t *both = json_object();
    for (int i = 0; i < SIDES; i++) {
        const struct trial_side *side = &trial->side[i];
        const struct rules *rules = side->rehearsal.rules;
        json_t *object = json_pack("{s:s, s:s?, s:s, s:s?, s:s}", "policy", rules->policy->name, "policy_file", side->policy_file, "calendar",
                                   calendar_version(rules->calendar), "calendar_file", side->calendar_file, "zone", rules->zone->name);
        json_object_set_new_nocheck(both, side_name[i], object);
    }
    return both;
}

static json_t *total_to_json(struct trial *trial, const struct figures *figures)
{
    bool any = trial->until_ms != INT64_MIN;
    json_t *object = json_pack("{s:s, s:o, s:I, s:I, s:o}", "row", "total", "as_of",
                               any ? json_instant(trial->side[SIDE_NEW].rehearsal.rules->zone, trial->until_ms) : json_null(), "cases",
                               (json_int_t)trial->cases, "cut", (json_int_t)trial->cut, "rules", rules_to_json(trial));
    put_sides(object, trial, figures, comparison_total(trial->comparison), NULL);
    return object;
}

json_t *trial_rows(struct trial *trial)
{
    json_t *rows = json_array();
    struct figures figures[SIDES];
    for (int i = 0; i < SIDES; i++) figures[i] = figures_of(trial, &trial->side[i]);
    json_array_append_new(rows, total_to_json(trial, figures));
    struct comparison_row **sorted = comparison_sorted(trial->comparison);
    for (struct comparison_row **next = sorted; *next; next++) {
        json_t *object = json_pack("{s:s, s:o}", "row", "unit", "unit", json_text((*next)->unit));
        put_sides(object, trial, figures, *next, &(*next)->unit);
        json_array_append_new(rows, object);
    }
    free(sorted);
    for (int i = 0; i < SIDES; i++) figures_free(&figures[i]);
    return rows;
}
