#ifndef BIHUAN_SLA_PACE_H
#define BIHUAN_SLA_PACE_H
/* The pace at which cases are answered: of those still open when a step of their
 * course began, which share was answered within it. Kaplan and Meier's way of
 * counting, so an open case counts as long as it has been open, and one that was
 * cancelled until then. Pure.
 *
 * A unit's own share leans on that of its class, and that on all: as if
 * PACE_LEAN cases at the wider circle's pace stood beside its own. */
#include "sla/peers.h"

enum {
    PACE_LEAN = 20,
    PACE_FEW = 20,     /* examples of a unit's own: fewer are few */
    PACE_KNOWN = 30,   /* answers in a class without which nothing is foretold */
};

struct pace;

/* Circles are numbers of `peers`, which outlives it. */
struct pace *pace_new(const struct peers *peers);
void pace_free(struct pace *pace);

/* A case of this circle was open as each of the steps from..to-1 began and ended; with `answered` it
 * was open as the step `to` began, and answered within. Also counts for the wider circles. */
void pace_note(struct pace *pace, int circle, int from, int to, bool answered);
/* All is noted: works the shares out, for all circles that there are by now. */
void pace_close(struct pace *pace);

/* --- of a closed one --- */

/* Is enough known of the class? */
bool pace_known(const struct pace *pace, int circle);
/* Of 1, the share of those open as the step begins that is answered within it. */
double pace_share(const struct pace *pace, int circle, int step);
/* The circle's own: open as the step began; answered within it; answered in all. */
int pace_open(const struct pace *pace, int circle, int step);
int pace_answered(const struct pace *pace, int circle, int step);
int pace_answers(const struct pace *pace, int circle);
/* Of 1, the share of cases that are like one on this course, open then, and not answered by the deadline. */
double pace_late(const struct pace *pace, int circle, const struct course *course);
/* Steps after day zero by which half are answered; 0: on the day of receipt; negative: not within COURSE_STEPS. */
double pace_median(const struct pace *pace, int circle);

#endif
