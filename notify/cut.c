/* Cutting of texts. What is not closed ("[" without "](…)") is no link and may be cut anywhere. */
#include "notify/cut.h"

#include <string.h>

#include "notify/glyph.h"

/* Behind "[text](url)" at `at`; `at` itself where there is none. */
static const char *link_end(const char *at, const char *end)
{
    const char *close = at + 1;
    for (int depth = 1; close < end && depth; close++) {
        if (*close == '\\') close++;
        else if (*close == '[') depth++;
        else if (*close == ']') depth--;
        else if (*close == '\n') return at;
    }
    if (close >= end || *close != '(') return at;
    const char *last = memchr(close, ')', (size_t)(end - close));
    return last && !memchr(close, '\n', (size_t)(last - close)) ? last + 1 : at;
}

static bool begins(const char *at, const char *end, const char *with)
{
    size_t bytes = strlen(with);
    return (size_t)(end - at) >= bytes && !memcmp(at, with, bytes);
}

/* Behind "<@user>", "<at …></at>", "<font …>" at `at`; `at` itself where there is none. */
static const char *tag_end(const char *at, const char *end)
{
    static const char closing[] = "</at>";
    if (at + 1 >= end || !((at[1] >= 'a' && at[1] <= 'z') || at[1] == '@' || at[1] == '/')) return at;
    const char *close = memchr(at, '>', (size_t)(end - at));
    if (!close || memchr(at, '\n', (size_t)(close - at))) return at;
    const char *last = begins(at, end, "<at") ? memmem(close, (size_t)(end - close), closing, sizeof closing - 1) : NULL;
    return last ? last + sizeof closing - 1 : close + 1;
}

/* Behind the piece that begins at `at` and stays whole. */
static const char *piece_end(const char *at, const char *end)
{
    const char *behind = at;
    if (*at == '\\' && at + 1 < end) behind = at + 2;
    else if (*at == '[') behind = link_end(at, end);
    else if (*at == '!' && at + 1 < end && at[1] == '[') behind = link_end(at + 1, end) == at + 1 ? at : link_end(at + 1, end);
    else if (*at == '<') behind = tag_end(at, end);
    return behind > at ? behind : at + 1;
}

size_t cut_fit(const char *text, size_t bytes, size_t room, bool markdown)
{
    size_t fit = glyph_fit(text, bytes, room);
    if (!markdown || fit == bytes) return fit;
    const char *at = text, *end = text + bytes;
    while (at < text + fit) {
        const char *next = piece_end(at, end);
        if (next > text + fit && next > at + 1) return (size_t)(at - text);
        at = next;
    }
    return fit;
}
