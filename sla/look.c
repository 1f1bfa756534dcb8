/* Opening for a look, in the order in which things rest on each other. */
#include "sla/look.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "sla/adoption.h"
#include "sla/stub.h"

static int open_files(struct look *look, const struct options *options)
{
    look->options = options;
    look->refused = false;
    if (!config_open(&look->config, options->config)) return EXIT_USAGE;
    log_set_level((enum log_level)look->config.log.level);
    if (ruleset_load(&look->set, &look->config, NULL)) return EXIT_OK;
    config_free(&look->config);
    return EXIT_USAGE;
}

static int opened(struct look *look, bool good)
{
    if (good) return EXIT_OK;
    int code = look_failed(look);
    look_close(look);
    return code;
}

int look_open(struct look *look, const struct options *options)
{
    int code = open_files(look, options);
    return code == EXIT_OK ? opened(look, store_open_reader(&look->store, &look->config, &look->set)) : code;
}

int look_open_to_write(struct look *look, const struct options *options)
{
    int code = open_files(look, options);
    if (code != EXIT_OK) return code;
    return opened(look, store_open(&look->store, &look->config, &look->set, NULL) && adopt_all(&look->store) == STORE_DONE);
}

/* One case as stored; *there: is there one? When the result is not STORE_DONE, store.fault says why. */
static enum store_result load(struct look *look, struct case_file *file, struct pool *pool, bool *there)
{
    redisReply *reply = store_case(&look->store, file->of, file->id);
    const char *fault = NULL;
    if (!reply) return STORE_LOST;
    *there = reply->type == REDIS_REPLY_STRING;
    if (*there) fault = case_decode(pool_copy(pool, reply->str, (size_t)reply->len), (size_t)reply->len, file, pool);
    if (fault) snprintf(look->store.fault, sizeof look->store.fault, "%s", fault);
    freeReplyObject(reply);
    return fault ? STORE_REFUSED : STORE_DONE;
}

int look_each(struct look *look, const char *name, bool (*show)(struct look *look, struct case_file *file, int64_t as_of_ms), int64_t as_of_ms)
{
    enum store_result result = STORE_DONE;
    bool found = false;
    for (int of = OF_TICKET; of <= OF_RATING && result == STORE_DONE; of++) {
        struct case_file file = {.of = (enum of)of, .id = {name, strlen(name)}};
        struct pool pool = {0};
        bool there = false;
        result = load(look, &file, &pool, &there);
        if (result == STORE_DONE && there) found |= show(look, &file, as_of_ms);
        case_clear(&file);
        pool_free(&pool);
    }
    if (result != STORE_DONE) return look_failed(look);
    if (look->refused) return EXIT_FAILED;
    if (!found) fprintf(stderr, "%s %s: no case \"%s\" by then\n", look->options->program, look->options->verb, name);
    return found ? EXIT_OK : EXIT_FAILED;
}

bool look_refuses(struct look *look, const struct case_file *file, int64_t as_of_ms)
{
    char at[INSTANT_TEXT_BYTES];
    if (!file->stub || as_of_ms >= file->stub->at_ms) return false;
    if (as_of_ms != INT64_MIN && as_of_ms < file->stub->begun_ms) return false; /* it was not there */
    instant_print(at, &look->set.zone, file->stub->at_ms);
    fprintf(stderr, "%s %s: case %.*s: past its retention it shrank as of %s, and what it was before is not known any more\n", look->options->program,
            look->options->verb, (int)file->id.bytes, file->id.at, at);
    look->refused = true;
    return true;
}

bool look_instant(struct look *look, const char *name, const char *text, int64_t *at_ms)
{
    const char *why = text ? instant_parse(text, strlen(text), at_ms) : NULL;
    if (!text) *at_ms = clock_business_ms(&look->store.clock);
    if (why) fprintf(stderr, "%s %s: --%s: %s\n", look->options->program, look->options->verb, name, why);
    return !why;
}

int look_failed(const struct look *look)
{
    fprintf(stderr, "%s %s: %s\n", look->options->program, look->options->verb, look->store.fault);
    return EXIT_FAILED;
}

void look_close(struct look *look)
{
    store_close(&look->store);
    ruleset_free(&look->set);
    config_free(&look->config);
}
