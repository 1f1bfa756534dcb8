/* Digests in a real Redis: leased by one at a time, written by compare-and-set alone, taken up by another when a lease ends, held up by
 * a rebuild. */
#include "sla/store_brought.h"
#include "sla/store_call.h"
#include "sla/store_digests.h"
#include "tests/unit/redis_private.h"
#include "tests/unit/unit.h"

enum { LEASE_MS = 60000, SHORT_MS = 30 };

static struct redis_private server;
static struct config config;
static struct ruleset set;
static struct store store;
static struct digest_entries entries;

static int each_setup(void **state)
{
    (void)state;
    redisReply *reply = redis_command(store.link, "DEL %s", STORE_DIGESTS);
    if (reply) freeReplyObject(reply);
    return !reply;
}

static int each_teardown(void **state)
{
    (void)state;
    digest_entries_free(&entries);
    return 0;
}

static struct digest_entry fresh(uint64_t recipient, int64_t instant_ms)
{
    return (struct digest_entry){.state = {.recipient = recipient, .instant_ms = instant_ms}};
}

static bool put(enum digest_put how, const char *owner, int64_t ms, struct digest_entry *entry)
{
    bool done = false;
    assert_int_equal(store_digests_put(&store, how, owner, ms, &entry, &done, 1), STORE_DONE);
    return done;
}

static const struct digest_entry *there(uint64_t recipient)
{
    digest_entries_free(&entries);
    assert_int_equal(store_digests_read(&store, &entries), STORE_DONE);
    return digest_entries_find(&entries, recipient);
}

static void one_of_two_gets_it(void **state)
{
    struct digest_entry ours = fresh(17, 1000), theirs = fresh(17, 1000);
    (void)state;
    assert_true(put(DIGEST_LEASE, "a", LEASE_MS, &ours));
    assert_false(put(DIGEST_LEASE, "b", LEASE_MS, &theirs));
    theirs = *there(17); /* as it stands, but leased */
    assert_string_equal(theirs.owner, "a");
    assert_int_equal(theirs.state.instant_ms, 1000);
    assert_in_range(theirs.until_ms - entries.now_ms, LEASE_MS - 5000, LEASE_MS + 5000);
    assert_false(put(DIGEST_LEASE, "b", LEASE_MS, &theirs));
    assert_true(put(DIGEST_LEASE, "a", LEASE_MS, &ours)); /* renewed */
    ours.state.status = DIGEST_DELIVERED;
    ours.state.attempts = 1;
    assert_true(put(DIGEST_RETURN, "a", 0, &ours));
    assert_int_equal(there(17)->until_ms, 0);
    assert_int_equal(there(17)->state.status, DIGEST_DELIVERED);
    theirs = *there(17);
    theirs.state.instant_ms = 2000;
    assert_true(put(DIGEST_LEASE, "b", LEASE_MS, &theirs));
}

static void who_comes_late_changes_nothing(void **state)
{
    struct digest_entry ours = fresh(17, 1000), theirs;
    (void)state;
    assert_true(put(DIGEST_LEASE, "a", SHORT_MS, &ours));
    do theirs = *there(17);
    while (!put(DIGEST_LEASE, "b", LEASE_MS, &theirs)); /* until its lease has ended */
    ours.state.status = DIGEST_EXHAUSTED;
    assert_false(put(DIGEST_RETURN, "a", 0, &ours));
    assert_false(put(DIGEST_LEASE, "a", LEASE_MS, &ours));
    assert_int_equal(there(17)->state.status, DIGEST_PENDING);
    assert_string_equal(there(17)->owner, "b");
}

static void all_are_read_in_order_and_some_refused(void **state)
{
    enum { MANY = 300 };
    static struct digest_entry all[MANY];
    static struct digest_entry *list[MANY];
    static bool done[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        all[i] = fresh((uint64_t)(MANY - i) * 7919, 1000 + i);
        list[i] = &all[i];
    }
    assert_int_equal(store_digests_put(&store, DIGEST_LEASE, "a", LEASE_MS, list, done, MANY), STORE_DONE);
    for (int i = 0; i < MANY; i++) assert_true(done[i]);
    *all[5].stored = 0; /* another thinks that there is none */
    assert_int_equal(store_digests_put(&store, DIGEST_RETURN, "a", 0, list, done, MANY), STORE_DONE);
    for (int i = 0; i < MANY; i++) assert_int_equal(done[i], i != 5);
    assert_non_null(there(7919));
    assert_int_equal(entries.count, MANY);
    for (size_t i = 1; i < entries.count; i++) assert_true(entries.at[i - 1].state.recipient < entries.at[i].state.recipient);
    assert_null(there(1));
}

static void what_is_gone_is_taken_away(void **state)
{
    struct digest_entry ours = fresh(17, 1000);
    (void)state;
    assert_true(put(DIGEST_RETURN, "a", 0, &ours));
    assert_true(put(DIGEST_REMOVE, "b", 0, &ours));
    assert_null(there(17));
    assert_false(put(DIGEST_REMOVE, "b", 0, &(struct digest_entry){.state = {.recipient = 17}, .stored = "1"}));
}

static void a_rebuild_holds_digests_up(void **state)
{
    struct digest_entry ours = fresh(17, 1000), other = fresh(18, 1000);
    (void)state;
    assert_true(put(DIGEST_LEASE, "a", LEASE_MS, &ours));
    assert_int_equal(store_in_hand(&store), 1);
    assert_true(store_hold(&store, HOLD_DRAIN, LEASE_MS, "r", HOLD_NOTHING));
    assert_false(put(DIGEST_LEASE, "b", LEASE_MS, &other)); /* nothing new */
    assert_true(put(DIGEST_LEASE, "a", LEASE_MS, &ours));   /* what is under way ends */
    assert_true(put(DIGEST_RETURN, "a", 0, &ours));
    assert_int_equal(store_in_hand(&store), 0);
    assert_non_null(there(17));
    assert_int_equal(entries.count, 1); /* what holds it up is no recipient */
    assert_true(store_hold(&store, HOLD_FENCE, LEASE_MS, "r", HOLD_DRAIN));
    ours.state.attempts = 9;
    assert_false(put(DIGEST_RETURN, "a", 0, &ours));
    assert_true(store_hold(&store, HOLD_NOTHING, 0, "r", HOLD_NOTHING));
    assert_true(put(DIGEST_LEASE, "b", LEASE_MS, &other));
}

static void what_cannot_be_read_is_left_out(void **state)
{
    (void)state;
    redisReply *reply = redis_command(store.link, "HSET %s 0000000000000011 nonsense 0000000000000012 %s", STORE_DIGESTS, "again");
    assert_non_null(reply);
    freeReplyObject(reply);
    assert_null(there(17));
    assert_int_equal(entries.count, 0);
}

static bool open_store(void)
{
    config_defaults(&config);
    free(config.redis.address);
    config.redis.address = strdup(server.socket);
    /* As one that looks, as there is no Kafka to take the rules from. */
    return ruleset_load(&set, &config, NULL) && store_open_reader(&store, &config, &set) &&
           redis_load_library(store.link, "bihuan", STORE_LIBRARY_VERSION, store_library, store_library_bytes) == REDIS_LIBRARY_LOADED;
}

static void put_raw(const char *value, size_t bytes)
{
    const char *argv[] = {"HSET", STORE_BROUGHT, "0000000000000012", value};
    const size_t sizes[] = {4, strlen(STORE_BROUGHT), 16, bytes};
    assert_true(redis_pipeline_append(store.link, 4, argv, sizes));
    redisReply *reply = redis_get_reply(store.link);
    assert_non_null(reply);
    freeReplyObject(reply);
}

static void what_was_brought_reads_back(void **state)
{
    uint64_t ids[] = {UINT64_MAX, 7, 1000};
    struct brought first = {.recipient = 17, .instant_ms = 1000, .id = ids, .count = 3}, none = {.recipient = 19, .instant_ms = 2000};
    struct brought *list[] = {&first, &none}, read[] = {{.recipient = 17}, {.recipient = 18}, {.recipient = 19}};
    (void)state;
    assert_int_equal(store_brought_put(&store, list, 2), STORE_DONE);
    assert_int_equal(store_brought_read(&store, read, 3), STORE_DONE);
    assert_int_equal(read[0].instant_ms, 1000);
    assert_true(brought_holds(&read[0], 7) && brought_holds(&read[0], UINT64_MAX) && brought_holds(&read[0], 1000) && !brought_holds(&read[0], 8));
    assert_true(read[1].instant_ms == INT64_MIN && !brought_holds(&read[1], 7));
    assert_true(read[2].instant_ms == 2000 && read[2].count == 0);
    for (int i = 0; i < 3; i++) brought_free(&read[i]);
    assert_int_equal(store_brought_remove(&store, (const uint64_t[]){17}, 1), STORE_DONE);
    assert_int_equal(store_brought_read(&store, read, 1), STORE_DONE);
    assert_true(read[0].instant_ms == INT64_MIN);
}

static void what_is_no_list_counts_as_none(void **state)
{
    struct brought read = {.recipient = 18};
    (void)state;
    put_raw("garbage", 7);
    assert_int_equal(store_brought_read(&store, &read, 1), STORE_DONE);
    assert_true(read.instant_ms == INT64_MIN && read.count == 0);
    put_raw("\2\0\0\0\0\0\0\0" "\0\0\0\0\0\0\0\0" "\7\0\0\0\0\0\0\0", 24); /* of another format */
    read.recipient = 18;
    assert_int_equal(store_brought_read(&store, &read, 1), STORE_DONE);
    assert_true(read.instant_ms == INT64_MIN && read.count == 0);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, each_setup, each_teardown)
    const struct CMUnitTest tests[] = {EACH(one_of_two_gets_it), EACH(who_comes_late_changes_nothing), EACH(all_are_read_in_order_and_some_refused),
                                       EACH(what_is_gone_is_taken_away), EACH(a_rebuild_holds_digests_up), EACH(what_cannot_be_read_is_left_out), EACH(what_was_brought_reads_back), EACH(what_is_no_list_counts_as_none)};
    if (!redis_private_start(&server) || !open_store()) return fprintf(stderr, "%s\n", store.fault), 1;
    int failed = cmocka_run_group_tests_name("store_digests", tests, NULL, NULL);
    store_close(&store);
    ruleset_free(&set);
    config_free(&config);
    redis_private_stop(&server);
    return failed;
}
