#ifndef BIHUAN_NOTIFY_LIVE_H
#define BIHUAN_NOTIFY_LIVE_H
/* `bihuan-notify status --live`: how things stand, again and again, until a key or SIGINT. */
#include "sla/look.h"

/* Painted anew each second on a terminal; else a line each second; as JSON an object a line. The verb's exit code. */
int live_show(struct look *look);

#endif
