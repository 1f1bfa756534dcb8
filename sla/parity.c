/* Cases side by side. The running store is walked as Redis scans it, a few hundred cases at a time, each with the target's; then,
 * where the numbers say that the target has more, the target.
 *
 * The trap: while the running store goes on, a case read there is newer than the same read a moment later in the target. So each event
 * of the target's must be there, and the rest may come. */
#include "sla/parity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "sla/case_json.h"
#include "sla/figures.h"
#include "sla/stub.h"

enum { SAY_MS = 10000, SAY_TERMINAL_MS = 200, BATCH_ROOM = 4096, FIGURES_AHEAD_MS = 60000 };

/* One side of one case. */
struct side {
    struct case_file file;
    struct fold fold;
    struct pool pool;
    char *line; /* as dump prints it */
    size_t bytes;
    bool there;
};

/* Cases of a step of the scan: copies, as the answer is gone when they are compared. */
struct walk {
    struct parity *parity;
    struct text *field, *blob;
    size_t count, room;
    struct pool pool;
    struct side side[2];
};

static bool fail(struct parity *parity, const char *where, const char *why)
{
    snprintf(parity->fault, sizeof parity->fault, "%s: %.400s", where, why);
    return false;
}

/* --- one case --- */

static bool decode(struct parity *parity, struct side *side, struct text field, struct text blob, const char *where)
{
    side->there = blob.bytes > 0;
    pool_clear(&side->pool);
    case_empty(&side->file);
    if (!store_field_parse(field, &side->file.of, &side->file.id)) return fail(parity, where, "a name that is no case's");
    const char *fault = side->there ? case_decode(blob.at, blob.bytes, &side->file, &side->pool) : NULL;
    return !fault || fail(parity, where, fault);
}

/* As dump prints it; nothing where nothing has happened by then. */
static bool print(const struct parity *parity, const struct store *store, struct side *side)
{
    FILE *out = open_memstream(&side->line, &side->bytes);
    bool good = out != NULL;
    if (good && side->there) {
        const struct rules *rules = rulebook_bind(store->book, &side->file);
        fold_case(&side->fold, rules, &side->file, parity->as_of_ms);
        good = side->fold.used == 0 || case_print(out, &side->file, &side->fold, rules, false);
    }
    return out && fclose(out) == 0 && good;
}

/* The events as they are stored, apart from what was told and when it was folded. */
static bool same_events(const struct side *side)
{
    struct buffer packed[2];
    bool same = side[0].there && side[1].there && side[0].file.events == side[1].file.events;
    for (int i = 0; i < 2 && same; i++) {
        struct case_file facts = side[i].file;
        facts.tolds = facts.duplicates = 0;
        facts.revision = 0;
        facts.edition = 0;
        facts.as_of_ms = facts.due_ms = 0;
        buffer_init(&packed[i], CASE_BLOB_MAX_BYTES);
        case_encode(&facts, &packed[i]);
    }
    if (!same) return false;
    same = packed[0].bytes == packed[1].bytes && !memcmp(packed[0].data, packed[1].data, packed[0].bytes);
    buffer_free(&packed[0]);
    buffer_free(&packed[1]);
    return same;
}

/* Does the running store have all events of the target's, and more? What its stub stands for it has had. */
static bool is_behind(const struct case_file *running, const struct case_file *target)
{
    size_t found = 0, shrunk = 0;
    while (running->stub && shrunk < target->events && target->event[shrunk].at_ms < running->stub->at_ms) shrunk++;
    for (size_t i = shrunk, at = 0; i < target->events; i++) {
        while (at < running->events && memcmp(running->event[at].key, target->event[i].key, sizeof target->event[i].key) != 0) at++;
        if (at == running->events) break;
        found++;
    }
    return shrunk + found == target->events && running->events > found;
}

static void name(struct parity *parity, const struct side *side, struct text field)
{
    if (parity->different++ >= PARITY_NAMED_MAX) return;
    if (parity->json) {
        json_t *object = json_object(), *running = side[0].bytes ? json_loadb(side[0].line, side[0].bytes, 0, NULL) : NULL;
        json_t *target = side[1].bytes ? json_loadb(side[1].line, side[1].bytes, 0, NULL) : NULL;
        json_object_set_new(object, "differs", json_text(side[0].file.id));
        json_object_set_new(object, "of", json_string(of_name(side[0].file.of)));
        json_object_set_new(object, "running", running ? running : json_null());
        json_object_set_new(object, "target", target ? target : json_null());
        json_print_line(stdout, object);
        json_decref(object);
        return;
    }
    printf("differs: %.*s\n  running: %.*s%s  target:  %.*s%s", (int)field.bytes - 1, field.at + 1, (int)side[0].bytes, side[0].bytes ? side[0].line : "",
           side[0].bytes ? "" : "not there\n", (int)side[1].bytes, side[1].bytes ? side[1].line : "", side[1].bytes ? "" : "not there\n");
}

static bool compare_case(struct walk *walk, struct text field, struct text running, struct text target)
{
    struct parity *parity = walk->parity;
    struct side *side = walk->side;
    if (!decode(parity, &side[0], field, running, "the running store") || !decode(parity, &side[1], field, target, "the target")) return false;
    parity->cases++;
    if (!parity->printed && same_events(side)) {
        parity->same++;
        return true;
    }
    bool good = print(parity, parity->running, &side[0]) && print(parity, parity->target, &side[1]);
    bool same = good && side[0].there == side[1].there && side[0].bytes == side[1].bytes && !memcmp(side[0].line, side[1].line, side[0].bytes);
    if (same) parity->same++;
    else if (good && parity->moving && is_behind(&side[0].file, &side[1].file)) parity->behind++;
    else if (good) name(parity, side, field);
    for (int i = 0; i < 2; i++) free(side[i].line);
    return good || fail(parity, "a case", "cannot be printed");
}

/* --- the walk --- */

static void note_case(void *context, struct text field, struct text blob)
{
    struct walk *walk = context;
    enum of of;
    struct text id;
    if (store_field_parse(field, &of, &id) && !of_case(of)) return; /* gathered appeals: what they hold follows from the cases */
    if (walk->count == walk->room) {
        walk->room = walk->room ? walk->room * 2 : BATCH_ROOM;
        walk->field = xrealloc(walk->field, walk->room * sizeof *walk->field);
        walk->blob = xrealloc(walk->blob, walk->room * sizeof *walk->blob);
    }
    walk->field[walk->count] = (struct text){pool_copy(&walk->pool, field.at, field.bytes), field.bytes};
    walk->blob[walk->count++] = (struct text){pool_copy(&walk->pool, blob.at, blob.bytes), blob.bytes};
}

static void say(struct parity *parity, bool last)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!last && now_ms - parity->said_ms < (parity->terminal ? SAY_TERMINAL_MS : SAY_MS)) return;
    parity->said_ms = now_ms;
    fprintf(stderr, "%scompare: %" PRIu64 " cases, %" PRIu64 " alike, %" PRIu64 " moved on, %" PRIu64 " differ%s", parity->terminal ? "\r" : "",
            parity->cases, parity->same, parity->behind, parity->different, parity->terminal && !last ? "    " : "\n");
}

static struct text text_of(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING ? (struct text){reply->str, (size_t)reply->len} : (struct text){0};
}

/* One step's cases beside those of `other`. `extra`: the step is of the target, and only what the running store does not have counts. */
static bool compare_step(struct walk *walk, struct store *other, unsigned shard, bool extra)
{
    struct parity *parity = walk->parity;
    bool good = true;
    if (walk->count > 0) {
        redisReply *reply = store_load_send(other, shard, walk->field, walk->count) ? store_load_take(other) : NULL;
        if (!reply) return fail(parity, extra ? "the running store" : "the target", other->fault);
        for (size_t i = 0; i < walk->count && good; i++) {
            struct text theirs = text_of(reply->element[i]);
            if (!extra) good = compare_case(walk, walk->field[i], walk->blob[i], theirs);
            else if (theirs.bytes == 0) good = compare_case(walk, walk->field[i], theirs, walk->blob[i]);
        }
        freeReplyObject(reply);
    }
    walk->count = 0;
    pool_clear(&walk->pool);
    say(parity, false);
    return good && (!parity->keep || parity->keep(parity->context) || fail(parity, "compare", "stopped"));
}

static bool walk_shard(struct walk *walk, struct store *walked, struct store *other, unsigned shard, bool extra)
{
    struct store_cursor cursor = {.text = ""};
    while (!cursor.done) {
        if (store_scan_step(walked, shard, &cursor, note_case, walk) != STORE_DONE)
            return fail(walk->parity, extra ? "the target" : "the running store", walked->fault);
        if (!compare_step(walk, other, shard, extra)) return false;
    }
    return true;
}

static long long count_cases(struct store *store, unsigned shard)
{
    char key[STORE_KEY_BYTES];
    store_key(key, shard, KEY_CASE);
    redisReply *reply = redis_command(store->link, "HLEN %s", key);
    long long count = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
    if (reply) freeReplyObject(reply);
    return count;
}

bool parity_cases(struct parity *parity)
{
    struct walk walk = {.parity = parity};
    bool good = true;
    parity->terminal = isatty(STDERR_FILENO);
    parity->began_ms = parity->said_ms = clock_monotonic_ms();
    for (unsigned shard = 0; shard < parity->running->shards && good; shard++) {
        good = walk_shard(&walk, parity->running, parity->target, shard, false);
        /* All of the running store's were looked for: as many means the same ones, and what is more is the target's alone. */
        if (good && (parity->different > 0 || count_cases(parity->running, shard) != count_cases(parity->target, shard)))
            good = walk_shard(&walk, parity->target, parity->running, shard, true);
    }
    for (int i = 0; i < 2; i++) {
        case_clear(&walk.side[i].file);
        fold_free(&walk.side[i].fold);
        pool_free(&walk.side[i].pool);
    }
    free(walk.field);
    free(walk.blob);
    pool_free(&walk.pool);
    if (good) say(parity, true);
    return good;
}

/* --- figures --- */

/* The summary of a store as text, the caller's; NULL: fault. */
static char *summary_of(struct parity *parity, struct store *store, int64_t as_of_ms, const char *where)
{
    struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
    char *text = NULL;
    if (figures_gather(store, &as_of_ms, summary) == STORE_DONE) {
        json_t *json = summary_to_json(summary, rulebook_widest(store->book), as_of_ms, NULL);
        char *printed = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
        text = printed ? xstrdup(printed) : NULL;
        free(printed);
        json_decref(json);
    }
    summary_free(summary);
    if (!text) fail(parity, where, store->fault);
    return text;
}

bool parity_figures(struct parity *parity)
{
    int64_t as_of_ms = clock_business_ms(&parity->running->clock) + FIGURES_AHEAD_MS;
    char *running = summary_of(parity, parity->running, as_of_ms, "the running store"),
         *target = running ? summary_of(parity, parity->target, as_of_ms, "the target") : NULL;
    bool good = target != NULL;
    parity->figures_differ = good && strcmp(running, target) != 0;
    if (parity->figures_differ && parity->json) printf("{\"differs\":\"figures\",\"running\":%s,\"target\":%s}\n", running, target);
    else if (parity->figures_differ) printf("differs: figures\n  running: %s\n  target:  %s\n", running, target);
    free(running);
    free(target);
    return good;
}
