/* Strict reading of JSON forms. */
#include "sla/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 512 };

bool form_fault(const struct form *form, const char *format, ...)
{
    va_list args;
    if (form->faults) {
        char reason[LINE_BYTES];
        va_start(args, format);
        vsnprintf(reason, sizeof reason, format, args);
        va_end(args);
        buffer_addf(form->faults, "%s: %s%s%s\n", form->file, form->path, *form->path ? ": " : "", reason);
        return false;
    }
    int n = snprintf(form->error, form->error_bytes, "%s: %s%s", form->file, form->path, *form->path ? ": " : "");
    va_start(args, format);
    if (n > 0 && (size_t)n < form->error_bytes) vsnprintf(form->error + n, form->error_bytes - (size_t)n, format, args);
    va_end(args);
    return false;
}

void form_at(struct form *form, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(form->path, sizeof form->path, format, args);
    va_end(args);
}

static json_t *loaded(struct form *form, json_t *root, const json_error_t *at)
{
    if (root) return root;
    if (at->line > 0) form_at(form, "line %d", at->line);
    form_fault(form, "%s", at->text);
    return NULL;
}

json_t *form_load(struct form *form)
{
    json_error_t at;
    return loaded(form, json_load_file(form->file, JSON_REJECT_DUPLICATES, &at), &at);
}

json_t *form_parse(struct form *form, const char *text, size_t bytes)
{
    json_error_t at;
    return loaded(form, json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &at), &at);
}

bool form_members(const struct form *form, const json_t *object, const char *const *names)
{
    bool good = true;
    if (!json_is_object(object)) return form_fault(form, "expected an object");
    for (void *i = json_object_iter((json_t *)(uintptr_t)object); i;
         i = json_object_iter_next((json_t *)(uintptr_t)object, i)) {
        const char *key = json_object_iter_key(i);
        const char *const *name = names;
        while (*name && strcmp(*name, key) != 0) name++;
        if (*name) continue;
        good = form_fault(form, "unknown field \"%s\"", key);
        if (!form->faults) return false;
    }
    return good;
}

bool form_name(const struct form *form, const json_t *object, const char *field, char *name, size_t bytes)
{
    const char *s = json_string_value(json_object_get(object, field));
    if (!s || !*s || strlen(s) >= bytes) return form_fault(form, "%s: expected text of 1 to %zu bytes", field, bytes - 1);
    snprintf(name, bytes, "%s", s);
    return true;
}

bool form_text(const struct form *form, const json_t *object, const char *field, char **out)
{
    const json_t *value = json_object_get(object, field);
    if (value && !json_is_null(value) && !json_is_string(value)) return form_fault(form, "%s: expected text or null", field);
    *out = strdup(json_is_string(value) ? json_string_value(value) : "");
    if (!*out) abort();
    return true;
}

bool form_int(const struct form *form, const json_t *value, const char *field, int low, int high, int *out)
{
    json_int_t n = json_integer_value(value);
    if (!json_is_integer(value) || n < low || n > high)
        return form_fault(form, "%s: expected a whole number from %d to %d", field, low, high);
    *out = (int)n;
    return true;
}

bool form_maybe_int(const struct form *form, const json_t *object, const char *field, int low, int high, int *out)
{
    const json_t *value = json_object_get(object, field);
    return !value || form_int(form, value, field, low, high, out);
}

bool form_maybe_bool(const struct form *form, const json_t *object, const char *field, bool *out)
{
    const json_t *value = json_object_get(object, field);
    if (!value) return true;
    if (!json_is_boolean(value)) return form_fault(form, "%s: expected true or false", field);
    *out = json_is_true(value);
    return true;
}

bool form_bool(const struct form *form, const json_t *object, const char *field, bool *out)
{
    if (!json_object_get(object, field)) return form_fault(form, "%s: expected true or false", field);
    return form_maybe_bool(form, object, field, out);
}

bool form_choice(const struct form *form, const json_t *object, const char *field, const char *const *names, int *out)
{
    const json_t *value = json_object_get(object, field);
    const char *s = json_string_value(value);
    char expected[160] = "";
    if (!value) return true;
    for (int i = 0; names[i]; i++) {
        size_t used = strlen(expected);
        if (s && strcmp(s, names[i]) == 0) {
            *out = i;
            return true;
        }
        snprintf(expected + used, sizeof expected - used, "%s\"%s\"", i == 0 ? "" : names[i + 1] ? ", " : " or ", names[i]);
    }
    return form_fault(form, "%s: expected %s", field, expected);
}

bool form_time_of_day(const struct form *form, const json_t *value, const char *field, int32_t *out_ms)
{
    const char *s = json_string_value(value);
    bool good = s && strlen(s) == 5 && s[2] == ':' && strspn(s, "0123456789") == 2 && strspn(s + 3, "0123456789") == 2;
    int hour = good ? (s[0] - '0') * 10 + s[1] - '0' : 0, minute = good ? (s[3] - '0') * 10 + s[4] - '0' : 0;
    if (!good || minute > 59 || hour * 60 + minute > 24 * 60)
        return form_fault(form, "%s: expected a time of day as \"17:30\", at most \"24:00\"", field);
    *out_ms = (hour * 60 + minute) * 60000;
    return true;
}

bool form_bits(const struct form *form, const json_t *object, const char *field, const char *(*name_at)(int), uint32_t *bits)
{
    const json_t *list = json_object_get(object, field), *value;
    size_t i;
    if (!list) return true;
    if (!json_is_array(list)) return form_fault(form, "%s: expected an array of names", field);
    *bits = 0;
    json_array_foreach(list, i, value) {
        const char *s = json_string_value(value);
        int k = 0;
        while (s && name_at(k) && strcmp(name_at(k), s) != 0) k++;
        if (!s || !*s || !name_at(k)) return form_fault(form, "%s[%zu]: unknown name \"%s\"", field, i, s ? s : "(no text)");
        *bits |= UINT32_C(1) << k;
    }
    return true;
}
