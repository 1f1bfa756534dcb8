#ifndef BIHUAN_SLA_UNITS_H
#define BIHUAN_SLA_UNITS_H
/* Units 承办单位 and their people: who is on duty, who stands in, who leads, what stands above a unit and what came after it.
 * Data: conf/units.json, conf/schema/units.json, docs/UNITS.md. */
#include "common/buffer.h"
#include "common/pool.h"
#include "sla/calendar.h"
#include "sla/event.h"

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

struct units;

/* Loads a units file. The caller owns the result. NULL on error, with every fault as a line "FILE: path: reason\n" in *faults. */
struct units *units_load(const char *file, struct buffer *faults);
void units_free(struct units *units);

/* The unit that counts for this one on a day: itself while it is valid, else its successor (and its, …). Empty: none by this name,
 * or ended without one. Borrowed. */
struct text units_in_force(const struct units *units, struct text unit, int32_t day);
/* For people; the id where the file has none. */
struct text units_name(const struct units *units, struct text unit);
/* Parent on that day, empty for none. */
struct text units_parent(const struct units *units, struct text unit, int32_t day);
/* The units that take the parts of dispatcher, supervision office 监察室 and circulation 通报; empty where the file names none. */
struct text units_dispatcher(const struct units *units);
struct text units_supervision(const struct units *units);
struct text units_circulation(const struct units *units);

/* Who has the post in this very unit on a day, duty roster, absences and substitutes considered: up to `room` into person[]; returns how
 * many there are. A handler's post that no roster fills that day is all the unit's handlers'. */
size_t units_people(const struct units *units, struct text unit, enum post post, const struct calendar *calendar, int32_t day,
                    const struct person **person, size_t room);

/* All units and all people of the file, for checks; NULL at the end. */
const struct person *units_person_at(const struct units *units, size_t i);
struct text units_unit_at(const struct units *units, size_t i);

#endif
