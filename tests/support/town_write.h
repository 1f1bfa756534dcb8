#ifndef BIHUAN_TESTS_SUPPORT_TOWN_WRITE_H
#define BIHUAN_TESTS_SUPPORT_TOWN_WRITE_H
/* A Jansson value as compact JSON text. */
#include <jansson.h>
#include <stddef.h>

/* Writes `value` (objects, arrays, strings, integers, true and false, all of
 * the town's own making) to to[room]; the bytes written, no end mark. The bytes
 * are those of json_dumpb with JSON_COMPACT. Aborts where room is short. */
size_t town_write(json_t *value, char *to, size_t room);

#endif
