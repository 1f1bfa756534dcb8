/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. */
#include "notify/glyph.h"

static int goes_on(const unsigned char *at)
{
    return (*at & 0xc0) == 0x80;
}

size_t glyph_bytes(const char *text, size_t bytes)
{
    const unsigned char *at = (const unsigned char *)text;
    if (bytes == 0) return 0;
    if (*at < 0x80) return 1;
    if (*at < 0xc2 || *at > 0xf4) return 0;
    size_t length = *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    if (length > bytes) return 0;
    for (size_t i = 1; i < length; i++)
        if (!goes_on(at + i)) return 0;
    if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) || (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f)) return 0;
    return length;
}

size_t glyph_fit(const char *text, size_t bytes, size_t room)
{
    const unsigned char *at = (const unsigned char *)text;
    if (bytes <= room) return bytes;
    while (room && goes_on(at + room)) room--;
    return room;
}
