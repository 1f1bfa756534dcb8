/* Ledger records. They hold all that `told` holds of a notice or result, so that it can be
 * read back. */
#include "notify/ledger.h"

#include <inttypes.h>
#include <stdio.h>

#include "sla/case_json.h"

static json_t *number_or_null(int64_t number)
{
    return number ? json_integer(number) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static json_t *step_or_null(const struct envelope *envelope, const struct demand *demand)
{
    char text[STEP_TEXT_BYTES];
    if (demand->told.kind != TOLD_NOTICE) return json_null();
    told_step_print(text, &demand->told, envelope->rules->words);
    return json_string_nocheck(text);
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
    json_object_set_new_nocheck(object, "attempt", number_or_null(entry->attempt));
    json_object_set_new_nocheck(object, "outcome", json_string_nocheck(entry->outcome));
    json_object_set_new_nocheck(object, "status", number_or_null(entry->status));
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
    json_object_set_new_nocheck(object, "step", step_or_null(envelope, demand));
    json_object_set_new_nocheck(object, "deadline", told->deadline_ms ? json_instant(zone, told->deadline_ms) : json_null());
    json_object_set_new_nocheck(object, "due", told->at_ms ? json_instant(zone, told->at_ms) : json_null());
    ledger_end(object, demand, entry, zone, envelope->now_ms);
    return object;
}
