/* Choosing among records. */
#include "notify/ledger_filter.h"

#include <string.h>

static const char *const outcomes[] = {"delivered", "failed", "gathered", "exhausted", "superseded", "shadowed", "reopened"};

static bool read_time(const char *text, const struct zone *zone, int64_t *at_ms)
{
    int32_t day;
    bool is_day = day_parse(text, strlen(text), &day);
    if (is_day) *at_ms = zone_instant_ms(zone, day, 0);
    return is_day || !instant_parse(text, strlen(text), at_ms);
}

int ledger_filter_open(struct ledger_filter *filter, const struct options *options, const struct zone *zone, const char *from, const char *to, const char *unit,
                       const char *outcome)
{
    bool known = !outcome;
    *filter = (struct ledger_filter){INT64_MIN, INT64_MAX, unit, outcome};
    if (from && !read_time(from, zone, &filter->from_ms)) return options_usage(options, "--from: found \"%s\", expected a day as 2024-09-30 or a time with an offset", from);
    if (to && !read_time(to, zone, &filter->to_ms)) return options_usage(options, "--to: found \"%s\", expected a day as 2024-10-01 or a time with an offset", to);
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes && !known; i++) known = !strcmp(outcome, outcomes[i]);
    return known ? EXIT_OK : options_usage(options, "--outcome: found \"%s\", expected delivered, failed, gathered, exhausted, superseded, shadowed or reopened", outcome);
}

static bool is_member(const json_t *record, const char *member, const char *wanted)
{
    const char *text = json_string_value(json_object_get(record, member));
    return !wanted || (text && !strcmp(text, wanted));
}

bool ledger_filter_passes(const struct ledger_filter *filter, const json_t *record)
{
    const json_t *time = json_object_get(record, "time");
    int64_t at_ms;
    if (!is_member(record, "unit", filter->unit) || !is_member(record, "outcome", filter->outcome)) return false;
    if (filter->from_ms == INT64_MIN && filter->to_ms == INT64_MAX) return true;
    if (!json_is_string(time) || instant_parse(json_string_value(time), json_string_length(time), &at_ms)) return false;
    return at_ms >= filter->from_ms && at_ms < filter->to_ms;
}
