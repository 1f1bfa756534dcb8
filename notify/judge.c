/* Judging claimed cases, and what came of it.
 *
 * The trap is time: between the look at a case and the request the case may be answered. So a
 * request is written within FRESH_MS of a look; what waited longer is looked at again. */
#include "notify/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/arena.h"
#include "common/log.h"
#include "notify/alert.h"
#include "notify/record.h"

enum { FRESH_MS = 400, WAITING_MAX = 4 }; /* of an endpoint: so many times its requests at once */

/* The case as it was judged, in the notifier's workspace. */
static struct envelope fold_as_judged(struct notifier *notifier, const struct errand *errand)
{
    const struct case_file *file = &errand->file;
    const struct rules *rules = rulebook_bind(notifier->store->book, file);
    fold_case(&notifier->fold, rules, file, errand->now_ms);
    return (struct envelope){file, &notifier->fold, rules, errand->now_ms};
}

static struct envelope work_out(struct notifier *notifier, struct errand *errand)
{
    struct envelope envelope = fold_as_judged(notifier, errand);
    if (errand->appeals) clusters_owed(&notifier->demands, errand->appeals, &errand->file, &notifier->changer.appeals, errand->now_ms, &errand->pool);
    else demands_owed(&notifier->demands, &errand->file, &notifier->fold, envelope.rules, errand->now_ms - notifier->changer.grace_ms);
    return envelope;
}

static bool is_shadow(const struct notifier *notifier)
{
    return notifier->config->notify.mode == NOTIFY_SHADOW;
}

/* --- sending --- */

static void note_answer(struct notifier *notifier, struct delivery *delivery, const struct answer *answer)
{
    struct errand *errand = delivery->errand;
    delivery->answer = *answer;
    delivery->answered = true;
    delivery->notice->open--;
    if (--errand->open == 0) errand->phase = ERRAND_REVIEW;
    if (answer->status != 410 || delivery->endpoint->gone) return;
    delivery->endpoint->gone = true;
    log_error("notify.gone", "endpoint=%s note=%s", log_quote(delivery->endpoint->config->name),
              log_quote("it answered 410: nothing more is sent to it until a reload"));
    (void)notifier;
}

static void meter(struct notifier *notifier, const struct delivery *delivery, const struct answer *answer)
{
    char said[METERS_SAID_BYTES];
    bool good = answer->status >= 200 && answer->status < 300;
    if (answer->withheld) {
        meters_count(notifier->meters, METER_STALE, 1);
        return;
    }
    if (answer->status) snprintf(said, sizeof said, "%ld", answer->status);
    else snprintf(said, sizeof said, "%.90s", answer->error);
    meters_answered(notifier->meters, (size_t)(delivery->endpoint - notifier->endpoints.at), good ? MET_DELIVERED : answer->status == 410 ? MET_GONE : MET_RETRY, said,
                    delivery->answered_ms - delivery->sent_ms, delivery->answered_ms);
}

void judge_answered(void *context, void *opaque, const struct answer *answer)
{
    struct notifier *notifier = context;
    struct delivery *delivery = opaque;
    delivery->answered_ms = clock_shared_ms(&notifier->store->clock);
    delivery->endpoint->in_flight--;
    endpoint_answered(delivery->endpoint, delivery->answered_ms);
    if (answer->status >= 200 && answer->status < 300) notifier->delivered++;
    else notifier->failed += !answer->withheld;
    meter(notifier, delivery, answer);
    note_answer(notifier, delivery, answer);
}

static void start(struct notifier *notifier, struct delivery *delivery)
{
    struct notice *notice = delivery->notice;
    delivery->started = true;
    delivery->sent_ms = clock_shared_ms(&notifier->store->clock);
    struct request request = {.url = delivery->endpoint->config->url, .id = notice->id, .key = &delivery->endpoint->key, .body = notice->body,
                              .bytes = notice->bytes, .timestamp_s = delivery->sent_ms / 1000, .opaque = delivery};
    if (sender_start(notifier->sender, &request)) {
        delivery->endpoint->in_flight++;
        return;
    }
    note_answer(notifier, delivery, &(struct answer){.error = "the request could not be made"});
}

/* What is told of a place stays true, so that is told at any time. */
static bool is_fresh(const struct errand *errand)
{
    return errand->appeals || clock_monotonic_ms() - errand->loaded_ms <= FRESH_MS;
}

static bool has_room(const struct notifier *notifier, const struct endpoint *endpoint)
{
    return endpoint->in_flight < endpoint->in_flight_max && sender_has_room(notifier->sender);
}

static void wait_in_line(struct delivery *delivery)
{
    DL_APPEND(delivery->endpoint->line, delivery);
    delivery->endpoint->waiting++;
    delivery->waits = true;
}

static void leave_line(struct delivery *delivery)
{
    if (!delivery->waits) return;
    DL_DELETE(delivery->endpoint->line, delivery);
    delivery->endpoint->waiting--;
    delivery->waits = false;
}

static void begin_deliveries(struct notifier *notifier, struct notice *notice)
{
    for (size_t i = 0; i < notice->deliveries; i++) {
        struct delivery *delivery = &notice->delivery[i];
        if (delivery->endpoint->gone) note_answer(notifier, delivery, &(struct answer){.status = 410, .error = "the endpoint is gone"});
        else if (!delivery->endpoint->waiting && has_room(notifier, delivery->endpoint) && is_fresh(delivery->errand)) start(notifier, delivery);
        else wait_in_line(delivery);
    }
}

/* Where the lines are too long for one more: the time at which to come again; 0: there is room. */
static int64_t no_room_until(struct notifier *notifier, const struct demand *demand)
{
    int64_t again_ms = 0;
    for (size_t i = 0; i < notifier->endpoints.count; i++) {
        struct endpoint *endpoint = &notifier->endpoints.at[i];
        if (!endpoint_serves(endpoint, demand->unit) || endpoint->gone || endpoint->waiting < (size_t)endpoint->in_flight_max * WAITING_MAX) continue;
        int64_t place_ms = endpoint_book(endpoint, clock_shared_ms(&notifier->store->clock));
        if (place_ms > again_ms) again_ms = place_ms;
    }
    return again_ms;
}

size_t judge_room(const struct notifier *notifier)
{
    size_t room = 0;
    for (size_t i = 0; i < notifier->endpoints.count; i++) {
        const struct endpoint *endpoint = &notifier->endpoints.at[i];
        size_t most = (size_t)endpoint->in_flight_max * (WAITING_MAX + 1), taken = endpoint->in_flight + endpoint->waiting;
        room += endpoint->gone || taken >= most ? 0 : most - taken;
    }
    return room;
}

/* --- what is owed --- */

/* What a record bears of a tell, its figures as well. */
static struct told_record record_of(const struct tell *tell)
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
    struct told_record record = record_of(tell);
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

static void owe_notice(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand)
{
    char id[NOTICE_ID_BYTES];
    const struct told *before = case_told(&errand->file, TOLD_NOTICE, demand->told.id);
    if (before && before->status == TOLD_PENDING && before->next_try_ms > clock_shared_ms(&notifier->store->clock)) return;
    if (is_shadow(notifier)) {
        tell_ended(notifier, errand, envelope, demand, TOLD_SHADOWED, NULL);
        return;
    }
    int64_t again_ms = no_room_until(notifier, demand);
    if (again_ms) {
        errand_put_off(errand, demand->told.id, again_ms);
        return;
    }
    demand_id(id, &errand->file, demand);
    arena_begin();
    const char *body = json_dumps(notice_json(notifier, errand, envelope, demand, id), JSON_COMPACT);
    struct notice *notice = body ? errand_add_notice(errand, demand, &notifier->endpoints, id, body, strlen(body)) : NULL;
    arena_end();
    if (notice) begin_deliveries(notifier, notice);
    else tell_ended(notifier, errand, envelope, demand, TOLD_EXHAUSTED, "no endpoint serves this unit");
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
    for (size_t i = 0; i < errand->file.tolds; i++) {
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

/* --- the line --- */

/* The case is not what it was when it was judged: what of it has not begun is dropped. */
static void drop_waiting(struct errand *errand)
{
    for (struct notice *notice = errand->notices; notice; notice = notice->next)
        for (size_t i = 0; i < notice->deliveries; i++) {
            struct delivery *delivery = &notice->delivery[i];
            if (delivery->started || delivery->answered) continue;
            leave_line(delivery);
            delivery->answered = delivery->answer.withheld = true;
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

bool judge_ready(void *context, void *opaque)
{
    struct notifier *notifier = context;
    struct delivery *delivery = opaque;
    struct errand *errand = delivery->errand;
    if (is_fresh(errand)) return true;
    if (notifier->lost || !notifier->store->link->context) return false;
    int64_t before_ms = clock_monotonic_ms();
    redisReply *reply = store_case(notifier->store, errand->file.of, errand->file.id);
    bool same = reply && same_blob(notifier, errand, reply);
    if (same) errand->loaded_ms = before_ms;
    if (reply) freeReplyObject(reply);
    return same;
}

/* Looks again at the cases of a few deliveries, pipelined. */
static bool look_again(struct notifier *notifier, struct delivery **delivery, size_t count)
{
    int64_t before_ms = clock_monotonic_ms();
    for (size_t i = 0; i < count; i++)
        if (!store_load_send(notifier->store, delivery[i]->errand->lease.shard, &delivery[i]->errand->lease.field, 1)) return false;
    for (size_t i = 0; i < count; i++) {
        struct errand *errand = delivery[i]->errand;
        redisReply *reply = store_load_take(notifier->store);
        if (!reply) return false;
        if (same_blob(notifier, errand, reply->element[0])) errand->loaded_ms = before_ms;
        else drop_waiting(errand);
        freeReplyObject(reply);
    }
    return true;
}

static bool serve_line(struct notifier *notifier, struct endpoint *endpoint)
{
    enum { TOGETHER = 64 };
    bool good = true;
    while (good && endpoint->waiting && has_room(notifier, endpoint)) {
        struct delivery *taken[TOGETHER], *old[TOGETHER];
        size_t count = 0, olds = 0, room = endpoint->in_flight_max - endpoint->in_flight;
        for (; endpoint->waiting && count < room && count < TOGETHER; count++) {
            taken[count] = endpoint->line;
            leave_line(taken[count]);
            if (!is_fresh(taken[count]->errand)) old[olds++] = taken[count];
        }
        good = olds == 0 || (!notifier->lost && look_again(notifier, old, olds));
        for (size_t i = 0; i < count; i++) {
            if (taken[i]->answered) continue; /* dropped */
            if (is_fresh(taken[i]->errand)) start(notifier, taken[i]);
            else wait_in_line(taken[i]);
        }
    }
    return good;
}

bool judge_waiting(struct notifier *notifier)
{
    bool good = true;
    for (size_t i = 0; i < notifier->endpoints.count; i++) good &= serve_line(notifier, &notifier->endpoints.at[i]);
    return good || notifier->lost;
}

/* --- answers --- */

/* The first record of a tell bears its figures as well; each one what it proves alone. */
static void record_delivery(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct notice *notice,
                            const struct delivery *delivery, bool voided, const struct tell *tell, bool first)
{
    bool good = delivery->answer.status >= 200 && delivery->answer.status < 300;
    struct ledger_entry entry = {.type = "notice", .id = notice->id, .endpoint = delivery->endpoint->config->name, .attempt = tell->told.attempts,
                                 .sent_ms = delivery->sent_ms, .answered_ms = delivery->answered_ms, .status = delivery->answer.status,
                                 .error = delivery->answer.error, .voided = voided};
    struct told_record record = record_of(tell);
    record.counted = first;
    if (tell->told.status != TOLD_DELIVERED && delivery_acceptance(delivery, &record.told[1])) record.tolds = 2;
    entry.outcome = good ? "delivered" : tell->told.status == TOLD_EXHAUSTED ? "exhausted" : "failed";
    record_ledger(notifier, errand, envelope, &notice->demand, &entry, &record);
}

/* One record for each request that was made. */
static void record_deliveries(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct notice *notice,
                              bool voided, const struct tell *tell)
{
    bool first = true;
    for (size_t i = 0; i < notice->deliveries; i++) {
        if (notice->delivery[i].answer.withheld) continue;
        record_delivery(notifier, errand, envelope, notice, &notice->delivery[i], voided, tell, first);
        first = false;
    }
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

void judge_answers(struct notifier *notifier, struct errand *errand, struct text blob)
{
    bool changed = changed_since(notifier, errand, blob), voided[DEMANDS_MAX] = {false};
    size_t n = 0;
    for (const struct notice *notice = errand->notices; notice && changed && !errand->appeals; notice = notice->next, n++)
        voided[n] = !demands_hold(&notifier->demands, notice->demand.told.id);
    errand->lost |= blob.bytes == 0;
    if (changed && blob.bytes) errand->blob = (struct text){pool_copy(&errand->pool, blob.at, blob.bytes), blob.bytes};
    struct envelope envelope = fold_as_judged(notifier, errand);
    n = 0;
    for (struct notice *notice = errand->notices; notice; notice = notice->next, n++) {
        if (notice->dropped) continue;
        errand_conclude(errand, notice, &notifier->config->notify.retry, clock_shared_ms(&notifier->store->clock), (uint32_t)random());
        if (notice->dropped) continue;
        const struct tell *tell = errand->tells;
        while (tell->told.kind != TOLD_NOTICE || tell->told.id != notice->demand.told.id) tell = tell->next;
        record_deliveries(notifier, errand, &envelope, notice, voided[n], tell);
        notifier->stale += voided[n];
        if (tell->told.status == TOLD_DELIVERED && !errand->appeals) record_sent(notifier, errand, &envelope, notice);
    }
    errand->phase = ERRAND_RECORDING;
}
