/* Packing and unpacking of stubs (sla/stub.h), part of a case's blob.
 *
 * The trap is size: a stub is to stay within 120 bytes with all around it. Times are
 * distances from what they lie near, and what is as usual takes no room. */
#include <string.h>

#include "sla/event_decode.h"
#include "sla/pack.h"
#include "sla/stub.h"

enum { ROUNDS_MAX = CASE_EVENTS_MAX, DAYS_MAX = 1 << 20 };
static const int64_t LAST_MS = EVENT_END_MS + INT64_C(40000) * DAY_MS; /* deadlines, and a shrinking, lie behind events */

/* Which parts follow; the usual ones are those not set. */
enum { IS_FINAL = 1 << 0, IS_SATISFIED = 1 << 1, IS_SIMPLE = 1 << 2, IS_DEFAULT = 1 << 3, IS_UPHELD = 1 << 4, HAS_FIRST_UNIT = 1 << 5,
       HAS_CO_UNITS = 1 << 6, HAS_WORDS = 1 << 7 };
/* Of a clock, above its outcome. */
enum { OUTCOME_BITS = 7, IS_MAIN = 1 << 3, IS_PROVISIONAL = 1 << 4, HAS_UNIT = 1 << 5, IS_STATED = 1 << 6 };
/* Of a share. */
enum { GOES_ON = 1 << 0, HAS_CLOCK = 1 << 1 };
/* Of a contribution, above its counter. */
enum { COUNTER_BITS = 63, OTHER_DAY = 1 << 6, OTHER_UNIT = 1 << 7 };
_Static_assert((int)COUNTERS <= COUNTER_BITS && POLICY_NAMES_MAX <= 32 && CASE_STATES <= 16 && KINDS <= 16, "they share a byte");

/* The day in UTC: near enough to be a distance of a byte. */
static int32_t day_near(int64_t at_ms)
{
    return (int32_t)(at_ms / DAY_MS);
}

static void put_clock(struct buffer *out, const struct stub_clock *clock, int64_t before_ms, struct pack_units *units)
{
    int bits = clock->outcome | (clock->main ? IS_MAIN : 0) | (clock->provisional ? IS_PROVISIONAL : 0) | (clock->unit.bytes ? HAS_UNIT : 0) |
               (clock->stated ? IS_STATED : 0);
    buffer_add_u8(out, (uint8_t)(clock->name_index | clock->kind << 5));
    buffer_add_u8(out, (uint8_t)bits);
    buffer_add_varint(out, clock->round);
    pack_put_time(out, before_ms, clock->started_ms);
    pack_put_time(out, clock->started_ms, clock->deadline_ms);
    pack_put_time(out, clock->started_ms, clock->ended_ms);
    buffer_add_svarint(out, clock->last_day - day_near(clock->deadline_ms));
    if (clock->unit.bytes) pack_put_unit(out, units, clock->unit);
    if (!clock->stated) return;
    pack_put_time(out, clock->deadline_ms, clock->ours_ms);
    pack_put_time(out, clock->deadline_ms, clock->theirs_ms);
}

static bool is_time(int64_t at_ms)
{
    return at_ms >= EVENT_FIRST_MS && at_ms < LAST_MS;
}

static struct stub_clock take_clock(struct reader *in, int64_t before_ms, struct pack_units *units)
{
    uint8_t name = reader_u8(in), bits = reader_u8(in);
    struct stub_clock clock = {.name_index = name & 31, .kind = name >> 5, .outcome = bits & OUTCOME_BITS, .main = bits & IS_MAIN,
                               .provisional = bits & IS_PROVISIONAL, .stated = bits & IS_STATED};
    clock.round = (uint32_t)reader_varint(in);
    clock.started_ms = pack_take_time(in, before_ms);
    clock.deadline_ms = pack_take_time(in, clock.started_ms);
    clock.ended_ms = pack_take_time(in, clock.started_ms);
    int64_t days = reader_svarint(in);
    if (days < -DAYS_MAX || days > DAYS_MAX || !is_time(clock.started_ms) || !is_time(clock.deadline_ms) || !is_time(clock.ended_ms)) in->bad = true;
    if (clock.kind >= CLOCK_KINDS || clock.outcome < CLOCK_MET || clock.outcome > CLOCK_CANCELLED || clock.outcome == CLOCK_OVERDUE) in->bad = true;
    if (clock.outcome != CLOCK_CANCELLED && (clock.outcome == CLOCK_MET) != (clock.ended_ms <= clock.deadline_ms)) in->bad = true;
    if (in->bad) return clock;
    clock.last_day = day_near(clock.deadline_ms) + (int32_t)days;
    if (bits & HAS_UNIT) clock.unit = pack_take_unit(in, units);
    if (!clock.stated) return clock;
    clock.ours_ms = pack_take_time(in, clock.deadline_ms);
    clock.theirs_ms = pack_take_time(in, clock.deadline_ms);
    if (!is_time(clock.ours_ms) || !is_time(clock.theirs_ms)) in->bad = true;
    return clock;
}

static void put_share(struct buffer *out, const struct share *share, int64_t before_ms, struct pack_units *units)
{
    bool goes_on = share->to_ms == INT64_MAX;
    buffer_add_u8(out, (uint8_t)((goes_on ? GOES_ON : 0) | (share->clock >= 0 ? HAS_CLOCK : 0)));
    pack_put_unit(out, units, share->unit);
    buffer_add_varint(out, share->round);
    pack_put_time(out, before_ms, share->from_ms);
    if (!goes_on) pack_put_time(out, share->from_ms, share->to_ms);
    if (share->clock >= 0) buffer_add_varint(out, (uint64_t)share->clock);
}

static struct share take_share(struct reader *in, int64_t before_ms, struct pack_units *units, size_t clocks)
{
    uint8_t bits = reader_u8(in);
    struct share share = {.unit = pack_take_unit(in, units), .to_ms = INT64_MAX, .clock = -1};
    share.round = (uint32_t)reader_varint(in);
    share.from_ms = pack_take_time(in, before_ms);
    if (!(bits & GOES_ON)) share.to_ms = pack_take_time(in, share.from_ms);
    if (!is_time(share.from_ms) || (share.to_ms != INT64_MAX && !is_time(share.to_ms)) || share.to_ms < share.from_ms) in->bad = true;
    if (!(bits & HAS_CLOCK)) return share;
    uint64_t clock = reader_varint(in);
    if (clock >= clocks) in->bad = true;
    else share.clock = (int)clock;
    return share;
}

static void put_contributions(struct buffer *out, const struct stub *stub, struct pack_units *units)
{
    int32_t day = day_near(stub->received_ms);
    struct text unit = stub->unit;
    buffer_add_varint(out, stub->contributions);
    for (size_t i = 0; i < stub->contributions; i++) {
        const struct contribution *one = &stub->contribution[i];
        bool other_day = one->day != day, other_unit = !text_equal(one->unit, unit);
        buffer_add_u8(out, (uint8_t)(one->counter | (other_day ? OTHER_DAY : 0) | (other_unit ? OTHER_UNIT : 0)));
        if (other_day) buffer_add_svarint(out, one->day - day);
        if (other_unit) pack_put_unit(out, units, one->unit);
        day = one->day;
        unit = one->unit;
    }
}

/* How many follow, each of some bytes at least. */
static size_t take_count(struct reader *in, size_t least_bytes)
{
    uint64_t count = reader_varint(in);
    if (count <= reader_left(in) / least_bytes) return (size_t)count;
    in->bad = true;
    return 0;
}

static void take_contributions(struct reader *in, struct stub *stub, struct pack_units *units, struct pool *pool)
{
    int32_t day = day_near(stub->received_ms);
    struct text unit = stub->unit;
    stub->contributions = take_count(in, 1);
    stub->contribution = pool_take(pool, stub->contributions * sizeof *stub->contribution);
    for (size_t i = 0; i < stub->contributions && !in->bad; i++) {
        uint8_t bits = reader_u8(in);
        int64_t days = bits & OTHER_DAY ? reader_svarint(in) : 0;
        if (bits & OTHER_UNIT) unit = pack_take_unit(in, units);
        if ((bits & COUNTER_BITS) >= COUNTERS || days < -DAYS_MAX || days > DAYS_MAX || day + days < 0 || day + days > DAYS_MAX) in->bad = true;
        else day += (int32_t)days;
        stub->contribution[i] = (struct contribution){bits & COUNTER_BITS, day, unit};
    }
}

/* --- all of it --- */

static uint8_t bits_of(const struct stub *stub)
{
    bool words = stub->item.bytes || stub->area.bytes || stub->channel.bytes;
    return (uint8_t)((stub->final_ms != INT64_MAX ? IS_FINAL : 0) | (stub->satisfaction ? IS_SATISFIED : 0) | (stub->simple ? IS_SIMPLE : 0) |
                     (stub->is_default ? IS_DEFAULT : 0) | (stub->upheld ? IS_UPHELD : 0) |
                     (text_equal(stub->unit, stub->first_unit) ? 0 : HAS_FIRST_UNIT) | (stub->co_units.bytes ? HAS_CO_UNITS : 0) | (words ? HAS_WORDS : 0));
}

static void put_head(struct buffer *out, const struct stub *stub, struct pack_units *units)
{
    uint8_t bits = bits_of(stub);
    pack_put_time(out, 0, stub->at_ms);
    pack_put_time(out, stub->at_ms, stub->received_ms);
    pack_put_time(out, stub->received_ms, stub->begun_ms);
    pack_put_time(out, stub->received_ms, stub->last_ms);
    buffer_add_u8(out, bits);
    buffer_add_u8(out, stub->class);
    buffer_add_u8(out, (uint8_t)(stub->state | stub->outcome << 4));
    buffer_add_u8(out, (uint8_t)(stub->kind | stub->urgency << 4));
    buffer_add_u8(out, (uint8_t)(stub->satisfaction | stub->stars << 3));
    buffer_add_varint(out, stub->round);
    if (bits & IS_FINAL) pack_put_time(out, stub->received_ms, stub->final_ms);
    if (bits & IS_SATISFIED) pack_put_time(out, stub->received_ms, stub->satisfied_ms);
    pack_put_unit(out, units, stub->unit);
    if (bits & HAS_FIRST_UNIT) pack_put_unit(out, units, stub->first_unit);
    if (bits & HAS_CO_UNITS) pack_put_text(out, stub->co_units);
    if (!(bits & HAS_WORDS)) return;
    pack_put_text(out, stub->item);
    pack_put_text(out, stub->area);
    pack_put_text(out, stub->channel);
}

static void take_codes(struct reader *in, struct stub *stub, uint8_t bits)
{
    stub->class = reader_u8(in);
    uint8_t state = reader_u8(in), kind = reader_u8(in), stars = reader_u8(in);
    stub->state = state & 15;
    stub->outcome = state >> 4;
    stub->kind = kind & 15;
    stub->urgency = kind >> 4;
    stub->satisfaction = stars & 7;
    stub->stars = stars >> 3;
    uint64_t round = reader_varint(in);
    stub->round = (uint32_t)round;
    stub->simple = bits & IS_SIMPLE;
    stub->is_default = bits & IS_DEFAULT;
    stub->upheld = bits & IS_UPHELD;
    bool final = stub->state == STATE_VOIDED || stub->state == STATE_MERGED;
    if ((!final && stub->state != STATE_CLOSED) || final != !!(bits & IS_FINAL)) in->bad = true;
    if (!stub->satisfaction != !(bits & IS_SATISFIED) || stub->satisfaction > 5 || stub->stars > 5) in->bad = true;
    if (stub->kind >= KINDS || stub->urgency >= URGENCIES || stub->outcome >= OUTCOMES || round == 0 || round > ROUNDS_MAX) in->bad = true;
}

static void take_head(struct reader *in, struct stub *stub, struct pack_units *units)
{
    stub->at_ms = pack_take_time(in, 0);
    stub->received_ms = pack_take_time(in, stub->at_ms);
    stub->begun_ms = pack_take_time(in, stub->received_ms);
    stub->last_ms = pack_take_time(in, stub->received_ms);
    uint8_t bits = reader_u8(in);
    take_codes(in, stub, bits);
    stub->final_ms = bits & IS_FINAL ? pack_take_time(in, stub->received_ms) : INT64_MAX;
    if (bits & IS_SATISFIED) stub->satisfied_ms = pack_take_time(in, stub->received_ms);
    stub->unit = pack_take_unit(in, units);
    stub->first_unit = bits & HAS_FIRST_UNIT ? pack_take_unit(in, units) : stub->unit;
    if (bits & HAS_CO_UNITS) stub->co_units = pack_take_text(in);
    bool times = is_time(stub->begun_ms) && stub->begun_ms <= stub->received_ms && stub->received_ms <= stub->last_ms && stub->last_ms < stub->at_ms && is_time(stub->at_ms);
    if (!times || (bits & IS_FINAL && !is_time(stub->final_ms)) || (bits & IS_SATISFIED && !is_time(stub->satisfied_ms))) in->bad = true;
    if (!(bits & HAS_WORDS)) return;
    stub->item = pack_take_text(in);
    stub->area = pack_take_text(in);
    stub->channel = pack_take_text(in);
}

void stub_put(struct buffer *out, const struct stub *stub)
{
    struct pack_units units = {.count = 0};
    int64_t before_ms = stub->received_ms;
    put_head(out, stub, &units);
    buffer_add_varint(out, stub->clocks);
    if (stub->clocks) buffer_add_varint(out, (uint64_t)(stub->main + 1));
    for (size_t i = 0; i < stub->clocks; before_ms = stub->clock[i++].started_ms) put_clock(out, &stub->clock[i], before_ms, &units);
    buffer_add_varint(out, stub->shares);
    before_ms = stub->received_ms;
    for (size_t i = 0; i < stub->shares; before_ms = stub->share[i++].from_ms) put_share(out, &stub->share[i], before_ms, &units);
    put_contributions(out, stub, &units);
}

struct stub *stub_take(struct reader *in, struct pool *pool)
{
    struct pack_units units = {.count = 0};
    struct stub *stub = pool_take(pool, sizeof *stub);
    *stub = (struct stub){.main = -1};
    take_head(in, stub, &units);
    if (in->bad) return NULL;
    int64_t before_ms = stub->received_ms;
    stub->clocks = take_count(in, 7);
    uint64_t main = stub->clocks ? reader_varint(in) : 0;
    if (main > stub->clocks) in->bad = true;
    else stub->main = (int)main - 1;
    stub->clock = pool_take(pool, stub->clocks * sizeof *stub->clock);
    for (size_t i = 0; i < stub->clocks && !in->bad; before_ms = stub->clock[i++].started_ms) stub->clock[i] = take_clock(in, before_ms, &units);
    stub->shares = take_count(in, 4);
    stub->share = pool_take(pool, stub->shares * sizeof *stub->share);
    before_ms = stub->received_ms;
    for (size_t i = 0; i < stub->shares && !in->bad; before_ms = stub->share[i++].from_ms) stub->share[i] = take_share(in, before_ms, &units, stub->clocks);
    if (!in->bad) take_contributions(in, stub, &units, pool);
    return in->bad ? NULL : stub;
}
