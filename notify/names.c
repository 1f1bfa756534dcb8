/* The names of a language as Jansson holds them: small, and looked up by hash.
 *
 * The trap: nothing here may make a JSON value after loading, as that would lie in a thread's arena. */
#include "notify/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notify/template.h"
#include "sla/form.h"

enum { NAMES_FAULT_BYTES = 512 };

static const char *const tables[] = {"notice", "step", "of", "class", "clock", "owed", "debtor", "state", "urgency", "role", "item", "area",
                                     "phrase", "measure", "date", "weekday", "month", NULL};
static const char *const phrases[] = {"no_unit", "under_minute", "same_day", NULL};
static const char *const measures[] = {"workday", "day", "work_hour", "hour", "minute", NULL};
static const char *const dates[] = {"full", "brief", NULL};

/* What a date is filled in with. */
enum { DATE_YEAR, DATE_MONTH, DATE_MONTH_NAME, DATE_DAY, DATE_WEEKDAY, DATE_TIME, DATE_FIELDS };
static const struct template_field date_fields[] = {{"year", FIELD_TEXT, DATE_YEAR, 0},       {"month", FIELD_TEXT, DATE_MONTH, 0},
                                                    {"month_name", FIELD_TEXT, DATE_MONTH_NAME, 0}, {"day", FIELD_TEXT, DATE_DAY, 0},
                                                    {"weekday", FIELD_TEXT, DATE_WEEKDAY, 0}, {"time", FIELD_TEXT, DATE_TIME, 0},
                                                    {NULL, FIELD_TEXT, 0, 0}};

struct names {
    json_t *root, *table[NAMES_TABLES];
    struct template *date[2]; /* full, brief */
};

/* --- loading --- */

static bool all_texts(struct form *form, const json_t *table)
{
    if (!json_is_object(table)) return form_fault(form, "expected an object");
    for (void *i = json_object_iter((json_t *)(uintptr_t)table); i; i = json_object_iter_next((json_t *)(uintptr_t)table, i))
        if (!json_is_string(json_object_iter_value(i))) return form_fault(form, "%s: expected text", json_object_iter_key(i));
    return true;
}

/* Each of these, and no other. */
static bool exactly(struct form *form, const json_t *table, const char *const *members)
{
    if (!form_members(form, table, members)) return false;
    for (; *members; members++)
        if (!json_object_get(table, *members)) return form_fault(form, "%s is missing", *members);
    return true;
}

static bool list_of(struct form *form, const json_t *list, size_t count, const char *what)
{
    bool good = json_array_size(list) == count;
    for (size_t i = 0; i < count; i++) good &= json_is_string(json_array_get(list, i));
    return good || form_fault(form, "%s: expected %zu texts", what, count);
}

static bool read_measures(struct form *form, const json_t *table)
{
    if (!exactly(form, table, measures)) return false;
    for (const char *const *name = measures; *name; name++)
        if (!list_of(form, json_object_get(table, *name), 2, *name)) return false;
    return true;
}

static bool read_dates(struct names *names, struct form *form, struct buffer *faults)
{
    const json_t *table = json_object_get(names->root, "date");
    form_at(form, "date");
    if (!exactly(form, table, dates) || !all_texts(form, table)) return false;
    for (int i = 0; i < 2; i++) {
        const char *text = json_string_value(json_object_get(table, dates[i]));
        names->date[i] = template_parse(form->file, text, strlen(text), date_fields, faults);
        if (!names->date[i]) return form_fault(form, "%s: is no template of a date", dates[i]);
    }
    return true;
}

static bool read_tables(struct names *names, struct form *form)
{
    bool good = true;
    for (int i = 0; good && i < NAMES_TABLES; i++) {
        names->table[i] = json_object_get(names->root, tables[i]);
        form_at(form, "%s", tables[i]);
        if (i == NAMES_MEASURE) good = read_measures(form, names->table[i]);
        else good = all_texts(form, names->table[i]) && (i != NAMES_PHRASE || exactly(form, names->table[i], phrases));
    }
    form_at(form, "%s", "");
    return good && list_of(form, json_object_get(names->root, "weekday"), 7, "weekday") && list_of(form, json_object_get(names->root, "month"), 12, "month");
}

struct names *names_load(const char *file, struct buffer *faults)
{
    char error[NAMES_FAULT_BYTES] = "";
    struct form form = {.file = file, .error = error, .error_bytes = sizeof error};
    struct names *names = xcalloc(1, sizeof *names);
    names->root = form_load(&form);
    if (names->root && exactly(&form, names->root, tables) && read_tables(names, &form) && read_dates(names, &form, faults)) return names;
    if (faults) buffer_addf(faults, "%s\n", error);
    names_free(names);
    return NULL;
}

void names_free(struct names *names)
{
    if (!names) return;
    json_decref(names->root);
    for (int i = 0; i < 2; i++) template_free(names->date[i]);
    free(names);
}

/* --- looking up --- */

static struct text text_of(const json_t *value)
{
    return (struct text){json_string_value(value), json_string_length(value)};
}

struct text names_of(const struct names *names, enum names_table table, struct text code)
{
    const json_t *value = code.bytes ? json_object_getn(names->table[table], code.at, code.bytes) : NULL;
    return json_is_string(value) ? text_of(value) : code;
}

struct text names_find(const struct names *names, enum names_table table, const char *code)
{
    const json_t *value = code ? json_object_get(names->table[table], code) : NULL;
    return json_is_string(value) ? text_of(value) : (struct text){0};
}

/* --- time --- */

static void add_amount(const struct names *names, struct buffer *out, int64_t amount, const char *measure)
{
    const json_t *words = json_object_get(names->table[NAMES_MEASURE], measure);
    buffer_addf(out, "%s%" PRId64 " %s", out->bytes ? " " : "", amount, json_string_value(json_array_get(words, amount != 1)));
}

/* Moves what was written into the pool. */
static struct text keep(struct buffer *from, struct pool *pool)
{
    struct text text = {pool_copy(pool, buffer_text(from), from->bytes + 1), from->bytes};
    buffer_free(from);
    return text;
}

struct text names_limit(const struct names *names, struct limit limit, struct pool *pool)
{
    static const char *const measure[] = {[LIMIT_WORKDAYS] = "workday", [LIMIT_DAYS] = "day", [LIMIT_WORK_HOURS] = "work_hour", [LIMIT_HOURS] = "hour"};
    struct buffer out;
    if (limit.unit == LIMIT_DAYS && limit.amount == 0) return names_find(names, NAMES_PHRASE, "same_day");
    buffer_init(&out, 256);
    add_amount(names, &out, limit.amount, measure[limit.unit]);
    return keep(&out, pool);
}

struct text names_workdays(const struct names *names, int32_t days, struct pool *pool)
{
    return names_limit(names, (struct limit){LIMIT_WORKDAYS, days}, pool);
}

struct text names_left(const struct names *names, const struct left *left, struct pool *pool)
{
    struct buffer out;
    bool by_days = left->measure == LEFT_WORKDAYS || left->measure == LEFT_DAYS;
    if (!left->known || (left->late && by_days && left->days == 0)) return (struct text){0};
    buffer_init(&out, 256);
    const char *day = left->measure == LEFT_WORKDAYS && !left->after_hours ? "workday" : "day";
    const char *hour = left->measure == LEFT_WORK_HOURS && !left->after_hours ? "work_hour" : "hour";
    if (left->days) add_amount(names, &out, left->days, day);
    if (left->hours) add_amount(names, &out, left->hours, hour);
    if (left->minutes) add_amount(names, &out, left->minutes, "minute");
    if (out.bytes == 0) return names_find(names, NAMES_PHRASE, "under_minute");
    return keep(&out, pool);
}

static struct text number(struct pool *pool, int n)
{
    char text[16];
    int bytes = snprintf(text, sizeof text, "%d", n);
    return (struct text){pool_copy(pool, text, (size_t)bytes + 1), (size_t)bytes};
}

static struct text time_of_day(struct pool *pool, int minutes)
{
    char text[16];
    int bytes = snprintf(text, sizeof text, "%02d:%02d", minutes / 60, minutes % 60);
    return (struct text){pool_copy(pool, text, (size_t)bytes + 1), (size_t)bytes};
}

struct text names_instant(const struct names *names, const struct zone *zone, int64_t at_ms, bool ends, bool brief, struct pool *pool)
{
    struct text value[DATE_FIELDS];
    struct buffer out;
    int year, month, dom;
    int32_t day = zone_day(zone, at_ms - ends);
    int64_t minutes = (at_ms + zone_offset_ms(zone, at_ms - ends) - (int64_t)day * DAY_MS) / 60000;
    day_to_civil(day, &year, &month, &dom);
    value[DATE_YEAR] = number(pool, year);
    value[DATE_MONTH] = number(pool, month);
    value[DATE_MONTH_NAME] = text_of(json_array_get(json_object_get(names->root, "month"), (size_t)month - 1));
    value[DATE_DAY] = number(pool, dom);
    value[DATE_WEEKDAY] = text_of(json_array_get(json_object_get(names->root, "weekday"), (size_t)day_iso_weekday(day) - 1));
    value[DATE_TIME] = time_of_day(pool, (int)minutes);
    buffer_init(&out, 512);
    template_fill(names->date[brief], MARKUP_JSON, &(struct template_values){.text = value}, &out);
    return keep(&out, pool);
}
