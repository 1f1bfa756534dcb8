#ifndef BIHUAN_SLA_CLUSTER_H
#define BIHUAN_SLA_CLUSTER_H
/* Clusters 群诉: many citizens, one matter. From what a place has gathered, the bursts in it, and which of them the dispatcher
 * is still owed word of. Pure.
 *
 * An appeal is hot when at least [appeals] cluster_citizens citizens appealed within the cluster_hours up to it. Hot appeals of
 * which each follows within cluster_hours of another are one burst; it has died down when none came for that long. */
#include "sla/appeals.h"
#include "sla/demand.h"

struct burst {
    int64_t rise_ms, last_ms; /* its first and last hot appeal */
    size_t from, to;          /* entries: from the first that made it rise, up to and with the last hot one */
    size_t citizens;          /* distinct ones in from..to */
    bool whole;               /* the entries reach back far enough to tell that it rose here */
};

struct bursts {
    struct burst *at; /* in order; in the pool */
    size_t count;
};

/* The bursts in what a place has gathered, pruned. */
struct bursts bursts_find(const struct appeals *appeals, const struct appeal_rules *rules, struct pool *pool);

/* The burst that an alert is about; NULL where it is out of sight. */
const struct burst *bursts_about(const struct bursts *bursts, const struct told *told, const struct appeals *appeals,
                                 const struct appeal_rules *rules);

/* The alerts owed at now_ms (business time), as demands of kind DEMAND_CLUSTER whose told.at_ms is the burst's rise: of a burst that
 * rose within a day and that no alert was told of; TOLD_PENDING, ready to be remembered so. `told` is what the place remembers. */
void clusters_owed(struct demands *demands, const struct appeals *appeals, const struct case_file *told, const struct appeal_rules *rules,
                   int64_t now_ms, struct pool *pool);
/* Lets go of what was told so long ago that no burst in sight can be meant. */
void clusters_forget(struct case_file *told, const struct appeals *appeals, const struct appeal_rules *rules);

#endif
