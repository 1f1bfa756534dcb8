#ifndef BIHUAN_INGEST_NORMAL_H
#define BIHUAN_INGEST_NORMAL_H
/* One spelling for what people type in many: full-width letters and digits,
 * Chinese numerals, blanks and hyphens between digits. Pure. */
#include "sla/event.h"

enum { NORMAL_BYTES = 256, GLYPH_INVALID = 0xfffd };

/* One character: `code` folded (ASCII for full-width forms, upper case, '0'–'9' for
 * 〇零一…九幺 and ①…⑨ too), `bytes` as it stands in the text, at least 1. Bytes that are
 * no UTF-8 give GLYPH_INVALID, one at a time. */
struct glyph {
    uint32_t code;
    uint32_t bytes;
};
struct glyph glyph_next(const char *at, size_t left);
bool glyph_is_digit(uint32_t code);
/* A letter or digit of ASCII, folded. */
bool glyph_is_word(uint32_t code);
/* What may stand inside a number or a name without being part of it: blanks, hyphens,
 * dots, brackets, zero-width characters. */
bool glyph_separates(uint32_t code);

/* Text folded, without what separates; cut at NORMAL_BYTES. */
struct normal {
    size_t bytes, glyphs, digits;
    char at[NORMAL_BYTES];
};
void normal_text(struct normal *normal, struct text text);
/* The digits alone; of a mainland mobile number, without +86, 0086 or 0 before it. */
void normal_phone(struct normal *normal, struct text text);

#endif
