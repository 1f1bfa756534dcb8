#ifndef BIHUAN_NOTIFY_PLAN_H
#define BIHUAN_NOTIFY_PLAN_H
/* Plans a demanded notice: who is to have it, who of them gets it now and through which endpoint, who waits for an opening, a rate or
 * another try and until when, and who reads it in a digest. What is planned is worked out anew whenever the case is looked at. */
#include "notify/notifier.h"

enum plan {
    PLAN_SEND,    /* deliveries were added, or a digest takes or has brought it: to be concluded */
    PLAN_WAIT,    /* nobody now: to be looked at again later */
    PLAN_NOBODY,  /* nobody can be reached at all, the dispatcher included */
};

/* PLAN_SEND: *notice was added to the errand, its parts and deliveries filled in but for their messages; nothing is sent yet.
 * PLAN_WAIT: *wait_ms is the real time. */
enum plan plan_notice(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand, const char *id,
                      struct notice **notice, int64_t *wait_ms);

#endif
