#ifndef BIHUAN_SLA_UNITS_H
#define BIHUAN_SLA_UNITS_H
/* Units 承办单位 and their people: who is on duty, who stands in, who leads, what stands above a unit and what came after it.
 * Data: conf/units.json, conf/schema/units.json, docs/UNITS.md.
 *
 * The trap: a unit is a name over time. Each question is about a day, on which it may be another's, or nobody's. */
#include "common/buffer.h"
#include "sla/calendar.h"
#include "sla/event.h"

enum {
    UNITS_MAX = 4096, /* entries of the file: a unit has one for each span of its validity */
    UNITS_PEOPLE_MAX = 16384,
    UNITS_NAME_BYTES = 127,
    UNIT_SPANS_MAX = 64,
    UNIT_POST_MAX = 48,      /* people of one post, of one turn of a roster */
    UNIT_ROSTERS_MAX = 64,
    UNIT_TURNS_MAX = 366,
    UNIT_DATES_MAX = 512,    /* of one roster */
    UNIT_HOPS_MAX = 32,      /* successors in a row; units above each other */
    PERSON_CONTACTS_MAX = 8,
    PERSON_ABSENCES_MAX = 64,
    PERSON_SUBSTITUTES_MAX = 8,
    UNITS_FAULTS_BYTES = 1 << 20,
};

/* Where a person can be reached, in the order of preference. */
struct contact {
    struct text endpoint; /* its name in the configuration */
    struct text address;  /* e-mail address, phone number, or whom a group robot mentions; empty: the endpoint itself */
};

struct person {
    struct text id, name;
    const struct contact *contact;
    size_t contacts;
};

/* A unit's people by what they do there. */
enum post { POST_HANDLER, POST_LEADER, POSTS };
const char *post_name(enum post post);

/* One who has a post on a day, and why. */
struct posted {
    const struct person *person;
    const struct person *instead_of; /* the absent one that the person stands in for; else NULL */
    bool on_duty;                    /* a roster says so; else all have the post */
};

struct units;

/* Loads a units file. The caller owns the result. NULL on error, with every fault as a line "FILE: path: reason\n" in *faults. */
struct units *units_load(const char *file, struct buffer *faults);
/* The same from JSON text; `called` stands for the file. */
struct units *units_parse(const char *text, size_t bytes, const char *called, struct buffer *faults);
void units_free(struct units *units);

/* Does the file have a unit of this name, whatever the day? */
bool units_know(const struct units *units, struct text unit);
/* The unit that counts for this one on a day: itself while it is valid, else its successor (and its, …). Empty: none by this name,
 * not valid yet, or ended without one. Borrowed. */
struct text units_in_force(const struct units *units, struct text unit, int32_t day);
/* For people; the id where the file has none. */
struct text units_name(const struct units *units, struct text unit);
/* Parent on that day, empty for none. */
struct text units_parent(const struct units *units, struct text unit, int32_t day);
/* What a unit's figures go into on that day: its parent; its successor once it has ended; empty for none. */
struct text units_above(const struct units *units, struct text unit, int32_t day);
/* The units that take the parts of dispatcher, supervision office 监察室 and circulation 通报; empty where the file names none. */
struct text units_dispatcher(const struct units *units);
struct text units_supervision(const struct units *units);
struct text units_circulation(const struct units *units);

/* Who has the post in this very unit on a day, duty roster, absences and substitutes considered: up to `room` into posted[]; returns how
 * many there are. A post that no roster fills that day is that of all who have it. `calendar` NULL: no kind of day is known. */
size_t units_people(const struct units *units, struct text unit, enum post post, const struct calendar *calendar, int32_t day,
                    struct posted *posted, size_t room);

/* Everybody who has the post in this very unit on some day of those that are like `day` but for rosters and absences: for checks. */
size_t units_everybody(const struct units *units, struct text unit, enum post post, int32_t day, struct posted *posted, size_t room);

/* All people and all units of the file, for checks; NULL or empty at the end. */
const struct person *units_person_at(const struct units *units, size_t i);
struct text units_unit_at(const struct units *units, size_t i);

#endif
