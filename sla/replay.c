/* bihuan-sla replay: the core alone. Folds canonical event files and prints the
 * cases, or their figures, as they stand at an instant. */
#include "common/arena.h"
#include "sla/case_json.h"
#include "sla/certificate.h"
#include "sla/history.h"
#include "sla/ruleset.h"
#include "sla/summary.h"
#include "sla/verbs.h"

#include <stdlib.h>
#include <string.h>

static const char *policy_option, *until_option;
static bool summary_option, certificates_option;
const struct options_extra replay_extras[] = {{"policy", &policy_option, NULL},
                                              {"until", &until_option, NULL},
                                              {"summary", NULL, &summary_option},
                                              {"certificates", NULL, &certificates_option},
                                              {NULL, NULL, NULL}};

/* Of cases that have a receipt by then. */
static bool print_certificates(const struct history *history, const struct ruleset *set, int64_t until_ms)
{
    struct history_case **sorted = history_sorted(history);
    bool good = true;
    for (struct history_case **next = sorted; *next && good; next++) {
        json_t *certificate = certificate_make(&(*next)->file, &set->rules, until_ms);
        if (certificate) good = json_print_line(stdout, certificate);
        json_decref(certificate);
    }
    free(sorted);
    return good;
}

static bool print_cases(const struct history *history, const struct ruleset *set, int64_t until_ms)
{
    struct history_case **sorted = history_sorted(history);
    const struct rules *rules = &set->rules;
    struct fold fold = {0};
    bool good = true;
    for (struct history_case **next = sorted; *next && good; next++) {
        const struct case_file *file = &(*next)->file;
        fold_case(&fold, rules, file, until_ms);
        if (fold.used == 0) continue;
        good = case_print(stdout, file, &fold, rules, true);
    }
    fold_free(&fold);
    free(sorted);
    return good;
}

static bool print_summary(const struct history *history, const struct ruleset *set, int64_t until_ms)
{
    const struct rules *rules = &set->rules;
    struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
    struct fold fold = {0};
    for (struct history_case *one = history->cases; one; one = one->hh.next) {
        fold_case(&fold, rules, &one->file, until_ms);
        summary_add_case(summary, &fold, 1);
    }
    json_t *root = summary_to_json(summary, rules, until_ms, NULL);
    bool good = json_print_line(stdout, root);
    json_decref(root);
    fold_free(&fold);
    summary_free(summary);
    return good;
}

static int replay_files(const struct options *options, const struct ruleset *set, int64_t until_ms)
{
    struct history history;
    history_open(&history);
    bool good = history_read(&history, options->operands, options->count, options->verb);
    if (until_ms == INT64_MAX) until_ms = history.last_ms;
    good &= (summary_option ? print_summary : certificates_option ? print_certificates : print_cases)(&history, set, until_ms);
    good &= fflush(stdout) == 0;
    history_close(&history);
    return good ? EXIT_OK : EXIT_FAILED;
}

int sla_replay(const struct options *options)
{
    struct config config;
    struct ruleset set;
    int64_t until_ms = INT64_MAX;
    const char *why = until_option ? instant_parse(until_option, strlen(until_option), &until_ms) : NULL;
    if (why) return options_usage(options, "--until: %s", why);
    if (certificates_option && until_option && (until_ms < EVENT_FIRST_MS || until_ms >= EVENT_END_MS))
        return options_usage(options, "--until: before 2000-01-01 or after 2199-12-31: no certificate");
    if (summary_option && certificates_option) return options_usage(options, "--summary and --certificates: one of them");
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    int code = EXIT_USAGE;
    if (ruleset_load(&set, &config, policy_option)) {
        arena_install();
        code = replay_files(options, &set, until_ms);
        ruleset_free(&set);
    }
    config_free(&config);
    return code;
}
