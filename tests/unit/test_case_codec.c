/* What is encoded comes back: same events, same fold; damage is noticed; open cases are small. */
#include "common/buffer.h"
#include "sla/case_codec.h"
#include "sla/event_decode.h"
#include "tests/unit/life.h"

#include <xxhash.h>

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
    if (of == OF_RATING && event.type == TICKET_SEEN) event.type = RATING_SEEN;
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

/* Field by field: what lies between them is nobody's. */
static void assert_same_told(const struct told *a, const struct told *b)
{
    assert_memory_equal(((uint64_t[]){a->kind, a->status, a->clock, a->attempts, a->step, a->day, a->which, a->id}),
                        ((uint64_t[]){b->kind, b->status, b->clock, b->attempts, b->step, b->day, b->which, b->id}), 64);
    assert_true(a->deadline_ms == b->deadline_ms && a->at_ms == b->at_ms && a->next_try_ms == b->next_try_ms);
}

static void assert_same_fold(const struct case_file *back)
{
    struct fold fold = {0};
    fold_at("2024-11-01T00:00:00Z");
    fold_case(&fold, &life.rules, back, ms("2024-11-01T00:00:00Z"));
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
                            .step = (uint8_t)draw(256), .day = (uint8_t)draw(31), .which = (uint16_t)draw(65536),
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
        for (size_t k = 0; k < back.tolds; k++) assert_same_told(&back.told[k], &life.file.told[k]);
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

/* The blob with a right checksum, whatever is in it. */
static const char *decode_resealed(size_t bytes, struct case_file *back)
{
    uint64_t sum = XXH3_64bits(blob.data + CASE_CHECKSUM_BYTES, bytes - CASE_CHECKSUM_BYTES);
    memcpy(blob.data, &sum, sizeof sum);
    return case_decode(blob.data, bytes, back, &pool);
}

/* Damage that a checksum hides (a hand in Redis): refused, or a case that folds. */
static void damage_behind_a_right_checksum_is_refused_or_folds(void **state)
{
    (void)state;
    static struct event_detail details[64];
    struct case_file back = {0};
    struct fold fold = {0};
    int good = 0, refused = 0;
    dice = 4711;
    for (int i = 0; i < 300; i++) {
        drawn_case(details);
        back.of = life.file.of;
        buffer_clear(&blob);
        assert_true(case_encode(&life.file, &blob));
        for (int k = 0; k < 60; k++) {
            size_t at = CASE_CHECKSUM_BYTES + draw((uint32_t)(blob.bytes - CASE_CHECKSUM_BYTES)), bytes = draw(4) ? blob.bytes : at;
            char kept = blob.data[at];
            blob.data[at] = draw(3) ? (char)draw(256) : (char)(kept ^ 1 << draw(8));
            if (bytes > CASE_CHECKSUM_BYTES && !decode_resealed(bytes, &back)) {
                fold_case(&fold, &life.rules, &back, ms("2024-11-01T00:00:00Z"));
                good++;
            } else {
                refused++;
            }
            blob.data[at] = kept;
        }
        pool_clear(&pool);
    }
    assert_true(good > 100 && refused > 1000);
    fold_free(&fold);
    case_clear(&back);
}

/* A blob written by hand. */
static void begin_blob(uint64_t tolds, uint64_t events)
{
    buffer_clear(&blob);
    buffer_add(&blob, "12345678", 8);
    buffer_add_u8(&blob, CASE_FORMAT);
    buffer_add_svarint(&blob, INT64_MIN);
    buffer_add_svarint(&blob, 0);
    buffer_add_svarint(&blob, 0);
    buffer_add_varint(&blob, 0);
    buffer_add_varint(&blob, 0);
    buffer_add_varint(&blob, tolds);
    if (tolds == 0) buffer_add_varint(&blob, events);
}

static void add_event(unsigned type, uint64_t packed, int64_t at_ms)
{
    buffer_add_u8(&blob, (uint8_t)type);
    buffer_add_varint(&blob, packed);
    buffer_add_svarint(&blob, at_ms);
    buffer_add(&blob, "abcdefgh", 8);
}

static void assert_blob(const char *expected)
{
    struct case_file back = {0};
    const char *found = decode_resealed(blob.bytes, &back);
    if (expected) assert_string_equal(found ? found : "good", expected);
    else assert_null(found);
    case_clear(&back);
}

static void each_field_is_within_its_bounds(void **state)
{
    (void)state;
    const int64_t at_ms = INT64_C(1727662500000);
    enum { DETAIL = 1, CODES = 2, UNIT = 4 };
    begin_blob(0, 1);
    add_event(TICKET_SIGNED, 0, at_ms);
    assert_blob(NULL);
    begin_blob(0, 1);
    add_event(TICKET_SIGNED, 0, EVENT_FIRST_MS);
    assert_blob(NULL);
    blob.data[CASE_CHECKSUM_BYTES]++;
    assert_blob("a case of another format");
    begin_blob(CASE_TOLD_MAX + 1, 0);
    assert_blob("a case with too much told");
    begin_blob(0, CASE_EVENTS_MAX + 1);
    assert_blob("a case with too many events");
    begin_blob(0, 2);
    buffer_add_u8(&blob, 1);
    assert_blob("a case with too many events"); /* more than there are bytes for */
    begin_blob(3, 0);
    buffer_add_u8(&blob, 1);
    assert_blob("a damaged case");
    static const struct {
        unsigned type;
        uint64_t packed;
        int64_t at_ms;
    } bad[] = {{EVENT_NONE, 0, 1727662500000}, {EVENT_TYPES, 0, 1727662500000}, {TICKET_SIGNED, 0, 946655999999}, {TICKET_SIGNED, 0, 7258089600000},
               {TICKET_RECEIVED, EVENT_HAS_ITEM << 3, 1727662500000}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        begin_blob(0, 1);
        add_event(bad[i].type, bad[i].packed, bad[i].at_ms);
        assert_blob("a damaged case");
    }
    static const uint8_t codes[][4] = {{0, 5, 250, 1}, {8 | 3 << 4 | 2 << 6, 0, 0, 1}, {9, 0, 0, 0}, {3 << 6, 0, 0, 0}, {0, 6, 0, 0}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        begin_blob(0, 1);
        add_event(TICKET_SIGNED, CODES, at_ms);
        buffer_add(&blob, codes[i], 3);
        assert_blob(codes[i][3] ? NULL : "a damaged case");
    }
    static const int64_t dues[] = {946655999999, 7258089600000, 946656000000};
    for (size_t i = 0; i < 3; i++) {
        begin_blob(0, 1);
        add_event(TICKET_RECEIVED, DETAIL | EVENT_HAS_DUE << 3, at_ms);
        for (int text = 0; text < 8; text++) buffer_add_varint(&blob, 0);
        buffer_add_svarint(&blob, dues[i]);
        assert_blob(i == 2 ? NULL : "a damaged case");
    }
    static const uint8_t units[][3] = {{0, 0, 1}, {2, 0, 0}, {1, 200, 0}}; /* none; one not seen yet; longer than what is left */
    for (size_t i = 0; i < 3; i++) {
        begin_blob(0, 1);
        add_event(TICKET_SIGNED, UNIT, at_ms);
        buffer_add(&blob, units[i], i == 2 ? 2 : 1);
        assert_blob(units[i][2] ? NULL : "a damaged case");
    }
    begin_blob(0, 1);
    add_event(TICKET_SIGNED, 0, at_ms);
    buffer_add_u8(&blob, 0); /* more behind it */
    assert_blob("a damaged case");
}

static void units_beyond_those_remembered_are_written_out(void **state)
{
    (void)state;
    static char names[100][8];
    struct case_file back = {0};
    life_begin(OF_TICKET);
    for (int i = 0; i < 100; i++) {
        struct event event = event_at(TICKET_TRANSFERRED, "2024-09-30T10:15:00+08:00");
        snprintf(names[i], sizeof names[i], "u%d", i % 50);
        event.at_ms += i;
        event.unit = (struct text){names[i], strlen(names[i])};
        happens(event);
    }
    buffer_clear(&blob);
    assert_true(case_encode(&life.file, &blob));
    assert_null(case_decode(blob.data, blob.bytes, &back, &pool));
    for (size_t i = 0; i < 100; i++) assert_true(text_equal(back.event[i].unit, life.file.event[i].unit));
    case_clear(&back);
}

/* A blob is added behind whatever the buffer holds. */
static void a_blob_is_added_behind_another(void **state)
{
    (void)state;
    struct case_file back = {0};
    encode_open_case();
    size_t first = blob.bytes;
    assert_true(case_encode(&life.file, &blob));
    assert_int_equal(blob.bytes, 2 * first);
    assert_memory_equal(blob.data, blob.data + first, first);
    assert_null(case_decode(blob.data + first, first, &back, &pool));
    case_clear(&back);
}

static void a_blob_ends_at_its_most(void **state)
{
    (void)state;
    struct buffer small;
    encode_open_case();
    buffer_init(&small, 40);
    assert_false(case_encode(&life.file, &small));
    buffer_free(&small);
    life.file.as_of_ms = life.file.due_ms = ms("2024-10-01T00:00:00Z"); /* a timer never lies at the instant of the fold */
    struct case_file back = {0};
    buffer_clear(&blob);
    assert_true(case_encode(&life.file, &blob));
    assert_null(case_decode(blob.data, blob.bytes, &back, &pool));
    assert_true(back.due_ms == INT64_MAX);
    case_clear(&back);
}

int main(void)
{
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    buffer_init(&blob, CASE_BLOB_MAX_BYTES);
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_encoded_comes_back), cmocka_unit_test(an_open_case_is_small),
                                       cmocka_unit_test(any_damage_is_noticed), cmocka_unit_test(damage_behind_a_right_checksum_is_refused_or_folds),
                                       cmocka_unit_test(each_field_is_within_its_bounds), cmocka_unit_test(units_beyond_those_remembered_are_written_out),
                                       cmocka_unit_test(a_blob_is_added_behind_another), cmocka_unit_test(a_blob_ends_at_its_most)};
    int failed = cmocka_run_group_tests_name("case_codec", tests, NULL, NULL);
    buffer_free(&blob);
    pool_free(&pool);
    life_close();
    return failed;
}
