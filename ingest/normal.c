/* Folding of characters, and normal forms of names and numbers.
 *
 * Not a Unicode normalisation: only what is seen in forms that people fill in. The
 * trap is idempotence: a normal form is read again with the same folding. */
#include "ingest/normal.h"

#include <string.h>

/* Bytes of the UTF-8 character at `at` and its code; 0 when it is none. */
static uint32_t utf8_read(const char *at, size_t left, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*at;
    uint32_t bytes = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (!bytes || bytes > left) return 0;
    uint32_t value = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (uint32_t i = 1; i < bytes; i++) {
        if (((unsigned char)at[i] & 0xc0) != 0x80) return 0;
        value = value << 6 | ((unsigned char)at[i] & 0x3f);
    }
    *code = value;
    return value < least[bytes] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0 : bytes;
}

/* '0'–'9' for the digits of other writings, else the code itself. */
static uint32_t fold_digit(uint32_t code)
{
    switch (code) {
    case 0x3007: case 0x96f6: case 0x24ea: return '0'; /* 〇 零 ⓪ */
    case 0x4e00: case 0x5e7a: return '1';              /* 一 幺 */
    case 0x4e8c: return '2';
    case 0x4e09: return '3';
    case 0x56db: return '4';
    case 0x4e94: return '5';
    case 0x516d: return '6';
    case 0x4e03: return '7';
    case 0x516b: return '8';
    case 0x4e5d: return '9';
    default: return code >= 0x2460 && code <= 0x2468 ? '1' + code - 0x2460 : code; /* ① to ⑨ */
    }
}

struct glyph glyph_next(const char *at, size_t left)
{
    uint32_t code = 0, bytes = utf8_read(at, left, &code);
    if (!bytes) return (struct glyph){GLYPH_INVALID, 1};
    if (code >= 0xff01 && code <= 0xff5e) code -= 0xff01 - '!';
    if (code >= 'a' && code <= 'z') code -= 'a' - 'A';
    return (struct glyph){code < 0x80 ? code : fold_digit(code), bytes};
}

bool glyph_is_digit(uint32_t code)
{
    return code >= '0' && code <= '9';
}

bool glyph_is_word(uint32_t code)
{
    return glyph_is_digit(code) || (code >= 'A' && code <= 'Z');
}

bool glyph_separates(uint32_t code)
{
    if (code < 0x80) return code && strchr(" \t\r\n-._/()", (int)code) != NULL;
    return code == 0xa0 || code == 0xad || code == 0xb7 || code == 0x3000 || code == 0x30fb || code == 0x2212 ||
           code == 0xfeff || (code >= 0x2000 && code <= 0x2015) || code == 0x2060 || code == 0x2022;
}

static bool put(struct normal *normal, const char *at, size_t bytes)
{
    if (bytes > sizeof normal->at - normal->bytes) return false;
    memcpy(normal->at + normal->bytes, at, bytes);
    normal->bytes += bytes;
    normal->glyphs++;
    return true;
}

void normal_text(struct normal *normal, struct text text)
{
    normal->bytes = normal->glyphs = normal->digits = 0;
    for (size_t i = 0; i < text.bytes;) {
        struct glyph glyph = glyph_next(text.at + i, text.bytes - i);
        char ascii = (char)glyph.code;
        bool kept = glyph_separates(glyph.code) || (glyph.code < 0x80 ? put(normal, &ascii, 1) : put(normal, text.at + i, glyph.bytes));
        if (!kept) return;
        normal->digits += glyph_is_digit(glyph.code);
        i += glyph.bytes;
    }
}

static bool is_mobile(const char *digits, size_t count)
{
    return count == 11 && digits[0] == '1' && digits[1] >= '3';
}

void normal_phone(struct normal *normal, struct text text)
{
    static const char *const prefixes[] = {"0086", "086", "86", "0"};
    normal->bytes = 0;
    for (size_t i = 0; i < text.bytes;) {
        struct glyph glyph = glyph_next(text.at + i, text.bytes - i);
        char digit = (char)glyph.code;
        if (glyph_is_digit(glyph.code) && !put(normal, &digit, 1)) break;
        i += glyph.bytes;
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t bytes = strlen(prefixes[i]);
        if (normal->bytes <= bytes || memcmp(normal->at, prefixes[i], bytes) != 0) continue;
        if (!is_mobile(normal->at + bytes, normal->bytes - bytes)) continue;
        memmove(normal->at, normal->at + bytes, normal->bytes -= bytes);
    }
    normal->glyphs = normal->digits = normal->bytes;
}
