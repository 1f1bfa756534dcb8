/* Stored sums, and what time has changed since.
 *
 * The trap: what the figures hold of a case is as of its last commit, not now; a
 * deadline that passed a second ago must count though its timer still waits. */
#include "sla/figures.h"

#include <stdio.h>

#include "sla/case_codec.h"
#include "sla/census.h"
#include "sla/stub.h"

struct correction {
    struct store *store;
    int64_t as_of_ms;
    struct summary *summary;
    struct case_file file;
    struct fold fold;
    struct pool pool;
    bool failed;
};

/* Takes off what the figures hold of the case, adds what it is worth at the instant. */
static void correct(void *context, struct text field, struct text blob)
{
    struct correction *c = context;
    const char *fault = store_field_parse(field, &c->file.of, &c->file.id) ? NULL : "its name is no case's";
    if (blob.bytes == 0) return; /* a timer without a case: the sweep's business */
    if (!fault) fault = case_decode(blob.at, blob.bytes, &c->file, &c->pool);
    if (fault) {
        snprintf(c->store->fault, sizeof c->store->fault, "case %.*s: %s", (int)field.bytes, field.at, fault);
        c->failed = true;
        return;
    }
    fold_case(&c->fold, rulebook_edition(c->store->book, c->file.edition), &c->file, c->file.as_of_ms);
    summary_add_case(c->summary, &c->fold, -1);
    fold_case(&c->fold, rulebook_bind(c->store->book, &c->file), &c->file, c->as_of_ms);
    summary_add_case(c->summary, &c->fold, 1);
    pool_clear(&c->pool);
}

struct addition {
    struct summary *summary;
    int64_t as_of_ms;
    uint64_t untold; /* retired cases that were still under way then */
};

static bool add_case(void *context, const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    (void)rules;
    struct addition *addition = context;
    if (file->stub && addition->as_of_ms < file->stub->last_ms) addition->untold++;
    summary_add_case(addition->summary, fold, 1);
    return true;
}

/* As of an earlier instant. A retired case tells what it came to, not how it was on the way. */
static enum store_result add_up(struct store *store, int64_t as_of_ms, struct summary *summary)
{
    struct addition addition = {summary, as_of_ms, 0};
    enum store_result result = census(store, as_of_ms, add_case, &addition);
    if (result != STORE_DONE || addition.untold == 0) return result;
    snprintf(store->fault, sizeof store->fault, "--as-of: %llu cases that are past their retention were still under way then, and how they stood is not known any more",
             (unsigned long long)addition.untold);
    return STORE_REFUSED;
}

enum store_result figures_gather(struct store *store, int64_t *as_of_ms, struct summary *summary)
{
    int64_t now_ms = clock_business_ms(&store->clock);
    if (*as_of_ms == INT64_MAX) *as_of_ms = now_ms;
    if (*as_of_ms < now_ms) return add_up(store, *as_of_ms, summary);
    struct correction correction = {.store = store, .as_of_ms = *as_of_ms, .summary = summary};
    enum store_result result = store_figures(store, summary, *as_of_ms, correct, &correction);
    case_clear(&correction.file);
    fold_free(&correction.fold);
    pool_free(&correction.pool);
    return result == STORE_DONE && correction.failed ? STORE_REFUSED : result;
}
