#ifndef BIHUAN_SLA_UNITS_TABLE_H
#define BIHUAN_SLA_UNITS_TABLE_H
/* The table behind sla/units.h, as reading fills it. For sla/units*.c alone. */
#include <uthash.h>

#include "common/pool.h"
#include "sla/units.h"

enum { DAY_FIRST = INT32_MIN, DAY_LAST = INT32_MAX }; /* of what has no beginning or end */

struct span {
    int32_t from, until; /* both in it */
};

struct officer {
    struct person person;
    struct officer **substitute;
    struct span *absence;
    size_t substitutes, absences;
    UT_hash_handle hh;
};

struct group {
    struct officer **at;
    size_t count;
};

/* Who has duty on the days on which every condition holds. */
struct roster {
    enum post post;
    unsigned kinds, weekdays; /* bits 1 << enum day_kind, 1 << ISO weekday; 0: any */
    struct span *date;
    size_t dates;             /* 0: any */
    struct group *turn;       /* one after the other, from `start` on, each for `turn_days` */
    size_t turns;
    int32_t start, turn_days;
};

/* What a unit was over a span of its life. */
struct tenure {
    struct span valid;
    struct text name;
    struct unit *parent, *successor; /* NULL: none */
    struct group post[POSTS];
    struct roster *roster;
    size_t rosters;
    struct tenure *next; /* the later one */
};

struct unit {
    struct text id;
    struct tenure *tenure; /* by time */
    size_t tenures, place; /* `place` among the file's entries: of the first */
    UT_hash_handle hh;
};

struct units {
    struct officer *person, *person_by_id;
    struct unit *unit, *unit_by_id;
    size_t people, count;
    const struct unit *dispatcher, *supervision, *circulation;
    struct pool pool;
};

struct officer *units_officer(const struct units *units, const char *id, size_t bytes);
struct unit *units_find(const struct units *units, struct text id);
/* The unit in force for it on that day; NULL for none. *hops grows by each successor; beyond UNIT_HOPS_MAX: NULL. */
const struct unit *unit_in_force(const struct unit *unit, int32_t day, int *hops);
/* What it was on that day; NULL for nothing. */
const struct tenure *unit_tenure(const struct unit *unit, int32_t day);
/* What its figures go into. */
const struct unit *unit_above(const struct unit *unit, int32_t day);
bool span_holds(const struct span *span, size_t count, int32_t day);

#endif
