/* What cannot work of routes, before anything is sent. */
#include <stdio.h>
#include <string.h>

#include "notify/channel.h"
#include "notify/route.h"
#include "notify/route_index.h"

/* What is gathered. */
struct findings {
    const struct routing *routing;
    struct buffer *faults, *warnings;
    size_t count; /* of the faults */
    int32_t day;
    size_t in_person[POSTS];         /* units of which nobody of the post can be reached in person, though an endpoint serves them, */
    struct text in_person_of[POSTS]; /* and the first of them */
};

#define FAULT(findings, ...) ((findings)->count++, (void)((findings)->faults && buffer_addf((findings)->faults, __VA_ARGS__)))
#define WARN(findings, ...) ((void)((findings)->warnings && buffer_addf((findings)->warnings, __VA_ARGS__)))

static const struct channel *channel_at(const struct route_endpoint *one)
{
    return channel_of((enum config_channel)one->endpoint->config->channel);
}

/* --- endpoints --- */

static bool is_role(const char *name)
{
    bool known = !strcmp(name, "*") || !strcmp(name, "-");
    for (int role = 0; role < ROLES; role++) known |= !strcmp(name, role_name((enum role)role));
    return known;
}

/* That there is one, and another, is looked at with the endpoint itself. */
static void check_fallback(struct findings *findings, const struct route_endpoint *one)
{
    const struct config_endpoint *config = one->endpoint->config;
    const struct route_endpoint *next = one->fallback;
    size_t hops = 0;
    if (!next || next == one) return;
    if (channel_at(next)->addressed && config->channel != next->endpoint->config->channel)
        FAULT(findings, "[endpoint %s] fallback: %s sends to addresses, of which this one has none\n", config->name, config->fallback);
    while (next && next != one && hops++ <= findings->routing->index->count) next = next->fallback;
    if (next == one) FAULT(findings, "[endpoint %s] fallback: it comes back to itself\n", config->name);
}

static void check_served(struct findings *findings, const struct config_endpoint *config)
{
    const struct units *units = findings->routing->units;
    for (size_t i = 0; units && i < config->units.count; i++) {
        struct text unit = {config->units.at[i], strlen(config->units.at[i])}, now = units_in_force(units, unit, findings->day);
        if (!strcmp(unit.at, "*") || !strcmp(unit.at, "-") || text_equal(unit, now)) continue;
        if (!units_know(units, unit)) WARN(findings, "[endpoint %s] units: the units' file has no \"%s\"\n", config->name, unit.at);
        else if (now.bytes) WARN(findings, "[endpoint %s] units: \"%s\" has ended, its notices go to \"%s\"\n", config->name, unit.at, now.at);
        else WARN(findings, "[endpoint %s] units: \"%s\" is not valid on this day\n", config->name, unit.at);
    }
}

static void check_endpoint(struct findings *findings, const struct route_endpoint *one)
{
    const struct config_endpoint *config = one->endpoint->config;
    bool none = config->units.count == 1 && !strcmp(config->units.at[0], "-");
    if (channel_at(one)->addressed && !none)
        FAULT(findings, "[endpoint %s] units: %s goes to people's addresses alone: expected -\n", config->name, channel_at(one)->name);
    for (size_t i = 0; i < config->roles.count; i++)
        if (!is_role(config->roles.at[i])) FAULT(findings, "[endpoint %s] roles: unknown role \"%s\"\n", config->name, config->roles.at[i]);
    check_fallback(findings, one);
    check_served(findings, config);
}

/* --- contacts --- */

/* Why nothing can go there; NULL: it can. */
static const char *contact_wrong(const struct route_endpoint *one, const struct contact *contact)
{
    const struct channel *channel = channel_at(one);
    if (contact->address.bytes == 0) return channel->addressed ? "an address is missing" : NULL;
    return channel->address ? channel->address(contact->address) : "it takes no address";
}

static void check_contacts(struct findings *findings, const struct person *person)
{
    for (size_t i = 0; i < person->contacts; i++) {
        const struct contact *contact = &person->contact[i];
        const struct route_endpoint *one = route_endpoint_named(findings->routing->index, contact->endpoint.at, contact->endpoint.bytes);
        const char *wrong = one ? contact_wrong(one, contact) : NULL;
        if (!one) FAULT(findings, "units: person \"%s\": contacts[%zu]: there is no [endpoint %s]\n", person->id.at, i, contact->endpoint.at);
        else if (wrong) FAULT(findings, "units: person \"%s\": contacts[%zu]: %s: %s\n", person->id.at, i, contact->endpoint.at, wrong);
    }
}

static bool reachable(const struct findings *findings, const struct person *person)
{
    for (size_t i = 0; i < person->contacts; i++) {
        const struct contact *contact = &person->contact[i];
        const struct route_endpoint *one = route_endpoint_named(findings->routing->index, contact->endpoint.at, contact->endpoint.bytes);
        if (one && !contact_wrong(one, contact)) return true;
    }
    return false;
}

/* --- units --- */

/* Who of a post can be reached, and the first who cannot. */
struct reach {
    size_t people, reached;
    const struct person *missing;
    bool served; /* an endpoint takes the role's notices */
};

static struct reach reach_of(const struct findings *findings, struct text unit, enum post post)
{
    struct posted posted[UNIT_POST_MAX];
    struct reach reach = {.people = units_everybody(findings->routing->units, unit, post, findings->day, posted, UNIT_POST_MAX)};
    for (size_t i = 0; i < reach.people && i < UNIT_POST_MAX; i++) {
        if (reachable(findings, posted[i].person)) reach.reached++;
        else if (!reach.missing) reach.missing = posted[i].person;
    }
    reach.served = route_subscribed(findings->routing->index, unit, post == POST_LEADER ? ROLE_LEADER : ROLE_HANDLER);
    return reach;
}

static void check_unit(struct findings *findings, struct text unit)
{
    struct reach reach[POSTS];
    if (!text_equal(units_in_force(findings->routing->units, unit, findings->day), unit)) return; /* not valid: another has its notices */
    size_t reached = 0;
    for (int post = 0; post < POSTS; post++) {
        reach[post] = reach_of(findings, unit, (enum post)post);
        reached += reach[post].reached + reach[post].served;
    }
    if (reached == 0) {
        WARN(findings, "units: \"%s\": nobody can be reached, neither people nor endpoint: what it is owed goes to the dispatcher\n", unit.at);
        return;
    }
    for (int post = 0; post < POSTS; post++) {
        const char *name = post_name((enum post)post);
        if (reach[post].reached == 0 && reach[post].served) {
            if (findings->in_person[post]++ == 0) findings->in_person_of[post] = unit;
        } else if (reach[post].reached == 0)
            WARN(findings, "units: \"%s\": no %s can be reached: steps to that role alone go to the dispatcher\n", unit.at, name);
        else if (reach[post].missing && !reach[post].served)
            WARN(findings, "units: \"%s\": %s \"%s\" has no contact\n", unit.at, name, reach[post].missing->id.at);
    }
}

/* A line for all of them: a town that sends to endpoints alone has as many as units. */
static void warn_in_person(const struct findings *findings, enum post post)
{
    char more[48] = "";
    size_t count = findings->in_person[post];
    if (count > 1) snprintf(more, sizeof more, " (and %zu other units)", count - 1);
    if (count) WARN(findings, "units: \"%s\"%s: no %s can be reached in person: an endpoint has what is theirs\n", findings->in_person_of[post].at, more, post_name(post));
}

static void check_part(struct findings *findings, const char *part, struct text unit, enum role role)
{
    if (unit.bytes) return;
    if (!route_subscribed(findings->routing->index, unit, role)) WARN(findings, "units: %s: no unit takes that part, and no endpoint its notices\n", part);
}

static void check_units(struct findings *findings)
{
    const struct units *units = findings->routing->units;
    const struct person *person;
    struct text unit;
    for (size_t i = 0; (person = units_person_at(units, i)); i++) check_contacts(findings, person);
    check_part(findings, "dispatcher", units_dispatcher(units), ROLE_DISPATCHER);
    check_part(findings, "supervision", units_supervision(units), ROLE_SUPERVISION);
    check_part(findings, "circulation", units_circulation(units), ROLE_CIRCULATION);
    if (findings->routing->index->count == 0) {
        WARN(findings, "units: no [endpoint] is configured: no unit can be reached\n");
        return;
    }
    for (size_t i = 0; (unit = units_unit_at(units, i)).bytes; i++) check_unit(findings, unit);
    for (int post = 0; post < POSTS; post++) warn_in_person(findings, (enum post)post);
}

size_t route_check(const struct routing *routing, int32_t day, struct buffer *faults, struct buffer *warnings)
{
    struct findings findings = {.routing = routing, .faults = faults, .warnings = warnings, .day = day};
    for (size_t i = 0; i < routing->index->count; i++) check_endpoint(&findings, &routing->index->endpoint[i]);
    if (routing->units) check_units(&findings);
    return findings.count;
}
