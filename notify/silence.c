/* bihuan-notify silence: no notices about a unit, an item or at all for a time; or which silences there are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/consent.h"
#include "notify/silenced.h"
#include "notify/verbs.h"
#include "sla/adoption.h"
#include "sla/case_json.h"
#include "sla/look.h"

enum { HOUR_MS = 3600000, MINUTE_MS = 60000, SPAN_MAX_DAYS = 366, SCOPE_BYTES = CONTROL_NAME_BYTES + 16 };

static const char *unit_option, *item_option, *until_option, *for_option, *reason_option, *from_option;
static bool all_option, list_option, yes_option;
const struct options_extra silence_extras[] = {{"unit", &unit_option, NULL}, {"item", &item_option, NULL},     {"all", NULL, &all_option},
                                               {"until", &until_option, NULL}, {"for", &for_option, NULL},     {"reason", &reason_option, NULL},
                                               {"from", &from_option, NULL}, {"list", NULL, &list_option},     {"yes", NULL, &yes_option},
                                               {NULL, NULL, NULL}};

/* --- reading the options --- */

/* "30m", "2h", "3d"; -1: none. */
static int64_t span_of(const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    int64_t unit_ms = !strcmp(end, "d") ? DAY_MS : !strcmp(end, "h") ? HOUR_MS : !strcmp(end, "m") ? MINUTE_MS : -1;
    bool good = end != text && *text >= '0' && *text <= '9' && unit_ms > 0 && number > 0 && number <= SPAN_MAX_DAYS * (int64_t)DAY_MS / unit_ms;
    return good ? number * unit_ms : -1;
}

static bool is_missing_one(const struct options *options, int *code)
{
    int scopes = !!unit_option + !!item_option + all_option;
    if (scopes != 1) *code = options_usage(options, "expected one of --unit U, --item I, --all");
    else if (!until_option == !for_option) *code = options_usage(options, "expected --until TIME or --for SPAN");
    else if (!reason_option || !*reason_option) *code = options_usage(options, "expected --reason TEXT");
    else return false;
    return true;
}

static int copy_name(const struct options *options, const char *name, const char *value, char *text, size_t bytes)
{
    if (!value) return EXIT_OK;
    if (!*value || strlen(value) >= bytes) return options_usage(options, "--%s: expected 1 to %zu bytes", name, bytes - 1);
    snprintf(text, bytes, "%s", value);
    return EXIT_OK;
}

static int read_times(struct look *look, struct control *decision)
{
    const struct options *options = look->options;
    int64_t now_ms = clock_business_ms(&look->store.clock), span_ms = for_option ? span_of(for_option) : 0;
    const char *why = from_option ? instant_parse(from_option, strlen(from_option), &decision->from_ms) : NULL;
    if (why) return options_usage(options, "--from: %s", why);
    if (span_ms < 0) return options_usage(options, "--for: expected a span as 30m, 2h or 3d, of %d days at most", SPAN_MAX_DAYS);
    if (from_option && decision->from_ms < now_ms) return options_usage(options, "--from: lies in the past");
    int64_t from_ms = from_option ? decision->from_ms : now_ms;
    decision->to_ms = from_ms + span_ms;
    why = until_option ? instant_parse(until_option, strlen(until_option), &decision->to_ms) : NULL;
    if (why) return options_usage(options, "--until: %s", why);
    if (decision->to_ms <= from_ms) return options_usage(options, "--until: expected a time after it begins");
    if (decision->to_ms - from_ms > SPAN_MAX_DAYS * (int64_t)DAY_MS) return options_usage(options, "--until: at most %d days after it begins", SPAN_MAX_DAYS);
    return EXIT_OK;
}

static int read_decision(struct look *look, struct control *decision)
{
    int code = copy_name(look->options, "unit", unit_option, decision->unit, sizeof decision->unit);
    if (code == EXIT_OK) code = copy_name(look->options, "item", item_option, decision->item, sizeof decision->item);
    if (code == EXIT_OK) code = copy_name(look->options, "reason", reason_option, decision->reason, sizeof decision->reason);
    return code == EXIT_OK ? read_times(look, decision) : code;
}

/* --- deciding --- */

/* Into text[SCOPE_BYTES]. */
static const char *scope_print(char *text, const struct control *record)
{
    const char *name = *record->unit ? record->unit : record->item;
    snprintf(text, SCOPE_BYTES, "%s%s", *record->unit ? "unit " : *name ? "item " : "all", name);
    return text;
}

static int decide(struct look *look, struct control *decision)
{
    char scope[SCOPE_BYTES], from[INSTANT_TEXT_BYTES] = "now", until[INSTANT_TEXT_BYTES];
    const struct zone *zone = look->set.rules.zone;
    struct silence planned = {.record = decision, .from_ms = INT64_MAX, .until_ms = INT64_MAX};
    struct silenced concerned;
    if (silenced_count(&look->store, look->config.sla.grace_ms, &planned, 1, &concerned) != STORE_DONE) return look_failed(look);
    if (decision->from_ms != INT64_MIN) instant_print(from, zone, decision->from_ms);
    instant_print(until, zone, decision->to_ms);
    fprintf(stderr, "No notices will be sent about %s from %s until %s. It concerns %lld open cases, %lld notices are owed about them by now.\n",
            scope_print(scope, decision), from, until, (long long)concerned.cases, (long long)concerned.notices);
    fprintf(stderr, "What is owed waits, and the latest step goes when it ends; what is overdue is recorded and published all the same.\n");
    if (!consent("Silence?", yes_option)) return EXIT_OK;
    if (decision->to_ms <= clock_business_ms(&look->store.clock)) {
        fprintf(stderr, "bihuan-notify silence: by now it would have ended: nothing is recorded\n");
        return EXIT_FAILED;
    }
    if (adopt_decision(&look->store, decision) != STORE_DONE) return look_failed(look);
    if (look->options->json) printf("{\"silence\":\"%s\",\"cases\":%lld,\"notices\":%lld}\n", decision->id, (long long)concerned.cases, (long long)concerned.notices);
    else printf("%s\n", decision->id);
    return EXIT_OK;
}

/* --- the list --- */

static const char *state_of(const struct silence *silence, int64_t now_ms)
{
    if (silence_in_force(silence, now_ms)) return "in force";
    if (silence->until_ms <= now_ms) return silence->lift ? "lifted" : "ended";
    return "to come";
}

static json_t *silence_to_json(const struct silence *silence, const struct silenced *counts, const struct zone *zone, int64_t now_ms)
{
    const struct control *record = silence->record;
    json_t *object = json_pack("{s:s, s:s, s:s?, s:s?, s:b, s:s, s:s, s:o, s:o, s:o}", "silence", record->id, "state", state_of(silence, now_ms), "unit",
                               *record->unit ? record->unit : NULL, "item", *record->item ? record->item : NULL, "all", !*record->unit && !*record->item, "reason",
                               record->reason, "by", record->by, "decided", json_instant(zone, record->at_ms), "from", json_instant(zone, silence->from_ms), "until",
                               json_instant(zone, silence->until_ms));
    if (silence->lift) json_object_set_new(object, "lifted_by", json_string(silence->lift->by));
    if (counts) json_object_update_new(object, json_pack("{s:I, s:I}", "cases", (json_int_t)counts->cases, "notices", (json_int_t)counts->notices));
    return object;
}

static void print_silence(const struct silence *silence, const struct silenced *counts, const struct zone *zone, int64_t now_ms)
{
    char scope[SCOPE_BYTES], from[INSTANT_TEXT_BYTES], until[INSTANT_TEXT_BYTES];
    instant_print(from, zone, silence->from_ms);
    instant_print(until, zone, silence->until_ms);
    printf("%-24s %-8s %-20s %s to %s  by %s  %s", silence->record->id, state_of(silence, now_ms), scope_print(scope, silence->record), from, until,
           silence->record->by, silence->record->reason);
    if (silence->lift) printf("  lifted by %s", silence->lift->by);
    if (counts) printf("  %lld notices wait, %lld open cases", (long long)counts->notices, (long long)counts->cases);
    printf("\n");
}

static int list(struct look *look)
{
    const struct silences *all = &look->store.book->silences;
    int64_t now_ms = clock_business_ms(&look->store.clock);
    struct silence *current = xcalloc(SILENCES_MAX, sizeof *current);
    struct silenced *counts = xcalloc(SILENCES_MAX, sizeof *counts);
    size_t count = 0, next = 0;
    for (size_t i = 0; i < all->count; i++)
        if (silence_in_force(&all->at[i], now_ms) && count < SILENCES_MAX) current[count++] = all->at[i];
    bool good = silenced_count(&look->store, look->config.sla.grace_ms, current, count, counts) == STORE_DONE;
    for (size_t i = 0; i < all->count && good; i++) {
        const struct silence *silence = &all->at[i];
        bool counted = next < count && current[next].record == silence->record;
        const struct silenced *its = counted ? &counts[next++] : NULL;
        if (look->options->json) {
            json_t *object = silence_to_json(silence, its, look->set.rules.zone, now_ms);
            json_print_line(stdout, object);
            json_decref(object);
        } else {
            print_silence(silence, its, look->set.rules.zone, now_ms);
        }
    }
    free(current);
    free(counts);
    return good ? EXIT_OK : look_failed(look);
}

int notify_silence(const struct options *options)
{
    struct look look;
    struct control decision = {.kind = CONTROL_SILENCE, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    int code = EXIT_OK;
    if (!list_option && is_missing_one(options, &code)) return code;
    code = list_option ? look_open(&look, options) : look_open_to_write(&look, options);
    if (code != EXIT_OK) return code;
    if (list_option) code = list(&look);
    else code = read_decision(&look, &decision);
    if (!list_option && code == EXIT_OK) code = decide(&look, &decision);
    look_close(&look);
    return code;
}
