/* Rows of a file, whichever way it is written.
 *
 * libcsv is fed a line at a time, so that a row's first line is known. The trap: a
 * quote that is never closed takes the rest of the file for one field; a row is
 * bounded, and reaching the bound ends the file. */
#include "ingest/rows.h"

#include "common/alloc.h"

#include <csv.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct rows {
    struct line line;
    bool json, begun, ended;
    uint64_t first_line;
    size_t row_bytes;      /* lines of this row so far */
    struct csv_parser parser;
    json_t *cells, *names; /* texts of the present row; of the first */
    bool done, bad_text, wide;
    size_t bad_at;         /* cell of the first bad text */
    char error[ROWS_ERROR_BYTES];
};

static int ends_row(unsigned char c)
{
    return c == '\n';
}

static void take_cell(void *at, size_t bytes, void *context)
{
    struct rows *rows = context;
    json_t *text = json_stringn(at ? at : "", bytes);
    if (!text) {
        if (!rows->bad_text) rows->bad_at = json_array_size(rows->cells);
        rows->bad_text = true;
        text = json_null();
    }
    if (json_array_size(rows->cells) == ROW_COLUMNS_MAX) rows->wide = true;
    else json_array_append(rows->cells, text);
    json_decref(text);
}

static void take_row(int ended_by, void *context)
{
    struct rows *rows = context;
    (void)ended_by;
    rows->done = true;
}

static void start_parser(struct rows *rows, unsigned char delimiter)
{
    if (csv_init(&rows->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) abort();
    csv_set_delim(&rows->parser, delimiter);
    csv_set_term_func(&rows->parser, ends_row);
}

struct rows *rows_open(FILE *in, bool json, char delimiter, const json_t *columns)
{
    struct rows *rows = xcalloc(1, sizeof *rows);
    line_open(&rows->line, in, ROW_MAX_BYTES);
    rows->json = json;
    rows->cells = json_array();
    rows->names = columns ? json_deep_copy(columns) : NULL;
    start_parser(rows, (unsigned char)delimiter);
    return rows;
}

void rows_close(struct rows *rows)
{
    if (!rows) return;
    csv_free(&rows->parser);
    line_close(&rows->line);
    json_decref(rows->cells);
    json_decref(rows->names);
    free(rows);
}

uint64_t rows_line(const struct rows *rows)
{
    return rows->first_line;
}

const char *rows_error(const struct rows *rows)
{
    return rows->error;
}

__attribute__((format(printf, 3, 4))) static enum rows_next refuse(struct rows *rows, enum rows_next how, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(rows->error, sizeof rows->error, format, args);
    va_end(args);
    return how;
}

/* The next line, a BOM and a carriage return at its end taken off. */
static bool next_line(struct rows *rows, const char **at, size_t *bytes)
{
    if (!line_next(&rows->line)) return false;
    *at = buffer_text(&rows->line.text);
    *bytes = rows->line.text.bytes;
    if (rows->line.number == 1 && *bytes >= 3 && memcmp(*at, "\xef\xbb\xbf", 3) == 0) *at += 3, *bytes -= 3;
    if (*bytes && (*at)[*bytes - 1] == '\r') --*bytes;
    return true;
}

/* After a fault inside a row: a fresh parser, the next line begins a row. */
static void restart(struct rows *rows)
{
    unsigned char delimiter = csv_get_delim(&rows->parser);
    csv_free(&rows->parser);
    start_parser(rows, delimiter);
    rows->row_bytes = 0;
}

/* Cells of the next row that has any. */
static enum rows_next next_cells(struct rows *rows)
{
    const char *at;
    size_t bytes;
    json_array_clear(rows->cells);
    rows->done = rows->bad_text = rows->wide = false;
    while (!rows->done && next_line(rows, &at, &bytes)) {
        if (!rows->row_bytes && line_is_blank(&rows->line)) continue;
        if (!rows->row_bytes) rows->first_line = rows->line.number;
        rows->row_bytes += bytes + 1;
        if (rows->line.cut || rows->row_bytes > ROW_MAX_BYTES)
            return refuse(rows, ROWS_BROKEN, "a row of more than %d bytes (a quote that is not closed?)", ROW_MAX_BYTES);
        if (csv_parse(&rows->parser, at, bytes, take_cell, take_row, rows) != bytes ||
            csv_parse(&rows->parser, "\n", 1, take_cell, take_row, rows) != 1) {
            restart(rows);
            return refuse(rows, ROWS_BAD, "found a quote out of place, expected CSV");
        }
        if (rows->done) rows->row_bytes = 0;
    }
    if (ferror(rows->line.in)) return refuse(rows, ROWS_BROKEN, "%s", strerror(errno));
    if (rows->done) return ROWS_ROW;
    if (rows->row_bytes) {
        rows->row_bytes = 0;
        return refuse(rows, ROWS_BAD, "found the end of the file inside quotes");
    }
    return ROWS_END;
}

static bool names_differ(struct rows *rows)
{
    size_t i;
    const json_t *name;
    json_t *seen = json_object();
    bool good = true;
    json_array_foreach(rows->names, i, name) {
        const char *text = json_string_value(name);
        if (!text || !*text) continue; /* cannot be asked for */
        good = good && !json_object_get(seen, text);
        json_object_set_new(seen, text, json_true());
    }
    json_decref(seen);
    return good;
}

/* Column names, once. ROWS_ROW when they are known. */
static enum rows_next begin(struct rows *rows)
{
    rows->begun = true;
    if (rows->names) return ROWS_ROW;
    enum rows_next next = next_cells(rows);
    if (next == ROWS_END) return next;
    if (next != ROWS_ROW) return ROWS_BROKEN;
    rows->names = json_deep_copy(rows->cells);
    if (rows->bad_text) return refuse(rows, ROWS_BROKEN, "found column names that are no UTF-8");
    if (!names_differ(rows)) return refuse(rows, ROWS_BROKEN, "found a column name twice");
    return ROWS_ROW;
}

static enum rows_next next_csv(struct rows *rows, json_t **row)
{
    enum rows_next next = rows->begun ? ROWS_ROW : begin(rows);
    if (next == ROWS_ROW) next = next_cells(rows);
    if (next != ROWS_ROW) return next;
    size_t count = json_array_size(rows->cells), expected = json_array_size(rows->names), i;
    json_t *name;
    if (rows->wide || count != expected)
        return refuse(rows, ROWS_BAD, "found %zu%s columns, expected %zu", count, rows->wide ? " or more" : "", expected);
    *row = json_object();
    json_array_foreach(rows->names, i, name) {
        json_t *cell = json_array_get(rows->cells, i);
        const char *text = json_string_value(name);
        if (text && *text && json_is_string(cell)) json_object_set(*row, text, cell);
    }
    if (!rows->bad_text) return ROWS_ROW;
    json_decref(*row);
    const char *column = json_string_value(json_array_get(rows->names, rows->bad_at));
    return refuse(rows, ROWS_BAD, "%s: found bytes that are no UTF-8, expected UTF-8", column ? column : "");
}

static enum rows_next next_json(struct rows *rows, json_t **row)
{
    const char *at;
    size_t bytes;
    json_error_t fault;
    do {
        if (!next_line(rows, &at, &bytes)) return ferror(rows->line.in) ? refuse(rows, ROWS_BROKEN, "%s", strerror(errno)) : ROWS_END;
        rows->first_line = rows->line.number;
    } while (line_is_blank(&rows->line));
    if (rows->line.cut) return refuse(rows, ROWS_BAD, "found more than %d bytes, expected one JSON object", ROW_MAX_BYTES);
    *row = json_loadb(at, bytes, JSON_REJECT_DUPLICATES, &fault);
    if (json_is_object(*row)) return ROWS_ROW;
    json_decref(*row);
    return refuse(rows, ROWS_BAD, "found no JSON object, expected one");
}

enum rows_next rows_next(struct rows *rows, json_t **row)
{
    *row = NULL;
    if (rows->ended) return ROWS_END;
    enum rows_next next = rows->json ? next_json(rows, row) : next_csv(rows, row);
    if (next != ROWS_ROW) *row = NULL;
    rows->ended = next == ROWS_END || next == ROWS_BROKEN;
    return next;
}

bool rows_has_column(const struct rows *rows, const char *name)
{
    size_t i;
    const json_t *column;
    if (rows->json) return true;
    json_array_foreach(rows->names, i, column) {
        const char *text = json_string_value(column);
        if (text && strcmp(text, name) == 0) return true;
    }
    return false;
}
