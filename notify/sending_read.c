/* Reads a sending file. Every fault is said; the table is used only where there is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notify/sending_table.h"
#include "sla/form.h"
#include "sla/policy_calendar.h"

static const char *channel_at(int i)
{
    static const char *const names[CHANNELS] = {"webhook", "wecom", "dingtalk", "feishu", "email", "sms", "kafka"};
    return i < CHANNELS ? names[i] : NULL;
}

static const char *when_at(int i)
{
    static const char *const names[] = {"workdays_before", "hours_before", "minutes_before", "overdue", "workdays_after", "on"};
    return i <= STEP_ON_EVENT ? names[i] : NULL;
}

static const char *kind_at(int i)
{
    static const char *const names[SENDING_KINDS] = {"notice", "withdrawn", "corrected", "cluster"};
    return i < SENDING_KINDS ? names[i] : NULL;
}

static const char *role_at(int i) { return i < ROLES ? role_name((enum role)i) : NULL; }
static const char *urgency_at(int i) { return i < URGENCIES ? (i ? urgency_name((enum urgency)i) : "") : NULL; }

/* Names that a policy may have: whether it does, nobody can say here, as policies change. */
static void read_names(const struct form *form, const json_t *object, const char *field, char (**names)[POLICY_NAME_BYTES], int *count)
{
    const json_t *list = json_object_get(object, field), *value;
    size_t i;
    if (!list) return;
    if (!json_is_array(list) || json_array_size(list) > SENDING_WORDS_MAX) {
        form_fault(form, "%s: expected an array of at most %d names", field, SENDING_WORDS_MAX);
        return;
    }
    *names = xcalloc(json_array_size(list) + 1, sizeof **names);
    json_array_foreach(list, i, value) {
        if (json_is_string(value) && json_string_length(value) > 0 && json_string_length(value) < POLICY_NAME_BYTES)
            snprintf((*names)[(*count)++], POLICY_NAME_BYTES, "%s", json_string_value(value));
        else form_fault(form, "%s[%zu]: expected a name of 1 to %d bytes", field, i, POLICY_NAME_BYTES - 1);
    }
}

static void read_scope(const struct form *form, const json_t *object, const struct sending *sending, struct scope *scope)
{
    const json_t *calendar = json_object_get(object, "calendar");
    const char *name = json_string_value(calendar);
    uint32_t channels = 0, roles = 0;
    form_bits(form, object, "channels", channel_at, &channels);
    form_bits(form, object, "roles", role_at, &roles);
    if (json_object_get(object, "channels") && !channels) form_fault(form, "channels: empty, so the rule is for nobody");
    if (json_object_get(object, "roles") && !roles) form_fault(form, "roles: empty, so the rule is for nobody");
    scope->channels = channels;
    scope->roles = roles;
    for (int i = 0; calendar && i < sending->calendars; i++)
        if (name && strcmp(sending->calendar[i].name, name) == 0) scope->calendar = i + 1;
    if (calendar && !scope->calendar) form_fault(form, "calendar: none in calendars is called \"%s\"", name ? name : "(no text)");
}

/* --- hours --- */

static void read_periods(const struct form *form, const json_t *object, struct hours *hours)
{
    const json_t *list = json_object_get(object, "periods"), *pair;
    size_t i;
    if (!json_is_array(list) || json_array_size(list) < 1 || json_array_size(list) > SENDING_PERIODS_MAX) {
        form_fault(form, "periods: expected an array of 1 to %d periods", SENDING_PERIODS_MAX);
        return;
    }
    json_array_foreach(list, i, pair) {
        struct period *period = &hours->period[hours->periods++];
        if (json_array_size(pair) != 2) form_fault(form, "periods[%zu]: expected [from, to]", i);
        else if (form_time_of_day(form, json_array_get(pair, 0), "periods", &period->from_ms) &&
                 form_time_of_day(form, json_array_get(pair, 1), "periods", &period->to_ms) &&
                 (period->from_ms >= period->to_ms || (i > 0 && period[-1].to_ms > period->from_ms)))
            form_fault(form, "periods[%zu]: expected periods one after the other", i);
    }
}

static void read_hours(const struct form *form, const json_t *object, struct sending *sending)
{
    static const char *const members[] = {"channels", "roles", "calendar", "periods", "any_hour", NULL};
    struct hours *hours = &sending->hour[sending->hours++];
    if (!form_members(form, object, members) && !json_is_object(object)) return;
    read_scope(form, object, sending, &hours->scope);
    form_maybe_bool(form, object, "any_hour", &hours->any_hour);
    if (!hours->any_hour) read_periods(form, object, hours);
    else if (json_object_get(object, "periods") || json_object_get(object, "calendar")) form_fault(form, "any_hour: no periods or calendar then");
}

/* --- digests --- */

static void read_times(const struct form *form, const json_t *object, struct digests *digests)
{
    const json_t *list = json_object_get(object, "times"), *value;
    size_t i;
    if (!json_is_array(list) || json_array_size(list) > SENDING_TIMES_MAX) {
        form_fault(form, "times: expected an array of at most %d times of day", SENDING_TIMES_MAX);
        return;
    }
    json_array_foreach(list, i, value) {
        int32_t *at_ms = &digests->time_ms[digests->times++];
        if (form_time_of_day(form, value, "times", at_ms) && ((i > 0 && at_ms[-1] >= *at_ms) || *at_ms >= DAY_MS))
            form_fault(form, "times[%zu]: expected times one after the other, before 24:00", i);
    }
}

static void read_digests(const struct form *form, const json_t *object, struct sending *sending)
{
    static const char *const members[] = {"channels", "roles", "calendar", "times", "gathers", NULL}, *const gathered[] = {"when", "steps", NULL};
    struct digests *digests = &sending->digest[sending->digests++];
    const json_t *gathers = json_object_get(object, "gathers");
    uint32_t whens = 0;
    if (!form_members(form, object, members) && !json_is_object(object)) return;
    read_scope(form, object, sending, &digests->scope);
    read_times(form, object, digests);
    if (!gathers || (!form_members(form, gathers, gathered) && !json_is_object(gathers))) return;
    form_bits(form, gathers, "when", when_at, &whens);
    digests->whens = whens;
    read_names(form, gathers, "steps", &digests->step, &digests->steps);
}

/* --- the file --- */

static void read_calendars(struct form *form, const json_t *root, struct sending *sending)
{
    json_t *all = json_object_get(root, "calendars"), *object;
    const char *name;
    if (!all) return;
    if (!json_is_object(all) || json_object_size(all) > POLICY_CALENDARS_MAX) {
        form_fault(form, "calendars: expected an object of at most %d calendars", POLICY_CALENDARS_MAX);
        return;
    }
    json_object_foreach(all, name, object) {
        struct policy_calendar *calendar = &sending->calendar[sending->calendars++];
        form_at(form, "calendars.%.100s", name);
        policy_calendar_read(form, name, object, calendar);
    }
    form_at(form, "%s", "");
}

static void read_rules(struct form *form, const json_t *root, const char *field, struct sending *sending,
                       void (*read)(const struct form *, const json_t *, struct sending *))
{
    const json_t *list = json_object_get(root, field), *object;
    size_t i;
    if (list && (!json_is_array(list) || json_array_size(list) > SENDING_RULES_MAX)) {
        form_fault(form, "%s: expected an array of at most %d rules", field, SENDING_RULES_MAX);
        return;
    }
    json_array_foreach(list, i, object) {
        form_at(form, "%s[%zu]", field, i);
        read(form, object, sending);
    }
    form_at(form, "%s", "");
}

static void read_passes(struct form *form, const json_t *root, struct sending *sending)
{
    static const char *const members[] = {"classes", "urgencies", "steps", "kinds", NULL};
    const json_t *object = json_object_get(root, "passes");
    uint32_t urgencies = 0, kinds = 0;
    form_at(form, "passes");
    if (object && (form_members(form, object, members) || json_is_object(object))) {
        form_bits(form, object, "urgencies", urgency_at, &urgencies);
        form_bits(form, object, "kinds", kind_at, &kinds);
        read_names(form, object, "classes", &sending->class, &sending->classes);
        read_names(form, object, "steps", &sending->step, &sending->steps);
        sending->urgencies = urgencies;
        sending->kinds = kinds;
    }
    form_at(form, "%s", "");
}

static int compare_days(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return x < y ? -1 : x > y;
}

static void sort_days(struct policy_calendar *calendar)
{
    if (calendar->ons) qsort(calendar->on, (size_t)calendar->ons, sizeof *calendar->on, compare_days);
    if (calendar->offs) qsort(calendar->off, (size_t)calendar->offs, sizeof *calendar->off, compare_days);
}

static void read_all(struct form *form, const json_t *root, struct sending *sending)
{
    static const char *const members[] = {"version", "title", "calendars", "hours", "passes", "digests", NULL};
    char version[POLICY_WORD_MAX_BYTES + 1], *title = NULL;
    if (!form_members(form, root, members) && !json_is_object(root)) return;
    form_name(form, root, "version", version, sizeof version);
    form_text(form, root, "title", &title);
    free(title);
    read_calendars(form, root, sending);
    read_rules(form, root, "hours", sending, read_hours);
    read_passes(form, root, sending);
    read_rules(form, root, "digests", sending, read_digests);
    for (int i = 0; i < sending->calendars; i++) sort_days(&sending->calendar[i]);
}

static struct sending *build(struct form *form, json_t *root)
{
    size_t before = form->faults->bytes;
    if (!root) return NULL;
    struct sending *sending = xcalloc(1, sizeof *sending);
    read_all(form, root, sending);
    json_decref(root);
    if (form->faults->bytes == before && !form->faults->overflow) return sending;
    sending_free(sending);
    return NULL;
}

struct sending *sending_load(const char *file, struct buffer *faults)
{
    struct form form = {.file = file, .faults = faults};
    return build(&form, form_load(&form));
}

struct sending *sending_parse(const char *text, size_t bytes, const char *called, struct buffer *faults)
{
    struct form form = {.file = called, .faults = faults};
    return build(&form, form_parse(&form, text, bytes));
}

void sending_free(struct sending *sending)
{
    if (!sending) return;
    for (int i = 0; i < sending->calendars; i++) {
        free(sending->calendar[i].on);
        free(sending->calendar[i].off);
    }
    for (int i = 0; i < sending->digests; i++) free(sending->digest[i].step);
    free(sending->class);
    free(sending->step);
    free(sending);
}
