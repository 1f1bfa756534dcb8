/* One value of the configuration: text to typed field and back to nothing. Knows
 * the option it is for, not the file. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/config.h"
#include "common/zone.h"

enum { SPANS_MAX = 64 };

static bool fail(char *why, size_t why_bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool fail(char *why, size_t why_bytes, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(why, why_bytes, format, list);
    va_end(list);
    return false;
}

/* A plain decimal number (no exponent, hexadecimal, infinity: strtod takes more). */
static bool parse_number(const char *text, bool fraction, double *number)
{
    if (!*text || strlen(text) > 32 || strspn(text, fraction ? "0123456789.-" : "0123456789-") != strlen(text)) return false;
    char *end;
    *number = strtod(text, &end);
    return !*end && end != text;
}

static bool in_bounds(const struct config_option *option, double number, char *why, size_t why_bytes)
{
    if (number >= option->min && number <= option->max) return true;
    return fail(why, why_bytes, "must be %.15g to %.15g %s", option->min, option->max, option->unit);
}

static bool set_number(const struct config_option *option, char *field, const char *text, char *why, size_t why_bytes)
{
    double number;
    bool whole = option->type == CONFIG_INTEGER;
    if (!parse_number(text, !whole, &number))
        return fail(why, why_bytes, "\"%.40s\" is no %s", text, whole ? "whole number" : "number");
    if (!in_bounds(option, number, why, why_bytes)) return false;
    if (option->type == CONFIG_DECIMAL) *(double *)field = number;
    else *(int64_t *)field = whole ? (int64_t)number : llround(number * 1000);
    return true;
}

static bool set_text(const struct config_option *option, char *field, const char *text, char *why, size_t why_bytes)
{
    size_t bytes = strlen(text);
    if (bytes < (size_t)option->min) return fail(why, why_bytes, "needs a value");
    if (bytes > (size_t)option->max) return fail(why, why_bytes, "is longer than %.0f bytes", option->max);
    free(*(char **)field);
    *(char **)field = xstrndup(text, bytes);
    return true;
}

static bool set_choice(const struct config_option *option, char *field, const char *text, char *why, size_t why_bytes)
{
    int place = 0;
    size_t bytes = strlen(text);
    for (const char *c = option->choices; c; place++) {
        size_t word = strcspn(c, "|");
        if (word == bytes && !memcmp(c, text, bytes)) {
            *(int *)field = place;
            return true;
        }
        c = c[word] ? c + word + 1 : NULL;
    }
    return fail(why, why_bytes, "\"%.40s\" is not one of %s", text, option->choices);
}

static bool set_instant(char *field, const char *text, char *why, size_t why_bytes)
{
    if (!*text) {
        *(int64_t *)field = 0;
        return true;
    }
    const char *reason = instant_parse(text, strlen(text), (int64_t *)field);
    return reason ? fail(why, why_bytes, "\"%.40s\" is no time: %s", text, reason) : true;
}

/* Steps over separators, then gives the next word and its length; 0 at the end. */
static size_t next_word(const char **at)
{
    *at += strspn(*at, ", \t");
    return strcspn(*at, ", \t");
}

static void free_words(struct config_list *list)
{
    for (size_t i = 0; i < list->count; i++) free(list->at[i]);
    free(list->at);
    *list = (struct config_list){0};
}

static bool set_words(const struct config_option *option, char *field, const char *text, char *why, size_t why_bytes)
{
    struct config_list list = {0};
    for (size_t bytes; (bytes = next_word(&text)); text += bytes) {
        if (list.count == (size_t)option->max) {
            free_words(&list);
            return fail(why, why_bytes, "has more than %.0f words", option->max);
        }
        list.at = xrealloc(list.at, (list.count + 1) * sizeof *list.at);
        list.at[list.count++] = xstrndup(text, bytes);
    }
    if (list.count < (size_t)option->min) {
        free_words(&list);
        return fail(why, why_bytes, "needs a value");
    }
    free_words((struct config_list *)field);
    *(struct config_list *)field = list;
    return true;
}

/* "90", "90s", "1.5m", "2h", "1d" in seconds. */
static bool parse_span(const char *text, size_t bytes, double *seconds)
{
    static const struct { char letter; int seconds; } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    char copy[32];
    if (bytes >= sizeof copy) return false;
    memcpy(copy, text, bytes);
    copy[bytes] = 0;
    int factor = 1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (copy[bytes - 1] == units[i].letter) {
            factor = units[i].seconds;
            copy[bytes - 1] = 0;
            break;
        }
    if (!parse_number(copy, true, seconds)) return false;
    *seconds *= factor;
    return true;
}

static bool set_spans(const struct config_option *option, char *field, const char *text, char *why, size_t why_bytes)
{
    int64_t spans[SPANS_MAX];
    size_t count = 0;
    for (size_t bytes; (bytes = next_word(&text)); text += bytes) {
        double seconds;
        if (!parse_span(text, bytes, &seconds)) return fail(why, why_bytes, "\"%.*s\" is no time such as 5s, 30m, 2h", (int)(bytes > 40 ? 40 : bytes), text);
        if (seconds < option->min || seconds > option->max)
            return fail(why, why_bytes, "each must be %.15g to %.15g seconds", option->min, option->max);
        if (count == SPANS_MAX) return fail(why, why_bytes, "has more than %d entries", (int)SPANS_MAX);
        spans[count++] = llround(seconds * 1000);
    }
    if (!count) return fail(why, why_bytes, "needs a value");
    struct config_spans *list = (struct config_spans *)field;
    free(list->at_ms);
    list->at_ms = xcalloc(count, sizeof *list->at_ms);
    memcpy(list->at_ms, spans, count * sizeof *spans);
    list->count = count;
    return true;
}

bool config_value_set(const struct config_option *option, void *base, const char *text, char *why, size_t why_bytes)
{
    char *field = (char *)base + option->offset;
    switch (option->type) {
    case CONFIG_TEXT:
    case CONFIG_PATH: return set_text(option, field, text, why, why_bytes);
    case CONFIG_INTEGER:
    case CONFIG_SECONDS:
    case CONFIG_DECIMAL: return set_number(option, field, text, why, why_bytes);
    case CONFIG_CHOICE: return set_choice(option, field, text, why, why_bytes);
    case CONFIG_INSTANT: return set_instant(field, text, why, why_bytes);
    case CONFIG_WORDS: return set_words(option, field, text, why, why_bytes);
    case CONFIG_SPANS: return set_spans(option, field, text, why, why_bytes);
    }
    return fail(why, why_bytes, "unknown type");
}

void config_value_free(const struct config_option *option, void *base)
{
    char *field = (char *)base + option->offset;
    switch (option->type) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
        free(*(char **)field);
        *(char **)field = NULL;
        break;
    case CONFIG_WORDS: free_words((struct config_list *)field); break;
    case CONFIG_SPANS:
        free(((struct config_spans *)field)->at_ms);
        *(struct config_spans *)field = (struct config_spans){0};
        break;
    case CONFIG_INTEGER:
    case CONFIG_SECONDS:
    case CONFIG_DECIMAL:
    case CONFIG_CHOICE:
    case CONFIG_INSTANT: break;
    }
}
