/* Applies a mapping: rows in, canonical events out.
 *
 * A row's events stand or fall together: an answer without its receipt would
 * tell another story. Each event is decoded before it is handed over, so the
 * rules of good events have one home (sla/event_decode.h). The trap: what is found
 * may be personal, and errors are read by many. */
#include "ingest/mapping.h"

#include "common/buffer.h"
#include "ingest/rows.h"
#include "ingest/time_form.h"
#include "sla/event_decode.h"
#include "sla/event_reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_TEXT_BYTES = 2 << 20, ROW_EVENTS_BYTES = MAPPING_EVENTS_MAX * MAPPING_EVENT_BYTES };

enum value { VALUE_FOUND, VALUE_ABSENT, VALUE_BAD };

struct applying {
    const struct mapping *mapping;
    const json_t *row;
    const char *field;  /* under way, for hiding what is personal */
    bool is_private;
    struct buffer text; /* of a template */
    struct text missing; /* column for which the last absent value is absent */
    struct buffer out;  /* the row's events, end to end */
    size_t count;
    struct mapped event[MAPPING_EVENTS_MAX]; /* json.at not set until all are there */
    struct decoder *decoder;
    char error[MAPPING_ERROR_BYTES];
};

__attribute__((format(printf, 2, 3))) static enum value bad(struct applying *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(a->error, sizeof a->error, format, args);
    va_end(args);
    return VALUE_BAD;
}

/* "COLUMN: found …, expected …" of a value made from a template. */
static enum value bad_found(struct applying *a, const char *from, const json_t *value, const char *expected)
{
    char found[FOUND_BYTES];
    size_t bytes = strlen(from);
    bool one = from[0] == '{' && strcspn(from + 1, "{}") == bytes - 2;
    found_value(found, value, a->is_private);
    return bad(a, "%.*s: found %s, expected %s", (int)(one ? bytes - 2 : bytes), from + one, found, expected);
}

/* --- columns --- */

static bool is_null(const struct applying *a, const json_t *value)
{
    size_t i;
    const json_t *mark;
    if (!value || json_is_null(value)) return true;
    if (!json_is_string(value)) return false;
    if (!a->mapping->nulls) return json_string_length(value) == 0;
    json_array_foreach(a->mapping->nulls, i, mark)
        if (json_equal(mark, value)) return true;
    return false;
}

/* The column, or a member within a member by "a.b"; NULL where it is null. */
static const json_t *column(const struct applying *a, const char *name, size_t bytes)
{
    char key[256];
    if (bytes >= sizeof key) return NULL;
    memcpy(key, name, bytes);
    key[bytes] = 0;
    const json_t *value = json_object_get(a->row, key);
    if (!value && a->mapping->json_lines && strchr(key, '.')) {
        value = a->row;
        for (char *rest = key, *part; (part = strsep(&rest, "."));) value = json_object_get(value, part);
    }
    return is_null(a, value) ? NULL : value;
}

static bool add_value(struct buffer *text, const json_t *value)
{
    char number[64];
    if (json_is_string(value)) return buffer_add(text, json_string_value(value), json_string_length(value));
    if (json_is_boolean(value)) return buffer_add_text(text, json_is_true(value) ? "true" : "false");
    if (!json_is_number(value)) return false;
    size_t bytes = json_dumpb(value, number, sizeof number, JSON_ENCODE_ANY);
    return bytes <= sizeof number && buffer_add(text, number, bytes);
}

/* The template filled in; a template of one column alone keeps the column's own type. */
static enum value expand(struct applying *a, const char *from, json_t **out)
{
    size_t alone = *from == '{' ? strcspn(from + 1, "{}") : 0;
    if (alone && !from[alone + 2]) {
        const json_t *value = column(a, from + 1, alone);
        a->missing = (struct text){from + 1, alone};
        *out = json_incref((json_t *)(uintptr_t)value);
        return value ? VALUE_FOUND : VALUE_ABSENT;
    }
    buffer_clear(&a->text);
    for (const char *c = from; *c; c++) {
        size_t bytes = *c == '{' ? strcspn(c + 1, "{}") : 0;
        const json_t *value = bytes ? column(a, c + 1, bytes) : NULL;
        a->missing = (struct text){c + 1, bytes};
        if (bytes && !value) return VALUE_ABSENT;
        if (bytes ? !add_value(&a->text, value) : !buffer_add(&a->text, c, 1)) return bad_found(a, from, value, "text");
        c += bytes ? bytes + 1 : 0;
    }
    *out = json_stringn(buffer_text(&a->text), a->text.bytes);
    return *out ? VALUE_FOUND : bad_found(a, from, NULL, "UTF-8 text");
}

/* --- values --- each of these takes *value over and leaves another in its place --- */

static void replace(json_t **value, json_t *with)
{
    json_decref(*value);
    *value = with;
}

static enum value through_table(struct applying *a, const struct mapping_choice *choice, json_t **value)
{
    buffer_clear(&a->text);
    json_t *code = add_value(&a->text, *value) ? json_object_get(choice->table, buffer_text(&a->text)) : NULL;
    if (!code) code = choice->otherwise;
    if (!code) return bad_found(a, choice->from, *value, "a code of its table");
    replace(value, json_incref(code));
    return VALUE_FOUND;
}

static enum value as_time(struct applying *a, const struct mapping_choice *choice, json_t **value)
{
    char text[INSTANT_TEXT_BYTES], expected[128];
    int64_t at_ms;
    buffer_clear(&a->text);
    if (!add_value(&a->text, *value) || !time_form_read(choice->time, buffer_text(&a->text), a->text.bytes, &a->mapping->zone, &at_ms) ||
        at_ms < EVENT_FIRST_MS || at_ms >= EVENT_END_MS) {
        snprintf(expected, sizeof expected, "a time of 2000 to 2199 as %s", choice->time);
        return bad_found(a, choice->from, *value, expected);
    }
    replace(value, json_stringn(text, instant_print(text, &a->mapping->zone, at_ms)));
    return VALUE_FOUND;
}

static enum value as_number(struct applying *a, const struct mapping_choice *choice, json_t **value)
{
    const char *text = json_string_value(*value);
    char *end;
    if (json_is_integer(*value)) return VALUE_FOUND;
    errno = 0;
    long long number = text ? strtoll(text, &end, 10) : 0;
    if (!text || !*text || *end || errno) return bad_found(a, choice->from, *value, "a whole number");
    replace(value, json_integer(number));
    return VALUE_FOUND;
}

static enum value as_flag(struct applying *a, const struct mapping_choice *choice, json_t **value)
{
    if (json_is_boolean(*value)) return VALUE_FOUND;
    buffer_clear(&a->text);
    const char *text = add_value(&a->text, *value) ? buffer_text(&a->text) : "";
    bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (!yes && strcmp(text, "false") != 0 && strcmp(text, "0") != 0) return bad_found(a, choice->from, *value, "true, false, 1 or 0");
    replace(value, json_boolean(yes));
    return VALUE_FOUND;
}

static enum value as_list(struct applying *a, const struct mapping_choice *choice, json_t **value)
{
    if (json_is_array(*value)) return VALUE_FOUND;
    if (!json_is_string(*value)) return bad_found(a, choice->from, *value, "text or an array");
    json_t *list = json_array();
    size_t gap = strlen(choice->split);
    for (const char *at = json_string_value(*value), *end = at; end; at = end + gap) {
        end = strstr(at, choice->split);
        size_t bytes = end ? (size_t)(end - at) : strlen(at);
        if (bytes) json_array_append_new(list, json_stringn(at, bytes));
        if (!end) break;
    }
    replace(value, list);
    return VALUE_FOUND;
}

static enum value as_text(struct applying *a, const struct mapping_choice *choice, json_t **value)
{
    if (json_is_string(*value)) return VALUE_FOUND;
    buffer_clear(&a->text);
    if (!add_value(&a->text, *value)) return bad_found(a, choice->from, *value, "text");
    replace(value, json_stringn(buffer_text(&a->text), a->text.bytes));
    return VALUE_FOUND;
}

static enum value in_form(struct applying *a, const struct mapping_choice *choice, enum mapping_form form, json_t **value)
{
    switch (form) {
    case MAPPING_FLAG: return as_flag(a, choice, value);
    case MAPPING_NUMBER: return as_number(a, choice, value);
    case MAPPING_LIST: return as_list(a, choice, value);
    case MAPPING_TIME: return as_time(a, choice, value);
    case MAPPING_TEXT: break;
    }
    return as_text(a, choice, value);
}

/* One choice's value, owned by the caller when VALUE_FOUND. */
static enum value choose(struct applying *a, const struct mapping_choice *choice, enum mapping_form form, json_t **out)
{
    *out = NULL;
    if (choice->constant) return *out = json_incref((json_t *)(uintptr_t)choice->constant), VALUE_FOUND;
    enum value value = expand(a, choice->from, out);
    if (value == VALUE_FOUND && choice->table) value = through_table(a, choice, out);
    else if (value == VALUE_FOUND) value = in_form(a, choice, form, out);
    if (value == VALUE_FOUND) return value;
    json_decref(*out);
    *out = NULL;
    return value;
}

/* --- events --- */

static bool applies(const struct applying *a, const struct mapping_event *event)
{
    for (size_t i = 0; i < event->conditions; i++) {
        const struct mapping_condition *condition = &event->condition[i];
        const json_t *value = column(a, condition->column, strlen(condition->column)), *one;
        bool holds = value && !condition->among;
        size_t k;
        if (value) json_array_foreach(condition->among, k, one) holds = holds || json_equal(one, value);
        if (!holds) return false;
    }
    return true;
}

static bool add_attribute(struct applying *a, json_t *event, const char *name, const struct mapping_choice *choice, enum mapping_form form)
{
    json_t *value;
    enum value found = choose(a, choice, form, &value);
    if (found == VALUE_ABSENT) bad(a, "%.*s: found nothing, expected a value", (int)a->missing.bytes, a->missing.at);
    return found == VALUE_FOUND && json_object_set_new(event, name, value) == 0;
}

static bool add_field(struct applying *a, json_t *data, const struct mapping_field *field)
{
    static const char *const private[] = {"title", "text", "reason", "address"};
    json_t *value = NULL, *into = data;
    enum value found = VALUE_ABSENT;
    a->is_private = field->of_citizen;
    for (size_t i = 0; i < sizeof private / sizeof *private; i++) a->is_private |= strcmp(private[i], field->name) == 0;
    for (size_t i = 0; i < field->count && found == VALUE_ABSENT; i++) found = choose(a, &field->choice[i], field->form, &value);
    a->is_private = false;
    if (found != VALUE_FOUND) return found == VALUE_ABSENT;
    if (field->of_citizen) {
        into = json_object_get(data, "citizen");
        if (!into && json_object_set_new(data, "citizen", into = json_object()) != 0) abort();
    }
    return json_object_set_new(into, field->name, value) == 0;
}

static int add_bytes(const char *bytes, size_t count, void *out)
{
    return buffer_add(out, bytes, count) ? 0 : -1;
}

/* Prints the event behind the others and has it judged. */
static bool print_event(struct applying *a, const struct mapping_event *event, const json_t *tree)
{
    size_t from = a->out.bytes;
    struct decoded decoded;
    if (json_dump_callback(tree, add_bytes, &a->out, JSON_COMPACT) != 0) return bad(a, "found more than %d bytes of events, expected less", ROW_EVENTS_BYTES), false;
    if (!decode_structured(a->decoder, a->out.data + from, a->out.bytes - from, &decoded))
        return bad(a, "%s: %s", event_type_name(event->type), decoded.reason), false;
    const json_t *subject = json_object_get(tree, "subject");
    buffer_add(&a->out, json_string_value(subject), json_string_length(subject));
    a->event[a->count++] = (struct mapped){.type = event->type, .subject = {NULL, json_string_length(subject)}, .json = {NULL, a->out.bytes - from - json_string_length(subject)}};
    return true;
}

static bool add_event(struct applying *a, const struct mapping_event *event)
{
    json_t *tree = json_object(), *data = json_object();
    bool good = json_object_set_new(tree, "specversion", json_string("1.0")) == 0 &&
                add_attribute(a, tree, "id", &event->id, MAPPING_TEXT) && add_attribute(a, tree, "source", &event->source, MAPPING_TEXT) &&
                json_object_set_new(tree, "type", json_string(event_type_name(event->type))) == 0 &&
                add_attribute(a, tree, "subject", &event->subject, MAPPING_TEXT) && add_attribute(a, tree, "time", &event->time, MAPPING_TIME);
    for (size_t i = 0; good && i < event->fields; i++) good = add_field(a, data, &event->field[i]);
    json_object_set_new(tree, "data", data);
    good = good && print_event(a, event, tree);
    json_decref(tree);
    return good;
}

/* All events of a row, or none and the error. */
static bool apply(struct applying *a, const json_t *row, uint64_t line)
{
    const struct mapping *mapping = a->mapping;
    a->row = row;
    a->count = 0;
    buffer_clear(&a->out);
    for (size_t i = 0; i < mapping->events; i++)
        if (applies(a, &mapping->event[i]) && !add_event(a, &mapping->event[i])) return false;
    if (!a->count && !mapping->skips) return bad(a, "found no event whose \"when\" holds, expected one"), false;
    const char *at = a->out.data;
    for (size_t i = 0; i < a->count; i++) {
        struct mapped *mapped = &a->event[i];
        mapped->line = line;
        mapped->json.at = at;
        mapped->subject.at = at + mapped->json.bytes;
        at = mapped->subject.at + mapped->subject.bytes;
    }
    return true;
}

/* --- files --- */

/* Whether the file has every column; else says so. */
static bool has_columns(const struct mapping *mapping, const struct rows *rows, const char *path)
{
    const char *name;
    json_t *value;
    bool good = true;
    json_object_foreach(mapping->used, name, value) {
        if (rows_has_column(rows, name)) continue;
        fprintf(stderr, "%s: found no column %s, expected one\n", path, name);
        good = false;
    }
    return good;
}

static bool hand_over(struct applying *a, mapping_taken *taken, void *context, struct mapping_counts *counts)
{
    for (size_t i = 0; i < a->count; i++) {
        if (!taken(context, &a->event[i])) return false;
        counts->events++;
    }
    return true;
}

static bool read_rows(struct applying *a, struct rows *rows, const char *path, mapping_taken *taken, void *context, struct mapping_counts *counts)
{
    json_t *row;
    enum rows_next next;
    for (bool first = true; (next = rows_next(rows, &row)) == ROWS_ROW || next == ROWS_BAD; first = false) {
        if (first && !has_columns(a->mapping, rows, path)) return json_decref(row), false;
        counts->rows++;
        bool good = next == ROWS_ROW && apply(a, row, rows_line(rows)), go_on = true;
        json_decref(row);
        if (good) go_on = hand_over(a, taken, context, counts);
        else fprintf(stderr, "%s:%llu: %s\n", path, (unsigned long long)rows_line(rows), next == ROWS_BAD ? rows_error(rows) : a->error);
        counts->bad += !good;
        if (!go_on) return false;
    }
    if (next == ROWS_BROKEN) fprintf(stderr, "%s:%llu: %s\n", path, (unsigned long long)rows_line(rows), rows_error(rows));
    return next == ROWS_END;
}

bool mapping_read(const struct mapping *mapping, const char *path, mapping_taken *taken, void *context, struct mapping_counts *counts)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *in = is_stdin ? stdin : fopen(path, "rb");
    if (!in) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    struct applying a = {.mapping = mapping, .decoder = decoder_new()};
    buffer_init(&a.text, ROW_TEXT_BYTES);
    buffer_init(&a.out, ROW_EVENTS_BYTES);
    struct rows *rows = rows_open(in, mapping->json_lines, mapping->delimiter, mapping->columns);
    bool good = read_rows(&a, rows, path, taken, context, counts);
    rows_close(rows);
    buffer_free(&a.text);
    buffer_free(&a.out);
    decoder_free(a.decoder);
    if (!is_stdin) fclose(in);
    return good;
}
