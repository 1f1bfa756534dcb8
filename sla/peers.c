/* Numbers by hash. Units and classes are known by a hash of their names: 64 bits are
 * enough to tell those of a country apart. */
#include "sla/peers.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <xxhash.h>

#include "common/alloc.h"

enum reach { REACH_ALL, REACH_CLASS, REACH_UNIT };

/* No padding: hashed as bytes. */
struct circle_key {
    uint64_t unit, class;
    int32_t stride;
    uint16_t limit_unit, reach;
};

struct circle {
    struct circle_key key;
    int number;
    UT_hash_handle hh;
};

struct peers {
    struct circle *circles;
    int *wider; /* by number */
    size_t count, room;
};

struct peers *peers_new(void)
{
    return xcalloc(1, sizeof(struct peers));
}

void peers_free(struct peers *peers)
{
    if (!peers) return;
    struct circle *circle, *next;
    HASH_ITER(hh, peers->circles, circle, next) {
        HASH_DEL(peers->circles, circle);
        free(circle);
    }
    free(peers->wider);
    free(peers);
}

size_t peers_count(const struct peers *peers)
{
    return peers->count;
}

static int add_circle(struct peers *peers, const struct circle_key *key, int wider)
{
    struct circle *circle = xcalloc(1, sizeof *circle);
    circle->key = *key;
    circle->number = (int)peers->count;
    HASH_ADD(hh, peers->circles, key, sizeof circle->key, circle);
    if (peers->count == peers->room) {
        peers->room = peers->room ? peers->room * 2 : 64;
        peers->wider = xrealloc(peers->wider, peers->room * sizeof *peers->wider);
    }
    peers->wider[peers->count++] = wider;
    return circle->number;
}

static int circle_of(struct peers *peers, struct circle_key key)
{
    struct circle *circle;
    HASH_FIND(hh, peers->circles, &key, sizeof key, circle);
    if (circle) return circle->number;
    struct circle_key wider = key;
    if (key.reach == REACH_ALL) return add_circle(peers, &key, PEERS_NONE);
    if (key.reach == REACH_UNIT) wider.unit = 0;
    else wider.class = 0;
    wider.reach--;
    int number = circle_of(peers, wider);
    return add_circle(peers, &key, number);
}

int peers_of(struct peers *peers, struct limit limit, const char *class, struct text unit)
{
    return circle_of(peers, (struct circle_key){.unit = XXH3_64bits(unit.at, unit.bytes), .class = XXH3_64bits(class, strlen(class)),
                                                .stride = course_stride(limit), .limit_unit = (uint16_t)limit.unit, .reach = REACH_UNIT});
}

int peers_wider(const struct peers *peers, int circle)
{
    return peers->wider[circle];
}
