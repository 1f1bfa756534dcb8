/* Judging claimed cases.
 *
 * The trap is time: between the look at a case and the request the case may be answered. So a
 * request is written within FRESH_MS of a look; what waited longer is looked at again. */
#include "notify/judge.h"

#include <string.h>

#include "common/arena.h"
#include "notify/alert.h"
#include "notify/plan.h"
#include "notify/record.h"
#include "sla/silence.h"

enum { FRESH_MS = 400 };
#define DAY_MS INT64_C(86400000)

struct envelope judge_fold(struct notifier *notifier, const struct errand *errand)
{
    const struct case_file *file = &errand->file;
    const struct rules *rules = rulebook_bind(notifier->store->book, file);
    fold_case(&notifier->fold, rules, file, errand->now_ms);
    return (struct envelope){file, &notifier->fold, rules, errand->now_ms};
}

static struct envelope work_out(struct notifier *notifier, struct errand *errand)
{
    struct envelope envelope = judge_fold(notifier, errand);
    if (errand->appeals) clusters_owed(&notifier->demands, errand->appeals, &errand->file, &notifier->changer.appeals, errand->now_ms, &errand->pool);
    else demands_owed(&notifier->demands, &errand->file, &notifier->fold, envelope.rules, errand->now_ms - notifier->changer.grace_ms);
    return envelope;
}

static bool is_shadow(const struct notifier *notifier)
{
    return notifier->config->notify.mode == NOTIFY_SHADOW;
}

/* --- deliveries --- */

static struct errand *errand_of(const struct delivery *delivery)
{
    struct notice *notice = delivery->owner;
    return notice->errand;
}

/* What is told of a place stays true, so that is told at any time. */
static bool is_fresh(const struct delivery *delivery)
{
    const struct errand *errand = errand_of(delivery);
    return errand->appeals || clock_monotonic_ms() - errand->loaded_ms <= FRESH_MS;
}

static void answered(void *context, struct delivery *delivery)
{
    struct notifier *notifier = context;
    struct notice *notice = delivery->owner;
    if (delivery->withheld) meters_count(notifier->meters, METER_STALE, 1);
    if (!delivery->withheld) {
        if (delivery->verdict.kind == VERDICT_DELIVERED) notifier->delivered++;
        else notifier->failed++;
    }
    notice->open--;
    if (--notice->errand->open == 0) notice->errand->phase = ERRAND_REVIEW;
}

/* The case is not what it was when it was judged: what of it has not begun is dropped. */
static void drop_waiting(struct errand *errand)
{
    for (struct notice *notice = errand->notices; notice; notice = notice->next)
        for (size_t i = 0; i < notice->deliveries; i++) {
            struct delivery *delivery = &notice->delivery[i];
            if (delivery->started || delivery->answered) continue;
            dispatch_drop(delivery);
            notice->open--;
            errand->open--;
        }
    if (errand->open == 0) errand->phase = ERRAND_REVIEW;
}

/* Is the case what it was when it was judged, and the rules that it was judged by? */
static bool same_blob(const struct notifier *notifier, const struct errand *errand, const redisReply *blob)
{
    return errand->book == notifier->store->book && blob->type == REDIS_REPLY_STRING && (size_t)blob->len == errand->blob.bytes && !memcmp(blob->str, errand->blob.at, CASE_CHECKSUM_BYTES);
}

static bool is_ready(void *context, struct delivery *delivery)
{
    struct notifier *notifier = context;
    struct errand *errand = errand_of(delivery);
    if (is_fresh(delivery)) return true;
    if (notifier->lost || !notifier->store->link->context) return false;
    int64_t before_ms = clock_monotonic_ms();
    redisReply *reply = store_case(notifier->store, errand->file.of, errand->file.id);
    bool same = reply && same_blob(notifier, errand, reply);
    if (same) errand->loaded_ms = before_ms;
    if (reply) freeReplyObject(reply);
    return same;
}

/* Looks again at the cases of a few deliveries, pipelined. */
static bool look_again(void *context, struct delivery **delivery, size_t count)
{
    struct notifier *notifier = context;
    int64_t before_ms = clock_monotonic_ms();
    if (notifier->lost) return false;
    for (size_t i = 0; i < count; i++)
        if (!store_load_send(notifier->store, errand_of(delivery[i])->lease.shard, &errand_of(delivery[i])->lease.field, 1)) return false;
    for (size_t i = 0; i < count; i++) {
        struct errand *errand = errand_of(delivery[i]);
        redisReply *reply = store_load_take(notifier->store);
        if (!reply) return false;
        if (same_blob(notifier, errand, reply->element[0])) errand->loaded_ms = before_ms;
        else drop_waiting(errand);
        freeReplyObject(reply);
    }
    return true;
}

const struct delivery_kind judge_deliveries = {.ready = is_ready, .freshen = look_again, .is_fresh = is_fresh, .answered = answered};

/* --- what is owed --- */

struct told_record judge_record_of(const struct tell *tell)
{
    struct told_record record = {.told = {tell->told}, .tolds = 1, .counted = tell->told.kind == TOLD_NOTICE, .unit = tell->unit};
    tell_counts(tell, record.counts);
    return record;
}

static void tell_ended(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                       enum told_status status, const char *error)
{
    char id[NOTICE_ID_BYTES];
    struct told told = demand->told;
    demand_id(id, &errand->file, demand);
    told.status = (uint8_t)status;
    struct tell *tell = errand_tell(errand, &told, demand->unit);
    tell->fresh = case_told(&errand->file, TOLD_NOTICE, told.id) == NULL;
    tell->passed = tell->fresh ? demand->superseded : 0;
    struct told_record record = judge_record_of(tell);
    record_ledger(notifier, errand, envelope, demand,
                  &(struct ledger_entry){.type = demand_is_notice(demand->kind) ? "notice" : demand_result_type(demand->kind), .id = id,
                                         .outcome = told_status_name(status), .error = error, .attempt = told.attempts}, &record);
}

static json_t *notice_json(const struct notifier *notifier, const struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                           const char *id)
{
    struct alert alert = {errand->file.id, errand->appeals, &notifier->changer.appeals, envelope->rules->zone, errand->now_ms};
    return errand->appeals ? alert_notice(&alert, demand, id) : envelope_notice(envelope, demand, id);
}

/* The links by which whoever gets a delivery acknowledges it: as a person, where it is for one alone, else as the endpoint. Signed for is what still
 * waits for that. */
static void write_links(const struct notifier *notifier, const struct notice *notice, const struct demand *demand, const struct delivery *delivery, char *seen,
                        char *signed_for)
{
    const struct config *config = notifier->config;
    const struct recipient *to = NULL;
    size_t count = 0;
    for (size_t i = 0; i < notice->parts; i++)
        if (notice->part[i].delivery == delivery && count++ == 0) to = &notice->part[i].to;
    const char *name = delivery->endpoint->config->name;
    struct ack ack = {.of = notice->errand->file.of, .action = ACK_SEEN, .id = notice->errand->file.id, .notice = {notice->id, strlen(notice->id)},
                      .recipient = count == 1 && to->person.bytes ? to->person : (struct text){name, strlen(name)}, .unit = demand->unit,
                      .until_ms = clock_shared_ms(&notifier->store->clock) + config->acknowledge.days * DAY_MS};
    ack_link(seen, config->acknowledge.url, &notifier->outfit.ack_keys, &ack);
    bool unsigned_yet = notifier->fold.state == STATE_DISPATCHED || notifier->fold.state == STATE_RECEIVED;
    if (ack.of != OF_TICKET || !unsigned_yet || !demand->unit.bytes) return;
    ack.action = ACK_SIGNED;
    ack_link(signed_for, config->acknowledge.url, &notifier->outfit.ack_keys, &ack);
}

/* Fills in what a delivery says. */
static void write_message(struct notifier *notifier, const struct envelope *envelope, const struct notice *notice, const struct demand *demand,
                          struct delivery *delivery, const char *body)
{
    struct errand *errand = notice->errand;
    delivery->message = (struct message){.id = notice->id, .key = pool_copy(&errand->pool, errand->file.id.at, errand->file.id.bytes + 1), .subject = "", .body = "", .envelope = body, .link = ""};
    if (!delivery->endpoint->channel->words) return;
    struct alert alert = {errand->file.id, errand->appeals, &notifier->changer.appeals, envelope->rules->zone, errand->now_ms};
    char seen[ACK_LINK_BYTES] = "", signed_for[ACK_LINK_BYTES] = "";
    if (!errand->appeals) write_links(notifier, notice, demand, delivery, seen, signed_for);
    struct wording wording = {.envelope = envelope, .demand = demand, .alert = errand->appeals ? &alert : NULL, .units = notifier->outfit.units, .id = notice->id,
                              .seen_link = seen, .signed_link = signed_for, .elsewhere = notice->elsewhere};
    words_notice(notifier->outfit.words, delivery->endpoint->config, &wording, &delivery->message, &errand->pool);
}

/* Sends what was planned. */
static void begin_deliveries(struct notifier *notifier, const struct envelope *envelope, const struct demand *demand, struct notice *notice)
{
    struct errand *errand = notice->errand;
    arena_begin();
    const char *body = json_dumps(notice_json(notifier, errand, envelope, demand, notice->id), JSON_COMPACT);
    body = body ? pool_copy(&errand->pool, body, strlen(body) + 1) : "";
    for (size_t i = 0; i < notice->deliveries; i++) write_message(notifier, envelope, notice, demand, &notice->delivery[i], body);
    arena_end();
    for (size_t i = 0; i < notice->deliveries; i++) dispatch_send(&notifier->dispatch, &notice->delivery[i]);
}

/* Until when it is silenced; 0: it is not. */
static int64_t silenced_until(const struct notifier *notifier, const struct envelope *envelope, const struct demand *demand)
{
    struct silence_case what = {.unit = demand->unit, .item = envelope->fold->item};
    const struct silence *silence = silence_at(notifier->store->book, &what, envelope->now_ms);
    return silence ? clock_shared_at_ms(&notifier->store->clock, silence->until_ms) : 0;
}

/* Does it fall under [notify] from? What corrects something follows what was sent, whenever that was. */
static bool is_of_before(const struct notifier *notifier, const struct demand *demand)
{
    bool corrects = demand->kind == DEMAND_RETRACT || demand->kind == DEMAND_CORRECTION;
    return demand->told.at_ms < notifier->config->notify.from_ms && !corrects;
}

static void owe_notice(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand)
{
    char id[NOTICE_ID_BYTES];
    struct notice *notice;
    int64_t wait_ms = 0;
    const struct told *before = case_told(&errand->file, TOLD_NOTICE, demand->told.id);
    if (before && before->status == TOLD_PENDING && before->next_try_ms > clock_shared_ms(&notifier->store->clock)) return;
    if (is_shadow(notifier) || (is_of_before(notifier, demand) && !before)) {
        tell_ended(notifier, errand, envelope, demand, TOLD_SHADOWED, is_shadow(notifier) ? NULL : "it fell due before [notify] from");
        return;
    }
    wait_ms = silenced_until(notifier, envelope, demand);
    demand_id(id, &errand->file, demand);
    if (wait_ms) meters_count(notifier->meters, METER_SILENCED, 1);
    enum plan plan = wait_ms ? PLAN_WAIT : plan_notice(notifier, errand, envelope, demand, id, &notice, &wait_ms);
    if (plan == PLAN_WAIT) errand_put_off(errand, demand->told.id, wait_ms);
    else if (plan == PLAN_NOBODY) tell_ended(notifier, errand, envelope, demand, TOLD_EXHAUSTED, "no endpoint serves this unit, and none the dispatcher");
    else begin_deliveries(notifier, envelope, demand, notice);
}

static void owe_result(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand)
{
    char id[NOTICE_ID_BYTES];
    const char *type = demand_result_type(demand->kind);
    bool shadow = is_shadow(notifier);
    struct told told = demand->told;
    uint64_t revision = shadow ? 0 : errand_next_revision(errand, clock_shared_ms(&notifier->store->clock));
    demand_id(id, &errand->file, demand);
    told.status = shadow ? TOLD_SHADOWED : TOLD_DELIVERED;
    struct told_record record = {.told = {told}, .tolds = 1, .revision = revision};
    if (!shadow) record_result(notifier, errand, envelope, demand, type, id, &record); /* its topic is its own record */
    else record_ledger(notifier, errand, envelope, demand, &(struct ledger_entry){.type = type, .id = id, .outcome = "shadowed"}, &record);
    errand_tell(errand, &told, demand->unit);
}

/* What was tried and is demanded no more. */
static void retire_pending(struct notifier *notifier, struct errand *errand, const struct envelope *envelope)
{
    for (size_t i = 0; i < errand->file.tolds && !notifier->demands.cut; i++) {
        const struct told *told = &errand->file.told[i];
        if (told->kind != TOLD_NOTICE || told->status != TOLD_PENDING || demands_hold(&notifier->demands, told->id)) continue;
        enum demand_kind kind = told->step == STEP_RETRACT ? DEMAND_RETRACT : told->step == STEP_CORRECTION ? DEMAND_CORRECTION : DEMAND_NOTICE;
        struct demand demand = {.kind = kind, .told = *told, .unit = told_unit(told, &notifier->fold), .step = vocabulary_step(envelope->rules->words, told->step)};
        if (errand->appeals) demand = (struct demand){.kind = DEMAND_CLUSTER, .told = *told, .unit = notifier->changer.appeals.dispatcher};
        tell_ended(notifier, errand, envelope, &demand, TOLD_SUPERSEDED, NULL);
    }
}

void judge(struct notifier *notifier, struct errand *errand)
{
    int64_t now_ms = clock_business_ms(&notifier->store->clock);
    errand->now_ms = now_ms > errand->file.as_of_ms ? now_ms : errand->file.as_of_ms;
    errand->book = notifier->store->book;
    struct envelope envelope = work_out(notifier, errand);
    errand->phase = ERRAND_RECORDING;
    if (notifier->fold.class < 0 && !errand->appeals) return;
    retire_pending(notifier, errand, &envelope);
    /* A start may be answered at once; the phase is set when all have begun. */
    errand->open = 1;
    for (size_t i = 0; i < notifier->demands.count; i++) {
        const struct demand *demand = &notifier->demands.at[i];
        if (demand_is_notice(demand->kind)) owe_notice(notifier, errand, &envelope, demand);
        else owe_result(notifier, errand, &envelope, demand);
    }
    errand->open--;
    if (errand->notices) errand->phase = errand->open ? ERRAND_SENDING : ERRAND_REVIEW;
}
