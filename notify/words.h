#ifndef BIHUAN_NOTIFY_WORDS_H
#define BIHUAN_NOTIFY_WORDS_H
/* Words: notices, alerts and digests filled into templates (conf/templates, docs/TEMPLATES.md). Pure once loaded. */
#include "notify/alert.h"
#include "notify/channel.h"
#include "notify/digest.h"
#include "sla/units.h"

struct words;

/* Reads names and templates of the configured language. What a channel that endpoints use needs must be there (`all`: what any channel
 * needs); every file that is there must be right. Where no endpoint needs words, nothing is read. The caller owns the result; the
 * configuration is borrowed. NULL on error, every fault a line in *faults. */
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

/* Fills in a notice for an endpoint: every member of *message but the envelope as JSON, which is the caller's. For a channel that needs no words
 * the texts are "". Memory from the pool. */
void words_notice(const struct words *words, const struct config_endpoint *endpoint, const struct wording *wording, struct message *message,
                  struct pool *pool);
/* The same of a digest. */
void words_digest(const struct words *words, const struct config_endpoint *endpoint, const struct digest *digest, const struct units *units,
                  const char *id, struct message *message, struct pool *pool);

#endif
