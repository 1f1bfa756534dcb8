/* Adding up, and rates. A rate without a divisor is null, never 0 or 1. */
#include "sla/summary.h"

#include "sla/case_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct row {
    struct text unit; /* owned */
    int64_t count[COUNTERS];
    UT_hash_handle hh;
};

struct summary {
    int32_t from, to;
    struct row *rows;
};

static const char *const names[COUNTERS] = {
    "received", "voided", "merged", "answered", "answered_in_time", "solved", "explained", "direct", "missed", "open",
    "open_overdue", "reopened", "urged", "supervised", "suspended", "extended", "transferred", "returned", "contacted",
    "contacted_in_time", "rating_1", "rating_2", "rating_3", "rating_4", "rating_5", "default_ratings", "bad_reviews",
    "rectified", "rectified_in_time", "rectify_missed", "appeals_upheld", "called_back", "reached", "callback_1",
    "callback_2", "callback_3", "callback_4", "callback_5"};

const char *counter_name(enum counter counter)
{
    return names[counter];
}

enum counter counter_named(const char *name, size_t bytes)
{
    int i = 0;
    while (i < COUNTERS && (strlen(names[i]) != bytes || memcmp(names[i], name, bytes) != 0)) i++;
    return (enum counter)i;
}

struct summary *summary_new(int32_t from, int32_t to)
{
    struct summary *summary = calloc(1, sizeof *summary);
    if (!summary) abort();
    summary->from = from;
    summary->to = to;
    return summary;
}

void summary_free(struct summary *summary)
{
    if (!summary) return;
    struct row *row, *next;
    HASH_ITER(hh, summary->rows, row, next) {
        HASH_DEL(summary->rows, row);
        free((char *)(uintptr_t)row->unit.at);
        free(row);
    }
    free(summary);
}

static struct row *row_of(struct summary *summary, struct text unit)
{
    struct row *row;
    const char *key = unit.bytes ? unit.at : "";
    HASH_FIND(hh, summary->rows, key, unit.bytes, row);
    if (row) return row;
    char *copy = malloc(unit.bytes + 1);
    row = calloc(1, sizeof *row);
    if (!row || !copy) abort();
    memcpy(copy, key, unit.bytes);
    copy[unit.bytes] = 0;
    row->unit = (struct text){copy, unit.bytes};
    HASH_ADD_KEYPTR(hh, summary->rows, copy, unit.bytes, row);
    return row;
}

void summary_add(struct summary *summary, enum counter counter, int32_t day, struct text unit, int64_t count)
{
    if (day != DAY_NONE && ((summary->from != DAY_NONE && day < summary->from) || (summary->to != DAY_NONE && day >= summary->to)))
        return;
    row_of(summary, unit)->count[counter] += count;
}

void summary_add_case(struct summary *summary, const struct fold *fold, int sign)
{
    for (size_t i = 0; i < fold->contributions; i++) {
        const struct contribution *c = &fold->contribution[i];
        summary_add(summary, (enum counter)c->counter, c->day, c->unit, sign);
    }
}

static json_t *rate(int64_t part, int64_t whole)
{
    if (whole == 0) return json_null();
    char text[32]; /* as text and back: rounds the exact quotient, ties to even */
    snprintf(text, sizeof text, "%.6f", (double)part / (double)whole);
    return json_real(strtod(text, NULL));
}

static json_t *stars(const int64_t *count, enum counter one)
{
    static const char *const star[] = {"1", "2", "3", "4", "5"};
    json_t *object = json_object();
    for (int i = 4; i >= 0; i--) json_object_set_new_nocheck(object, star[i], json_integer(count[one + i]));
    return object;
}

static json_t *stars_rate(const int64_t *count, enum counter one)
{
    int64_t good = count[one + 2] + count[one + 3] + count[one + 4];
    return rate(good, good + count[one] + count[one + 1]);
}

static void put_counts(json_t *object, const int64_t *count, enum counter first, enum counter last)
{
    for (int i = (int)first; i <= (int)last; i++) json_object_set_new_nocheck(object, names[i], json_integer(count[i]));
}

void summary_put_figures(json_t *object, const int64_t *count, const struct policy *policy)
{
    put_counts(object, count, COUNT_RECEIVED, COUNT_RETURNED);
    if (policy->has_contact) put_counts(object, count, COUNT_CONTACTED, COUNT_CONTACTED_IN_TIME);
    json_object_set_new_nocheck(object, "ratings", stars(count, COUNT_RATING_1));
    put_counts(object, count, COUNT_DEFAULT_RATINGS, COUNT_REACHED);
    json_object_set_new_nocheck(object, "callback", stars(count, COUNT_CALLBACK_1));
    json_object_set_new_nocheck(object, "in_time_rate", rate(count[COUNT_ANSWERED_IN_TIME], count[COUNT_ANSWERED]));
    json_object_set_new_nocheck(object, "solved_rate", rate(count[COUNT_SOLVED], count[COUNT_SOLVED] + count[COUNT_EXPLAINED]));
    json_object_set_new_nocheck(object, "satisfaction_rate", stars_rate(count, COUNT_RATING_1));
    json_object_set_new_nocheck(object, "callback_satisfaction_rate", stars_rate(count, COUNT_CALLBACK_1));
}

static bool has_something(const struct row *row)
{
    for (int i = 0; i < COUNTERS; i++)
        if (row->count[i]) return true;
    return false;
}

static int by_unit(const void *a, const void *b)
{
    return text_compare((*(const struct row *const *)a)->unit, (*(const struct row *const *)b)->unit);
}

/* The rows in order, ended by NULL; for the caller to free. The table keeps its own. */
static const struct row **sorted_rows(const struct summary *summary)
{
    size_t n = 0;
    const struct row **sorted = malloc((HASH_COUNT(summary->rows) + 1) * sizeof *sorted);
    if (!sorted) abort();
    for (const struct row *row = summary->rows; row; row = row->hh.next) sorted[n++] = row;
    qsort(sorted, n, sizeof *sorted, by_unit);
    sorted[n] = NULL;
    return sorted;
}

static json_t *day_or_null(int32_t day)
{
    return day == DAY_NONE ? json_null() : json_day(day);
}

void summary_each(const struct summary *summary, summary_visit *visit, void *context)
{
    const struct row **sorted = sorted_rows(summary);
    for (const struct row **next = sorted; *next; next++)
        if (has_something(*next)) visit(context, (*next)->unit, (*next)->count);
    free(sorted);
}

json_t *summary_head(const struct summary *summary, const struct rules *rules, int64_t as_of_ms)
{
    json_t *root = json_object();
    json_object_set_new_nocheck(root, "from", day_or_null(summary->from));
    json_object_set_new_nocheck(root, "to", day_or_null(summary->to));
    json_object_set_new_nocheck(root, "as_of", as_of_ms == INT64_MIN ? json_null() : json_instant(rules->zone, as_of_ms));
    return root;
}

/* Rows as they are printed, and their sum. */
struct printing {
    const char *unit; /* NULL: all */
    const struct policy *policy;
    int64_t sum[COUNTERS];
    json_t *units;
};

static void print_row(void *context, struct text unit, const int64_t *count)
{
    struct printing *printing = context;
    if (printing->unit && !text_equal(unit, (struct text){printing->unit, strlen(printing->unit)})) return;
    json_t *object = json_object();
    json_object_set_new_nocheck(object, "unit", json_text(unit));
    summary_put_figures(object, count, printing->policy);
    json_array_append_new(printing->units, object);
    for (int i = 0; i < COUNTERS; i++) printing->sum[i] += count[i];
}

json_t *summary_to_json(const struct summary *summary, const struct rules *rules, int64_t as_of_ms, const char *unit)
{
    struct printing printing = {.unit = unit, .policy = rules->policy, .units = json_array()};
    json_t *root = summary_head(summary, rules, as_of_ms), *total = json_object();
    summary_each(summary, print_row, &printing);
    summary_put_figures(total, printing.sum, rules->policy);
    json_object_set_new_nocheck(root, "total", total);
    json_object_set_new_nocheck(root, "units", printing.units);
    return root;
}
