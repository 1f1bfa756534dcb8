/* Steps by look-up: each ends where a limit of so many days or hours would.
 *
 * The trap: an office day is what can be used of a calendar day, so of a step in
 * days that share is gone which is gone of its working time. */
#include "sla/course.h"

int course_stride(struct limit limit)
{
    return limit.amount <= COURSE_LIMIT_STEPS ? 1 : (limit.amount + COURSE_LIMIT_STEPS - 1) / COURSE_LIMIT_STEPS;
}

static int64_t step_end_ms(const struct clock *clock, const struct rules *rules, int step)
{
    struct limit limit = {clock->rule->limit.unit, step * course_stride(clock->rule->limit)};
    return counting_deadline(&clock->rule->counting, rules, limit, clock->begin_ms, clock->gained, 0).at_ms;
}

/* The first step from `low` on that ends at or after an instant, by halving. */
static int step_that_holds(const struct clock *clock, const struct rules *rules, int low, int64_t at_ms)
{
    int high = COURSE_STEPS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (step_end_ms(clock, rules, middle) < at_ms) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* What is at rest stands where it came to rest. */
static int64_t standing_ms(const struct clock *clock, int64_t at_ms)
{
    return clock_suspended(clock) && clock_rests_since(clock) < at_ms ? clock_rests_since(clock) : at_ms;
}

int course_step(const struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    return step_that_holds(clock, rules, 0, standing_ms(clock, at_ms));
}

static double share_gone(const struct clock *clock, const struct rules *rules, int step, int64_t at_ms)
{
    const struct counting *counting = &clock->rule->counting;
    int64_t from_ms = step > 0 ? step_end_ms(clock, rules, step - 1) : clock->begin_ms, to_ms = step_end_ms(clock, rules, step);
    if (from_ms < clock->begin_ms) from_ms = clock->begin_ms;
    if (step == COURSE_STEPS - 1 || at_ms <= from_ms) return 0;
    if (at_ms >= to_ms) return 1;
    if (clock->rule->limit.unit == LIMIT_HOURS) return (double)(at_ms - from_ms) / (double)(to_ms - from_ms);
    int64_t whole_ms = counting_worked_ms(counting, rules, from_ms, to_ms);
    return whole_ms > 0 ? (double)counting_worked_ms(counting, rules, from_ms, at_ms) / (double)whole_ms : 0;
}

struct course course_at(const struct clock *clock, const struct rules *rules, int64_t at_ms)
{
    struct course course = {.stride = course_stride(clock->rule->limit)};
    at_ms = standing_ms(clock, at_ms);
    course.step = step_that_holds(clock, rules, 0, at_ms);
    course.gone = share_gone(clock, rules, course.step, at_ms);
    course.last = at_ms > clock->deadline_ms ? step_that_holds(clock, rules, 0, clock->deadline_ms)
                                             : step_that_holds(clock, rules, course.step, clock->deadline_ms);
    return course;
}

double course_gone(const struct course *course)
{
    return course->step > 0 ? (course->step - 1 + course->gone) * course->stride : 0;
}

double course_left(const struct course *course)
{
    return course->last * course->stride - course_gone(course);
}
