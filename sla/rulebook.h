#ifndef BIHUAN_SLA_RULEBOOK_H
#define BIHUAN_SLA_RULEBOOK_H
/* All rules that are or were in force, and which case is bound to which.
 *
 * A rulebook is a function of the control records (sla/control.h) in their order, so
 * live programs, a rebuild and an offline replay bind each case alike. A pair of one
 * policy and one calendar is an edition; editions are numbered as records bring them, so that a
 * longer history leaves the numbers of a shorter one as they are. Once built a book
 * never changes: any number of threads. */
#include "sla/case.h"
#include "sla/control.h"
#include "sla/rules.h"
#include "sla/silence.h"

enum { EDITIONS_MAX = 250 };

/* A version of a policy or a calendar, as a record activated it. */
struct version {
    const struct control *record;
    const char *json;          /* content */
    const struct policy *policy;     /* one of the two */
    const struct calendar *calendar;
    int64_t from_ms;           /* effective; INT64_MIN: ever, and of the first of its kind */
    int64_t at_ms;             /* activated; INT64_MIN of the first */
    bool withdrawn;
};

/* Receipts from an instant on, up to the next span's, are bound to an edition. */
struct span {
    int64_t from_ms;
    uint8_t edition;
};

/* Spans of a time before later decisions. */
struct past {
    struct span *span;
    size_t spans;
};

struct edition {
    struct rules rules;
    int policy, calendar;  /* contents: places in `version` of the first that has them */
    struct calendar *derived[POLICY_CALENDARS_MAX];
};

struct rulebook {
    size_t records;
    char **text;               /* [records], as recorded */
    struct control *record;    /* [records] */
    bool *taken_back;               /* [records]: withdrawn or undone */
    struct zone zone;
    struct vocabulary words;
    struct version *policy, *calendar;
    size_t policies, calendars;
    struct edition **edition;
    unsigned editions;
    struct span *span;         /* by from_ms; the first begins at INT64_MIN */
    size_t spans;
    struct past *past;         /* [records]: the spans as each record left them */
    int64_t retention_ms;      /* of closed cases: a decision does not reach those that had shrunk by then */
    bool forgets;              /* anybody was forgotten */
    struct silences silences;  /* see silence_at */
    const struct rules *one;   /* of a book of one edition that is not recorded */
};

/* Builds a book from records in their order (texts are copied). NULL, with the reason in
 * error[error_bytes]: the first record that cannot be followed, or none activates both a policy and a calendar. */
struct rulebook *rulebook_build(const char *zone, int64_t retention_ms, const struct text *records, size_t count, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));
/* A book of one edition that is not recorded; the rules are borrowed. For replay and tests. */
struct rulebook *rulebook_of_one(const struct rules *rules) __attribute__((warn_unused_result));
/* Accepts NULL. */
void rulebook_free(struct rulebook *book);

/* The rules of an edition. Of one that a newer book knows: the last here (its holder's commits are refused, so nothing comes of it). */
const struct rules *rulebook_edition(const struct rulebook *book, unsigned edition);
/* The rules in force for what was received at an instant. */
const struct rules *rulebook_at(const struct rulebook *book, int64_t received_ms);
/* The rules that a case is bound to: those for its receipt; without one, the first. Of decisions that came when it counted as shrunk, if
 * closed (sla/shrink.h), nothing reaches it: so it does not matter when somebody got round to shrinking it. */
const struct rules *rulebook_bind(const struct rulebook *book, const struct case_file *file);

/* Rules whose figures have every row that those of any edition have. */
const struct rules *rulebook_widest(const struct rulebook *book);

/* Does a policy that was activated by then list the reason as a code? */
bool rulebook_lists_reason(const struct rulebook *book, struct text reason, int64_t at_ms);
/* Was a citizen (KEYID:HASH) forgotten after an event of that time? */
bool rulebook_forgot(const struct rulebook *book, struct text citizen, int64_t at_ms);
/* Takes out what is kept of citizens who were forgotten after the event that named them. True: there was such. */
bool rulebook_forget(const struct rulebook *book, struct case_file *file);
/* The record of an id, or NULL; *index is its place. */
const struct control *rulebook_record(const struct rulebook *book, const char *id, size_t *index);

#endif
