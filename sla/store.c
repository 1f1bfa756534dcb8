/* Opening the store: what must be so in Redis before anything is written there.
 *
 * bihuan:meta holds what the data rests on: other shards, formats or another zone than
 * the data's are refused, not mixed in. Rules are not the configuration's to set once there is
 * data: they are recorded (sla/adoption.h). */
#include "sla/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "common/alloc.h"
#include "common/log.h"
#include "common/secret.h"
#include "sla/adoption.h"
#include "sla/store_call.h"

enum { META_TEXT_BYTES = 64, WARNINGS_BYTES = 4096, RECOVER_WAIT_MS = 50, RECOVER_WAIT_MAX_MS = 1000, RECOVER_SAY_MS = 5000 };

void store_key(char *text, unsigned shard, enum store_key key)
{
    static const char *const names[STORE_KEYS] = {"case", "due", "out", "lease", "position", "figures", "timer", "heads"};
    snprintf(text, STORE_KEY_BYTES, "{s%02u}%s", shard, names[key]);
}

void store_figures_key(char *text, unsigned shard, enum tally_of of, int32_t day)
{
    int year, month, dom;
    if (of == TALLY_RECORDS) snprintf(text, STORE_KEY_BYTES, "{s%02u}figures:records", shard);
    else if (of == TALLY_NOTICES) snprintf(text, STORE_KEY_BYTES, "{s%02u}figures:notices", shard);
    else if (day == DAY_NONE) snprintf(text, STORE_KEY_BYTES, "{s%02u}figures:now", shard);
    else {
        day_to_civil(day, &year, &month, &dom);
        snprintf(text, STORE_KEY_BYTES, "{s%02u}figures:%04d-%02d", shard, year, month);
    }
}

struct text store_field(struct pool *pool, enum of of, struct text id)
{
    char *text = pool_take(pool, id.bytes + 1);
    text[0] = of_letter(of);
    if (id.bytes) memcpy(text + 1, id.at, id.bytes);
    return (struct text){text, id.bytes + 1};
}

bool store_field_parse(struct text field, enum of *of, struct text *id)
{
    if (field.bytes < 2) return false;
    *id = (struct text){field.at + 1, field.bytes - 1};
    for (*of = OF_TICKET; *of < OFS; ++*of)
        if (of_letter(*of) == field.at[0]) return true;
    return false;
}

/* --- meta: what the data rests on --- */

struct meta_entry {
    const char *name;
    char value[META_TEXT_BYTES];
};
enum { META_ENTRIES = 4 };

static void our_meta(const struct store *store, struct meta_entry *entry)
{
    static const char *const names[META_ENTRIES] = {"format", "shards", "zone", "retention"};
    for (int i = 0; i < META_ENTRIES; i++) entry[i].name = names[i];
    snprintf(entry[0].value, META_TEXT_BYTES, "%d", STORE_FORMAT);
    snprintf(entry[1].value, META_TEXT_BYTES, "%u", store->shards);
    snprintf(entry[2].value, META_TEXT_BYTES, "%s", store->config->sla.zone);
    snprintf(entry[3].value, META_TEXT_BYTES, "%lld", (long long)store->config->sla.retention_days);
}

static bool meta_differs(struct store *store, const char *name, const char *there, const char *ours)
{
    return store_fail(store, "the data in Redis has %s %s, the configuration %s", name, there, ours);
}

/* Ours where nothing was (unless `look` alone); then all must be ours. */
static bool agree_meta(struct store *store, bool look)
{
    struct meta_entry entry[META_ENTRIES];
    our_meta(store, entry);
    for (int i = 0; i < META_ENTRIES; i++) {
        redisReply *reply = look ? NULL : redis_command(store->link, "HSETNX %s %s %s", STORE_META, entry[i].name, entry[i].value);
        if (!look && !reply) return store_fail(store, "%s", store->link->error);
        if (reply) freeReplyObject(reply);
        reply = redis_command(store->link, "HGET %s %s", STORE_META, entry[i].name);
        if (!reply) return store_fail(store, "%s", store->link->error);
        store->empty = reply->type != REDIS_REPLY_STRING;
        bool good = reply->type == REDIS_REPLY_STRING ? !strcmp(reply->str, entry[i].value) || meta_differs(store, entry[i].name, reply->str, entry[i].value)
                                                      : look;
        freeReplyObject(reply);
        if (!good) return false;
    }
    return true;
}

/* Random hex digits that outlive nothing: whoever finds none there puts them. */
static bool agree_life(struct store *store)
{
    unsigned char bytes[STORE_LIFE_BYTES / 2 - 1];
    char ours[STORE_LIFE_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) return store_fail(store, "no random bytes");
    for (size_t i = 0; i < sizeof bytes; i++) snprintf(ours + 2 * i, 3, "%02x", bytes[i]);
    redisReply *reply = redis_command(store->link, "HSETNX %s life %s", STORE_META, ours);
    if (!reply) return store_fail(store, "%s", store->link->error);
    freeReplyObject(reply);
    reply = redis_command(store->link, "HGET %s life", STORE_META);
    if (!reply) return store_fail(store, "%s", store->link->error);
    const char *there = reply->type == REDIS_REPLY_STRING ? reply->str : "";
    bool same = !*store->life || !strcmp(store->life, there);
    if (!*store->life) snprintf(store->life, sizeof store->life, "%s", there);
    freeReplyObject(reply);
    if (same) return true;
    redis_drop(store->link);
    return store_fail(store, "the data was emptied meanwhile");
}

/* --- opening --- */

static bool open_link(struct store *store, const struct config *config)
{
    char fault[STORE_FAULT_BYTES] = "";
    char *password = *config->redis.password_file ? secret_read(config->redis.password_file, NULL, fault, sizeof fault) : NULL;
    if (*fault) return store_fail(store, "[redis] password_file: %s", fault);
    store->link = redis_open(config->redis.address, password, config->redis.timeout_ms);
    secret_free(password);
    return true;
}

static void log_lines(const char *lines)
{
    for (const char *end; *lines; lines = end + (*end == '\n')) {
        char line[STORE_FAULT_BYTES];
        end = strchrnul(lines, '\n');
        snprintf(line, sizeof line, "%.*s", (int)(end - lines), lines);
        log_warn("store.check", "warning=%s", log_quote(line));
    }
}

static bool check_server(struct store *store)
{
    struct buffer faults, warnings;
    buffer_init(&faults, WARNINGS_BYTES);
    buffer_init(&warnings, WARNINGS_BYTES);
    bool good = redis_check(store->link, &faults, &warnings) == 0;
    if (!good) store_fail(store, "%.*s", (int)strcspn(buffer_text(&faults), "\n"), buffer_text(&faults));
    log_lines(buffer_text(&warnings));
    buffer_free(&faults);
    buffer_free(&warnings);
    return good;
}

static bool load_library(struct store *store)
{
    switch (redis_load_library(store->link, "bihuan", STORE_LIBRARY_VERSION, store_library, store_library_bytes)) {
    case REDIS_LIBRARY_PRESENT: return true;
    case REDIS_LIBRARY_LOADED:
        log_info("store.library", "version=%d loaded=yes", STORE_LIBRARY_VERSION);
        return true;
    default: return store_fail(store, "%s", store->link->error);
    }
}

static bool open_clock(struct store *store, const struct config *config, bool look)
{
    if (config->clock.mode == CLOCK_MODE_SCALED && look) {
        redisReply *reply = redis_command(store->link, "EXISTS %s", STORE_CLOCK);
        if (!reply) return store_fail(store, "%s", store->link->error);
        bool begun = reply->integer == 1;
        freeReplyObject(reply);
        if (!begun) {
            clock_open_fixed(&store->clock, config->clock.start_ms);
            return true;
        }
    }
    bool good = config->clock.mode == CLOCK_MODE_SCALED
                    ? clock_open_scaled(&store->clock, store->link, STORE_CLOCK, config->clock.start_ms, config->clock.speed)
                    : clock_open_real(&store->clock, store->link);
    return good || store_fail(store, "%s", store->clock.error);
}

static void prepare(struct store *store, const struct config *config, const struct ruleset *set)
{
    *store = (struct store){.shards = (unsigned)config->sla.shards, .config = config, .proposal = set};
    store->call = xcalloc(1, sizeof *store->call);
}

/* A store that is being rebuilt may lack anything: programs must not begin to work there. Whoever was sent there takes away the mark, should
 * the rebuild have been killed between the two. */
static bool is_whole(struct store *store)
{
    if (store->made) return true;
    if (store->followed) {
        redisReply *gone = redis_command(store->link, "HDEL %s rebuild", STORE_META);
        if (!gone) return store_fail(store, "%s", store->link->error);
        freeReplyObject(gone);
        return true;
    }
    redisReply *reply = redis_command(store->link, "HEXISTS %s rebuild", STORE_META);
    if (!reply) return store_fail(store, "%s", store->link->error);
    bool whole = reply->type == REDIS_REPLY_INTEGER && reply->integer == 0;
    freeReplyObject(reply);
    return whole || store_fail(store, "%s is being rebuilt and not switched to yet: bihuan-sla rebuild --switch", store->link->address);
}

static bool make_ready(struct store *store)
{
    return store_follow(store, false) && is_whole(store) && check_server(store) && load_library(store) && agree_meta(store, false) && agree_life(store);
}

/* The rules in force, once the clock runs. */
static bool open_rules(struct store *store, bool (*stop)(void))
{
    return adopt_first(store, stop) && store_renew_rules(store) == STORE_DONE;
}

/* Is the fault of a server that is only just coming back? */
static bool passing(const struct store *store)
{
    return !store->link->context || adopt_is_busy(store) || store_passing(store->fault) || store_passing(store->link->error);
}

/* Waits until the server can be reached. False: `stop` became true. */
static bool wait_for_server(struct store *store, bool (*stop)(void))
{
    int64_t wait_ms = RECOVER_WAIT_MS, said_ms = 0;
    while (!stop()) {
        if (redis_connect(store->link)) return true;
        if (clock_monotonic_ms() - said_ms >= RECOVER_SAY_MS) {
            log_warn("store.away", "address=%s error=%s", log_quote(store->link->address), log_quote(store->link->error));
            said_ms = clock_monotonic_ms();
        }
        nanosleep(&(struct timespec){wait_ms / 1000, wait_ms % 1000 * 1000000L}, NULL);
        if (wait_ms < RECOVER_WAIT_MAX_MS) wait_ms *= 2;
    }
    return store_fail(store, "stopped");
}

static bool open_prepared(struct store *store, const struct config *config, bool (*stop)(void))
{
    if (!open_link(store, config)) return false;
    while (!redis_connect(store->link) || !make_ready(store) || !open_clock(store, config, false) || !open_rules(store, stop)) {
        if (!store->link->context) store_fail(store, "%s", store->link->error);
        if (!stop || !passing(store)) return false;
        redis_drop(store->link);
        if (!wait_for_server(store, stop)) return false;
    }
    return true;
}

bool store_open(struct store *store, const struct config *config, const struct ruleset *set, bool (*stop)(void))
{
    prepare(store, config, set);
    return open_prepared(store, config, stop);
}

bool store_open_made(struct store *store, const struct config *config, const struct ruleset *set)
{
    prepare(store, config, set);
    store->made = true;
    return open_prepared(store, config, NULL);
}

bool store_open_reader(struct store *store, const struct config *config, const struct ruleset *set)
{
    prepare(store, config, set);
    return open_link(store, config) && store_follow(store, true) && agree_meta(store, true) && open_clock(store, config, true) && store_read_rules(store) == STORE_DONE;
}

void store_close(struct store *store)
{
    clock_close(&store->clock);
    redis_close(store->link);
    for (size_t i = 0; i < store->books_held; i++) rulebook_free(store->books[i]);
    free(store->books);
    if (store->call) {
        free(store->call->argv);
        free(store->call->bytes);
        pool_free(&store->call->pool);
        free(store->call);
    }
    *store = (struct store){0};
}

size_t store_check(const struct config *config, const struct ruleset *set, struct buffer *faults, struct buffer *warnings)
{
    struct store store;
    prepare(&store, config, set);
    size_t count = 0;
    bool open = open_link(&store, config);
    if (open) {
        count = redis_check(store.link, faults, warnings);
        open = count == 0 && store_follow(&store, true) && agree_meta(&store, true);
        if (strcmp(store.link->address, config->redis.address) != 0)
            buffer_addf(warnings, "redis: the data has moved to %s: change [redis] address\n", store.link->address);
    }
    if (!open && count == 0) {
        buffer_addf(faults, "redis: %s\n", store.fault);
        count = 1;
    }
    store_close(&store);
    return count;
}

/* Why the rules are not there yet; not at every try. */
static void say_wait(struct store *store)
{
    if (clock_monotonic_ms() - store->said_ms < RECOVER_SAY_MS) return;
    log_warn("rules.wait", "error=%s", log_quote(store->fault));
    store->said_ms = clock_monotonic_ms();
}

enum store_result store_try(struct store *store)
{
    *store->life = 0;
    store->marked = 0;
    if (!redis_reconnect(store->link, 1, NULL)) {
        store_fail(store, "%s", store->link->error);
        return STORE_LOST;
    }
    bool ours = make_ready(store) && clock_sync(&store->clock);
    store->opening = true;
    bool ready = ours && open_rules(store, NULL);
    store->opening = false;
    if (ready) return STORE_DONE;
    if (!ours && !passing(store)) return STORE_REFUSED;
    if (ours) say_wait(store); /* Kafka is away, or others are at it just now */
    redis_drop(store->link);
    return STORE_LOST;
}

bool store_recover(struct store *store, bool (*stop)(void))
{
    while (wait_for_server(store, stop)) {
        enum store_result result = store_try(store);
        if (result != STORE_LOST) return result == STORE_DONE;
        nanosleep(&(struct timespec){0, RECOVER_WAIT_MS * 1000000L}, NULL);
    }
    return false;
}

bool store_heartbeat(struct store *store)
{
    return !store_moved(store) && agree_life(store) && agree_meta(store, false) && (clock_sync(&store->clock) || store_fail(store, "%s", store->clock.error)) &&
           store_renew_rules(store) == STORE_DONE;
}
