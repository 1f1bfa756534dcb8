/* Appeals and what gathers them: whose they are, in whatever order they come, how small they lie, what pruning leaves. */
#include "sla/appeals.h"
#include "tests/unit/appealing.h"

#include <xxhash.h>

static struct event_detail detail;

static struct event receipt(const char *who, const char *item, const char *area)
{
    detail = (struct event_detail){.item = {item, strlen(item)}, .area = {area, strlen(area)}, .citizen = {who, strlen(who)}};
    return (struct event){.at_ms = noon_ms, .type = TICKET_RECEIVED, .detail = &detail};
}

static void only_a_receipt_with_an_item_and_an_identity_is_an_appeal(void **state)
{
    (void)state;
    struct appeal appeal;
    struct event event = receipt("k1:3q2-7wAAEjRWeJq83v_-EA:王*:138****1234:", "noise", "310112");
    assert_true(appeal_of(&event, &appeal));
    assert_true(text_equal(appeal.citizen, TEXT("k1:3q2-7wAAEjRWeJq83v_-EA")));
    assert_true(text_equal(appeal.item, TEXT("noise")) && text_equal(appeal.area, TEXT("310112")));
    event.type = TICKET_AMENDED;
    assert_false(appeal_of(&event, &appeal));
    event.type = TICKET_RECEIVED;
    event.flags = EVENT_LINK;
    assert_false(appeal_of(&event, &appeal));
    event = (struct event){.type = TICKET_RECEIVED};
    assert_false(appeal_of(&event, &appeal));
    static const char *const nobody[] = {"", "::王*:138****1234:", "k1::王*::", "k1", "k1:3q2", ":"};
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        event = receipt(nobody[i], "noise", "310112");
        assert_false(appeal_of(&event, &appeal));
    }
    event = receipt("k1:3q2:::", "", "310112");
    assert_false(appeal_of(&event, &appeal));
}

static struct text name(enum of of, const char *who, const char *item, const char *area)
{
    struct appeal appeal = {{who, strlen(who)}, {item, strlen(item)}, {area, strlen(area)}};
    return appeal_id(&pool, of, &appeal);
}

static void names_tell_citizens_items_and_places_apart(void **state)
{
    (void)state;
    struct text names[] = {name(OF_APPELLANT, "k1:a", "noise", "310112"), name(OF_APPELLANT, "k1:b", "noise", "310112"),
                           name(OF_APPELLANT, "k2:a", "noise", "310112"), name(OF_APPELLANT, "k1:a", "noise3", "10112"),
                           name(OF_APPELLANT, "k1:a", "noise", ""), name(OF_PLACE, "k1:a", "noise", "310112"), name(OF_PLACE, "k1:a", "310112", "noise")};
    enum { NAMES = sizeof names / sizeof *names };
    for (size_t i = 0; i < NAMES; i++) {
        assert_int_equal(names[i].bytes, APPEAL_ID_CHARACTERS);
        assert_int_equal(strlen(names[i].at), APPEAL_ID_CHARACTERS); /* logs print it */
        for (size_t n = 0; n < i; n++) assert_false(text_equal(names[i], names[n]));
    }
    assert_true(text_equal(name(OF_PLACE, "k1:a", "noise", "310112"), name(OF_PLACE, "k9:z", "noise", "310112")));
    assert_int_equal(name(OF_PLACE, "k1:a", "noise", "").bytes, 0);
    struct text appellant, place;
    struct event event = receipt("k1:a:::", "noise", "310112");
    appeal_names(&pool, &event, &appellant, &place);
    assert_true(appellant.at[0] == 'a' && !memcmp(appellant.at + 1, names[0].at, APPEAL_ID_CHARACTERS));
    assert_true(place.at[0] == 'p' && !memcmp(place.at + 1, names[5].at, APPEAL_ID_CHARACTERS));
    event = receipt("k1:a:::", "noise", "");
    appeal_names(&pool, &event, &appellant, &place);
    assert_true(appellant.bytes > 0 && place.bytes == 0);
    event = receipt("::王*::", "noise", "310112");
    appeal_names(&pool, &event, &appellant, &place);
    assert_true(appellant.bytes == 0 && place.bytes == 0);
}

static void add(struct appeals *appeals, unsigned who, int64_t at_ms, unsigned number)
{
    struct appeal appeal = appeal_by(who);
    appeals_add(appeals, &pool, &appeal, at_ms, numbered(number));
}

static void a_lone_appeal_is_small(void **state)
{
    (void)state;
    struct appeals one = {.of = OF_APPELLANT};
    struct case_file told = {0};
    add(&one, 1, noon_ms, 123);
    buffer_clear(&blob);
    assert_true(appeals_encode(&one, &told, &blob));
    assert_int_equal(blob.bytes, 29);
}

static void what_is_gathered_comes_back(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct appeals appeals = {.of = draw(2) ? OF_PLACE : OF_APPELLANT}, back = {.of = appeals.of};
        struct case_file told = {0}, told_back = {0};
        for (unsigned i = 0, n = draw(40); i < n; i++) add(&appeals, draw(5), noon_ms + draw(3) * (int64_t)draw(100000000), draw(60));
        for (unsigned i = 0, n = appeals.of == OF_PLACE ? draw(3) : 0; i < n; i++) {
            struct told one = {.kind = TOLD_NOTICE, .status = (uint8_t)draw(3), .attempts = (uint8_t)draw(9), .step = 254, .at_ms = noon_ms + i, .id = i + 1};
            if (one.status == TOLD_PENDING) one.next_try_ms = noon_ms;
            assert_true(case_tell(&told, &one));
        }
        buffer_clear(&blob);
        assert_true(appeals_encode(&appeals, &told, &blob));
        assert_null(appeals_decode(blob.data, blob.bytes, &back, &told_back, &pool));
        assert_int_equal(back.count, appeals.count);
        for (size_t i = 0; i < back.count; i++) {
            assert_true(back.entry[i].at_ms == appeals.entry[i].at_ms && back.entry[i].citizen == appeals.entry[i].citizen);
            assert_true(text_equal(back.entry[i].case_id, appeals.entry[i].case_id));
        }
        assert_int_equal(told_back.tolds, told.tolds);
        for (size_t i = 0; i < told.tolds; i++) {
            const struct told *a = &told.told[i], *b = &told_back.told[i];
            assert_true(a->kind == b->kind && a->status == b->status && a->attempts == b->attempts && a->step == b->step);
            assert_true(a->at_ms == b->at_ms && a->id == b->id && a->next_try_ms == b->next_try_ms);
        }
        assert_true(same_blob(&appeals, &back) || told.tolds);
        case_clear(&told);
        case_clear(&told_back);
    }
}

static void damage_is_noticed(void **state)
{
    (void)state;
    struct appeals place = {.of = OF_PLACE}, back = {.of = OF_PLACE};
    struct case_file told = {0};
    for (unsigned i = 0; i < 5; i++) add(&place, i, noon_ms + i, i);
    struct told one = {.kind = TOLD_NOTICE, .step = 254, .at_ms = noon_ms, .id = 7};
    case_tell(&told, &one);
    buffer_clear(&blob);
    assert_true(appeals_encode(&place, &told, &blob));
    for (size_t i = 0; i < blob.bytes; i++) {
        blob.data[i] ^= 1;
        assert_non_null(appeals_decode(blob.data, blob.bytes, &back, &told, &pool));
        blob.data[i] ^= 1;
        assert_non_null(appeals_decode(blob.data, i, &back, &told, &pool));
    }
    /* Behind a right checksum: refused, or taken for what it says. */
    for (size_t i = 8; i < blob.bytes; i++)
        for (int bit = 0; bit < 8; bit++) {
            blob.data[i] ^= (char)(1 << bit);
            uint64_t sum = XXH3_64bits(blob.data + 8, blob.bytes - 8);
            memcpy(blob.data, &sum, sizeof sum);
            if (!appeals_decode(blob.data, blob.bytes, &back, &told, &pool))
                for (size_t n = 1; n < back.count; n++) assert_true(back.entry[n - 1].at_ms <= back.entry[n].at_ms);
            blob.data[i] ^= (char)(1 << bit);
        }
    case_clear(&told);
}

static void seal(void)
{
    uint64_t sum = XXH3_64bits(blob.data + 8, blob.bytes - 8);
    memcpy(blob.data, &sum, sizeof sum);
}

static void what_no_encoder_writes_is_refused(void **state)
{
    (void)state;
    struct appeals_entry twice[2] = {{.at_ms = noon_ms, .case_id = TEXT("A")}, {.at_ms = noon_ms, .case_id = TEXT("A")}};
    struct appeals appeals = {.of = OF_PLACE, .entry = twice, .count = 2}, back = {.of = OF_PLACE};
    struct case_file told = {0};
    buffer_clear(&blob);
    assert_true(appeals_encode(&appeals, &told, &blob));
    assert_non_null(appeals_decode(blob.data, blob.bytes, &back, &told, &pool));
    buffer_clear(&blob);
    buffer_add(&blob, "\0\0\0\0\0\0\0\0", 8);
    buffer_add_u8(&blob, APPEALS_FORMAT);
    buffer_add_varint(&blob, CASE_TOLD_MAX + 1);
    seal();
    assert_non_null(appeals_decode(blob.data, blob.bytes, &back, &told, &pool));
    blob.data[8] = APPEALS_FORMAT + 1;
    seal();
    assert_non_null(appeals_decode(blob.data, blob.bytes, &back, &told, &pool));
    struct buffer small;
    buffer_init(&small, 12);
    assert_false(appeals_encode(&appeals, &told, &small));
    buffer_free(&small);
    case_clear(&told);
}

static void the_rules_are_those_of_the_configuration(void **state)
{
    (void)state;
    struct config config;
    config_defaults(&config);
    struct appeal_rules ours = appeal_rules(&config);
    assert_true(ours.window_ms == 90 * (int64_t)DAY_MS && ours.cluster_ms == 4 * HOUR_MS && ours.citizens == 10 && ours.dispatcher.bytes == 0);
    config_free(&config);
}

struct arrival {
    unsigned who, number;
    int64_t at_ms;
};

static void shuffle(struct arrival *arrival, unsigned count)
{
    for (unsigned i = count; i > 1; i--) {
        unsigned other = draw(i);
        struct arrival swap = arrival[i - 1];
        arrival[i - 1] = arrival[other];
        arrival[other] = swap;
    }
}

/* Gathered in this order, with prunings in between, some arriving twice. */
static struct appeals gather(enum of of, const struct arrival *arrival, unsigned count, unsigned prune_one_in)
{
    struct appeals all = {.of = of};
    for (unsigned i = 0; i < count; i++) {
        add(&all, arrival[i].who, arrival[i].at_ms, arrival[i].number);
        if (draw(10) == 0) add(&all, arrival[i].who, arrival[i].at_ms, arrival[i].number);
        if (draw(prune_one_in) == 0) appeals_prune(&all, &rules);
    }
    appeals_prune(&all, &rules);
    return all;
}

static void the_order_of_arrival_does_not_matter(void **state)
{
    (void)state;
    static struct arrival arrival[4000];
    for (int round = 0; round < 30; round++) {
        enum of of = draw(2) ? OF_PLACE : OF_APPELLANT;
        unsigned count = round < 24 ? 1 + draw(400) : 4000; /* beyond what is kept */
        int64_t span_ms = round % 3 == 0 ? 300 * (int64_t)DAY_MS : 2 * (int64_t)DAY_MS;
        for (unsigned i = 0; i < count; i++) arrival[i] = (struct arrival){draw(9), draw(count), draw_ms(noon_ms, noon_ms + span_ms)};
        struct appeals first = gather(of, arrival, count, 50);
        shuffle(arrival, count);
        struct appeals second = gather(of, arrival, count, 400);
        assert_true(same_blob(&first, &second));
        assert_true(first.count <= (of == OF_PLACE ? APPEALS_OF_PLACE_MAX : APPEALS_OF_APPELLANT_MAX));
        pool_clear(&pool);
    }
}

static void pruning_leaves_the_newest(void **state)
{
    (void)state;
    struct appeals place = {.of = OF_PLACE}, appellant = {.of = OF_APPELLANT};
    for (unsigned i = 0; i < 3000; i++) {
        add(&place, 1, noon_ms + i, i);
        add(&appellant, 1, noon_ms + i * (int64_t)DAY_MS, i);
    }
    appeals_prune(&place, &rules);
    appeals_prune(&appellant, &rules);
    assert_int_equal(place.count, APPEALS_OF_PLACE_MAX);
    assert_true(place.entry[0].at_ms == noon_ms + 3000 - APPEALS_OF_PLACE_MAX);
    assert_int_equal(appellant.count, APPEALS_OF_APPELLANT_MAX);
    add(&place, 1, noon_ms + 2999 + appeals_reach_ms(&rules), 5000);
    appeals_prune(&place, &rules);
    assert_int_equal(place.count, 2); /* the one that lies on the border, and the newest */
}

static void past_is_what_nothing_can_be_linked_to(void **state)
{
    (void)state;
    struct appeals appellant = {.of = OF_APPELLANT}, place = {.of = OF_PLACE}, none = {.of = OF_PLACE};
    add(&appellant, 1, noon_ms, 1);
    add(&place, 1, noon_ms, 1);
    assert_false(appeals_past(&appellant, &rules, noon_ms + 97 * (int64_t)DAY_MS));
    assert_true(appeals_past(&appellant, &rules, noon_ms + 97 * (int64_t)DAY_MS + 1));
    assert_false(appeals_past(&place, &rules, noon_ms + 8 * HOUR_MS + (int64_t)DAY_MS));
    assert_true(appeals_past(&place, &rules, noon_ms + 8 * HOUR_MS + (int64_t)DAY_MS + 1));
    assert_true(appeals_past(&none, &rules, 0));
}

static void a_citizen_can_be_taken_out(void **state)
{
    (void)state;
    struct appeals place = {.of = OF_PLACE}, appellant = {.of = OF_APPELLANT};
    for (unsigned i = 0; i < 12; i++) add(&place, i % 3, noon_ms + i, i);
    for (unsigned i = 0; i < 3; i++) add(&appellant, 1, noon_ms + i * DAY_MS, i);
    assert_int_equal(appeals_forget(&place, citizen(1)), 4);
    assert_int_equal(place.count, 8);
    for (size_t i = 0; i < place.count; i++) assert_true(place.entry[i].citizen != appeal_citizen(citizen(1)));
    assert_int_equal(appeals_forget(&place, citizen(1)), 0);
    assert_int_equal(appeals_forget(&appellant, citizen(1)), 3);
    assert_int_equal(appellant.count, 0);
    struct appeals_entry third = place.entry[2], other = third;
    other.at_ms = appeals_instant(OF_PLACE, noon_ms + HOUR_MS);
    appeals_drop(&place, &other);
    assert_int_equal(place.count, 8);
    appeals_drop(&place, &third);
    assert_int_equal(place.count, 7);
    assert_true(place.entry[2].at_ms > third.at_ms);
    appeals_drop(&place, &third);
    assert_int_equal(place.count, 7);
}

int main(void)
{
    buffer_init(&blob, APPEALS_BLOB_MAX_BYTES);
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_a_receipt_with_an_item_and_an_identity_is_an_appeal),
                                       cmocka_unit_test(names_tell_citizens_items_and_places_apart), cmocka_unit_test(a_lone_appeal_is_small),
                                       cmocka_unit_test(what_is_gathered_comes_back), cmocka_unit_test(damage_is_noticed), cmocka_unit_test(what_no_encoder_writes_is_refused),
                                       cmocka_unit_test(the_rules_are_those_of_the_configuration),
                                       cmocka_unit_test(the_order_of_arrival_does_not_matter), cmocka_unit_test(pruning_leaves_the_newest),
                                       cmocka_unit_test(past_is_what_nothing_can_be_linked_to), cmocka_unit_test(a_citizen_can_be_taken_out)};
    int failed = cmocka_run_group_tests_name("appeals", tests, NULL, NULL);
    buffer_free(&blob);
    pool_free(&pool);
    return failed;
}
