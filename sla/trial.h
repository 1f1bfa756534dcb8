#ifndef BIHUAN_SLA_TRIAL_H
#define BIHUAN_SLA_TRIAL_H
/* A trial of rules: cases folded and rehearsed under those in force and under new ones, and what differs, in all and by
 * unit (docs/BACKTEST.md). Pure. */
#include "sla/comparison.h"
#include "sla/rehearsal.h"
#include "sla/summary.h"
#include "sla/workload.h"

/* One set of rules on trial, and what becomes of the cases under it. */
struct trial_side {
    const char *policy_file, *calendar_file; /* as they are named to people; borrowed */
    struct fold fold;
    struct summary *summary;
    struct rehearsal rehearsal;
    struct workload *workload;
};

struct trial {
    int64_t until_ms;
    uint64_t cases; /* that had an event by then */
    uint64_t cut;   /* of them, too long to be rehearsed to their end, on either side */
    struct comparison *comparison;
    struct trial_side side[SIDES];
};

/* Rules are borrowed. until_ms: as things stand then; later events are left out. */
void trial_open(struct trial *trial, const struct rules *in_force, const struct rules *new, int64_t until_ms);
void trial_close(struct trial *trial);

void trial_case(struct trial *trial, const struct case_file *file);

/* The rows as docs/BACKTEST.md has them, the total first, then units in the order of their bytes: an array, a new reference. */
json_t *trial_rows(struct trial *trial);

#endif
