/* Reads a policy file into a table. Every field is checked and every unknown
 * one refused, so that a typing slip cannot loosen a limit in silence. */
#include "sla/policy.h"

#include "common/zone.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where we are in the file, and the first fault. */
struct reading {
    const char *file;
    char *error;
    size_t error_bytes;
    char path[160];
};

__attribute__((format(printf, 2, 3))) static bool fault(const struct reading *r, const char *format, ...)
{
    va_list args;
    int n = snprintf(r->error, r->error_bytes, "%s: %s: ", r->file, r->path);
    va_start(args, format);
    if (n > 0 && (size_t)n < r->error_bytes) vsnprintf(r->error + n, r->error_bytes - (size_t)n, format, args);
    va_end(args);
    return false;
}

__attribute__((format(printf, 2, 3))) static void at_path(struct reading *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->path, sizeof r->path, format, args);
    va_end(args);
}

/* Only these members, NULL-terminated. */
static bool known_members(struct reading *r, const json_t *object, const char *const *names)
{
    if (!json_is_object(object)) return fault(r, "expected an object");
    for (void *i = json_object_iter((json_t *)(uintptr_t)object); i;
         i = json_object_iter_next((json_t *)(uintptr_t)object, i)) {
        const char *key = json_object_iter_key(i);
        const char *const *name = names;
        while (*name && strcmp(*name, key) != 0) name++;
        if (!*name) return fault(r, "unknown field \"%s\"", key);
    }
    return true;
}

static bool take_name(struct reading *r, const json_t *object, const char *field, char name[POLICY_NAME_BYTES])
{
    const char *s = json_string_value(json_object_get(object, field));
    if (!s || !*s || strlen(s) >= POLICY_NAME_BYTES)
        return fault(r, "%s: expected text of 1 to %d bytes", field, POLICY_NAME_BYTES - 1);
    snprintf(name, POLICY_NAME_BYTES, "%s", s);
    return true;
}

static bool take_int(struct reading *r, const json_t *value, const char *field, int low, int high, int *out)
{
    json_int_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < low || n > high)
        return fault(r, "%s: expected a whole number from %d to %d", field, low, high);
    *out = (int)n;
    return true;
}

static bool take_bool(struct reading *r, const json_t *object, const char *field, bool *out)
{
    const json_t *value = json_object_get(object, field);
    if (!json_is_boolean(value)) return fault(r, "%s: expected true or false", field);
    *out = json_is_true(value);
    return true;
}

static bool take_time_of_day(struct reading *r, const json_t *object, const char *field, int32_t *out_ms)
{
    const char *s = json_string_value(json_object_get(object, field));
    int hour, minute;
    char rest;
    if (!s || strlen(s) != 5 || sscanf(s, "%2d:%2d%c", &hour, &minute, &rest) != 2 || hour < 0 || minute < 0 ||
        minute > 59 || hour * 60 + minute > 24 * 60)
        return fault(r, "%s: expected a time of day as \"17:30\", at most \"24:00\"", field);
    *out_ms = (hour * 60 + minute) * 60000;
    return true;
}

static bool take_of(struct reading *r, const json_t *object, enum of *of)
{
    const char *s = json_string_value(json_object_get(object, "of"));
    if (!s || (strcmp(s, "ticket") != 0 && strcmp(s, "rating") != 0))
        return fault(r, "of: expected \"ticket\" or \"rating\"");
    *of = strcmp(s, "rating") == 0 ? OF_RATING : OF_TICKET;
    return true;
}

const char *role_name(enum role role)
{
    static const char *const names[ROLES] = {"handler", "leader", "supervision", "dispatcher", "circulation"};
    return names[role];
}

static const char *role_at(int i) { return i < ROLES ? role_name((enum role)i) : NULL; }
static const char *kind_at(int i) { return i < KINDS ? (i ? kind_name((enum kind)i) : "") : NULL; }
static const char *urgency_at(int i) { return i < URGENCIES ? (i ? urgency_name((enum urgency)i) : "") : NULL; }
static const char *type_at(int i) { return i < EVENT_TYPES ? (i ? event_type_name((enum event_type)i) : "") : NULL; }

/* An array of names as bits; absent leaves *bits alone. */
static bool take_bits(struct reading *r, const json_t *object, const char *field, const char *(*name_at)(int),
                      uint32_t *bits)
{
    const json_t *list = json_object_get(object, field), *value;
    size_t i;
    if (!list) return true;
    if (!json_is_array(list)) return fault(r, "%s: expected an array of names", field);
    *bits = 0;
    json_array_foreach(list, i, value) {
        const char *s = json_string_value(value);
        int k = 0;
        while (s && name_at(k) && strcmp(name_at(k), s) != 0) k++;
        if (!s || !*s || !name_at(k)) return fault(r, "%s[%zu]: unknown name \"%s\"", field, i, s ? s : "(no text)");
        *bits |= UINT32_C(1) << k;
    }
    return true;
}

static bool read_when(struct reading *r, const json_t *object, struct policy_step *step)
{
    const json_t *before = json_object_get(object, "workdays_before"), *hours = json_object_get(object, "hours_before");
    const json_t *overdue = json_object_get(object, "overdue"), *after = json_object_get(object, "workdays_after");
    if (!!before + !!hours + !!overdue + !!after != 1)
        return fault(r, "expected one of workdays_before, hours_before, overdue, workdays_after");
    if (before) {
        step->when = STEP_WORKDAYS_BEFORE;
        return take_int(r, before, "workdays_before", 0, POLICY_LIMIT_MAX_DAYS, &step->n);
    }
    if (hours) {
        step->when = STEP_HOURS_BEFORE;
        return take_int(r, hours, "hours_before", 0, 240, &step->n);
    }
    if (overdue) {
        step->when = STEP_OVERDUE;
        return json_is_true(overdue) || fault(r, "overdue: expected true");
    }
    step->when = STEP_WORKDAYS_AFTER;
    if (json_array_size(after) != 2) return fault(r, "workdays_after: expected [first, last]");
    return take_int(r, json_array_get(after, 0), "workdays_after[0]", 1, 250, &step->n) &&
           take_int(r, json_array_get(after, 1), "workdays_after[1]", step->n, 250, &step->until);
}

static bool read_ladder(struct reading *r, const json_t *root, const char *name, struct policy_clock *clock)
{
    static const char *const members[] = {"step", "workdays_before", "hours_before", "overdue", "workdays_after", "to", NULL};
    const json_t *list = json_object_get(json_object_get(root, "ladders"), name), *entry;
    size_t i;
    if (!json_is_array(list)) return fault(r, "ladder: no ladder \"%s\"", name);
    if (json_array_size(list) > POLICY_STEPS_MAX) return fault(r, "ladder: more than %d steps", POLICY_STEPS_MAX);
    json_array_foreach(list, i, entry) {
        struct policy_step *step = &clock->step[clock->steps++];
        uint32_t roles = 0;
        at_path(r, "ladders.%s[%zu]", name, i);
        if (!known_members(r, entry, members) || !take_name(r, entry, "step", step->name) ||
            !read_when(r, entry, step) || !take_bits(r, entry, "to", role_at, &roles))
            return false;
        if (!roles) return fault(r, "to: expected at least one role");
        step->roles = roles;
    }
    return true;
}

static bool read_clock(struct reading *r, const json_t *root, const json_t *object, struct policy_clock *clock)
{
    static const char *const members[] = {"clock",   "limit_workdays", "starts", "stopped_by", "cancelled_by",
                                          "suspends", "extends",        "ladder", NULL};
    const char *starts = json_string_value(json_object_get(object, "starts"));
    const char *ladder = json_string_value(json_object_get(object, "ladder"));
    if (!known_members(r, object, members) || !take_name(r, object, "clock", clock->name) ||
        !take_int(r, json_object_get(object, "limit_workdays"), "limit_workdays", 1, POLICY_LIMIT_MAX_DAYS, &clock->limit_days) ||
        !take_bits(r, object, "stopped_by", type_at, &clock->stopped_by) ||
        !take_bits(r, object, "cancelled_by", type_at, &clock->cancelled_by) ||
        !take_bool(r, object, "suspends", &clock->suspends) || !take_bool(r, object, "extends", &clock->extends))
        return false;
    if (!starts || (strcmp(starts, "receipt") != 0 && strcmp(starts, "each-round") != 0))
        return fault(r, "starts: expected \"receipt\" or \"each-round\"");
    clock->each_round = strcmp(starts, "each-round") == 0;
    return !ladder || read_ladder(r, root, ladder, clock);
}

static bool read_classes(struct reading *r, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"class", "of", "clocks", NULL};
    const json_t *list = json_object_get(root, "classes"), *entry, *object;
    size_t i, k;
    at_path(r, "classes");
    if (!json_is_array(list) || json_array_size(list) < 1 || json_array_size(list) > POLICY_CLASSES_MAX)
        return fault(r, "expected an array of 1 to %d classes", POLICY_CLASSES_MAX);
    json_array_foreach(list, i, entry) {
        struct policy_class *class = &policy->class[policy->classes];
        at_path(r, "classes[%zu]", i);
        if (!known_members(r, entry, members) || !take_name(r, entry, "class", class->name) || !take_of(r, entry, &class->of))
            return false;
        if (policy_class_named(policy, class->name) >= 0) return fault(r, "class \"%s\" is there twice", class->name);
        policy->classes++;
        const json_t *clocks = json_object_get(entry, "clocks");
        if (!json_is_array(clocks) || json_array_size(clocks) > POLICY_CLOCKS_MAX)
            return fault(r, "clocks: expected an array of at most %d", POLICY_CLOCKS_MAX);
        json_array_foreach(clocks, k, object) {
            at_path(r, "classes[%zu].clocks[%zu]", i, k);
            struct policy_clock *clock = &class->clock[class->clocks++];
            if (!read_clock(r, root, object, clock)) return false;
            if (strcmp(clock->name, "contact") == 0) policy->has_contact = true;
        }
    }
    return true;
}

static bool read_stars(struct reading *r, const json_t *object, uint32_t *stars)
{
    const json_t *list = json_object_get(object, "satisfaction"), *value;
    size_t i;
    int star = 0;
    if (!list) return true;
    if (!json_is_array(list)) return fault(r, "satisfaction: expected an array of stars");
    json_array_foreach(list, i, value) {
        if (!take_int(r, value, "satisfaction", 1, 5, &star)) return false;
        *stars |= UINT32_C(1) << star;
    }
    return true;
}

static bool read_maybe(struct reading *r, const json_t *object, const char *field, int *out)
{
    bool value = false;
    *out = -1;
    if (!json_object_get(object, field)) return true;
    if (!take_bool(r, object, field, &value)) return false;
    *out = value;
    return true;
}

static bool read_rules(struct reading *r, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"of", "class", "simple", "kind", "urgency", "satisfaction", "default", NULL};
    const json_t *list = json_object_get(root, "rules"), *entry;
    size_t i;
    at_path(r, "rules");
    if (!json_is_array(list) || json_array_size(list) > POLICY_RULES_MAX)
        return fault(r, "expected an array of at most %d rules", POLICY_RULES_MAX);
    json_array_foreach(list, i, entry) {
        struct policy_rule *rule = &policy->rule[policy->rules++];
        char name[POLICY_NAME_BYTES];
        at_path(r, "rules[%zu]", i);
        if (!known_members(r, entry, members) || !take_of(r, entry, &rule->of) || !take_name(r, entry, "class", name) ||
            !take_bits(r, entry, "kind", kind_at, &rule->kinds) || !take_bits(r, entry, "urgency", urgency_at, &rule->urgencies) ||
            !read_stars(r, entry, &rule->stars) || !read_maybe(r, entry, "simple", &rule->simple) ||
            !read_maybe(r, entry, "default", &rule->is_default))
            return false;
        rule->class = policy_class_named(policy, name);
        if (rule->class < 0 || policy->class[rule->class].of != rule->of)
            return fault(r, "class: no class \"%s\" of a %s", name, of_name(rule->of));
    }
    for (int of = OF_TICKET; of <= OF_RATING; of++) {
        struct policy_facts any = {.of = (enum of)of, .kind = KIND_OTHER, .satisfaction = 5};
        at_path(r, "rules");
        if (policy_classify(policy, &any) < 0) return fault(r, "no rule takes every other %s", of_name((enum of)of));
    }
    return true;
}

static bool read_counting(struct reading *r, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"rest_day_receipt", "day_end", "opening", "closing", NULL};
    const json_t *object = json_object_get(root, "counting");
    at_path(r, "counting");
    const char *rest = json_string_value(json_object_get(object, "rest_day_receipt"));
    if (!known_members(r, object, members) || !take_time_of_day(r, object, "day_end", &policy->day_end_ms) ||
        !take_time_of_day(r, object, "opening", &policy->opening_ms) ||
        !take_time_of_day(r, object, "closing", &policy->closing_ms))
        return false;
    if (!rest || (strcmp(rest, "as-received") != 0 && strcmp(rest, "next-workday") != 0))
        return fault(r, "rest_day_receipt: expected \"as-received\" or \"next-workday\"");
    policy->rest_day_moves_receipt = strcmp(rest, "next-workday") == 0;
    return true;
}

static bool read_policy(struct reading *r, const json_t *root, struct policy *policy)
{
    static const char *const members[] = {"policy",    "title",   "source",  "effective_from", "counting",
                                          "extension", "ladders", "classes", "rules",          NULL};
    static const char *const extension[] = {"max_workdays_a_round", NULL};
    at_path(r, "policy");
    if (!known_members(r, root, members) || !take_name(r, root, "policy", policy->name)) return false;
    const char *source = json_string_value(json_object_get(root, "source"));
    snprintf(policy->source, sizeof policy->source, "%s", source ? source : "");
    const char *from = json_string_value(json_object_get(root, "effective_from"));
    const char *why = from ? instant_parse(from, strlen(from), &policy->effective_from_ms) : "expected a time";
    at_path(r, "effective_from");
    if (why) return fault(r, "%s", why);
    if (!read_counting(r, root, policy)) return false;
    const json_t *object = json_object_get(root, "extension");
    at_path(r, "extension");
    if (!known_members(r, object, extension) || !take_int(r, json_object_get(object, "max_workdays_a_round"), "max_workdays_a_round",
                                                         0, POLICY_LIMIT_MAX_DAYS, &policy->extension_max_days))
        return false;
    return read_classes(r, root, policy) && read_rules(r, root, policy);
}

struct policy *policy_load(const char *file, char *error, size_t error_bytes)
{
    struct reading r = {.file = file, .error = error, .error_bytes = error_bytes};
    json_error_t at;
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &at);
    if (!root) {
        snprintf(r.path, sizeof r.path, "line %d", at.line);
        fault(&r, "%s", at.text);
        return NULL;
    }
    struct policy *policy = calloc(1, sizeof *policy);
    if (!policy) abort();
    if (!read_policy(&r, root, policy)) {
        policy_free(policy);
        policy = NULL;
    }
    json_decref(root);
    return policy;
}

void policy_free(struct policy *policy)
{
    free(policy);
}

int policy_class_named(const struct policy *policy, const char *name)
{
    for (int i = 0; i < policy->classes; i++)
        if (strcmp(policy->class[i].name, name) == 0) return i;
    return -1;
}

static bool rule_holds(const struct policy_rule *rule, const struct policy_facts *facts)
{
    return rule->of == facts->of && (!rule->kinds || rule->kinds >> facts->kind & 1) &&
           (!rule->urgencies || rule->urgencies >> facts->urgency & 1) &&
           (!rule->stars || rule->stars >> facts->satisfaction & 1) && (rule->simple < 0 || rule->simple == facts->simple) &&
           (rule->is_default < 0 || rule->is_default == facts->is_default);
}

int policy_classify(const struct policy *policy, const struct policy_facts *facts)
{
    for (int i = 0; i < policy->rules; i++)
        if (rule_holds(&policy->rule[i], facts)) return policy->rule[i].class;
    return -1;
}
