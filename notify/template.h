#ifndef BIHUAN_NOTIFY_TEMPLATE_H
#define BIHUAN_NOTIFY_TEMPLATE_H
/* Templates: plain {{field}}, with sections (docs/TEMPLATES.md). Compiled once, filled often. Pure.
 *
 *   {{field}}              the value, escaped for the markup (notify/escape.h)
 *   {{#field}}…{{/field}}  only where there is a value; of a list once for each of its rows, whose fields go first
 *   {{^field}}…{{/field}}  only where there is none
 *   {{! words }}           nothing
 *
 * A line that holds a section's tag or a comment and nothing else leaves no line behind. Nothing else is there: no way
 * round the escaping, no files that include others, no logic. */
#include "notify/escape.h"

enum {
    TEMPLATE_MAX_BYTES = 64 * 1024,
    TEMPLATE_PARTS_MAX = 4096,
    TEMPLATE_DEPTH_MAX = 16,   /* of sections within sections */
    TEMPLATE_OUTPUT_MAX_BYTES = 1024 * 1024,
};

enum field_kind {
    FIELD_TEXT,
    FIELD_LINK,   /* a URL that we made */
    FIELD_FLAG,   /* for sections alone */
    FIELD_FILLED, /* filled in for this markup already: stands as it is */
    FIELD_LIST,
};

/* What may be named; a table ends with a NULL name. */
struct template_field {
    const char *name;
    enum field_kind kind;
    int place; /* in values->text, of a list in values->list, of a list's field in its rows */
    int list;  /* place of the list that it is a field of, + 1; 0: of none */
};

struct template_list {
    size_t rows, columns;
    const struct text *cell; /* row after row */
};

/* What is filled in. Empty is no value. Borrowed. */
struct template_values {
    const struct text *text;
    const struct template_list *list; /* NULL where the table has none */
};

struct template;

/* Compiles a text, which is copied; `file` stands in messages, line ends behind the text do not count. NULL: every fault a
 * line "FILE:LINE: reason\n" in *faults. The table is borrowed. */
struct template *template_parse(const char *file, const char *text, size_t bytes, const struct template_field *table, struct buffer *faults)
    __attribute__((warn_unused_result));
/* The same of a file. */
struct template *template_load(const char *file, const struct template_field *table, struct buffer *faults) __attribute__((warn_unused_result));
/* Accepts NULL. */
void template_free(struct template *template);

/* Appends it, filled in. False: *out is full, and ends where a part or a character of a value does. */
bool template_fill(const struct template *template, enum markup markup, const struct template_values *values, struct buffer *out);

#endif
