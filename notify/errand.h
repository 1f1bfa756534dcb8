#ifndef BIHUAN_NOTIFY_ERRAND_H
#define BIHUAN_NOTIFY_ERRAND_H
/* An errand: one case that is leased to us, what is being sent about it, and what it will have been told when that
 * is done. No I/O here: notify/notifier.h drives it. */
#include "notify/dispatch.h"
#include "notify/part.h"
#include "sla/envelope.h"
#include "sla/change.h"
#include "sla/store.h"

enum errand_phase {
    ERRAND_SENDING,   /* deliveries wait or are under way */
    ERRAND_REVIEW,    /* all are answered: has the case moved on meanwhile? */
    ERRAND_RECORDING, /* ledger and results are on their way to Kafka */
    ERRAND_SETTLING,  /* acknowledged: to be committed */
    ERRAND_DONE,
};

struct errand;
struct chain_link;
struct told_record;
struct notice;

/* A notice being sent. */
struct notice {
    struct errand *errand;
    struct demand demand; /* its unit lives in the errand's pool; its clock is set anew at each use */
    char id[NOTICE_ID_BYTES];
    bool elsewhere;       /* the dispatcher has it, as nobody else could be reached */
    bool fresh;           /* it was never tried before */
    bool dropped;         /* nothing was sent: the case moved on before */
    size_t parts, deliveries, open;
    struct part *part;
    struct delivery *delivery;
    struct notice *next;
};

/* What the case will have been told. */
struct tell {
    struct told told;
    struct text unit;
    bool fresh;   /* of a notice: counts as owed */
    int passed;   /* of a fresh one: steps passed over with it */
    int attempts; /* requests made */
    struct tell *next;
};

/* A notice that found no room and is put off. */
struct put_off {
    uint64_t id;
    struct put_off *next;
};

/* A record on its way to Kafka; value and itself in the errand's pool. */
struct letter {
    struct errand *errand;
    const struct digest_letter *digest; /* what it is where it is a digest's, which has no errand: then all of it is malloced */
    const char *topic, *value;
    size_t bytes;
    const struct told_record *told;
    struct chain_link *link; /* of a ledger record that is not acknowledged; else NULL */
    bool refused; /* to be produced again */
    struct letter *next;
};

struct errand {
    const struct rulebook *book; /* that it was judged by; borrowed */
    struct lease lease;      /* its field lives in the pool */
    enum errand_phase phase;
    struct case_file file;   /* as claimed; borrows from blob */
    struct appeals *appeals; /* of a place, that alerts are about; NULL: it is a case. In the pool */
    struct text blob;        /* as last loaded; in the pool */
    int64_t now_ms;          /* business time at which it was judged */
    int64_t loaded_ms;       /* real time, monotonic, of the last look at the case */
    int64_t leased_ms;       /* monotonic, of the last renewal */
    uint64_t revision;       /* of the last result issued */
    int64_t defer_ms;        /* real time at which what found no room is looked at again; INT64_MAX for none */
    size_t open;             /* deliveries not yet answered */
    size_t unacked;          /* records that Kafka has not acknowledged */
    bool lost;               /* the case is gone, or changed at every try */
    unsigned tries;          /* of the commit */
    size_t place;            /* in the commit under way; SIZE_MAX: not in it */
    struct notice *notices;
    struct tell *tells, **last_tell;
    struct put_off *put_off;
    struct letter *letters;
    struct pool pool;
};

/* Takes up a claimed case; loaded_ms: monotonic time just before it was asked for. NULL, or what is wrong with the blob (static text); then errand_free all the same. */
const char *errand_begin(struct errand *errand, unsigned shard, struct text field, struct text blob, int64_t until_ms, int64_t loaded_ms) __attribute__((warn_unused_result));
void errand_free(struct errand *errand);

/* The revision of the next result: above all before, also of a store that was lost, so it follows real time (ms). */
uint64_t errand_next_revision(struct errand *errand, int64_t real_ms);

struct tell *errand_tell(struct errand *errand, const struct told *told, struct text unit);

/* Adds a notice; its parts are the caller's to fill in: part[parts], and room for a delivery each. */
struct notice *errand_add_notice(struct errand *errand, const struct demand *demand, const char *id, size_t parts);

/* Takes back the one added last. */
void errand_drop_notice(struct notice *notice);

/* One more delivery of a notice; the caller fills in what it sends. */
struct delivery *errand_add_delivery(struct notice *notice, struct endpoint *endpoint);

/* Puts a demanded notice off until real_ms. */
void errand_put_off(struct errand *errand, uint64_t id, int64_t real_ms);

/* Once a notice's deliveries are answered: turns its parts into what is told: delivered when all recipients have it; pending while any
 * waits or is to be tried again; else exhausted. dice: 32 random bits. */
void errand_conclude(struct errand *errand, struct notice *notice, const struct config *config, int64_t real_ms, uint32_t dice);

/* What a tell adds to the figures of its unit's notices, into counts[NOTICE_COUNTERS]. */
void tell_counts(const struct tell *tell, int32_t *counts);

/* Just before it is committed: what is left to a digest is so from real_ms on, as one put together earlier did not see it there. */
void errand_stamp(struct errand *errand, int64_t real_ms);
/* Applies what was told to a case as loaded, and counts it in the tally. False: the case can hold no more. */
bool errand_apply(const struct errand *errand, struct case_file *file, struct tally *tally);

/* When the case is to be looked at again, after change_finish with what was told: now (0), a real time in ms, or INT64_MAX for
 * never. */
int64_t errand_next_look(const struct errand *errand, const struct change *change, const struct demands *demands);

#endif
