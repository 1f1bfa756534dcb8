#ifndef BIHUAN_NOTIFY_LEDGER_H
#define BIHUAN_NOTIFY_LEDGER_H
/* The ledger: one record for each attempt and its answer, and for each notice (in shadow mode also result) that ended
 * without one. What "nobody told us" is answered with; notify/NOTICES.md documents it. */
#include <jansson.h>

#include "sla/envelope.h"

enum { LEDGER_FORMAT = 2, LEDGER_FORMAT_CHAINED = 2 /* from here on */, LEDGER_ERROR_BYTES = 160 };

/* One who a notice was for. */
struct ledger_to {
    struct text person;  /* id; empty: the endpoint itself */
    unsigned roles;      /* bits 1 << enum role: as which it was addressed */
    struct text address; /* whole: the ledger masks it; empty for none */
};

/* What is not known is NULL, "" or 0, and null in the record. */
struct ledger_entry {
    const char *type;     /* "notice", or the result's */
    const char *id;
    const char *outcome;  /* "delivered", "failed", "exhausted", "superseded", "shadowed", "reopened" */
    const char *endpoint; /* NULL for none */
    unsigned attempt;     /* from 1; 0: none was made */
    int64_t sent_ms, answered_ms; /* real time; 0: not */
    long status;          /* HTTP's, SMTP's last reply; 0: no answer */
    long code;            /* business code in the answer's body; 0: none */
    const char *error;    /* NULL or "" for none */
    const char *digest;   /* id of the digest that has brought it; NULL or "" for none */
    const char *channel;  /* as "webhook", "wecom" */
    const char *hash;     /* SHA-256 of the text that was sent, in hex (chain_hash) */
    const char *receipt;  /* what the endpoint calls the message */
    const struct ledger_to *to;
    size_t tos;
    bool voided;          /* the case had moved on when the answer came: a correction follows where one is due */
};

/* The format of a record that was read: 1 to LEDGER_FORMAT; 0: it is none of the ledger's. value may be NULL. */
int ledger_format(const json_t *value);

/* What every record begins and ends with; between the two stands what it was about. */
void ledger_begin(json_t *object, struct text subject, const char *of, const struct ledger_entry *entry);
void ledger_end(json_t *object, const struct demand *demand, const struct ledger_entry *entry, const struct zone *zone, int64_t now_ms);
/* The record, keyed by case. A new reference. */
json_t *ledger_record(const struct envelope *envelope, const struct demand *demand, const struct ledger_entry *entry);

#endif
