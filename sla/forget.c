/* bihuan-sla forget: takes what is kept of a citizen out of every case, and records that it was done (个人信息保护法 47).
 *
 * Their gathered appeals (sla/appeals.h) go first: once the cases do not know them any more, nobody could find those. The record holds a hash of the citizen's hash, which tells whether it is they and nothing else: with it ingest
 * leaves them out again should the topics be read anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/consent.h"
#include "common/daemon.h"
#include "sla/look.h"
#include "sla/rebinding.h"
#include "sla/verbs.h"

static const char *citizen_option;
static bool yes_option;
const struct options_extra forget_extras[] = {{"citizen", &citizen_option, NULL}, {"yes", NULL, &yes_option}, {NULL, NULL, NULL}};

enum { TRIES = 8 };

/* What gathers an appeal of theirs. */
struct gathered {
    enum of of;
    struct text id;
};

struct search {
    struct text citizen; /* KEYID:HASH; empty: not found yet */
    int64_t cases;
    struct gathered *gathered;
    size_t count, room;
    struct pool pool;
};

static void note_citizen(struct search *search, const struct case_file *file)
{
    for (size_t i = 0; i < file->events && !search->citizen.bytes; i++) {
        struct text citizen = event_citizen(&file->event[i]);
        if (citizen.bytes) search->citizen = (struct text){pool_copy(&search->pool, citizen.at, citizen.bytes), citizen.bytes};
    }
}

static void note_gathered(struct search *search, const struct event *event)
{
    struct text id[2];
    appeal_names(&search->pool, event, &id[0], &id[1]);
    for (int i = 0; i < 2; i++) {
        enum of of;
        struct text name;
        if (!id[i].bytes || !store_field_parse(id[i], &of, &name)) continue;
        if (search->count == search->room) search->gathered = xrealloc(search->gathered, (search->room = search->room * 2 + 8) * sizeof *search->gathered);
        search->gathered[search->count++] = (struct gathered){of, name};
    }
}

static void note_theirs(void *context, struct walk *walk, const struct case_file *file)
{
    struct search *search = context;
    bool theirs = false;
    (void)walk;
    for (size_t i = 0; i < file->events; i++) {
        if (!text_equal(event_citizen(&file->event[i]), search->citizen)) continue;
        theirs = true;
        note_gathered(search, &file->event[i]);
    }
    search->cases += theirs;
}

/* --- gathered appeals --- */

/* Takes them out of one; a few tries, as live traffic adds to it. */
static enum store_result clean(struct look *look, struct changer *changer, const struct gathered *gathered, struct text citizen)
{
    struct store *store = &look->store;
    enum store_result result = STORE_REFUSED_CASES;
    for (int i = 0; i < TRIES && (result == STORE_REFUSED_CASES || result == STORE_REFUSED_RULES); i++) {
        struct change change;
        struct store_refusal refusal = {NULL};
        if (result == STORE_REFUSED_RULES && store_renew_rules(store) != STORE_DONE) return STORE_LOST;
        redisReply *reply = store_case(store, gathered->of, gathered->id);
        if (!reply) return STORE_LOST;
        changer_clear(changer);
        changer->book = store->book;
        changer->now_ms = clock_business_ms(&store->clock);
        result = STORE_DONE;
        if (reply->type == REDIS_REPLY_STRING && !change_begin(&change, changer, gathered->of, gathered->id, reply->str, (size_t)reply->len) &&
            appeals_forget(change.appeals, citizen) && change_finish(&change, changer)) {
            struct commit_case commit = {.field = store_field(&changer->pool, gathered->of, gathered->id), .change = &change, .out = OUT_KEEP};
            bool sent = store_commit_send(store, case_shard(gathered->of, gathered->id, store->shards), NULL, 0, &commit, 1, &changer->tally);
            result = sent ? store_commit_take(store, &refusal) : STORE_LOST;
        }
        if (reply->type == REDIS_REPLY_STRING) change_end(&change);
        store_refusal_free(&refusal);
        freeReplyObject(reply);
    }
    if (result == STORE_REFUSED_CASES || result == STORE_REFUSED_RULES)
        snprintf(store->fault, sizeof store->fault, "what gathers their appeals changes all the while: forget them again");
    return result;
}

static bool clean_all(struct look *look, const struct search *search)
{
    struct changer changer;
    enum store_result result = STORE_DONE;
    changer_open(&changer, look->store.book, look->config.sla.grace_ms);
    changer.appeals = appeal_rules(&look->config);
    for (size_t i = 0; i < search->count && result == STORE_DONE; i++) result = clean(look, &changer, &search->gathered[i], search->citizen);
    changer_close(&changer);
    return result == STORE_DONE;
}

/* --- the verb --- */

/* The citizen of the case of that name. */
static int find_by_case(struct look *look, const char *name, struct search *search)
{
    struct case_file file = {.of = OF_TICKET, .id = {name, strlen(name)}};
    struct pool pool = {0};
    redisReply *reply = store_case(&look->store, OF_TICKET, file.id);
    if (!reply) return look_failed(look);
    if (reply->type == REDIS_REPLY_STRING && !case_decode(reply->str, (size_t)reply->len, &file, &pool)) note_citizen(search, &file);
    freeReplyObject(reply);
    case_clear(&file);
    pool_free(&pool);
    if (!search->citizen.bytes) fprintf(stderr, "bihuan-sla forget: \"%s\" is no ticket, or no hash of a citizen is kept of it\n", name);
    return search->citizen.bytes ? EXIT_OK : EXIT_FAILED;
}

static int carry_through(struct look *look, const char *id, bool json)
{
    struct walk walk;
    walk_open(&walk, &look->store, look->config.sla.grace_ms, daemon_stopping);
    enum store_result result = walk_bring_up(&walk);
    long long written = walk.written;
    walk_close(&walk);
    if (result != STORE_DONE) {
        fprintf(stderr, "bihuan-sla forget: %s\n", *look->store.fault ? look->store.fault : "stopped: it is recorded; forget, recalc and bihuan-sla run go on with it");
        return EXIT_FAILED;
    }
    if (json) printf("{\"forget\":\"%s\",\"written\":%lld}\n", id, written);
    else printf("%s: taken out of %lld cases\n", id, written);
    return EXIT_OK;
}

static int forget(struct look *look, struct search *search)
{
    char question[96];
    struct walk walk;
    struct control decision = {.kind = CONTROL_FORGET, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    walk_open(&walk, &look->store, look->config.sla.grace_ms, daemon_stopping);
    enum store_result result = walk_look(&walk, note_theirs, search);
    walk_close(&walk);
    if (result != STORE_DONE) return look_failed(look);
    snprintf(question, sizeof question, "Take the citizen out of %lld cases for good?", (long long)search->cases);
    if (!consent(question, yes_option)) return EXIT_OK;
    control_citizen(decision.citizen, search->citizen);
    if (!clean_all(look, search) || adopt_decision(&look->store, &decision) != STORE_DONE) return look_failed(look);
    if (!clean_all(look, search)) return look_failed(look); /* what came in between */
    return carry_through(look, decision.id, look->options->json);
}

/* KEYID:HASH, as a case keeps it? What nobody is called would be recorded for good all the same. */
static bool names_citizen(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon && colon > text && colon[1] && !strchr(colon + 1, ':');
}

int sla_forget(const struct options *options)
{
    struct look look;
    struct search search = {.cases = 0};
    if ((options->count == 1) == (citizen_option != NULL)) return options_usage(options, "expected a CASE or --citizen KEYID:HASH");
    if (citizen_option && !names_citizen(citizen_option)) return options_usage(options, "--citizen: expected KEYID:HASH, found \"%s\"", citizen_option);
    if (!daemon_start()) return EXIT_FAILED;
    int code = look_open_to_write(&look, options);
    if (code != EXIT_OK) return code;
    if (citizen_option) {
        search.citizen = (struct text){citizen_option, strlen(citizen_option)};
    } else {
        code = find_by_case(&look, options->operands[0], &search);
    }
    if (code == EXIT_OK) code = forget(&look, &search);
    free(search.gathered);
    pool_free(&search.pool);
    look_close(&look);
    return code;
}
