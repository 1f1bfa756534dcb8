/* Columns for people: a unit a row, the total last, and below it what the whole
 * town did. The full set of figures is the JSON's business. */
#include "report/table.h"

#include "common/columns.h"

enum { UNIT_COLUMNS = 22, CELL_COLUMNS = 10, INDENTS_MAX = 6 };

static void right_cell(FILE *out, const char *text)
{
    columns_right(out, text, CELL_COLUMNS);
}

static long long count_of(const json_t *row, const char *name)
{
    return json_integer_value(json_object_get(row, name));
}

static void count_cell(FILE *out, const json_t *row, const char *name)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", count_of(row, name));
    right_cell(out, text);
}

static void rate_text(char text[16], const json_t *row, const char *name)
{
    const json_t *rate = json_object_get(row, name);
    if (json_is_null(rate)) snprintf(text, 16, "–");
    else snprintf(text, 16, "%.1f %%", 100 * json_number_value(rate));
}

static void rate_cell(FILE *out, const json_t *row, const char *name)
{
    char text[16];
    rate_text(text, row, name);
    right_cell(out, text);
}

static long long stars_of(const json_t *row, const char *name)
{
    long long sum = 0;
    const char *star;
    json_t *count;
    json_object_foreach(json_object_get(row, name), star, count) sum += json_integer_value(count);
    return sum;
}

static void print_row(FILE *out, const char *name, const json_t *row)
{
    char text[24];
    columns_left(out, name, UNIT_COLUMNS);
    count_cell(out, row, "received");
    count_cell(out, row, "answered");
    rate_cell(out, row, "in_time_rate");
    count_cell(out, row, "missed");
    count_cell(out, row, "open");
    count_cell(out, row, "open_overdue");
    rate_cell(out, row, "solved_rate");
    snprintf(text, sizeof text, "%lld", stars_of(row, "ratings"));
    right_cell(out, text);
    rate_cell(out, row, "satisfaction_rate");
    count_cell(out, row, "bad_reviews");
    count_cell(out, row, "rectified");
    fputc('\n', out);
}

static void print_head(FILE *out)
{
    static const char *const english[] = {"received", "answered", "in time", "missed", "open", "overdue", "solved", "ratings", "satisfied", "bad", "rectified"};
    static const char *const chinese[] = {"受理", "答复", "按时率", "超期", "在办", "在办超期", "解决率", "评价", "满意率", "差评", "已整改"};
    columns_left(out, "unit", UNIT_COLUMNS);
    for (size_t i = 0; i < sizeof english / sizeof *english; i++) right_cell(out, english[i]);
    fputc('\n', out);
    columns_left(out, "单位", UNIT_COLUMNS);
    for (size_t i = 0; i < sizeof chinese / sizeof *chinese; i++) right_cell(out, chinese[i]);
    fputs("\n\n", out);
}

static void print_rest(FILE *out, const json_t *total)
{
    char rate[16];
    static const struct {
        const char *name, *words;
    } rest[] = {{"transferred", "transferred 转派"}, {"returned", "returned 退单"}, {"suspended", "suspended 挂起"}, {"extended", "extended 延期"},
                {"reopened", "reopened 重办"}, {"urged", "urged 催单"}, {"supervised", "supervised 督办"}, {"voided", "voided 作废"}, {"merged", "merged 并单"}};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) fprintf(out, "%s%s %lld", i ? "  " : "", rest[i].words, count_of(total, rest[i].name));
    rate_text(rate, total, "callback_satisfaction_rate");
    fprintf(out, "\ncall-backs 回访 %lld, reached %lld, satisfied %s; default ratings 默认好评 %lld; appeals upheld 申诉成立 %lld\n", count_of(total, "called_back"),
            count_of(total, "reached"), rate, count_of(total, "default_ratings"), count_of(total, "appeals_upheld"));
    if (!json_object_get(total, "contacted")) return;
    fprintf(out, "first contacts 先行联系 %lld, in time %lld\n", count_of(total, "contacted"), count_of(total, "contacted_in_time"));
}

/* Rolled up: a unit stands further in than what it is part of. */
static void print_unit(FILE *out, const json_t *unit)
{
    char text[256];
    const char *id = json_string_value(json_object_get(unit, "unit"));
    int depth = (int)json_integer_value(json_object_get(unit, "depth"));
    snprintf(text, sizeof text, "%*s%s", depth < INDENTS_MAX ? 2 * depth : 2 * INDENTS_MAX, "", *id ? id : "(none 未派)");
    print_row(out, text, unit);
}

static const char *day_text(const json_t *day, const char *open_end)
{
    return json_is_string(day) ? json_string_value(day) : open_end;
}

void table_print(FILE *out, const json_t *summary)
{
    size_t i;
    const json_t *unit, *total = json_object_get(summary, "total");
    columns_open();
    fprintf(out, "days from %s up to %s, as of %s\n\n", day_text(json_object_get(summary, "from"), "the first"),
            day_text(json_object_get(summary, "to"), "the last"), day_text(json_object_get(summary, "as_of"), "no event"));
    print_head(out);
    json_array_foreach(json_object_get(summary, "units"), i, unit) print_unit(out, unit);
    print_row(out, "total 合计", total);
    fputc('\n', out);
    print_rest(out, total);
}
