/* Ledger records. They hold all that `told` holds of a notice or result, so that it can be
 * read back. */
#include "notify/ledger.h"

#include <inttypes.h>
#include <stdio.h>

#include "notify/mask.h"
#include "sla/case_json.h"

static json_t *number_or_null(int64_t number)
{
    return number ? json_integer(number) : json_null();
}

static json_t *text_or_null(const char *text)
{
    json_t *string = text && *text ? json_string(text) : NULL; /* NULL also of what is no UTF-8 */
    return string ? string : json_null();
}

/* Whom it was for: person, roles, masked address. */
static json_t *recipients(const struct ledger_entry *entry)
{
    if (entry->tos == 0) return json_null();
    json_t *list = json_array();
    for (size_t i = 0; i < entry->tos; i++) {
        json_t *one = json_object(), *roles = json_array();
        char address[MASK_BYTES];
        mask_address(address, entry->to[i].address);
        for (int role = 0; role < ROLES; role++)
            if (entry->to[i].roles & 1u << role) json_array_append_new(roles, json_string_nocheck(role_name((enum role)role)));
        json_object_set_new_nocheck(one, "person", json_text_or_null(entry->to[i].person));
        json_object_set_new_nocheck(one, "roles", roles);
        json_object_set_new_nocheck(one, "address", text_or_null(address));
        json_array_append_new(list, one);
    }
    return list;
}

/* Why it was owed: the policy's step, and the rule that the policy rests on. */
static json_t *reason(const struct envelope *envelope, json_t *step)
{
    const struct policy *policy = envelope->rules->policy;
    json_t *why = json_object();
    json_object_set_new_nocheck(why, "policy", json_string_nocheck(policy->name));
    json_object_set_nocheck(why, "step", step);
    json_object_set_new_nocheck(why, "rule", text_or_null(policy->source));
    return why;
}

static json_t *step_or_null(const struct envelope *envelope, const struct demand *demand)
{
    char text[STEP_TEXT_BYTES];
    if (demand->told.kind != TOLD_NOTICE) return json_null();
    told_step_print(text, &demand->told, envelope->rules->words);
    return json_string_nocheck(text);
}

int ledger_format(const json_t *value)
{
    json_int_t format = json_integer_value(json_object_get(value, "ledger"));
    return format >= 1 && format <= LEDGER_FORMAT ? (int)format : 0;
}

void ledger_begin(json_t *object, struct text subject, const char *of, const struct ledger_entry *entry)
{
    json_object_set_new_nocheck(object, "ledger", json_integer(LEDGER_FORMAT));
    json_object_set_new_nocheck(object, "id", json_string_nocheck(entry->id));
    json_object_set_new_nocheck(object, "type", json_string_nocheck(entry->type));
    json_object_set_new_nocheck(object, "case", json_text(subject));
    json_object_set_new_nocheck(object, "of", json_string_nocheck(of));
}

void ledger_end(json_t *object, const struct demand *demand, const struct ledger_entry *entry, const struct zone *zone, int64_t now_ms)
{
    char key[20];
    snprintf(key, sizeof key, "%016" PRIx64, demand->told.id);
    json_object_set_new_nocheck(object, "unit", json_text_or_null(demand->unit));
    json_object_set_new_nocheck(object, "endpoint", text_or_null(entry->endpoint));
    json_object_set_new_nocheck(object, "channel", text_or_null(entry->channel));
    json_object_set_new_nocheck(object, "to", recipients(entry));
    json_object_set_new_nocheck(object, "attempt", number_or_null(entry->attempt));
    json_object_set_new_nocheck(object, "outcome", json_string_nocheck(entry->outcome));
    json_object_set_new_nocheck(object, "status", number_or_null(entry->status));
    json_object_set_new_nocheck(object, "code", number_or_null(entry->code));
    json_object_set_new_nocheck(object, "receipt", text_or_null(entry->receipt));
    json_object_set_new_nocheck(object, "hash", text_or_null(entry->hash));
    json_object_set_new_nocheck(object, "digest", text_or_null(entry->digest));
    json_object_set_new_nocheck(object, "error", text_or_null(entry->error));
    json_object_set_new_nocheck(object, "voided", json_boolean(entry->voided));
    json_object_set_new_nocheck(object, "time", json_instant(zone, now_ms));
    json_object_set_new_nocheck(object, "sent_ms", number_or_null(entry->sent_ms));
    json_object_set_new_nocheck(object, "answered_ms", number_or_null(entry->answered_ms));
    json_object_set_new_nocheck(object, "told", json_string_nocheck(key));
}

json_t *ledger_record(const struct envelope *envelope, const struct demand *demand, const struct ledger_entry *entry)
{
    const struct told *told = &demand->told;
    const struct policy_class *class = &envelope->rules->policy->class[envelope->fold->class];
    const struct zone *zone = envelope->rules->zone;
    json_t *object = json_object();
    ledger_begin(object, envelope->file->id, of_name(envelope->file->of), entry);
    json_object_set_new_nocheck(object, "class", json_string_nocheck(class->name));
    json_object_set_new_nocheck(object, "clock", text_or_null(class->clocks ? vocabulary_clock(envelope->rules->words, told->clock) : NULL));
    json_object_set_new_nocheck(object, "round", json_integer(told_round(told, envelope->fold)));
    json_t *step = step_or_null(envelope, demand);
    json_object_set_new_nocheck(object, "step", step);
    json_object_set_new_nocheck(object, "why", reason(envelope, step));
    json_object_set_new_nocheck(object, "deadline", told->deadline_ms ? json_instant(zone, told->deadline_ms) : json_null());
    json_object_set_new_nocheck(object, "due", told->at_ms ? json_instant(zone, told->at_ms) : json_null());
    ledger_end(object, demand, entry, zone, envelope->now_ms);
    return object;
}
