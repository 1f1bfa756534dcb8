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
#endif
