#ifndef BIHUAN_INGEST_ROWS_H
#define BIHUAN_INGEST_ROWS_H
/* Rows of a CSV file (RFC 4180, by libcsv) or of JSON lines, each as one JSON
 * object: column → text, or the line's object as it is. */
#include "ingest/line.h"

#include <jansson.h>

enum { ROW_MAX_BYTES = 1 << 20, ROW_COLUMNS_MAX = 1024, ROWS_ERROR_BYTES = 256 };

struct rows;

enum rows_next {
    ROWS_END,
    ROWS_ROW,   /* *row, owned by the caller */
    ROWS_BAD,   /* this row is none, the next may be: error says why */
    ROWS_BROKEN /* nothing more can be read: error says why */
};

/* Reads from `in` (borrowed). json: JSON lines; else CSV with this delimiter. A
 * CSV's column names are in `columns` (an array of texts, borrowed), or, when it is
 * NULL, in its first row. */
struct rows *rows_open(FILE *in, bool json, char delimiter, const json_t *columns);
void rows_close(struct rows *rows);

/* The next row that is not blank. */
enum rows_next rows_next(struct rows *rows, json_t **row) __attribute__((warn_unused_result));
/* First line of the row that rows_next came to, from 1. */
uint64_t rows_line(const struct rows *rows);
const char *rows_error(const struct rows *rows);
/* Whether a CSV has that column, once rows_next has given something; JSON: true. */
bool rows_has_column(const struct rows *rows, const char *name);

#endif
