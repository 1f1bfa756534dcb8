/* Endpoints by name and unit. The lists of the configuration are walked once, here. */
#include "notify/route_index.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notify/channel.h"

static unsigned roles_of(const struct config_list *list)
{
    unsigned roles = 0;
    for (int role = 0; role < ROLES; role++)
        if (config_list_has(list, role_name((enum role)role))) roles |= 1u << role;
    return roles;
}

static void serve(struct route_index *index, struct text unit, struct route_endpoint *endpoint)
{
    struct route_served *served;
    HASH_FIND(hh, index->served, unit.at, unit.bytes, served);
    if (!served) {
        served = xcalloc(1, sizeof *served);
        served->unit = unit;
        HASH_ADD_KEYPTR(hh, index->served, served->unit.at, served->unit.bytes, served);
    }
    if (served->count && served->at[served->count - 1] == endpoint) return; /* named twice */
    if (served->count == served->room) served->at = xrealloc(served->at, (served->room = served->room * 2 + 4) * sizeof(struct route_endpoint *));
    served->at[served->count++] = endpoint;
}

static void add(struct route_index *index, struct route_endpoint *one, struct endpoint *endpoint)
{
    const struct config_endpoint *config = endpoint->config;
    one->endpoint = endpoint;
    one->roles = roles_of(&config->roles);
    one->subscribes = !channel_of((enum config_channel)config->channel)->addressed;
    one->everywhere = config_list_has(&config->units, "*");
    HASH_ADD_KEYPTR(hh, index->by_name, config->name, strlen(config->name), one);
    if (one->everywhere) index->everywhere[index->everywheres++] = one;
    for (size_t i = 0; i < config->units.count && !one->everywhere && strcmp(config->units.at[i], "-") != 0; i++)
        serve(index, (struct text){config->units.at[i], strlen(config->units.at[i])}, one);
}

struct route_index *route_index_new(const struct endpoints *endpoints)
{
    struct route_index *index = xcalloc(1, sizeof *index);
    index->endpoint = xcalloc(endpoints->count + 1, sizeof *index->endpoint);
    index->everywhere = xcalloc(endpoints->count + 1, sizeof(struct route_endpoint *));
    for (size_t i = 0; i < endpoints->count; i++) add(index, &index->endpoint[index->count++], &endpoints->at[i]);
    for (size_t i = 0; i < index->count; i++) {
        const char *fallback = index->endpoint[i].endpoint->config->fallback;
        if (*fallback) index->endpoint[i].fallback = route_endpoint_named(index, fallback, strlen(fallback));
    }
    return index;
}

void route_index_free(struct route_index *index)
{
    struct route_served *served, *next;
    if (!index) return;
    HASH_CLEAR(hh, index->by_name);
    HASH_ITER(hh, index->served, served, next) {
        HASH_DEL(index->served, served);
        free(served->at);
        free(served);
    }
    free(index->everywhere);
    free(index->endpoint);
    free(index);
}

struct route_endpoint *route_endpoint_named(const struct route_index *index, const char *name, size_t bytes)
{
    struct route_endpoint *one;
    HASH_FIND(hh, index->by_name, name, bytes, one);
    return one;
}

const struct route_served *route_served_by(const struct route_index *index, struct text unit)
{
    struct route_served *served = NULL;
    if (unit.bytes) HASH_FIND(hh, index->served, unit.at, unit.bytes, served);
    return served;
}

static bool takes(struct route_endpoint *const *at, size_t count, enum role role)
{
    for (size_t i = 0; i < count; i++)
        if (at[i]->subscribes && at[i]->roles >> role & 1) return true;
    return false;
}

bool route_subscribed(const struct route_index *index, struct text unit, enum role role)
{
    const struct route_served *served = route_served_by(index, unit);
    return (served && takes(served->at, served->count, role)) || takes(index->everywhere, index->everywheres, role);
}
