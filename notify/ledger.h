#ifndef BIHUAN_NOTIFY_LEDGER_H
#define BIHUAN_NOTIFY_LEDGER_H
/* The ledger: one record for each attempt and its answer, and for each notice (in shadow mode also result) that ended
 * without one. What "nobody told us" is answered with; notify/NOTICES.md documents it. */
#include <jansson.h>

#include "sla/envelope.h"

enum { LEDGER_FORMAT = 2, LEDGER_ERROR_BYTES = 160 };

struct ledger_entry {
    const char *type;     /* "notice", or the result's */
    const char *id;
    const char *outcome;  /* "delivered", "failed", "exhausted", "superseded", "shadowed", "reopened" */
    const char *endpoint; /* NULL for none */
    unsigned attempt;     /* from 1; 0: none was made */
    int64_t sent_ms, answered_ms; /* real time; 0: not */
    long status;          /* HTTP; 0: no answer */
    const char *error;    /* NULL or "" for none */
    const char *digest;   /* id of the digest that has brought it; NULL or "" for none */
    bool voided;          /* the case had moved on when the answer came: a correction follows where one is due */
};

/* What every record begins and ends with; between the two stands what it was about. */
void ledger_begin(json_t *object, struct text subject, const char *of, const struct ledger_entry *entry);
void ledger_end(json_t *object, const struct demand *demand, const struct ledger_entry *entry, const struct zone *zone, int64_t now_ms);
/* The record, keyed by case. A new reference. */
json_t *ledger_record(const struct envelope *envelope, const struct demand *demand, const struct ledger_entry *entry);

#endif
