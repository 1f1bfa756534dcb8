/* The turn of digests: leases, the roll, claims, the scan, sending, settling, in this order.
 *
 * The trap: whoever works on a digest may be killed at any moment. Nothing is kept but the state in Redis and the ledger; the next begins the
 * digest anew under the same id. */
#include "notify/digests.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/log.h"
#include "notify/digest_job.h"

enum { SLICE_MS = 8, LOOK_MS = 1000, CLEAN_MS = 3600000, HOST_BYTES = 24 };

struct digests *digests_open(const struct digest_means *means)
{
    struct digests *digests = xcalloc(1, sizeof *digests);
    char host[HOST_BYTES] = "host";
    gethostname(host, sizeof host - 1);
    for (char *c = host; *c; c++) *c = *c == ' ' ? '-' : *c;
    snprintf(digests->owner, sizeof digests->owner, "%s-%ld-%" PRIx64, host, (long)getpid(), (uint64_t)clock_monotonic_us());
    digests->means = *means;
    digests->job = xcalloc(DIGESTS_MAX, sizeof *digests->job);
    digests->filling = xcalloc(DIGESTS_MAX, sizeof *digests->filling);
    digests->roll.day = INT32_MIN;
    return digests;
}

void digests_close(struct digests *digests)
{
    if (!digests) return;
    digest_scan_end(&digests->scan);
    for (size_t i = 0; i < digests->count; i++) digest_job_free(digests->job[i]);
    digest_entries_free(&digests->entries);
    brought_forget(&digests->brought);
    digest_roll_free(&digests->roll);
    free(digests->job);
    free(digests->filling);
    free(digests);
}

bool digests_idle(const struct digests *digests)
{
    return digests->count == 0;
}

void digests_take_means(struct digests *digests, const struct digest_means *means)
{
    digests->means = *means;
    digest_roll_free(&digests->roll);
    digests->roll.day = INT32_MIN;
    digests->look_ms = 0;
}

static bool is_time(int64_t *next_ms, int64_t every_ms)
{
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms < *next_ms) return false;
    *next_ms = now_ms + every_ms;
    return true;
}

static void clear_up(struct digests *digests)
{
    size_t kept = 0;
    for (size_t i = 0; i < digests->count; i++) {
        struct digest_job *job = digests->job[i];
        bool given_up = job->lost && (job->phase < JOB_SENT || job->phase == JOB_SETTLING);
        if (job->phase == JOB_OVER || (given_up && !(digests->scanning && job->phase == JOB_CLAIMED))) digest_job_free(job);
        else digests->job[kept++] = job;
    }
    digests->count = kept;
}

static void end_scan(struct digests *digests)
{
    digest_scan_end(&digests->scan);
    digests->scanning = false;
}

void digests_lost(struct digests *digests)
{
    end_scan(digests);
    for (size_t i = 0; i < digests->count; i++)
        if (digests->job[i]->phase < JOB_SENT) digests->job[i]->phase = JOB_OVER;
    clear_up(digests);
    digests->look_ms = digests->read_ms = 0;
}

/* --- the roll --- */

static bool has_roll(struct digests *digests, int64_t until_ms)
{
    const struct digest_means *means = &digests->means;
    int64_t now_ms = clock_business_ms(&means->store->clock);
    const struct rules *rules = rulebook_at(means->store->book, now_ms);
    const struct digest_roll_source source = {means->routing, means->sending, rules};
    int32_t day = zone_day(rules->zone, now_ms);
    if (digests->roll.day != day) {
        digest_roll_begin(&digests->roll, day);
        digests->look_ms = 0;
    }
    digest_roll_go_on(&digests->roll, &source, now_ms, until_ms);
    return digests->roll.whole;
}

/* --- the scan --- */

static int by_recipient(const void *a, const void *b)
{
    const struct digest_filling *const *x = a, *const *y = b;
    return ((*x)->recipient > (*y)->recipient) - ((*x)->recipient < (*y)->recipient);
}

/* What was brought by the last of each: a notice of those is told, whenever that is settled. */
static enum store_result read_before(struct digests *digests)
{
    struct brought *list = xcalloc(digests->count + 1, sizeof *list);
    size_t count = 0, n = 0;
    for (size_t i = 0; i < digests->count; i++)
        if (digests->job[i]->phase == JOB_CLAIMED) list[count++].recipient = digests->job[i]->filling.recipient;
    enum store_result result = store_brought_read(digests->means.store, list, count);
    for (size_t i = 0; i < digests->count; i++) {
        struct digest_job *job = digests->job[i];
        if (job->phase != JOB_CLAIMED) continue;
        brought_free(&job->before);
        job->before = list[n++];
        bool last = job->before.instant_ms != INT64_MIN && job->before.instant_ms == job->entry.state.delivered_instant_ms;
        job->filling.before = last ? &job->before : NULL;
    }
    free(list);
    return result;
}

static enum store_result begin_scan(struct digests *digests)
{
    struct store *store = digests->means.store;
    size_t count = 0;
    int64_t now_ms = clock_business_ms(&store->clock);
    for (size_t i = 0; i < digests->count; i++) {
        struct digest_job *job = digests->job[i];
        if (job->phase != JOB_CLAIMED || job->lost) continue;
        struct digest *digest = &job->filling.digest;
        digest->recipient = job->to.person;
        if (job->to.person.bytes == 0) digest->recipient = (struct text){job->to.place[0].endpoint->config->name, strlen(job->to.place[0].endpoint->config->name)};
        digest->name = job->to.name;
        digest->at_ms = now_ms;
        digest->zone = &store->book->zone;
        digests->filling[count++] = &job->filling;
    }
    if (count == 0) return STORE_DONE;
    enum store_result result = read_before(digests);
    if (result != STORE_DONE) return result;
    qsort(digests->filling, count, sizeof(struct digest_filling *), by_recipient);
    digests->composed_ms = clock_shared_ms(&store->clock);
    digest_scan_begin(&digests->scan, store, digests->means.routing, digests->filling, count, now_ms);
    digests->scan.sending = digests->means.sending;
    digests->scan.from_ms = digests->means.config->notify.from_ms;
    digests->scanning = true;
    return STORE_DONE;
}

static enum store_result go_on_scanning(struct digests *digests, int64_t until_ms)
{
    bool done;
    enum store_result result = digest_scan_go_on(&digests->scan, until_ms, &done);
    if (result != STORE_DONE || !done) return result;
    log_info("digest.composed", "digests=%zu cases=%" PRIu64 " lines=%" PRIu64 " unreadable=%" PRIu64, digests->scan.count, digests->scan.cases,
             digests->scan.lines, digests->scan.unreadable);
    for (size_t i = 0; i < digests->count; i++)
        if (digests->job[i]->phase == JOB_CLAIMED && !digests->job[i]->lost) digest_compose(digests->job[i], digests->composed_ms);
    end_scan(digests);
    return STORE_DONE;
}

/* --- the turn --- */

/* What was not sent yet is given back as it was. */
static void let_go(struct digests *digests)
{
    end_scan(digests);
    for (size_t i = 0; i < digests->count; i++) {
        struct digest_job *job = digests->job[i];
        if (job->phase >= JOB_SENT) continue;
        job->next = job->entry.state;
        job->phase = JOB_SETTLING;
    }
    digests->asked = true;
}

/* Is there anything to look for: an instant has come, a try is due, or somebody asks? */
static bool may_be_due(const struct digests *digests)
{
    struct store *store = digests->means.store;
    return digests->read_ms == 0 || digests->asked || clock_business_ms(&store->clock) >= digests->next_instant_ms ||
           clock_shared_ms(&store->clock) >= digests->due_ms;
}

static bool work(struct digests *digests, bool claiming)
{
    int64_t until_ms = clock_monotonic_ms() + SLICE_MS;
    enum store_result result = STORE_DONE;
    if (!claiming && digests->count) let_go(digests);
    if (digests->count && is_time(&digests->renew_ms, digests->means.config->notify.lease_s * 1000 / 3)) result = digest_renew(digests);
    if (result == STORE_DONE && claiming && !digests->scanning && has_roll(digests, until_ms) && is_time(&digests->look_ms, LOOK_MS) && may_be_due(digests)) {
        result = digest_claim(digests);
        if (result == STORE_DONE && is_time(&digests->clean_ms, CLEAN_MS)) result = digest_clean(digests);
        if (result == STORE_DONE) result = begin_scan(digests);
    }
    if (result == STORE_DONE && digests->scanning) result = go_on_scanning(digests, until_ms);
    for (size_t i = 0; i < digests->count && result == STORE_DONE && clock_monotonic_ms() < until_ms + SLICE_MS; i++)
        if (digests->job[i]->phase == JOB_READY && !digests->job[i]->lost) digest_send(digests->job[i]);
    if (result == STORE_DONE) result = digest_settle(digests);
    clear_up(digests);
    if (result == STORE_REFUSED) {
        log_error("digest.store", "reason=%s", log_quote(digests->means.store->fault));
        digests_lost(digests);
    }
    return result != STORE_LOST;
}

bool digests_turn(struct digests *digests, bool claiming)
{
    if (!digests->means.sending && digests->count == 0) return true;
    return work(digests, claiming && digests->means.sending);
}

/* --- what notices ask --- */

enum digest_reading digests_reader(const struct digests *digests, uint64_t recipient, const struct digest_reader **reader)
{
    const struct digest_means *means = &digests->means;
    if (!means->sending) return READING_NONE;
    int64_t now_ms = clock_business_ms(&means->store->clock);
    if (!digests->roll.whole || digests->roll.day != zone_day(rulebook_at(means->store->book, now_ms)->zone, now_ms)) return READING_UNKNOWN;
    *reader = digest_roll_find(&digests->roll, recipient);
    return *reader ? READING_SOME : READING_NONE;
}

/* Did the last that was delivered bring it? Where its list is lost, that it was put together after the notice was left to it must do. */
static bool brought(struct digests *digests, const struct digest_state *state, const struct digest_asked *asked)
{
    if (!state->delivered_instant_ms) return false;
    enum brought_answer answer = brought_ask(&digests->brought, digests->means.store, asked->recipient, state->delivered_instant_ms, asked->part);
    if (answer == BROUGHT_UNKNOWN) return asked->gathered_ms && state->delivered_composed_ms > asked->gathered_ms + DIGEST_MARGIN_MS;
    return answer == BROUGHT_YES;
}

enum digest_fate digests_fate(struct digests *digests, const struct digest_asked *asked, char *id)
{
    const struct digest_entry *entry = digest_entries_find(&digests->entries, asked->recipient);
    const struct digest_state *state = entry ? &entry->state : NULL;
    if (state && brought(digests, state, asked)) {
        digest_id(id, asked->recipient, state->delivered_instant_ms);
        return DIGEST_CARRIED;
    }
    bool known = state && state->instant_ms >= asked->instant_ms;
    digests->asked |= asked->gathered_ms || !known; /* the next time that it asks, what is known is newer */
    if (!known) return DIGEST_WAITS;
    bool stale = clock_business_ms(&digests->means.store->clock) - state->instant_ms > DIGEST_STALE_MS;
    if (state->status == DIGEST_PENDING) return stale ? DIGEST_WAITS : DIGEST_UNDER_WAY;
    bool came = state->status == DIGEST_DELIVERED || state->status == DIGEST_EMPTY;
    return came && state->composed_ms <= asked->gathered_ms + DIGEST_MARGIN_MS ? DIGEST_MISSED : DIGEST_FAILED;
}
