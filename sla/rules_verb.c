/* bihuan-sla rules: the versions of policy and calendar that are or were in force, and bringing one in.
 *
 * A file is a proposal. To activate it is a decision for cases to come; those that are there keep what they came
 * under, until `recalc`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/consent.h"
#include "common/daemon.h"
#include "sla/case_json.h"
#include "sla/look.h"
#include "sla/proposal.h"
#include "sla/rebinding.h"
#include "sla/verbs.h"

enum { HASH_SHOWN = 12, CONTENT_HASH_BYTES = 65 };

static const char *policy_option, *calendar_option, *from_option;
static bool yes_option;
const struct options_extra rules_extras[] = {{"policy", &policy_option, NULL}, {"calendar", &calendar_option, NULL}, {"effective-from", &from_option, NULL},
                                             {"yes", NULL, &yes_option},       {NULL, NULL, NULL}};

static int failed(const struct store *store)
{
    fprintf(stderr, "bihuan-sla rules: %s\n", *store->fault ? store->fault : "stopped; nothing was changed");
    return EXIT_FAILED;
}

/* --- list --- */

static const char *called(const struct version *version)
{
    return version->policy ? version->policy->name : calendar_version(version->calendar);
}

static json_t *instant_or_null(const struct zone *zone, int64_t at_ms)
{
    return at_ms == INT64_MIN ? json_null() : json_instant(zone, at_ms);
}

/* Is the version what counts for a receipt at that instant? */
static bool in_force(const struct rulebook *book, const struct version *version, int64_t at_ms)
{
    const struct rules *rules = rulebook_at(book, at_ms);
    return version->policy ? strcmp(version->json, rules->policy->json) == 0 : strcmp(version->json, calendar_json(rules->calendar)) == 0;
}

static void print_version(const struct rulebook *book, const struct version *version, int64_t now_ms, bool json)
{
    char hash[CONTENT_HASH_BYTES], from[INSTANT_TEXT_BYTES] = "ever", at[INSTANT_TEXT_BYTES] = "the first";
    const char *state = version->withdrawn ? "withdrawn" : in_force(book, version, now_ms) ? "in force" : version->from_ms > now_ms ? "to come" : "earlier";
    control_content_hash(hash, version->json);
    if (json) {
        json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "record", version->record->id, version->policy ? "policy" : "calendar", called(version),
                                   "sha256", hash, "by", version->record->by, "state", state, "effective_from", instant_or_null(&book->zone, version->from_ms),
                                   "activated", instant_or_null(&book->zone, version->at_ms));
        json_print_line(stdout, object);
        json_decref(object);
        return;
    }
    if (version->from_ms != INT64_MIN) instant_print(from, &book->zone, version->from_ms);
    if (version->at_ms != INT64_MIN) instant_print(at, &book->zone, version->at_ms);
    printf("%-8s %-28s %-9s effective %-25s activated %-25s %.*s  %s\n", version->policy ? "policy" : "calendar", called(version), state, from, at, HASH_SHOWN, hash,
           version->record->id);
}

static void print_decision(const struct rulebook *book, size_t i, bool json)
{
    const struct control *record = &book->record[i];
    char at[INSTANT_TEXT_BYTES], from[INSTANT_TEXT_BYTES] = "the first", to[INSTANT_TEXT_BYTES] = "then";
    if (record->kind == CONTROL_ACTIVATE || record->kind == CONTROL_SILENCE || record->kind == CONTROL_LIFT) return; /* `bihuan-notify silence --list` shows those */
    if (json) {
        json_t *object = json_pack("{s:s, s:s, s:s, s:o, s:b, s:s?}", "record", record->id, "decision", control_kind_name(record->kind), "by", record->by, "at",
                                   json_instant(&book->zone, record->at_ms), "taken_back", book->taken_back[i], "of", *record->of ? record->of : NULL);
        json_print_line(stdout, object);
        json_decref(object);
        return;
    }
    instant_print(at, &book->zone, record->at_ms);
    if (record->from_ms != INT64_MIN) instant_print(from, &book->zone, record->from_ms);
    if (record->to_ms != INT64_MAX) instant_print(to, &book->zone, record->to_ms);
    printf("%-8s at %s by %s  %s", control_kind_name(record->kind), at, record->by, record->id);
    if (record->kind == CONTROL_RECALC) printf("  receipts from %s to %s%s", from, to, book->taken_back[i] ? ", taken back" : "");
    printf("%s%s\n", *record->of ? "  of " : "", record->of);
}

static int list(struct look *look)
{
    const struct rulebook *book = look->store.book;
    int64_t now_ms = clock_business_ms(&look->store.clock);
    bool json = look->options->json;
    if (book->records == 0) {
        fprintf(stderr, "bihuan-sla rules: nothing is activated yet: the first program that starts activates what the configuration names\n");
        return EXIT_OK;
    }
    for (size_t i = 0; i < book->policies; i++) print_version(book, &book->policy[i], now_ms, json);
    for (size_t i = 0; i < book->calendars; i++) print_version(book, &book->calendar[i], now_ms, json);
    for (size_t i = 0; i < book->records; i++) print_decision(book, i, json);
    struct proposal proposal = proposal_compare(book, &look->set, INT64_MAX);
    if (proposal.policy_differs) fprintf(stderr, "%s is a proposal: it differs from the policy that was activated last\n", look->config.sla.policy);
    if (proposal.calendar_differs) fprintf(stderr, "%s is a proposal: it differs from the calendar that was activated last\n", look->config.sla.calendar);
    return EXIT_OK;
}

static int export(const struct look *look)
{
    for (size_t i = 0; i < look->store.book->records; i++) puts(look->store.book->text[i]);
    return EXIT_OK;
}

/* --- activate --- */

/* The policy and calendar to bring in: those named, else what the configuration names and is not in force. Owned by *decision. */
static bool read_files(const struct look *look, struct control *decision)
{
    char fault[STORE_FAULT_BYTES];
    struct proposal differs = proposal_compare(look->store.book, &look->set, INT64_MAX);
    bool none_named = !policy_option && !calendar_option;
    const char *policy = none_named && differs.policy_differs ? look->config.sla.policy : policy_option;
    const char *calendar = none_named && differs.calendar_differs ? look->config.sla.calendar : calendar_option;
    if (policy && !(decision->policy = policy_load(policy, fault, sizeof fault))) return fprintf(stderr, "%s\n", fault) < 0;
    if (calendar && !(decision->calendar = calendar_load(calendar, fault, sizeof fault))) return fprintf(stderr, "%s\n", fault) < 0;
    if (!policy && !calendar) fprintf(stderr, "bihuan-sla rules activate: what the configuration names is in force already: nothing to do\n");
    return true;
}

/* From which receipt on a record's version counts. */
static int64_t counts_from(const struct control *decision, int64_t effective_ms)
{
    int64_t from_ms = decision->from_ms != INT64_MIN ? decision->from_ms : effective_ms;
    return from_ms > decision->at_ms ? from_ms : decision->at_ms;
}

/* Will a receipt come under what is activated? Not where another is effective later. */
static bool would_count(const struct look *look, const struct rulebook *next, const struct control *decision)
{
    const struct policy *policy = decision->policy;
    if (!policy || !strcmp(rulebook_at(next, counts_from(decision, policy->effective_from_ms))->policy->json, policy->json)) return true;
    fprintf(stderr, "%s rules activate: policy %s would count for nobody: another is effective later. --effective-from gives it a later time.\n", look->options->program,
            policy->name);
    return false;
}

static void announce(const struct look *look, const struct control *decision)
{
    char from[INSTANT_TEXT_BYTES];
    if (decision->policy) {
        instant_print(from, look->set.rules.zone, counts_from(decision, decision->policy->effective_from_ms));
        fprintf(stderr, "Policy %s will count for cases received from %s on.\n", decision->policy->name, from);
    }
    if (decision->calendar) {
        instant_print(from, look->set.rules.zone, counts_from(decision, INT64_MIN));
        fprintf(stderr, "Calendar %s will count for cases received from %s on.\n", calendar_version(decision->calendar), from);
    }
    fprintf(stderr, "Cases received before keep their rules; `bihuan-sla recalc` shows what it would move to bind them anew.\n");
}

static int activate(struct look *look)
{
    struct control decision = {.kind = CONTROL_ACTIVATE, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    struct rebinding rebinding = {.next = NULL};
    const char *why = from_option ? instant_parse(from_option, strlen(from_option), &decision.from_ms) : NULL;
    if (why) return options_usage(look->options, "--effective-from: %s", why);
    if (!read_files(look, &decision)) {
        control_clear(&decision);
        return EXIT_USAGE;
    }
    int code = EXIT_OK;
    if (decision.policy || decision.calendar) {
        decision_fill(&look->store, &decision);
        bool good = rebinding_open(&rebinding, &look->store, &decision);
        bool counts = good && would_count(look, rebinding.next, &decision);
        if (counts) announce(look, &decision);
        if (!good) code = failed(&look->store);
        else if (!counts) code = EXIT_FAILED;
        else if (!consent("Activate?", yes_option)) code = EXIT_OK;
        else if (adopt_decision(&look->store, &decision) != STORE_DONE) code = failed(&look->store);
        else printf("%s\n", decision.id);
        rebinding_close(&rebinding);
    }
    control_clear(&decision);
    return code;
}

/* --- withdraw --- */

static bool is_withdrawn(const struct rulebook *book, const char *id)
{
    size_t index;
    return rulebook_record(book, id, &index) && book->taken_back[index];
}

static int withdraw(struct look *look, const char *id)
{
    struct control decision = {.kind = CONTROL_WITHDRAW, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    struct rebinding rebinding;
    if (strlen(id) >= sizeof decision.of) return options_usage(look->options, "\"%s\" is no record", id);
    snprintf(decision.of, sizeof decision.of, "%s", id);
    if (is_withdrawn(look->store.book, id)) {
        fprintf(stderr, "bihuan-sla rules withdraw: %s is withdrawn already\n", id);
        return EXIT_FAILED;
    }
    decision_fill(&look->store, &decision);
    if (!rebinding_open(&rebinding, &look->store, &decision)) return failed(&look->store);
    int code = EXIT_OK;
    if (rebinding_binds(&rebinding) && rebinding_look(&rebinding, look->config.sla.grace_ms, daemon_stopping) != STORE_DONE) {
        code = failed(&look->store);
    } else if (rebinding.bound_otherwise > 0) {
        fprintf(stderr, "bihuan-sla rules withdraw: %s is in use: %lld cases are bound to it. Activate what shall count instead, and recalc.\n", id,
                (long long)rebinding.bound_otherwise);
        code = EXIT_FAILED;
    } else if (consent("No case rests on it. Withdraw it?", yes_option)) {
        if (adopt_decision(&look->store, &decision) == STORE_DONE) printf("%s\n", decision.id);
        else code = failed(&look->store);
    }
    rebinding_close(&rebinding);
    return code;
}

int sla_rules(const struct options *options)
{
    struct look look;
    const char *what = options->count ? options->operands[0] : "list";
    bool listing = !strcmp(what, "list") || !strcmp(what, "export"), withdrawing = !strcmp(what, "withdraw");
    if (!listing && !withdrawing && strcmp(what, "activate") != 0) return options_usage(options, "\"%s\": expected list, export, activate or withdraw", what);
    if (options->count != (withdrawing ? 2 : options->count > 1 ? 1 : options->count)) return options_usage(options, withdrawing ? "withdraw: expected the id of a record" : "%s takes no operand", what);
    if (!daemon_start()) return EXIT_FAILED;
    int code = listing ? look_open(&look, options) : look_open_to_write(&look, options);
    if (code != EXIT_OK) return code;
    if (!strcmp(what, "list")) code = list(&look);
    else if (!strcmp(what, "export")) code = export(&look);
    else code = withdrawing ? withdraw(&look, options->operands[1]) : activate(&look);
    look_close(&look);
    return code;
}
