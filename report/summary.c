/* bihuan-report summary: the figures, as a table for people or as JSON. */
#include <string.h>
#include <unistd.h>

#include "sla/figures.h"
#include "report/table.h"
#include "report/verbs.h"
#include "sla/case_json.h"
#include "sla/look.h"
#include "sla/roll_up.h"

static const char *from_option, *to_option, *unit_option, *as_of_option;
static bool table_option, roll_up_option;
const struct options_extra summary_extras[] = {{"from", &from_option, NULL}, {"to", &to_option, NULL},         {"unit", &unit_option, NULL},
                                               {"as-of", &as_of_option, NULL}, {"table", NULL, &table_option}, {"roll-up", NULL, &roll_up_option},
                                               {NULL, NULL, NULL}};

/* What is asked for. */
struct request {
    int32_t from, to;
    int64_t as_of_ms; /* INT64_MAX: now */
};

static bool read_day(const char *text, int32_t *day)
{
    *day = DAY_NONE;
    return !text || day_parse(text, strlen(text), day);
}

static int read_request(const struct options *options, struct request *request)
{
    request->as_of_ms = INT64_MAX;
    if (!read_day(from_option, &request->from)) return options_usage(options, "--from: found \"%s\", expected a day as 2024-09-30", from_option);
    if (!read_day(to_option, &request->to)) return options_usage(options, "--to: found \"%s\", expected a day as 2024-10-01", to_option);
    const char *why = as_of_option ? instant_parse(as_of_option, strlen(as_of_option), &request->as_of_ms) : NULL;
    if (why) return options_usage(options, "--as-of: %s", why);
    if (options->json && table_option) return options_usage(options, "--json and --table exclude each other");
    return EXIT_OK;
}

/* The units by which figures are rolled up; NULL: not loaded, why is said. */
static struct units *load_units(const struct look *look)
{
    struct buffer faults;
    struct units *units = NULL;
    const char *file = look->config.notify.units;
    buffer_init(&faults, UNITS_FAULTS_BYTES);
    if (!*file) fprintf(stderr, "%s: --roll-up needs [notify] units\n", look->options->program);
    else if (!(units = units_load(file, &faults))) fputs(buffer_text(&faults), stderr);
    buffer_free(&faults);
    return units;
}

static int print(struct look *look, const struct request *request, const struct units *units)
{
    struct summary *summary = summary_new(request->from, request->to);
    int64_t as_of_ms = request->as_of_ms;
    int code = EXIT_OK;
    if (figures_gather(&look->store, &as_of_ms, summary) == STORE_DONE) {
        const struct rules *rules = rulebook_widest(look->store.book);
        json_t *object = units ? roll_up(summary, rules, units, as_of_ms, unit_option) : summary_to_json(summary, rules, as_of_ms, unit_option);
        if (table_option || (!look->options->json && isatty(STDOUT_FILENO))) table_print(stdout, object);
        else json_print_line(stdout, object);
        json_decref(object);
        if (fflush(stdout) != 0) code = EXIT_FAILED;
    } else {
        code = look_failed(look);
    }
    summary_free(summary);
    return code;
}

int report_summary(const struct options *options)
{
    struct look look;
    struct request request;
    struct units *units = NULL;
    int code = read_request(options, &request);
    if (code == EXIT_OK) code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    if (roll_up_option && !(units = load_units(&look))) code = EXIT_USAGE;
    if (code == EXIT_OK) code = print(&look, &request, units);
    units_free(units);
    look_close(&look);
    return code;
}
