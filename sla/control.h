#ifndef BIHUAN_SLA_CONTROL_H
#define BIHUAN_SLA_CONTROL_H
/* A control record: a decision about the rules that all programs follow, and that a rebuild
 * must follow again. They lie in the topic bihuan.control in the order in which they hold
 * (docs/RULES.md); here they are read and written. */
#include "common/zone.h"
#include "sla/calendar.h"
#include "sla/policy.h"

enum { CONTROL_FORMAT = 1, CONTROL_ID_BYTES = 40, CONTROL_MAX_BYTES = 900000, CONTROL_HASH_BYTES = 32, CONTROL_NAME_BYTES = 132, CONTROL_REASON_BYTES = 400 };

enum control_kind {
    CONTROL_ACTIVATE, /* a policy, a calendar or both, for cases received from then on */
    CONTROL_WITHDRAW, /* an activation that no case rests on */
    CONTROL_RECALC,   /* rebinds what was received in a span to what had been in force, had all been known at once */
    CONTROL_UNDO,     /* of a recalculation */
    CONTROL_FORGET,   /* what is kept of a citizen */
    CONTROL_SILENCE,  /* no notices of a unit, an item or at all for a time (sla/silence.h) */
    CONTROL_LIFT,     /* ends a silence early */
    CONTROL_KINDS
};
const char *control_kind_name(enum control_kind kind);

struct control {
    enum control_kind kind;
    char id[CONTROL_ID_BYTES];
    int64_t at_ms;                    /* business time of the decision */
    int64_t real_ms;                  /* real time of it */
    struct policy *policy;            /* of an activation; owned; NULL for none */
    struct calendar *calendar;        /* the same */
    int64_t from_ms, to_ms;           /* of an activation: effective from (INT64_MIN: as the policy says, and a calendar ever); of a
                                       * recalculation: receipts from, and before; of a silence: from (INT64_MIN: its decision), and until */
    char of[CONTROL_ID_BYTES];        /* id of what is withdrawn, undone or lifted */
    uint8_t citizen[CONTROL_HASH_BYTES]; /* control_citizen of the citizen that is forgotten */
    char unit[CONTROL_NAME_BYTES], item[CONTROL_NAME_BYTES]; /* whose notices are silenced; both "": all */
    char reason[CONTROL_REASON_BYTES]; /* of a silence, in words */
    char by[64];                      /* who decided, as the machine calls them */
};

/* Reads a record (one JSON object). NULL: good, and *control is the caller's (control_clear); else what is wrong with it,
 * in error[error_bytes]. */
const char *control_parse(struct control *control, const char *text, size_t bytes, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));
/* The record as one line of JSON, to be freed. Times are printed in the zone. */
char *control_print(const struct control *control, const struct zone *zone);
void control_clear(struct control *control);
/* SHA-256 in hex of a policy's or calendar's content, into text[65]. */
void control_content_hash(char *text, const char *json);
/* A hash of KEYID:HASH of a citizen: tells whether it is they, and nothing else. */
void control_citizen(uint8_t hash[CONTROL_HASH_BYTES], struct text citizen);

#endif
