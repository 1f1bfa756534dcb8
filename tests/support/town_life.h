#ifndef BIHUAN_TESTS_SUPPORT_TOWN_LIFE_H
#define BIHUAN_TESTS_SUPPORT_TOWN_LIFE_H
/* Life cycles of tickets and ratings, as happenings: what an event will say,
 * in a few bytes, with the moment at which the feed brings it. */
#include <stdbool.h>
#include <stdint.h>

#include "town_places.h"
#include "town_random.h"

/* In the order of the event contract; names in town_type_names. */
enum town_type {
    TICKET_RECEIVED, TICKET_AMENDED, TICKET_DISPATCHED, TICKET_SIGNED, TICKET_CONTACTED, TICKET_TRANSFERRED,
    TICKET_RETURNED, TICKET_SUSPENDED, TICKET_RESUMED, TICKET_EXTENSION_REQUESTED, TICKET_EXTENSION_GRANTED,
    TICKET_EXTENSION_REFUSED, TICKET_URGED, TICKET_SUPERVISED, TICKET_ANSWERED, TICKET_CALLED_BACK, TICKET_CLOSED,
    TICKET_REOPENED, TICKET_VOIDED, TICKET_MERGED,
    RATING_SUBMITTED, RATING_VERIFIED, RATING_RECTIFIED, RATING_APPEALED, RATING_APPEAL_UPHELD,
    RATING_APPEAL_REJECTED, RATING_REPLIED, RATING_CALLED_BACK, RATING_PUBLISHED,
    TOWN_TYPES,
};
extern const char *const town_type_names[TOWN_TYPES];

enum { TOWN_KINDS = 8 };
extern const char *const town_kind_names[TOWN_KINDS];

/* A case: the n-th ticket or hall rating of a day; number 0 is none. A rating
 * that a ticket's citizen gives bears that ticket's day and number. */
struct town_case {
    int32_t day;
    uint32_t number;
};

struct town_happening {
    int64_t time_ms, deliver_ms; /* local (town_calendar.h) */
    uint64_t wording;            /* dice of the texts */
    uint32_t order;              /* of making: settles equal times */
    struct town_case of;
    struct town_case other;      /* merged into, or the ticket rated */
    int64_t due_ms;              /* 0: none */
    uint16_t number;             /* in its case, from 1 */
    uint8_t type, unit, co_unit; /* NO_UNIT: none */
    uint8_t item;                /* of town_items, of a hall's rating of town_services */
    uint8_t kind, satisfaction, days;
    bool simple, reached, solved, direct, is_default, named;
};

/* Where happenings go; told in no order. */
typedef void town_tell(void *listener, const struct town_happening *happening);

struct town_life {
    town_tell *tell;
    void *listener;
    uint32_t told;                       /* happenings so far */
    struct town_case latest[TOWN_ITEMS]; /* ticket of each item, to merge into */
};

/* A ticket received at local_ms, to its end, with the rating that links to it. */
void town_live_ticket(struct town_life *life, struct town_case of, int64_t local_ms, uint64_t seed);

/* A rating in the service hall, to its end. */
void town_live_rating(struct town_life *life, struct town_case of, int64_t local_ms, uint64_t seed);

#endif
