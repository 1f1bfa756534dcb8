/* A complaint that nobody made. */
#include "notify/sample.h"

const char *sample_make(struct sample *sample, const struct rules *rules, struct text unit, int64_t now_ms)
{
    *sample = (struct sample){.event = {.at_ms = now_ms, .type = TICKET_RECEIVED, .kind = KIND_COMPLAINT, .unit = unit, .flags = EVENT_HAS_UNIT},
                              .file = {.of = OF_TICKET, .id = TEXT(SAMPLE_CASE), .as_of_ms = INT64_MIN, .due_ms = INT64_MAX}};
    if (case_add(&sample->file, &sample->event, NULL) != CASE_ADDED) return "the made-up case cannot be made";
    fold_case(&sample->fold, rules, &sample->file, now_ms);
    sample->envelope = (struct envelope){&sample->file, &sample->fold, rules, now_ms};
    return preview_find(&sample->preview, &sample->envelope, NULL);
}

void sample_free(struct sample *sample)
{
    fold_free(&sample->fold);
    case_clear(&sample->file);
}
