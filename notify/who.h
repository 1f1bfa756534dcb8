#ifndef BIHUAN_NOTIFY_WHO_H
#define BIHUAN_NOTIFY_WHO_H
/* Whom a notice would reach at an instant, through what, and why: an answer for "why did I get this". */
#include <jansson.h>

#include "notify/outfit.h"
#include "sla/rules.h"

/* What is asked. */
struct who {
    struct text unit;               /* that holds the case and owes the step */
    unsigned roles;
    const struct policy_step *step; /* NULL: no step in particular */
    int64_t at_ms;
};

/* {"unit", "name", "at", "roles", "elsewhere", "recipients": […]}; a new reference. Addresses are masked. */
json_t *who_answer(const struct outfit *outfit, const struct rules *rules, const struct who *who);

#endif
