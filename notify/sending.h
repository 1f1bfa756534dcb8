#ifndef BIHUAN_NOTIFY_SENDING_H
#define BIHUAN_NOTIFY_SENDING_H
/* When notices go: sending hours by channel and role on a calendar of their own, what may pass at any hour, and digests.
 * Pure; data: conf/sending.json, conf/schema/sending.json, docs/SENDING.md. All instants are business time, ms. */
#include "common/buffer.h"
#include "common/config.h"
#include "sla/demand.h"
#include "sla/rules.h"

enum {
    SENDING_RULES_MAX = 32,   /* of hours, of digests */
    SENDING_PERIODS_MAX = 6,  /* a day */
    SENDING_TIMES_MAX = 12,   /* digests a day */
    SENDING_WORDS_MAX = 64,   /* classes, steps that are named */
    SENDING_FAULTS_BYTES = 1 << 16,
};

struct sending;

/* Loads a sending file. The caller owns the result. NULL on error, every fault a line "FILE: path: reason\n" in *faults. */
struct sending *sending_load(const char *file, struct buffer *faults);
/* The same from JSON text; `called` stands for the file. */
struct sending *sending_parse(const char *text, size_t bytes, const char *called, struct buffer *faults);
void sending_free(struct sending *sending);

/* What a notice is, as far as its hour is concerned. */
struct sending_case {
    enum config_channel channel;
    unsigned roles;               /* as which the recipient is addressed */
    const char *class;            /* name of the class; NULL of an alert */
    enum urgency urgency;
    const struct policy_step *step; /* NULL for what stands in no ladder */
    enum demand_kind kind;
};

/* The first instant from now on at which it may be sent: now itself when the hours are open, or when it passes at any hour (a critical class,
 * urgency or step). `rules` give calendar and zone. `sending` NULL: now. */
int64_t sending_opens(const struct sending *sending, const struct rules *rules, const struct sending_case *notice, int64_t now_ms);
/* May it pass outside the hours, and never waits for a digest? */
bool sending_is_critical(const struct sending *sending, const struct sending_case *notice);

/* Does this notice go with the recipient's digest rather than alone? */
bool sending_gathers(const struct sending *sending, const struct sending_case *notice);
/* The next digest of a recipient on this channel with these roles after now, and the latest at or before it; INT64_MAX and INT64_MIN where
 * it gets none. *morning: whether that one is the day's first, which is sent though nothing was gathered. */
int64_t sending_next_digest(const struct sending *sending, const struct rules *rules, enum config_channel channel, unsigned roles, int64_t now_ms);
int64_t sending_last_digest(const struct sending *sending, const struct rules *rules, enum config_channel channel, unsigned roles, int64_t now_ms,
                            bool *morning);

#endif
