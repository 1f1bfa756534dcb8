/* Any bytes as a units file and as a sending file: refused with a reason, or every look-up ends and agrees with what it is made of. */
#include <assert.h>
#include <string.h>

#include "common/zone.h"
#include "notify/sending.h"
#include "sla/units.h"
#include "tests/fuzz/json_change.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    return json_change(data, bytes, most, seed);
}

enum { DAYS_LOOKED = 12 };

static struct {
    struct calendar *calendar;
    struct zone zone;
    struct rules rules;
} world;

static void open_world(void)
{
    char error[256];
    if (world.calendar) return;
    world.calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    assert(world.calendar && zone_load(&world.zone, "Asia/Shanghai"));
    world.rules = (struct rules){.calendar = world.calendar, .zone = &world.zone};
}

static void check_people(const struct units *units, struct text unit, enum post post, int32_t day)
{
    struct posted posted[UNIT_POST_MAX];
    size_t count = units_people(units, unit, post, world.calendar, day, posted, UNIT_POST_MAX);
    for (size_t i = 0; i < count && i < UNIT_POST_MAX; i++) {
        assert(posted[i].person && posted[i].person->id.bytes && posted[i].instead_of != posted[i].person);
        for (size_t k = 0; k < i; k++) assert(posted[k].person != posted[i].person);
    }
    if (count) assert(text_equal(units_in_force(units, unit, day), unit));
    units_everybody(units, unit, post, day, posted, UNIT_POST_MAX);
}

static void check_unit(const struct units *units, struct text unit, int32_t day)
{
    struct text now = units_in_force(units, unit, day);
    assert(units_know(units, unit) && units_name(units, unit).bytes);
    if (now.bytes) assert(text_equal(units_in_force(units, now, day), now));
    int hops = 0;
    for (struct text above = unit; above.bytes; above = units_above(units, above, day)) assert(hops++ <= UNITS_MAX);
    if (text_equal(now, unit)) assert(text_equal(units_above(units, unit, day), units_parent(units, unit, day)));
    for (int post = 0; post < POSTS; post++) check_people(units, unit, (enum post)post, day);
}

static void check_units(const struct units *units)
{
    struct text unit;
    for (size_t i = 0; i < 64 && (unit = units_unit_at(units, i)).bytes; i++)
        for (int32_t k = 0; k < DAYS_LOOKED; k++) check_unit(units, unit, 20454 + 37 * k); /* over 2026 and a bit */
    assert(units_person_at(units, UNITS_PEOPLE_MAX) == NULL);
}

/* What opens is open then, and nothing before; digests follow each other. */
static void check_sending(const struct sending *sending, enum config_channel channel, unsigned roles, int64_t now_ms)
{
    struct sending_case notice = {.channel = channel, .roles = roles, .class = "general", .urgency = URGENCY_NORMAL};
    int64_t opens_ms = sending_opens(sending, &world.rules, &notice, now_ms), next_ms, last_ms;
    bool morning;
    assert(opens_ms >= now_ms && opens_ms != INT64_MAX);
    assert(sending_opens(sending, &world.rules, &notice, opens_ms) == opens_ms);
    if (sending_is_critical(sending, &notice)) assert(opens_ms == now_ms && !sending_gathers(sending, &notice));
    next_ms = sending_next_digest(sending, &world.rules, channel, roles, now_ms);
    last_ms = sending_last_digest(sending, &world.rules, channel, roles, now_ms, &morning);
    assert(next_ms > now_ms && last_ms <= now_ms);
    if (next_ms == INT64_MAX) return;
    assert(sending_last_digest(sending, &world.rules, channel, roles, next_ms, &morning) == next_ms);
    if (last_ms != INT64_MIN) assert(sending_next_digest(sending, &world.rules, channel, roles, last_ms) == next_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct buffer faults;
    open_world();
    buffer_init(&faults, UNITS_FAULTS_BYTES);
    struct units *units = units_parse((const char *)data, bytes, "units", &faults);
    assert(units || faults.bytes || faults.overflow);
    if (units) check_units(units);
    units_free(units);
    buffer_clear(&faults);
    struct sending *sending = sending_parse((const char *)data, bytes, "sending", &faults);
    assert(sending || faults.bytes || faults.overflow);
    for (int k = 0; sending && k < DAYS_LOOKED; k++)
        for (int channel = 0; channel < CHANNELS; channel++)
            check_sending(sending, (enum config_channel)channel, 1U << (k + channel) % ROLES, 1767225600000 + k * (INT64_C(29) * DAY_MS + 3700000));
    sending_free(sending);
    buffer_free(&faults);
    return 0;
}
