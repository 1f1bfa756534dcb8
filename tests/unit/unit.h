#ifndef BIHUAN_TESTS_UNIT_H
#define BIHUAN_TESTS_UNIT_H
/* cmocka and what it wants included before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Adds to the text in a buffer of `room` bytes; what does not fit is our bug. */
static inline void text_append(char *text, size_t room, const char *more)
{
    size_t bytes = strlen(text);
    assert_true(bytes + strlen(more) < room);
    snprintf(text + bytes, room - bytes, "%s", more);
}
#endif
