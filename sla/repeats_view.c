/* bihuan-sla repeats: how many tickets repeat an appeal of the same citizen, by unit and item. */
#include <stdio.h>
#include <string.h>

#include "sla/case_json.h"
#include "sla/census.h"
#include "sla/look.h"
#include "sla/repeats.h"
#include "sla/stub.h"
#include "sla/verbs.h"

static const char *from_option, *to_option, *unit_option;
const struct options_extra repeats_extras[] = {{"from", &from_option, NULL}, {"to", &to_option, NULL}, {"unit", &unit_option, NULL}, {NULL, NULL, NULL}};

static bool read_day(const char *text, int32_t *day)
{
    *day = DAY_NONE;
    return !text || day_parse(text, strlen(text), day);
}

/* What is being counted, and tickets of the days that matter that do not tell any more whose they were. */
struct counting_repeats {
    struct repeats *repeats;
    int64_t window_ms;
    int32_t from, to;
    long long untold;
};

static bool add_case(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    struct counting_repeats *counting = context;
    repeats_add(counting->repeats, fold);
    if (!file->stub || file->of != OF_TICKET) return true;
    int32_t repeatable = zone_day(rules->zone, file->stub->received_ms + counting->window_ms), day = zone_day(rules->zone, file->stub->received_ms);
    counting->untold += (counting->from == DAY_NONE || repeatable >= counting->from) && (counting->to == DAY_NONE || day < counting->to);
    return true;
}

static long long number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void print_row(const char *unit, const char *item, const json_t *count)
{
    printf("%-24s %-24s %9lld %9lld %9lld\n", unit, item, number(count, "appeals"), number(count, "repeats"), number(count, "groups"));
}

static void print_for_people(const json_t *all)
{
    size_t i, n;
    const json_t *unit, *item;
    printf("%-24s %-24s %9s %9s %9s\n", "unit", "item", "appeals", "repeats", "groups");
    json_array_foreach(json_object_get(all, "units"), i, unit) {
        const char *name = json_string_value(json_object_get(unit, "unit"));
        print_row(*name ? name : "-", "all", unit);
        json_array_foreach(json_object_get(unit, "items"), n, item) print_row("", json_string_value(json_object_get(item, "item")), item);
    }
    print_row("total", "", json_object_get(all, "total"));
}

static int count_and_print(struct look *look, struct counting_repeats *counting)
{
    enum store_result result = census(&look->store, clock_business_ms(&look->store.clock), add_case, counting);
    if (result != STORE_DONE) return look_failed(look);
    json_t *all = repeats_to_json(counting->repeats, unit_option);
    if (look->options->json) json_print_line(stdout, all);
    else print_for_people(all);
    json_decref(all);
    if (counting->untold)
        fprintf(stderr, "bihuan-sla repeats: %lld tickets of these days, or within the window before, are past their retention: whose they were is not known any more, and they are not counted\n",
                counting->untold);
    if (fflush(stdout) == 0) return EXIT_OK;
    perror("stdout");
    return EXIT_FAILED;
}

int sla_repeats(const struct options *options)
{
    struct look look;
    int32_t from, to;
    if (!read_day(from_option, &from)) return options_usage(options, "--from: found \"%s\", expected a day as 2024-09-30", from_option);
    if (!read_day(to_option, &to)) return options_usage(options, "--to: found \"%s\", expected a day as 2024-10-01", to_option);
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    int64_t window_ms = appeal_rules(&look.config).window_ms;
    if (window_ms == 0) {
        fprintf(stderr, "bihuan-sla repeats: [appeals] window is 0: appeals are not linked\n");
        code = EXIT_USAGE;
    } else {
        struct repeats *repeats = repeats_new(look.set.rules.zone, window_ms, from, to);
        code = count_and_print(&look, &(struct counting_repeats){repeats, window_ms, from, to, 0});
        repeats_free(repeats);
    }
    look_close(&look);
    return code;
}
