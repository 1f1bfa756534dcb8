#ifndef BIHUAN_INGEST_LINE_H
#define BIHUAN_INGEST_LINE_H
/* Lines of a file, one at a time, with their numbers and a bound. */
#include "common/buffer.h"

#include <stdio.h>

struct line {
    FILE *in;           /* borrowed */
    struct buffer text; /* the present line without its \n; cut at its max */
    uint64_t number;    /* of the present line, from 1 */
    bool cut;           /* it was longer: text holds its beginning */
};

void line_open(struct line *line, FILE *in, size_t max_bytes);
/* Reads on. False at the end of the file, or when it cannot be read (ferror). */
bool line_next(struct line *line);
/* Whether the present line is blanks, tabs and carriage returns only. */
bool line_is_blank(const struct line *line);
/* Frees the text, not the file. */
void line_close(struct line *line);

#endif
