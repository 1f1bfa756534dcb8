/* Tables for a terminal. Lines wider than one are left to it: fifteen days stand
 * beside each other. */
#include "sla/outlook_view.h"

#include <math.h>
#include <string.h>

#include "common/columns.h"
#include "sla/outlook_words.h"

enum { UNIT_COLUMNS = 20, COUNT_COLUMNS = 10, DAY_COLUMNS = 7, CELL_BYTES = 64 };

static void count_cell(FILE *out, unsigned count, int columns)
{
    char text[CELL_BYTES];
    snprintf(text, sizeof text, "%u", count);
    columns_right(out, count ? text : "·", columns);
}

/* --- deadlines --- */

static void print_head(FILE *out, const struct outlook *outlook)
{
    char date[DAY_TEXT_BYTES];
    columns_left(out, "unit", UNIT_COLUMNS);
    columns_right(out, "overdue", COUNT_COLUMNS);
    for (int i = 0; i < OUTLOOK_DAYS; i++) {
        day_print(date, outlook->day[i]);
        columns_right(out, date + 5, DAY_COLUMNS);
    }
    columns_right(out, "later", COUNT_COLUMNS);
    columns_right(out, "suspended", COUNT_COLUMNS);
    fputc('\n', out);
    columns_left(out, "单位", UNIT_COLUMNS);
    columns_right(out, "已超期", COUNT_COLUMNS);
    fprintf(out, "%*s", OUTLOOK_DAYS * DAY_COLUMNS, "");
    columns_right(out, "以后", COUNT_COLUMNS);
    columns_right(out, "挂起", COUNT_COLUMNS);
    fputs("\n\n", out);
}

static void print_unit(FILE *out, const char *name, const struct outlook_unit *unit)
{
    columns_left(out, name, UNIT_COLUMNS);
    count_cell(out, unit->overdue, COUNT_COLUMNS);
    for (int i = 0; i < OUTLOOK_DAYS; i++) count_cell(out, unit->due[i], DAY_COLUMNS);
    count_cell(out, unit->later, COUNT_COLUMNS);
    count_cell(out, unit->suspended, COUNT_COLUMNS);
    fputc('\n', out);
}

/* Names are cut for a cell. */
static const char *name_of(char text[CELL_BYTES * 2], struct text unit)
{
    snprintf(text, CELL_BYTES * 2, "%.*s", (int)unit.bytes, unit.at);
    return unit.bytes ? text : "(none 未派)";
}

static void print_deadlines(FILE *out, const struct outlook *outlook)
{
    char name[CELL_BYTES * 2];
    fputs("Open cases by the working day on which they fall due 在办工单到期日\n\n", out);
    print_head(out, outlook);
    for (const struct outlook_unit *unit = outlook->units; unit; unit = unit->hh.next) print_unit(out, name_of(name, unit->unit), unit);
    print_unit(out, "total 合计", &outlook->total);
}

/* --- cases --- */

static void print_sentences(FILE *out, const char *before, const json_t *lines, const char *between)
{
    size_t i;
    const json_t *line;
    fputs(before, out);
    json_array_foreach(lines, i, line) fprintf(out, "%s%s", i ? between : "", json_string_value(line));
    fputc('\n', out);
}

static void print_prospect(FILE *out, const struct outlook *outlook, const struct prospect *prospect)
{
    char deadline[INSTANT_TEXT_BYTES], name[CELL_BYTES * 2];
    json_t *zh = json_array(), *en = json_array();
    instant_print(deadline, outlook->rules->zone, prospect->deadline_ms);
    fprintf(out, "%-24.*s %-6s %-12s %-25s %5.1f %%  %s\n", (int)prospect->id.bytes, prospect->id.at, of_name(prospect->of),
            prospect->class, deadline, 100 * prospect->probability, name_of(name, prospect->unit));
    outlook_reasons(outlook, prospect, zh, en);
    print_sentences(out, "    ", en, " ");
    print_sentences(out, "    ", zh, "");
    json_decref(zh);
    json_decref(en);
}

static void print_prospects(FILE *out, const struct outlook *outlook, size_t limit)
{
    size_t shown = outlook->warned < limit ? outlook->warned : limit;
    fprintf(out, "\n%zu open cases of %zu are warned of 预警: a probability of being late of %.2f or more%s\n\n", outlook->warned, outlook->foretold,
            outlook->threshold, shown < outlook->warned ? "; the most probable:" : "");
    if (shown) fprintf(out, "%-24s %-6s %-12s %-25s %7s  %s\n", "CASE", "OF", "CLASS", "DEADLINE", "LATE", "UNIT");
    for (size_t i = 0; i < shown; i++) print_prospect(out, outlook, &outlook->prospect[i]);
    if (outlook->foretold < outlook->prospects)
        fprintf(out, "%zu open cases are of classes with fewer than %d answers so far: nothing is said of them 同类样本不足,不作预测\n",
                outlook->prospects - outlook->foretold, PACE_KNOWN);
}

static void print_accuracy(FILE *out, const struct outlook *outlook)
{
    json_t *zh = json_array(), *en = json_array();
    outlook_accuracy(outlook, zh, en);
    print_sentences(out, "\n", en, " ");
    print_sentences(out, "", zh, "");
    json_decref(zh);
    json_decref(en);
}

void outlook_print(FILE *out, const struct outlook *outlook, size_t limit)
{
    char now[INSTANT_TEXT_BYTES];
    columns_open();
    instant_print(now, outlook->rules->zone, outlook->now_ms);
    fprintf(out, "as of %s\n\n", now);
    print_deadlines(out, outlook);
    print_prospects(out, outlook, limit);
    print_accuracy(out, outlook);
}

/* --- the score --- */

static void share_cell(FILE *out, double share)
{
    char text[CELL_BYTES];
    if (share < 0) snprintf(text, sizeof text, "–");
    else snprintf(text, sizeof text, "%.1f %%", 100 * share);
    columns_right(out, text, 12);
}

static void print_warnings(FILE *out, const char *name, const struct warnings *found)
{
    char lead[CELL_BYTES];
    columns_left(out, name, 42);
    fprintf(out, "%9.3f%9u%9u", found->threshold, found->warned, found->right);
    share_cell(out, found->precision);
    share_cell(out, found->recall);
    if (found->lead_minutes < 0) snprintf(lead, sizeof lead, "–");
    else snprintf(lead, sizeof lead, "%.1f h", found->lead_minutes / 60.0);
    columns_right(out, lead, 10);
    fputc('\n', out);
}

static void print_tenths(FILE *out, const struct score *score)
{
    fputs("\nprobability said    looks   mean said   came late\n", out);
    for (int i = 0; i < SCORE_TENTHS; i++) {
        if (!score->tenth[i].glances) continue;
        fprintf(out, "%.1f to %.1f   %13u%10.1f %%%10.1f %%\n", i / 10.0, (i + 1) / 10.0, score->tenth[i].glances, 100 * score->tenth[i].probability,
                100.0 * score->tenth[i].late / score->tenth[i].glances);
    }
}

void outlook_print_score(FILE *out, const struct outlook *outlook)
{
    const struct score *score = &outlook->score;
    columns_open();
    print_accuracy(out, outlook);
    if (!outlook->judged) return;
    fprintf(out, "\n%-42s%9s%9s%9s%12s%12s%10s\n", "", "from", "warned", "late", "precision", "recall", "lead");
    print_warnings(out, "model 模型", &score->model);
    print_warnings(out, "half of the limit is gone 期限过半", &score->plain);
    print_warnings(out, "model, finding as many late ones", &score->equal);
    print_warnings(out, "another share gone, warning of as many", &score->as_many);
    fputc('\n', out);
    for (int i = 0; i < SCORE_THRESHOLDS; i++) print_warnings(out, "model", &score->at[i]);
    fprintf(out, "\nOrder at half of the limit: %.3f (0.5: chance)\n", score->order);
    fprintf(out, "Brier score over %u looks: %.4f; %.4f where each is given the share of late ones among them\n", score->glances, score->brier, score->brier_base);
    print_tenths(out, score);
}
