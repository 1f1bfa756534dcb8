#ifndef BIHUAN_NOTIFY_ROUTE_H
#define BIHUAN_NOTIFY_ROUTE_H
/* Routing: who gets a notice, and where, worked out at the moment it is to be sent. Pure.
 *
 * Two sources: endpoints that serve the unit and one of the roles ([endpoint] units, roles), and the people of the units' file who have
 * one of the roles that day. Where neither reaches anybody, the dispatcher's people and endpoints are told instead. */
#include "notify/endpoint.h"
#include "sla/policy.h"
#include "sla/units.h"

enum { RECIPIENTS_MAX = 256 /* of the 64 units that may handle a case jointly, with some people each */, CONTACTS_MAX = 8 };

/* A place where a recipient can be reached. */
struct place {
    struct endpoint *endpoint;
    struct text address; /* empty: the endpoint itself */
};

/* One who is to have the notice; the first place is tried first, the next after [notify] fallback_after failures. */
struct recipient {
    uint64_t key;       /* the same whenever it is worked out: of the person's id, or the endpoint's name */
    struct text person, name; /* id and name; empty for an endpoint */
    unsigned roles;     /* bits 1 << enum role: as which it is addressed */
    size_t places;
    struct place place[CONTACTS_MAX];
};

struct route {
    size_t count;
    size_t left_out;    /* of more than RECIPIENTS_MAX */
    bool elsewhere;     /* nobody of those addressed can be reached: the dispatcher has it instead */
    struct recipient at[RECIPIENTS_MAX];
};

/* What is asked. */
struct route_question {
    struct text unit;       /* that owes the step (the demand's); empty for none: the dispatcher then */
    struct text holder;     /* that holds the case: the lead 主办 */
    const struct text *member; /* [members]: that handle it jointly 会办 */
    size_t members;
    unsigned roles;         /* of the step */
    struct text dispatcher; /* who takes that part for this notice ([appeals] dispatcher of an alert); empty: the units' file says */
    int32_t day;            /* the civil day */
};

/* Where recipients come from. Borrowed, but for the index of endpoints. */
struct routing {
    struct endpoints *endpoints;
    const struct units *units;       /* NULL: none configured */
    const struct calendar *calendar; /* for duty rosters by kind of day */
    struct route_index *index;
};

/* Fills *routing; again after a reload of endpoints. */
void routing_open(struct routing *routing, struct endpoints *endpoints, const struct units *units, const struct calendar *calendar);
void routing_close(struct routing *routing);

/* Why somebody is a recipient, for people: one for each time that a role led there, also where it was a recipient already. */
struct route_reason {
    const struct recipient *recipient; /* in the route */
    enum role role;
    struct text unit;                  /* whose handlers, leaders or endpoint */
    struct text instead_of;            /* unit: that has ended, and that this one takes the place of; empty */
    const struct posted *posted;       /* of a person; NULL of an endpoint */
    bool elsewhere;
};
typedef void route_tell(void *context, const struct route_reason *reason);

void route_find(struct route *route, const struct routing *routing, const struct route_question *question);
/* The same, and says why. */
void route_explain(struct route *route, const struct routing *routing, const struct route_question *question, route_tell *tell, void *context);

/* What cannot work: contacts whose endpoint is not configured or whose address is none of its channel, endpoints that fall back in
 * a circle or on what needs an address, or that subscribe though each message needs one (faults, a line each; returned is how
 * many); units of which nobody, or no handler, or no leader can be reached on that day (warnings). Either may be NULL. */
size_t route_check(const struct routing *routing, int32_t day, struct buffer *faults, struct buffer *warnings);

#endif
