#ifndef BIHUAN_TESTS_SUPPORT_TOWN_RENDER_H
#define BIHUAN_TESTS_SUPPORT_TOWN_RENDER_H
/* Happenings as canonical CloudEvents. */
#include <jansson.h>

#include "town_life.h"

/* Once, before the rest; and at the end. */
void town_render_open(void);
void town_render_close(void);

/* The event as a new object of the caller's. Its id is source's own, the same
 * for each call with one happening. */
json_t *town_render(const struct town_happening *happening);

#endif
