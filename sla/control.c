/* Control records as JSON. The content of policies and calendars is in them, with its hash: what is
 * read is what was activated, or it is not read at all. */
#include "sla/control.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sla/case_json.h"
#include "sla/event_decode.h"

enum { HEX_BYTES = 2 * CONTROL_HASH_BYTES + 1 };

static const char *const kinds[] = {"activate", "withdraw", "recalc", "undo", "forget", "silence", "lift", NULL};

const char *control_kind_name(enum control_kind kind)
{
    return kinds[kind];
}

static void digest(uint8_t hash[CONTROL_HASH_BYTES], const char *prefix, const void *text, size_t bytes)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL) || !EVP_DigestUpdate(context, prefix, strlen(prefix)) ||
        !EVP_DigestUpdate(context, text, bytes) || !EVP_DigestFinal_ex(context, hash, NULL))
        abort();
    EVP_MD_CTX_free(context);
}

static void print_hex(char *text, const uint8_t *hash)
{
    for (int i = 0; i < CONTROL_HASH_BYTES; i++) snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

void control_content_hash(char *text, const char *json)
{
    uint8_t hash[CONTROL_HASH_BYTES];
    digest(hash, "", json, strlen(json));
    print_hex(text, hash);
}

void control_citizen(uint8_t hash[CONTROL_HASH_BYTES], struct text citizen)
{
    digest(hash, "forget ", citizen.at, citizen.bytes);
}

/* --- reading --- */

struct reading {
    struct control *control;
    const json_t *root;
    char *error;
    size_t error_bytes;
};

static bool fail(const struct reading *in, const char *field, const char *why)
{
    snprintf(in->error, in->error_bytes, "%s: %s", field, why);
    return false;
}

static bool read_text(const struct reading *in, const char *field, char *text, size_t bytes)
{
    const char *value = json_string_value(json_object_get(in->root, field));
    if (!value || !*value || strlen(value) >= bytes) return fail(in, field, "expected a text");
    snprintf(text, bytes, "%s", value);
    return true;
}

/* Leaves *at_ms alone where the field is null or absent. */
static bool read_time(const struct reading *in, const char *field, int64_t *at_ms)
{
    const json_t *value = json_object_get(in->root, field);
    const char *text = json_string_value(value);
    if (!value || json_is_null(value)) return true;
    const char *why = text ? instant_parse(text, strlen(text), at_ms) : "expected a time";
    return !why || fail(in, field, why);
}

/* The content under a field as compact JSON, to be freed, if its hash is right; *there: is there any? */
static char *read_content(const struct reading *in, const char *field, bool *there)
{
    char name[32], hash[HEX_BYTES];
    const json_t *value = json_object_get(in->root, field);
    *there = value && !json_is_null(value);
    if (!*there) return NULL;
    if (!json_is_object(value)) {
        fail(in, field, "expected an object");
        return NULL;
    }
    char *json = json_dumps(value, JSON_COMPACT);
    if (!json) abort();
    snprintf(name, sizeof name, "%s_sha256", field);
    const char *stated = json_string_value(json_object_get(in->root, name));
    control_content_hash(hash, json);
    if (stated && !strcmp(stated, hash)) return json;
    fail(in, name, "is not the hash of what is there");
    free(json);
    return NULL;
}

static bool read_activation(const struct reading *in)
{
    struct control *control = in->control;
    bool has_policy, has_calendar;
    char *policy = read_content(in, "policy", &has_policy);
    if (has_policy && !policy) return false;
    if (policy) control->policy = policy_parse(policy, strlen(policy), "policy", in->error, in->error_bytes);
    free(policy);
    if (has_policy && !control->policy) return false;
    char *calendar = read_content(in, "calendar", &has_calendar);
    if (calendar) control->calendar = calendar_parse(calendar, strlen(calendar), "calendar", in->error, in->error_bytes);
    free(calendar);
    if (has_calendar && !control->calendar) return false;
    return has_policy || has_calendar || fail(in, "policy", "expected a policy, a calendar or both");
}

static bool read_citizen(const struct reading *in)
{
    const char *text = json_string_value(json_object_get(in->root, "citizen_sha256"));
    if (!text || strlen(text) != HEX_BYTES - 1 || strspn(text, "0123456789abcdef") != HEX_BYTES - 1) return fail(in, "citizen_sha256", "expected 64 hex digits");
    for (int i = 0; i < CONTROL_HASH_BYTES; i++) {
        unsigned byte = 0;
        sscanf(text + 2 * i, "%2x", &byte);
        in->control->citizen[i] = (uint8_t)byte;
    }
    return true;
}

/* A name that may be null or absent. */
static bool read_name(const struct reading *in, const char *field, char *text, size_t bytes)
{
    const json_t *value = json_object_get(in->root, field);
    return !value || json_is_null(value) || read_text(in, field, text, bytes);
}

static bool read_silence(const struct reading *in)
{
    struct control *control = in->control;
    if (!read_name(in, "unit", control->unit, sizeof control->unit) || !read_name(in, "item", control->item, sizeof control->item) ||
        !read_text(in, "reason", control->reason, sizeof control->reason) || !read_time(in, "from", &control->from_ms) ||
        !read_time(in, "until", &control->to_ms))
        return false;
    if (*control->unit && *control->item) return fail(in, "item", "expected a unit or an item, not both");
    int64_t from_ms = control->from_ms == INT64_MIN ? control->at_ms : control->from_ms;
    return (control->to_ms != INT64_MAX && control->to_ms > from_ms) || fail(in, "until", "expected a time after it begins");
}

static bool read_kind(const struct reading *in)
{
    const char *kind = json_string_value(json_object_get(in->root, "kind"));
    int i = 0;
    while (kind && kinds[i] && strcmp(kinds[i], kind) != 0) i++;
    if (!kind || !kinds[i]) return fail(in, "kind", "expected activate, withdraw, recalc, undo, forget, silence or lift");
    in->control->kind = (enum control_kind)i;
    return true;
}

static bool read_control(const struct reading *in)
{
    struct control *control = in->control;
    if (json_integer_value(json_object_get(in->root, "control")) != CONTROL_FORMAT) return fail(in, "control", "a record of another format");
    control->at_ms = control->real_ms = INT64_MIN;
    control->from_ms = INT64_MIN;
    control->to_ms = INT64_MAX;
    if (!read_kind(in) || !read_text(in, "id", control->id, sizeof control->id) || !read_time(in, "at", &control->at_ms) ||
        !read_time(in, "recorded", &control->real_ms) || !read_text(in, "by", control->by, sizeof control->by))
        return false;
    if (control->at_ms == INT64_MIN) return fail(in, "at", "expected a time");
    switch (control->kind) {
    case CONTROL_ACTIVATE: return read_time(in, "effective_from", &control->from_ms) && read_activation(in);
    case CONTROL_RECALC: return read_time(in, "received_from", &control->from_ms) && read_time(in, "received_before", &control->to_ms);
    case CONTROL_FORGET: return read_citizen(in);
    case CONTROL_SILENCE: return read_silence(in);
    default: return read_text(in, "of", control->of, sizeof control->of);
    }
}

const char *control_parse(struct control *control, const char *text, size_t bytes, char *error, size_t error_bytes)
{
    json_error_t at;
    *control = (struct control){.kind = CONTROL_KINDS};
    json_t *root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &at);
    struct reading in = {control, root, error, error_bytes};
    bool good = json_is_object(root) ? read_control(&in) : fail(&in, "record", "expected a JSON object");
    json_decref(root);
    if (!good) control_clear(control);
    return good ? NULL : error;
}

/* --- writing --- */

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

/* What is no UTF-8 is left out: it came from a command line, and whoever reads the record says that it is missing. */
static void put_text(json_t *object, const char *name, const char *text)
{
    json_t *value = json_string(text);
    if (value) put(object, name, value);
}

static void put_time(json_t *object, const char *name, const struct zone *zone, int64_t at_ms)
{
    put(object, name, at_ms == INT64_MIN || at_ms == INT64_MAX ? json_null() : json_instant(zone, at_ms));
}

static void put_content(json_t *object, const char *field, const char *json)
{
    char name[32], hash[HEX_BYTES];
    if (!json) return;
    snprintf(name, sizeof name, "%s_sha256", field);
    control_content_hash(hash, json);
    put(object, name, json_string_nocheck(hash));
    put(object, field, json_loads(json, 0, NULL));
}

static void put_silence(json_t *object, const struct control *control, const struct zone *zone)
{
    if (*control->unit) put_text(object, "unit", control->unit);
    if (*control->item) put_text(object, "item", control->item);
    put_text(object, "reason", control->reason);
    put_time(object, "from", zone, control->from_ms);
    put_time(object, "until", zone, control->to_ms);
}

char *control_print(const struct control *control, const struct zone *zone)
{
    char hash[HEX_BYTES];
    json_t *object = json_object();
    put(object, "control", json_integer(CONTROL_FORMAT));
    put(object, "kind", json_string_nocheck(control_kind_name(control->kind)));
    put(object, "id", json_string_nocheck(control->id));
    put_time(object, "at", zone, control->at_ms);
    put_time(object, "recorded", zone, control->real_ms);
    put(object, "by", json_string_nocheck("?"));
    put_text(object, "by", control->by);
    if (control->kind == CONTROL_ACTIVATE) put_time(object, "effective_from", zone, control->from_ms);
    if (control->kind == CONTROL_RECALC) put_time(object, "received_from", zone, control->from_ms);
    if (control->kind == CONTROL_RECALC) put_time(object, "received_before", zone, control->to_ms);
    if (control->kind == CONTROL_SILENCE) put_silence(object, control, zone);
    if (*control->of) put_text(object, "of", control->of);
    put_content(object, "policy", control->policy ? control->policy->json : NULL);
    put_content(object, "calendar", control->calendar ? calendar_json(control->calendar) : NULL);
    print_hex(hash, control->citizen);
    if (control->kind == CONTROL_FORGET) put(object, "citizen_sha256", json_string_nocheck(hash));
    char *text = json_dumps(object, JSON_COMPACT);
    if (!text) abort();
    json_decref(object);
    return text;
}

void control_clear(struct control *control)
{
    policy_free(control->policy);
    calendar_free(control->calendar);
    *control = (struct control){.kind = CONTROL_KINDS};
}
