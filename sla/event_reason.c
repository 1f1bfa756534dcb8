/* Values in words. The trap: Jansson's own messages quote the input, which may
 * hold a citizen's name, so only their code and position are used. */
#include "sla/event_reason.h"

#include <stdio.h>
#include <string.h>

static size_t character_bytes(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

enum { ESCAPE_BYTES = 8 };

/* One character of valid UTF-8, escaped where it would disturb a line of text. */
static size_t put_character(char *out, const unsigned char *at, size_t bytes)
{
    unsigned code = bytes == 1 ? at[0] : bytes == 2 ? (at[0] & 31U) << 6 | (at[1] & 63U) : 0xffff;
    if (code == '"' || code == '\\') return (size_t)snprintf(out, ESCAPE_BYTES, "\\%c", (char)code);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return (size_t)snprintf(out, ESCAPE_BYTES, "\\u%04x", code & 0xffff);
    memcpy(out, at, bytes);
    return bytes;
}

static void found_string(char *text, const json_t *value)
{
    const unsigned char *at = (const unsigned char *)json_string_value(value);
    size_t left = json_string_length(value), used = 0;
    text[used++] = '"';
    while (left && used < FOUND_VALUE_MAX_BYTES) {
        size_t bytes = character_bytes(*at);
        used += put_character(text + used, at, bytes);
        at += bytes;
        left -= bytes;
    }
    if (left) snprintf(text + used, FOUND_BYTES - used, "…\" (%zu bytes)", json_string_length(value));
    else snprintf(text + used, FOUND_BYTES - used, "\"");
}

static void found_type(char *text, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: snprintf(text, FOUND_BYTES, "an object of %zu members", json_object_size(value)); break;
    case JSON_ARRAY: snprintf(text, FOUND_BYTES, "an array of %zu", json_array_size(value)); break;
    case JSON_STRING: snprintf(text, FOUND_BYTES, "a string of %zu bytes", json_string_length(value)); break;
    case JSON_INTEGER:
        snprintf(text, FOUND_BYTES, "an integer of %d characters",
                 snprintf(NULL, 0, "%lld", (long long)json_integer_value(value)));
        break;
    case JSON_REAL: snprintf(text, FOUND_BYTES, "a number with a fraction or exponent"); break;
    case JSON_TRUE:
    case JSON_FALSE: snprintf(text, FOUND_BYTES, "a boolean"); break;
    case JSON_NULL: snprintf(text, FOUND_BYTES, "null"); break;
    }
}

/* 5.0 as 5.0: that it is no integer is the point. */
static void found_real(char *text, double number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.17g", number);
    snprintf(text, FOUND_BYTES, "the real number %s%s", digits, strpbrk(digits, ".e") ? "" : ".0");
}

void found_value(char *text, const json_t *value, bool is_private)
{
    if (!value) snprintf(text, FOUND_BYTES, "nothing");
    else if (is_private) found_type(text, value);
    else if (json_is_string(value)) found_string(text, value);
    else if (json_is_integer(value)) snprintf(text, FOUND_BYTES, "the integer %lld", (long long)json_integer_value(value));
    else if (json_is_real(value)) found_real(text, json_real_value(value));
    else if (json_is_boolean(value)) snprintf(text, FOUND_BYTES, "%s", json_is_true(value) ? "true" : "false");
    else found_type(text, value);
}

void found_fault(char *text, const json_error_t *error)
{
    const char *what = "what is no JSON";
    switch (json_error_code(error)) {
    case json_error_premature_end_of_input: what = "an end too early"; break;
    case json_error_end_of_input_expected: what = "more behind the value"; break;
    case json_error_invalid_utf8: what = "what is no UTF-8"; break;
    case json_error_duplicate_key: what = "a repeated key"; break;
    case json_error_null_character:
    case json_error_null_byte_in_key: what = "\\u0000"; break;
    case json_error_numeric_overflow: what = "a number beyond a signed 64-bit integer or a finite double"; break;
    case json_error_out_of_memory: what = "a value too costly to hold in memory"; break;
    default:
        if (strncmp(error->text, "invalid Unicode", strlen("invalid Unicode")) == 0) what = "a lone surrogate";
        break;
    }
    snprintf(text, FOUND_BYTES, "%s at byte %d", what, error->position);
}

bool event_refuse_found(struct decoded *out, const char *field, const char *found, const char *expected)
{
    snprintf(out->reason, sizeof out->reason, "%s: found %s, expected %s", field, found, expected);
    return false;
}

bool event_refuse(struct decoded *out, const char *field, const json_t *value, bool is_private, const char *expected)
{
    char found[FOUND_BYTES];
    found_value(found, value, is_private);
    return event_refuse_found(out, field, found, expected);
}
