#ifndef BIHUAN_SLA_COUNTING_H
#define BIHUAN_SLA_COUNTING_H
/* From an instant and a limit to a deadline, and back to why: days and hours
 * counted by a policy's `counting` (docs/POLICY.md; 民法典 201, 203). Pure.
 *
 * Times of day are wall-clock times in the zone, lengths are elapsed time, so a
 * change of the clocks is counted as it passes. */
#include "sla/rules.h"

struct deadline {
    int64_t at_ms;
    int32_t last_day;
};

/* The calendar whose days count. */
const struct calendar *counting_calendar(const struct counting *counting, const struct rules *rules);

/* When what comes at `at_ms` begins to count: itself, or the next opening. */
int64_t counting_begin(const struct counting *counting, const struct rules *rules, int64_t at_ms);

/* Day 0 of limits in days, for what begins to count at `begin_ms`; not counted itself. */
int32_t counting_day_zero(const struct counting *counting, const struct rules *rules, int64_t begin_ms);

/* Deadline of a limit that begins to count at `begin_ms`. `gained` is what
 * suspensions added: days of a limit in days, ms of one in hours. `extended_days`
 * are working days of extensions. */
struct deadline counting_deadline(const struct counting *counting, const struct rules *rules, struct limit limit,
                                  int64_t begin_ms, int64_t gained, int32_t extended_days);

/* A deadline that somebody else set, moved as one of ours with a limit in this unit would be. */
struct deadline counting_shift(const struct counting *counting, const struct rules *rules, enum limit_unit unit,
                               struct deadline deadline, int64_t gained, int32_t extended_days);

/* What a suspension from `from_ms` to `to_ms` adds to a limit that began to count at `begin_ms`, as `gained` above. */
int64_t counting_gain(const struct counting *counting, const struct rules *rules, enum limit_unit unit, int64_t begin_ms,
                      int64_t from_ms, int64_t to_ms);

/* Time of counted periods between two instants, in ms; 0 when to_ms <= from_ms. */
int64_t counting_worked_ms(const struct counting *counting, const struct rules *rules, int64_t from_ms, int64_t to_ms);

/* The midnight that ends the count-th counted day, the day of `at_ms` itself included where it counts. */
int64_t counting_end_of_days(const struct counting *counting, const struct rules *rules, int64_t at_ms, int32_t count);

#endif
