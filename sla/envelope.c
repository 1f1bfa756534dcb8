/* Envelopes. The clock of a demand may be gone (a correction): then only what was told of it is said. */
#include "sla/envelope.h"

#include <stdio.h>
#include <string.h>

#include "sla/case_json.h"

enum { DUPLICATES_MAX = 1000 }; /* a result stays far below what Kafka takes */

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static void put_text(json_t *object, const char *name, const char *text)
{
    put(object, name, text ? json_string_nocheck(text) : json_null());
}

static json_t *wrap(const struct envelope *envelope, const char *type, const char *id, json_t *data)
{
    json_t *object = json_object();
    put_text(object, "specversion", "1.0");
    put_text(object, "id", id);
    put_text(object, "source", ENVELOPE_SOURCE);
    put_text(object, "type", type);
    put(object, "subject", json_text(envelope->file->id));
    put(object, "time", json_instant(envelope->rules->zone, envelope->now_ms));
    put_text(object, "datacontenttype", "application/json");
    put(object, "data", data);
    return object;
}

static json_t *instant_or_null(const struct envelope *envelope, int64_t at_ms)
{
    return at_ms ? json_instant(envelope->rules->zone, at_ms) : json_null();
}

/* What results and notices share. A call-back has no deadline, but the clock whose answer it is about. */
static json_t *put_common(const struct envelope *envelope, const struct demand *demand)
{
    const struct policy *policy = envelope->rules->policy;
    const struct policy_class *class = &policy->class[envelope->fold->class];
    int64_t deadline_ms = demand->clock ? demand->clock->deadline_ms : demand->told.deadline_ms;
    json_t *data = json_object();
    put(data, "case", json_text(envelope->file->id));
    put_text(data, "of", of_name(envelope->file->of));
    put(data, "unit", json_text_or_null(demand->unit));
    put_text(data, "class", class->name);
    put_text(data, "clock", class->clocks ? vocabulary_clock(envelope->rules->words, demand->told.clock) : NULL);
    put(data, "round", json_integer(told_round(&demand->told, envelope->fold)));
    put(data, "deadline", instant_or_null(envelope, deadline_ms));
    put_text(data, "clock_outcome", demand->clock ? clock_outcome_name(demand->clock->outcome) : NULL);
    return data;
}

/* The cases merged into this one, whose citizens are to be told of its answer as well. */
static void put_duplicates(json_t *data, const struct envelope *envelope, const struct demand *demand)
{
    const struct fold *fold = envelope->fold;
    bool tells = demand->kind == DEMAND_ANSWERED || demand->kind == DEMAND_CLOSED;
    if (!tells || !envelope->rules->policy->tells_duplicates || fold->duplicates == 0) return;
    json_t *list = json_array();
    for (size_t i = 0; i < fold->duplicates && i < DUPLICATES_MAX; i++) json_array_append_new(list, json_text(fold->duplicate[i]));
    put(data, "duplicates", list);
    if (fold->duplicates > DUPLICATES_MAX) put(data, "duplicates_left_out", json_integer((json_int_t)(fold->duplicates - DUPLICATES_MAX)));
}

json_t *envelope_result(const struct envelope *envelope, const struct demand *demand, const char *type, const char *id, uint64_t revision)
{
    const struct fold *fold = envelope->fold;
    json_t *data = put_common(envelope, demand);
    put_text(data, "outcome", fold->outcome ? outcome_name(fold->outcome) : NULL);
    put(data, "satisfaction", fold->satisfaction ? json_integer(fold->satisfaction) : json_null());
    put(data, "revision", json_integer((json_int_t)revision));
    put_duplicates(data, envelope, demand);
    return wrap(envelope, type, id, data);
}

static json_t *roles(const struct policy_step *step)
{
    json_t *list = json_array();
    for (int role = 0; step && role < ROLES; role++)
        if (step->roles >> role & 1) json_array_append_new(list, json_string_nocheck(role_name((enum role)role)));
    return list;
}

json_t *envelope_notice(const struct envelope *envelope, const struct demand *demand, const char *id)
{
    char step[STEP_TEXT_BYTES];
    json_t *data = put_common(envelope, demand);
    int64_t deadline_ms = demand->told.deadline_ms;
    told_step_print(step, &demand->told, envelope->rules->words);
    put_text(data, "step", step);
    put(data, "to", roles(demand->step));
    put_text(data, "owed_by", demand->clock ? debtor_name((enum debtor)demand->clock->rule->owed_by) : NULL);
    put(data, "last_day", demand->clock ? json_day(demand->clock->last_day) : json_null());
    put(data, "time_left_ms", json_integer(deadline_ms - envelope->now_ms));
    if (demand->before_ms) put(data, "deadline_before", json_instant(envelope->rules->zone, demand->before_ms));
    put(data, "provisional", json_boolean(demand->clock && demand->clock->provisional));
    put_text(data, "state", case_state_name(envelope->fold->state));
    put(data, "title", json_text_or_null(envelope->fold->title));
    return wrap(envelope, "notice", id, data);
}

void envelope_sent_id(char *text, const char *notice_id)
{
    const char *digits = strchr(notice_id, '_');
    snprintf(text, NOTICE_ID_BYTES, "res%s", digits ? digits : "_");
}
