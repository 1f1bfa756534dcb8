/* bihuan-sla dump and cases: all cases, or those asked for, as they stand at an
 * instant, in the form and order of replay. Worked out, not written. */
#include <stdio.h>
#include <string.h>

#include "sla/case_json.h"
#include "sla/census.h"
#include "sla/look.h"
#include "sla/verbs.h"

static const char *until_option, *unit_option, *state_option, *as_of_option;
static bool differs_option;
const struct options_extra dump_extras[] = {{"until", &until_option, NULL}, {NULL, NULL, NULL}};
const struct options_extra cases_extras[] = {{"unit", &unit_option, NULL}, {"state", &state_option, NULL}, {"as-of", &as_of_option, NULL}, {"differs", NULL, &differs_option}, {NULL, NULL, NULL}};

/* --- dump --- */

struct dump {
    struct look *look;
    int64_t until_ms; /* INT64_MAX: now, at which every case is as it stands */
};

static bool print_case(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    const struct dump *dump = context;
    return look_refuses(dump->look, file, dump->until_ms) || case_print(stdout, file, fold, rules, false);
}

/* What the walk came to, as an exit code. */
static int finish(const struct look *look, enum store_result result)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("stdout");
        return EXIT_FAILED;
    }
    if (result != STORE_DONE) return look_failed(look);
    return look->refused ? EXIT_FAILED : EXIT_OK;
}

int sla_dump(const struct options *options)
{
    struct look look;
    int64_t until_ms = INT64_MAX;
    const char *why = until_option ? instant_parse(until_option, strlen(until_option), &until_ms) : NULL;
    if (why) return options_usage(options, "--until: %s", why);
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    struct dump dump = {&look, until_ms};
    if (!until_option) until_ms = clock_business_ms(&look.store.clock);
    code = finish(&look, census(&look.store, until_ms, print_case, &dump));
    look_close(&look);
    return code;
}

/* --- cases --- */

enum wanted { WANT_ALL, WANT_OPEN, WANT_OVERDUE, WANT_CLOSED };

struct listing {
    struct look *look;
    int64_t as_of_ms; /* INT64_MAX: now */
    enum wanted wanted;
    struct text unit;
    bool any_unit, json, differs;
    unsigned long long count;
};

/* The clock that an open case is watched by: the one not yet ended whose deadline comes first. */
static const struct clock *watched(const struct fold *fold)
{
    const struct clock *first = NULL;
    for (size_t i = 0; i < fold->clocks; i++)
        if (fold->clock[i].ended_ms == INT64_MAX && (!first || fold->clock[i].deadline_ms < first->deadline_ms)) first = &fold->clock[i];
    return first;
}

static bool is_overdue(const struct fold *fold)
{
    for (size_t i = 0; i < fold->clocks; i++)
        if (fold->clock[i].outcome == CLOCK_OVERDUE) return true;
    return false;
}

/* Did the platform state another deadline than ours? */
static bool due_differs(const struct fold *fold)
{
    const struct clock *clock = fold->main < 0 ? NULL : &fold->clock[fold->main];
    return clock && clock->stated_ms && clock->theirs_ms != clock->ours_ms;
}

static bool is_wanted(const struct listing *listing, const struct fold *fold)
{
    if (!listing->any_unit && !text_equal(fold->unit, listing->unit)) return false;
    if (listing->differs && !due_differs(fold)) return false;
    bool open = fold->class < 0 || watched(fold) != NULL;
    switch (listing->wanted) {
    case WANT_OPEN: return open;
    case WANT_OVERDUE: return is_overdue(fold);
    case WANT_CLOSED: return !open;
    case WANT_ALL: break;
    }
    return true;
}

static void print_row(const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    char deadline[INSTANT_TEXT_BYTES] = "-";
    const struct clock *clock = watched(fold);
    if (clock) instant_print(deadline, rules->zone, clock->deadline_ms);
    printf("%-24.*s %-6s %-12s %-10s %-25s %-9s %.*s\n", (int)file->id.bytes, file->id.at, of_name(file->of),
           fold->class < 0 ? "-" : rules->policy->class[fold->class].name, case_state_name(fold->state), deadline,
           clock ? clock_outcome_name(clock->outcome) : "-", fold->unit.bytes ? (int)fold->unit.bytes : 1, fold->unit.bytes ? fold->unit.at : "-");
}

static bool print_difference_json(const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    json_t *object = json_pack("{s:o,s:o}", "case", json_text(file->id), "due", due_to_json(fold, rules));
    bool good = json_print_line(stdout, object);
    json_decref(object);
    return good;
}

static void print_difference(const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    const struct clock *clock = &fold->clock[fold->main];
    char ours[INSTANT_TEXT_BYTES], theirs[INSTANT_TEXT_BYTES];
    instant_print(ours, rules->zone, clock->ours_ms);
    instant_print(theirs, rules->zone, clock->theirs_ms);
    printf("%-24.*s %-25s %-25s %+9.1f h  %s\n", (int)file->id.bytes, file->id.at, ours, theirs, (double)(clock->theirs_ms - clock->ours_ms) / 3600000,
           clock->deadline_ms == clock->ours_ms ? "ours" : "theirs");
}

static bool list_case(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    struct listing *listing = context;
    if (look_refuses(listing->look, file, listing->as_of_ms) || !is_wanted(listing, fold)) return true;
    if (listing->json) return listing->differs ? print_difference_json(file, fold, rules) : case_print(stdout, file, fold, rules, false);
    if (listing->differs) {
        if (listing->count++ == 0) printf("%-24s %-25s %-25s %11s  %s\n", "CASE", "OURS", "THEIRS", "DIFFERENCE", "COUNTS");
        print_difference(file, fold, rules);
        return true;
    }
    if (listing->count++ == 0)
        printf("%-24s %-6s %-12s %-10s %-25s %-9s %s\n", "CASE", "OF", "CLASS", "STATE", "DEADLINE", "CLOCK", "UNIT");
    print_row(file, fold, rules);
    return true;
}

static bool parse_wanted(const char *text, enum wanted *wanted)
{
    static const char *const names[] = {"", "open", "overdue", "closed"};
    for (int i = WANT_OPEN; i <= WANT_CLOSED; i++)
        if (!strcmp(text, names[i])) *wanted = (enum wanted)i;
    return *wanted != WANT_ALL;
}

int sla_cases(const struct options *options)
{
    struct look look;
    int64_t as_of_ms;
    struct listing listing = {.any_unit = !unit_option, .json = options->json, .differs = differs_option};
    if (unit_option) listing.unit = (struct text){unit_option, strlen(unit_option)};
    if (state_option && !parse_wanted(state_option, &listing.wanted))
        return options_usage(options, "--state: found \"%s\", expected open, overdue or closed", state_option);
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    listing.look = &look;
    bool good = look_instant(&look, "as-of", as_of_option, &as_of_ms);
    listing.as_of_ms = as_of_option ? as_of_ms : INT64_MAX;
    if (!good) code = EXIT_USAGE;
    else code = finish(&look, census(&look.store, as_of_ms, list_case, &listing));
    if (code == EXIT_OK && !options->json && listing.count == 0) fprintf(stderr, "bihuan-sla cases: none\n");
    look_close(&look);
    return code;
}
