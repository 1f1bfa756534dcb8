/* Comma-separated values. The trap: a spreadsheet runs what begins with =, +, - or @ (also behind a tab or line end), and texts of the
 * ledger come from outside: an endpoint's error, a case's id. */
#include "notify/ledger_csv.h"

#include <string.h>

/* A column: its name, and the member that it shows; of "why" the one within. */
enum look { LOOK_PLAIN, LOOK_WHY, LOOK_TO, LOOK_INSTANT };
static const struct column {
    const char *name, *member;
    enum look look;
} columns[] = {
    {"time", "time", LOOK_PLAIN},         {"case", "case", LOOK_PLAIN},       {"of", "of", LOOK_PLAIN},           {"class", "class", LOOK_PLAIN},
    {"clock", "clock", LOOK_PLAIN},       {"round", "round", LOOK_PLAIN},     {"type", "type", LOOK_PLAIN},       {"step", "step", LOOK_PLAIN},
    {"id", "id", LOOK_PLAIN},             {"unit", "unit", LOOK_PLAIN},       {"endpoint", "endpoint", LOOK_PLAIN}, {"channel", "channel", LOOK_PLAIN},
    {"to", "to", LOOK_TO},                {"attempt", "attempt", LOOK_PLAIN}, {"outcome", "outcome", LOOK_PLAIN}, {"status", "status", LOOK_PLAIN},
    {"code", "code", LOOK_PLAIN},         {"receipt", "receipt", LOOK_PLAIN}, {"error", "error", LOOK_PLAIN},     {"voided", "voided", LOOK_PLAIN},
    {"due", "due", LOOK_PLAIN},           {"deadline", "deadline", LOOK_PLAIN}, {"policy", "policy", LOOK_WHY},   {"rule", "rule", LOOK_WHY},
    {"hash", "hash", LOOK_PLAIN},         {"sent", "sent_ms", LOOK_INSTANT},  {"answered", "answered_ms", LOOK_INSTANT}, {"shard", "shard", LOOK_PLAIN},
    {"chain", "chain", LOOK_PLAIN},       {"seq", "seq", LOOK_PLAIN},
};
enum { COLUMNS = sizeof columns / sizeof *columns, CELL_MAX_BYTES = 64 * 1024 };

static void add_cell(struct buffer *out, const char *text, size_t bytes)
{
    buffer_add_u8(out, '"');
    if (bytes && memchr("=+-@\t\r\n", text[0], 7)) buffer_add_u8(out, '\'');
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '"') buffer_add_u8(out, '"');
        buffer_add(out, &text[i], 1);
    }
    buffer_add_u8(out, '"');
}

/* Person, roles and address of each: "liwei (handler) 138****1234; …". */
static void add_recipients(struct buffer *cell, const json_t *to)
{
    size_t i, n;
    const json_t *one, *role;
    json_array_foreach(to, i, one) {
        const char *person = json_string_value(json_object_get(one, "person")), *address = json_string_value(json_object_get(one, "address"));
        buffer_addf(cell, "%s%s", i ? "; " : "", person ? person : "");
        json_array_foreach(json_object_get(one, "roles"), n, role)
            buffer_addf(cell, "%s%s", n ? "," : person ? " (" : "(", json_string_value(role) ? json_string_value(role) : "");
        if (json_array_size(json_object_get(one, "roles"))) buffer_add_text(cell, ")");
        if (address) buffer_addf(cell, " %s", address);
    }
}

static void add_value(struct buffer *cell, const json_t *value, enum look look, const struct zone *zone)
{
    char text[INSTANT_TEXT_BYTES];
    if (look == LOOK_TO) add_recipients(cell, value);
    else if (look == LOOK_INSTANT && json_is_integer(value)) {
        size_t bytes = instant_print(text, zone, json_integer_value(value));
        buffer_add(cell, text, bytes);
    } else if (json_is_string(value)) buffer_add(cell, json_string_value(value), json_string_length(value));
    else if (json_is_integer(value)) buffer_addf(cell, "%lld", json_integer_value(value));
    else if (json_is_boolean(value)) buffer_add_text(cell, json_is_true(value) ? "true" : "false");
}

void ledger_csv_begin(struct buffer *out)
{
    buffer_add_text(out, "\xef\xbb\xbf");
    for (int i = 0; i < COLUMNS; i++) buffer_addf(out, "%s%s", i ? "," : "", columns[i].name);
    buffer_add_text(out, "\r\n");
}

void ledger_csv_add(struct buffer *out, const json_t *record, const struct zone *zone)
{
    struct buffer cell;
    buffer_init(&cell, CELL_MAX_BYTES);
    for (int i = 0; i < COLUMNS; i++) {
        const json_t *from = columns[i].look == LOOK_WHY ? json_object_get(record, "why") : record;
        buffer_clear(&cell);
        add_value(&cell, json_object_get(from, columns[i].member), columns[i].look, zone);
        if (i) buffer_add_u8(out, ',');
        if (cell.bytes) add_cell(out, cell.data, cell.bytes);
    }
    buffer_add_text(out, "\r\n");
    buffer_free(&cell);
}
