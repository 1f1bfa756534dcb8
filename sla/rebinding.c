/* What a decision would move, case by case: each folded as of now under the rules that it is bound to and under those that it
 * would be. */
#include "sla/rebinding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/columns.h"
#include "sla/case_json.h"
#include "sla/stub.h"

enum { UNIT_COLUMNS = 24, NUMBER_COLUMNS = 10 };

bool rebinding_open(struct rebinding *rebinding, struct store *store, const struct control *decision)
{
    const struct rulebook *book = store->book;
    struct text *records = xcalloc(book->records + 1, sizeof *records);
    char *text = control_print(decision, store->proposal->rules.zone), why[STORE_FAULT_BYTES];
    *rebinding = (struct rebinding){.store = store, .withdraws = decision->kind == CONTROL_WITHDRAW, .comparison = comparison_new()};
    for (size_t i = 0; i < book->records; i++) records[i] = (struct text){book->text[i], strlen(book->text[i])};
    records[book->records] = (struct text){text, strlen(text)};
    rebinding->next = rulebook_build(store->config->sla.zone, store->config->sla.retention_days * DAY_MS, records, book->records + 1, why, sizeof why);
    if (!rebinding->next) snprintf(store->fault, sizeof store->fault, "%s", why);
    free(records);
    free(text);
    return rebinding->next != NULL;
}

void rebinding_close(struct rebinding *rebinding)
{
    rulebook_free(rebinding->next);
    comparison_free(rebinding->comparison);
    *rebinding = (struct rebinding){0};
}

bool rebinding_binds(const struct rebinding *rebinding)
{
    const struct rulebook *now = rebinding->store->book, *next = rebinding->next;
    if (now->spans != next->spans) return true;
    for (size_t i = 0; i < now->spans; i++)
        if (now->span[i].from_ms != next->span[i].from_ms || now->span[i].edition != next->span[i].edition) return true;
    return false;
}

static void see(void *context, struct walk *walk, const struct case_file *file)
{
    struct rebinding *rebinding = context;
    struct changer *changer = &walk->changer;
    const struct rules *before = rulebook_bind(walk->store->book, file), *after = rulebook_bind(rebinding->next, file);
    if (file->stub && rebinding->withdraws) after = rulebook_at(rebinding->next, file->stub->received_ms);
    if (before->edition == after->edition) return;
    int64_t now_ms = file->as_of_ms > rebinding->now_ms ? file->as_of_ms : rebinding->now_ms;
    rebinding->bound_otherwise++;
    fold_case(&changer->before, before, file, now_ms);
    if (!walk_differs(changer, file, before, after, now_ms)) return;
    rebinding->changed++;
    if (!comparison_add(rebinding->comparison, &changer->before, &changer->after)) return;
    demands_owed(&changer->demands, file, &changer->after, after, now_ms - changer->grace_ms);
    for (size_t i = 0; i < changer->demands.count; i++) {
        enum demand_kind kind = changer->demands.at[i].kind;
        rebinding->owed += kind == DEMAND_CORRECTION || kind == DEMAND_RETRACT || kind == DEMAND_WITHDRAWN || changer->demands.at[i].before_ms;
    }
}

enum store_result rebinding_look(struct rebinding *rebinding, int64_t grace_ms, bool (*stop)(void))
{
    struct walk walk;
    walk_open(&walk, rebinding->store, grace_ms, stop);
    rebinding->now_ms = clock_business_ms(&rebinding->store->clock);
    enum store_result result = walk_look(&walk, see, rebinding);
    rebinding->seen = walk.seen;
    walk_close(&walk);
    return result;
}

/* --- printing --- */

static json_t *row_to_json(const struct comparison_row *row)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "cases", (json_int_t)row->cases, "deadlines_later", (json_int_t)row->later,
                     "deadlines_earlier", (json_int_t)row->earlier, "breaches_appear", (json_int_t)row->breaches.appear, "breaches_vanish",
                     (json_int_t)row->breaches.vanish, "clocks_new", (json_int_t)row->fresh, "clocks_gone", (json_int_t)row->gone, "furthest_ms",
                     (json_int_t)row->furthest_ms);
}

static void print_json(const struct rebinding *rebinding, struct comparison_row **rows)
{
    json_t *units = json_array(), *total = row_to_json(comparison_total(rebinding->comparison));
    for (; *rows; rows++) {
        if ((*rows)->cases == 0) continue;
        json_t *object = row_to_json(*rows);
        json_object_set_new(object, "unit", json_text((*rows)->unit));
        json_array_append_new(units, object);
    }
    json_object_set_new(total, "cases_seen", json_integer((json_int_t)rebinding->seen));
    json_object_set_new(total, "cases_bound_otherwise", json_integer((json_int_t)rebinding->bound_otherwise));
    json_object_set_new(total, "cases_changed", json_integer((json_int_t)rebinding->changed));
    json_object_set_new(total, "corrections_owed", json_integer((json_int_t)rebinding->owed));
    json_object_set_new(total, "units", units);
    json_print_line(stdout, total);
    json_decref(total);
}

static void print_number(int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    columns_right(stdout, text, NUMBER_COLUMNS);
}

static void print_row(const char *name, const struct comparison_row *row)
{
    const int64_t number[] = {row->cases, row->later, row->earlier, row->breaches.appear, row->breaches.vanish, row->fresh, row->gone};
    columns_left(stdout, name, UNIT_COLUMNS);
    for (size_t i = 0; i < sizeof number / sizeof *number; i++) print_number(number[i]);
    printf("  %.1f days\n", (double)row->furthest_ms / DAY_MS);
}

static void print_table(const struct rebinding *rebinding, struct comparison_row **rows)
{
    static const char *const heads[] = {"cases", "later", "earlier", "appear", "vanish", "new", "gone"};
    const struct comparison_row *total = comparison_total(rebinding->comparison);
    columns_open();
    printf("%lld cases; %lld would be bound to other rules, and in %lld of them a clock differs.\n", (long long)rebinding->seen,
           (long long)rebinding->bound_otherwise, (long long)total->cases);
    if (total->cases == 0) return;
    printf("By unit: cases, deadlines that move later or earlier, breaches that appear or vanish, clocks that are new or gone, and the furthest move.\n\n");
    columns_left(stdout, "unit", UNIT_COLUMNS);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) columns_right(stdout, heads[i], NUMBER_COLUMNS);
    printf("  furthest\n");
    for (; *rows; rows++) {
        char *name = xstrndup((*rows)->unit.bytes ? (*rows)->unit.at : "(none)", (*rows)->unit.bytes ? (*rows)->unit.bytes : 6);
        if ((*rows)->cases) print_row(name, *rows);
        free(name);
    }
    print_row("total", total);
    printf("\n%lld corrections of what departments and platform were told would be owed at once.\n", (long long)rebinding->owed);
}

void rebinding_print(struct rebinding *rebinding, bool json)
{
    struct comparison_row **rows = comparison_sorted(rebinding->comparison);
    if (json) print_json(rebinding, rows);
    else print_table(rebinding, rows);
    free(rows);
}
