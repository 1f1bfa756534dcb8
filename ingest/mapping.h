#ifndef BIHUAN_INGEST_MAPPING_H
#define BIHUAN_INGEST_MAPPING_H
/* A mapping: how rows of another platform's file become canonical events. Data (a
 * file in conf/mapping, conf/schema/mapping.json, explained in ingest/EVENTS.md); no
 * code for any one platform. */
#include "common/zone.h"
#include "sla/event.h"

#include <jansson.h>

enum {
    MAPPING_EVENTS_MAX = 32,
    MAPPING_FIELDS_MAX = 20,     /* of one event's data, the citizen's included */
    MAPPING_CHOICES_MAX = 4,     /* ways to one value */
    MAPPING_CONDITIONS_MAX = 8,
    MAPPING_EVENT_BYTES = 256 << 10,
    MAPPING_ERROR_BYTES = 512,
};
#define MAPPING_FOLDER "conf/mapping"

enum mapping_form { MAPPING_TEXT, MAPPING_FLAG, MAPPING_NUMBER, MAPPING_LIST, MAPPING_TIME };

/* One way to a value: a constant, or a template over the row's columns, then a
 * table. Texts and values are borrowed from the mapping's tree. */
struct mapping_choice {
    const json_t *constant;    /* or NULL */
    const char *from;          /* template as "{street}/{community}" */
    json_t *table, *otherwise; /* code → value, and the value for all other codes; or NULL */
    const char *time;          /* form, of times */
    const char *split;         /* between items, of lists */
};

struct mapping_field {
    const char *name;
    bool of_citizen;
    enum mapping_form form;
    size_t count; /* the first choice that the row has something for stands */
    struct mapping_choice choice[MAPPING_CHOICES_MAX];
};

/* The column is there, and, where `among` is not NULL, one of these texts. */
struct mapping_condition {
    const char *column;
    const json_t *among;
};

struct mapping_event {
    enum event_type type;
    size_t conditions, fields;
    struct mapping_condition condition[MAPPING_CONDITIONS_MAX];
    struct mapping_choice id, source, subject, time;
    struct mapping_field field[MAPPING_FIELDS_MAX]; /* in the order of the canonical event */
};

struct mapping {
    json_t *root;
    bool json_lines;
    bool skips; /* a row without any event is no fault */
    char delimiter;
    const json_t *columns, *nulls;
    json_t *used; /* columns that the mapping reads, as members */
    struct zone zone;
    size_t events;
    struct mapping_event event[MAPPING_EVENTS_MAX];
};

/* Loads conf/mapping/NAME.json, or the file `name` when it contains a '/'. The caller owns
 * the result (mapping_free). NULL: "FILE: path: reason" in error[error_bytes].
 * Before any thread: it reads a time zone. */
struct mapping *mapping_load(const char *name, char *error, size_t error_bytes) __attribute__((warn_unused_result));
void mapping_free(struct mapping *mapping);

/* The fields of data of a type in canonical order, separated by blanks; "" for none. */
const char *mapping_fields_of(enum event_type type);

/* A canonical event, compact JSON on one line; borrowed until the callback returns. */
struct mapped {
    enum event_type type;
    struct text subject, json;
    uint64_t line; /* of its row */
};
/* False stops the reading. */
typedef bool mapping_taken(void *context, const struct mapped *mapped);

struct mapping_counts {
    uint64_t rows, events, bad; /* bad rows give no event at all */
};

/* Reads a file ("-": stdin) to its end and hands over the events of each row, row by
 * row in the mapping's order; each has been decoded as good. A row that
 * cannot be mapped is named on stderr as "FILE:LINE: column: found …, expected …",
 * and the others go on. Adds to *counts. False: the file could not be read to its
 * end (said on stderr), or taken stopped it. */
bool mapping_read(const struct mapping *mapping, const char *path, mapping_taken *taken, void *context, struct mapping_counts *counts)
    __attribute__((warn_unused_result));

#endif
