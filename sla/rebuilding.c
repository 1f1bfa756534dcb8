/* The steps. */
#include "sla/rebuilding.h"

#include <stdio.h>
#include <string.h>

#include "common/child.h"
#include "common/daemon.h"
#include "sla/store_call.h"
#include "sla/walk.h"

enum { KEEP_MS = 1000, PATH_BYTES = 4096, OUTPUT_BYTES = 1 << 20 };

static bool fail(struct rebuilding *r, const char *where, const char *why)
{
    if (!*r->fault) snprintf(r->fault, sizeof r->fault, "%.200s: %.500s", where, why);
    return false;
}

/* --- holding --- */

bool rebuilding_hold(struct rebuilding *r, enum store_hold hold)
{
    enum store_hold go_on = hold == HOLD_FENCE ? HOLD_DRAIN : HOLD_NOTHING;
    if (!store_hold(&r->running, hold, REBUILDING_HOLD_MS, r->owner, go_on)) return fail(r, "the running store", r->running.fault);
    r->hold = hold;
    r->kept_ms = clock_monotonic_ms();
    return true;
}

bool rebuilding_keep(void *context)
{
    struct rebuilding *r = context;
    if (daemon_stopping()) return fail(r, "rebuild", "stopped");
    if (r->hold == HOLD_NOTHING || clock_monotonic_ms() - r->kept_ms < KEEP_MS) return true;
    r->kept_ms = clock_monotonic_ms();
    return store_hold(&r->running, r->hold, REBUILDING_HOLD_MS, r->owner, r->hold) || fail(r, "the running store", r->running.fault);
}

/* --- records --- */

static void note_named(const json_t *named)
{
    size_t i;
    json_t *one;
    json_array_foreach(named, i, one)
        fprintf(stderr, "bad record: %s/%lld offset %lld: %s\n", json_string_value(json_object_get(one, "topic")),
                (long long)json_integer_value(json_object_get(one, "partition")), (long long)json_integer_value(json_object_get(one, "offset")),
                json_string_value(json_object_get(one, "reason")));
}

/* What the child says of its pass. */
static bool take_output(struct rebuilding *r, const struct buffer *output)
{
    json_t *said = json_loads(buffer_text(output), 0, NULL);
    if (!said) return fail(r, "bihuan-ingest fill", "what it printed cannot be read");
    r->last_records = (uint64_t)json_integer_value(json_object_get(said, "records"));
    r->records += r->last_records;
    r->left_out += (uint64_t)json_integer_value(json_object_get(said, "left_out"));
    r->bad += (uint64_t)json_integer_value(json_object_get(said, "bad"));
    r->dlq_front_gone |= json_is_true(json_object_get(said, "dlq_front_gone"));
    note_named(json_object_get(said, "named"));
    json_decref(said);
    return true;
}

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

bool rebuilding_fill(struct rebuilding *r)
{
    char path[PATH_BYTES], error[PATH_BYTES + 64];
    struct buffer output;
    if (!child_beside("bihuan-ingest", path, sizeof path)) return fail(r, "bihuan-ingest", "not found beside this program");
    char *argv[] = {path, word("fill"), word("--config"), word(r->options->config), word("--into"), word(r->into), word("--json"), NULL, NULL, NULL};
    size_t count = 7;
    if (r->alone) argv[count++] = word("--alone");
    if (r->accept_gap) argv[count++] = word("--accept-gap");
    buffer_init(&output, OUTPUT_BYTES);
    int status = child_run(argv, &output, rebuilding_keep, r, error, sizeof error);
    bool good = status == 0 && take_output(r, &output);
    if (status < 0) fail(r, "bihuan-ingest fill", error);
    else if (status > 0) fail(r, "bihuan-ingest fill", "it did not come to the end");
    buffer_free(&output);
    return good;
}

bool rebuilding_tell(struct rebuilding *r)
{
    r->readback.keep = rebuilding_keep;
    r->readback.context = r;
    if (!readback_go_on(&r->readback)) return fail(r, "what was told", r->readback.fault);
    return r->alone || store_copy_heads(&r->running, &r->made) || fail(r, "heads of the ledger's chains", *r->running.fault ? r->running.fault : r->made.fault);
}

/* --- rules --- */

static struct rebuilding *walking; /* a walk asks without a context */

static bool is_to_stop(void)
{
    return !rebuilding_keep(walking);
}

static bool carry_through(struct rebuilding *r)
{
    struct walk walk;
    walking = r;
    walk_open(&walk, &r->made, r->config.sla.grace_ms, is_to_stop);
    bool good = walk_bring_up(&walk) == STORE_DONE || fail(r, "rules", *r->made.fault ? r->made.fault : "stopped");
    walk_close(&walk);
    return good;
}

bool rebuilding_follow_rules(struct rebuilding *r)
{
    bool due = false;
    if (!r->alone && !target_take_rules(&r->target, r->made.link, &r->running)) return fail(r, "rules", r->target.fault);
    if (!r->alone && store_read_rules(&r->running) != STORE_DONE) return fail(r, "the running store", r->running.fault);
    if (store_renew_rules(&r->made) != STORE_DONE || walk_is_due(&r->made, &due) != STORE_DONE) return fail(r, "rules", r->made.fault);
    return !due || carry_through(r);
}

bool rebuilding_compare(struct rebuilding *r)
{
    bool fenced = r->hold == HOLD_FENCE;
    r->parity = (struct parity){.running = &r->running, .target = &r->made, .moving = !fenced, .printed = !fenced,
                                        .json = r->options->json, .as_of_ms = clock_business_ms(&r->running.clock), .keep = rebuilding_keep, .context = r};
    bool good = parity_cases(&r->parity) && (!fenced || parity_figures(&r->parity));
    return good || fail(r, "compare", r->parity.fault);
}

bool rebuilding_is_same(const struct rebuilding *r)
{
    return r->parity.different == 0 && !r->parity.figures_differ && (r->parity.moving || r->parity.behind == 0);
}
