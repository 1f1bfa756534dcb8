/* bihuan-sla replay: the core alone. Folds canonical event files and prints the
 * cases, or their figures, as they stand at an instant. */
#include "common/alloc.h"
#include "common/arena.h"
#include "sla/case_json.h"
#include "sla/certificate.h"
#include "sla/lines.h"
#include "sla/ruleset.h"
#include "sla/summary.h"
#include "sla/verbs.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

static const char *policy_option, *until_option;
static bool summary_option, certificates_option;
const struct options_extra replay_extras[] = {{"policy", &policy_option, NULL},
                                              {"until", &until_option, NULL},
                                              {"summary", NULL, &summary_option},
                                              {"certificates", NULL, &certificates_option},
                                              {NULL, NULL, NULL}};

struct entry {
    struct case_file file;
    UT_hash_handle hh;
};

struct replay {
    struct entry *cases;
    int64_t last_ms; /* of the events that stand */
    uint64_t full;
    struct pool links; /* details of links */
};

static struct entry *entry_of(struct replay *replay, enum of of, struct text id)
{
    struct entry *entry;
    char *key = (char *)(uintptr_t)id.at - 1;
    *key = (char)of;
    HASH_FIND(hh, replay->cases, key, id.bytes + 1, entry);
    if (entry) return entry;
    entry = xcalloc(1, sizeof *entry);
    entry->file.of = of;
    entry->file.id = id;
    HASH_ADD_KEYPTR(hh, replay->cases, key, id.bytes + 1, entry);
    return entry;
}

static void apply(struct replay *replay, enum of of, struct text id, const struct event *event)
{
    enum case_add added = case_add(&entry_of(replay, of, id)->file, event, NULL);
    if (added == CASE_ADDED && event->at_ms > replay->last_ms) replay->last_ms = event->at_ms;
    if (added == CASE_FULL) replay->full++;
}

static void taken(void *context, const struct line_event *line)
{
    struct replay *replay = context;
    apply(replay, line->of, line->id, &line->event);
    if (!line->target.bytes) return;
    struct event link = event_as_link(&line->event, line->id, pool_take(&replay->links, sizeof *link.detail));
    apply(replay, OF_TICKET, line->target, &link);
}

static int by_name(const void *a, const void *b)
{
    return case_compare(&(*(struct entry *const *)a)->file, &(*(struct entry *const *)b)->file);
}

/* The cases in order, for the caller to free. */
static struct entry **sorted_cases(const struct replay *replay)
{
    size_t n = 0;
    struct entry **sorted = xmalloc((HASH_COUNT(replay->cases) + 1) * sizeof *sorted);
    for (struct entry *entry = replay->cases; entry; entry = entry->hh.next) sorted[n++] = entry;
    qsort(sorted, n, sizeof *sorted, by_name);
    sorted[n] = NULL;
    return sorted;
}

/* Of cases that have a receipt by then. */
static bool print_certificates(const struct replay *replay, const struct ruleset *set, int64_t until_ms)
{
    struct entry **sorted = sorted_cases(replay);
    bool good = true;
    for (struct entry **next = sorted; *next && good; next++) {
        json_t *certificate = certificate_make(&(*next)->file, set, until_ms);
        if (certificate) good = json_print_line(stdout, certificate);
        json_decref(certificate);
    }
    free(sorted);
    return good;
}

static bool print_cases(const struct replay *replay, const struct ruleset *set, int64_t until_ms)
{
    struct entry **sorted = sorted_cases(replay);
    const struct rules *rules = &set->rules;
    struct fold fold = {0};
    bool good = true;
    for (struct entry **next = sorted; *next && good; next++) {
        const struct case_file *file = &(*next)->file;
        fold_case(&fold, rules, file, until_ms);
        if (fold.used == 0) continue;
        good = case_print(stdout, file, &fold, rules, true);
    }
    fold_free(&fold);
    free(sorted);
    return good;
}

static bool print_summary(const struct replay *replay, const struct ruleset *set, int64_t until_ms)
{
    const struct rules *rules = &set->rules;
    struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
    struct fold fold = {0};
    for (struct entry *entry = replay->cases; entry; entry = entry->hh.next) {
        fold_case(&fold, rules, &entry->file, until_ms);
        summary_add_case(summary, &fold, 1);
    }
    json_t *root = summary_to_json(summary, rules, until_ms, NULL);
    bool good = json_print_line(stdout, root);
    json_decref(root);
    fold_free(&fold);
    summary_free(summary);
    return good;
}

static void free_cases(struct replay *replay)
{
    struct entry *entry, *next;
    HASH_ITER(hh, replay->cases, entry, next) {
        HASH_DEL(replay->cases, entry);
        case_clear(&entry->file);
        free(entry);
    }
}

static int replay_files(const struct options *options, const struct ruleset *set, int64_t until_ms)
{
    struct replay replay = {.last_ms = INT64_MIN};
    struct lines lines = {0};
    bool good = true;
    for (int i = 0; i < options->count; i++) good &= lines_read(&lines, options->operands[i], taken, &replay);
    if (until_ms == INT64_MAX) until_ms = replay.last_ms;
    good &= (summary_option ? print_summary : certificates_option ? print_certificates : print_cases)(&replay, set, until_ms);
    good &= fflush(stdout) == 0;
    if (replay.full)
        fprintf(stderr, "bihuan-sla replay: %llu events beyond %d of one case were left out\n", (unsigned long long)replay.full,
                CASE_EVENTS_MAX);
    good &= lines.bad == 0 && replay.full == 0;
    free_cases(&replay);
    pool_free(&replay.links);
    lines_free(&lines);
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
