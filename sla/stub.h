#ifndef BIHUAN_SLA_STUB_H
#define BIHUAN_SLA_STUB_H
/* What is left of a closed case past its retention: the case as it stood at the
 * instant of its shrinking, without its events. It prints as the whole case did,
 * counts in the figures as it did, and folds on from what comes after. Gone are
 * title, citizen, reasons, event keys and what was told. */
#include "sla/fold.h"

struct buffer;
struct reader;

struct stub_clock {
    uint8_t name_index, kind; /* sla/policy.h: how its rule is found again */
    uint8_t outcome;          /* enum clock_outcome: met, missed or cancelled */
    bool main, provisional, stated;
    uint32_t round;
    int64_t started_ms, deadline_ms, ended_ms;
    int64_t ours_ms, theirs_ms; /* where the platform stated its own deadline */
    int32_t last_day;
    struct text unit;
};

struct stub {
    int64_t at_ms;        /* the instant of the shrinking: what is timed before it is refused */
    int64_t begun_ms;     /* first event */
    int64_t received_ms;
    int64_t last_ms;      /* last event of its own: as of this instant or later the figures hold it whole */
    int64_t final_ms;     /* voided or merged; INT64_MAX for never */
    int64_t satisfied_ms; /* when `satisfaction` was given */
    uint8_t class, state; /* place in the policy, enum case_state */
    uint8_t outcome, satisfaction;
    uint8_t kind, urgency, stars; /* what its class rests on, beside item, area and channel */
    bool simple, is_default, upheld;
    uint32_t round;
    int main;             /* index of the last round's main clock, -1 for none */
    struct text unit, first_unit, co_units;
    struct text item, area, channel; /* where the policy's rules look at them; else empty */
    size_t clocks, shares, contributions;
    struct stub_clock *clock;
    struct share *share;               /* of policies with share clocks */
    struct contribution *contribution; /* those that the rest does not tell */
};

/* Of a case at rest (shrink_at_rest), folded as of at_ms. Texts are borrowed from fold and file, arrays lie in the pool. */
struct stub *stub_make(const struct fold *fold, const struct case_file *file, const struct rules *rules, int64_t at_ms, struct pool *pool);

/* A link timed before the shrinking is taken all the same: it comes by another topic, so whether it came sooner
 * must not matter. Sets the satisfaction where the rating is the later one. */
void stub_link(struct stub *stub, const struct event *link);

/* Packing (sla/stub_codec.c). Taken apart: NULL and in->bad where it is none; texts are borrowed from the input. */
void stub_put(struct buffer *out, const struct stub *stub);
struct stub *stub_take(struct reader *in, struct pool *pool);

#endif
