#ifndef BIHUAN_SLA_HINDSIGHT_H
#define BIHUAN_SLA_HINDSIGHT_H
/* History walked again as if it were the present: what was known of cases'
 * pace as each of the last months began, and each opening of a working day in those
 * months with each case that was open then and not late yet. What came to be
 * known later is left out by folding the case as of that instant. Pure; what follows
 * from it is sla/score.h's.
 *
 * The months: as many as are held back, to test; as many before them, to choose
 * the probability from which on to warn. Each month is judged by what was known as it
 * began; months are counted back from the end. */
#include "sla/case.h"
#include "sla/fold.h"
#include "sla/pace.h"

enum { HINDSIGHT_MONTHS_MAX = 24, HINDSIGHT_ROUNDS_MAX = 2 * HINDSIGHT_MONTHS_MAX, HINDSIGHT_LEAD_MIN_MS = 3600000 };

/* One case at one opening. */
struct glance {
    int32_t circle;
    uint16_t left_minutes; /* of the policy's working time until the deadline as it stood; UINT16_MAX also for more */
    uint8_t round;         /* the month */
    uint8_t step, last;    /* the course */
    uint8_t gone;          /* of the step, in 255ths */
};

/* The looks at one main clock that has an outcome by now. */
struct sight {
    uint32_t glances_end;    /* they begin where those before end */
    uint8_t known;         /* the first round at whose beginning the outcome was known; `rounds`: at the end */
    bool late;
};

struct hindsight {
    const struct rules *rules;                     /* in force at the end */
    const struct rules *bound;                     /* those of the case under way */
    struct peers *peers;                           /* borrowed */
    int months, rounds;                            /* rounds: two times months */
    int64_t start_ms[HINDSIGHT_ROUNDS_MAX + 1];    /* of the rounds; the last one is the end: now */
    struct pace *pace[HINDSIGHT_ROUNDS_MAX + 1];   /* as known at each of these */
    struct glance *glance;
    struct sight *sight;
    size_t glances, glances_room, sights, sights_room;
    struct fold fold;                              /* a workspace */
};

/* As of now_ms, `months` held back (1 to HINDSIGHT_MONTHS_MAX). Needs hindsight_close. */
void hindsight_open(struct hindsight *hindsight, const struct rules *rules, struct peers *peers, int months, int64_t now_ms);
/* A case; `now` is its fold as of now_ms under `rules`, those it is bound to. */
void hindsight_add(struct hindsight *hindsight, const struct case_file *file, const struct fold *now, const struct rules *rules);
/* All cases are in: works the paces out. */
void hindsight_finish(struct hindsight *hindsight);
void hindsight_close(struct hindsight *hindsight);

/* The course of a look, and of the limit the share that is gone. */
struct course glance_course(const struct glance *glance);
double glance_gone(const struct glance *glance);
/* The circle of a clock of the case last added, under a unit. */
int hindsight_circle(struct hindsight *hindsight, const struct fold *fold, const struct clock *clock, struct text unit);

#endif
