#ifndef BIHUAN_NOTIFY_DIGEST_H
#define BIHUAN_NOTIFY_DIGEST_H
/* A digest 汇总: one message that tells a recipient where all its cases stand: overdue, due today, due on the next working day,
 * and what else was gathered for it. Worked out of the cases at the moment it is sent, so nothing in it is stale. Pure. */
#include "common/pool.h"
#include "notify/left.h"
#include "sla/envelope.h"

enum digest_section { DIGEST_OVERDUE, DIGEST_TODAY, DIGEST_TOMORROW, DIGEST_OTHER, DIGEST_SECTIONS };
enum { DIGEST_LINES_MAX = 20 /* of a section; the rest is a number */, DIGEST_ID_BYTES = 40 };
const char *digest_section_name(enum digest_section section);

/* One clock of a case. In a digest the texts are the digest's own. */
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
    struct digest_line *line[DIGEST_SECTIONS]; /* [lines], the most pressing first; NULL where there is none */
};

/* Puts a line where it belongs in its section, by digest_line_compare; keeps the most pressing ones, and counts all. Texts are copied. */
void digest_add(struct digest *digest, enum digest_section section, const struct digest_line *line);
/* Nothing in any section? */
bool digest_is_empty(const struct digest *digest);
/* Forgets the lines; recipient and name are the caller's. Accepts one that is all zero. */
void digest_clear(struct digest *digest);
/* Critical ones first, then the nearest (longest past) deadline, then case and clock: never equal for two clocks of a digest. */
int digest_line_compare(const struct digest_line *a, const struct digest_line *b);

/* Where a clock belongs at an instant (the fold's): by its last day, and the days of the calendar that it counts on. A day of rest between now
 * and the next working day belongs to that day, so nothing that ends over a holiday is left out. DIGEST_SECTIONS: nowhere, as it is
 * not running, or ends later. */
enum digest_section digest_section_of(const struct clock *clock, const struct rules *rules, int64_t now_ms);

/* The roles whom a clock's ladder addresses by an instant, bits 1 << enum role: those of the steps that fell due, and of the reminders before the
 * deadline, whether due or not, so that who will be reminded knows beforehand. 0: its ladder reminds nobody. */
unsigned digest_roles(const struct clock *clock, const struct rules *rules, int64_t now_ms);

/* The digest's id, "dig_" and 32 hex digits, into text[DIGEST_ID_BYTES]: a function of the recipient's key and the digest's instant, so a repeat
 * after a crash can be told. A digest is one message: what finds no room in it is a number. */
void digest_id(char *text, uint64_t recipient, int64_t instant_ms);

#endif
