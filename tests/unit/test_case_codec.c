/* What is encoded comes back: same events, same fold; damage is noticed; open cases are small. */
#include "common/buffer.h"
#include "sla/case_codec.h"
#include "sla/event_decode.h"
#include "tests/unit/life.h"

static struct buffer blob;
static struct pool pool;
static uint32_t dice;

static uint32_t draw(uint32_t below)
{
    dice ^= dice << 13; /* xorshift: the same lives each time */
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice % below;
}

static struct text drawn_text(void)
{
    static const char *const texts[] = {"", "wuye", "chengguan", "街道办事处", "a", "居委会 №5"};
    const char *text = texts[draw(6)];
    return (struct text){text, strlen(text)};
}

static struct event drawn_event(enum of of, struct event_detail *detail)
{
    int first = of == OF_TICKET ? TICKET_RECEIVED : RATING_SUBMITTED, end = of == OF_TICKET ? RATING_SUBMITTED : EVENT_TYPES;
    struct event event = event_at((enum event_type)(first + (int)draw((uint32_t)(end - first))), "2024-09-30T10:15:00+08:00");
    event.at_ms += (int64_t)draw(4000000) * 1000 - draw(2000) + (draw(50) ? 0 : INT64_C(5000000000000));
    event.kind = (uint8_t)draw(KINDS);
    event.urgency = (uint8_t)draw(URGENCIES);
    event.outcome = (uint8_t)draw(OUTCOMES);
    event.satisfaction = (uint8_t)(of == OF_RATING ? 1 + draw(5) : draw(6));
    event.days = (uint8_t)draw(251);
    event.flags = (uint16_t)draw(EVENT_HAS_CO_UNITS << 1);
    event.unit = drawn_text();
    *detail = (struct event_detail){drawn_text(), drawn_text(), drawn_text(), drawn_text(), drawn_text(), drawn_text(), drawn_text(), drawn_text(), draw(2) ? EVENT_FIRST_MS : ms("2199-12-31T00:00:00Z")};
    event.detail = draw(2) ? detail : NULL;
    if (!event.detail) event.flags &= EVENT_LINK | EVENT_SIMPLE | EVENT_REACHED; /* the others speak of details */
    return event;
}

static void assert_same_event(const struct event *a, const struct event *b)
{
    struct event x = *a, y = *b;
    assert_true(text_equal(x.unit, y.unit));
    assert_int_equal(!x.detail, !y.detail);
    if (x.detail) {
        const struct text *p = &x.detail->item, *q = &y.detail->item;
        for (int i = 0; i < 8; i++) assert_true(text_equal(p[i], q[i])); /* item to reason lie in a row */
        assert_int_equal(x.detail->due_ms, y.detail->due_ms);
    }
    assert_int_equal(event_compare(a, b), 0);
    assert_memory_equal(((uint8_t[]){x.kind, x.urgency, x.outcome, x.satisfaction, x.days}),
                        ((uint8_t[]){y.kind, y.urgency, y.outcome, y.satisfaction, y.days}), 5);
    assert_int_equal(x.flags, y.flags);
}

static void assert_same_fold(const struct case_file *back)
{
    struct fold fold = {0};
    fold_at("2024-11-01T00:00:00Z");
    fold_case(&fold, &life.rules, back->of, back->event, back->events, ms("2024-11-01T00:00:00Z"));
    assert_int_equal(fold.state, life.fold.state);
    assert_int_equal(fold.class, life.fold.class);
    assert_int_equal(fold.next_ms, life.fold.next_ms);
    assert_int_equal(fold.contributions, life.fold.contributions);
    assert_int_equal(fold.clocks, life.fold.clocks);
    for (size_t i = 0; i < fold.clocks; i++) assert_int_equal(fold.clock[i].deadline_ms, life.fold.clock[i].deadline_ms);
    assert_true(text_equal(fold.unit, life.fold.unit));
    assert_true(text_equal(fold.title, life.fold.title));
    fold_free(&fold);
}

static void drawn_case(struct event_detail *details)
{
    life_begin(draw(4) ? OF_TICKET : OF_RATING);
    for (uint32_t i = draw(40); i > 0; i--) happens(drawn_event(life.file.of, &details[i]));
    for (uint32_t i = draw(6); i > 0; i--) {
        struct told told = {.kind = (uint8_t)draw(4), .status = (uint8_t)draw(5), .clock = (uint8_t)draw(4), .attempts = (uint8_t)draw(256),
                            .step = (uint8_t)draw(256), .day = (uint8_t)draw(31), .round = (uint16_t)draw(65536),
                            .deadline_ms = draw(2) ? 0 : ms("2024-10-13T00:00:00Z"), .at_ms = draw(1u << 31), .id = (uint64_t)draw(1u << 31) << 32};
        if (told.status == TOLD_PENDING) told.next_try_ms = 1 + draw(1u << 31);
        assert_true(case_tell(&life.file, &told));
    }
    life.file.duplicates = draw(3);
    life.file.revision = draw(1u << 30);
    life.file.as_of_ms = draw(2) ? INT64_MIN : ms("2024-11-01T00:00:00Z");
    life.file.due_ms = draw(2) ? INT64_MAX : ms("2024-11-02T00:00:00Z");
}

static void what_is_encoded_comes_back(void **state)
{
    (void)state;
    static struct event_detail details[64];
    dice = 20241013;
    for (int i = 0; i < 3000; i++) {
        struct case_file back = {0};
        drawn_case(details);
        back.of = life.file.of;
        buffer_clear(&blob);
        assert_true(case_encode(&life.file, &blob));
        assert_null(case_decode(blob.data, blob.bytes, &back, &pool));
        assert_int_equal(back.events, life.file.events);
        for (size_t k = 0; k < back.events; k++) assert_same_event(&life.file.event[k], &back.event[k]);
        assert_int_equal(back.tolds, life.file.tolds);
        for (size_t k = 0; k < back.tolds; k++) assert_memory_equal(&back.told[k], &life.file.told[k], sizeof *back.told);
        assert_int_equal(back.duplicates, life.file.duplicates);
        assert_int_equal(back.revision, life.file.revision);
        assert_int_equal(back.as_of_ms, life.file.as_of_ms);
        assert_int_equal(back.due_ms, life.file.due_ms);
        assert_same_fold(&back);
        case_clear(&back);
        pool_clear(&pool);
    }
}

static void encode_open_case(void)
{
    static const struct event_detail detail = {.item = {"property", 8}, .channel = {"phone", 5}, .title = {"小区电梯故障无人修理", 30}};
    life_begin(OF_TICKET);
    struct event event = event_at(TICKET_RECEIVED, "2024-09-30T10:15:00+08:00");
    event.detail = &detail;
    event.flags = EVENT_HAS_ITEM | EVENT_HAS_CHANNEL | EVENT_HAS_TITLE;
    happens(event);
    step_to(TICKET_DISPATCHED, "2024-09-30T11:00:00+08:00", "wuye");
    step_to(TICKET_SIGNED, "2024-09-30T15:00:00+08:00", "wuye");
    buffer_clear(&blob);
    assert_true(case_encode(&life.file, &blob));
}

static void an_open_case_is_small(void **state)
{
    (void)state;
    encode_open_case();
    assert_in_range(blob.bytes, 60, 150);
}

static void any_damage_is_noticed(void **state)
{
    (void)state;
    struct case_file back = {0};
    encode_open_case();
    for (size_t i = 0; i < blob.bytes; i++) {
        blob.data[i] ^= 4;
        assert_non_null(case_decode(blob.data, blob.bytes, &back, &pool));
        blob.data[i] ^= 4;
        assert_non_null(case_decode(blob.data, i, &back, &pool));
    }
    assert_null(case_decode(blob.data, blob.bytes, &back, &pool));
    case_clear(&back);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    buffer_init(&blob, CASE_BLOB_MAX_BYTES);
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_encoded_comes_back), cmocka_unit_test(an_open_case_is_small),
                                       cmocka_unit_test(any_damage_is_noticed)};
    int failed = cmocka_run_group_tests_name("case_codec", tests, NULL, NULL);
    buffer_free(&blob);
    pool_free(&pool);
    life_close();
    return failed;
}
