#ifndef BIHUAN_SLA_FORM_H
#define BIHUAN_SLA_FORM_H
/* A file of JSON that people write (a policy, a calendar), read strictly: every
 * field is checked, unknown ones are refused, and a fault is said as
 * "FILE: path: reason": the first alone, or all where a buffer is given for them. */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

struct form {
    const char *file;  /* as people call it */
    char *error;       /* the fault goes here, */
    size_t error_bytes;
    struct buffer *faults; /* or a line each to the end of this; then reading may go on after one */
    char path[192];    /* where we are */
};

/* The whole file or text as JSON (a new reference), or NULL with a fault. */
json_t *form_load(struct form *form);
json_t *form_parse(struct form *form, const char *text, size_t bytes);

/* Says where reading is. */
void form_at(struct form *form, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Notes a fault there; returns false. */
bool form_fault(const struct form *form, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An object with no members but these (NULL-terminated). */
bool form_members(const struct form *form, const json_t *object, const char *const *names);
/* Required text of 1 to bytes - 1 bytes into name[bytes]. */
bool form_name(const struct form *form, const json_t *object, const char *field, char *name, size_t bytes);
/* Optional text; *out is a copy to be freed, "" where absent. */
bool form_text(const struct form *form, const json_t *object, const char *field, char **out);
bool form_int(const struct form *form, const json_t *value, const char *field, int low, int high, int *out);
/* Leaves *out alone where the field is absent. */
bool form_maybe_int(const struct form *form, const json_t *object, const char *field, int low, int high, int *out);
bool form_bool(const struct form *form, const json_t *object, const char *field, bool *out);
bool form_maybe_bool(const struct form *form, const json_t *object, const char *field, bool *out);
/* One of `names` (NULL-terminated): *out is its place. Leaves it alone where the field is absent. */
bool form_choice(const struct form *form, const json_t *object, const char *field, const char *const *names, int *out);
/* "17:30" to "24:00" in ms of the day. */
bool form_time_of_day(const struct form *form, const json_t *value, const char *field, int32_t *out_ms);
/* An array of names as bits, name_at(0), name_at(1)… (NULL ends them). Leaves *bits alone where the field is absent. */
bool form_bits(const struct form *form, const json_t *object, const char *field, const char *(*name_at)(int), uint32_t *bits);

#endif
