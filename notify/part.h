#ifndef BIHUAN_NOTIFY_PART_H
#define BIHUAN_NOTIFY_PART_H
/* A recipient's part in a notice: how far the notice has come with it, which of its places is tried, and what an answer makes
 * of that. Pure. */
#include "common/config.h"
#include "notify/channel.h"
#include "notify/route.h"
#include "sla/demand.h"

enum part_state {
    PART_SETTLED,  /* it has it, or was given up, before */
    PART_HELD,     /* not now: looked at again at hold_ms */
    PART_GATHERED, /* just now left to its digest */
    PART_SENT,     /* a delivery is under way, or answered */
    PART_CARRIED,  /* its digest has brought it, or cannot any more: settled now without a request */
};

struct delivery;

struct part {
    struct recipient to;     /* its texts live as long as the part */
    struct told told;        /* its entry, kind TOLD_RECIPIENT; status TOLD_PENDING and no attempts where it is new */
    bool known;              /* the case has it */
    enum part_state state;
    int64_t hold_ms;         /* real time */
    char digest[NOTICE_ID_BYTES]; /* that has brought it */
    struct delivery *delivery;
    const struct place *used; /* where it was sent, or left to a digest */
};

/* The entry's id: of a notice and one of its recipients. */
uint64_t part_id(uint64_t notice, uint64_t recipient);
/* As the case has it, or new. */
void part_begin(struct part *part, const struct recipient *to, uint64_t notice, const struct case_file *file);
/* The place that is to be tried. */
const struct place *part_place(const struct part *part);
/* Goes over to the next place, if there is one. */
bool part_next_place(struct part *part);

/* What an answer makes of it: delivered; to be tried again at told.next_try_ms, there or at the next place; or given up.
 * retry: the waits; fallback_after: failures in a row before the next place; dice: 32 random bits. */
void part_conclude(struct part *part, const struct verdict *verdict, const struct config_spans *retry, int64_t fallback_after, int64_t real_ms, uint32_t dice);

#endif
