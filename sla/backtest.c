/* bihuan-sla backtest: what a new policy or calendar would have done on a history of canonical events, side by side
 * with the rules in force. No server, nothing written (docs/BACKTEST.md). */
#include <string.h>

#include "common/arena.h"
#include "sla/backtest_table.h"
#include "sla/case_json.h"
#include "sla/history.h"
#include "sla/ruleset.h"
#include "sla/trial.h"
#include "sla/verbs.h"

static const char *policy_option, *calendar_option, *against_option, *against_calendar_option, *until_option;
const struct options_extra backtest_extras[] = {{"policy", &policy_option, NULL},
                                                {"calendar", &calendar_option, NULL},
                                                {"against", &against_option, NULL},
                                                {"against-calendar", &against_calendar_option, NULL},
                                                {"until", &until_option, NULL},
                                                {NULL, NULL, NULL}};

/* Files of one side. */
struct named {
    const char *policy, *calendar;
};

static void try_cases(struct trial *trial, const struct history *history)
{
    struct progress progress;
    progress_begin(&progress, "cases gone through", HASH_COUNT(history->cases));
    for (const struct history_case *one = history->cases; one; one = one->hh.next) {
        trial_case(trial, &one->file);
        progress_step(&progress);
    }
    progress_end(&progress);
}

static bool print(const struct options *options, struct trial *trial)
{
    json_t *rows = trial_rows(trial), *row;
    bool good = true;
    size_t i;
    if (!options->json) backtest_table_print(stdout, rows);
    else json_array_foreach(rows, i, row) good = good && json_print_line(stdout, row);
    json_decref(rows);
    if (trial->cut)
        fprintf(stderr, "bihuan-sla backtest: notices of %llu cases are not complete: too long to be gone through to the end\n",
                (unsigned long long)trial->cut);
    return good && fflush(stdout) == 0 && !ferror(stdout) && trial->cut == 0;
}

static int backtest(const struct options *options, const struct ruleset set[SIDES], const struct named named[SIDES], int64_t until_ms)
{
    struct history history;
    struct trial trial;
    struct progress progress;
    history_open(&history);
    history.progress = &progress;
    progress_begin(&progress, "events read", 0);
    bool good = history_read(&history, options->operands, options->count, options->verb);
    progress_end(&progress);
    trial_open(&trial, &set[SIDE_IN_FORCE].rules, &set[SIDE_NEW].rules, until_ms == INT64_MAX ? history.last_ms : until_ms);
    for (int i = 0; i < SIDES; i++) {
        trial.side[i].policy_file = named[i].policy;
        trial.side[i].calendar_file = named[i].calendar;
    }
    try_cases(&trial, &history);
    good &= print(options, &trial);
    trial_close(&trial);
    history_close(&history);
    return good ? EXIT_OK : EXIT_FAILED;
}

/* The configuration with other files in the place of its own. */
static bool load(struct ruleset *set, const struct config *config, const struct named *named)
{
    struct config own = *config; /* its texts stay the original's */
    own.sla.policy = (char *)(uintptr_t)named->policy;
    own.sla.calendar = (char *)(uintptr_t)named->calendar;
    return ruleset_load(set, &own, NULL);
}

int sla_backtest(const struct options *options)
{
    struct config config;
    struct ruleset set[SIDES] = {0};
    int64_t until_ms = INT64_MAX;
    int code = EXIT_USAGE;
    const char *why = until_option ? instant_parse(until_option, strlen(until_option), &until_ms) : NULL;
    if (why) return options_usage(options, "--until: %s", why);
    if (!policy_option && !calendar_option) return options_usage(options, "--policy FILE, --calendar FILE: one of them at least");
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    const struct named in_force = {against_option ? against_option : config.sla.policy,
                                   against_calendar_option ? against_calendar_option : config.sla.calendar};
    const struct named named[SIDES] = {in_force, {policy_option ? policy_option : in_force.policy, calendar_option ? calendar_option : in_force.calendar}};
    if (load(&set[SIDE_IN_FORCE], &config, &named[SIDE_IN_FORCE]) && load(&set[SIDE_NEW], &config, &named[SIDE_NEW])) {
        arena_install();
        code = backtest(options, set, named, until_ms);
    }
    for (int i = 0; i < SIDES; i++) ruleset_free(&set[i]);
    config_free(&config);
    return code;
}
