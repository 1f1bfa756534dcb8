#ifndef BIHUAN_NOTIFY_WORDS_H
#define BIHUAN_NOTIFY_WORDS_H
/* Words: notices, alerts and digests filled into templates (conf/templates, docs/TEMPLATES.md). Pure once loaded. */
#include "notify/channel.h"
#include "notify/digest.h"
#include "sla/cluster.h"
#include "sla/envelope.h"
#include "sla/units.h"

struct words;

/* Reads the templates of the configured language for the channels that the configured endpoints use (all of them where `all`). The caller owns the result. NULL on
 * error, every fault a line in *faults. */
struct words *words_open(const struct config *config, bool all, struct buffer *faults);
void words_close(struct words *words);

/* What a notice is about, beside its envelope and demand. Borrowed. */
struct wording {
    const struct envelope *envelope;   /* of an alert: its rules and now_ms alone count */
    const struct demand *demand;
    const struct alert *alert;         /* of an alert, else NULL */
    const struct units *units;         /* for names; NULL for none */
    const char *id;                    /* of the notice */
    const char *seen_link, *signed_link; /* of the acknowledgement, "" for none */
    bool trial;                        /* marked as a trial, that nobody need act on */
    bool elsewhere;                    /* nobody of the unit could be reached: the dispatcher is told instead */
};

/* Fills in a notice for an endpoint; the envelope as JSON is the caller's. Memory from the pool. */
void words_notice(const struct words *words, const struct config_endpoint *endpoint, const struct wording *wording, struct message *message,
                  struct pool *pool);
/* The same of a digest. */
void words_digest(const struct words *words, const struct config_endpoint *endpoint, const struct digest *digest, const struct units *units,
                  const char *id, struct message *message, struct pool *pool);

#endif
