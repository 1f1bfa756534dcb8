/* Repeat appeals counted: by the definition, whatever the order of the cases; days and units as asked for. */
#include "sla/repeats.h"
#include "tests/unit/appealing.h"

enum { WINDOW_DAYS = 30, COUNT = 400 };
static struct zone zone;

struct ticket {
    struct event receipt;
    struct event_detail detail;
    struct text unit;
    unsigned who;
};

static struct ticket ticket[COUNT];
static size_t tickets;

static void receive(unsigned who, const char *item, const char *area, double days, const char *unit)
{
    struct ticket *one = &ticket[tickets];
    char *kept = pool_take(&pool, 48);
    int bytes = snprintf(kept, 48, "%.*s:::", (int)citizen(who).bytes, citizen(who).at);
    one->detail = (struct event_detail){.item = {item, strlen(item)}, .area = {area, strlen(area)}, .citizen = {kept, (size_t)bytes}};
    one->receipt = (struct event){.type = TICKET_RECEIVED, .at_ms = noon_ms + (int64_t)(days * DAY_MS)};
    one->receipt.key[0] = (uint8_t)(tickets >> 8);
    one->receipt.key[1] = (uint8_t)tickets;
    one->unit = (struct text){unit, strlen(unit)};
    one->who = who;
    tickets++;
}

static json_t *count(int32_t from, int32_t to, const char *unit)
{
    struct repeats *repeats = repeats_new(&zone, WINDOW_DAYS * (int64_t)DAY_MS, from, to);
    size_t order[COUNT];
    for (size_t i = 0; i < tickets; i++) {
        size_t other = draw((uint32_t)i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    for (size_t i = 0; i < tickets; i++) {
        struct fold fold = {.receipt = &ticket[order[i]].receipt, .first_unit = ticket[order[i]].unit};
        ticket[order[i]].receipt.detail = &ticket[order[i]].detail;
        repeats_add(repeats, &fold);
    }
    json_t *all = repeats_to_json(repeats, unit);
    repeats_free(repeats);
    return all;
}

static void assert_counts(const json_t *object, long long appeals, long long repeats, long long groups)
{
    assert_int_equal(json_integer_value(json_object_get(object, "appeals")), appeals);
    assert_int_equal(json_integer_value(json_object_get(object, "repeats")), repeats);
    assert_int_equal(json_integer_value(json_object_get(object, "groups")), groups);
}

static const json_t *total_of(const json_t *all)
{
    return json_object_get(all, "total");
}

static const json_t *unit_of(const json_t *all, const char *name)
{
    size_t i;
    const json_t *unit;
    json_array_foreach(json_object_get(all, "units"), i, unit)
        if (!strcmp(json_string_value(json_object_get(unit, "unit")), name)) return unit;
    return NULL;
}

static void one_within_the_window_of_an_earlier_one_repeats_it(void **state)
{
    (void)state;
    tickets = 0;
    receive(1, "noise", "a", 0, "wuye");
    receive(1, "noise", "a", 30, "wuye");    /* just within */
    receive(1, "noise", "a", 60.001, "cg");  /* just beyond */
    receive(1, "noise", "b", 1, "wuye");     /* elsewhere */
    receive(1, "smell", "a", 1, "wuye");     /* something else */
    receive(2, "noise", "a", 1, "wuye");     /* somebody else */
    receive(3, "noise", "", 1, "wuye");      /* no area is a place, too */
    receive(3, "noise", "", 2, "wuye");
    receive(3, "noise", "", 3, "");
    json_t *all = count(DAY_NONE, DAY_NONE, NULL);
    assert_counts(total_of(all), 9, 3, 2);
    assert_counts(unit_of(all, "wuye"), 7, 2, 2);
    assert_counts(unit_of(all, "cg"), 1, 0, 0);
    assert_counts(unit_of(all, ""), 1, 1, 1);
    const json_t *items = json_object_get(unit_of(all, "wuye"), "items");
    assert_int_equal(json_array_size(items), 1);
    assert_counts(json_array_get(items, 0), 6, 2, 2);
    assert_int_equal(json_integer_value(json_object_get(all, "window_days")), WINDOW_DAYS);
    json_decref(all);
    all = count(DAY_NONE, DAY_NONE, "cg");
    assert_counts(total_of(all), 1, 0, 0);
    assert_int_equal(json_array_size(json_object_get(all, "units")), 1);
    json_decref(all);
}

static void days_decide_what_is_counted_not_what_it_repeats(void **state)
{
    (void)state;
    tickets = 0;
    receive(1, "noise", "a", 0, "wuye");
    receive(1, "noise", "a", 5, "wuye");
    receive(1, "noise", "a", 10, "wuye");
    int32_t day = zone_day(&zone, noon_ms);
    json_t *all = count(day + 5, day + 10, NULL);
    assert_counts(total_of(all), 1, 1, 1);
    assert_non_null(json_string_value(json_object_get(all, "from")));
    json_decref(all);
    all = count(DAY_NONE, day + 1, NULL);
    assert_counts(total_of(all), 1, 0, 0);
    json_decref(all);
}

static void at_one_instant_the_key_decides(void **state)
{
    (void)state;
    tickets = 0;
    receive(1, "noise", "a", 0, "cg");
    receive(1, "noise", "a", 0, "wuye");
    json_t *all = count(DAY_NONE, DAY_NONE, NULL);
    assert_counts(unit_of(all, "cg"), 1, 0, 0);
    assert_counts(unit_of(all, "wuye"), 1, 1, 1);
    json_decref(all);
}

static void what_is_no_appeal_counts_nothing(void **state)
{
    (void)state;
    struct repeats *repeats = repeats_new(&zone, DAY_MS, DAY_NONE, DAY_NONE);
    struct event event = {.type = TICKET_RECEIVED, .at_ms = noon_ms};
    repeats_add(repeats, &(struct fold){.class = -1});
    repeats_add(repeats, &(struct fold){.receipt = &event});
    json_t *all = repeats_to_json(repeats, NULL);
    assert_counts(total_of(all), 0, 0, 0);
    assert_int_equal(json_array_size(json_object_get(all, "units")), 0);
    json_decref(all);
    repeats_free(repeats);
    repeats_free(NULL);
}

/* Each against each. */
static void many_are_counted_as_the_definition_has_it(void **state)
{
    (void)state;
    static const char *const items[] = {"noise", "smell"}, *const areas[] = {"", "a", "b"}, *const units[] = {"", "wuye", "cg"};
    for (int round = 0; round < 40; round++) {
        tickets = 0;
        long long repeats = 0;
        for (unsigned i = 0; i < COUNT; i++) receive(draw(20), items[draw(2)], areas[draw(3)], draw(400), units[draw(3)]);
        for (size_t i = 0; i < tickets; i++) {
            bool again = false;
            for (size_t n = 0; n < tickets && !again; n++) {
                const struct ticket *a = &ticket[n], *b = &ticket[i];
                again = a->who == b->who && text_equal(a->detail.item, b->detail.item) && text_equal(a->detail.area, b->detail.area) &&
                        event_compare(&a->receipt, &b->receipt) < 0 && b->receipt.at_ms - a->receipt.at_ms <= WINDOW_DAYS * (int64_t)DAY_MS;
            }
            repeats += again;
        }
        json_t *all = count(DAY_NONE, DAY_NONE, NULL);
        assert_int_equal(json_integer_value(json_object_get(total_of(all), "repeats")), repeats);
        json_decref(all);
        pool_clear(&pool);
    }
}

int main(void)
{
    if (!zone_load(&zone, "Asia/Shanghai")) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_within_the_window_of_an_earlier_one_repeats_it), cmocka_unit_test(days_decide_what_is_counted_not_what_it_repeats),
                                       cmocka_unit_test(at_one_instant_the_key_decides), cmocka_unit_test(what_is_no_appeal_counts_nothing),
                                       cmocka_unit_test(many_are_counted_as_the_definition_has_it)};
    int failed = cmocka_run_group_tests_name("repeats", tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
