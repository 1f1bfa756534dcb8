/* Business time: scaled as asked, agreed through Redis, never going back. */
#include <pthread.h>

#include "common/clock.h"
#include "tests/unit/redis_private.h"
#include "tests/unit/unit.h"

static struct redis_private server;
static struct redis *redis;
static int64_t real_ms = INT64_C(1800000000000), monotonic_us = 5000000;

static int64_t fake_real_ms(void)
{
    return real_ms;
}

static int64_t fake_monotonic_us(void)
{
    return monotonic_us;
}

static void pass_ms(int64_t ms)
{
    real_ms += ms;
    monotonic_us += ms * 1000;
}

static int setup(void **state)
{
    (void)state;
    clock_inject(NULL, NULL);
    redisReply *reply = redis_command(redis, "FLUSHALL");
    if (reply) freeReplyObject(reply);
    return !reply;
}

static void a_fixed_clock_stands(void **state)
{
    (void)state;
    struct business_clock clock;
    clock_open_fixed(&clock, 1000);
    assert_int_equal(clock_business_ms(&clock), 1000);
    clock_set(&clock, 500);
    assert_int_equal(clock_business_ms(&clock), 500);
    assert_int_equal(clock_business_read_ms(&clock), 500);
    assert_true(clock_sync(&clock));
    clock_close(&clock);
    clock_close(NULL);
}

static void a_real_clock_never_goes_back(void **state)
{
    (void)state;
    struct business_clock clock;
    clock_inject(fake_real_ms, fake_monotonic_us);
    assert_true(clock_open_real(&clock, NULL));
    int64_t begin_ms = clock_business_ms(&clock);
    assert_true(begin_ms == real_ms);
    pass_ms(700);
    assert_int_equal(clock_business_ms(&clock) - begin_ms, 700);
    /* Set back by an hour: it stands until it is overtaken, then follows. */
    real_ms -= 3600000;
    pass_ms(CLOCK_SYNC_MS);
    assert_int_equal(clock_business_ms(&clock) - begin_ms, 700);
    pass_ms(1800000);
    assert_int_equal(clock_business_ms(&clock) - begin_ms, 700);
    pass_ms(1800000);
    assert_true(clock_business_ms(&clock) == real_ms);
    /* Set forward: followed at the next look at Redis, not before. */
    real_ms += 60000;
    assert_true(clock_business_read_ms(&clock) == real_ms - 60000);
    pass_ms(CLOCK_SYNC_MS);
    assert_true(clock_business_ms(&clock) == real_ms);
    clock_close(&clock);
}

static void real_time_is_the_servers(void **state)
{
    (void)state;
    struct business_clock clock;
    int64_t before_ms, after_ms;
    clock_inject(fake_real_ms, NULL); /* this machine is wrong by months */
    assert_true(clock_open_real(&clock, redis));
    assert_true(redis_time_ms(redis, &before_ms));
    int64_t now_ms = clock_business_ms(&clock);
    assert_true(redis_time_ms(redis, &after_ms));
    assert_in_range(now_ms, before_ms - 5, after_ms + 5);
    clock_close(&clock);
}

static void a_scaled_clock_runs_at_its_speed(void **state)
{
    (void)state;
    struct business_clock clock;
    const int64_t start_ms = INT64_C(1723420800000);
    clock_inject(NULL, fake_monotonic_us);
    assert_true(clock_open_scaled(&clock, redis, "anchor", start_ms, 60));
    int64_t begin_ms = clock_business_read_ms(&clock);
    assert_in_range(begin_ms, start_ms, start_ms + 2 * 60); /* within 2 ms of the anchor */
    monotonic_us += 1500000;
    assert_int_equal(clock_business_read_ms(&clock) - begin_ms, 90000);
    /* Redis time has hardly moved, so the look at it takes the offset back: time stands. */
    assert_true(clock_sync(&clock));
    assert_int_equal(clock_business_read_ms(&clock) - begin_ms, 90000);
    monotonic_us += 1000;
    assert_int_equal(clock_business_read_ms(&clock) - begin_ms, 90000);
    clock_close(&clock);
}

static void all_share_the_first_ones_anchor(void **state)
{
    (void)state;
    struct business_clock first, second, other;
    const int64_t start_ms = INT64_C(1723420800000);
    assert_true(clock_open_scaled(&first, redis, "anchor", start_ms, 0.5));
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    assert_true(clock_open_scaled(&second, redis, "anchor", start_ms, 0.5));
    assert_true(first.anchor_ms == second.anchor_ms);
    assert_true(clock_business_ms(&second) >= start_ms + 25 - 2);
    assert_false(clock_open_scaled(&other, redis, "anchor", start_ms, 2));
    assert_non_null(strstr(other.error, "speed"));
    assert_false(clock_open_scaled(&other, redis, "anchor", start_ms + 1, 0.5));
    assert_true(clock_open_scaled(&other, redis, "another", start_ms + 1, 2));
    clock_close(&other);
    /* Lost in Redis, it comes back the same. */
    int64_t anchor_ms = first.anchor_ms;
    redisReply *reply = redis_command(redis, "FLUSHALL");
    assert_non_null(reply);
    freeReplyObject(reply);
    assert_true(clock_sync(&first));
    assert_true(clock_sync(&second));
    assert_true(first.anchor_ms == anchor_ms);
    assert_true(second.anchor_ms == anchor_ms);
    clock_close(&first);
    clock_close(&second);
}

static void an_anchor_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    struct business_clock clock;
    redisReply *reply = redis_command(redis, "SET anchor %s", "nonsense");
    assert_non_null(reply);
    freeReplyObject(reply);
    assert_false(clock_open_scaled(&clock, redis, "anchor", 1, 1));
    assert_non_null(strstr(clock.error, "cannot be read"));
}

/* Without Redis it runs on; it does not ask while replies are owed. */
static void a_clock_runs_on_without_the_server(void **state)
{
    (void)state;
    static const char *const ping[] = {"PING"};
    struct business_clock clock;
    clock_inject(NULL, fake_monotonic_us);
    assert_true(clock_open_real(&clock, redis));
    int64_t begin_ms = clock_business_ms(&clock);
    assert_true(redis_pipeline_append(redis, 1, ping, NULL));
    monotonic_us += 5000000;
    assert_int_equal(clock_business_ms(&clock) - begin_ms, 5000);
    assert_int_equal(redis->owed, 1);
    assert_string_equal(clock.error, "");
    redis_drop(redis);
    monotonic_us += 5000000;
    assert_int_equal(clock_business_ms(&clock) - begin_ms, 10000);
    assert_null(redis->context);
    clock_close(&clock);
    struct redis *nowhere = redis_open("/nonexistent/redis.sock", NULL, 100);
    assert_false(clock_open_real(&clock, nowhere));
    assert_int_not_equal(strlen(clock.error), 0);
    redis_close(nowhere);
}

static void *read_on(void *opaque)
{
    struct business_clock *clock = opaque;
    intptr_t back = 0;
    for (int64_t i = 0, last_ms = INT64_MIN, now_ms; i < 200000; i++, last_ms = now_ms) back += (now_ms = clock_business_read_ms(clock)) < last_ms;
    return (void *)back;
}

/* Threads read while the offset jumps to and fro: none sees time go back. */
static void threads_never_see_it_go_back(void **state)
{
    (void)state;
    struct business_clock clock;
    pthread_t threads[4];
    assert_true(clock_open_scaled(&clock, redis, "anchor", 1000, 1000));
    int64_t offset_us = clock.offset_us;
    for (size_t i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, read_on, &clock), 0);
    for (int i = 0; i < 100000; i++) clock.offset_us = offset_us + (i % 7 - 3) * 1000;
    for (size_t i = 0; i < 4; i++) {
        void *back;
        pthread_join(threads[i], &back);
        assert_null(back);
    }
    clock_close(&clock);
}

int main(void)
{
    int failed = 1;
    if (redis_private_start(&server)) {
        redis = redis_open(server.socket, NULL, 5000);
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(a_fixed_clock_stands, setup), cmocka_unit_test_setup(a_real_clock_never_goes_back, setup),
            cmocka_unit_test_setup(real_time_is_the_servers, setup), cmocka_unit_test_setup(a_scaled_clock_runs_at_its_speed, setup),
            cmocka_unit_test_setup(all_share_the_first_ones_anchor, setup),
            cmocka_unit_test_setup(an_anchor_that_cannot_be_read_is_an_error, setup),
            cmocka_unit_test_setup(a_clock_runs_on_without_the_server, setup), cmocka_unit_test_setup(threads_never_see_it_go_back, setup)};
        failed = cmocka_run_group_tests_name("clock", tests, NULL, NULL);
        redis_close(redis);
    }
    redis_private_stop(&server);
    return failed;
}
