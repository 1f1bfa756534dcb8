#ifndef BIHUAN_NOTIFY_LEFT_H
#define BIHUAN_NOTIFY_LEFT_H
/* Time left, or overdue, as the clock itself counts it: of limits in working days and working hours working time, of others elapsed time.
 * Pure. */
#include "sla/clock.h"

enum left_measure { LEFT_WORKDAYS, LEFT_DAYS, LEFT_WORK_HOURS, LEFT_HOURS };

/* Rounded down to what people say: days and hours, hours and minutes, or minutes.
 *
 * Left, of working days: working time in days of the policy's own length and what is over, so at 14:30 on the day before the last one it is a
 * day and three hours where the office closes at 17:30. Overdue, of days: the days that count which have begun since the last one, as the
 * ladder's steps number them; 0 before the first. */
struct left {
    bool known;       /* false: nothing is said */
    bool late;
    bool after_hours; /* working time is over, the deadline is not: what is left is elapsed time */
    enum left_measure measure;
    int32_t days, hours, minutes;
};

/* What is left of a clock by this rule that ends at deadline_ms, on last_day. */
struct left left_at(const struct policy_clock *rule, const struct rules *rules, int64_t deadline_ms, int32_t last_day, int64_t now_ms);

#endif
