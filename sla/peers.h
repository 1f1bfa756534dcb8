#ifndef BIHUAN_SLA_PEERS_H
#define BIHUAN_SLA_PEERS_H
/* Which cases are like each other: those of one class in one unit; around them
 * all of the class; around those all whose limits count in the same steps. A register
 * of numbers for these circles. */
#include "sla/course.h"

struct peers;

enum { PEERS_NONE = -1 };

struct peers *peers_new(void);
void peers_free(struct peers *peers);
size_t peers_count(const struct peers *peers);

/* Number of the circle of a class in a unit; new ones are added, and the wider ones before them.
 * A class is known by its name, whatever policy it is of. */
int peers_of(struct peers *peers, struct limit limit, const char *class, struct text unit);
/* The next wider circle; PEERS_NONE of the widest. Its number is the smaller one. */
int peers_wider(const struct peers *peers, int circle);

#endif
