#ifndef BIHUAN_SLA_CLOCK_DAYS_H
#define BIHUAN_SLA_CLOCK_DAYS_H
/* Why a clock has its deadline, day by day. */
#include "sla/clock.h"

#include <jansson.h>

struct clock_day {
    bool counted;       /* it adds to the count */
    int64_t counted_ms; /* time of it that does, of a limit in hours; else 0 */
};

/* What a civil day, from `started`'s to the last, adds to the clock's limit. */
struct clock_day clock_day(const struct clock *clock, const struct rules *rules, int32_t day);

/* The days from `started`'s to the last: [{"date","kind","counted"}]; of limits in hours, where `hours` is set,
 * with "counted_ms". A new reference. */
json_t *clock_days_to_json(const struct clock *clock, const struct rules *rules, bool hours);

#endif
