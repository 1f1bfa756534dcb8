/* The route of a notice that nobody sends, with the reasons that routing gives on its way. */
#include "notify/who.h"

#include <string.h>

#include "notify/channel.h"
#include "notify/mask.h"
#include "sla/case_json.h"

/* Reasons come one by one, to the recipient that they are of. */
struct telling {
    const struct route *route;
    json_t *why[RECIPIENTS_MAX];
};

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static void tell(void *context, const struct route_reason *reason)
{
    struct telling *telling = context;
    json_t **list = &telling->why[reason->recipient - telling->route->at], *one = json_object();
    if (!*list) *list = json_array();
    put(one, "role", json_string_nocheck(role_name(reason->role)));
    put(one, "unit", json_text(reason->unit));
    if (reason->instead_of.bytes) put(one, "successor_of", json_text(reason->instead_of));
    put(one, "on_duty", json_boolean(reason->posted && reason->posted->on_duty));
    if (reason->posted && reason->posted->instead_of) put(one, "stands_in_for", json_text(reason->posted->instead_of->id));
    put(one, "elsewhere", json_boolean(reason->elsewhere));
    json_array_append_new(*list, one);
}

static json_t *roles_of(unsigned roles)
{
    json_t *list = json_array();
    for (int role = 0; role < ROLES; role++)
        if (roles >> role & 1) json_array_append_new(list, json_string_nocheck(role_name((enum role)role)));
    return list;
}

static json_t *place_of(const struct place *place)
{
    char masked[MASK_BYTES];
    const struct config_endpoint *config = place->endpoint->config;
    json_t *object = json_object();
    mask_address(masked, place->address);
    put(object, "endpoint", json_string_nocheck(config->name));
    put(object, "channel", json_string_nocheck(channel_of((enum config_channel)config->channel)->name));
    put(object, "address", place->address.bytes ? json_string_nocheck(masked) : json_null());
    return object;
}

/* When its first place is open for an ordinary case, and whether this step would wait for a digest there. */
static void put_hours(json_t *object, const struct outfit *outfit, const struct rules *rules, const struct who *who, const struct recipient *one)
{
    struct sending_case notice = {.channel = (enum config_channel)one->place[0].endpoint->config->channel, .roles = one->roles, .urgency = URGENCY_NORMAL,
                                  .step = who->step, .kind = DEMAND_NOTICE};
    bool gathers = who->step && sending_gathers(outfit->sending, &notice);
    put(object, "opens", json_instant(rules->zone, sending_opens(outfit->sending, rules, &notice, who->at_ms)));
    int64_t digest_ms = gathers ? sending_next_digest(outfit->sending, rules, notice.channel, notice.roles, who->at_ms) : INT64_MAX;
    put(object, "digest", digest_ms == INT64_MAX ? json_null() : json_instant(rules->zone, digest_ms));
}

static json_t *recipient_of(const struct outfit *outfit, const struct rules *rules, const struct who *who, const struct recipient *one, json_t *why)
{
    json_t *object = json_object(), *places = json_array();
    for (size_t i = 0; i < one->places; i++) json_array_append_new(places, place_of(&one->place[i]));
    put(object, "person", json_text_or_null(one->person));
    put(object, "name", json_text_or_null(one->name));
    put(object, "roles", roles_of(one->roles));
    put(object, "why", why);
    put(object, "places", places);
    put_hours(object, outfit, rules, who, one);
    return object;
}

json_t *who_answer(const struct outfit *outfit, const struct rules *rules, const struct who *who)
{
    struct route route;
    struct telling telling = {.route = &route};
    struct routing routing = outfit->routing;
    struct route_question question = {.unit = who->unit, .holder = who->unit, .roles = who->roles, .day = zone_day(rules->zone, who->at_ms)};
    json_t *answer = json_object(), *recipients = json_array();
    routing.calendar = rules->calendar;
    route_explain(&route, &routing, &question, tell, &telling);
    for (size_t i = 0; i < route.count; i++) json_array_append_new(recipients, recipient_of(outfit, rules, who, &route.at[i], telling.why[i]));
    put(answer, "unit", json_text(who->unit));
    put(answer, "name", json_text(outfit->units ? units_name(outfit->units, who->unit) : who->unit));
    put(answer, "at", json_instant(rules->zone, who->at_ms));
    put(answer, "roles", roles_of(who->roles));
    put(answer, "elsewhere", json_boolean(route.elsewhere));
    put(answer, "left_out", json_integer((json_int_t)route.left_out));
    put(answer, "recipients", recipients);
    return answer;
}
