/* bihuan-sla foresight: which deadlines come, which open cases are likely to be late and
 * why, and how often such a warning was right. Of the store, or of files of events. */
#include "common/progress.h"
#include "sla/census.h"
#include "sla/history.h"
#include "sla/look.h"
#include "sla/outlook_view.h"
#include "sla/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOLD_BACK_MONTHS = 3, LIMIT_CASES = 20, LIMIT_CASES_MAX = 1000000 };

static const char *until_option, *policy_option, *unit_option, *threshold_option, *limit_option, *hold_back_option;
static bool score_option;
const struct options_extra foresight_extras[] = {{"until", &until_option, NULL},         {"policy", &policy_option, NULL}, {"unit", &unit_option, NULL},
                                                 {"threshold", &threshold_option, NULL}, {"limit", &limit_option, NULL},   {"hold-back", &hold_back_option, NULL},
                                                 {"score", NULL, &score_option},         {NULL, NULL, NULL}};

/* What is asked for. */
struct request {
    const struct options *options;
    int64_t until_ms;  /* INT64_MAX: now, or the last event's time */
    struct text unit;
    double threshold;  /* negative: as chosen on history */
    int months, limit;
};

/* --- the question --- */

static bool read_number(const char *text, int least, int most, int *number)
{
    char *end;
    if (!text) return true;
    long value = strtol(text, &end, 10);
    if (end == text || *end || value < least || value > most) return false;
    *number = (int)value;
    return true;
}

static bool read_share(const char *text, double *share)
{
    char *end;
    if (!text) return true;
    *share = strtod(text, &end);
    return end != text && !*end && *share > 0 && *share <= 1;
}

static int read_request(const struct options *options, struct request *request)
{
    *request = (struct request){options, INT64_MAX, {0}, -1, HOLD_BACK_MONTHS, LIMIT_CASES};
    const char *why = until_option ? instant_parse(until_option, strlen(until_option), &request->until_ms) : NULL;
    if (why) return options_usage(options, "--until: %s", why);
    if (until_option && (request->until_ms < EVENT_FIRST_MS || request->until_ms >= EVENT_END_MS))
        return options_usage(options, "--until: before 2000-01-01 or after 2199-12-31");
    if (!read_share(threshold_option, &request->threshold))
        return options_usage(options, "--threshold: found \"%s\", expected a probability above 0 up to 1", threshold_option);
    if (!read_number(limit_option, 0, LIMIT_CASES_MAX, &request->limit))
        return options_usage(options, "--limit: found \"%s\", expected a number of cases from 0 to %d", limit_option, LIMIT_CASES_MAX);
    if (!read_number(hold_back_option, 1, HINDSIGHT_MONTHS_MAX, &request->months))
        return options_usage(options, "--hold-back: found \"%s\", expected months from 1 to %d", hold_back_option, HINDSIGHT_MONTHS_MAX);
    if (policy_option && options->count == 0) return options_usage(options, "--policy is for files of events: what is stored rests on its own");
    if (score_option && (unit_option || limit_option)) return options_usage(options, "--score judges all cases: no --unit, no --limit");
    if (unit_option) request->unit = (struct text){unit_option, strlen(unit_option)};
    return EXIT_OK;
}

/* --- the answer --- */

static void open_outlook(struct outlook *outlook, const struct request *request, const struct rules *rules, int64_t now_ms)
{
    outlook_open(outlook, rules, request->months, now_ms, unit_option ? &request->unit : NULL);
}

/* False when the stream fails. */
static bool answer(struct outlook *outlook, const struct request *request)
{
    bool json = request->options->json;
    outlook_finish(outlook, request->threshold);
    if (score_option && json) outlook_print_score_json(stdout, outlook);
    else if (score_option) outlook_print_score(stdout, outlook);
    else if (json) outlook_print_json(stdout, outlook, (size_t)request->limit);
    else outlook_print(stdout, outlook, (size_t)request->limit);
    if (fflush(stdout) == 0 && !ferror(stdout)) return true;
    perror("stdout");
    return false;
}

/* --- files --- */

static bool foresee_history(const struct request *request, const struct rules *rules, const struct history *history, int64_t now_ms)
{
    struct outlook outlook;
    struct fold fold = {0};
    open_outlook(&outlook, request, rules, now_ms);
    for (const struct history_case *one = history->cases; one; one = one->hh.next) {
        const struct case_file *file = &one->file;
        fold_case(&fold, rules, file, now_ms);
        if (fold.used) outlook_add(&outlook, file, &fold, rules);
    }
    fold_free(&fold);
    bool good = answer(&outlook, request);
    outlook_close(&outlook);
    return good;
}

static int foresee_files(const struct request *request)
{
    const struct options *options = request->options;
    struct config config;
    struct ruleset set;
    struct history history;
    struct progress progress;
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    if (!ruleset_load(&set, &config, policy_option)) {
        config_free(&config);
        return EXIT_USAGE;
    }
    history_open(&history);
    progress_begin(&progress, "events read", 0);
    history.progress = &progress;
    bool good = history_read(&history, options->operands, options->count, options->verb);
    progress_end(&progress);
    int64_t now_ms = request->until_ms == INT64_MAX ? history.last_ms : request->until_ms;
    if (now_ms == INT64_MIN) fprintf(stderr, "%s %s: no events, so there is nothing to foresee\n", options->program, options->verb);
    else good &= foresee_history(request, &set.rules, &history, now_ms);
    good &= now_ms != INT64_MIN;
    history_close(&history);
    ruleset_free(&set);
    config_free(&config);
    return good ? EXIT_OK : EXIT_FAILED;
}

/* --- the store --- */

struct walk {
    struct outlook outlook;
    struct progress progress;
};

static bool seen(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    struct walk *walk = context;
    progress_step(&walk->progress);
    outlook_add(&walk->outlook, file, fold, rules);
    return true;
}

static int foresee_store(const struct request *request)
{
    struct look look;
    struct walk walk;
    int code = look_open(&look, request->options);
    if (code != EXIT_OK) return code;
    int64_t now_ms = request->until_ms == INT64_MAX ? clock_business_ms(&look.store.clock) : request->until_ms;
    open_outlook(&walk.outlook, request, rulebook_at(look.store.book, now_ms), now_ms);
    progress_begin(&walk.progress, "cases seen", 0);
    enum store_result result = census(&look.store, now_ms, seen, &walk);
    progress_end(&walk.progress);
    if (result != STORE_DONE) code = look_failed(&look);
    else if (!answer(&walk.outlook, request)) code = EXIT_FAILED;
    outlook_close(&walk.outlook);
    look_close(&look);
    return code;
}

int sla_foresight(const struct options *options)
{
    struct request request;
    int code = read_request(options, &request);
    if (code != EXIT_OK) return code;
    return options->count ? foresee_files(&request) : foresee_store(&request);
}
