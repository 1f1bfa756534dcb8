/* Any bytes as a calendar: refused with a reason, or its look-ups agree with each other, forwards and back; also derived ones. */
#include <assert.h>
#include <string.h>

#include "common/zone.h"
#include "sla/calendar.h"
#include "tests/fuzz/json_change.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    return json_change(data, bytes, most, seed);
}

enum { LOOKS = 64 };

/* Numbers from the bytes, so that the calendar says where to look. */
static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static int32_t some_day(uint32_t *seed)
{
    int32_t first = day_from_civil(CALENDAR_FIRST_YEAR, 1, 1);
    return first + (int32_t)(next(seed) % (uint32_t)(calendar_last_day() - first + 1));
}

static void check_forward(const struct calendar *calendar, int32_t day, int32_t count)
{
    int32_t found = calendar_add_workdays(calendar, day, count), last = calendar_last_day();
    int32_t between = day == last ? 0 : calendar_workdays_between(calendar, day + 1, found + 1);
    assert(calendar_holds(found) && found >= day && between <= count);
    if (between == count) assert(calendar_is_workday(calendar, found));
    else assert(found == last); /* fewer are left */
}

static void check_back(const struct calendar *calendar, int32_t day, int32_t count)
{
    int32_t found = calendar_add_workdays(calendar, day, -count), first = day_from_civil(CALENDAR_FIRST_YEAR, 1, 1);
    int32_t between = calendar_workdays_between(calendar, found, day);
    assert(calendar_holds(found) && found <= day && between <= count);
    if (between == count) assert(calendar_is_workday(calendar, found));
    else assert(found == first);
}

static void check_look_ups(const struct calendar *calendar, uint32_t seed)
{
    for (int i = 0; i < LOOKS; i++) {
        int32_t day = some_day(&seed), other = some_day(&seed), count = 1 + (int32_t)(next(&seed) % (i % 2 ? 60000 : 60));
        int32_t slow = 0, from = other < day ? other : day, to = from + (int32_t)(next(&seed) % 800);
        if (to > calendar_last_day()) to = calendar_last_day();
        check_forward(calendar, day, count);
        check_back(calendar, day, count);
        for (int32_t d = from; d < to; d++) slow += calendar_is_workday(calendar, d);
        assert(calendar_workdays_between(calendar, from, to) == slow);
        assert(calendar_workdays_between(calendar, to, from) == 0 && calendar_add_workdays(calendar, day, 0) == day);
        assert(day_kind_name(calendar_kind(calendar, day)));
        if (!calendar_provisional(calendar, from, to))
            for (int32_t d = from + 1, year, month, dom; d <= to; d += 300) {
                day_to_civil(d, &year, &month, &dom);
                assert(calendar_published(calendar, year));
            }
    }
}

static void check_derived(const struct calendar *base, uint32_t seed)
{
    int32_t on[4], off[4];
    unsigned kinds = next(&seed) & 15;
    for (int i = 0; i < 4; i++) on[i] = some_day(&seed), off[i] = some_day(&seed);
    if (seed & 1) off[0] = on[0];
    struct calendar *calendar = calendar_derive(base, kinds, on, 4, off, 4);
    for (int i = 0; i < 4; i++) assert(!calendar_is_workday(calendar, off[i]));
    for (int i = 1; i < 4; i++)
        assert(calendar_is_workday(calendar, on[i]) || on[i] == off[0] || on[i] == off[1] || on[i] == off[2] || on[i] == off[3]);
    int32_t day = some_day(&seed);
    assert(calendar_kind(calendar, day) == calendar_kind(base, day) && !calendar_json(calendar));
    check_look_ups(calendar, seed);
    calendar_free(calendar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char fault[256] = "";
    uint32_t seed = (uint32_t)bytes;
    struct calendar *calendar = calendar_parse((const char *)data, bytes, "calendar", fault, sizeof fault), *again;
    if (!calendar) {
        assert(*fault);
        return 0;
    }
    for (size_t i = 0; i < bytes; i++) seed = seed * 31 + data[i];
    check_look_ups(calendar, seed);
    check_derived(calendar, seed);
    again = calendar_parse(calendar_json(calendar), strlen(calendar_json(calendar)), "again", fault, sizeof fault);
    assert(again && strcmp(calendar_json(again), calendar_json(calendar)) == 0);
    assert(strcmp(calendar_version(again), calendar_version(calendar)) == 0);
    for (int i = 0; i < LOOKS; i++) {
        int32_t day = some_day(&seed);
        assert(calendar_kind(again, day) == calendar_kind(calendar, day));
    }
    calendar_free(again);
    calendar_free(calendar);
    return 0;
}
