#ifndef BIHUAN_NOTIFY_DIGEST_H
#define BIHUAN_NOTIFY_DIGEST_H
/* A digest 汇总: one message that tells a recipient where all its cases stand: overdue, due today, due on the next working day,
 * and what else was gathered for it. Worked out of the cases at the moment it is sent, so nothing in it is stale. Pure. */
#include "common/pool.h"
#include "notify/left.h"
#include "sla/envelope.h"

enum digest_section { DIGEST_OVERDUE, DIGEST_TODAY, DIGEST_TOMORROW, DIGEST_OTHER, DIGEST_SECTIONS };
enum { DIGEST_LINES_MAX = 20 /* of a section; the rest is a number */ };

/* One case in it. Texts in the digest's pool. */
struct digest_line {
    struct text case_id, unit, title;
    enum of of;
    const char *class;        /* its name; lives as long as the rules */
    const char *clock;
    int64_t deadline_ms;
    int32_t last_day;
    int64_t time_left_ms;     /* negative: overdue */
    struct left left;         /* the same as the clock counts it, for people; zeroed: not said */
    int urgency;              /* enum urgency */
};

struct digest {
    struct text recipient;    /* the person's id, or the endpoint's name */
    struct text name;         /* for people */
    int64_t at_ms;            /* business time at which it was worked out */
    const struct zone *zone;
    size_t total[DIGEST_SECTIONS], lines[DIGEST_SECTIONS];
    struct digest_line line[DIGEST_SECTIONS][DIGEST_LINES_MAX]; /* the most pressing first */
    struct pool pool;
};

/* Puts a clock of a case where it belongs; keeps the most pressing lines of each section. */
void digest_add(struct digest *digest, enum digest_section section, const struct digest_line *line);

#endif
