#ifndef BIHUAN_NOTIFY_ALERT_H
#define BIHUAN_NOTIFY_ALERT_H
/* An alert 群诉预警: what the dispatcher is told of many citizens with one matter. Pure; of citizens it says how many they are. */
#include "notify/ledger.h"
#include "sla/cluster.h"

enum { ALERT_CASES_MAX = 100 };

/* What an alert tells of. Borrowed. */
struct alert {
    struct text place;             /* its id */
    const struct appeals *appeals;
    const struct appeal_rules *appeal_rules;
    const struct zone *zone;
    int64_t now_ms;                /* business time */
};

/* The notice, a CloudEvent of type "notice" whose step is "cluster". A new reference. */
json_t *alert_notice(const struct alert *alert, const struct demand *demand, const char *id);
/* Its ledger record: `case` is the place's id, `of` "place", and the members of clocks are null. A new reference. */
json_t *alert_ledger(const struct alert *alert, const struct demand *demand, const struct ledger_entry *entry);

#endif
