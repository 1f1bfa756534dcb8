/* bihuan-sla recalc: binds cases to the rules that would have been in force, had all been known at once; shows what
 * that moves, records it, and brings the cases up. Or takes such a decision back.
 *
 * The record decides; the walk only carries through what every commit does with the case that it touches. So a walk
 * that was broken off leaves nothing half decided, and the next recalc goes on with it. */
#include <stdio.h>
#include <string.h>

#include "common/consent.h"
#include "common/daemon.h"
#include "sla/look.h"
#include "sla/rebinding.h"
#include "sla/verbs.h"

static const char *from_option, *to_option, *undo_option;
static bool yes_option, dry_option;
const struct options_extra recalc_extras[] = {{"received-from", &from_option, NULL}, {"received-before", &to_option, NULL}, {"undo", &undo_option, NULL},
                                              {"yes", NULL, &yes_option},            {"dry-run", NULL, &dry_option},        {NULL, NULL, NULL}};

static int failed(const struct store *store)
{
    if (*store->fault) fprintf(stderr, "bihuan-sla recalc: %s\n", store->fault);
    else fprintf(stderr, "bihuan-sla recalc: stopped; what is done stays so, recalc goes on with it\n");
    return EXIT_FAILED;
}

/* Brings all cases up, and says so. */
static int carry_through(struct store *store, int64_t grace_ms, const char *id, bool json)
{
    struct walk walk;
    int64_t began_ms = clock_monotonic_ms();
    walk_open(&walk, store, grace_ms, daemon_stopping);
    enum store_result result = walk_bring_up(&walk);
    if (result == STORE_DONE && json)
        printf("{\"recalc\":\"%s\",\"cases\":%lld,\"written\":%lld,\"ms\":%lld}\n", id, (long long)walk.seen, (long long)walk.written,
               (long long)(clock_monotonic_ms() - began_ms));
    else if (result == STORE_DONE)
        printf("%s: %lld cases looked at, %lld written, in %.1f s\n", id, (long long)walk.seen, (long long)walk.written,
               (double)(clock_monotonic_ms() - began_ms) / 1000);
    walk_close(&walk);
    return result == STORE_DONE ? EXIT_OK : failed(store);
}

/* Shows, asks, records, carries through. */
static int decide(struct store *store, const struct config *config, struct control *decision, bool json)
{
    struct rebinding rebinding;
    decision_fill(store, decision);
    bool good = rebinding_open(&rebinding, store, decision);
    bool binds = good && rebinding_binds(&rebinding);
    good = good && (!binds || rebinding_look(&rebinding, config->sla.grace_ms, daemon_stopping) == STORE_DONE);
    if (good) rebinding_print(&rebinding, json);
    bool changes = good && rebinding.changed > 0;
    rebinding_close(&rebinding);
    if (!good) return failed(store);
    if (!changes) {
        fprintf(stderr, "Nothing would move: nothing is recorded, nothing is written.\n");
        return EXIT_OK;
    }
    if (dry_option || !consent(decision->kind == CONTROL_UNDO ? "Take the recalculation back?" : "Record this and recalculate?", yes_option)) return EXIT_OK;
    if (adopt_decision(store, decision) != STORE_DONE) return failed(store);
    fprintf(stderr, "Recorded as %s; it can be taken back: bihuan-sla recalc --undo %s\n", decision->id, decision->id);
    return carry_through(store, config->sla.grace_ms, decision->id, json);
}

/* Something was recorded and not carried through? Then that comes first. */
static int finish_earlier(struct store *store, const struct config *config, bool json)
{
    bool due;
    if (walk_is_due(store, &due) != STORE_DONE) return failed(store);
    if (!due) return EXIT_OK;
    fprintf(stderr, "A decision was recorded and is not carried through in all cases yet.\n");
    if (dry_option || !consent("Go on with it?", yes_option)) return EXIT_OK;
    return carry_through(store, config->sla.grace_ms, "earlier", json);
}

/* A time, or a date for its midnight. */
static bool read_time(const struct options *options, const struct zone *zone, const char *name, const char *text, int64_t *at_ms)
{
    int32_t day;
    if (!text) return true;
    if (day_parse(text, strlen(text), &day)) {
        *at_ms = zone_instant_ms(zone, day, 0);
        return true;
    }
    const char *why = instant_parse(text, strlen(text), at_ms);
    if (why) options_usage(options, "--%s: expected a date or a time: %s", name, why);
    return !why;
}

int sla_recalc(const struct options *options)
{
    struct look look;
    struct control decision = {.kind = undo_option ? CONTROL_UNDO : CONTROL_RECALC, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    if (undo_option && (from_option || to_option)) return options_usage(options, "--undo takes back a whole recalculation: no --received-from, --received-before");
    if (undo_option && strlen(undo_option) >= sizeof decision.of) return options_usage(options, "--undo: \"%s\" is no recalculation", undo_option);
    if (!daemon_start()) return EXIT_FAILED;
    int code = look_open_to_write(&look, options);
    if (code != EXIT_OK) return code;
    bool good = read_time(options, look.set.rules.zone, "received-from", from_option, &decision.from_ms) &&
                read_time(options, look.set.rules.zone, "received-before", to_option, &decision.to_ms);
    snprintf(decision.of, sizeof decision.of, "%s", undo_option ? undo_option : "");
    code = good ? finish_earlier(&look.store, &look.config, options->json) : EXIT_USAGE;
    if (code == EXIT_OK) code = decide(&look.store, &look.config, &decision, options->json);
    look_close(&look);
    return code;
}
