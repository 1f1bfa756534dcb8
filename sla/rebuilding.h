#ifndef BIHUAN_SLA_REBUILDING_H
#define BIHUAN_SLA_REBUILDING_H
/* A rebuild under way: the store that runs, the one that is made, and the steps from one to the other. The verb (sla/rebuild.c) decides
 * which; the switch is sla/switchover.h. */
#include "sla/parity.h"
#include "sla/look.h"
#include "sla/readback.h"
#include "sla/target.h"

enum { REBUILDING_HOLD_MS = 30000 };

struct rebuilding {
    const struct options *options; /* borrowed */
    const char *into;
    bool alone, accept_gap;        /* there is no store that runs; what a topic lost is left out */
    struct config config;
    struct ruleset set;
    struct store running, made;
    struct target target;
    struct readback readback;
    struct parity parity;
    enum store_hold hold;          /* what we hold of the running store */
    char owner[STORE_HOLD_BYTES];
    int64_t kept_ms;               /* monotonic */
    uint64_t records, left_out, bad; /* of all passes */
    uint64_t last_records;         /* of the last pass */
    bool dlq_front_gone;
    bool switched;
    int64_t outage_ms;
    char fault[STORE_FAULT_BYTES + 256];
};

/* One pass of bihuan-ingest fill, up to where the running store stands now. False: fault, or said by it on stderr. */
bool rebuilding_fill(struct rebuilding *rebuilding) __attribute__((warn_unused_result));
/* What was told since the last time, or from the beginning. False: fault. */
bool rebuilding_tell(struct rebuilding *rebuilding) __attribute__((warn_unused_result));
/* Takes over what was decided about the rules meanwhile, and carries it through where that is due. False: fault. */
bool rebuilding_follow_rules(struct rebuilding *rebuilding) __attribute__((warn_unused_result));
/* All cases beside each other; and the figures, where the running store is fenced. False: fault. */
bool rebuilding_compare(struct rebuilding *rebuilding) __attribute__((warn_unused_result));
/* Nothing differs, as far as was compared last? */
bool rebuilding_is_same(const struct rebuilding *rebuilding);

/* Holds the running store up, or lets it go. False: fault. */
bool rebuilding_hold(struct rebuilding *rebuilding, enum store_hold hold) __attribute__((warn_unused_result));
/* To be called a few times a second: goes on holding. False: told to stop, or the hold was lost. */
bool rebuilding_keep(void *rebuilding);

#endif
