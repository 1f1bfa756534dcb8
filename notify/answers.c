/* What came of an errand's notices.
 *
 * The trap: what was sent is recorded before it is told, and each record must prove what it says alone. */
#include "notify/answers.h"

#include <stdlib.h>
#include <string.h>

#include "notify/judge.h"
#include "notify/record.h"

/* --- records --- */

static const char *outcome_of(const struct part *part)
{
    switch (part->told.status) {
    case TOLD_DELIVERED: return "delivered";
    case TOLD_EXHAUSTED: return "exhausted";
    case TOLD_GATHERED: return "gathered";
    default: return "failed";
    }
}

/* A record of a notice, and of those of its parts that it is about: what they have come to, unless all have the notice. */
static void record_parts(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct notice *notice, const struct tell *tell,
                         struct ledger_entry *entry, const struct part *const *part, size_t count, bool first)
{
    struct told_record record = judge_record_of(tell);
    struct ledger_to to[DELIVERY_ADDRESSES_MAX];
    record.counted = first;
    for (size_t i = 0; i < count; i++) to[i] = (struct ledger_to){part[i]->to.person, part[i]->to.roles, part[i]->used->address};
    entry->to = to;
    entry->tos = count;
    entry->type = "notice";
    entry->id = notice->id;
    entry->outcome = outcome_of(part[0]);
    for (size_t i = 0; i < count; i++) {
        if (tell->told.status != TOLD_DELIVERED && (tell->told.status == TOLD_PENDING || part[i]->told.status == TOLD_DELIVERED)) record.told[record.tolds++] = part[i]->told;
        if (part[i]->told.attempts > entry->attempt) entry->attempt = part[i]->told.attempts;
    }
    record_ledger(notifier, errand, envelope, &notice->demand, entry, &record);
}

static void record_delivery(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct notice *notice,
                            const struct delivery *delivery, bool voided, const struct tell *tell, bool first)
{
    const struct part *part[DELIVERY_ADDRESSES_MAX];
    size_t count = 0;
    const struct channel *channel = delivery->endpoint->channel;
    const char *text = channel->words ? delivery->message.body : delivery->message.envelope;
    char hash[CHAIN_HASH_BYTES];
    chain_hash(hash, text, strlen(text));
    struct ledger_entry entry = {.endpoint = delivery->endpoint->config->name, .channel = channel->name, .sent_ms = delivery->sent_ms,
                                 .answered_ms = delivery->answered_ms, .status = delivery->status, .code = delivery->verdict.code,
                                 .error = delivery->verdict.error, .receipt = delivery->verdict.receipt, .hash = hash, .voided = voided};
    for (size_t i = 0; i < notice->parts; i++)
        if (notice->part[i].delivery == delivery) part[count++] = &notice->part[i];
    record_parts(notifier, errand, envelope, notice, tell, &entry, part, count, first);
}

/* One record for each request that was made, and for each recipient that a digest takes or has brought it to. */
static void record_notice(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct notice *notice, bool voided,
                          const struct tell *tell)
{
    bool first = true;
    for (size_t i = 0; i < notice->deliveries; i++) {
        if (notice->delivery[i].withheld) continue;
        record_delivery(notifier, errand, envelope, notice, &notice->delivery[i], voided, tell, first);
        first = false;
    }
    for (size_t i = 0; i < notice->parts; i++) {
        const struct part *part = &notice->part[i];
        if (part->state != PART_GATHERED && part->state != PART_CARRIED) continue;
        const struct endpoint *endpoint = part->used->endpoint;
        struct ledger_entry entry = {.endpoint = endpoint->config->name, .channel = endpoint->channel->name, .digest = part->digest};
        record_parts(notifier, errand, envelope, notice, tell, &entry, &part, 1, first);
        first = false;
    }
    if (!first) return;
    /* Its recipients changed, and those that are left are settled. */
    struct told_record record = judge_record_of(tell);
    record_ledger(notifier, errand, envelope, &notice->demand,
                  &(struct ledger_entry){.type = "notice", .id = notice->id, .outcome = told_status_name((enum told_status)tell->told.status)}, &record);
}

static void record_sent(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct notice *notice)
{
    char id[NOTICE_ID_BYTES];
    struct demand demand = notice->demand;
    demand.clock = told_clock(&demand.told, envelope->fold);
    envelope_sent_id(id, notice->id);
    struct told_record record = {.revision = errand_next_revision(errand, clock_shared_ms(&notifier->store->clock))};
    record_result(notifier, errand, envelope, &demand, "notice.sent", id, &record);
}

/* Which of the errand's notices does the case, as it is now, not demand any more? Leaves the demands in the workspace. */
static bool changed_since(struct notifier *notifier, struct errand *errand, struct text blob)
{
    struct case_file now = {.of = errand->file.of, .id = errand->file.id};
    struct pool pool = {0};
    bool changed = errand->book != notifier->store->book || blob.bytes != errand->blob.bytes || memcmp(blob.at, errand->blob.at, CASE_CHECKSUM_BYTES);
    if (changed && blob.bytes && !errand->appeals && !case_decode(blob.at, blob.bytes, &now, &pool)) {
        const struct rules *rules = rulebook_bind(notifier->store->book, &now);
        fold_case(&notifier->fold, rules, &now, errand->now_ms);
        demands_owed(&notifier->demands, &now, &notifier->fold, rules, errand->now_ms - notifier->changer.grace_ms);
    }
    case_clear(&now);
    pool_free(&pool);
    return changed;
}

void answers_take(struct notifier *notifier, struct errand *errand, struct text blob)
{
    bool changed = changed_since(notifier, errand, blob), voided[DEMANDS_MAX] = {false};
    size_t n = 0;
    for (const struct notice *notice = errand->notices; notice && changed && !errand->appeals; notice = notice->next, n++)
        voided[n] = !demands_hold(&notifier->demands, notice->demand.told.id);
    errand->lost |= blob.bytes == 0;
    if (changed && blob.bytes) errand->blob = (struct text){pool_copy(&errand->pool, blob.at, blob.bytes), blob.bytes};
    struct envelope envelope = judge_fold(notifier, errand);
    n = 0;
    for (struct notice *notice = errand->notices; notice; notice = notice->next, n++) {
        if (notice->dropped) continue;
        errand_conclude(errand, notice, notifier->config, clock_shared_ms(&notifier->store->clock), (uint32_t)random());
        if (notice->dropped) continue;
        const struct tell *tell = errand->tells;
        while (tell->told.kind != TOLD_NOTICE || tell->told.id != notice->demand.told.id) tell = tell->next;
        record_notice(notifier, errand, &envelope, notice, voided[n], tell);
        notifier->stale += voided[n];
        if (tell->told.status == TOLD_DELIVERED && !errand->appeals) record_sent(notifier, errand, &envelope, notice);
    }
    errand->phase = ERRAND_RECORDING;
}
