/* Bounded lines. What is beyond the bound is read over, so that the next line is
 * the next line. */
#include "ingest/line.h"

#include <string.h>

void line_open(struct line *line, FILE *in, size_t max_bytes)
{
    *line = (struct line){.in = in};
    buffer_init(&line->text, max_bytes);
}

bool line_next(struct line *line)
{
    char piece[4096];
    size_t bytes = 0;
    int c = getc_unlocked(line->in);
    if (c == EOF) return false;
    buffer_clear(&line->text);
    line->number++;
    for (; c != EOF && c != '\n'; c = getc_unlocked(line->in)) {
        piece[bytes++] = (char)c;
        if (bytes < sizeof piece) continue;
        buffer_add(&line->text, piece, bytes);
        bytes = 0;
    }
    buffer_add(&line->text, piece, bytes);
    line->cut = line->text.overflow;
    return true;
}

bool line_is_blank(const struct line *line)
{
    const char *text = buffer_text(&line->text);
    return strspn(text, " \t\r") == line->text.bytes && !line->cut;
}

void line_close(struct line *line)
{
    buffer_free(&line->text);
}
