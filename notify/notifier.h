#ifndef BIHUAN_NOTIFY_NOTIFIER_H
#define BIHUAN_NOTIFY_NOTIFIER_H
/* The notifier: claims cases that owe something, sends, records, settles. One thread; Redis is asked in
 * between, never waited for while it is away. */
#include "common/kafka.h"
#include "notify/digests.h"
#include "notify/chain.h"
#include "notify/errand.h"
#include "notify/outfit.h"
#include "notify/meters.h"

enum { ERRANDS_MAX = 8192 };

struct notifier {
    struct config *config;        /* borrowed; in force: see notifier_reload */
    struct store *store;
    struct kafka_producer *producer;
    struct chain *chain;          /* of what is written into the ledger */
    struct outfit outfit;
    struct dispatch dispatch;
    struct digests *digests;
    struct meters *meters;        /* borrowed; NULL: nothing is counted for others */
    struct changer changer;
    struct fold fold;             /* of the case under way */
    struct demands demands;
    struct errand **errand;       /* [count] */
    size_t count;
    struct letter *digest_letters; /* records of digests; by `next` */
    size_t recording, refused;    /* records not acknowledged yet, of all errands; those of them that must be produced again */
    int64_t acked_ms;             /* monotonic: the last acknowledgement */
    bool lost;                    /* the store is away */
    int64_t claim_ms, beat_ms, again_ms, try_ms; /* monotonic: when next */
    uint64_t delivered, failed, published, stale; /* for the log */
    int64_t log_ms;
};

/* Opens producer, sender and endpoints; the store is open. False: why, in error. Needs notifier_close even then. */
bool notifier_open(struct notifier *notifier, struct config *config, struct store *store, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));
void notifier_close(struct notifier *notifier);

/* One turn: works for at most some ten ms. False: what is in Redis now is not ours (store->fault). */
bool notifier_turn(struct notifier *notifier, bool claiming) __attribute__((warn_unused_result));
/* Nothing is under way. */
bool notifier_idle(const struct notifier *notifier);
/* Takes the endpoints, mode and waits of another configuration, when nothing is under way. False: a fault, said in the log; the old
 * ones stay. */
bool notifier_reload(struct notifier *notifier, struct config *config) __attribute__((warn_unused_result));

#endif
