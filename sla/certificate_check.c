/* Working a certificate out again.
 *
 * The trap: comparing values would let a changed digit's case or blank pass; the
 * text is compared, so that no bit of it may differ. */
#include "sla/certificate_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sla/event_data.h"
#include "sla/event_json.h"
#include "sla/ruleset.h"

/* What a certificate says it rests on, read back. */
struct grounds {
    struct ruleset set;
    struct case_file file;
    struct pool pool;
    int64_t as_of_ms;
};

__attribute__((format(printf, 2, 3))) static bool fault_is(char *fault, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(fault, CERTIFICATE_FAULT_BYTES, format, args);
    va_end(args);
    return false;
}

static bool read_rules(struct grounds *grounds, const json_t *inputs, char *fault)
{
    const char *zone = json_string_value(json_object_get(inputs, "zone"));
    char *policy = json_dumps(json_object_get(inputs, "policy"), JSON_COMPACT);
    char *calendar = json_dumps(json_object_get(inputs, "calendar"), JSON_COMPACT);
    bool good = policy && calendar;
    if (!good) fault_is(fault, "inputs: expected policy and calendar");
    if (good) good = (grounds->set.policy = policy_parse(policy, strlen(policy), "inputs.policy", fault, CERTIFICATE_FAULT_BYTES)) != NULL;
    if (good) good = (grounds->set.calendar = calendar_parse(calendar, strlen(calendar), "inputs.calendar", fault, CERTIFICATE_FAULT_BYTES)) != NULL;
    if (good && (!zone || !zone_load(&grounds->set.zone, zone))) good = fault_is(fault, "inputs.zone: no such time zone on this machine");
    if (good) ruleset_complete(&grounds->set);
    free(policy);
    free(calendar);
    return good;
}

static bool read_events(struct grounds *grounds, const json_t *list, char *fault)
{
    char reason[EVENT_REASON_BYTES];
    struct decoder *decoder = decoder_new();
    const json_t *value;
    bool good = json_is_array(list) || fault_is(fault, "inputs.events: expected an array");
    for (size_t i = 0; good && (value = json_array_get(list, i)); i++) {
        struct event event;
        const char *why = event_from_json(value, grounds->file.of, grounds->file.id, decoder, grounds->set.policy, &grounds->pool, &event, reason);
        if (why) good = fault_is(fault, "inputs.events[%zu]: %s", i, why);
        else if (case_add(&grounds->file, &event, NULL) != CASE_ADDED) good = fault_is(fault, "inputs.events[%zu]: there twice, or too many", i);
    }
    decoder_free(decoder);
    return good;
}

static bool read_case(struct grounds *grounds, const json_t *inputs, char *fault)
{
    const json_t *id = json_object_get(inputs, "case");
    const char *of = json_string_value(json_object_get(inputs, "of"));
    if (!json_is_string(id) || !json_string_length(id) || json_string_length(id) > EVENT_ID_MAX_BYTES) return fault_is(fault, "inputs.case: expected a case");
    if (!of || (strcmp(of, "ticket") != 0 && strcmp(of, "rating") != 0)) return fault_is(fault, "inputs.of: expected ticket or rating");
    if (event_take_time(json_object_get(inputs, "as_of"), &grounds->as_of_ms)) return fault_is(fault, "inputs.as_of: expected a time from 2000 to 2199");
    grounds->file.of = strcmp(of, "rating") == 0 ? OF_RATING : OF_TICKET;
    grounds->file.id = event_text_of(id);
    return true;
}

/* The first place where two values differ, as "clocks[0].deadline". */
static void find_difference(const json_t *stated, const json_t *found, char *path, size_t room)
{
    size_t used = strlen(path);
    if (json_is_object(stated) && json_is_object(found)) {
        const char *name;
        json_t *value;
        json_object_foreach((json_t *)(uintptr_t)stated, name, value) {
            if (json_equal(value, json_object_get(found, name))) continue;
            snprintf(path + used, room - used, "%s%s", used ? "." : "", name);
            find_difference(value, json_object_get(found, name), path, room);
            return;
        }
    } else if (json_is_array(stated) && json_is_array(found)) {
        for (size_t i = 0; i < json_array_size(stated); i++) {
            if (json_equal(json_array_get(stated, i), json_array_get(found, i))) continue;
            snprintf(path + used, room - used, "[%zu]", i);
            find_difference(json_array_get(stated, i), json_array_get(found, i), path, room);
            return;
        }
    }
}

static bool compare(const json_t *stated, const char *line, size_t bytes, const struct grounds *grounds, char *fault)
{
    json_t *again = certificate_make(&grounds->file, &grounds->set.rules, grounds->as_of_ms);
    char *text = again ? certificate_line(again) : NULL;
    char path[200] = "";
    bool same = text && strlen(text) == bytes && memcmp(text, line, bytes) == 0;
    const json_t *hash = json_object_get(stated, "inputs_sha256");
    if (!text) {
        fault_is(fault, "inputs.events: no receipt");
    } else if (!same && !json_equal(hash, json_object_get(again, "inputs_sha256"))) {
        fault_is(fault, "inputs_sha256: the inputs are not those that it was made from");
    } else if (!same) {
        find_difference(stated, again, path, sizeof path);
        fault_is(fault, "%s: not what follows from the inputs", *path ? path : "its text");
    }
    free(text);
    json_decref(again);
    return same;
}

bool certificate_holds(const char *line, size_t bytes, json_t **read, char *fault)
{
    struct grounds grounds = {.as_of_ms = 0};
    json_error_t at;
    json_t *stated = bytes > CERTIFICATE_MAX_BYTES ? NULL : json_loadb(line, bytes, JSON_REJECT_DUPLICATES, &at);
    const json_t *inputs = json_object_get(stated, "inputs"), *format = json_object_get(stated, "certificate");
    bool good = false;
    if (bytes > CERTIFICATE_MAX_BYTES) fault_is(fault, "longer than %d bytes", CERTIFICATE_MAX_BYTES);
    else if (!stated) fault_is(fault, "no JSON: %s", at.text);
    else if (!json_is_integer(format) || json_integer_value(format) != CERTIFICATE_FORMAT) fault_is(fault, "certificate: expected format %d", CERTIFICATE_FORMAT);
    else good = read_case(&grounds, inputs, fault) && read_rules(&grounds, inputs, fault) && read_events(&grounds, json_object_get(inputs, "events"), fault) &&
                compare(stated, line, bytes, &grounds, fault);
    case_clear(&grounds.file);
    pool_free(&grounds.pool);
    ruleset_free(&grounds.set);
    if (read) *read = stated;
    else json_decref(stated);
    return good;
}
