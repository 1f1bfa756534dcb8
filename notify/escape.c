/* One pass over the characters of a value; what is dangerous is replaced, never dropped, so that a reader sees that something was
 * there.
 *
 * The trap: a full-width dot is a dot in host names (UTS 46), so a dot becomes U+00B7. */
#include "notify/escape.h"

#include <string.h>

enum { BAD_CHARACTER = 0xFFFD };

size_t escape_character(const char *at, size_t left, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*at;
    size_t bytes = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    *code = BAD_CHARACTER;
    if (bytes == 0 || bytes > left) return 1;
    uint32_t value = bytes == 1 ? first : first & (0x7FU >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if (((unsigned char)at[i] & 0xC0) != 0x80) return 1;
        value = value << 6 | ((unsigned char)at[i] & 0x3F);
    }
    if (value < least[bytes] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return 1;
    *code = value;
    return bytes;
}

/* Control characters, line and paragraph ends, what turns the direction of writing, and invisible ones. */
static bool is_unprintable(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x61C || (code >= 0x200B && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* What makes readers see a link: "://", and a dot within a host name. */
static bool makes_link(struct text value, size_t i)
{
    const char *at = value.at + i;
    size_t left = value.bytes - i;
    if (*at == ':') return left > 2 && at[1] == '/' && at[2] == '/';
    return *at == '.' && i > 0 && left > 1 && is_word(at[-1]) && (is_letter(at[1]) || (unsigned char)at[1] >= 0x80);
}

/* Does it mean something in some dialect of markdown? */
static bool is_mark(char c, bool first)
{
    return strchr("*_`[]#~|\\&!", c) || (first && strchr("-+=", c)); /* first: a list, a rule, the line under a heading */
}

static const char *entity(char c)
{
    switch (c) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* The full-width form: U+FF01 to U+FF5E are ASCII's from ! on. */
static void add_wide(struct buffer *out, char c)
{
    unsigned code = 0xFF00U + (unsigned)c - 0x20U;
    const unsigned char bytes[] = {(unsigned char)(0xE0 | code >> 12), (unsigned char)(0x80 | (code >> 6 & 0x3F)), (unsigned char)(0x80 | (code & 0x3F))};
    buffer_add(out, bytes, sizeof bytes);
}

static void add_ascii(struct buffer *out, enum markup markup, struct text value, size_t i)
{
    char c = value.at[i];
    const char *as_entity = markup == MARKUP_HTML ? entity(c) : NULL;
    bool wide = markup != MARKUP_HTML && (strchr("<>@", c) || (markup == MARKUP_MARKDOWN && is_mark(c, i == 0)));
    if (makes_link(value, i)) {
        if (c == '.') buffer_add_text(out, "\xC2\xB7");
        else add_wide(out, c);
    } else if (as_entity) {
        buffer_add_text(out, as_entity);
    } else if (wide) {
        add_wide(out, c);
    } else {
        buffer_add(out, &c, 1);
    }
}

static void for_people(struct buffer *out, enum markup markup, struct text value)
{
    size_t bytes;
    uint32_t code;
    for (size_t i = 0; i < value.bytes; i += bytes) {
        bytes = escape_character(value.at + i, value.bytes - i, &code);
        if (i + bytes > ESCAPE_VALUE_MAX_BYTES) {
            buffer_add_text(out, "\xE2\x80\xA6");
            return;
        }
        if (is_unprintable(code)) buffer_add(out, " ", 1);
        else if (code < 0x80) add_ascii(out, markup, value, i);
        else if (code == BAD_CHARACTER) buffer_add_text(out, "\xEF\xBF\xBD");
        else buffer_add(out, value.at + i, bytes);
    }
}

static void exactly_json(struct buffer *out, struct text value)
{
    size_t bytes;
    uint32_t code;
    for (size_t i = 0; i < value.bytes; i += bytes) {
        bytes = escape_character(value.at + i, value.bytes - i, &code);
        if (code == BAD_CHARACTER) buffer_add_text(out, "\xEF\xBF\xBD");
        else if (code == '"' || code == '\\') buffer_addf(out, "\\%c", (char)code);
        else if (code < 0x20 || code == 0x7F || code == 0x2028 || code == 0x2029) buffer_addf(out, "\\u%04x", (unsigned)code);
        else buffer_add(out, value.at + i, bytes);
    }
}

static void exactly_url(struct buffer *out, struct text value)
{
    for (size_t i = 0; i < value.bytes; i++) {
        unsigned char c = (unsigned char)value.at[i];
        bool unreserved = c < 0x80 && (is_word((char)c) || c == '-' || c == '.' || c == '_' || c == '~');
        if (unreserved) buffer_add(out, &c, 1);
        else buffer_addf(out, "%%%02X", c);
    }
}

void escape_text(struct buffer *out, enum markup markup, struct text value)
{
    if (markup == MARKUP_JSON) exactly_json(out, value);
    else if (markup == MARKUP_URL) exactly_url(out, value);
    else for_people(out, markup, value);
}

void escape_link(struct buffer *out, enum markup markup, struct text link)
{
    if (markup == MARKUP_JSON || markup == MARKUP_URL) {
        escape_text(out, markup, link);
        return;
    }
    for (size_t i = 0; i < link.bytes; i++) {
        unsigned char c = (unsigned char)link.at[i];
        if (c <= ' ' || c >= 0x7F || strchr("()<>\"'\\^`{|}", c)) buffer_addf(out, "%%%02X", c);
        else if (c == '&' && markup == MARKUP_HTML) buffer_add_text(out, "&amp;");
        else buffer_add(out, &c, 1);
    }
}

struct text escape_cut(struct text text, size_t most, struct pool *pool)
{
    static const char dots[] = "\xE2\x80\xA6";
    size_t at = 0;
    uint32_t code;
    for (size_t i = 0; i < most && at < text.bytes; i++) at += escape_character(text.at + at, text.bytes - at, &code);
    if (at >= text.bytes) return text;
    char *cut = pool_take(pool, at + sizeof dots);
    memcpy(cut, text.at, at);
    memcpy(cut + at, dots, sizeof dots);
    return (struct text){cut, at + sizeof dots - 1};
}
