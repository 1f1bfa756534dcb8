/* bihuan-notify who: whom a notice about a unit's case would reach, through what, and why. Reads files alone, reaches no server. */
#include <string.h>

#include "common/clock.h"
#include "common/columns.h"
#include "notify/verbs.h"
#include "notify/who.h"
#include "sla/case_json.h"
#include "sla/ruleset.h"

enum { WHO_COLUMNS = 24 };

static const char *role_option, *step_option, *at_option;
const struct options_extra who_extras[] = {{"role", &role_option, NULL}, {"step", &step_option, NULL}, {"at", &at_option, NULL}, {NULL, NULL, NULL}};

/* --- what is asked --- */

/* "escalate" as the policy has it, or "escalate-d3" as a notice has it. */
static bool is_step(const struct policy_step *step, const char *name)
{
    char text[STEP_TEXT_BYTES];
    if (strcmp(step->name, name) == 0) return true;
    for (int day = step->n; step->when == STEP_WORKDAYS_AFTER && day <= step->until; day++) {
        step_print(text, step, day);
        if (strcmp(text, name) == 0) return true;
    }
    return false;
}

/* The first step of that name, and the roles of all of that name; NULL for none. */
static const struct policy_step *find_step(const struct policy *policy, const char *name, unsigned *roles)
{
    const struct policy_step *found = NULL;
    for (int i = 0; i < policy->steps; i++) {
        if (!is_step(&policy->step[i], name)) continue;
        if (!found) found = &policy->step[i];
        *roles |= policy->step[i].roles;
    }
    return found;
}

static int read_roles(const struct options *options, const struct policy *policy, struct who *who)
{
    int role = 0;
    if (step_option && !(who->step = find_step(policy, step_option, &who->roles)))
        return options_usage(options, "--step: policy %s has no step \"%s\"", policy->name, step_option);
    if (role_option) {
        while (role < ROLES && strcmp(role_option, role_name((enum role)role)) != 0) role++;
        if (role == ROLES) return options_usage(options, "--role: \"%s\" is none of handler, leader, supervision, dispatcher, circulation, lead, co_handlers", role_option);
        who->roles = 1U << role;
    }
    if (!who->roles) who->roles = (1U << ROLES) - 1;
    return EXIT_OK;
}

static int read_time(const struct options *options, const struct config *config, struct who *who)
{
    const char *why = at_option ? instant_parse(at_option, strlen(at_option), &who->at_ms) : NULL;
    if (why) return options_usage(options, "--at: %s", why);
    if (at_option) return EXIT_OK;
    if (config->clock.mode == CLOCK_MODE_SCALED) return options_usage(options, "--at is needed: the clock is scaled, so its time is in Redis");
    who->at_ms = clock_real_ms();
    return EXIT_OK;
}

/* --- the answer, for people --- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static void print_why(const json_t *why)
{
    size_t i;
    const json_t *one;
    json_array_foreach(why, i, one) {
        printf("  %s of %s", text_of(one, "role"), text_of(one, "unit"));
        if (*text_of(one, "successor_of")) printf(", successor of %s", text_of(one, "successor_of"));
        if (json_is_true(json_object_get(one, "on_duty"))) printf(", on duty");
        if (*text_of(one, "stands_in_for")) printf(", stands in for %s", text_of(one, "stands_in_for"));
        printf("%s\n", json_is_true(json_object_get(one, "elsewhere")) ? ", as nobody else can be reached" : "");
    }
}

static void print_recipient(const json_t *one, const char *at)
{
    size_t i;
    const json_t *place;
    if (*text_of(one, "person")) printf("\n%s %s\n", text_of(one, "person"), text_of(one, "name"));
    else printf("\nendpoint %s, which serves the unit\n", text_of(json_array_get(json_object_get(one, "places"), 0), "endpoint"));
    print_why(json_object_get(one, "why"));
    json_array_foreach(json_object_get(one, "places"), i, place) {
        printf("  %zu. ", i + 1);
        columns_left(stdout, text_of(place, "endpoint"), WHO_COLUMNS);
        printf(" %s%s%s\n", text_of(place, "channel"), *text_of(place, "address") ? " " : "", text_of(place, "address"));
    }
    if (*text_of(one, "digest")) printf("  goes with the digest of %s\n", text_of(one, "digest"));
    else if (strcmp(text_of(one, "opens"), at) != 0) printf("  waits for the sending hours: %s\n", text_of(one, "opens"));
}

static void print_for_people(const json_t *answer)
{
    size_t i;
    const json_t *one;
    columns_open();
    const json_t *recipients = json_object_get(answer, "recipients");
    const char *instead = json_array_size(recipients) == 0 ? ": nobody can be reached, not even the dispatcher" : ": nobody of those addressed can be reached, so the dispatcher";
    printf("%s %s, %s%s\n", text_of(answer, "unit"), text_of(answer, "name"), text_of(answer, "at"), json_is_true(json_object_get(answer, "elsewhere")) ? instead : "");
    json_array_foreach(recipients, i, one) print_recipient(one, text_of(answer, "at"));
}

static int print(const struct options *options, const struct outfit *outfit, const struct rules *rules, const struct who *who)
{
    json_t *answer = who_answer(outfit, rules, who);
    bool reached = json_array_size(json_object_get(answer, "recipients")) > 0;
    if (options->json) json_print_line(stdout, answer);
    else print_for_people(answer);
    json_decref(answer);
    return reached && fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

/* --- the verb --- */

static int answer_with(const struct options *options, const struct config *config, const struct ruleset *set)
{
    struct who who = {.unit = {options->operands[0], strlen(options->operands[0])}};
    struct outfit outfit;
    struct buffer faults;
    int code = read_roles(options, set->policy, &who);
    if (code == EXIT_OK) code = read_time(options, config, &who);
    if (code != EXIT_OK) return code;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    if (outfit_open(&outfit, config, &faults, NULL)) {
        fputs(buffer_text(&faults), stderr);
        code = EXIT_USAGE;
    } else {
        code = print(options, &outfit, &set->rules, &who);
    }
    outfit_close(&outfit);
    buffer_free(&faults);
    return code;
}

int notify_who(const struct options *options)
{
    struct config config;
    struct ruleset set;
    int code = EXIT_USAGE;
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    if (ruleset_load(&set, &config, NULL)) {
        code = answer_with(options, &config, &set);
        ruleset_free(&set);
    }
    config_free(&config);
    return code;
}
