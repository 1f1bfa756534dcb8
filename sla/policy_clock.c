/* Counting, limits, clocks and ladders, as a policy file has them.
 *
 * The trap: steps and names lie in tables of the whole policy, so that what was
 * told of a case still says what it was about after the case changed its class. */
#include "sla/policy_clock.h"

#include <stdio.h>
#include <string.h>

#define BIT(type) (UINT32_C(1) << (type))

/* --- counting --- */

static bool read_periods(const struct form *form, const json_t *list, struct counting *counting)
{
    size_t i;
    const json_t *entry;
    int32_t before_ms = -1;
    if (!json_is_array(list) || json_array_size(list) < 1 || json_array_size(list) > POLICY_PERIODS_MAX)
        return form_fault(form, "hours: expected an array of 1 to %d periods [\"09:00\", \"11:30\"]", POLICY_PERIODS_MAX);
    counting->periods = 0;
    counting->hours_listed = true;
    json_array_foreach(list, i, entry) {
        struct period *period = &counting->period[counting->periods++];
        if (json_array_size(entry) != 2) return form_fault(form, "hours[%zu]: expected [from, to]", i);
        if (!form_time_of_day(form, json_array_get(entry, 0), "hours", &period->from_ms) ||
            !form_time_of_day(form, json_array_get(entry, 1), "hours", &period->to_ms))
            return false;
        if (period->from_ms <= before_ms || period->to_ms <= period->from_ms)
            return form_fault(form, "hours[%zu]: expected periods in order, apart from each other", i);
        before_ms = period->to_ms;
    }
    return true;
}

static bool read_calendar_name(const struct form *form, const json_t *object, const struct policy *policy, int *calendar)
{
    const json_t *value = json_object_get(object, "calendar");
    if (!value) return true;
    for (int i = 0; i < policy->calendars; i++) {
        if (!json_is_string(value) || strcmp(json_string_value(value), policy->calendar[i].name) != 0) continue;
        *calendar = 1 + i;
        return true;
    }
    return form_fault(form, "calendar: no calendar of that name in \"calendars\"");
}

static bool read_day_end(const struct form *form, const json_t *object, int32_t *day_end_ms)
{
    const json_t *value = json_object_get(object, "day_end");
    if (json_is_string(value) && strcmp(json_string_value(value), "same-time") == 0) {
        *day_end_ms = END_SAME_TIME;
        return true;
    }
    return form_time_of_day(form, value, "day_end", day_end_ms);
}

static bool read_switches(const struct form *form, const json_t *object, struct counting *counting)
{
    static const char *const rest_day[] = {"as-received", "next-workday", NULL};
    static const char *const outside[] = {"as-received", "next-opening", NULL};
    static const char *const last_day[] = {"moves", "stays", NULL};
    int rest = counting->rest_day_moves, hours = counting->outside_moves, last = counting->last_rest_day_stays;
    if (!form_choice(form, object, "rest_day_receipt", rest_day, &rest) ||
        !form_choice(form, object, "outside_hours", outside, &hours) ||
        !form_choice(form, object, "last_rest_day", last_day, &last))
        return false;
    counting->rest_day_moves = rest;
    counting->outside_moves = hours;
    counting->last_rest_day_stays = last;
    return true;
}

bool policy_read_counting(struct form *form, const json_t *owner, bool whole, const struct policy *policy, struct counting *counting)
{
    static const char *const members[] = {"rest_day_receipt", "outside_hours", "day_end", "opening", "closing",
                                          "hours",            "calendar",      "last_rest_day", NULL};
    static const char *const required[] = {"rest_day_receipt", "day_end", "opening", "closing"};
    const json_t *object = json_object_get(owner, "counting");
    char path[sizeof form->path];
    bool opening = json_object_get(object, "opening") != NULL, closing = json_object_get(object, "closing") != NULL;
    if (!whole && !object) return true;
    snprintf(path, sizeof path, "%s", form->path);
    form_at(form, "%.150s%scounting", path, *path ? "." : "");
    if (!form_members(form, object, members)) return false;
    for (int i = 0; whole && i < 4; i++)
        if (!json_object_get(object, required[i])) return form_fault(form, "%s: it is required", required[i]);
    if (!read_switches(form, object, counting) || !read_calendar_name(form, object, policy, &counting->calendar) ||
        (json_object_get(object, "day_end") && !read_day_end(form, object, &counting->day_end_ms)) ||
        (opening && !form_time_of_day(form, json_object_get(object, "opening"), "opening", &counting->opening_ms)) ||
        (closing && !form_time_of_day(form, json_object_get(object, "closing"), "closing", &counting->closing_ms)))
        return false;
    if (json_object_get(object, "hours")) {
        if (!read_periods(form, json_object_get(object, "hours"), counting)) return false;
    } else if ((opening || closing) && !counting->hours_listed) {
        counting->periods = 1;
        counting->period[0] = (struct period){counting->opening_ms, counting->closing_ms};
        if (counting->opening_ms >= counting->closing_ms) return form_fault(form, "opening: expected before closing");
    }
    form_at(form, "%s", path);
    return true;
}

/* --- ladders --- */

static const char *role_at(int i) { return i < ROLES ? role_name((enum role)i) : NULL; }
/* Those behind are history alone: no clock goes by them. */
static const char *type_at(int i) { return i <= RATING_PUBLISHED ? (i ? event_type_name((enum event_type)i) : "") : NULL; }

static bool read_when(const struct form *form, const json_t *object, struct policy_step *step)
{
    static const char *const names[] = {"workdays_before", "hours_before", "minutes_before", "overdue", "workdays_after", "on"};
    static const int most[] = {POLICY_LIMIT_MAX_DAYS, 240, 14400};
    const json_t *value = NULL;
    for (int i = 0, found = 0; i < 6; i++) {
        if (!json_object_get(object, names[i])) continue;
        if (found++) return form_fault(form, "expected one of workdays_before, hours_before, minutes_before, overdue, workdays_after, on");
        value = json_object_get(object, names[i]);
        step->when = (enum step_when)i;
    }
    if (!value) return form_fault(form, "expected one of workdays_before, hours_before, minutes_before, overdue, workdays_after, on");
    const char *text = json_string_value(value);
    switch (step->when) {
    case STEP_WORKDAYS_BEFORE:
    case STEP_HOURS_BEFORE:
    case STEP_MINUTES_BEFORE: return form_int(form, value, names[step->when], 0, most[step->when], &step->n);
    case STEP_OVERDUE: return json_is_true(value) || form_fault(form, "overdue: expected true");
    case STEP_ON_EVENT:
        step->n = text ? (int)event_type_parse(text, strlen(text)) : EVENT_NONE;
        return step->n != EVENT_NONE || form_fault(form, "on: expected an event type as \"ticket.urged\"");
    case STEP_WORKDAYS_AFTER: break;
    }
    if (json_array_size(value) != 2) return form_fault(form, "workdays_after: expected [first, last]");
    return form_int(form, json_array_get(value, 0), "workdays_after[0]", 1, 250, &step->n) &&
           form_int(form, json_array_get(value, 1), "workdays_after[1]", step->n, 250, &step->until);
}

static bool read_step(struct form *form, const json_t *entry, struct policy_step *step)
{
    static const char *const members[] = {"step",    "workdays_before", "hours_before", "minutes_before",
                                          "overdue", "workdays_after",  "on",           "to", NULL};
    uint32_t roles = 0;
    if (!form_members(form, entry, members) || !form_name(form, entry, "step", step->name, sizeof step->name) ||
        !read_when(form, entry, step) || !form_bits(form, entry, "to", role_at, &roles))
        return false;
    step->roles = roles;
    return roles != 0 || form_fault(form, "to: expected at least one role");
}

static bool read_ladder(struct form *form, const json_t *list, const char *name, struct policy *policy)
{
    struct policy_ladder *ladder = &policy->ladder[policy->ladders++];
    size_t i;
    const json_t *entry;
    form_at(form, "ladders.%.100s", name);
    if (!*name || strlen(name) >= sizeof ladder->name) return form_fault(form, "expected a name of 1 to %zu bytes", sizeof ladder->name - 1);
    if (!json_is_array(list) || json_array_size(list) > POLICY_STEPS_MAX)
        return form_fault(form, "expected an array of at most %d steps", POLICY_STEPS_MAX);
    snprintf(ladder->name, sizeof ladder->name, "%s", name);
    ladder->first_step = policy->steps;
    json_array_foreach(list, i, entry) {
        struct policy_step *step = &policy->step[policy->steps];
        form_at(form, "ladders.%.100s[%zu]", name, i);
        if (policy->steps == POLICY_ALL_STEPS_MAX) return form_fault(form, "more than %d steps in all", POLICY_ALL_STEPS_MAX);
        if (!read_step(form, entry, step)) return false;
        if (step->when == STEP_ON_EVENT) policy->nudges |= BIT(step->n);
        policy->steps++;
        ladder->steps++;
    }
    return true;
}

bool policy_read_ladders(struct form *form, const json_t *root, struct policy *policy)
{
    json_t *all = json_object_get(root, "ladders"), *list;
    const char *name;
    form_at(form, "ladders");
    if (!all) return true;
    if (!json_is_object(all) || json_object_size(all) > POLICY_LADDERS_MAX)
        return form_fault(form, "expected an object of at most %d ladders", POLICY_LADDERS_MAX);
    json_object_foreach(all, name, list)
        if (!read_ladder(form, list, name, policy)) return false;
    return true;
}

static bool take_ladder(const struct form *form, const json_t *object, const struct policy *policy, struct policy_clock *clock)
{
    const json_t *value = json_object_get(object, "ladder");
    const char *name = json_string_value(value);
    if (!value) return true;
    for (int i = 0; i < policy->ladders; i++) {
        if (!name || strcmp(policy->ladder[i].name, name) != 0) continue;
        clock->first_step = policy->ladder[i].first_step;
        clock->steps = policy->ladder[i].steps;
        return true;
    }
    return form_fault(form, "ladder: no ladder \"%s\"", name ? name : "(no text)");
}

/* --- clocks --- */

static bool read_limit(const struct form *form, const json_t *object, struct limit *limit)
{
    static const char *const names[] = {"limit_workdays", "limit_days", "limit_work_hours", "limit_hours"};
    int found = 0;
    for (int i = 0; i < 4; i++) {
        const json_t *value = json_object_get(object, names[i]);
        if (!value) continue;
        limit->unit = (enum limit_unit)i;
        found++;
        if (!form_int(form, value, names[i], i == LIMIT_DAYS ? 0 : 1, i < LIMIT_WORK_HOURS ? POLICY_LIMIT_MAX_DAYS : POLICY_LIMIT_MAX_HOURS, &limit->amount)) return false;
    }
    return found == 1 || form_fault(form, "expected one of limit_workdays, limit_days, limit_work_hours, limit_hours");
}

static bool read_starts(const struct form *form, const json_t *object, enum of of, struct policy_clock *clock)
{
    const json_t *starts = json_object_get(object, "starts");
    const char *word = json_string_value(starts);
    if (json_is_array(starts) && json_array_size(starts) > 0) {
        clock->starts = STARTS_ON_EVENT;
        if (!form_bits(form, object, "starts", type_at, &clock->started_by)) return false;
    } else if (word && (strcmp(word, "receipt") == 0 || strcmp(word, "each-round") == 0)) {
        clock->starts = strcmp(word, "receipt") == 0 ? STARTS_RECEIPT : STARTS_EACH_ROUND;
    } else {
        return form_fault(form, "starts: expected \"receipt\", \"each-round\" or an array of event types");
    }
    if (!form_bits(form, object, "stopped_by", type_at, &clock->stopped_by) ||
        !form_bits(form, object, "cancelled_by", type_at, &clock->cancelled_by))
        return false;
    for (int type = EVENT_NONE + 1; type < EVENT_TYPES; type++)
        if ((clock->started_by | clock->stopped_by | clock->cancelled_by) >> type & 1 && event_type_of((enum event_type)type) != of)
            return form_fault(form, "%s is no event of a %s", event_type_name((enum event_type)type), of_name(of));
    return true;
}

/* Clocks beside the case's start and stop as their kind does. */
static bool read_kind(const struct form *form, const json_t *object, enum of of, struct policy_clock *clock)
{
    static const char *const kinds[] = {"case", "share", "approval", "member", NULL};
    int kind = CLOCK_OF_CASE;
    if (!form_choice(form, object, "kind", kinds, &kind)) return false;
    clock->kind = (uint8_t)kind;
    if (kind == CLOCK_OF_CASE) return read_starts(form, object, of, clock);
    if (of != OF_TICKET) return form_fault(form, "kind: a rating has no clock of kind \"%s\"", kinds[kind]);
    if (json_object_get(object, "starts") || json_object_get(object, "stopped_by") || json_object_get(object, "cancelled_by"))
        return form_fault(form, "a clock of kind \"%s\" starts and stops by itself: no starts, stopped_by, cancelled_by", kinds[kind]);
    clock->starts = STARTS_ON_EVENT;
    clock->cancelled_by = BIT(TICKET_VOIDED) | BIT(TICKET_MERGED);
    if (kind == CLOCK_SHARE) clock->stopped_by = BIT(TICKET_ANSWERED) | BIT(TICKET_CLOSED);
    if (kind == CLOCK_MEMBER) clock->cancelled_by |= BIT(TICKET_CLOSED);
    if (kind != CLOCK_APPROVAL) return true;
    clock->started_by = BIT(TICKET_EXTENSION_REQUESTED);
    clock->stopped_by = BIT(TICKET_EXTENSION_GRANTED) | BIT(TICKET_EXTENSION_REFUSED);
    clock->cancelled_by |= BIT(TICKET_ANSWERED) | BIT(TICKET_CLOSED);
    return true;
}

static bool take_clock_name(const struct form *form, const json_t *object, struct policy *policy, struct policy_clock *clock)
{
    char name[POLICY_NAME_BYTES];
    int i = 0;
    if (!form_name(form, object, "clock", name, sizeof name)) return false;
    while (i < policy->names && strcmp(policy->clock_name[i], name) != 0) i++;
    if (i == POLICY_NAMES_MAX) return form_fault(form, "clock: more than %d names of clocks", POLICY_NAMES_MAX);
    if (i == policy->names) snprintf(policy->clock_name[policy->names++], POLICY_NAME_BYTES, "%s", name);
    clock->name = policy->clock_name[i];
    clock->name_index = (uint8_t)i;
    return true;
}

bool policy_read_clock(struct form *form, const json_t *object, struct policy *policy, enum of of,
                       struct policy_clock *clock)
{
    static const char *const members[] = {"clock",      "kind",         "limit_workdays", "limit_days", "limit_work_hours",
                                          "limit_hours", "counting",     "starts",         "stopped_by", "cancelled_by",
                                          "suspends",   "extends",      "owed_by",        "ladder",     NULL};
    static const char *const debtors[] = {"handler", "dispatcher", "approver", "hotline", NULL};
    int owed_by = DEBTOR_HANDLER;
    if (!form_members(form, object, members) || !take_clock_name(form, object, policy, clock) || !read_limit(form, object, &clock->limit) ||
        !read_kind(form, object, of, clock) || !form_bool(form, object, "suspends", &clock->suspends) ||
        !form_bool(form, object, "extends", &clock->extends))
        return false;
    if (clock->kind == CLOCK_APPROVAL) owed_by = DEBTOR_APPROVER;
    if (!form_choice(form, object, "owed_by", debtors, &owed_by)) return false;
    clock->owed_by = (uint8_t)owed_by;
    clock->counting = policy->counting;
    return policy_read_counting(form, object, false, policy, &clock->counting) && take_ladder(form, object, policy, clock);
}
