#ifndef BIHUAN_TESTS_SUPPORT_TOWN_PLACES_H
#define BIHUAN_TESTS_SUPPORT_TOWN_PLACES_H
/* Who and what is in the town: units, what people call about, services of the
 * hall, people. All invented. */
#include <stddef.h>
#include <stdint.h>

#include "town_random.h"

enum { TOWN_UNITS = 12, TOWN_ITEMS = 14, TOWN_SERVICES = 10, NO_UNIT = 0xff };

/* A unit and its ways; shares in permille. */
struct town_unit {
    const char *code;
    uint16_t sign_minutes; /* office minutes until it signs, at most */
    uint16_t late;         /* answers and rectifications after the limit */
    uint16_t never;        /* bad reviews left lying */
    uint16_t solved;       /* of its answers; the rest are explanations */
    uint16_t returned;     /* dispatches it sends back */
};
extern const struct town_unit town_units[TOWN_UNITS];

/* A subject of calls, the unit it usually goes to, and four titles. */
struct town_item {
    const char *code;
    uint8_t unit;
    const char *titles[4];
};
extern const struct town_item town_items[TOWN_ITEMS];
extern const uint16_t town_item_weights[TOWN_ITEMS];

/* A service of the hall that people rate. */
struct town_service {
    const char *code;
    uint8_t unit;
};
extern const struct town_service town_services[TOWN_SERVICES];
extern const uint16_t town_service_weights[TOWN_SERVICES];

struct town_person {
    char name[16];   /* UTF-8 */
    char phone[12];
    char id_no[19];
};
/* Always the same person for an index. */
struct town_person town_person(uint32_t index);

/* A road of the town. */
const char *town_road(struct dice *dice);

#endif
