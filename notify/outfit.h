#ifndef BIHUAN_NOTIFY_OUTFIT_H
#define BIHUAN_NOTIFY_OUTFIT_H
/* What notices are made with, as the configuration has it: endpoints, units, sending hours, templates. Taken up whole or not at
 * all, at the start and when a daemon is told to reload. */
#include "notify/ack.h"
#include "notify/route.h"
#include "notify/sending.h"
#include "notify/words.h"

struct outfit {
    struct endpoints endpoints;
    struct units *units;     /* NULL: none configured */
    struct sending *sending; /* NULL: none configured: everything is sent at any hour, and singly */
    struct words *words;     /* NULL: no endpoint needs any */
    struct ack_keys ack_keys; /* of the links by which people acknowledge; none: messages have no links */
    struct routing routing;  /* of all these; its calendar is set at each use */
};

/* Reads all that the configuration names. Returns the number of faults, a line each in *faults; *warnings gets what `check` warns of. Either
 * may be NULL. The configuration is borrowed. Needs outfit_close even then. */
size_t outfit_open(struct outfit *outfit, const struct config *config, struct buffer *faults, struct buffer *warnings);
/* The day as of which a check looks at units; near enough for that, wherever the zone. */
int32_t outfit_day(const struct config *config);
/* Puts `from` in its place, which is then empty. */
void outfit_change(struct outfit *outfit, struct outfit *from);
void outfit_close(struct outfit *outfit);

#endif
