#ifndef BIHUAN_NOTIFY_SAMPLE_H
#define BIHUAN_NOTIFY_SAMPLE_H
/* A made-up case, for trials: received a moment ago by a unit, with the first notice that its rules hold ready. Pure. */
#include "notify/preview.h"
#include "sla/fold.h"

#define SAMPLE_CASE "TEST"

struct sample {
    struct event event;
    struct case_file file;
    struct fold fold;
    struct envelope envelope;
    struct preview preview;
};

/* Borrows unit and rules. NULL, or why there is no notice (static text); sample_free all the same. */
const char *sample_make(struct sample *sample, const struct rules *rules, struct text unit, int64_t now_ms) __attribute__((warn_unused_result));
void sample_free(struct sample *sample);

#endif
