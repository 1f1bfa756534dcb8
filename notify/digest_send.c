/* One digest: put together, sent, recorded.
 *
 * The trap: what came of it counts once the ledger has it. So the state that is to be is kept apart (`next`) until then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/log.h"
#include "notify/backoff.h"
#include "notify/chain.h"
#include "notify/digest_envelope.h"
#include "notify/digest_job.h"
#include "notify/digest_record.h"

enum { PUNCTUAL_MS = 30 * 60000 /* business time within which a digest goes though the hours may have ended since its instant */,
       FRESH_MS = 300000 /* real time for which one may wait for its endpoint */, POOL_BYTES = 16384 };

static int64_t real_ms(const struct digest_job *job)
{
    return clock_shared_ms(&job->digests->means.store->clock);
}

static int64_t business_ms(const struct digest_job *job)
{
    return clock_business_ms(&job->digests->means.store->clock);
}

static struct place *place_of(struct digest_job *job)
{
    unsigned place = job->next.place;
    return &job->to.place[place < job->to.places ? place : job->to.places - 1];
}

/* --- what came of it --- */

static void record(struct digest_job *job, struct place *place)
{
    const struct digest_means *means = &job->digests->means;
    struct digest_letter letter = {.job = job, .key = job->key, .shard = (unsigned)(job->filling.recipient % means->store->shards)};
    job->next.recipient = job->filling.recipient;
    letter.header = digest_record_header(job->proof, &job->next);
    job->phase = JOB_RECORDING;
    arena_begin();
    letter.value = digest_record(job, place, business_ms(job));
    means->record(means->context, &letter);
    arena_end();
}

void digests_recorded(void *opaque)
{
    struct digest_job *job = opaque;
    job->phase = JOB_SETTLING;
}

static void deliver_to_next(struct digest_job *job, bool hopeless, int64_t wait_ms)
{
    struct digest_state *next = &job->next;
    if ((hopeless || wait_ms < 0 || next->failures >= (unsigned)job->digests->means.config->notify.fallback_after) && next->place + 1 < job->to.places) {
        next->place++;
        next->failures = 0;
        next->next_try_ms = real_ms(job);
    } else if (hopeless || wait_ms < 0) {
        next->status = DIGEST_EXHAUSTED;
    } else {
        next->next_try_ms = real_ms(job) + wait_ms;
    }
}

static void delivered(struct digest_state *state, enum digest_status status)
{
    state->status = status;
    state->delivered_instant_ms = state->instant_ms;
    state->delivered_composed_ms = state->composed_ms;
}

static void answered(void *context, struct delivery *delivery)
{
    struct digest_job *job = delivery->owner;
    const struct verdict *verdict = &delivery->verdict;
    struct place *asked = place_of(job); /* what is recorded, wherever it goes next */
    (void)context;
    if (delivery->withheld) { /* nothing was tried */
        job->phase = JOB_SETTLING;
        return;
    }
    snprintf(job->error, sizeof job->error, "%s", verdict->error);
    job->next.attempts++;
    meters_count(*job->digests->means.meters, verdict->kind == VERDICT_DELIVERED ? METER_DIGEST_DELIVERED : METER_DIGEST_FAILED, 1);
    if (verdict->kind == VERDICT_DELIVERED) {
        delivered(&job->next, DIGEST_DELIVERED);
    } else {
        bool hopeless = verdict->kind == VERDICT_REFUSED || verdict->kind == VERDICT_GONE;
        job->next.failures++;
        deliver_to_next(job, hopeless, backoff_wait_ms(&job->digests->means.config->notify.retry, job->next.attempts, verdict->wait_ms, (uint32_t)random()));
    }
    record(job, asked);
    pool_free(&job->pool);
}

/* What is in it was looked at as it was put together; it goes within seconds, or is put together anew. */
static const struct delivery_kind deliveries = {.answered = answered};

/* --- sending --- */

/* Of the text itself; of what has none, of the envelope. */
static void hash_text(struct digest_job *job, const struct message *message)
{
    const char *text = message->body && *message->body ? message->body : message->envelope;
    chain_hash(job->hash, text, strlen(text));
}

static bool hours_are_over(struct digest_job *job)
{
    const struct digest_means *means = &job->digests->means;
    int64_t now_ms = business_ms(job);
    const struct sending_case notice = {.channel = (enum config_channel)place_of(job)->endpoint->config->channel, .roles = job->to.roles, .kind = DEMAND_NOTICE};
    if (now_ms - job->next.instant_ms <= PUNCTUAL_MS) return false;
    return sending_opens(means->sending, rulebook_at(means->store->book, now_ms), &notice, now_ms) > now_ms;
}

static const char *envelope_text(struct digest_job *job)
{
    arena_begin();
    json_t *envelope = digest_envelope(&job->filling.digest, job->id);
    const char *text = json_dumps(envelope, JSON_COMPACT);
    text = text ? pool_copy(&job->pool, text, strlen(text) + 1) : "";
    arena_end();
    return text;
}

/* The one place that knows how a message leaves. */
static void digests_deliver(struct digest_job *job, struct place *place)
{
    const struct digest_means *means = &job->digests->means;
    struct delivery *delivery = &job->delivery;
    job->pool.chunk_bytes = POOL_BYTES;
    *delivery = (struct delivery){.kind = &deliveries, .owner = job, .endpoint = place->endpoint, .rank = RANK_REMINDER, .pool = &job->pool};
    delivery->message = (struct message){.id = job->id, .key = "", .link = "", .envelope = envelope_text(job)};
    if (means->words) words_digest(means->words, place->endpoint->config, &job->filling.digest, means->routing->units, job->id, &delivery->message, &job->pool);
    if (place->address.bytes) delivery->address[delivery->addresses++] = place->address;
    hash_text(job, &delivery->message);
    job->phase = JOB_SENT;
    means->deliver(means->context, delivery);
}

void digest_give_up(struct digest_job *job, const char *why)
{
    job->next.status = DIGEST_EXHAUSTED;
    if (job->next.composed_ms == 0) job->next.composed_ms = real_ms(job); /* what was gathered until now goes by itself */
    snprintf(job->error, sizeof job->error, "%s", why);
    record(job, place_of(job));
}

void digest_compose(struct digest_job *job, int64_t composed_ms)
{
    const struct digest *digest = &job->filling.digest;
    job->next.composed_ms = composed_ms;
    job->phase = JOB_READY;
    if (!digest_is_empty(digest) && (job->morning || job->filling.gathered)) return;
    job->next.status = DIGEST_EMPTY;
    job->phase = JOB_SETTLING;
}

void digest_send(struct digest_job *job)
{
    const struct digest_means *means = &job->digests->means;
    while (job->next.place + 1 < job->to.places && means->is_down(means->context, place_of(job)->endpoint)) {
        job->next.place++;
        job->next.failures = 0;
    }
    struct place *place = place_of(job);
    if (means->config->notify.mode == NOTIFY_SHADOW) {
        delivered(&job->next, DIGEST_SHADOWED);
        record(job, place_of(job));
    } else if (hours_are_over(job)) {
        digest_give_up(job, "its hours are over");
    } else if (means->opens_ms(means->context, place->endpoint) == 0) {
        digests_deliver(job, place);
    } else if (real_ms(job) - job->next.composed_ms > FRESH_MS) {
        job->next.composed_ms = 0; /* put together anew */
        job->digests->asked = true;
        job->phase = JOB_SETTLING;
    }
}
