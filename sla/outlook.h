#ifndef BIHUAN_SLA_OUTLOOK_H
#define BIHUAN_SLA_OUTLOOK_H
/* What lies ahead, as of an instant: which deadlines fall due on which working day,
 * under which unit, and how probable it is that an open case will be late. Pure: cases are
 * put in one by one, and may be forgotten then. The clock meant is the main one of a case
 * (`answer`, `rectify`). */
#include <uthash.h>

#include "sla/hindsight.h"
#include "sla/score.h"

enum { OUTLOOK_DAYS = 15 };

/* Open cases of a unit by when they fall due. */
struct outlook_unit {
    struct text unit; /* empty for none */
    uint32_t overdue, suspended, later;
    uint32_t due[OUTLOOK_DAYS];
    UT_hash_handle hh;
};

/* An open case that runs and is not late yet. */
struct prospect {
    enum of of;
    struct text id, unit;
    const char *class;         /* its name, the policy's */
    int circle;
    const struct policy_clock *rule;
    struct course course;
    int64_t deadline_ms;
    float probability;         /* of being late; NAN where too little is known of its class */
    uint16_t transferred, returned, reopened, urged, supervised, suspended, extended; /* times so far */
};

struct outlook {
    const struct rules *rules;     /* in force now: whose working days and names are shown */
    int64_t now_ms;
    const struct text *only;       /* count and list this unit's alone; NULL: all. The paces are of all in any case */
    int32_t day[OUTLOOK_DAYS];     /* today, if it is a working day, and the next ones */
    struct outlook_unit *units;    /* by their names' bytes once finished */
    struct outlook_unit total;
    struct prospect *prospect;     /* the most probable first once finished, those of unknown classes last */
    size_t prospects, room;
    size_t foretold;               /* how many of them have a probability */
    size_t warned;                 /* how many at or above the threshold */
    double threshold;
    struct peers *peers;
    struct hindsight hindsight;
    bool judged;                   /* was there enough to judge by? */
    double judged_threshold;       /* what the score's model warned at: chosen before the months judged */
    struct score score;
    struct pool pool;              /* texts */
};

/* `months` held back; `only` is borrowed. Needs outlook_close. */
void outlook_open(struct outlook *outlook, const struct rules *rules, int months, int64_t now_ms, const struct text *only);
/* A case and its fold as of now_ms under `rules`, those it is bound to; they live until outlook_close. */
void outlook_add(struct outlook *outlook, const struct case_file *file, const struct fold *fold, const struct rules *rules);
/* All cases are in. threshold: from which probability on a case is warned of; negative: as chosen on history, for the
 * list on the last months, for the score on the months before those. */
void outlook_finish(struct outlook *outlook, double threshold);
void outlook_close(struct outlook *outlook);

/* The pace as known now. */
const struct pace *outlook_pace(const struct outlook *outlook);

#endif
