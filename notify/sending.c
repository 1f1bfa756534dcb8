/* When a notice may go. Pure; reading is in sending_read.c.
 *
 * The trap: the rules of a case may have a newer calendar than those of the case before, so days are asked of the calendar that comes
 * with the question, and nothing about days is kept. */
#include "notify/sending.h"

#include <stdlib.h>
#include <string.h>

#include "notify/sending_table.h"

/* A gap between days that count: longer than any holiday. A calendar that has none for so long holds back nothing. */
enum { DAYS_MAX = 400, WORKDAYS = 1 << DAY_WORKDAY | 1 << DAY_MAKEUP_WORKDAY };

/* --- days --- */

static int compare_days(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

static bool among(const int32_t *days, int count, int32_t day)
{
    return count && bsearch(&day, days, (size_t)count, sizeof *days, compare_days);
}

static bool counts(const struct sending *sending, int calendar, const struct rules *rules, int32_t day)
{
    if (calendar == 0) return WORKDAYS >> calendar_kind(rules->calendar, day) & 1;
    const struct policy_calendar *own = &sending->calendar[calendar - 1];
    if (among(own->off, own->offs, day)) return false;
    return own->kinds >> calendar_kind(rules->calendar, day) & 1 || among(own->on, own->ons, day);
}

/* The first day that counts, from `day` on forwards (step 1) or backwards (-1); false: none near. */
static bool seek(const struct sending *sending, int calendar, const struct rules *rules, int step, int32_t *day)
{
    for (int i = 0; i < DAYS_MAX && calendar_holds(*day); i++, *day += step)
        if (counts(sending, calendar, rules, *day)) return true;
    return false;
}

/* --- which rule --- */

static bool covers(const struct scope *scope, enum config_channel channel, unsigned roles)
{
    return (!scope->channels || scope->channels >> channel & 1) && (!scope->roles || scope->roles & roles);
}

static const struct hours *hours_of(const struct sending *sending, enum config_channel channel, unsigned roles)
{
    for (int i = 0; i < sending->hours; i++)
        if (covers(&sending->hour[i].scope, channel, roles)) return &sending->hour[i];
    return NULL;
}

static const struct digests *digests_of(const struct sending *sending, enum config_channel channel, unsigned roles)
{
    for (int i = 0; sending && i < sending->digests; i++)
        if (covers(&sending->digest[i].scope, channel, roles)) return sending->digest[i].times ? &sending->digest[i] : NULL;
    return NULL;
}

static bool named(const char (*names)[POLICY_NAME_BYTES], int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static enum sending_kind kind_of(enum demand_kind kind)
{
    switch (kind) {
    case DEMAND_RETRACT: return SENDING_WITHDRAWN;
    case DEMAND_CORRECTION: return SENDING_CORRECTED;
    case DEMAND_CLUSTER: return SENDING_CLUSTER;
    default: return SENDING_NOTICE;
    }
}

/* --- hours --- */

bool sending_is_critical(const struct sending *sending, const struct sending_case *notice)
{
    if (!sending) return false;
    if (sending->urgencies >> notice->urgency & 1 || sending->kinds >> kind_of(notice->kind) & 1) return true;
    if (notice->class && named((const char (*)[POLICY_NAME_BYTES])sending->class, sending->classes, notice->class)) return true;
    return notice->step && named((const char (*)[POLICY_NAME_BYTES])sending->step, sending->steps, notice->step->name);
}

/* The first instant of that day's hours that is at now_ms or later; INT64_MAX when they are over. */
static int64_t opens_on(const struct hours *hours, const struct zone *zone, int32_t day, int64_t now_ms)
{
    for (int i = 0; i < hours->periods; i++) {
        int64_t from_ms = zone_instant_ms(zone, day, hours->period[i].from_ms);
        if (now_ms < from_ms) return from_ms;
        if (now_ms < zone_instant_ms(zone, day, hours->period[i].to_ms)) return now_ms;
    }
    return INT64_MAX;
}

int64_t sending_opens(const struct sending *sending, const struct rules *rules, const struct sending_case *notice, int64_t now_ms)
{
    const struct hours *hours = sending ? hours_of(sending, notice->channel, notice->roles) : NULL;
    if (!hours || hours->any_hour || sending_is_critical(sending, notice)) return now_ms;
    int32_t day = zone_day(rules->zone, now_ms);
    if (!seek(sending, hours->scope.calendar, rules, 1, &day)) return now_ms;
    int64_t opens_ms = opens_on(hours, rules->zone, day, now_ms);
    if (opens_ms != INT64_MAX) return opens_ms;
    day++;
    if (!seek(sending, hours->scope.calendar, rules, 1, &day)) return now_ms;
    return opens_on(hours, rules->zone, day, now_ms);
}

/* --- digests --- */

bool sending_gathers(const struct sending *sending, const struct sending_case *notice)
{
    const struct digests *digests = digests_of(sending, notice->channel, notice->roles);
    if (!digests || !notice->step || sending_is_critical(sending, notice)) return false;
    return digests->whens >> notice->step->when & 1 || named((const char (*)[POLICY_NAME_BYTES])digests->step, digests->steps, notice->step->name);
}

int64_t sending_next_digest(const struct sending *sending, const struct rules *rules, enum config_channel channel, unsigned roles, int64_t now_ms)
{
    const struct digests *digests = digests_of(sending, channel, roles);
    if (!digests) return INT64_MAX;
    int32_t day = zone_day(rules->zone, now_ms);
    for (int tries = 0; tries < 2; tries++, day++) {
        if (!seek(sending, digests->scope.calendar, rules, 1, &day)) return INT64_MAX;
        for (int i = 0; i < digests->times; i++) {
            int64_t at_ms = zone_instant_ms(rules->zone, day, digests->time_ms[i]);
            if (at_ms > now_ms) return at_ms;
        }
    }
    return INT64_MAX;
}

int64_t sending_last_digest(const struct sending *sending, const struct rules *rules, enum config_channel channel, unsigned roles, int64_t now_ms,
                            bool *morning)
{
    const struct digests *digests = digests_of(sending, channel, roles);
    *morning = false;
    if (!digests) return INT64_MIN;
    int32_t day = zone_day(rules->zone, now_ms);
    for (int tries = 0; tries < 2; tries++, day--) {
        if (!seek(sending, digests->scope.calendar, rules, -1, &day)) return INT64_MIN;
        for (int i = digests->times - 1; i >= 0; i--) {
            int64_t at_ms = zone_instant_ms(rules->zone, day, digests->time_ms[i]);
            if (at_ms > now_ms) continue;
            *morning = i == 0;
            return at_ms;
        }
    }
    return INT64_MIN;
}
