/* The look at all cases that fills digests, against a real Redis: each case once, whatever is shown twice; for those whom the ladder leads
 * to; in slices. DIGEST_CASES=N DIGEST_UNITS=M: so many, and how long it took. */
#include <time.h>

#include "notify/digest_scan.h"
#include "sla/case_codec.h"
#include "sla/store_call.h"
#include "tests/unit/life.h"
#include "tests/unit/redis_private.h"

enum { UNITS = 7, CASES = 24000, NAME_BYTES = 32, SLICE_MS = 8, TOGETHER = 1000 };
#define NOW "2026-10-08T08:30:00+08:00"

static struct redis_private server;
static struct config config;
static struct ruleset set;
static struct store store;
static size_t units, cases;
static struct endpoints endpoints;
static struct routing routing;
static struct digest_filling *filling, **list;
static size_t expected[3]; /* of the first unit's handler: overdue, today, tomorrow */

static size_t number_of(const char *name, size_t otherwise)
{
    const char *text = getenv(name);
    return text ? (size_t)strtoull(text, NULL, 10) : otherwise;
}

/* An endpoint for the handlers of each unit, and last one for all leaders. */
static void make_endpoints(void)
{
    static char *handlers[] = {(char *)"handler"}, *leaders[] = {(char *)"leader"};
    struct config_endpoint *one = calloc(units + 1, sizeof *one);
    endpoints = (struct endpoints){calloc(units + 1, sizeof *endpoints.at), units + 1};
    for (size_t i = 0; i <= units; i++) {
        char **served = malloc(sizeof *served), *name = malloc(NAME_BYTES);
        snprintf(name, NAME_BYTES, "u%zu", i);
        *served = i < units ? name : "*";
        one[i] = (struct config_endpoint){.name = name, .units = {served, 1}, .roles = {i < units ? handlers : leaders, 1}, .fallback = ""};
        endpoints.at[i] = (struct endpoint){.config = &one[i], .roles = 1u << (i < units ? ROLE_HANDLER : ROLE_LEADER), .channel = channel_of(CHANNEL_WEBHOOK)};
    }
    routing_open(&routing, &endpoints, NULL, NULL);
}

/* Receipts of three weeks; of each seven cases two are answered. */
static void put_case(size_t i)
{
    char id[NAME_BYTES - 2], unit[NAME_BYTES];
    snprintf(id, sizeof id, "ML%08zu", i);
    snprintf(unit, sizeof unit, "u%zu", i % units);
    life_begin(OF_TICKET);
    life.file.id = (struct text){id, strlen(id)};
    struct event event = event_at(TICKET_RECEIVED, "2026-09-10T10:00:00+08:00");
    event.at_ms += (int64_t)(i / units % 20) * DAY_MS;
    event.unit = (struct text){unit, strlen(unit)};
    event.flags |= EVENT_HAS_UNIT;
    bool open = i / units % 7 > 1;
    happens(event);
    if (!open) {
        event = event_at(TICKET_ANSWERED, "2026-09-30T11:00:00+08:00");
        happens(event);
    }
    struct buffer blob;
    buffer_init(&blob, CASE_BLOB_MAX_BYTES);
    assert_true(case_encode(&life.file, &blob));
    struct text field = {id, strlen(id)};
    char key[STORE_KEY_BYTES], name[NAME_BYTES];
    snprintf(name, sizeof name, "t%s", id);
    store_key(key, case_shard(OF_TICKET, field, store.shards), KEY_CASE);
    const char *argv[] = {"HSET", key, name, buffer_text(&blob)};
    const size_t bytes[] = {4, strlen(key), strlen(name), blob.bytes};
    assert_true(redis_pipeline_append(store.link, 4, argv, bytes));
    buffer_free(&blob);
    const struct fold *fold = fold_at(NOW);
    enum digest_section section = digest_section_of(&fold->clock[0], &life.rules, ms(NOW));
    if (i % units == 0 && section < 3) expected[section]++;
}

static void take_replies(void)
{
    while (store.link->owed) {
        redisReply *reply = redis_get_reply(store.link);
        assert_non_null(reply);
        assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
        freeReplyObject(reply);
    }
}

static int by_recipient(const void *a, const void *b)
{
    const struct digest_filling *const *x = a, *const *y = b;
    return ((*x)->recipient > (*y)->recipient) - ((*x)->recipient < (*y)->recipient);
}

/* A digest for each endpoint; the first unit's handler is filling[0], the leader the last. */
static void make_fillings(void)
{
    filling = calloc(units + 1, sizeof *filling);
    list = calloc(units + 1, sizeof *list);
    for (size_t i = 0; i <= units; i++) {
        struct route route;
        struct text unit = {endpoints.at[i].config->name, strlen(endpoints.at[i].config->name)};
        route_find(&route, &routing, &(struct route_question){.unit = unit, .holder = unit, .roles = endpoints.at[i].roles});
        assert_int_equal(route.count, 1);
        filling[i].recipient = route.at[0].key;
        list[i] = &filling[i];
    }
    qsort(list, units + 1, sizeof(struct digest_filling *), by_recipient);
}

static double cpu_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void a_look_fills_all_digests_at_once(void **state)
{
    struct digest_scan scan;
    bool done = false;
    size_t slices = 0;
    int64_t longest_ms = 0, begun_ms = clock_monotonic_ms();
    double cpu = cpu_s();
    (void)state;
    digest_scan_begin(&scan, &store, &routing, list, units + 1, ms(NOW));
    for (; !done; slices++) {
        int64_t from_ms = clock_monotonic_ms();
        assert_int_equal(digest_scan_go_on(&scan, from_ms + SLICE_MS, &done), STORE_DONE);
        if (clock_monotonic_ms() - from_ms > longest_ms) longest_ms = clock_monotonic_ms() - from_ms;
    }
    printf("%zu cases, %zu digests, %llu lines: %.2f s of CPU, %lld ms in %zu slices, the longest %lld ms\n", cases, units + 1, (unsigned long long)scan.lines,
           cpu_s() - cpu, (long long)(clock_monotonic_ms() - begun_ms), slices, (long long)longest_ms);
    assert_true(scan.cases >= cases);
    digest_scan_end(&scan);
    size_t overdue = 0;
    for (size_t i = 0; i < units; i++) overdue += filling[i].digest.total[DIGEST_OVERDUE];
    for (int i = 0; i < 3; i++) {
        assert_true(expected[i] > 0);
        assert_int_equal(filling[0].digest.total[i], expected[i]);
    }
    /* Leaders are addressed from the first working day after the last on, at 09:00: of those overdue before the holidays, not of that eve. */
    assert_in_range(filling[units].digest.total[DIGEST_OVERDUE], 1, overdue - 1);
    assert_int_equal(filling[units].digest.total[DIGEST_TODAY], 0);
    assert_int_equal(filling[0].digest.lines[DIGEST_OVERDUE], expected[0] < DIGEST_LINES_MAX ? expected[0] : DIGEST_LINES_MAX);
    assert_true(filling[0].gathered == 0);
    for (size_t i = 0; i <= units; i++) digest_clear(&filling[i].digest);
}

/* Redis may show a case twice while its hash grows: counted once. */
static void a_case_shown_twice_counts_once(void **state)
{
    struct digest_scan scan;
    bool done = false;
    size_t again = 0;
    (void)state;
    digest_scan_begin(&scan, &store, &routing, list, units + 1, ms(NOW));
    while (!done) {
        assert_int_equal(digest_scan_go_on(&scan, clock_monotonic_ms() + 1, &done), STORE_DONE);
        if (done || !*scan.cursor.text || again > scan.shard) continue;
        scan.cursor = (struct store_cursor){.text = ""}; /* what was seen of this shard is seen again */
        again = scan.shard + 1;
    }
    assert_true(again > 0 && scan.cases > cases);
    digest_scan_end(&scan);
    for (int i = 0; i < 3; i++) assert_int_equal(filling[0].digest.total[i], expected[i]);
    for (size_t i = 0; i <= units; i++) digest_clear(&filling[i].digest);
}

static size_t look(const struct sending *sending, int64_t from_ms)
{
    struct digest_scan scan;
    bool done = false;
    size_t gathered = 0;
    digest_scan_begin(&scan, &store, &routing, list, units + 1, ms(NOW));
    scan.sending = sending;
    scan.from_ms = from_ms;
    while (!done) assert_int_equal(digest_scan_go_on(&scan, clock_monotonic_ms() + 100, &done), STORE_DONE);
    digest_scan_end(&scan);
    for (size_t i = 0; i <= units; i++) {
        gathered += filling[i].gathered;
        filling[i].gathered = 0;
        digest_clear(&filling[i].digest);
    }
    return gathered;
}

static void forget_brought(void)
{
    for (size_t i = 0; i <= units; i++) {
        brought_free(&filling[i].brought);
        filling[i].brought_room = 0;
    }
}

/* What fell due and was not told yet is noted as brought, in a section or not; of what an earlier digest brought nothing is sent for. */
static void what_falls_due_is_brought_once(void **state)
{
    static const char text[] = "{\"version\": \"1\", \"digests\": [{\"times\": [\"08:30\"], \"gathers\": {\"when\": [\"workdays_before\", \"workdays_after\"]}}]}";
    struct buffer faults;
    (void)state;
    buffer_init(&faults, SENDING_FAULTS_BYTES);
    struct sending *sending = sending_parse(text, strlen(text), "test", &faults);
    assert_non_null(sending);
    for (size_t i = 0; i <= units; i++) {
        filling[i].channel = CHANNEL_WEBHOOK;
        filling[i].roles = endpoints.at[i].roles;
    }
    size_t gathered = look(sending, INT64_MIN);
    assert_true(gathered > 0 && filling[0].brought.count > 0 && filling[units].brought.count > 0);
    size_t noted = 0;
    struct brought *before = calloc(units + 1, sizeof *before), **put = calloc(units + 1, sizeof *put);
    for (size_t i = 0; i <= units; i++) {
        noted += filling[i].brought.count;
        before[i] = filling[i].brought;
        before[i].recipient = filling[i].recipient;
        put[i] = &before[i];
        filling[i].brought = (struct brought){0};
        filling[i].brought_room = 0;
        filling[i].before = &before[i];
    }
    assert_int_equal(noted, gathered);
    assert_int_equal(store_brought_put(&store, put, units + 1), STORE_DONE); /* which puts them in order */
    assert_int_equal(look(sending, INT64_MIN), 0);
    for (size_t i = 0; i <= units; i++) {
        assert_int_equal(filling[i].brought.count, before[i].count); /* the last list says it as well */
        brought_free(&before[i]);
        filling[i].before = NULL;
    }
    forget_brought();
    assert_int_equal(look(sending, ms(NOW)), 0); /* before [notify] from */
    assert_int_equal(look(NULL, INT64_MIN), 0);
    free(before);
    free(put);
    forget_brought();
    sending_free(sending);
    buffer_free(&faults);
}

static bool open_store(void)
{
    config_defaults(&config);
    free(config.redis.address);
    config.redis.address = strdup(server.socket);
    return ruleset_load(&set, &config, NULL) && store_open_reader(&store, &config, &set);
}

static int fill(void **state)
{
    (void)state;
    make_endpoints();
    for (size_t i = 0; i < cases; i++) {
        put_case(i);
        if (i % TOGETHER == 0) take_replies();
    }
    take_replies();
    make_fillings();
    return 0;
}

int main(void)
{
    units = number_of("DIGEST_UNITS", UNITS);
    cases = number_of("DIGEST_CASES", CASES);
    if (life_open("conf/policy/meilong-2024.json") || !redis_private_start(&server) || !open_store()) return fprintf(stderr, "%s\n", store.fault), 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_look_fills_all_digests_at_once), cmocka_unit_test(a_case_shown_twice_counts_once),
                                       cmocka_unit_test(what_falls_due_is_brought_once)};
    int failed = cmocka_run_group_tests_name("digest_scan", tests, fill, NULL);
    for (size_t i = 0; i <= units; i++) {
        if (i == units) free(endpoints.at[i].config->name);
        else free(endpoints.at[i].config->units.at[0]);
        free(endpoints.at[i].config->units.at);
    }
    routing_close(&routing);
    free((struct config_endpoint *)endpoints.at[0].config);
    free(endpoints.at);
    free(filling);
    free(list);
    store_close(&store);
    ruleset_free(&set);
    config_free(&config);
    redis_private_stop(&server);
    life_close();
    return failed;
}
