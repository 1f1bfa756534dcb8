/* Following silences.
 *
 * The trap: whoever lifts one twice, or after it ended, must not make the log impossible to follow: the first that
 * ends it counts. */
#include "sla/silence.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "sla/rulebook.h"

static struct silence *find(const struct silences *silences, const char *id)
{
    for (size_t i = 0; i < silences->count; i++)
        if (!strcmp(silences->at[i].record->id, id)) return &silences->at[i];
    return NULL;
}

_Static_assert(SILENCES_MAX == 256, "the text says how many");
static const char too_many[] = "more than 256 silences in force or to come";

static const char *begin(struct silences *silences, const struct control *record)
{
    size_t unended = 0;
    for (size_t i = 0; i < silences->count; i++) unended += silences->at[i].until_ms > record->at_ms;
    if (unended >= SILENCES_MAX) return too_many;
    if (silences->count == silences->room) {
        silences->room = silences->room ? silences->room * 2 : 8;
        silences->at = xrealloc(silences->at, silences->room * sizeof *silences->at);
    }
    silences->at[silences->count++] =
        (struct silence){.record = record, .from_ms = record->from_ms == INT64_MIN ? record->at_ms : record->from_ms, .until_ms = record->to_ms};
    return NULL;
}

static const char *lift(struct silences *silences, const struct control *record)
{
    struct silence *silence = find(silences, record->of);
    if (!silence) return "what it lifts is not there";
    if (record->at_ms >= silence->until_ms) return NULL;
    silence->until_ms = record->at_ms;
    silence->lift = record;
    return NULL;
}

const char *silences_follow(struct silences *silences, const struct control *record)
{
    return record->kind == CONTROL_SILENCE ? begin(silences, record) : lift(silences, record);
}

void silences_free(struct silences *silences)
{
    free(silences->at);
    *silences = (struct silences){0};
}

bool silence_in_force(const struct silence *silence, int64_t business_ms)
{
    return silence->from_ms <= business_ms && business_ms < silence->until_ms;
}

static bool is_named(struct text text, const char *name)
{
    return text.bytes == strlen(name) && !memcmp(text.at, name, text.bytes);
}

bool silence_covers(const struct silence *silence, const struct silence_case *what)
{
    const struct control *record = silence->record;
    if (*record->unit) return is_named(what->unit, record->unit);
    return !*record->item || is_named(what->item, record->item);
}

const struct silence *silence_at(const struct rulebook *book, const struct silence_case *what, int64_t business_ms)
{
    const struct silence *last = NULL;
    for (size_t i = 0; i < book->silences.count; i++) {
        const struct silence *silence = &book->silences.at[i];
        if (!silence_in_force(silence, business_ms) || !silence_covers(silence, what)) continue;
        if (!last || silence->until_ms > last->until_ms) last = silence;
    }
    return last;
}

const struct silence *silence_named(const struct rulebook *book, const char *id)
{
    return find(&book->silences, id);
}
