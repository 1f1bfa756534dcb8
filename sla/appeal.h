#ifndef BIHUAN_SLA_APPEAL_H
#define BIHUAN_SLA_APPEAL_H
/* An appeal 诉求: who brought in what, and where. It is what a ticket's receipt says, not what became of the ticket: one that is
 * amended, merged or voided later was an appeal all the same. Pure. */
#include "common/config.h"
#include "common/pool.h"
#include "sla/event.h"

/* What counts as one matter, from [appeals]. */
struct appeal_rules {
    int64_t window_ms;      /* appeals of one citizen are linked so far; 0: never */
    int64_t cluster_ms;     /* appeals of several citizens are one matter so far */
    size_t citizens;        /* so many of them raise an alert; 0: never */
    struct text dispatcher; /* unit that is told; empty for none. Borrowed from the configuration */
};
struct appeal_rules appeal_rules(const struct config *config);

/* All borrowed from the event. */
struct appeal {
    struct text citizen;    /* KEYID:HASH of ingest/citizen.h: who it is, but not to us. Masks are no identity */
    struct text item, area; /* area may be empty: of one citizen that is a place like any other */
};

/* Is the event an appeal that can be linked: a ticket's receipt that names an item and an identified citizen? */
bool appeal_of(const struct event *event, struct appeal *appeal);

/* Ids of what gathers appeals (sla/appeals.h): OF_APPELLANT, those of one citizen about one item in one area; OF_PLACE, those
 * about one item in one area. Of a place without an area there is none: it would be a whole city. Hashes, in the pool. */
enum { APPEAL_ID_CHARACTERS = 12 };
struct text appeal_id(struct pool *pool, enum of of, const struct appeal *appeal);
/* The fields of the case hash under which an event's appeal is gathered, each empty where it is not; for whoever
 * looks for all that is kept of a citizen. */
void appeal_names(struct pool *pool, const struct event *event, struct text *appellant, struct text *place);

/* A citizen in an entry of a place: 64 bits that tell this one from others. */
uint64_t appeal_citizen(struct text citizen);

#endif
