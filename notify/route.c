/* From roles to recipients. Pure: who, where, and why.
 *
 * The trap: nothing is dropped. Whom the step addresses may be nobody today, may have no contact, its unit may have ended: what reaches
 * nobody goes to the dispatcher. */
#include "notify/route.h"

#include <string.h>
#include <xxhash.h>

#include "notify/channel.h"
#include "notify/route_index.h"

/* One answer in the making. */
struct search {
    struct route *route;
    const struct routing *routing;
    const struct route_question *question;
    struct text dispatcher;
    route_tell *tell; /* NULL: nobody asks why */
    void *context;
};

/* A unit that a question is about, as it stands that day. */
struct target {
    struct text unit, instead_of;
};

void routing_open(struct routing *routing, struct endpoints *endpoints, const struct units *units, const struct calendar *calendar)
{
    *routing = (struct routing){endpoints, units, calendar, route_index_new(endpoints)};
}

void routing_close(struct routing *routing)
{
    route_index_free(routing->index);
    *routing = (struct routing){0};
}

static uint64_t key_of(char kind, struct text name)
{
    return XXH3_64bits_withSeed(name.at ? name.at : "", name.bytes, (XXH64_hash_t)kind);
}

/* --- places --- */

static void add_place(struct recipient *recipient, struct endpoint *endpoint, struct text address)
{
    for (size_t i = 0; i < recipient->places; i++)
        if (recipient->place[i].endpoint == endpoint && text_equal(recipient->place[i].address, address)) return;
    if (recipient->places < CONTACTS_MAX) recipient->place[recipient->places++] = (struct place){endpoint, address};
}

/* The endpoint and what takes over from it; an address goes along where it is one of the same channel. */
static void add_places(struct recipient *recipient, const struct route_endpoint *one, struct text address)
{
    const int channel = one->endpoint->config->channel;
    for (int hops = 0; one && hops < CONTACTS_MAX; hops++, one = one->fallback) {
        if (one->endpoint->config->channel == channel) add_place(recipient, one->endpoint, address);
        else if (one->subscribes) add_place(recipient, one->endpoint, (struct text){NULL, 0});
    }
}

static void add_contacts(struct recipient *recipient, const struct route_index *index, const struct person *person)
{
    for (size_t i = 0; i < person->contacts; i++) {
        const struct contact *contact = &person->contact[i];
        const struct route_endpoint *one = route_endpoint_named(index, contact->endpoint.at, contact->endpoint.bytes);
        if (one && (one->subscribes || contact->address.bytes)) add_places(recipient, one, contact->address);
    }
}

/* --- recipients --- */

static struct recipient *known(struct route *route, uint64_t key)
{
    for (size_t i = 0; i < route->count; i++)
        if (route->at[i].key == key) return &route->at[i];
    return NULL;
}

/* Takes it up, or adds the role to the one that is there. */
static void add(struct search *search, const struct recipient *one, const struct route_reason *why)
{
    struct route *route = search->route;
    struct recipient *there = known(route, one->key);
    if (!there && route->count == RECIPIENTS_MAX) {
        route->left_out++;
        return;
    }
    if (!there) *(there = &route->at[route->count++]) = *one;
    there->roles |= one->roles;
    if (!search->tell) return;
    struct route_reason reason = *why;
    reason.recipient = there;
    reason.elsewhere = route->elsewhere;
    search->tell(search->context, &reason);
}

static void add_people(struct search *search, const struct target *target, enum role role)
{
    const struct routing *routing = search->routing;
    struct posted posted[UNIT_POST_MAX];
    if (!routing->units || target->unit.bytes == 0) return;
    enum post post = role == ROLE_LEADER ? POST_LEADER : POST_HANDLER;
    size_t count = units_people(routing->units, target->unit, post, routing->calendar, search->question->day, posted, UNIT_POST_MAX);
    for (size_t i = 0; i < count && i < UNIT_POST_MAX; i++) {
        const struct person *person = posted[i].person;
        struct recipient one = {.key = key_of('p', person->id), .person = person->id, .name = person->name, .roles = 1u << role};
        add_contacts(&one, routing->index, person);
        if (one.places) add(search, &one, &(struct route_reason){.role = role, .unit = target->unit, .instead_of = target->instead_of, .posted = &posted[i]});
    }
}

static void add_endpoint(struct search *search, const struct route_endpoint *endpoint, const struct target *target, enum role role)
{
    const char *name = endpoint->endpoint->config->name;
    if (!endpoint->subscribes || (!(endpoint->roles >> role & 1) && !search->route->elsewhere)) return;
    struct recipient one = {.key = key_of('e', (struct text){name, strlen(name)}), .roles = 1u << role};
    add_places(&one, endpoint, (struct text){NULL, 0});
    add(search, &one, &(struct route_reason){.role = role, .unit = target->unit, .instead_of = target->instead_of});
}

static void add_endpoints(struct search *search, const struct target *target, enum role role)
{
    const struct route_index *index = search->routing->index;
    const struct route_served *served = route_served_by(index, target->unit);
    for (size_t i = 0; served && i < served->count; i++) add_endpoint(search, served->at[i], target, role);
    for (size_t i = 0; i < index->everywheres; i++) add_endpoint(search, index->everywhere[i], target, role);
}

/* --- units --- */

/* The unit in force. One that the file does not know, or that ended without a successor, stays itself: endpoints may serve it. */
static struct target in_force(const struct search *search, struct text unit)
{
    const struct units *units = search->routing->units;
    struct text now = units ? units_in_force(units, unit, search->question->day) : (struct text){NULL, 0};
    if (now.bytes == 0 || text_equal(now, unit)) return (struct target){unit, {NULL, 0}};
    return (struct target){now, unit};
}

static void address(struct search *search, struct text unit, enum role role, bool people)
{
    struct target target = in_force(search, unit);
    if (people) add_people(search, &target, role);
    add_endpoints(search, &target, role);
}

/* The unit whose handlers have this role whatever unit owes the step; empty for none. */
static struct text part_of(const struct search *search, enum role role)
{
    const struct units *units = search->routing->units;
    if (role == ROLE_DISPATCHER) return search->dispatcher;
    if (units && role == ROLE_SUPERVISION) return units_supervision(units);
    if (units && role == ROLE_CIRCULATION) return units_circulation(units);
    return (struct text){NULL, 0};
}

static void add_role(struct search *search, enum role role, struct text unit)
{
    const struct route_question *question = search->question;
    struct text part = part_of(search, role);
    if (part.bytes) address(search, part, role, true);
    if (role == ROLE_LEAD) address(search, question->holder.bytes ? question->holder : unit, role, true);
    for (size_t i = 0; role == ROLE_CO_HANDLERS && i < question->members; i++) address(search, question->member[i], role, true);
    if (role == ROLE_LEAD || (part.bytes && text_equal(part, unit))) return;
    /* Endpoints that serve the unit get what is about it in each role that they ask for. A case that nobody else handles has no
     * co-handlers but the unit's own. */
    address(search, unit, role, role == ROLE_HANDLER || role == ROLE_LEADER || (role == ROLE_CO_HANDLERS && question->members == 0));
}

void route_explain(struct route *route, const struct routing *routing, const struct route_question *question, route_tell *tell, void *context)
{
    struct search search = {.route = route, .routing = routing, .question = question, .dispatcher = question->dispatcher, .tell = tell, .context = context};
    route->count = route->left_out = 0;
    route->elsewhere = false;
    if (search.dispatcher.bytes == 0 && routing->units) search.dispatcher = units_dispatcher(routing->units);
    struct text unit = question->unit.bytes ? question->unit : search.dispatcher;
    for (int role = 0; role < ROLES; role++)
        if (question->roles >> role & 1) add_role(&search, (enum role)role, unit);
    if (route->count || search.dispatcher.bytes == 0) return;
    route->elsewhere = true;
    address(&search, search.dispatcher, ROLE_DISPATCHER, true);
}

void route_find(struct route *route, const struct routing *routing, const struct route_question *question)
{
    route_explain(route, routing, question, NULL, NULL);
}
