/* Verdicts: names, and what HTTP's status means whatever the service.
 *
 * The trap: what a service says ends up on a terminal and in the ledger, so none of it goes there as it came. */
#include "notify/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "notify/glyph.h"

enum { TEXT_BYTES = 1024, WORDS_BYTES = 96, NUMBER_LEAST_DIGITS = 11 };

const char *verdict_name(enum verdict_kind kind)
{
    static const char *const names[] = {"delivered", "retry", "slow-down", "refused", "gone"};
    return names[kind];
}

void verdict_words(char *text, size_t text_bytes, const char *words, size_t bytes)
{
    size_t at = 0, room = text_bytes - 1;
    for (size_t i = 0; i < bytes;) {
        size_t length = glyph_bytes(words + i, bytes - i);
        unsigned char first = (unsigned char)words[i];
        if (at + (length ? length : 1) > room) break;
        if (!length) text[at++] = '?';
        else if (first < 0x20 || first == 0x7f) text[at++] = ' ';
        else if (first == 0xc2 && (unsigned char)words[i + 1] < 0xa0) text[at++] = ' '; /* C1 controls */
        else memcpy(text + at, words + i, length), at += length;
        i += length ? length : 1;
    }
    while (at && text[at - 1] == ' ') at--;
    text[at] = 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Of phone and document numbers the first three and last four digits stay. */
static void mask_numbers(char *text)
{
    for (char *c = text; *c;) {
        size_t digits = strspn(c, "0123456789");
        if (digits >= NUMBER_LEAST_DIGITS) memset(c + 3, '*', digits - 7);
        c += digits + !digits;
    }
}

/* Of an e-mail address the first character and the host. */
static void mask_addresses(char *text)
{
    for (char *sign = text; (sign = strchr(sign, '@')); sign++) {
        char *from = sign;
        while (from > text && (is_digit(from[-1]) || (from[-1] >= 'a' && from[-1] <= 'z') || (from[-1] >= 'A' && from[-1] <= 'Z') || strchr("._%+-", from[-1]))) from--;
        if (sign > from) memset(from + 1, '*', (size_t)(sign - from) - 1);
    }
}

void verdict_say(struct verdict *verdict, enum verdict_kind kind, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    verdict->kind = kind;
    verdict_words(verdict->error, sizeof verdict->error, text, strlen(text));
    mask_numbers(verdict->error);
    mask_addresses(verdict->error);
}

static void say_status(const struct answer *answer, struct verdict *verdict, enum verdict_kind kind)
{
    char words[WORDS_BYTES];
    verdict_words(words, sizeof words, answer->body, answer->bytes);
    if (answer->status >= 300 && answer->status < 400) verdict_say(verdict, kind, "HTTP %ld: a redirect, which is not followed", answer->status);
    else verdict_say(verdict, kind, "HTTP %ld%s%s", answer->status, *words ? ": " : "", words);
}

bool verdict_begin(const struct answer *answer, struct verdict *verdict)
{
    *verdict = (struct verdict){.kind = VERDICT_DELIVERED, .wait_ms = answer->retry_after_ms};
    if (answer->status >= 200 && answer->status < 300) return true;
    if (answer->status == 0) verdict_say(verdict, VERDICT_RETRY, "%s", *answer->error ? answer->error : "no answer");
    else if (answer->status == 410) say_status(answer, verdict, VERDICT_GONE);
    else if (answer->status == 429 || answer->status == 502 || answer->status == 504) say_status(answer, verdict, VERDICT_SLOW_DOWN);
    else say_status(answer, verdict, VERDICT_RETRY);
    return false;
}
