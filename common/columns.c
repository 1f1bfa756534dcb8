/* The C library knows how wide a character is, where the locale is a UTF-8 one. */
#define _XOPEN_SOURCE 700
#include "common/columns.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

void columns_open(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

int columns_of(const char *text)
{
    int columns = 0;
    wchar_t wide;
    mbstate_t state = {0};
    for (size_t left = strlen(text), bytes; left > 0; text += bytes, left -= bytes) {
        bytes = mbrtowc(&wide, text, left, &state);
        if (bytes == 0 || bytes > left) return columns + (int)left; /* no UTF-8 */
        int one = wcwidth(wide);
        columns += one > 0 ? one : 0;
    }
    return columns;
}

void columns_left(FILE *out, const char *text, int columns)
{
    int pad = columns - columns_of(text);
    fprintf(out, "%s%*s", text, pad > 0 ? pad : 0, "");
}

void columns_right(FILE *out, const char *text, int columns)
{
    int pad = columns - columns_of(text);
    fprintf(out, "%*s%s", pad > 1 ? pad : 1, "", text);
}
