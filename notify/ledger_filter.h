#ifndef BIHUAN_NOTIFY_LEDGER_FILTER_H
#define BIHUAN_NOTIFY_LEDGER_FILTER_H
/* Which records of the ledger are asked for: the options that `ledger` and `export` share. */
#include <jansson.h>

#include "common/options.h"
#include "common/zone.h"

struct ledger_filter {
    int64_t from_ms, to_ms; /* business time; to is not in it */
    const char *unit, *outcome;
};

/* From the options' texts, each NULL where it was not given; times are RFC 3339, or a day in the zone. EXIT_OK, or EXIT_USAGE, said on
 * stderr. */
int ledger_filter_open(struct ledger_filter *filter, const struct options *options, const struct zone *zone, const char *from, const char *to, const char *unit,
                       const char *outcome) __attribute__((warn_unused_result));
bool ledger_filter_passes(const struct ledger_filter *filter, const json_t *record);

#endif
