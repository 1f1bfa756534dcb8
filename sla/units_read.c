/* Reads a units file into the table of sla/units_table.h: first the names, then what refers to them. Every fault is said; the table is
 * used only where there is none, so what a fault left empty is seen by nobody. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/zone.h"
#include "sla/form.h"
#include "sla/policy_calendar.h"
#include "sla/units_check.h"
#include "sla/units_table.h"

static void *take(struct units *units, size_t count, size_t bytes)
{
    void *all = pool_take(&units->pool, count * bytes + 1);
    memset(all, 0, count * bytes + 1);
    return all;
}

/* Text of at most UNITS_NAME_BYTES; absent or null where it need not be there. */
static bool read_text(const struct form *form, struct units *units, const json_t *object, const char *field, bool required, struct text *out)
{
    const json_t *value = json_object_get(object, field);
    size_t bytes = json_string_length(value);
    if (!required && (!value || json_is_null(value))) return true;
    if (!json_is_string(value) || bytes > UNITS_NAME_BYTES || bytes == 0)
        return form_fault(form, "%s: expected text of 1 to %d bytes", field, UNITS_NAME_BYTES);
    *out = (struct text){pool_copy(&units->pool, json_string_value(value), bytes + 1), bytes};
    return true;
}

static bool read_day(const struct form *form, const json_t *object, const char *field, bool required, int32_t *day)
{
    const json_t *value = json_object_get(object, field);
    if (!required && (!value || json_is_null(value))) return true;
    const char *s = json_string_value(value);
    return (s && day_parse(s, strlen(s), day)) || form_fault(form, "%s: expected a date \"YYYY-MM-DD\"", field);
}

static bool in_order(const struct form *form, const struct span *span)
{
    return span->from <= span->until || form_fault(form, "until: before from");
}

/* The array of that name with `least` to `most` members; NULL where it is absent or at fault. */
static const json_t *read_list(const struct form *form, const json_t *object, const char *field, size_t least, size_t most)
{
    const json_t *list = json_object_get(object, field);
    if (!list && least == 0) return NULL;
    if (json_is_array(list) && json_array_size(list) >= least && json_array_size(list) <= most) return list;
    form_fault(form, "%s: expected an array of %zu to %zu members", field, least, most);
    return NULL;
}

/* --- people --- */

static void read_contacts(struct form *form, struct units *units, const json_t *object, struct officer *officer)
{
    static const char *const members[] = {"endpoint", "address", NULL};
    const json_t *list = read_list(form, object, "contacts", 0, PERSON_CONTACTS_MAX), *entry;
    char path[sizeof form->path];
    struct contact *contact = take(units, json_array_size(list), sizeof *contact);
    size_t i;
    snprintf(path, sizeof path, "%s", form->path);
    officer->person.contact = contact;
    officer->person.contacts = json_array_size(list);
    json_array_foreach(list, i, entry) {
        form_at(form, "%.150s.contacts[%zu]", path, i);
        if (!form_members(form, entry, members)) continue;
        read_text(form, units, entry, "endpoint", true, &contact[i].endpoint);
        read_text(form, units, entry, "address", false, &contact[i].address);
    }
    form_at(form, "%s", path);
}

static void read_absences(struct form *form, struct units *units, const json_t *object, struct officer *officer)
{
    static const char *const members[] = {"from", "until", NULL};
    const json_t *list = read_list(form, object, "absences", 0, PERSON_ABSENCES_MAX), *entry;
    char path[sizeof form->path];
    size_t i;
    snprintf(path, sizeof path, "%s", form->path);
    officer->absence = take(units, json_array_size(list), sizeof *officer->absence);
    officer->absences = json_array_size(list);
    json_array_foreach(list, i, entry) {
        struct span *span = &officer->absence[i];
        form_at(form, "%.150s.absences[%zu]", path, i);
        span->until = DAY_LAST;
        if (!form_members(form, entry, members)) continue;
        if (read_day(form, entry, "from", true, &span->from) && read_day(form, entry, "until", false, &span->until)) in_order(form, span);
    }
    form_at(form, "%s", path);
}

static void read_person(struct form *form, struct units *units, const json_t *object, struct officer *officer)
{
    static const char *const members[] = {"person", "name", "contacts", "absences", "substitutes", NULL};
    struct person *person = &officer->person;
    if (!form_members(form, object, members) && !json_is_object(object)) return;
    read_text(form, units, object, "name", false, &person->name);
    read_contacts(form, units, object, officer);
    read_absences(form, units, object, officer);
    if (!read_text(form, units, object, "person", true, &person->id)) return;
    if (person->name.bytes == 0) person->name = person->id;
    if (units_officer(units, person->id.at, person->id.bytes)) form_fault(form, "person: \"%s\" is there twice", person->id.at);
    else HASH_ADD_KEYPTR(hh, units->person_by_id, person->id.at, person->id.bytes, officer);
}

static void read_people(struct form *form, struct units *units, const json_t *root)
{
    const json_t *list = read_list(form, root, "people", 0, UNITS_PEOPLE_MAX), *entry;
    size_t i;
    units->person = take(units, json_array_size(list), sizeof *units->person);
    units->people = json_array_size(list);
    json_array_foreach(list, i, entry) {
        form_at(form, "people[%zu]", i);
        read_person(form, units, entry, &units->person[i]);
    }
    form_at(form, "%s", "");
}

/* --- what refers to people --- */

/* Names of people, each once. */
static void read_group(const struct form *form, struct units *units, const json_t *list, const char *field, struct group *group)
{
    const json_t *value;
    size_t i;
    group->at = take(units, json_array_size(list), sizeof(struct officer *));
    json_array_foreach(list, i, value) {
        const char *id = json_string_value(value);
        struct officer *officer = id ? units_officer(units, id, json_string_length(value)) : NULL;
        if (!officer) form_fault(form, "%s[%zu]: nobody in people is called \"%s\"", field, i, id ? id : "(no text)");
        for (size_t k = 0; officer && k < group->count; k++)
            if (group->at[k] == officer) {
                form_fault(form, "%s[%zu]: \"%s\" is there twice", field, i, id);
                officer = NULL;
            }
        if (officer) group->at[group->count++] = officer;
    }
}

static void read_substitutes(struct form *form, struct units *units, const json_t *root)
{
    const json_t *people = json_object_get(root, "people"), *entry;
    size_t i;
    if (units->people == 0) return;
    json_array_foreach(people, i, entry) {
        struct officer *officer = &units->person[i];
        struct group group = {NULL, 0};
        form_at(form, "people[%zu]", i);
        const json_t *list = json_is_object(entry) ? read_list(form, entry, "substitutes", 0, PERSON_SUBSTITUTES_MAX) : NULL;
        if (list) read_group(form, units, list, "substitutes", &group);
        for (size_t k = 0; k < group.count; k++)
            if (group.at[k] == officer) form_fault(form, "substitutes: nobody can stand in for themselves");
        officer->substitute = group.at;
        officer->substitutes = group.count;
    }
    form_at(form, "%s", "");
}

/* --- duty rosters --- */

/* "2026-10-01", or "2026-10-01/2026-10-08" for all days of a span. */
static bool parse_span(const char *s, struct span *span)
{
    size_t bytes = s ? strlen(s) : 0, day_bytes = strlen("2026-10-01");
    if (bytes == day_bytes && day_parse(s, bytes, &span->from)) {
        span->until = span->from;
        return true;
    }
    return bytes == 2 * day_bytes + 1 && s[day_bytes] == '/' && day_parse(s, day_bytes, &span->from) &&
           day_parse(s + day_bytes + 1, day_bytes, &span->until) && span->from <= span->until;
}

static void read_conditions(const struct form *form, struct units *units, const json_t *object, struct roster *roster)
{
    const json_t *dates = read_list(form, object, "dates", 0, UNIT_DATES_MAX), *weekdays = read_list(form, object, "weekdays", 0, 7), *value;
    uint32_t kinds = 0;
    size_t i;
    if (form_bits(form, object, "kinds", day_kind_at, &kinds)) roster->kinds = kinds;
    roster->date = take(units, json_array_size(dates), sizeof *roster->date);
    roster->dates = json_array_size(dates);
    json_array_foreach(dates, i, value)
        if (!parse_span(json_string_value(value), &roster->date[i]))
            form_fault(form, "dates[%zu]: expected \"YYYY-MM-DD\" or \"YYYY-MM-DD/YYYY-MM-DD\", in order", i);
    json_array_foreach(weekdays, i, value) {
        int weekday = 0;
        if (form_int(form, value, "weekdays", 1, 7, &weekday)) roster->weekdays |= 1u << weekday;
    }
    static const char *const fields[] = {"dates", "kinds", "weekdays"};
    for (i = 0; i < 3; i++)
        if (json_is_array(json_object_get(object, fields[i])) && json_array_size(json_object_get(object, fields[i])) == 0)
            form_fault(form, "%s: empty, so it holds on no day", fields[i]);
}

static void read_turns(const struct form *form, struct units *units, const json_t *object, struct roster *roster)
{
    const json_t *turns = read_list(form, object, "turns", 2, UNIT_TURNS_MAX), *value;
    int days = 1;
    size_t i;
    if (!turns) return;
    roster->turn = take(units, json_array_size(turns), sizeof *roster->turn);
    roster->turns = json_array_size(turns);
    json_array_foreach(turns, i, value) {
        char field[32];
        snprintf(field, sizeof field, "turns[%zu]", i);
        if (json_is_array(value) && json_array_size(value) >= 1 && json_array_size(value) <= UNIT_POST_MAX)
            read_group(form, units, value, field, &roster->turn[i]);
        else form_fault(form, "%s: expected an array of 1 to %d people", field, UNIT_POST_MAX);
    }
    read_day(form, object, "start", true, &roster->start);
    if (form_maybe_int(form, object, "days", 1, 366, &days)) roster->turn_days = days;
}

static void read_roster(const struct form *form, struct units *units, const json_t *object, struct roster *roster)
{
    static const char *const members[] = {"post", "dates", "kinds", "weekdays", "people", "turns", "start", "days", NULL};
    static const char *const posts[] = {"handler", "leader", NULL};
    int post = POST_HANDLER;
    bool people = json_object_get(object, "people") != NULL, turns = json_object_get(object, "turns") != NULL;
    if (!form_members(form, object, members) && !json_is_object(object)) return;
    if (form_choice(form, object, "post", posts, &post)) roster->post = (enum post)post;
    read_conditions(form, units, object, roster);
    if (people == turns) {
        form_fault(form, "expected one of people, turns");
    } else if (turns) {
        read_turns(form, units, object, roster);
    } else {
        const json_t *list = read_list(form, object, "people", 1, UNIT_POST_MAX);
        roster->turn = take(units, 1, sizeof *roster->turn);
        roster->turns = 1;
        if (list) read_group(form, units, list, "people", &roster->turn[0]);
        if (json_object_get(object, "start") || json_object_get(object, "days")) form_fault(form, "start, days: only with turns");
    }
}

static void read_rosters(struct form *form, struct units *units, const json_t *object, struct tenure *tenure)
{
    const json_t *list = read_list(form, object, "rosters", 0, UNIT_ROSTERS_MAX), *entry;
    char path[sizeof form->path];
    size_t i;
    snprintf(path, sizeof path, "%s", form->path);
    tenure->roster = take(units, json_array_size(list), sizeof *tenure->roster);
    tenure->rosters = json_array_size(list);
    json_array_foreach(list, i, entry) {
        form_at(form, "%.150s.rosters[%zu]", path, i);
        read_roster(form, units, entry, &tenure->roster[i]);
    }
    form_at(form, "%s", path);
}

/* --- units --- */

/* The unit of that name, made where it is new. */
static struct unit *named(struct units *units, struct text id, size_t place)
{
    struct unit *unit = units_find(units, id);
    if (unit) return unit;
    unit = &units->unit[units->count++];
    unit->id = id;
    unit->place = place;
    HASH_ADD_KEYPTR(hh, units->unit_by_id, unit->id.at, unit->id.bytes, unit);
    return unit;
}

/* Puts a tenure among the unit's others, by time. */
static void add_tenure(const struct form *form, struct unit *unit, struct tenure *tenure)
{
    struct tenure **place = &unit->tenure, *before = NULL;
    for (; *place && (*place)->valid.from <= tenure->valid.from; place = &(*place)->next) before = *place;
    if (++unit->tenures > UNIT_SPANS_MAX) {
        form_fault(form, "unit: \"%s\" has more than %d entries", unit->id.at, UNIT_SPANS_MAX);
        return;
    }
    if ((before && before->valid.until >= tenure->valid.from) || (*place && tenure->valid.until >= (*place)->valid.from))
        form_fault(form, "unit: \"%s\" is valid twice at a time", unit->id.at);
    tenure->next = *place;
    *place = tenure;
}

/* Name and validity: what the others can refer to. */
static void read_tenure(struct form *form, struct units *units, const json_t *object, struct tenure *tenure, size_t place)
{
    static const char *const members[] = {"unit", "name", "parent", "from", "until", "successor", "handlers", "leaders", "rosters", NULL};
    struct text id = {NULL, 0};
    tenure->valid = (struct span){DAY_FIRST, DAY_LAST};
    if (!form_members(form, object, members) && !json_is_object(object)) return;
    read_text(form, units, object, "name", false, &tenure->name);
    bool dated = read_day(form, object, "from", false, &tenure->valid.from) && read_day(form, object, "until", false, &tenure->valid.until) &&
                 in_order(form, &tenure->valid);
    if (read_text(form, units, object, "unit", true, &id) && dated) add_tenure(form, named(units, id, place), tenure);
}

static struct unit *read_unit_name(const struct form *form, const struct units *units, const json_t *object, const char *field)
{
    const json_t *value = json_object_get(object, field);
    struct text id = {json_string_value(value), json_string_length(value)};
    if (!value || json_is_null(value)) return NULL;
    struct unit *unit = id.at ? units_find(units, id) : NULL;
    if (!unit) form_fault(form, "%s: no unit is called \"%s\"", field, id.at ? id.at : "(no text)");
    return unit;
}

static void read_references(struct form *form, struct units *units, const json_t *object, struct tenure *tenure)
{
    static const char *const posts[POSTS] = {"handlers", "leaders"};
    tenure->parent = read_unit_name(form, units, object, "parent");
    tenure->successor = read_unit_name(form, units, object, "successor");
    if (tenure->successor && tenure->valid.until == DAY_LAST) form_fault(form, "successor: only of a unit that ends: until is missing");
    for (int i = 0; i < POSTS; i++) {
        const json_t *list = read_list(form, object, posts[i], 0, UNIT_POST_MAX);
        if (list) read_group(form, units, list, posts[i], &tenure->post[i]);
    }
    read_rosters(form, units, object, tenure);
}

static void read_units(struct form *form, struct units *units, const json_t *root)
{
    const json_t *list = read_list(form, root, "units", 1, UNITS_MAX), *entry;
    size_t i;
    struct tenure *tenure = take(units, json_array_size(list), sizeof *tenure);
    units->unit = take(units, json_array_size(list), sizeof *units->unit);
    json_array_foreach(list, i, entry) {
        form_at(form, "units[%zu]", i);
        read_tenure(form, units, entry, &tenure[i], i);
    }
    json_array_foreach(list, i, entry) {
        form_at(form, "units[%zu]", i);
        if (json_is_object(entry)) read_references(form, units, entry, &tenure[i]);
    }
    form_at(form, "%s", "");
}

static void read_all(struct form *form, struct units *units, const json_t *root)
{
    static const char *const members[] = {"version", "title", "dispatcher", "supervision", "circulation", "people", "units", NULL};
    struct text unused;
    if (!form_members(form, root, members) && !json_is_object(root)) return;
    read_text(form, units, root, "version", true, &unused);
    read_text(form, units, root, "title", false, &unused);
    read_people(form, units, root);
    read_substitutes(form, units, root);
    read_units(form, units, root);
    units->dispatcher = read_unit_name(form, units, root, "dispatcher");
    units->supervision = read_unit_name(form, units, root, "supervision");
    units->circulation = read_unit_name(form, units, root, "circulation");
}

static struct units *build(struct form *form, json_t *root)
{
    size_t before = form->faults->bytes;
    if (!root) return NULL;
    struct units *units = xcalloc(1, sizeof *units);
    read_all(form, units, root);
    json_decref(root);
    if (form->faults->bytes == before && !form->faults->overflow) units_check(units, form);
    if (form->faults->bytes == before && !form->faults->overflow) return units;
    units_free(units);
    return NULL;
}

struct units *units_load(const char *file, struct buffer *faults)
{
    struct form form = {.file = file, .faults = faults};
    return build(&form, form_load(&form));
}

struct units *units_parse(const char *text, size_t bytes, const char *called, struct buffer *faults)
{
    struct form form = {.file = called, .faults = faults};
    return build(&form, form_parse(&form, text, bytes));
}
