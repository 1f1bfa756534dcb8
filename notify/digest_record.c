/* Records of digests. No name and no whole address is in them. */
#include "notify/digest_record.h"

#include <stdio.h>
#include <string.h>

#include "notify/ledger.h"
#include "notify/mask.h"
#include "sla/case_json.h"

static json_t *number_or_null(int64_t number)
{
    return number ? json_integer(number) : json_null();
}

static json_t *text_or_null(const char *text)
{
    json_t *string = *text ? json_string(text) : NULL; /* NULL also of what is no UTF-8 */
    return string ? string : json_null();
}

static const char *outcome_of(const struct digest_state *state)
{
    return state->status == DIGEST_PENDING ? "failed" : digest_status_name(state->status);
}

static json_t *sections(const struct digest *digest)
{
    json_t *object = json_object();
    for (int i = 0; i < DIGEST_SECTIONS; i++)
        json_object_set_new_nocheck(object, digest_section_name((enum digest_section)i), json_integer((json_int_t)digest->total[i]));
    return object;
}

/* Who it was for, as in a notice's record: person, roles, masked address. */
static json_t *recipient(const struct recipient *to, const struct place *place)
{
    json_t *list = json_array(), *one = json_object(), *roles = json_array();
    char address[MASK_BYTES];
    mask_address(address, place->address);
    for (int role = 0; role < ROLES; role++)
        if (to->roles & 1u << role) json_array_append_new(roles, json_string_nocheck(role_name((enum role)role)));
    json_object_set_new_nocheck(one, "person", json_text_or_null(to->person));
    json_object_set_new_nocheck(one, "roles", roles);
    json_object_set_new_nocheck(one, "address", text_or_null(address));
    json_array_append_new(list, one);
    return list;
}

json_t *digest_record(const struct digest_job *job, const struct place *place, int64_t now_ms)
{
    const struct zone *zone = &job->digests->means.store->book->zone;
    const struct delivery *delivery = &job->delivery;
    json_t *object = json_object();
    json_object_set_new_nocheck(object, "ledger", json_integer(LEDGER_FORMAT));
    json_object_set_new_nocheck(object, "id", json_string_nocheck(job->id));
    json_object_set_new_nocheck(object, "type", json_string_nocheck("digest"));
    json_object_set_new_nocheck(object, "recipient", json_string_nocheck(job->key));
    json_object_set_new_nocheck(object, "due", json_instant(zone, job->next.instant_ms));
    json_object_set_new_nocheck(object, "endpoint", json_string(place->endpoint->config->name));
    json_object_set_new_nocheck(object, "channel", json_string_nocheck(channel_of((enum config_channel)place->endpoint->config->channel)->name));
    json_object_set_new_nocheck(object, "to", recipient(&job->to, place));
    json_object_set_new_nocheck(object, "sections", sections(&job->filling.digest));
    json_object_set_new_nocheck(object, "gathered", json_integer((json_int_t)job->filling.gathered));
    json_object_set_new_nocheck(object, "attempt", number_or_null(job->next.attempts));
    json_object_set_new_nocheck(object, "outcome", json_string_nocheck(outcome_of(&job->next)));
    json_object_set_new_nocheck(object, "status", number_or_null(delivery->status));
    json_object_set_new_nocheck(object, "code", number_or_null(delivery->verdict.code));
    json_object_set_new_nocheck(object, "receipt", text_or_null(delivery->verdict.receipt));
    json_object_set_new_nocheck(object, "hash", text_or_null(job->hash));
    json_object_set_new_nocheck(object, "error", text_or_null(job->error));
    json_object_set_new_nocheck(object, "time", json_instant(zone, now_ms));
    json_object_set_new_nocheck(object, "composed_ms", number_or_null(job->next.composed_ms));
    json_object_set_new_nocheck(object, "sent_ms", number_or_null(delivery->sent_ms));
    json_object_set_new_nocheck(object, "answered_ms", number_or_null(delivery->answered_ms));
    return object;
}

struct kafka_header digest_record_header(char *text, const struct digest_state *state)
{
    digest_recipient_print(text, state->recipient);
    text[DIGEST_RECIPIENT_BYTES - 1] = ' ';
    size_t bytes = DIGEST_RECIPIENT_BYTES + digest_state_print(text + DIGEST_RECIPIENT_BYTES, state);
    return (struct kafka_header){DIGEST_HEADER, text, bytes};
}
