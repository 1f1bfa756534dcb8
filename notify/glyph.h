#ifndef BIHUAN_NOTIFY_GLYPH_H
#define BIHUAN_NOTIFY_GLYPH_H
/* Characters of UTF-8, for texts that are cut. Pure. */
#include <stddef.h>

/* Bytes of the character at text[bytes], 1 to 4; 0: it is no UTF-8, or cut. */
size_t glyph_bytes(const char *text, size_t bytes);
/* The most bytes of text[bytes], at most `room`, that end at a character's border. */
size_t glyph_fit(const char *text, size_t bytes, size_t room);

#endif
