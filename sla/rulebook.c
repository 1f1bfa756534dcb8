/* Following control records.
 *
 * Which version counts for a receipt: of those effective by then, the one effective last; of several, the
 * one activated last. In the ordinary course only those count that had been activated by the receipt, and so a case keeps the rules
 * that it came under; a recalculation looks at all that had been activated by its own place in the
 * log. The trap: editions are numbered record by record, or a number in a stored case would change its
 * meaning when the log grows. */
#include "sla/rulebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "sla/ruleset.h"

/* How far the log has been followed. */
struct progress {
    struct rulebook *book;
    size_t records;             /* followed */
    size_t *policies, *calendars; /* [records]: versions known at each */
};

/* --- versions --- */

static struct version *add_version(struct version **list, size_t *count)
{
    *list = xrealloc(*list, (*count + 1) * sizeof **list);
    struct version *version = &(*list)[(*count)++];
    *version = (struct version){.from_ms = INT64_MIN, .at_ms = INT64_MIN};
    return version;
}

static void note_times(struct version *version, const struct control *record, int64_t from_ms, bool first)
{
    version->record = record;
    if (first) return; /* a first version also covers what came earlier */
    version->from_ms = record->from_ms != INT64_MIN ? record->from_ms : from_ms;
    version->at_ms = record->at_ms;
}

static void activate(struct rulebook *book, struct control *record)
{
    if (record->policy) {
        struct version *version = add_version(&book->policy, &book->policies);
        version->policy = record->policy;
        version->json = record->policy->json;
        note_times(version, record, record->policy->effective_from_ms, book->policies == 1);
    }
    if (record->calendar) {
        struct version *version = add_version(&book->calendar, &book->calendars);
        version->calendar = record->calendar;
        version->json = calendar_json(record->calendar);
        note_times(version, record, INT64_MIN, book->calendars == 1);
    }
}

/* Of the first `count` versions, the one for a receipt; `known`: whenever it was activated. Where none is left of those, the first
 * that is left of all. -1: none. */
static int choose(const struct version *version, size_t versions, size_t count, int64_t received_ms, bool known)
{
    int best = -1, first = -1;
    for (size_t i = 0; i < versions; i++) {
        if (version[i].withdrawn) continue;
        if (first < 0) first = (int)i;
        if (i >= count || version[i].from_ms > received_ms || (!known && version[i].at_ms > received_ms)) continue;
        if (best < 0 || version[i].from_ms >= version[best].from_ms) best = (int)i;
    }
    return best >= 0 ? best : first;
}

/* The first version that has the same content: what an edition goes by. */
static int content_of(const struct version *version, int which)
{
    int at = 0;
    while (strcmp(version[at].json, version[which].json) != 0) at++;
    return at;
}

/* --- editions --- */

/* The edition of a pair; made where there is none. -1: too many. */
static int edition_of(struct rulebook *book, int policy, int calendar)
{
    for (unsigned i = 0; i < book->editions; i++)
        if (book->edition[i]->policy == policy && book->edition[i]->calendar == calendar) return (int)i;
    if (book->editions == EDITIONS_MAX) return -1;
    struct edition *edition = xcalloc(1, sizeof *edition);
    edition->policy = policy;
    edition->calendar = calendar;
    edition->rules = (struct rules){.policy = book->policy[policy].policy, .calendar = book->calendar[calendar].calendar, .zone = &book->zone,
                                    .words = &book->words, .edition = book->editions, .book = book};
    rules_derive(&edition->rules, edition->derived);
    book->edition = xrealloc(book->edition, (book->editions + 1) * sizeof(struct edition *));
    book->edition[book->editions] = edition;
    return (int)book->editions++;
}

/* --- spans --- */

static bool covers(const struct control *recalc, int64_t received_ms)
{
    return recalc->kind == CONTROL_RECALC && received_ms >= recalc->from_ms && received_ms < recalc->to_ms && received_ms < recalc->at_ms;
}

/* The edition for a receipt as far as the log was followed; -1: too many. */
static int bind_receipt(struct progress *progress, int64_t received_ms)
{
    struct rulebook *book = progress->book;
    size_t policies = book->policies, calendars = book->calendars;
    bool known = false;
    for (size_t i = progress->records; i-- > 0 && !known;) {
        if (book->taken_back[i] || !covers(&book->record[i], received_ms)) continue;
        known = true;
        policies = progress->policies[i];
        calendars = progress->calendars[i];
    }
    int policy = choose(book->policy, book->policies, policies, received_ms, known);
    int calendar = choose(book->calendar, book->calendars, calendars, received_ms, known);
    return edition_of(book, content_of(book->policy, policy), content_of(book->calendar, calendar));
}

static int by_instant(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Every instant at which something may change. To be freed. */
static int64_t *instants(const struct progress *progress, size_t *count)
{
    const struct rulebook *book = progress->book;
    int64_t *list = xmalloc((1 + 2 * (book->policies + book->calendars) + 3 * progress->records) * sizeof *list);
    *count = 0;
    list[(*count)++] = INT64_MIN;
    for (size_t i = 0; i < book->policies; i++) {
        list[(*count)++] = book->policy[i].from_ms;
        list[(*count)++] = book->policy[i].at_ms;
    }
    for (size_t i = 0; i < book->calendars; i++) {
        list[(*count)++] = book->calendar[i].from_ms;
        list[(*count)++] = book->calendar[i].at_ms;
    }
    for (size_t i = 0; i < progress->records; i++) {
        if (book->record[i].kind != CONTROL_RECALC) continue;
        list[(*count)++] = book->record[i].from_ms;
        list[(*count)++] = book->record[i].to_ms;
        list[(*count)++] = book->record[i].at_ms;
    }
    qsort(list, *count, sizeof *list, by_instant);
    return list;
}

/* The spans as far as the log was followed; makes the editions that they need. False: too many. */
static bool make_spans(struct progress *progress)
{
    struct rulebook *book = progress->book;
    size_t count;
    if (book->policies == 0 || book->calendars == 0) return true;
    int64_t *list = instants(progress, &count);
    int edition = 0;
    book->span = xrealloc(book->span, count * sizeof *book->span);
    book->spans = 0;
    for (size_t i = 0; i < count && edition >= 0; i++) {
        if (i > 0 && list[i] == list[i - 1]) continue;
        edition = bind_receipt(progress, list[i]);
        if (edition < 0 || (book->spans && book->span[book->spans - 1].edition == (uint8_t)edition)) continue;
        book->span[book->spans++] = (struct span){list[i], (uint8_t)edition};
    }
    free(list);
    return edition >= 0;
}

/* --- following --- */

static bool fail(const struct control *record, const char *why, char *error, size_t error_bytes)
{
    snprintf(error, error_bytes, "record %s: %s", record->id, why);
    return false;
}

/* Takes back what another record did. */
static bool take_back(struct progress *progress, const struct control *record, char *error, size_t error_bytes)
{
    struct rulebook *book = progress->book;
    enum control_kind wanted = record->kind == CONTROL_UNDO ? CONTROL_RECALC : CONTROL_ACTIVATE;
    size_t index = 0;
    while (index < progress->records && (strcmp(book->record[index].id, record->of) != 0 || book->record[index].kind != wanted)) index++;
    if (index == progress->records) return fail(record, "what it takes back is not there", error, error_bytes);
    book->taken_back[index] = true;
    for (size_t i = 0; i < book->policies; i++) book->policy[i].withdrawn |= book->policy[i].record == &book->record[index];
    for (size_t i = 0; i < book->calendars; i++) book->calendar[i].withdrawn |= book->calendar[i].record == &book->record[index];
    bool none_left = choose(book->policy, book->policies, 0, 0, true) < 0 || choose(book->calendar, book->calendars, 0, 0, true) < 0;
    if (record->kind == CONTROL_WITHDRAW && none_left)
        return fail(record, "it would leave no policy or no calendar", error, error_bytes);
    return true;
}

/* For cases that later decisions do not reach. */
static void keep_spans(struct rulebook *book, size_t record)
{
    struct past *past = &book->past[record];
    past->spans = book->spans;
    past->span = xmalloc((book->spans + 1) * sizeof *past->span);
    if (book->spans) memcpy(past->span, book->span, book->spans * sizeof *past->span);
}

/* Of those that rebind nothing. */
static bool is_silence(const struct control *record)
{
    return record->kind == CONTROL_SILENCE || record->kind == CONTROL_LIFT;
}

static bool follow(struct progress *progress, char *error, size_t error_bytes)
{
    struct rulebook *book = progress->book;
    struct control *record = &book->record[progress->records];
    if (record->kind == CONTROL_ACTIVATE) {
        if (record->policy && !vocabulary_take(&book->words, record->policy)) return fail(record, "too many names of clocks and steps over all versions", error, error_bytes);
        activate(book, record);
    } else if ((record->kind == CONTROL_UNDO || record->kind == CONTROL_WITHDRAW) && !take_back(progress, record, error, error_bytes)) {
        return false;
    } else if (is_silence(record)) {
        const char *fault = silences_follow(&book->silences, record);
        if (fault) return fail(record, fault, error, error_bytes);
    }
    book->forgets |= record->kind == CONTROL_FORGET;
    progress->policies[progress->records] = book->policies;
    progress->calendars[progress->records] = book->calendars;
    progress->records++;
    if (record->kind != CONTROL_FORGET && !is_silence(record) && !make_spans(progress)) {
        snprintf(error, error_bytes, "record %s: more than %d pairs of policy and calendar", record->id, EDITIONS_MAX);
        return false;
    }
    keep_spans(book, progress->records - 1);
    return true;
}

static bool read_records(struct rulebook *book, const struct text *records, size_t count, char *error, size_t error_bytes)
{
    char why[256];
    book->text = xcalloc(count + 1, sizeof *book->text);
    book->record = xcalloc(count + 1, sizeof *book->record);
    book->taken_back = xcalloc(count + 1, sizeof *book->taken_back);
    book->past = xcalloc(count + 1, sizeof *book->past);
    for (; book->records < count; book->records++) {
        size_t i = book->records;
        const char *fault = control_parse(&book->record[i], records[i].at, records[i].bytes, why, sizeof why);
        if (fault) {
            snprintf(error, error_bytes, "record %zu: %s", i + 1, fault);
            return false;
        }
        book->text[i] = xstrndup(records[i].at, records[i].bytes);
    }
    return true;
}

struct rulebook *rulebook_build(const char *zone, int64_t retention_ms, const struct text *records, size_t count, char *error, size_t error_bytes)
{
    struct rulebook *book = xcalloc(1, sizeof *book);
    struct progress progress = {.book = book, .policies = xcalloc(count + 1, sizeof(size_t)), .calendars = xcalloc(count + 1, sizeof(size_t))};
    book->retention_ms = retention_ms;
    bool good = zone_load(&book->zone, zone);
    if (!good) snprintf(error, error_bytes, "no time zone \"%s\" on this machine", zone);
    good = good && read_records(book, records, count, error, error_bytes);
    while (good && progress.records < book->records) good = follow(&progress, error, error_bytes);
    if (good && book->spans == 0) {
        snprintf(error, error_bytes, "no record activates %s", book->policies ? "a calendar" : "a policy");
        good = false;
    }
    free(progress.policies);
    free(progress.calendars);
    if (good) return book;
    rulebook_free(book);
    return NULL;
}

struct rulebook *rulebook_of_one(const struct rules *rules)
{
    struct rulebook *book = xcalloc(1, sizeof *book);
    book->one = rules;
    return book;
}

void rulebook_free(struct rulebook *book)
{
    if (!book) return;
    for (unsigned i = 0; i < book->editions; i++) {
        for (int k = 0; k < POLICY_CALENDARS_MAX; k++) calendar_free(book->edition[i]->derived[k]);
        free(book->edition[i]);
    }
    for (size_t i = 0; i < book->records; i++) {
        control_clear(&book->record[i]);
        free(book->text[i]);
        free(book->past[i].span);
    }
    free(book->edition);
    free(book->record);
    free(book->past);
    free(book->text);
    free(book->taken_back);
    free(book->policy);
    free(book->calendar);
    free(book->span);
    silences_free(&book->silences);
    vocabulary_free(&book->words);
    free(book);
}

/* --- binding --- */

const struct rules *rulebook_edition(const struct rulebook *book, unsigned edition)
{
    if (book->one) return book->one;
    return &book->edition[edition < book->editions ? edition : book->editions - 1]->rules;
}

static const struct rules *span_at(const struct rulebook *book, const struct span *span, size_t spans, int64_t received_ms)
{
    size_t low = 0, high = spans;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (span[middle].from_ms <= received_ms) low = middle;
        else high = middle;
    }
    return &book->edition[span[low].edition]->rules;
}

const struct rules *rulebook_at(const struct rulebook *book, int64_t received_ms)
{
    return book->one ? book->one : span_at(book, book->span, book->spans, received_ms);
}

/* As of the last decision before the case would have shrunk. */
static const struct rules *bind_at(const struct rulebook *book, const struct case_file *file, int64_t received_ms)
{
    int64_t shrinks_ms = case_shrink_instant(file, book->retention_ms);
    size_t records = book->records;
    while (records > 1 && book->record[records - 1].real_ms >= shrinks_ms) records--;
    const struct past *past = &book->past[records - 1];
    return past->spans ? span_at(book, past->span, past->spans, received_ms) : rulebook_at(book, received_ms);
}

const struct rules *rulebook_bind(const struct rulebook *book, const struct case_file *file)
{
    enum event_type receipt = file->of == OF_RATING ? RATING_SUBMITTED : TICKET_RECEIVED;
    if (book->one) return book->one;
    if (file->stub) return rulebook_edition(book, file->edition); /* what it rests on is gone */
    for (size_t i = 0; i < file->events; i++)
        if (file->event[i].type == receipt && !(file->event[i].flags & EVENT_LINK)) return bind_at(book, file, file->event[i].at_ms);
    return rulebook_edition(book, 0);
}

const struct rules *rulebook_widest(const struct rulebook *book)
{
    const struct rules *last = rulebook_at(book, INT64_MAX);
    for (unsigned i = 0; i < book->editions; i++)
        if (book->edition[i]->rules.policy->has_contact) return &book->edition[i]->rules;
    return last;
}

/* --- the rest --- */

bool rulebook_lists_reason(const struct rulebook *book, struct text reason, int64_t at_ms)
{
    if (book->one) return policy_reason(book->one->policy, reason) != NULL;
    for (size_t i = 0; i < book->policies; i++)
        if (book->policy[i].at_ms <= at_ms && policy_reason(book->policy[i].policy, reason)) return true;
    return false;
}

bool rulebook_forgot(const struct rulebook *book, struct text citizen, int64_t at_ms)
{
    uint8_t hash[CONTROL_HASH_BYTES];
    if (!book->forgets || !citizen.bytes) return false;
    control_citizen(hash, citizen);
    for (size_t i = 0; i < book->records; i++) {
        const struct control *record = &book->record[i];
        if (record->kind == CONTROL_FORGET && at_ms <= record->at_ms && !memcmp(record->citizen, hash, sizeof hash)) return true;
    }
    return false;
}

bool rulebook_forget(const struct rulebook *book, struct case_file *file)
{
    bool any = false;
    if (!book->forgets) return false;
    for (size_t i = 0; i < file->events; i++) {
        const struct event *event = &file->event[i];
        struct text citizen = event_citizen(event);
        if (!rulebook_forgot(book, citizen, event->at_ms)) continue;
        ((struct event_detail *)(uintptr_t)event->detail)->citizen = (struct text){0};
        any = true;
    }
    return any;
}

const struct control *rulebook_record(const struct rulebook *book, const char *id, size_t *index)
{
    for (size_t i = 0; i < book->records; i++) {
        if (strcmp(book->record[i].id, id) != 0) continue;
        if (index) *index = i;
        return &book->record[i];
    }
    return NULL;
}
