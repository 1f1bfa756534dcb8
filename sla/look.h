#ifndef BIHUAN_SLA_LOOK_H
#define BIHUAN_SLA_LOOK_H
/* What a verb opens that looks at the store, or changes something there, and ends: configuration, rules, store. */
#include "common/options.h"
#include "sla/case_codec.h"
#include "sla/store.h"

struct look {
    const struct options *options; /* borrowed */
    struct config config;
    struct ruleset set;
    struct store store; /* opened as a reader */
    bool refused;       /* something cannot be told any more; said on stderr, EXIT_FAILED is right */
};

/* EXIT_OK; or the verb's exit code, with the reason on stderr, and nothing is open. Not to be copied. */
int look_open(struct look *look, const struct options *options) __attribute__((warn_unused_result));
/* The same, for a verb that changes something: opened as a daemon opens it, and up to date with the topic of control records. */
int look_open_to_write(struct look *look, const struct options *options) __attribute__((warn_unused_result));
/* Shows the ticket and the rating of that name by `show`, which returns whether there was anything by then.
 * The verb's exit code; what failed, or that there is none, is said on stderr. */
int look_each(struct look *look, const char *name, bool (*show)(struct look *look, struct case_file *file, int64_t as_of_ms), int64_t as_of_ms);
/* Is the case a stub that does not tell what it was at that instant (as_of_ms: INT64_MIN for any)? Then says so on stderr, and
 * sets look->refused. */
bool look_refuses(struct look *look, const struct case_file *file, int64_t as_of_ms);
/* An instant from an option (NULL: now, by the shared clock). False, said on stderr, when it is none; EXIT_USAGE is right then. */
bool look_instant(struct look *look, const char *name, const char *text, int64_t *at_ms);
/* Says the store's fault on stderr in the verb's name; returns EXIT_FAILED. */
int look_failed(const struct look *look);
void look_close(struct look *look);

#endif
