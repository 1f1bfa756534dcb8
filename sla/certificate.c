/* Putting a certificate together. Its order of members is part of its form: it is
 * compared as text. */
#include "sla/certificate.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sla/case_json.h"
#include "sla/clock_days.h"
#include "sla/event_json.h"

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

char *certificate_line(const json_t *certificate)
{
    return json_dumps(certificate, JSON_COMPACT);
}

/* SHA-256 of text as hex digits. */
static json_t *hash_of(const char *text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char digits[2 * EVP_MAX_MD_SIZE + 1];
    unsigned bytes = 0;
    if (!EVP_Digest(text, strlen(text), digest, &bytes, EVP_sha256(), NULL)) abort();
    for (unsigned i = 0; i < bytes; i++) snprintf(digits + 2 * i, 3, "%02x", digest[i]);
    return json_string(digits);
}

/* --- what it rests on --- */

static json_t *inputs_of(const struct case_file *file, const struct rules *rules, int64_t as_of_ms)
{
    json_t *inputs = json_object(), *events = json_array();
    for (size_t i = 0; i < file->events && file->event[i].at_ms <= as_of_ms; i++)
        json_array_append_new(events, event_to_json(&file->event[i], rules));
    put(inputs, "case", json_text(file->id));
    put(inputs, "of", json_string(of_name(file->of)));
    put(inputs, "as_of", json_instant(rules->zone, as_of_ms));
    put(inputs, "zone", json_string(rules->zone->name));
    put(inputs, "policy", json_loads(rules->policy->json, 0, NULL));
    put(inputs, "calendar", json_loads(calendar_json(rules->calendar), 0, NULL));
    put(inputs, "events", events);
    return inputs;
}

/* The years that the case's clocks lean on, and the notice of each. */
static json_t *notices_of(const struct fold *fold, const struct rules *rules)
{
    json_t *notices = json_array();
    int first = 0, last = 0, month, dom;
    day_to_civil(zone_day(rules->zone, fold->received_ms), &first, &month, &dom);
    last = first;
    for (size_t i = 0; i < fold->clocks; i++) {
        int year;
        day_to_civil(fold->clock[i].last_day, &year, &month, &dom);
        if (year > last) last = year;
    }
    for (int year = first; year <= last; year++) {
        const char *source = calendar_source(rules->calendar, year);
        json_array_append_new(notices, json_pack("{s:i,s:s?,s:b}", "year", year, "source", source, "published", calendar_published(rules->calendar, year)));
    }
    return notices;
}

static json_t *rules_of(const struct fold *fold, const struct rules *rules)
{
    const struct policy *policy = rules->policy;
    json_t *object = json_object();
    put(object, "policy", json_string(policy->name));
    put(object, "title", json_string(policy->title));
    put(object, "source", *policy->source ? json_string(policy->source) : json_null());
    put(object, "effective_from", json_instant(rules->zone, policy->effective_from_ms));
    put(object, "policy_sha256", hash_of(policy->json));
    put(object, "calendar", json_string(calendar_version(rules->calendar)));
    put(object, "calendar_sha256", hash_of(calendar_json(rules->calendar)));
    put(object, "notices", notices_of(fold, rules));
    return object;
}

/* --- what follows --- */

static json_t *steps_of(const struct fold *fold, const struct rules *rules)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < fold->traces; i++) {
        const struct trace *trace = &fold->trace[i];
        json_t *step = json_object();
        put(step, "time", json_instant(rules->zone, trace->at_ms));
        put(step, "type", trace->event ? json_string(event_type_name((enum event_type)trace->event->type)) : json_null());
        put(step, "effect", json_string(effect_name((enum effect)trace->effect)));
        put(step, "state", json_string(case_state_name((enum case_state)trace->state)));
        put(step, "class", trace->class < 0 ? json_null() : json_string(rules->policy->class[trace->class].name));
        put(step, "round", json_integer(trace->round));
        put(step, "unit", json_text_or_null(trace->unit));
        if (trace->days) put(step, "days_granted", json_integer(trace->days));
        json_array_append_new(steps, step);
    }
    return steps;
}

/* Who owes the step that ends this state; NULL for nobody. */
static const char *owner_of(const struct trace *trace, enum of of)
{
    switch ((enum case_state)trace->state) {
    case STATE_INCOMPLETE:
    case STATE_SUSPENDED:
    case STATE_ANSWERED:
    case STATE_CLOSED:
    case STATE_VOIDED:
    case STATE_MERGED: return NULL;
    default: return trace->unit.bytes || of == OF_RATING ? debtor_name(DEBTOR_HANDLER) : debtor_name(DEBTOR_DISPATCHER);
    }
}

static json_t *owing(const struct rules *rules, int64_t from_ms, int64_t to_ms, const char *by, struct text unit, const char *clock)
{
    json_t *object = json_object();
    put(object, "from", json_instant(rules->zone, from_ms));
    put(object, "to", to_ms == INT64_MAX ? json_null() : json_instant(rules->zone, to_ms));
    put(object, "by", by ? json_string(by) : json_null());
    put(object, "unit", json_text_or_null(unit));
    put(object, "clock", clock ? json_string(clock) : json_null());
    return object;
}

/* Moment by moment, then those who owed a step beside: approvers, members, the hotline. */
static json_t *owed_of(const struct fold *fold, const struct rules *rules)
{
    json_t *list = json_array();
    for (size_t i = 0; i < fold->traces; i++) {
        const struct trace *trace = &fold->trace[i];
        const char *by = owner_of(trace, fold->of);
        struct text unit = by && strcmp(by, debtor_name(DEBTOR_HANDLER)) == 0 ? trace->unit : (struct text){0};
        size_t end = i + 1;
        while (end < fold->traces && owner_of(&fold->trace[end], fold->of) == by && (!by || text_equal(fold->trace[end].unit, trace->unit))) end++;
        if (trace->class >= 0)
            json_array_append_new(list, owing(rules, trace->at_ms, end < fold->traces ? fold->trace[end].at_ms : INT64_MAX, by, unit, NULL));
        i = end - 1;
    }
    for (size_t i = 0; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        if (clock->rule->owed_by == DEBTOR_HANDLER && clock->rule->kind != CLOCK_MEMBER) continue;
        json_array_append_new(list, owing(rules, clock->started_ms, clock->ended_ms, debtor_name((enum debtor)clock->rule->owed_by), clock->unit, clock->rule->name));
    }
    return list;
}

static json_t *limit_of(const struct policy_clock *rule)
{
    static const char *const units[] = {"workdays", "days", "work_hours", "hours"};
    return json_pack("{s:s,s:i}", "unit", units[rule->limit.unit], "amount", rule->limit.amount);
}

static json_t *clock_of(const struct clock *clock, const struct rules *rules)
{
    static const char *const kinds[CLOCK_KINDS] = {"case", "share", "approval", "member"};
    const struct counting *counting = &clock->rule->counting;
    bool hours = clock->rule->limit.unit >= LIMIT_WORK_HOURS;
    json_t *object = clock_to_json(clock, rules);
    put(object, "kind", json_string(kinds[clock->rule->kind]));
    put(object, "unit", json_text_or_null(clock->unit));
    put(object, "limit", limit_of(clock->rule));
    put(object, "calendar", counting->calendar ? json_string(rules->policy->calendar[counting->calendar - 1].name) : json_null());
    put(object, "counted_from", json_instant(rules->zone, clock->begin_ms));
    put(object, "day_zero", hours ? json_null() : json_day(counting_day_zero(counting, rules, clock->begin_ms)));
    put(object, "granted_workdays", json_integer(clock->extended_days));
    put(object, hours ? "suspended_ms" : "suspended_days", json_integer(clock->gained));
    put(object, "ours", json_instant(rules->zone, clock->ours_ms));
    put(object, "theirs", clock->stated_ms ? json_instant(rules->zone, clock->theirs_ms) : json_null());
    put(object, "days", clock_days_to_json(clock, rules, true));
    return object;
}

static json_t *clocks_of(const struct fold *fold, const struct rules *rules)
{
    json_t *clocks = json_array();
    for (size_t i = 0; i < fold->clocks; i++) json_array_append_new(clocks, clock_of(&fold->clock[i], rules));
    return clocks;
}

json_t *certificate_make(const struct case_file *file, const struct rules *rules, int64_t as_of_ms)
{
    struct fold fold = {.tracing = true};
    json_t *certificate = NULL;
    fold_case(&fold, rules, file, as_of_ms);
    if (fold.class >= 0) {
        json_t *inputs = inputs_of(file, rules, as_of_ms);
        char *text = certificate_line(inputs);
        certificate = json_object();
        put(certificate, "certificate", json_integer(CERTIFICATE_FORMAT));
        put(certificate, "inputs_sha256", hash_of(text));
        put(certificate, "inputs", inputs);
        put(certificate, "rules", rules_of(&fold, rules));
        put(certificate, "case", case_to_json(file, &fold, rules, false));
        put(certificate, "steps", steps_of(&fold, rules));
        put(certificate, "shares", shares_to_json(&fold, rules));
        put(certificate, "owed", owed_of(&fold, rules));
        put(certificate, "due", due_to_json(&fold, rules));
        put(certificate, "clocks", clocks_of(&fold, rules));
        certificate_put_words(certificate, rules, &fold);
        free(text);
    }
    fold_free(&fold);
    return certificate;
}
