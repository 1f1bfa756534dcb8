#ifndef BIHUAN_SLA_REHEARSAL_H
#define BIHUAN_SLA_REHEARSAL_H
/* A rehearsal: a case's life gone through once more under some rules, and each notice that the notifier would have
 * sent, at the instant at which it became owed. Pure; what is owed is sla/demand.h's business alone.
 *
 * Everything is known at its own time and delivered at once: no grace, no endpoint that fails, no event that is late. */
#include "sla/demand.h"

/* Of one case, in units of rehearse's own: about a second. No case of a real hotline comes near. */
#define REHEARSAL_WORK_MAX (INT64_C(1) << 28)

/* A workspace: go through one case after another in it. */
struct rehearsal {
    const struct rules *rules; /* borrowed */
    struct fold fold;
    struct demands demands;
    struct case_file file;     /* the case under way, its events borrowed */
};

void rehearsal_open(struct rehearsal *rehearsal, const struct rules *rules);
void rehearsal_close(struct rehearsal *rehearsal);

/* Called for each notice (DEMAND_NOTICE or DEMAND_RETRACT), in the order in which they became owed. Borrowed until it returns. */
typedef void rehearsal_sent(void *context, const struct demand *notice, int64_t at_ms);

/* Goes through the events of a case (what is told in `file` does not matter) up to and at until_ms. False: the case is
 * too long, later notices of it are left out. */
bool rehearse(struct rehearsal *rehearsal, const struct case_file *file, int64_t until_ms, rehearsal_sent *sent, void *context)
    __attribute__((warn_unused_result));

#endif
