/* bihuan-sla forget: takes what is kept of a citizen out of every case, and records that it was done (个人信息保护法 47).
 *
 * The record holds a hash of the citizen's hash, which tells whether it is they and nothing else: with it ingest
 * leaves them out again should the topics be read anew. */
#include <stdio.h>
#include <string.h>

#include "common/consent.h"
#include "common/daemon.h"
#include "sla/look.h"
#include "sla/rebinding.h"
#include "sla/verbs.h"

static const char *citizen_option;
static bool yes_option;
const struct options_extra forget_extras[] = {{"citizen", &citizen_option, NULL}, {"yes", NULL, &yes_option}, {NULL, NULL, NULL}};

struct search {
    uint8_t hash[CONTROL_HASH_BYTES];
    bool found;
    int64_t cases;
};

static void note_citizen(struct search *search, const struct case_file *file)
{
    for (size_t i = 0; i < file->events && !search->found; i++) {
        struct text citizen = event_citizen(&file->event[i]);
        if (!citizen.bytes) continue;
        control_citizen(search->hash, citizen);
        search->found = true;
    }
}

static bool is_theirs(const struct search *search, const struct case_file *file)
{
    uint8_t hash[CONTROL_HASH_BYTES];
    for (size_t i = 0; i < file->events; i++) {
        struct text citizen = event_citizen(&file->event[i]);
        if (!citizen.bytes) continue;
        control_citizen(hash, citizen);
        if (!memcmp(hash, search->hash, sizeof hash)) return true;
    }
    return false;
}

static void count_theirs(void *context, struct walk *walk, const struct case_file *file)
{
    struct search *search = context;
    (void)walk;
    search->cases += is_theirs(search, file);
}

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
    if (!search->found) fprintf(stderr, "bihuan-sla forget: \"%s\" is no ticket, or no hash of a citizen is kept of it\n", name);
    return search->found ? EXIT_OK : EXIT_FAILED;
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
    enum store_result result = walk_look(&walk, count_theirs, search);
    walk_close(&walk);
    if (result != STORE_DONE) return look_failed(look);
    snprintf(question, sizeof question, "Take the citizen out of %lld cases for good?", (long long)search->cases);
    if (!consent(question, yes_option)) return EXIT_OK;
    memcpy(decision.citizen, search->hash, sizeof decision.citizen);
    if (adopt_decision(&look->store, &decision) != STORE_DONE) return look_failed(look);
    return carry_through(look, decision.id, look->options->json);
}

int sla_forget(const struct options *options)
{
    struct look look;
    struct search search = {.found = false};
    if ((options->count == 1) == (citizen_option != NULL)) return options_usage(options, "expected a CASE or --citizen KEYID:HASH");
    if (!daemon_start()) return EXIT_FAILED;
    int code = look_open_to_write(&look, options);
    if (code != EXIT_OK) return code;
    if (citizen_option) {
        control_citizen(search.hash, (struct text){citizen_option, strlen(citizen_option)});
        search.found = true;
    } else {
        code = find_by_case(&look, options->operands[0], &search);
    }
    if (code == EXIT_OK) code = forget(&look, &search);
    look_close(&look);
    return code;
}
