#ifndef BIHUAN_SLA_CHECKUP_H
#define BIHUAN_SLA_CHECKUP_H
/* What the `check` verbs of the four programs share: configuration, rules, Redis and
 * topics, and all faults gathered rather than the first alone. */
#include "common/options.h"
#include "sla/store.h"

struct checkup {
    const struct options *options; /* borrowed */
    struct config config;
    bool config_good, kafka_good;
    struct buffer faults, warnings; /* a line each */
    size_t count;                   /* of the faults */
};

/* Loads the configuration; where it is bad nothing else is looked at. */
void checkup_begin(struct checkup *checkup, const struct options *options);
/* Policy, calendar, zone, and the store as it stands under them. */
void checkup_rules_and_store(struct checkup *checkup);
void checkup_topics(struct checkup *checkup, const char *const *topics, size_t count);
/* Of those there, whether they keep their records long enough for a rebuild. */
void checkup_retention(struct checkup *checkup, const char *const *topics, size_t count);
/* Says everything; `good` is what is said on stdout when there is no fault. Returns the exit code; frees. */
int checkup_end(struct checkup *checkup, const char *good);

#endif
