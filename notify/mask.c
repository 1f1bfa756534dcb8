/* Masks. The trap: an address is data of a file that people write: it may be anything, and what is printed goes into JSON. */
#include "notify/mask.h"

#include <stdio.h>
#include <string.h>

enum { NUMBER_LEAST = 7, NUMBER_MOST = 20, HIDDEN = 4, SHOWN_LAST = 4, SHOWN_FIRST = 3, DOMAIN_BYTES = 128 };

/* Digits of a telephone number into digit[NUMBER_MOST + 1]; false: it is none. */
static bool is_number(struct text address, char *digit)
{
    size_t count = 0;
    for (size_t i = 0; i < address.bytes; i++) {
        char c = address.at[i];
        if (c >= '0' && c <= '9' && count < NUMBER_MOST) digit[count++] = c;
        else if (!memchr("+-() ", c, 5)) return false;
    }
    digit[count] = 0;
    return count >= NUMBER_LEAST;
}

static void mask_number(char *text, const char *digit)
{
    size_t count = strlen(digit), left = count - HIDDEN;
    size_t last = left < SHOWN_LAST ? left : SHOWN_LAST;
    size_t first = left - last < SHOWN_FIRST ? left - last : SHOWN_FIRST;
    snprintf(text, MASK_BYTES, "%.*s****%s", (int)first, digit, digit + count - last);
}

/* Bytes of the UTF-8 character at the beginning; 0 where none is whole. */
static size_t first_character(struct text text)
{
    unsigned char lead = text.bytes ? (unsigned char)text.at[0] : 0;
    size_t bytes = lead < 0x20 ? 0 : lead < 0x80 ? 1 : lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (lead >= 0xf5 || bytes > text.bytes) return 0;
    for (size_t i = 1; i < bytes; i++)
        if (((unsigned char)text.at[i] & 0xc0) != 0x80) return 0;
    return bytes;
}

static bool is_domain(struct text text)
{
    bool good = text.bytes > 0 && text.bytes <= DOMAIN_BYTES;
    for (size_t i = 0; i < text.bytes && good; i++) good = text.at[i] > ' ' && text.at[i] < 0x7f;
    return good;
}

void mask_address(char text[MASK_BYTES], struct text address)
{
    char digit[NUMBER_MOST + 1];
    const char *at = address.bytes ? memrchr(address.at, '@', address.bytes) : NULL;
    struct text domain = at ? (struct text){at + 1, address.bytes - (size_t)(at - address.at) - 1} : (struct text){0};
    *text = 0;
    if (address.bytes == 0) return;
    if (text_equal(address, (struct text){"@all", 4})) snprintf(text, MASK_BYTES, "@all");
    else if (is_number(address, digit)) mask_number(text, digit);
    else if (at && at > address.at && is_domain(domain))
        snprintf(text, MASK_BYTES, "%.*s***@%.*s", (int)first_character(address), address.at, (int)domain.bytes, domain.at);
    else snprintf(text, MASK_BYTES, "%.*s***", (int)first_character(address), address.at);
}
