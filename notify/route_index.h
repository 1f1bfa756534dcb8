#ifndef BIHUAN_NOTIFY_ROUTE_INDEX_H
#define BIHUAN_NOTIFY_ROUTE_INDEX_H
/* Endpoints by name and by the units that they serve, so that routing looks at those that matter alone. For notify/route*.c. */
#include <uthash.h>

#include "notify/endpoint.h"
#include "sla/policy.h"

/* An endpoint, ready for routing. */
struct route_endpoint {
    struct endpoint *endpoint;
    unsigned roles;     /* bits 1 << enum role */
    bool subscribes;    /* messages can go to it without a person */
    bool everywhere;    /* units = * */
    struct route_endpoint *fallback;
    UT_hash_handle hh;
};

/* The endpoints that name a unit. */
struct route_served {
    struct text unit;
    struct route_endpoint **at;
    size_t count, room;
    UT_hash_handle hh;
};

struct route_index {
    struct route_endpoint *endpoint, *by_name; /* in the configuration's order */
    size_t count;
    struct route_endpoint **everywhere;
    size_t everywheres;
    struct route_served *served;
};

struct route_index *route_index_new(const struct endpoints *endpoints);
void route_index_free(struct route_index *index);
struct route_endpoint *route_endpoint_named(const struct route_index *index, const char *name, size_t bytes);
const struct route_served *route_served_by(const struct route_index *index, struct text unit);
/* Does an endpoint take what is about that unit (or all) in that role, without a person? */
bool route_subscribed(const struct route_index *index, struct text unit, enum role role);

#endif
