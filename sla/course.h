#ifndef BIHUAN_SLA_COURSE_H
#define BIHUAN_SLA_COURSE_H
/* How far a clock has run, in steps of its own counting, so that clocks of one
 * class can be laid on top of each other whatever holidays and suspensions lay
 * between. Pure.
 *
 * Step 0 ends with day zero (民法典 201: the day it starts does not count; of a limit in
 * hours it has no length), step n is the n-th counted day, or hour, or so many of them
 * that the limit has no more than COURSE_LIMIT_STEPS. The deadline ends the step `last`. */
#include "sla/clock.h"

enum {
    COURSE_LIMIT_STEPS = 16, /* of a limit as the policy has it, at most */
    COURSE_STEPS = 40,       /* with what extends it; the last one has no end */
};

struct course {
    int stride;  /* days or hours of the limit's unit in a step */
    int step;    /* under way */
    int last;    /* ends at the deadline */
    double gone; /* of the step under way, 0 to 1: of its working time, or of its hours */
};

/* Days or hours in a step of clocks with this limit. */
int course_stride(struct limit limit);
/* The step under way at an instant; at rest, the one in which it came to rest. What has been
 * gained by suspensions is taken as gained before. */
int course_step(const struct clock *clock, const struct rules *rules, int64_t at_ms);
struct course course_at(const struct clock *clock, const struct rules *rules, int64_t at_ms);

/* In days or hours of the limit's unit. */
double course_gone(const struct course *course);
double course_left(const struct course *course);

#endif
