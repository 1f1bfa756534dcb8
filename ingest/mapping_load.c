/* Reads a mapping file into a table. Every member is checked, unknown ones are
 * refused, and a field that its event does not have is a fault of the file, not
 * of each row. */
#include "ingest/mapping.h"

#include "common/alloc.h"
#include "ingest/time_form.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct loading {
    const char *file;
    char *error;
    size_t error_bytes;
    char path[160];
    struct mapping *mapping;
    const char *time; /* the mapping's own form of times, or NULL */
};

__attribute__((format(printf, 2, 3))) static bool fault(const struct loading *l, const char *format, ...)
{
    va_list args;
    int n = snprintf(l->error, l->error_bytes, "%s: %s: ", l->file, l->path);
    va_start(args, format);
    if (n > 0 && (size_t)n < l->error_bytes) vsnprintf(l->error + n, l->error_bytes - (size_t)n, format, args);
    va_end(args);
    return false;
}

__attribute__((format(printf, 2, 3))) static void at_path(struct loading *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(l->path, sizeof l->path, format, args);
    va_end(args);
}

/* --- the canonical event --- */

#define STAGE "unit reason text"
static const char *const fields_of[EVENT_TYPES] = {
    [TICKET_RECEIVED] = "channel kind simple urgency item area title text unit co_units address due citizen",
    [TICKET_AMENDED] = "channel kind simple urgency item area title text unit co_units address due",
    [TICKET_DISPATCHED] = "unit co_units due",
    [TICKET_SIGNED] = "unit",
    [TICKET_CONTACTED] = "unit reached",
    [TICKET_TRANSFERRED] = "unit reason",
    [TICKET_RETURNED] = "reason",
    [TICKET_SUSPENDED] = "reason",
    [TICKET_RESUMED] = "reason",
    [TICKET_EXTENSION_REQUESTED] = "days reason",
    [TICKET_EXTENSION_GRANTED] = "days reason",
    [TICKET_EXTENSION_REFUSED] = "days reason",
    [TICKET_URGED] = "by reason",
    [TICKET_SUPERVISED] = "by reason",
    [TICKET_ANSWERED] = "unit outcome direct text",
    [TICKET_CALLED_BACK] = "reached satisfaction solved",
    [TICKET_CLOSED] = "reason",
    [TICKET_REOPENED] = "reason",
    [TICKET_VOIDED] = "reason",
    [TICKET_MERGED] = "into",
    [RATING_SUBMITTED] = "satisfaction reasons text channel item area unit project_no case default named citizen",
    [RATING_VERIFIED] = STAGE,
    [RATING_RECTIFIED] = STAGE,
    [RATING_APPEALED] = STAGE,
    [RATING_APPEAL_UPHELD] = STAGE,
    [RATING_APPEAL_REJECTED] = STAGE,
    [RATING_REPLIED] = STAGE,
    [RATING_CALLED_BACK] = STAGE " reached satisfaction",
    [RATING_PUBLISHED] = "",
    [TICKET_SEEN] = "unit by notice",
    [RATING_SEEN] = "unit by notice",
};

const char *mapping_fields_of(enum event_type type)
{
    return fields_of[type];
}

static enum mapping_form form_of(const char *name)
{
    static const struct {
        const char *name;
        enum mapping_form form;
    } others[] = {{"simple", MAPPING_FLAG},  {"reached", MAPPING_FLAG}, {"solved", MAPPING_FLAG},       {"direct", MAPPING_FLAG},
                  {"default", MAPPING_FLAG}, {"named", MAPPING_FLAG},   {"days", MAPPING_NUMBER},       {"satisfaction", MAPPING_NUMBER},
                  {"due", MAPPING_TIME},     {"co_units", MAPPING_LIST}, {"reasons", MAPPING_LIST}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].name, name) == 0) return others[i].form;
    return MAPPING_TEXT;
}

/* --- members --- */

/* Only these members, separated by blanks. */
static bool known_members(struct loading *l, const json_t *object, const char *names)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object)) return fault(l, "expected an object");
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const char *at = names;
        size_t bytes = strlen(key);
        while (*at && (strncmp(at, key, bytes) != 0 || (at[bytes] && at[bytes] != ' '))) {
            at += strcspn(at, " ");
            at += *at == ' ';
        }
        if (!*at || !bytes) return fault(l, "unknown field \"%s\", expected one of: %s", key, *names ? names : "none");
    }
    return true;
}

static void use_column(struct mapping *mapping, const char *name, size_t bytes)
{
    json_t *key = json_stringn(name, bytes);
    if (json_object_set_new(mapping->used, json_string_value(key), json_true()) != 0) abort();
    json_decref(key);
}

/* A template: every { closed, every name not empty. Its columns are noted. */
static bool take_template(struct loading *l, const char *from)
{
    for (const char *c = from; *c; c++) {
        if (*c == '}') return fault(l, "\"%s\": found } without {", from);
        if (*c != '{') continue;
        size_t bytes = strcspn(c + 1, "{}");
        if (!bytes || c[bytes + 1] != '}') return fault(l, "\"%s\": expected {COLUMN}", from);
        use_column(l->mapping, c + 1, bytes);
        c += bytes + 1;
    }
    return true;
}

static bool take_table(struct loading *l, const char *name, struct mapping_choice *choice)
{
    const json_t *table = json_object_get(json_object_get(l->mapping->root, "tables"), name);
    if (!table) return fault(l, "table: no table \"%s\"", name);
    choice->table = json_object_get(table, "values");
    choice->otherwise = json_object_get(table, "default");
    return true;
}

static bool take_time_form(struct loading *l, const json_t *form, struct mapping_choice *choice)
{
    choice->time = form ? json_string_value(form) : l->time;
    if (!choice->time) return fault(l, "time: expected a form as \"%%Y-%%m-%%d %%H:%%M:%%S\", here or for the whole mapping");
    const char *why = time_form_fault(choice->time);
    return !why || fault(l, "time: %s", why);
}

/* "TEMPLATE", {"value": …} or {"from": TEMPLATE, …}. */
static bool take_choice(struct loading *l, const json_t *spec, enum mapping_form form, struct mapping_choice *choice)
{
    const json_t *table = json_object_get(spec, "table"), *split = json_object_get(spec, "split");
    choice->constant = json_object_get(spec, "value");
    if (json_is_object(spec) && !known_members(l, spec, choice->constant ? "value" : "from table time split")) return false;
    if (choice->constant) return true;
    choice->from = json_string_value(json_is_object(spec) ? json_object_get(spec, "from") : spec);
    if (!choice->from || !*choice->from) return fault(l, "expected a template as \"{COLUMN}\", {\"from\": TEMPLATE, …}, or {\"value\": …}");
    if (!take_template(l, choice->from)) return false;
    if (table && !json_is_string(table)) return fault(l, "table: expected a name");
    if (split && (!json_is_string(split) || !json_string_length(split))) return fault(l, "split: expected text");
    choice->split = split ? json_string_value(split) : ",";
    if (table && !take_table(l, json_string_value(table), choice)) return false;
    const json_t *time = json_object_get(spec, "time");
    if (time && form != MAPPING_TIME) return fault(l, "time: this field is no time");
    return form != MAPPING_TIME || take_time_form(l, time, choice);
}

static bool take_field(struct loading *l, const json_t *spec, struct mapping_field *field)
{
    if (!json_is_array(spec)) return field->count = 1, take_choice(l, spec, field->form, &field->choice[0]);
    size_t i;
    const json_t *one;
    if (json_array_size(spec) < 1 || json_array_size(spec) > MAPPING_CHOICES_MAX) return fault(l, "expected 1 to %d choices", MAPPING_CHOICES_MAX);
    json_array_foreach(spec, i, one)
        if (!take_choice(l, one, field->form, &field->choice[field->count++])) return false;
    return true;
}

/* The members of `object` named in `names`, in that order. */
static bool take_fields(struct loading *l, const json_t *object, const char *names, bool of_citizen, size_t at, struct mapping_event *event)
{
    if (!known_members(l, object, names)) return false;
    for (const char *next = names; *next;) {
        char name[32];
        size_t bytes = strcspn(next, " ");
        snprintf(name, sizeof name, "%.*s", (int)bytes, next);
        next += bytes + (next[bytes] == ' ');
        void *member = json_object_iter_at((json_t *)(uintptr_t)object, name);
        if (!member) continue;
        const char *key = json_object_iter_key(member);
        const json_t *spec = json_object_iter_value(member);
        at_path(l, "events[%zu].data.%s%s", at, of_citizen ? "citizen." : "", key);
        if (!of_citizen && strcmp(key, "citizen") == 0) {
            if (!take_fields(l, spec, "name phone id_no", true, at, event)) return false;
            continue;
        }
        struct mapping_field *field = &event->field[event->fields++];
        *field = (struct mapping_field){.name = key, .of_citizen = of_citizen, .form = of_citizen ? MAPPING_TEXT : form_of(key)};
        if (!take_field(l, spec, field)) return false;
    }
    return true;
}

/* --- events --- */

static bool take_condition(struct loading *l, const json_t *spec, struct mapping_event *event)
{
    if (event->conditions == MAPPING_CONDITIONS_MAX) return fault(l, "expected at most %d conditions", MAPPING_CONDITIONS_MAX);
    struct mapping_condition *condition = &event->condition[event->conditions++];
    if (json_is_object(spec) && !known_members(l, spec, "column is")) return false;
    condition->column = json_string_value(json_is_object(spec) ? json_object_get(spec, "column") : spec);
    if (!condition->column || !*condition->column) return fault(l, "expected a column");
    condition->among = json_object_get(spec, "is");
    if (json_is_object(spec) && !json_is_array(condition->among)) return fault(l, "is: expected an array of texts");
    use_column(l->mapping, condition->column, strlen(condition->column));
    return true;
}

static bool take_conditions(struct loading *l, const json_t *spec, struct mapping_event *event)
{
    size_t i;
    const json_t *one;
    if (!spec) return true;
    if (!json_is_array(spec)) return take_condition(l, spec, event);
    json_array_foreach(spec, i, one)
        if (!take_condition(l, one, event)) return false;
    return true;
}

static bool take_event(struct loading *l, const json_t *spec, size_t at, struct mapping_event *event)
{
    at_path(l, "events[%zu]", at);
    if (!known_members(l, spec, "comment type when id source subject time data")) return false;
    const char *type = json_string_value(json_object_get(spec, "type"));
    event->type = type ? event_type_parse(type, strlen(type)) : EVENT_NONE;
    if (event->type == EVENT_NONE) return fault(l, "type: unknown type \"%s\"", type ? type : "(no text)");
    at_path(l, "events[%zu].when", at);
    if (!take_conditions(l, json_object_get(spec, "when"), event)) return false;
    const struct {
        const char *name;
        enum mapping_form form;
        struct mapping_choice *choice;
    } attributes[] = {{"id", MAPPING_TEXT, &event->id}, {"source", MAPPING_TEXT, &event->source}, {"subject", MAPPING_TEXT, &event->subject}, {"time", MAPPING_TIME, &event->time}};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        at_path(l, "events[%zu].%s", at, attributes[i].name);
        if (!take_choice(l, json_object_get(spec, attributes[i].name), attributes[i].form, attributes[i].choice)) return false;
    }
    const json_t *data = json_object_get(spec, "data");
    at_path(l, "events[%zu].data", at);
    return !data || take_fields(l, data, fields_of[event->type], false, at, event);
}

static bool take_events(struct loading *l)
{
    size_t i;
    const json_t *spec, *list = json_object_get(l->mapping->root, "events");
    at_path(l, "events");
    if (!json_is_array(list) || !json_array_size(list) || json_array_size(list) > MAPPING_EVENTS_MAX)
        return fault(l, "expected an array of 1 to %d events", MAPPING_EVENTS_MAX);
    json_array_foreach(list, i, spec)
        if (!take_event(l, spec, i, &l->mapping->event[l->mapping->events++])) return false;
    return true;
}

/* --- the file --- */

static bool take_tables(struct loading *l)
{
    const char *name;
    json_t *table, *tables = json_object_get(l->mapping->root, "tables");
    at_path(l, "tables");
    if (tables && !json_is_object(tables)) return fault(l, "expected an object");
    json_object_foreach(tables, name, table) {
        at_path(l, "tables.%s", name);
        if (!known_members(l, table, "comment values default")) return false;
        if (!json_is_object(json_object_get(table, "values"))) return fault(l, "values: expected an object");
    }
    return true;
}

static bool take_texts(struct loading *l, const char *name, const json_t **out)
{
    size_t i;
    const json_t *text;
    *out = json_object_get(l->mapping->root, name);
    at_path(l, "%s", name);
    if (!*out) return true;
    if (!json_is_array(*out)) return fault(l, "expected an array of texts");
    json_array_foreach(*out, i, text)
        if (!json_is_string(text)) return fault(l, "expected an array of texts");
    return true;
}

static bool take_format(struct loading *l)
{
    struct mapping *mapping = l->mapping;
    const char *format = json_string_value(json_object_get(mapping->root, "format"));
    const json_t *delimiter = json_object_get(mapping->root, "delimiter");
    at_path(l, "format");
    mapping->json_lines = format && strcmp(format, "json-lines") == 0;
    if (!mapping->json_lines && (!format || strcmp(format, "csv") != 0)) return fault(l, "expected \"csv\" or \"json-lines\"");
    at_path(l, "delimiter");
    if (delimiter && (json_string_length(delimiter) != 1 || strchr("\"\r\n ", *json_string_value(delimiter))))
        return fault(l, "expected one byte, no quote, blank or line end");
    mapping->delimiter = delimiter ? *json_string_value(delimiter) : ',';
    const json_t *otherwise = json_object_get(mapping->root, "row_without_event");
    const char *word = otherwise ? json_string_value(otherwise) : "error";
    at_path(l, "row_without_event");
    mapping->skips = word && strcmp(word, "skip") == 0;
    return mapping->skips || (word && strcmp(word, "error") == 0) || fault(l, "expected \"error\" or \"skip\"");
}

static bool take_mapping(struct loading *l)
{
    json_t *root = l->mapping->root;
    at_path(l, "mapping");
    if (!known_members(l, root, "mapping title comment format delimiter columns null zone time row_without_event tables events")) return false;
    if (!json_string_length(json_object_get(root, "mapping"))) return fault(l, "expected a name");
    if (!take_format(l) || !take_texts(l, "columns", &l->mapping->columns) || !take_texts(l, "null", &l->mapping->nulls)) return false;
    const char *zone = json_string_value(json_object_get(root, "zone"));
    at_path(l, "zone");
    if (!zone || !zone_load(&l->mapping->zone, zone)) return fault(l, "expected an IANA name as \"Asia/Shanghai\"");
    const json_t *time = json_object_get(root, "time");
    at_path(l, "time");
    if (time && !json_is_string(time)) return fault(l, "expected a form as \"%%Y-%%m-%%d %%H:%%M:%%S\"");
    l->time = json_string_value(time);
    return take_tables(l) && take_events(l);
}

struct mapping *mapping_load(const char *name, char *error, size_t error_bytes)
{
    char file[4096];
    json_error_t at;
    int bytes = strchr(name, '/') ? snprintf(file, sizeof file, "%s", name) : snprintf(file, sizeof file, "%s/%s.json", MAPPING_FOLDER, name);
    struct loading l = {.file = file, .error = error, .error_bytes = error_bytes};
    if (bytes >= (int)sizeof file) return snprintf(error, error_bytes, "%.40s…: the name is too long", name), NULL;
    json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, &at);
    if (!root) {
        if (at.line > 0) snprintf(error, error_bytes, "%s: line %d: %s", file, at.line, at.text);
        else snprintf(error, error_bytes, "%s", at.text);
        return NULL;
    }
    l.mapping = xcalloc(1, sizeof *l.mapping);
    l.mapping->root = root;
    l.mapping->used = json_object();
    if (take_mapping(&l)) return l.mapping;
    mapping_free(l.mapping);
    return NULL;
}

void mapping_free(struct mapping *mapping)
{
    if (!mapping) return;
    json_decref(mapping->used);
    json_decref(mapping->root);
    free(mapping);
}
