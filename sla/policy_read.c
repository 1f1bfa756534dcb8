/* Reads a policy file into a table. Every field is checked and every unknown
 * one refused, so that a typing slip cannot loosen a limit in silence. */
#include "common/alloc.h"
#include "common/zone.h"
#include "sla/calendar.h"
#include "sla/policy_calendar.h"
#include "sla/policy_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_at(int i) { return i < KINDS ? (i ? kind_name((enum kind)i) : "") : NULL; }
static const char *urgency_at(int i) { return i < URGENCIES ? (i ? urgency_name((enum urgency)i) : "") : NULL; }

static struct text keep_text(const char *s)
{
    size_t bytes = strlen(s);
    char *copy = xmalloc(bytes + 1);
    memcpy(copy, s, bytes + 1);
    return (struct text){copy, bytes};
}

static bool take_of(const struct form *form, const json_t *object, enum of *of)
{
    static const char *const names[] = {"ticket", "rating", NULL};
    int place = -1;
    if (!form_choice(form, object, "of", names, &place)) return false;
    *of = place == 1 ? OF_RATING : OF_TICKET;
    return place >= 0 || form_fault(form, "of: expected \"ticket\" or \"rating\"");
}

/* --- calendars of the policy's own --- */

static bool read_calendars(struct form *form, const json_t *root, struct policy *policy)
{
    json_t *all = json_object_get(root, "calendars"), *object;
    const char *name;
    form_at(form, "calendars");
    if (!all) return true;
    if (!json_is_object(all) || json_object_size(all) > POLICY_CALENDARS_MAX)
        return form_fault(form, "expected an object of at most %d calendars", POLICY_CALENDARS_MAX);
    json_object_foreach(all, name, object) {
        form_at(form, "calendars.%.100s", name);
        if (!policy_calendar_read(form, name, object, &policy->calendar[policy->calendars++])) return false;
    }
    return true;
}

/* --- suspension, extension --- */

static bool read_reasons(struct form *form, const json_t *list, struct policy *policy)
{
    static const char *const members[] = {"reason", "max_workdays", "then", NULL};
    static const char *const thens[] = {"continues", "restarts", NULL};
    size_t i;
    const json_t *entry;
    if (!list) return true;
    if (!json_is_array(list) || json_array_size(list) > POLICY_REASONS_MAX)
        return form_fault(form, "reasons: expected an array of at most %d", POLICY_REASONS_MAX);
    policy->reasons_listed = true;
    json_array_foreach(list, i, entry) {
        struct policy_reason *reason = &policy->reason[policy->reasons];
        char code[POLICY_NAME_BYTES];
        int then = 0;
        form_at(form, "suspension.reasons[%zu]", i);
        reason->max_workdays = policy->suspension_max_workdays;
        if (!form_members(form, entry, members) || !form_name(form, entry, "reason", code, sizeof code) ||
            !form_maybe_int(form, entry, "max_workdays", 1, POLICY_LIMIT_MAX_DAYS, &reason->max_workdays) ||
            !form_choice(form, entry, "then", thens, &then))
            return false;
        reason->code = keep_text(code);
        reason->restarts = then == 1;
        policy->reasons++;
    }
    return true;
}

static bool read_suspension(struct form *form, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"max_workdays", "reasons", NULL};
    const json_t *object = json_object_get(root, "suspension");
    form_at(form, "suspension");
    if (!object) return true;
    return form_members(form, object, members) &&
           form_maybe_int(form, object, "max_workdays", 1, POLICY_LIMIT_MAX_DAYS, &policy->suspension_max_workdays) &&
           read_reasons(form, json_object_get(object, "reasons"), policy);
}

static bool read_extension(struct form *form, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"max_workdays_a_round", NULL};
    const json_t *object = json_object_get(root, "extension");
    form_at(form, "extension");
    return form_members(form, object, members) &&
           form_int(form, json_object_get(object, "max_workdays_a_round"), "max_workdays_a_round", 0, POLICY_LIMIT_MAX_DAYS,
                    &policy->extension_max_days);
}

static bool read_merged(struct form *form, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"tell_duplicates", NULL};
    const json_t *object = json_object_get(root, "merged");
    form_at(form, "merged");
    return !object || (form_members(form, object, members) && form_maybe_bool(form, object, "tell_duplicates", &policy->tells_duplicates));
}

/* --- classes --- */

static bool read_returns(struct form *form, const json_t *entry, struct policy_class *class)
{
    static const char *const members[] = {"max_a_round", "within_workdays", NULL};
    const json_t *object = json_object_get(entry, "returns");
    class->returns_max_a_round = class->returns_within_workdays = -1;
    return !object || (form_members(form, object, members) &&
                       form_maybe_int(form, object, "max_a_round", 0, 1000, &class->returns_max_a_round) &&
                       form_maybe_int(form, object, "within_workdays", 1, POLICY_LIMIT_MAX_DAYS, &class->returns_within_workdays));
}

/* What a class's clocks must be to each other. */
static bool note_clock(const struct form *form, struct policy *policy, struct policy_class *class, int at)
{
    struct policy_clock *clock = &class->clock[at];
    int *beside[CLOCK_KINDS] = {NULL, &class->share, &class->approval, &class->member};
    bool *has[CLOCK_KINDS] = {NULL, &policy->has_shares, &policy->has_approvals, &policy->has_members};
    clock->main = at == 0;
    policy->ticks |= clock->started_by | clock->stopped_by | clock->cancelled_by;
    if (at == 0 && (clock->kind != CLOCK_OF_CASE || clock->starts == STARTS_ON_EVENT))
        return form_fault(form, "the first clock is the class's main one: expected kind \"case\", starts \"receipt\" or \"each-round\"");
    for (int i = 0; i < at; i++)
        if (class->clock[i].name_index == clock->name_index) return form_fault(form, "clock: \"%s\" is there twice", clock->name);
    if (clock->kind == CLOCK_OF_CASE) {
        if (strcmp(clock->name, "contact") == 0) policy->has_contact = true;
        return true;
    }
    if (*beside[clock->kind] >= 0) return form_fault(form, "kind: one clock of this kind a class");
    *beside[clock->kind] = at;
    *has[clock->kind] = true;
    return true;
}

static bool read_class(struct form *form, const json_t *entry, size_t at, struct policy *policy)
{
    static const char *const members[] = {"class", "of", "clocks", "returns", NULL};
    struct policy_class *class = &policy->class[policy->classes];
    const json_t *clocks = json_object_get(entry, "clocks"), *object;
    size_t k;
    class->share = class->approval = class->member = -1;
    if (!form_members(form, entry, members) || !form_name(form, entry, "class", class->name, sizeof class->name) ||
        !take_of(form, entry, &class->of) || !read_returns(form, entry, class))
        return false;
    if (policy_class_named(policy, class->name) >= 0) return form_fault(form, "class \"%s\" is there twice", class->name);
    policy->classes++;
    if (!json_is_array(clocks) || json_array_size(clocks) > POLICY_CLOCKS_MAX)
        return form_fault(form, "clocks: expected an array of at most %d", POLICY_CLOCKS_MAX);
    json_array_foreach(clocks, k, object) {
        form_at(form, "classes[%zu].clocks[%zu]", at, k);
        if (!policy_read_clock(form, object, policy, class->of, &class->clock[class->clocks++])) return false;
        if (!note_clock(form, policy, class, (int)k)) return false;
    }
    return true;
}

static bool read_classes(struct form *form, const json_t *root, struct policy *policy)
{
    const json_t *list = json_object_get(root, "classes"), *entry;
    size_t i;
    form_at(form, "classes");
    if (!json_is_array(list) || json_array_size(list) < 1 || json_array_size(list) > POLICY_CLASSES_MAX)
        return form_fault(form, "expected an array of 1 to %d classes", POLICY_CLASSES_MAX);
    json_array_foreach(list, i, entry) {
        form_at(form, "classes[%zu]", i);
        if (!read_class(form, entry, i, policy)) return false;
    }
    return true;
}

/* --- conditions, effects, rules --- */

static bool read_stars(const struct form *form, const json_t *object, uint32_t *stars)
{
    const json_t *list = json_object_get(object, "satisfaction"), *value;
    size_t i;
    int star = 0;
    if (!list) return true;
    if (!json_is_array(list)) return form_fault(form, "satisfaction: expected an array of stars");
    json_array_foreach(list, i, value) {
        if (!form_int(form, value, "satisfaction", 1, 5, &star)) return false;
        *stars |= UINT32_C(1) << star;
    }
    return true;
}

/* -1 where it is absent, else 0 or 1. */
static bool read_maybe(const struct form *form, const json_t *object, const char *field, int *out)
{
    bool value = false;
    *out = -1;
    if (!json_object_get(object, field)) return true;
    if (!form_bool(form, object, field, &value)) return false;
    *out = value;
    return true;
}

static bool read_words(const struct form *form, const json_t *object, const char *field, struct word_list *words)
{
    const json_t *list = json_object_get(object, field), *value;
    size_t i;
    if (!list) return true;
    if (!json_is_array(list) || json_array_size(list) > POLICY_WORDS_MAX)
        return form_fault(form, "%s: expected an array of at most %d texts", field, POLICY_WORDS_MAX);
    words->word = xcalloc(json_array_size(list) + 1, sizeof *words->word);
    json_array_foreach(list, i, value) {
        if (!json_is_string(value) || json_string_length(value) > POLICY_WORD_MAX_BYTES)
            return form_fault(form, "%s[%zu]: expected text of at most %d bytes", field, i, POLICY_WORD_MAX_BYTES);
        words->word[words->count++] = keep_text(json_string_value(value));
    }
    return true;
}

static bool take_class(const struct form *form, const json_t *object, const struct policy *policy, enum of of, int *class)
{
    char name[POLICY_NAME_BYTES];
    if (!form_name(form, object, "class", name, sizeof name)) return false;
    *class = policy_class_named(policy, name);
    if (*class < 0 || policy->class[*class].of != of) return form_fault(form, "class: no class \"%s\" of a %s", name, of_name(of));
    return true;
}

static bool read_in(const struct form *form, const json_t *object, const struct policy *policy, uint32_t *in)
{
    const json_t *list = json_object_get(object, "in"), *value;
    size_t i;
    if (!list) return true;
    if (!json_is_array(list)) return form_fault(form, "in: expected an array of classes");
    json_array_foreach(list, i, value) {
        int class = json_is_string(value) ? policy_class_named(policy, json_string_value(value)) : -1;
        if (class < 0) return form_fault(form, "in[%zu]: no such class", i);
        *in |= UINT32_C(1) << class;
    }
    return true;
}

static bool read_effect(const struct form *form, const json_t *entry, const struct policy *policy, struct policy_effect *effect)
{
    static const char *const members[] = {"on", "in", "satisfaction", "solved", "class", "from", "deadline", "rework", NULL};
    static const char *const froms[] = {"round", "event", NULL}, *const deadlines[] = {"new", "earlier", NULL};
    const char *on = json_string_value(json_object_get(entry, "on"));
    int from = 0, deadline = 0;
    if (!form_members(form, entry, members) || !read_in(form, entry, policy, &effect->in) || !read_stars(form, entry, &effect->stars) ||
        !read_maybe(form, entry, "solved", &effect->solved) || !form_choice(form, entry, "from", froms, &from) ||
        !form_choice(form, entry, "deadline", deadlines, &deadline) || !form_maybe_bool(form, entry, "rework", &effect->rework))
        return false;
    effect->on = on ? (uint8_t)event_type_parse(on, strlen(on)) : EVENT_NONE;
    if (effect->on == EVENT_NONE || event_type_of((enum event_type)effect->on) != OF_TICKET)
        return form_fault(form, "on: expected an event of a ticket as \"ticket.supervised\"");
    effect->from_event = from == 1;
    effect->earlier = deadline == 1;
    effect->class = -1;
    if (!json_object_get(entry, "class")) return effect->rework || form_fault(form, "expected class or rework");
    return take_class(form, entry, policy, OF_TICKET, &effect->class);
}

static bool read_effects(struct form *form, const json_t *root, struct policy *policy)
{
    const json_t *list = json_object_get(root, "effects"), *entry;
    size_t i;
    form_at(form, "effects");
    if (!list) return true;
    if (!json_is_array(list) || json_array_size(list) > POLICY_EFFECTS_MAX)
        return form_fault(form, "expected an array of at most %d effects", POLICY_EFFECTS_MAX);
    json_array_foreach(list, i, entry) {
        form_at(form, "effects[%zu]", i);
        if (!read_effect(form, entry, policy, &policy->effect[policy->effects++])) return false;
        policy->alters |= UINT32_C(1) << policy->effect[i].on;
    }
    return true;
}

static bool has_condition(const struct policy_rule *rule)
{
    return rule->kinds || rule->urgencies || rule->stars || rule->simple >= 0 || rule->is_default >= 0 || rule->items.count ||
           rule->areas.count || rule->channels.count;
}

static bool read_rules(struct form *form, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"of", "class", "simple", "kind", "urgency", "satisfaction", "default", "item", "area", "channel", NULL};
    const json_t *list = json_object_get(root, "rules"), *entry;
    size_t i;
    form_at(form, "rules");
    if (!json_is_array(list) || json_array_size(list) > POLICY_RULES_MAX)
        return form_fault(form, "expected an array of at most %d rules", POLICY_RULES_MAX);
    json_array_foreach(list, i, entry) {
        struct policy_rule *rule = &policy->rule[policy->rules++];
        form_at(form, "rules[%zu]", i);
        if (!form_members(form, entry, members) || !take_of(form, entry, &rule->of) ||
            !form_bits(form, entry, "kind", kind_at, &rule->kinds) || !form_bits(form, entry, "urgency", urgency_at, &rule->urgencies) ||
            !read_stars(form, entry, &rule->stars) || !read_maybe(form, entry, "simple", &rule->simple) ||
            !read_maybe(form, entry, "default", &rule->is_default) || !read_words(form, entry, "item", &rule->items) ||
            !read_words(form, entry, "area", &rule->areas) || !read_words(form, entry, "channel", &rule->channels) ||
            !take_class(form, entry, policy, rule->of, &rule->class))
            return false;
    }
    form_at(form, "rules");
    for (int of = OF_TICKET; of <= OF_RATING; of++) {
        int last = policy->rules - 1;
        while (last >= 0 && (policy->rule[last].of != (enum of)of || has_condition(&policy->rule[last]))) last--;
        if (last < 0) return form_fault(form, "no rule takes every other %s", of_name((enum of)of));
    }
    return true;
}

/* --- the whole --- */

static bool read_policy(struct form *form, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"policy",     "title", "source", "effective_from", "counting", "calendars", "extension",
                                          "suspension", "due",   "merged", "ladders",        "classes",  "effects",   "rules", NULL};
    static const char *const dues[] = {"ours", "theirs", "earlier", NULL};
    const char *from = json_string_value(json_object_get(root, "effective_from"));
    int due = DUE_OURS;
    form_at(form, "policy");
    if (!form_members(form, root, members) || !form_name(form, root, "policy", policy->name, sizeof policy->name)) return false;
    *form->path = 0;
    if (!form_text(form, root, "title", &policy->title) || !form_text(form, root, "source", &policy->source) ||
        !form_choice(form, root, "due", dues, &due))
        return false;
    policy->due = (enum due_counts)due;
    const char *why = from ? instant_parse(from, strlen(from), &policy->effective_from_ms) : "expected a time";
    form_at(form, "effective_from");
    if (why) return form_fault(form, "%s", why);
    if (!read_calendars(form, root, policy)) return false;
    *form->path = 0;
    return policy_read_counting(form, root, true, policy, &policy->counting) && read_extension(form, root, policy) &&
           read_suspension(form, root, policy) && read_merged(form, root, policy) && policy_read_ladders(form, root, policy) &&
           read_classes(form, root, policy) &&
           read_effects(form, root, policy) && read_rules(form, root, policy);
}

static struct policy *build(struct form *form, json_t *root)
{
    if (!root) return NULL;
    struct policy *policy = xcalloc(1, sizeof *policy);
    if (!read_policy(form, root, policy)) {
        policy_free(policy);
        policy = NULL;
    } else {
        policy->json = json_dumps(root, JSON_COMPACT);
        if (!policy->json) abort();
    }
    json_decref(root);
    return policy;
}

struct policy *policy_load(const char *file, char *error, size_t error_bytes)
{
    struct form form = {.file = file, .error = error, .error_bytes = error_bytes};
    return build(&form, form_load(&form));
}

struct policy *policy_parse(const char *text, size_t bytes, const char *called, char *error, size_t error_bytes)
{
    struct form form = {.file = called, .error = error, .error_bytes = error_bytes};
    return build(&form, form_parse(&form, text, bytes));
}

static void free_words(struct word_list *words)
{
    for (int i = 0; i < words->count; i++) free((char *)(uintptr_t)words->word[i].at);
    free(words->word);
}

void policy_free(struct policy *policy)
{
    if (!policy) return;
    for (int i = 0; i < policy->rules; i++) {
        free_words(&policy->rule[i].items);
        free_words(&policy->rule[i].areas);
        free_words(&policy->rule[i].channels);
    }
    for (int i = 0; i < policy->calendars; i++) {
        free(policy->calendar[i].on);
        free(policy->calendar[i].off);
    }
    for (int i = 0; i < policy->reasons; i++) free((char *)(uintptr_t)policy->reason[i].code.at);
    free(policy->title);
    free(policy->source);
    free(policy->json);
    free(policy);
}
