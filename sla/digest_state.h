#ifndef BIHUAN_SLA_DIGEST_STATE_H
#define BIHUAN_SLA_DIGEST_STATE_H
/* How far a recipient's latest digest has come, as Redis keeps it (sla/store_digests.h) and the ledger proves it. Pure. */
#include "sla/event.h"

enum digest_status {
    DIGEST_PENDING,   /* being put together, or to be tried again */
    DIGEST_DELIVERED,
    DIGEST_EXHAUSTED, /* given up, or its time passed: what it would have said goes singly */
    DIGEST_SHADOWED,  /* not sent, as that is the mode */
    DIGEST_EMPTY,     /* there was nothing to say */
    DIGEST_STATUSES
};
const char *digest_status_name(enum digest_status status);

#define DIGEST_HEADER "digest" /* of a ledger record: the recipient, and the state as it stands once that is settled */
enum { DIGEST_STATE_FORMAT = 1, DIGEST_OWNER_BYTES = 64, DIGEST_TEXT_BYTES = 288, DIGEST_RECIPIENT_BYTES = 17 };

struct digest_state {
    uint64_t recipient;      /* notify/route.h */
    int64_t instant_ms;      /* business time: of which digest; INT64_MIN: none yet */
    int64_t composed_ms;     /* real time at which the look at the cases began that it rests on; 0: not yet. What was gathered before is in it */
    int64_t next_try_ms;     /* real time before which it is not tried again */
    enum digest_status status;
    unsigned attempts;       /* in all, */
    unsigned place, failures; /* which of the recipient's places is tried, and the failures there */
    int64_t delivered_instant_ms, delivered_composed_ms; /* of the last that was delivered (or shadowed); 0: none */
};

/* The state as text with its NUL, into text[DIGEST_TEXT_BYTES]; returns its length. */
size_t digest_state_print(char *text, const struct digest_state *state);
/* Reads what that printed, up to the end or the blank before a lease; the recipient stays. False: it is no such text. */
bool digest_state_parse(struct text text, struct digest_state *state) __attribute__((warn_unused_result));

/* "1f…" of a recipient, 16 hex digits, into text[DIGEST_RECIPIENT_BYTES], and back. */
void digest_recipient_print(char *text, uint64_t recipient);
bool digest_recipient_parse(struct text text, uint64_t *recipient) __attribute__((warn_unused_result));

/* Is `a` later than `b` in the life of a recipient's digests? A later instant, or of one instant what came of it. */
bool digest_state_is_later(const struct digest_state *a, const struct digest_state *b);

#endif
