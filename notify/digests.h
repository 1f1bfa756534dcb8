#ifndef BIHUAN_NOTIFY_DIGESTS_H
#define BIHUAN_NOTIFY_DIGESTS_H
/* Digests 汇总 on their way: who is due one, one look at all cases for all of them, one message each, recorded and settled
 * (docs/DIGESTS.md). Driven once a turn of the notifier, a few ms each. Several notifiers share the work: each digest is leased in Redis. */
#include "common/kafka.h"
#include "notify/digest_roll.h"
#include "notify/dispatch.h"
#include "notify/meters.h"
#include "notify/route.h"
#include "notify/sending.h"
#include "notify/words.h"
#include "sla/digest_state.h"
#include "sla/store.h"

enum {
    DIGESTS_MAX = 2048,            /* put together at once, some 20 KB each where all sections are full; more have their turn after that */
    DIGEST_STALE_MS = 3 * 3600000, /* business time after which a digest is passed over: nobody wants the morning's in the afternoon */
    DIGEST_MARGIN_MS = 1000,       /* real time that a notice may take from being gathered to standing in Redis */
};

struct digests;

/* A ledger record of a digest on its way. */
struct digest_letter {
    void *job;                 /* for digests_recorded */
    unsigned shard;            /* whose chain it stands in */
    const char *key;           /* of the recipient; borrowed until digests_recorded, as the header is */
    struct kafka_header header;
    json_t *value;             /* borrowed for the length of the call */
};

/* What digests are made and sent with. All borrowed; the functions are called with `context`. */
struct digest_means {
    struct store *store;
    const struct config *config;
    const struct routing *routing;
    const struct sending *sending; /* NULL: nobody gets digests */
    const struct words *words;     /* NULL: no endpoint needs any */
    struct meters *const *meters;  /* of its owner, who may come by them later */
    void *context;
    /* When an endpoint takes one more: 0 now, else a real time in ms. */
    int64_t (*opens_ms)(void *context, struct endpoint *endpoint);
    /* Is it out of order, so that another place may do? */
    bool (*is_down)(void *context, const struct endpoint *endpoint);
    /* Sends; delivery->kind->answered is called once. */
    void (*deliver)(void *context, struct delivery *delivery);
    /* Queues a record for the ledger; once Kafka has it, digests_recorded(letter->job) is called, which may be at once. */
    void (*record)(void *context, const struct digest_letter *letter);
};

struct digests *digests_open(const struct digest_means *means);
/* Accepts NULL. What is under way is let go: its lease ends. */
void digests_close(struct digests *digests);
/* One turn; claiming: new ones are begun; else what was not sent yet is let go. False: the store was lost. */
bool digests_turn(struct digests *digests, bool claiming) __attribute__((warn_unused_result));
/* The store was lost: what was not sent yet is given up, to be begun anew. */
void digests_lost(struct digests *digests);
/* Nothing is under way. */
bool digests_idle(const struct digests *digests);
/* Other means (after a reload), while idle. */
void digests_take_means(struct digests *digests, const struct digest_means *means);
/* Kafka has the record. */
void digests_recorded(void *job);

/* How a recipient's digests are asked for. */
enum digest_reading {
    READING_UNKNOWN, /* who gets digests today is being worked out: ask again in a second */
    READING_NONE,    /* it gets none */
    READING_SOME,
};
/* *reader: by which channel's hours, and as which roles, as digests themselves ask; borrowed until the next turn. */
enum digest_reading digests_reader(const struct digests *digests, uint64_t recipient, const struct digest_reader **reader);

/* A notice that asks about its recipient's digests. */
struct digest_asked {
    uint64_t recipient, part;    /* part: the recipient's entry (notify/part.h) */
    int64_t gathered_ms;         /* real time at which it was left to a digest; 0: it was not */
    int64_t instant_ms;          /* business time: of the digest to which it was left; without that, of the last one that was due */
};
/* What became of it. */
enum digest_fate {
    DIGEST_WAITS,     /* its digest has not come yet */
    DIGEST_UNDER_WAY, /* that is being worked on, or tried again */
    DIGEST_CARRIED,   /* one that was delivered brought it, whether it had been left to that or not */
    DIGEST_MISSED,    /* it came, put together before the notice was there: the next may bring it */
    DIGEST_FAILED,    /* it came and will not bring it: the notice goes by itself */
};
/* id[NOTICE_ID_BYTES] gets the digest's, when carried. */
enum digest_fate digests_fate(struct digests *digests, const struct digest_asked *asked, char *id);

#endif
