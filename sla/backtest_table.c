/* In all: a measure a line, both rules side by side. Units: one a line, `in force → new (difference)` where they differ
 * and one number where they do not. The full set of figures is the JSON's business. */
#include "sla/backtest_table.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "common/columns.h"

enum { CELL_BYTES = 96, UNIT_COLUMNS = 16, LABEL_COLUMNS = 36, VALUE_COLUMNS = 18 };

enum form { FORM_COUNT, FORM_RATE, FORM_MEAN };

/* A number of either side: member `name`, in `group` where there is one. */
struct measure {
    const char *english, *chinese, *group, *name;
    enum form form;
    bool of_units; /* also a column of the units, where either side has it */
};
static const struct measure measures[] = {
    {"received", "受理", NULL, "received", FORM_COUNT, true},
    {"answered", "答复", NULL, "answered", FORM_COUNT, true},
    {"answered in time", "按时答复", NULL, "answered_in_time", FORM_COUNT, false},
    {"in time", "按时率", NULL, "in_time_rate", FORM_RATE, true},
    {"missed", "超期", NULL, "missed", FORM_COUNT, true},
    {"open overdue", "在办超期", NULL, "open_overdue", FORM_COUNT, true},
    {"first contacts", "先行联系", NULL, "contacted", FORM_COUNT, false},
    {"contacted in time", "按时联系", NULL, "contacted_in_time", FORM_COUNT, true},
    {"bad reviews", "差评", NULL, "bad_reviews", FORM_COUNT, false},
    {"rectified", "已整改", NULL, "rectified", FORM_COUNT, false},
    {"rectified in time", "按时整改", NULL, "rectified_in_time", FORM_COUNT, false},
    {"rectify missed", "整改超期", NULL, "rectify_missed", FORM_COUNT, true},
    {"notices", "通知", "notices", "notices", FORM_COUNT, true},
    {"days with any", "有通知日", "notices", "days", FORM_COUNT, false},
    {"a day", "日均", "notices", "a_day", FORM_MEAN, true},
    {"busiest day", "最多一日", "busiest", "notices", FORM_COUNT, true},
};
enum { MEASURES = sizeof measures / sizeof *measures };

/* Counts of both sides together, as two numbers in one column of the units. */
struct pair {
    const char *english, *chinese, *group, *first, *second;
};
static const struct pair pairs[] = {
    {"appear/vanish", "新增/消失", "breaches", "appear", "vanish"},
    {"earlier/later", "提前/推后", "deadlines", "earlier", "later"},
};
enum { PAIRS = sizeof pairs / sizeof *pairs, COLUMNS = MEASURES + PAIRS };

/* --- numbers --- */

static const json_t *busiest_of(const json_t *side)
{
    return json_object_get(json_object_get(side, "notices"), "busiest");
}

/* NAN where there is none. */
static double value_of(const json_t *side, const struct measure *measure)
{
    const json_t *group = side;
    if (measure->group) group = strcmp(measure->group, "busiest") == 0 ? busiest_of(side) : json_object_get(side, measure->group);
    const json_t *value = json_object_get(group, measure->name);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void print_value(char text[CELL_BYTES], double value, enum form form)
{
    if (isnan(value)) snprintf(text, CELL_BYTES, "–");
    else if (form == FORM_RATE) snprintf(text, CELL_BYTES, "%.1f %%", value * 100);
    else snprintf(text, CELL_BYTES, "%.*f", form == FORM_MEAN, value);
}

/* "" where there is no difference, or nothing to tell it from. */
static void print_difference(char text[CELL_BYTES], double before, double after, enum form form)
{
    double difference = (after - before) * (form == FORM_RATE ? 100 : 1);
    *text = 0;
    if (isnan(difference) || difference == 0) return;
    snprintf(text, CELL_BYTES, "%+.*f", form != FORM_COUNT, difference);
}

static long long count_of(const json_t *row, const char *group, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(row, group), name));
}

/* --- in all --- */

static bool has_measure(const json_t *row, const struct measure *measure)
{
    return !isnan(value_of(json_object_get(row, "in_force"), measure)) || !isnan(value_of(json_object_get(row, "new"), measure));
}

static void print_measure(FILE *out, const json_t *total, const struct measure *measure)
{
    char label[CELL_BYTES], text[CELL_BYTES];
    double before = value_of(json_object_get(total, "in_force"), measure), after = value_of(json_object_get(total, "new"), measure);
    snprintf(label, sizeof label, "%s %s", measure->english, measure->chinese);
    columns_left(out, label, LABEL_COLUMNS);
    print_value(text, before, measure->form);
    columns_right(out, text, VALUE_COLUMNS);
    print_value(text, after, measure->form);
    columns_right(out, text, VALUE_COLUMNS);
    print_difference(text, before, after, measure->form);
    if (*text) columns_right(out, text, VALUE_COLUMNS);
    fputc('\n', out);
}

static void print_busiest(FILE *out, const json_t *total)
{
    const char *before = json_string_value(json_object_get(busiest_of(json_object_get(total, "in_force")), "day"));
    const char *after = json_string_value(json_object_get(busiest_of(json_object_get(total, "new")), "day"));
    if (!before && !after) return;
    columns_left(out, "  which 哪一日", LABEL_COLUMNS);
    columns_right(out, before ? before : "–", VALUE_COLUMNS);
    columns_right(out, after ? after : "–", VALUE_COLUMNS);
    fputc('\n', out);
}

static void print_total(FILE *out, const json_t *total)
{
    columns_left(out, "total 合计", LABEL_COLUMNS);
    columns_right(out, "in force 现行", VALUE_COLUMNS);
    columns_right(out, "new 新规", VALUE_COLUMNS);
    columns_right(out, "difference 差", VALUE_COLUMNS);
    fputs("\n\n", out);
    for (int i = 0; i < MEASURES; i++)
        if (has_measure(total, &measures[i])) print_measure(out, total, &measures[i]);
    print_busiest(out, total);
    fprintf(out, "\nbreaches 超期: %lld appear 新增, %lld vanish 消失, %lld move to another unit 转归其他单位\n", count_of(total, "breaches", "appear"),
            count_of(total, "breaches", "vanish"), count_of(total, "breaches", "moved"));
    fprintf(out, "deadlines 期限: %lld earlier 提前, %lld later 推后\n", count_of(total, "deadlines", "earlier"), count_of(total, "deadlines", "later"));
}

/* --- units --- */

static bool is_column(const json_t *total, int i)
{
    return i >= MEASURES || (measures[i].of_units && has_measure(total, &measures[i]));
}

static void print_head_cell(char text[CELL_BYTES], int i, bool chinese)
{
    const char *english = i < MEASURES ? measures[i].english : pairs[i - MEASURES].english;
    snprintf(text, CELL_BYTES, "%s", !chinese ? english : i < MEASURES ? measures[i].chinese : pairs[i - MEASURES].chinese);
}

static void print_cell(char text[CELL_BYTES], const json_t *unit, int i)
{
    char before[CELL_BYTES], after[CELL_BYTES], difference[CELL_BYTES];
    if (i >= MEASURES) {
        const struct pair *pair = &pairs[i - MEASURES];
        long long first = count_of(unit, pair->group, pair->first), second = count_of(unit, pair->group, pair->second);
        if (first || second) snprintf(text, CELL_BYTES, "%lld/%lld", first, second);
        else snprintf(text, CELL_BYTES, "–");
        return;
    }
    double old = value_of(json_object_get(unit, "in_force"), &measures[i]), new = value_of(json_object_get(unit, "new"), &measures[i]);
    print_value(before, old, measures[i].form);
    print_value(after, new, measures[i].form);
    print_difference(difference, old, new, measures[i].form);
    if (strcmp(before, after) == 0) snprintf(text, CELL_BYTES, "%s", after);
    else if (*difference) snprintf(text, CELL_BYTES, "%.24s → %.24s (%.24s)", before, after, difference);
    else snprintf(text, CELL_BYTES, "%.24s → %.24s", before, after);
}

static const char *unit_name(const json_t *unit)
{
    const char *name = json_string_value(json_object_get(unit, "unit"));
    return name && *name ? name : "(none 未派)";
}

/* So wide that each cell of a column fits. */
static void measure_columns(const json_t *rows, int *unit_columns, int columns[COLUMNS])
{
    char text[CELL_BYTES];
    *unit_columns = UNIT_COLUMNS;
    for (int i = 0; i < COLUMNS; i++) {
        columns[i] = 0;
        for (int chinese = 0; chinese < 2; chinese++) {
            print_head_cell(text, i, chinese);
            if (columns_of(text) > columns[i]) columns[i] = columns_of(text);
        }
    }
    for (size_t k = 1; k < json_array_size(rows); k++) {
        const json_t *unit = json_array_get(rows, k);
        if (columns_of(unit_name(unit)) > *unit_columns) *unit_columns = columns_of(unit_name(unit));
        for (int i = 0; i < COLUMNS; i++) {
            print_cell(text, unit, i);
            if (columns_of(text) > columns[i]) columns[i] = columns_of(text);
        }
    }
}

static void print_units(FILE *out, const json_t *rows)
{
    const json_t *total = json_array_get(rows, 0);
    int unit_columns, columns[COLUMNS];
    char text[CELL_BYTES];
    measure_columns(rows, &unit_columns, columns);
    for (int chinese = 0; chinese < 2; chinese++) {
        columns_left(out, chinese ? "单位" : "unit", unit_columns);
        for (int i = 0; i < COLUMNS; i++) {
            print_head_cell(text, i, chinese);
            if (is_column(total, i)) columns_right(out, text, columns[i] + 2);
        }
        fputc('\n', out);
    }
    fputc('\n', out);
    for (size_t k = 1; k < json_array_size(rows); k++) {
        const json_t *unit = json_array_get(rows, k);
        columns_left(out, unit_name(unit), unit_columns);
        for (int i = 0; i < COLUMNS; i++) {
            print_cell(text, unit, i);
            if (is_column(total, i)) columns_right(out, text, columns[i] + 2);
        }
        fputc('\n', out);
    }
}

/* --- the whole --- */

static void print_rules(FILE *out, const json_t *total, const char *side, const char *label)
{
    const json_t *rules = json_object_get(json_object_get(total, "rules"), side);
    columns_left(out, label, UNIT_COLUMNS);
    fprintf(out, "policy %s (%s), calendar %s (%s)\n", json_string_value(json_object_get(rules, "policy")),
            json_string_value(json_object_get(rules, "policy_file")), json_string_value(json_object_get(rules, "calendar")),
            json_string_value(json_object_get(rules, "calendar_file")));
}

static void print_verdict(FILE *out, const json_t *rows)
{
    size_t units = json_array_size(rows) - 1, differ = 0;
    for (size_t i = 1; i <= units; i++) differ += json_is_true(json_object_get(json_array_get(rows, i), "differs"));
    if (json_is_true(json_object_get(json_array_get(rows, 0), "differs"))) fprintf(out, "%zu of %zu units differ 有差别\n\n", differ, units);
    else fputs("no difference 无差别: figures, deadlines and notices are the same under both\n\n", out);
}

void backtest_table_print(FILE *out, const json_t *rows)
{
    const json_t *total = json_array_get(rows, 0);
    const char *as_of = json_string_value(json_object_get(total, "as_of"));
    columns_open();
    fprintf(out, "%lld cases, as of %s\n", (long long)json_integer_value(json_object_get(total, "cases")), as_of ? as_of : "no event");
    print_rules(out, total, "in_force", "in force 现行");
    print_rules(out, total, "new", "new 新规");
    print_verdict(out, rows);
    print_total(out, total);
    if (json_array_size(rows) < 2) return;
    fputc('\n', out);
    print_units(out, rows);
}
