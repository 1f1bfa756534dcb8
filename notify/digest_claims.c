/* Who is due a digest, and who works on it.
 *
 * The trap: only the latest instant counts. After an outage a recipient gets one digest at most, and none that is older than
 * DIGEST_STALE_MS. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "notify/digest_job.h"

enum {
    PUT_MOST = 512,           /* states written in one call */
    GONE_DAYS = 30,           /* after which the state of one who gets no digests any more is taken away, */
    KEPT_DAYS = 400,          /* and that of anybody */
    HOURS_MAX = 256,          /* kinds of recipient told apart in one look */
    HORIZON_MS = 60000,       /* real time after which it is looked again in any case */
};

static int64_t lease_ms(const struct digests *digests)
{
    return digests->means.config->notify.lease_s * 1000;
}

void digest_job_free(struct digest_job *job)
{
    digest_clear(&job->filling.digest);
    brought_free(&job->filling.brought);
    brought_free(&job->before);
    pool_free(&job->kept);
    pool_free(&job->pool);
    free(job);
}

/* --- instants --- */

/* Digests of those whom one channel reaches as some roles: worked out once a look. */
struct hours {
    enum config_channel channel;
    unsigned roles;
    int64_t last_ms, next_ms;
    bool morning;
};

struct timetable {
    struct hours at[HOURS_MAX];
    size_t count;
    int64_t now_ms;
};

static const struct hours *hours_of(struct timetable *table, const struct digests *digests, const struct digest_reader *reader)
{
    const struct rules *rules = rulebook_at(digests->means.store->book, table->now_ms);
    for (size_t i = 0; i < table->count; i++)
        if (table->at[i].channel == reader->channel && table->at[i].roles == reader->to.roles) return &table->at[i];
    struct hours *hours = &table->at[table->count < HOURS_MAX ? table->count++ : HOURS_MAX - 1];
    *hours = (struct hours){.channel = reader->channel, .roles = reader->to.roles};
    hours->last_ms = sending_last_digest(digests->means.sending, rules, hours->channel, hours->roles, table->now_ms, &hours->morning);
    hours->next_ms = sending_next_digest(digests->means.sending, rules, hours->channel, hours->roles, table->now_ms);
    return hours;
}

/* --- claims --- */

static struct digest_job *job_of(const struct digests *digests, uint64_t recipient)
{
    for (size_t i = 0; i < digests->count; i++)
        if (digests->job[i]->filling.recipient == recipient) return digests->job[i];
    return NULL;
}

static bool may_be_claimed(const struct digests *digests, const struct digest_entry *entry)
{
    return !entry || entry->until_ms <= digests->entries.now_ms || !strcmp(entry->owner, digests->owner);
}

static struct text keep(struct pool *pool, struct text text)
{
    return text.bytes ? (struct text){pool_copy(pool, text.at, text.bytes), text.bytes} : (struct text){0};
}

static struct digest_job *job_new(struct digests *digests, const struct digest_reader *reader, const struct digest_entry *entry, int64_t instant_ms)
{
    struct digest_job *job = xmalloc(sizeof *job);
    *job = (struct digest_job){.digests = digests, .to = reader->to, .kept = {.chunk_bytes = 1024}};
    job->filling.recipient = job->before.recipient = job->filling.brought.recipient = reader->to.key;
    job->filling.brought.instant_ms = instant_ms;
    job->filling.channel = reader->channel;
    job->filling.roles = reader->to.roles;
    job->to.person = keep(&job->kept, reader->to.person);
    job->to.name = keep(&job->kept, reader->to.name);
    for (size_t i = 0; i < job->to.places; i++) job->to.place[i].address = keep(&job->kept, reader->to.place[i].address);
    if (entry) job->entry = *entry;
    job->entry.state.recipient = reader->to.key;
    if (!entry || entry->state.instant_ms != instant_ms) { /* what was delivered last is kept */
        struct digest_state *state = &job->entry.state;
        *state = (struct digest_state){.recipient = state->recipient, .instant_ms = instant_ms, .delivered_instant_ms = state->delivered_instant_ms,
                                       .delivered_composed_ms = state->delivered_composed_ms};
    }
    job->next = job->entry.state;
    digest_id(job->id, reader->to.key, instant_ms);
    digest_recipient_print(job->key, reader->to.key);
    return job;
}

/* What one recipient is due now: NULL for nothing. */
static struct digest_job *due(struct digests *digests, struct timetable *table, const struct digest_reader *reader)
{
    const struct hours *hours = hours_of(table, digests, reader);
    const struct digest_entry *entry = digest_entries_find(&digests->entries, reader->to.key);
    bool fresh = hours->last_ms != INT64_MIN && table->now_ms - hours->last_ms <= DIGEST_STALE_MS && (!entry || entry->state.instant_ms < hours->last_ms);
    bool pending = entry && entry->state.status == DIGEST_PENDING && !fresh;
    if (hours->next_ms < digests->next_instant_ms) digests->next_instant_ms = hours->next_ms;
    if ((!fresh && !pending) || job_of(digests, reader->to.key)) return NULL;
    int64_t again_ms = may_be_claimed(digests, entry) ? 0 : entry->until_ms;
    if (pending && entry->state.next_try_ms > again_ms) again_ms = entry->state.next_try_ms;
    if (again_ms > digests->entries.now_ms) {
        if (again_ms < digests->due_ms) digests->due_ms = again_ms;
        return NULL;
    }
    struct digest_job *job = job_new(digests, reader, entry, fresh ? hours->last_ms : entry->state.instant_ms);
    job->morning = hours->morning;
    return job;
}

/* Leases a few jobs in one call; those that are ours go on, the others are freed. */
static enum store_result lease(struct digests *digests, struct digest_job **job, size_t count, int64_t now_ms)
{
    struct digest_entry *entry[PUT_MOST] = {NULL};
    bool done[PUT_MOST] = {false};
    for (size_t i = 0; i < count; i++) entry[i] = &job[i]->entry;
    enum store_result result = store_digests_put(digests->means.store, DIGEST_LEASE, digests->owner, lease_ms(digests), entry, done, count);
    for (size_t i = 0; i < count; i++) {
        if (!done[i]) {
            digest_job_free(job[i]);
            continue;
        }
        digests->job[digests->count++] = job[i];
        if (now_ms - job[i]->entry.state.instant_ms > DIGEST_STALE_MS) digest_give_up(job[i], "its time has passed");
    }
    return result;
}

static enum store_result read_entries(struct digests *digests)
{
    digest_entries_free(&digests->entries);
    digests->read_ms = clock_monotonic_ms();
    digests->asked = false;
    return store_digests_read(digests->means.store, &digests->entries);
}

enum store_result digest_claim(struct digests *digests)
{
    struct timetable table = {.now_ms = clock_business_ms(&digests->means.store->clock)};
    struct digest_job *job[PUT_MOST];
    struct digest_reader *reader, *next;
    size_t count = 0;
    enum store_result result = read_entries(digests);
    digests->next_instant_ms = INT64_MAX;
    digests->due_ms = clock_shared_ms(&digests->means.store->clock) + HORIZON_MS;
    HASH_ITER(hh, digests->roll.readers, reader, next) {
        if (result != STORE_DONE || digests->count + count == DIGESTS_MAX) break;
        if ((job[count] = due(digests, &table, reader))) count++;
        if (count < PUT_MOST) continue;
        result = lease(digests, job, count, table.now_ms);
        count = 0;
    }
    if (result == STORE_DONE && count) return lease(digests, job, count, table.now_ms);
    for (size_t i = 0; i < count; i++) digest_job_free(job[i]);
    return result;
}

/* --- leases and states --- */

typedef bool job_is(const struct digest_job *job);

static bool is_held(const struct digest_job *job)
{
    return job->phase != JOB_OVER && !job->lost;
}

static bool is_settled(const struct digest_job *job)
{
    return job->phase == JOB_SETTLING && !job->lost;
}

static enum store_result put_all(struct digests *digests, job_is *is, enum digest_put put)
{
    enum store_result result = STORE_DONE;
    for (size_t from = 0; from < digests->count && result == STORE_DONE;) {
        struct digest_job *job[PUT_MOST];
        struct digest_entry *entry[PUT_MOST];
        bool done[PUT_MOST] = {false};
        size_t count = 0;
        for (; from < digests->count && count < PUT_MOST; from++) {
            if (!is(digests->job[from])) continue;
            job[count] = digests->job[from];
            if (put == DIGEST_RETURN) job[count]->entry.state = job[count]->next;
            entry[count] = &job[count]->entry;
            count++;
        }
        if (count == 0) break;
        result = store_digests_put(digests->means.store, put, digests->owner, lease_ms(digests), entry, done, count);
        for (size_t i = 0; i < count && result == STORE_DONE; i++) {
            job[i]->lost = !done[i];
            if (!done[i]) log_warn("digest.given_up", "id=%s note=%s", job[i]->id, log_quote("somebody else has it by now"));
            if (put != DIGEST_RETURN) continue;
            job[i]->phase = JOB_OVER;
            digests->asked = true; /* a try may be due at once, and notices ask */
        }
    }
    return result;
}

enum store_result digest_renew(struct digests *digests)
{
    return put_all(digests, is_held, DIGEST_LEASE);
}

/* What those brought that were delivered: it stands there before their states say so. */
static enum store_result put_brought(struct digests *digests)
{
    struct brought *list[PUT_MOST];
    enum store_result result = STORE_DONE;
    for (size_t from = 0; from < digests->count && result == STORE_DONE;) {
        size_t count = 0;
        for (; from < digests->count && count < PUT_MOST; from++) {
            struct digest_job *job = digests->job[from];
            if (is_settled(job) && job->next.status == DIGEST_DELIVERED) list[count++] = &job->filling.brought;
        }
        result = store_brought_put(digests->means.store, list, count);
    }
    return result;
}

enum store_result digest_settle(struct digests *digests)
{
    enum store_result result = put_brought(digests);
    return result == STORE_DONE ? put_all(digests, is_settled, DIGEST_RETURN) : result;
}

enum store_result digest_clean(struct digests *digests)
{
    struct digest_entry *entry[PUT_MOST] = {NULL};
    uint64_t recipient[PUT_MOST];
    bool done[PUT_MOST];
    size_t count = 0;
    int64_t now_ms = clock_business_ms(&digests->means.store->clock);
    for (size_t i = 0; i < digests->entries.count && count < PUT_MOST; i++) {
        struct digest_entry *one = &digests->entries.at[i];
        int64_t days = (now_ms - one->state.instant_ms) / DAY_MS;
        bool gone = days > KEPT_DAYS || (days > GONE_DAYS && !digest_roll_find(&digests->roll, one->state.recipient));
        if (!gone || one->until_ms > digests->entries.now_ms) continue;
        recipient[count] = one->state.recipient;
        entry[count++] = one;
    }
    enum store_result result = store_brought_remove(digests->means.store, recipient, count);
    return count && result == STORE_DONE ? store_digests_put(digests->means.store, DIGEST_REMOVE, digests->owner, 0, entry, done, count) : result;
}
