#ifndef BIHUAN_NOTIFY_CUT_H
#define BIHUAN_NOTIFY_CUT_H
/* Where a text that is too long may be cut. Pure. */
#include <stdbool.h>
#include <stddef.h>

/* The most bytes of text[bytes], at most `room`, that end at a character's border; with `markdown`, not inside a link, an image, a mention or other tag
 * in angle brackets, or behind a backslash. */
size_t cut_fit(const char *text, size_t bytes, size_t room, bool markdown);

#endif
