/* Mails by hand: libcurl's own builder draws a boundary at random, and a repeated mail should be the same.
 *
 * All parts are base64, so no line is too long, none begins with a dot, and no boundary can be in one. The trap: whatever stands in a subject, no line of
 * it may become a header of its own. */
#include "notify/mime.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "notify/glyph.h"

enum { LINE_MAX_BYTES = 76, LINE_DATA_BYTES = LINE_MAX_BYTES / 4 * 3, PLAIN_SUBJECT_MAX_BYTES = 60, WORD_DATA_BYTES = 42, DATE_BYTES = 64 };

static bool is_among(char c, const char *others)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(others, c));
}

static bool is_host(const char *at, size_t bytes)
{
    size_t label = 0, dots = 0;
    if (bytes == 0 || bytes > 253) return false;
    for (size_t i = 0; i < bytes; i++) {
        if (at[i] == '.') {
            if (label == 0 || at[i - 1] == '-') return false;
            label = 0;
            dots++;
        } else if (!is_among(at[i], "-") || (at[i] == '-' && label == 0) || ++label > 63) {
            return false;
        }
    }
    return label > 0 && at[bytes - 1] != '-' && dots > 0;
}

bool mime_address(struct text address)
{
    const char *sign = address.bytes ? memchr(address.at, '@', address.bytes) : NULL;
    size_t local = sign ? (size_t)(sign - address.at) : 0;
    if (local == 0 || local > 64 || address.at[0] == '.' || sign[-1] == '.') return false;
    for (size_t i = 0; i < local; i++)
        if (!is_among(address.at[i], ".!#$%&'*+/=?^_`{|}~-") || (address.at[i] == '.' && address.at[i + 1] == '.')) return false;
    return is_host(sign + 1, address.bytes - local - 1);
}

static void add_base64(struct buffer *mail, const char *at, size_t bytes)
{
    unsigned char out[LINE_MAX_BYTES + 4];
    for (size_t i = 0; i < bytes; i += LINE_DATA_BYTES) {
        size_t piece = bytes - i < LINE_DATA_BYTES ? bytes - i : LINE_DATA_BYTES;
        int length = EVP_EncodeBlock(out, (const unsigned char *)at + i, (int)piece);
        buffer_add(mail, out, (size_t)length);
        buffer_add_text(mail, "\r\n");
    }
}

/* --- headers --- */

static bool is_plain(const char *text)
{
    if (strlen(text) > PLAIN_SUBJECT_MAX_BYTES || strstr(text, "=?")) return false;
    for (const char *c = text; *c; c++)
        if (*c < ' ' || *c > '~') return false;
    return true;
}

/* The next characters that fit into one encoded word, with blanks for control characters and ? for what is no UTF-8; returns how many bytes were taken. */
static size_t next_word(const char *text, char *word, size_t *bytes)
{
    size_t left = strlen(text), taken = 0;
    for (*bytes = 0; taken < left;) {
        size_t length = glyph_bytes(text + taken, left - taken), room = length ? length : 1;
        if (*bytes + room > WORD_DATA_BYTES) break;
        if (length == 0) word[*bytes] = '?';
        else if (length == 1 && ((unsigned char)text[taken] < ' ' || text[taken] == 0x7f)) word[*bytes] = ' ';
        else memcpy(word + *bytes, text + taken, length);
        *bytes += room;
        taken += room;
    }
    return taken;
}

void mime_header(struct buffer *mail, const char *name, const char *text)
{
    char word[WORD_DATA_BYTES];
    unsigned char encoded[WORD_DATA_BYTES / 3 * 4 + 8];
    size_t bytes;
    buffer_add_text(mail, name);
    if (is_plain(text)) {
        buffer_addf(mail, " %s\r\n", text);
        return;
    }
    while (*text) {
        text += next_word(text, word, &bytes);
        EVP_EncodeBlock(encoded, (const unsigned char *)word, (int)bytes);
        buffer_addf(mail, " =?UTF-8?B?%s?=\r\n", encoded);
    }
}

static void add_date(struct buffer *mail, int64_t real_ms)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(real_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    buffer_addf(mail, "Date: %.3s, %d %.3s %04d %02d:%02d:%02d +0000\r\n", days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900,
                tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_headers(struct buffer *mail, const struct mime_mail *of)
{
    add_date(mail, of->real_ms);
    buffer_addf(mail, "From: %s\r\nTo: %.*s\r\n", of->from, (int)of->to.bytes, of->to.at);
    mime_header(mail, "Subject:", *of->subject ? of->subject : "-");
    buffer_addf(mail, "Message-ID: <%s%s>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n", of->id, strchr(of->from, '@'));
}

/* --- parts --- */

static void begin_part(struct buffer *mail, const char *boundary, const char *id, const char *type, const char *more)
{
    buffer_addf(mail, "--%s%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n%s\r\n", boundary, id, type, more);
}

static void add_alternatives(struct buffer *mail, const struct mime_mail *of)
{
    static const char boundary[] = "=_words_";
    buffer_addf(mail, "Content-Type: multipart/alternative;\r\n boundary=\"%s%s\"\r\n\r\n", boundary, of->id);
    begin_part(mail, boundary, of->id, "text/plain; charset=utf-8", "");
    add_base64(mail, of->text, strlen(of->text));
    if (of->html) {
        begin_part(mail, boundary, of->id, "text/html; charset=utf-8", "");
        add_base64(mail, of->html, strlen(of->html));
    }
    buffer_addf(mail, "--%s%s--\r\n", boundary, of->id);
}

static const char *is_bad(const struct mime_mail *of)
{
    size_t id = strlen(of->id);
    if (!mime_address((struct text){of->from, strlen(of->from)})) return "the sender's address is none";
    if (!mime_address(of->to)) return "the recipient's address is none";
    for (const char *c = of->id; *c; c++)
        if (!is_among(*c, "-_")) return "the notice's id cannot be a Message-ID";
    return id == 0 || id > MIME_ID_MAX_BYTES ? "the notice's id cannot be a Message-ID" : NULL;
}

bool mime_write(struct buffer *mail, const struct mime_mail *of, const char **why)
{
    static const char boundary[] = "=_parts_";
    *why = is_bad(of);
    if (*why) return false;
    add_headers(mail, of);
    if (of->calendar) {
        bool published = strstr(of->calendar, "METHOD:PUBLISH") != NULL;
        buffer_addf(mail, "Content-Type: multipart/mixed;\r\n boundary=\"%s%s\"\r\n\r\n--%s%s\r\n", boundary, of->id, boundary, of->id);
        add_alternatives(mail, of);
        begin_part(mail, boundary, of->id, published ? "text/calendar; charset=utf-8; method=PUBLISH" : "text/calendar; charset=utf-8",
                   "Content-Disposition: attachment; filename=\"deadline.ics\"\r\n");
        add_base64(mail, of->calendar, strlen(of->calendar));
        buffer_addf(mail, "--%s%s--\r\n", boundary, of->id);
    } else {
        add_alternatives(mail, of);
    }
    if (mail->overflow) *why = "the mail is too long";
    return !mail->overflow;
}
