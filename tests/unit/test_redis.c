/* The link to a real server: replies and errors, the pipeline, a server that is
 * killed, the start-up checks and the Function library. */
#include "common/redis.h"
#include "tests/unit/redis_private.h"
#include "tests/unit/unit.h"

static struct redis_private server;
static struct redis *redis;

#define SOURCE "#!lua name=trial\nredis.register_function('trial_%s', function() return '%s' end)\n"

static int each_setup(void **state)
{
    (void)state;
    redis = redis_open(server.socket, NULL, 5000);
    redisReply *reply = redis_command(redis, "FLUSHALL");
    if (reply) freeReplyObject(reply);
    return !reply;
}

static int each_teardown(void **state)
{
    (void)state;
    redis_close(redis);
    return 0;
}

/* The reply as text, which lives until the next call; `word` stands for %s. */
static const char *ask_with(const char *command, const char *word)
{
    static char text[256];
    redisReply *reply = redis_command(redis, command, word);
    if (!reply) fail_msg("%s: %s", command, redis->error);
    if (reply->type == REDIS_REPLY_INTEGER) snprintf(text, sizeof text, "%lld", reply->integer);
    else snprintf(text, sizeof text, "%s", reply->str ? reply->str : "nil");
    freeReplyObject(reply);
    return text;
}

static const char *ask(const char *command)
{
    return ask_with(command, "");
}

static bool append(int argc, const char *const *argv)
{
    return redis_pipeline_append(redis, argc, argv, NULL);
}

static void calls_are_answered(void **state)
{
    (void)state;
    static const char *const set[] = {"SET", "k\0y", "a\0b"};
    static const size_t bytes[] = {3, 3, 3};
    int64_t now_ms = 0;
    redisReply *reply = redis_call(redis, 3, set, bytes);
    assert_non_null(reply);
    freeReplyObject(reply);
    reply = redis_command(redis, "GET %b", "k\0y", (size_t)3);
    assert_non_null(reply);
    assert_int_equal(reply->len, 3);
    assert_memory_equal(reply->str, "a\0b", 3);
    freeReplyObject(reply);
    assert_true(redis_time_ms(redis, &now_ms));
    assert_true(now_ms > INT64_C(1700000000000));
    assert_int_equal(redis->epoch, 1);
}

static void an_error_of_the_server_keeps_the_link(void **state)
{
    (void)state;
    assert_string_equal(ask("SET a text"), "OK");
    assert_null(redis_command(redis, "INCR a"));
    assert_non_null(strstr(redis->error, "not an integer"));
    assert_non_null(redis->context);
    assert_string_equal(ask("GET a"), "text");
    assert_int_equal(redis->epoch, 1);
}

static void pipelined_replies_come_in_order(void **state)
{
    (void)state;
    static const char *const incr[] = {"INCR", "n"}, *const wrong[] = {"INCR", "n", "n"};
    assert_true(redis_connect(redis));
    for (int i = 1; i <= 1000; i++) assert_true(i == 500 ? append(3, wrong) : append(2, incr));
    assert_int_equal(redis->owed, 1000);
    assert_null(redis_command(redis, "PING"));
    assert_non_null(strstr(redis->error, "1000 pipelined replies"));
    assert_true(redis_pipeline_flush(redis));
    for (int i = 1, n = 0; i <= 1000; i++) {
        redisReply *reply = redis_get_reply(redis);
        assert_non_null(reply);
        assert_int_equal(reply->type, i == 500 ? REDIS_REPLY_ERROR : REDIS_REPLY_INTEGER);
        if (i != 500) assert_int_equal(reply->integer, ++n);
        freeReplyObject(reply);
    }
    assert_int_equal(redis->owed, 0);
    assert_null(redis_get_reply(redis));
    assert_non_null(strstr(redis->error, "no reply is owed"));
    assert_non_null(redis->context);
}

static bool at_once(void)
{
    return true;
}

/* Nothing is repeated by itself: what was owed is gone, and the epoch counts on. */
static void a_killed_server_is_found_again(void **state)
{
    (void)state;
    static const char *const incr[] = {"INCR", "n"};
    assert_string_equal(ask("INCR n"), "1");
    assert_true(append(2, incr));
    assert_true(append(2, incr));
    redis_private_kill(&server);
    assert_null(redis_get_reply(redis));
    assert_null(redis->context);
    assert_int_equal(redis->owed, 0);
    assert_int_not_equal(strlen(redis->error), 0);
    assert_false(redis_connect(redis));
    assert_false(redis_reconnect(redis, 1000, at_once));
    assert_false(append(2, incr));
    assert_int_equal(redis->epoch, 1);
    assert_true(redis_private_run(&server));
    assert_true(redis_reconnect(redis, 3, NULL));
    assert_int_equal(redis->epoch, 2);
    assert_string_equal(ask("GET n"), "nil");
    redis_private_kill(&server);
    assert_true(redis_private_run(&server));
    assert_null(redis_command(redis, "PING")); /* the old connection: lost, said once */
    assert_string_equal(ask("PING"), "PONG");
    assert_int_equal(redis->epoch, 3);
}

static void addresses_and_passwords(void **state)
{
    (void)state;
    static const char *const bad[] = {"here", ":1", "127.0.0.1:1", "/nonexistent/redis.sock"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct redis *other = redis_open(bad[i], "", 1000);
        assert_false(redis_connect(other));
        assert_int_not_equal(strlen(other->error), 0);
        redis_close(other);
    }
    assert_string_equal(ask("CONFIG SET requirepass secret"), "OK");
    struct redis *good = redis_open(server.socket, "secret", 1000), *wrong = redis_open(server.socket, "guess", 1000);
    assert_true(redis_connect(good));
    assert_false(redis_connect(wrong));
    assert_non_null(strstr(wrong->error, "AUTH"));
    assert_null(strstr(wrong->error, "guess"));
    redis_close(wrong);
    redis_close(good);
    assert_string_equal(ask_with("CONFIG SET requirepass %s", ""), "OK");
    redis_close(NULL);
}

/* A server that does not answer in time ends the link instead of hanging it. */
static void a_silent_server_times_out(void **state)
{
    (void)state;
    struct redis *other = redis_open(server.socket, NULL, 200);
    assert_true(redis_connect(other));
    kill(server.pid, SIGSTOP);
    redisReply *reply = redis_command(other, "PING");
    kill(server.pid, SIGCONT);
    assert_null(reply);
    assert_null(other->context);
    redis_close(other);
    assert_string_equal(ask("PING"), "PONG");
}

static void start_up_checks(void **state)
{
    (void)state;
    struct buffer faults, warnings;
    buffer_init(&faults, 4096);
    buffer_init(&warnings, 4096);
    assert_int_equal(redis_check(redis, &faults, &warnings), 0);
    assert_string_equal(buffer_text(&faults), "");
    assert_non_null(strstr(buffer_text(&warnings), "persistence is off"));
    assert_string_equal(ask("CONFIG SET maxmemory-policy allkeys-lru"), "OK");
    assert_string_equal(ask_with("CONFIG SET save %s", "3600 1"), "OK");
    buffer_clear(&warnings);
    assert_int_equal(redis_check(redis, &faults, &warnings), 1);
    assert_non_null(strstr(buffer_text(&faults), "allkeys-lru"));
    assert_string_equal(buffer_text(&warnings), "");
    assert_int_equal(redis_check(redis, NULL, NULL), 1);
    assert_string_equal(ask("CONFIG SET maxmemory-policy noeviction"), "OK");
    struct redis *nowhere = redis_open("/nonexistent/redis.sock", NULL, 1000);
    buffer_clear(&faults);
    assert_int_equal(redis_check(nowhere, &faults, NULL), 1);
    assert_non_null(strstr(buffer_text(&faults), "/nonexistent/redis.sock"));
    redis_close(nowhere);
    buffer_free(&faults);
    buffer_free(&warnings);
}

static enum redis_library load(int version, const char *function, const char *answer)
{
    char source[256];
    snprintf(source, sizeof source, SOURCE, function, answer);
    return redis_load_library(redis, "trial", version, source, strlen(source));
}

static void libraries_are_loaded_once(void **state)
{
    (void)state;
    ask("FUNCTION FLUSH");
    assert_int_equal(load(2, "a", "two"), REDIS_LIBRARY_LOADED);
    assert_string_equal(ask("FCALL trial_a 0"), "two");
    assert_int_equal(load(2, "a", "two"), REDIS_LIBRARY_PRESENT);
    assert_int_equal(load(2, "a", "other"), REDIS_LIBRARY_LOADED); /* another text of this version */
    assert_string_equal(ask("FCALL trial_a 0"), "other");
    assert_int_equal(load(3, "b", "three"), REDIS_LIBRARY_LOADED);
    assert_null(redis_command(redis, "FCALL trial_a 0"));
    assert_string_equal(ask("FCALL trial_b 0"), "three");
}

static void a_newer_library_is_left_alone(void **state)
{
    (void)state;
    assert_int_equal(load(10, "a", "ten"), REDIS_LIBRARY_LOADED);
    assert_int_equal(load(9, "a", "nine"), REDIS_LIBRARY_NEWER);
    assert_non_null(strstr(redis->error, "version 10"));
    assert_string_equal(ask("FCALL trial_a 0"), "ten");
    assert_int_equal(load(10, "a", "ten"), REDIS_LIBRARY_PRESENT);
}

static void bad_libraries_fail(void **state)
{
    (void)state;
    static const char headless[] = "return 1\n", endless[] = "#!lua name=trial", broken[] = "#!lua name=trial\nthis is not Lua\n";
    ask("FUNCTION FLUSH");
    assert_int_equal(redis_load_library(redis, "trial", 1, headless, sizeof headless - 1), REDIS_LIBRARY_FAILED);
    assert_non_null(strstr(redis->error, "#!lua"));
    assert_int_equal(redis_load_library(redis, "trial", 1, endless, sizeof endless - 1), REDIS_LIBRARY_FAILED);
    assert_int_equal(redis_load_library(redis, "trial", 1, broken, sizeof broken - 1), REDIS_LIBRARY_FAILED);
    assert_int_not_equal(strlen(redis->error), 0);
    assert_int_equal(load(1, "a", "good"), REDIS_LIBRARY_LOADED);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, each_setup, each_teardown)

int main(void)
{
    int failed = 1;
    if (redis_private_start(&server)) {
        const struct CMUnitTest tests[] = {
            EACH(calls_are_answered), EACH(an_error_of_the_server_keeps_the_link), EACH(pipelined_replies_come_in_order),
            EACH(a_killed_server_is_found_again), EACH(addresses_and_passwords), EACH(a_silent_server_times_out),
            EACH(start_up_checks), EACH(libraries_are_loaded_once), EACH(a_newer_library_is_left_alone), EACH(bad_libraries_fail)};
        failed = cmocka_run_group_tests_name("redis", tests, NULL, NULL);
    }
    redis_private_stop(&server);
    return failed;
}
