/* The roll, unit by unit. The trap: who is on duty changes with the day, so a roll is of one day; and an endpoint may serve units that
 * the units' file does not know. */
#include "notify/digest_roll.h"

#include <string.h>

#include "common/clock.h"

enum { ALL_ROLES = (1u << ROLES) - 1 };

void digest_roll_begin(struct digest_roll *roll, int32_t day)
{
    digest_roll_free(roll);
    roll->day = day;
}

static struct text keep(struct pool *pool, struct text text)
{
    return text.bytes ? (struct text){pool_copy(pool, text.at, text.bytes), text.bytes} : (struct text){0};
}

static bool gets_digests(const struct digest_roll_source *source, const struct recipient *to, int64_t now_ms)
{
    enum config_channel channel = (enum config_channel)to->place[0].endpoint->config->channel;
    return sending_next_digest(source->sending, source->rules, channel, to->roles, now_ms) != INT64_MAX;
}

/* One whom a route leads to, for the first time or as other roles. */
static void take(struct digest_roll *roll, const struct recipient *to)
{
    struct digest_reader *reader = digest_roll_find(roll, to->key);
    if (reader) {
        reader->to.roles |= to->roles;
        return;
    }
    if (HASH_COUNT(roll->readers) == DIGEST_READERS_MAX) {
        roll->left_out++;
        return;
    }
    reader = pool_take(&roll->pool, sizeof *reader);
    *reader = (struct digest_reader){.to = *to, .channel = (enum config_channel)to->place[0].endpoint->config->channel};
    reader->to.person = keep(&roll->pool, to->person);
    reader->to.name = keep(&roll->pool, to->name);
    for (size_t i = 0; i < to->places; i++) reader->to.place[i].address = keep(&roll->pool, to->place[i].address);
    HASH_ADD(hh, roll->readers, to.key, sizeof reader->to.key, reader);
}

static void ask(struct digest_roll *roll, const struct digest_roll_source *source, struct text unit)
{
    struct route route;
    struct route_question question = {.unit = unit, .holder = unit, .member = &unit, .members = 1, .roles = ALL_ROLES, .day = roll->day};
    struct routing routing = *source->routing;
    routing.calendar = source->rules->calendar;
    route_find(&route, &routing, &question);
    for (size_t i = 0; i < route.count; i++)
        if (route.at[i].places) take(roll, &route.at[i]);
}

/* The next unit that an endpoint serves. False: there is none. */
static bool next_served(struct digest_roll *roll, const struct endpoints *endpoints, struct text *unit)
{
    while (roll->endpoint < endpoints->count) {
        const struct config_list *units = &endpoints->at[roll->endpoint].config->units;
        if (roll->served >= units->count) {
            roll->endpoint++;
            roll->served = 0;
            continue;
        }
        const char *name = units->at[roll->served++];
        if (!strcmp(name, "-")) continue; /* none: it is there for people's contacts alone */
        *unit = strcmp(name, "*") ? (struct text){name, strlen(name)} : (struct text){0};
        return true;
    }
    return false;
}

/* The next unit to ask about: those of the file, then those that endpoints name. */
static bool next_unit(struct digest_roll *roll, const struct routing *routing, struct text *unit)
{
    *unit = routing->units ? units_unit_at(routing->units, roll->unit) : (struct text){0};
    if (unit->bytes) return roll->unit++, true;
    return next_served(roll, routing->endpoints, unit);
}

static void leave_out_others(struct digest_roll *roll, const struct digest_roll_source *source, int64_t now_ms)
{
    struct digest_reader *reader, *next;
    HASH_ITER(hh, roll->readers, reader, next)
        if (!gets_digests(source, &reader->to, now_ms)) HASH_DEL(roll->readers, reader);
}

void digest_roll_go_on(struct digest_roll *roll, const struct digest_roll_source *source, int64_t now_ms, int64_t until_ms)
{
    struct text unit;
    while (!roll->whole && clock_monotonic_ms() < until_ms) {
        roll->whole = !next_unit(roll, source->routing, &unit);
        if (!roll->whole) ask(roll, source, unit);
        else leave_out_others(roll, source, now_ms);
    }
}

struct digest_reader *digest_roll_find(const struct digest_roll *roll, uint64_t key)
{
    struct digest_reader *reader;
    HASH_FIND(hh, roll->readers, &key, sizeof key, reader);
    return reader;
}

void digest_roll_free(struct digest_roll *roll)
{
    HASH_CLEAR(hh, roll->readers);
    pool_free(&roll->pool);
    *roll = (struct digest_roll){0};
}
