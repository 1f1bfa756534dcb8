/* bihuan-sla explain: a deadline and, day by day, why; of a live case, its certificate. */
#include "sla/case_json.h"
#include "sla/certificate.h"
#include "sla/clock_days.h"
#include "sla/event_decode.h"
#include "sla/look.h"
#include "sla/verbs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *received_option, *class_option, *policy_option, *as_of_option;
const struct options_extra explain_extras[] = {{"as-of", &as_of_option, NULL},
                                               {"received", &received_option, NULL},
                                               {"class", &class_option, NULL},
                                               {"policy", &policy_option, NULL},
                                               {NULL, NULL, NULL}};

__attribute__((format(printf, 1, 2))) static json_t *refusal(const char *format, ...)
{
    char reason[256];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return json_pack("{s:s}", "error", reason);
}

/* The answer, with the clock that it is about in *out; or {"error"}. A new reference. */
static json_t *explain(const struct rules *rules, const char *received, const char *class_name, struct clock *out)
{
    int64_t at_ms;
    const char *why = received ? instant_parse(received, strlen(received), &at_ms) : "expected a time";
    if (why) return refusal("received: %s", why);
    if (at_ms < EVENT_FIRST_MS || at_ms >= EVENT_END_MS) return refusal("received: %s", "before 2000-01-01 or after 2199-12-31");
    int index = class_name ? policy_class_named(rules->policy, class_name) : -1;
    if (index < 0) return refusal("class: no class \"%s\" in the policy", class_name ? class_name : "");
    const struct policy_class *class = &rules->policy->class[index];
    if (!class->clocks) return refusal("class: \"%s\" has no clock", class_name);
    clock_start(out, &class->clock[0], rules, 1, at_ms);
    return json_pack("{s:o,s:s,s:s,s:o,s:o,s:o,s:b,s:o}", "received", json_instant(rules->zone, at_ms), "class", class->name,
                     "clock", out->rule->name, "started", json_instant(rules->zone, out->started_ms), "deadline",
                     json_instant(rules->zone, out->deadline_ms), "last_day", json_day(out->last_day), "provisional",
                     out->provisional, "days", clock_days_to_json(out, rules, false));
}

static const char *kind_in_words(const char *kind)
{
    if (strcmp(kind, "weekend") == 0) return "weekend 周末";
    if (strcmp(kind, "holiday") == 0) return "holiday 节假日";
    if (strcmp(kind, "makeup_workday") == 0) return "make-up working day 调休上班";
    return "working day 工作日";
}

/* What the kind of day does not say. */
static const char *why_not(const struct clock *clock, const struct rules *rules, int32_t day, bool counts)
{
    const struct counting *counting = &clock->rule->counting;
    bool hours = clock->rule->limit.unit >= LIMIT_WORK_HOURS, opens = calendar_is_workday(counting_calendar(counting, rules), day);
    if (counts || !opens) return "";
    if (hours || day < counting_day_zero(counting, rules, clock->begin_ms)) return ", outside the hours";
    return day == counting_day_zero(counting, rules, clock->begin_ms) ? ", the day it starts does not count (民法典 201)" : ", no day of this limit";
}

static void print_for_people(const json_t *answer, const struct clock *clock, const struct rules *rules)
{
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const json_t *days = json_object_get(answer, "days"), *entry;
    size_t i;
    int counted = 0;
    printf("received  %s\nclass     %s, clock %s\n", json_string_value(json_object_get(answer, "received")),
           json_string_value(json_object_get(answer, "class")), json_string_value(json_object_get(answer, "clock")));
    printf("deadline  %s, last day %s%s\n", json_string_value(json_object_get(answer, "deadline")),
           json_string_value(json_object_get(answer, "last_day")),
           json_is_true(json_object_get(answer, "provisional")) ? ", provisional: a year's calendar is not published yet" : "");
    if (clock->begin_ms != clock->started_ms) {
        char begin[INSTANT_TEXT_BYTES];
        instant_print(begin, rules->zone, clock->begin_ms);
        printf("counted   from %s, the next opening\n", begin);
    }
    printf("policy    %s%s%s\ncalendar  %s\n\n", rules->policy->name, *rules->policy->source ? ", " : "", rules->policy->source,
           calendar_version(rules->calendar));
    json_array_foreach(days, i, entry) {
        const char *date = json_string_value(json_object_get(entry, "date"));
        bool counts = json_is_true(json_object_get(entry, "counted"));
        int32_t day;
        if (!day_parse(date, strlen(date), &day)) continue;
        printf("  %s %s  ", date, weekdays[day_iso_weekday(day) - 1]);
        if (counts) printf("day %-3d", ++counted);
        else printf("%-7s", i == 0 ? "receipt" : "-");
        printf("  %s%s\n", kind_in_words(json_string_value(json_object_get(entry, "kind"))), why_not(clock, rules, day, counts));
    }
}

static int explain_lines(const struct rules *rules)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t bytes;
    int code = EXIT_OK;
    while ((bytes = getline(&line, &room, stdin)) > 0) {
        if (strspn(line, " \t\r\n") == (size_t)bytes) continue;
        json_error_t at;
        struct clock clock;
        json_t *question = json_loadb(line, (size_t)bytes, JSON_REJECT_DUPLICATES, &at), *answer;
        if (!json_is_object(question)) answer = refusal("not one JSON object: %s", question ? "an array" : at.text);
        else
            answer = explain(rules, json_string_value(json_object_get(question, "received")),
                             json_string_value(json_object_get(question, "class")), &clock);
        if (json_object_get(answer, "error")) code = EXIT_FAILED;
        if (!json_print_line(stdout, answer)) code = EXIT_FAILED;
        json_decref(answer);
        json_decref(question);
    }
    free(line);
    return code;
}

static int explain_one(const struct options *options, const struct rules *rules)
{
    struct clock clock;
    json_t *answer = explain(rules, received_option, class_option, &clock);
    const char *error = json_string_value(json_object_get(answer, "error"));
    if (options->json) json_print_line(stdout, answer);
    else if (!error) print_for_people(answer, &clock, rules);
    else fprintf(stderr, "bihuan-sla explain: %s\n", error);
    int code = error ? EXIT_FAILED : EXIT_OK;
    json_decref(answer);
    return code;
}

/* --- a live case --- */

static void print_words(const json_t *certificate)
{
    static const char *const languages[] = {"zh", "en"};
    for (int i = 0; i < 2; i++) {
        const json_t *lines = json_object_get(json_object_get(certificate, "words"), languages[i]), *line;
        size_t k;
        json_array_foreach(lines, k, line) printf("%s\n", json_string_value(line));
        putchar('\n');
    }
    printf("inputs sha256 %s\n", json_string_value(json_object_get(certificate, "inputs_sha256")));
}

static bool show_certificate(struct look *look, struct case_file *file, int64_t as_of_ms)
{
    if (look_refuses(look, file, INT64_MIN)) return false;
    json_t *certificate = certificate_make(file, rulebook_bind(look->store.book, file), as_of_ms);
    if (!certificate) return false;
    if (look->options->json) json_print_line(stdout, certificate);
    else print_words(certificate);
    json_decref(certificate);
    return true;
}

static int explain_case(const struct options *options)
{
    struct look look;
    int64_t as_of_ms;
    if (received_option || class_option || policy_option)
        return options_usage(options, "a case has its own receipt, class and policy: no --received, --class, --policy");
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    if (!look_instant(&look, "as-of", as_of_option, &as_of_ms)) code = EXIT_USAGE;
    else if (as_of_ms < EVENT_FIRST_MS || as_of_ms >= EVENT_END_MS) code = options_usage(options, "--as-of: before 2000-01-01 or after 2199-12-31");
    else code = look_each(&look, options->operands[0], show_certificate, as_of_ms);
    look_close(&look);
    return code;
}

/* --- which of the three --- */

int sla_explain(const struct options *options)
{
    bool lines = options->count == 1 && strcmp(options->operands[0], "-") == 0;
    if (options->count && !lines) return explain_case(options);
    if (as_of_option) return options_usage(options, "--as-of is for a case");
    if (!lines && (!received_option || !class_option))
        return options_usage(options, "needs a case, or --received TIME and --class NAME, or \"-\" to read questions from stdin");
    struct config config;
    struct ruleset set;
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    if (!ruleset_load(&set, &config, policy_option)) {
        config_free(&config);
        return EXIT_USAGE;
    }
    int code = lines ? explain_lines(&set.rules) : explain_one(options, &set.rules);
    ruleset_free(&set);
    config_free(&config);
    return code;
}
