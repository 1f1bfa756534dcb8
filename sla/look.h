#ifndef BIHUAN_SLA_LOOK_H
#define BIHUAN_SLA_LOOK_H
/* What a verb opens that looks at the store and ends: configuration, rules, store. */
#include "common/options.h"
#include "sla/store.h"

struct look {
    const struct options *options; /* borrowed */
    struct config config;
    struct ruleset set;
    struct store store; /* opened as a reader */
};

/* EXIT_OK; or the verb's exit code, with the reason on stderr, and nothing is open. Not to be copied. */
int look_open(struct look *look, const struct options *options) __attribute__((warn_unused_result));
/* Says the store's fault on stderr in the verb's name; returns EXIT_FAILED. */
int look_failed(const struct look *look);
void look_close(struct look *look);

#endif
