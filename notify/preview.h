#ifndef BIHUAN_NOTIFY_PREVIEW_H
#define BIHUAN_NOTIFY_PREVIEW_H
/* A notice of a case as it would go now, for people who want to see it. Pure. */
#include "sla/envelope.h"

struct preview {
    struct demand demand;
    char id[NOTICE_ID_BYTES];
};

/* The notice of a step: its name as told_step_print has it, or the name alone where it repeats. NULL: what the case owes now; where that is nothing,
 * what it would owe had nothing been told; and else the first step of its latest clock. The fold is as of envelope->now_ms. NULL, or why there is
 * none (static text). */
const char *preview_find(struct preview *preview, const struct envelope *envelope, const char *step);

#endif
