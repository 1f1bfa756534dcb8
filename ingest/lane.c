/* Loading, folding and committing one shard's items.
 *
 * The trap: a part of a lane moves a partition's position only to the end of
 * what it applied, so a crash between two parts neither loses nor repeats. */
#include "ingest/lane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "ingest/dead_letter.h"
#include "sla/event_decode.h"
#include "sla/shrink.h"

struct lane_case {
    struct text field;
    enum of of;
    struct text id;
    struct change change;
    struct lane_case *next; /* in order of first touch */
    UT_hash_handle hh;
};

void lane_add(struct lane *lane, struct record *record, enum item_role role)
{
    if (lane->items == lane->room) {
        lane->room = lane->room ? lane->room * 2 : 256;
        lane->item = xrealloc(lane->item, lane->room * sizeof *lane->item);
    }
    lane->item[lane->items++] = (struct item){record, role};
}

void lane_clear(struct lane *lane)
{
    lane->items = 0;
    HASH_CLEAR(hh, lane->hashed);
    pool_clear(&lane->pool);
}

void lane_free(struct lane *lane)
{
    HASH_CLEAR(hh, lane->hashed);
    pool_free(&lane->pool);
    free(lane->item);
    *lane = (struct lane){.shard = lane->shard};
}

struct position position_after(const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    return (struct position){.next = message->offset + 1, .offset = message->offset,
                             .timestamp_ms = rd_kafka_message_timestamp(message, &type), .crc = message_crc(message)};
}

/* --- load --- */

static struct lane_case *touch(struct lane *lane, struct lane_case ***tail, enum of of, struct text id)
{
    struct lane_case *one;
    struct text field = store_field(&lane->pool, of, id);
    HASH_FIND(hh, lane->hashed, field.at, field.bytes, one);
    if (one) return one;
    one = pool_take(&lane->pool, sizeof *one);
    memset(one, 0, sizeof *one);
    one->field = field;
    one->of = of;
    one->id = (struct text){field.at + 1, field.bytes - 1};
    HASH_ADD_KEYPTR(hh, lane->hashed, field.at, field.bytes, one);
    **tail = one;
    *tail = &one->next;
    lane->case_count++;
    return one;
}

bool lane_load(struct lane *lane, struct lane_context *context, size_t from, size_t to)
{
    struct lane_case **tail = &lane->cases;
    HASH_CLEAR(hh, lane->hashed);
    pool_clear(&lane->pool);
    lane->from = from;
    lane->to = to;
    lane->last = to == lane->items;
    lane->cases = NULL;
    lane->case_count = 0;
    lane->slot = pool_take(&lane->pool, (to - from + 1) * sizeof *lane->slot);
    for (size_t i = from; i < to; i++) {
        const struct item *item = &lane->item[i];
        lane->slot[i - from] = NULL;
        if (item->role == ITEM_EVENT) lane->slot[i - from] = touch(lane, &tail, item->record->of, item->record->subject);
        if (item->role == ITEM_LINK) lane->slot[i - from] = touch(lane, &tail, OF_TICKET, item->record->target);
        if (item->role == ITEM_APPELLANT) lane->slot[i - from] = touch(lane, &tail, OF_APPELLANT, item->record->appellant);
        if (item->role == ITEM_PLACE) lane->slot[i - from] = touch(lane, &tail, OF_PLACE, item->record->place);
    }
    if (lane->case_count == 0) return true;
    struct text *fields = pool_take(&lane->pool, lane->case_count * sizeof *fields);
    size_t count = 0;
    for (struct lane_case *one = lane->cases; one; one = one->next) fields[count++] = one->field;
    return store_load_send(context->store, lane->shard, fields, count);
}

/* --- fold --- */

static void count_record(const struct lane_context *context, struct record *record, enum record_counter counter)
{
    record->counted = (uint8_t)(counter + 1);
    const char *topic = rd_kafka_topic_name(record->message->rkt);
    tally_add(&context->changer->tally, TALLY_RECORDS, counter, DAY_NONE, (struct text){topic, strlen(topic)}, 1);
}

void lane_spoil(struct lane_context *context, const struct item *item, const char *reason)
{
    struct record *record = item->record;
    context->spoiled = true;
    if (item->role == ITEM_LINK) {
        log_warn("ingest.link", "partition=%d offset=%lld note=%s", record->message->partition, (long long)record->message->offset,
                 log_quote("the ticket that it names cannot take it; it is left out there"));
        record->no_link = true;
        return;
    }
    if (item->role == ITEM_APPELLANT || item->role == ITEM_PLACE) {
        log_warn("ingest.appeal", "partition=%d offset=%lld note=%s", record->message->partition, (long long)record->message->offset,
                 log_quote("what gathers such appeals cannot take it; it is left out there"));
        if (item->role == ITEM_PLACE) record->no_place = true;
        else record->no_appellant = true;
        return;
    }
    record->bad = true;
    record->reason = pool_copy(context->texts, reason, strlen(reason) + 1);
}

/* Kafka's time of a record, 0 where it has none. */
static int64_t record_time(const struct record *record)
{
    rd_kafka_timestamp_type_t type;
    int64_t stamp_ms = rd_kafka_message_timestamp(record->message, &type);
    return stamp_ms > 0 ? stamp_ms : 0;
}

static enum case_add add_event(const struct lane_context *context, const struct item *item, struct change *change)
{
    const struct record *record = item->record;
    if (item->role == ITEM_EVENT) return shrink_add(change, context->changer, &record->event, record_time(record));
    struct event link;
    link = event_as_link(&record->event, record->subject, pool_take(&context->changer->pool, sizeof *link.detail));
    return shrink_link(change, &link);
}

/* False: the case does not take it, and the lane is not committed. */
static bool apply_item(struct lane_context *context, const struct item *item, struct lane_case *one)
{
    if (item->role == ITEM_DEAD) {
        count_record(context, item->record, RECORD_DEAD_LETTER);
        return true;
    }
    if (one->change.appeals) {
        const struct event *event = &item->record->event;
        struct appeal appeal;
        if (appeal_of(event, &appeal)) change_add_appeal(&one->change, context->changer, &appeal, event->at_ms, item->record->subject);
        return true;
    }
    switch (add_event(context, item, &one->change)) {
    case CASE_FULL:
        lane_spoil(context, item, "subject: found a case that holds all the events it can, expected room for one more");
        return false;
    case CASE_RETIRED:
        item->record->retired = item->role == ITEM_EVENT;
        lane_spoil(context, item, DEAD_RETIRED);
        return false;
    case CASE_ADDED:
        if (item->role == ITEM_EVENT) count_record(context, item->record, RECORD_APPLIED);
        break;
    case CASE_DUPLICATE:
        if (item->role == ITEM_EVENT) count_record(context, item->record, RECORD_DUPLICATE);
        break;
    }
    return true;
}

static const char *begin_cases(struct lane *lane, const struct lane_context *context, const redisReply *reply)
{
    size_t i = 0;
    for (struct lane_case *one = lane->cases; one; one = one->next, i++) {
        const redisReply *blob = reply->element[i];
        bool there = blob->type == REDIS_REPLY_STRING;
        const char *fault = change_begin(&one->change, context->changer, one->of, one->id, there ? blob->str : NULL, there ? (size_t)blob->len : 0);
        if (fault) return fault;
    }
    return NULL;
}

static bool finish_cases(struct lane *lane, const struct lane_context *context, struct commit_case *commits)
{
    size_t i = 0;
    for (struct lane_case *one = lane->cases; one; one = one->next) {
        if (!change_finish(&one->change, context->changer)) return false;
        commits[i++] = (struct commit_case){.field = one->field, .change = &one->change, .out = one->change.owes ? OUT_NOW : OUT_KEEP};
    }
    return true;
}

/* --- commit --- */

/* Where a slot stands once the items up to `to` are applied; next -1 where that moves nothing. */
static struct position target(const struct lane *lane, const struct standing *standing, const struct position *ends, int slot)
{
    if (lane->last) return standing_cap(standing, slot, lane->shard, ends[slot]);
    for (size_t i = lane->to; i-- > lane->from;)
        if (lane->item[i].record->slot == slot) return position_after(lane->item[i].record->message);
    return (struct position){.next = -1};
}

static bool moves(const struct lane *lane, const struct lane_context *context, int slot, const struct position *to)
{
    return to->next > standing_at(context->standing, slot, lane->shard)->next;
}

static bool send_commit(struct lane *lane, struct lane_context *context, const struct position *ends, const struct commit_case *commits)
{
    size_t slots = context->standing->assignment->count, count = 0;
    struct commit_position *positions = pool_take(&lane->pool, (slots + 1) * sizeof *positions);
    for (size_t slot = 0; slot < slots; slot++) {
        struct position to = target(lane, context->standing, ends, (int)slot);
        if (!moves(lane, context, (int)slot, &to)) continue;
        struct position_texts *texts = pool_take(&lane->pool, sizeof *texts);
        positions[count++] = standing_move(context->standing, (int)slot, lane->shard, &to, texts);
    }
    return store_commit_send(context->store, lane->shard, positions, count, commits, lane->case_count, &context->changer->tally);
}

enum store_result lane_commit(struct lane *lane, struct lane_context *context, const struct position *ends)
{
    redisReply *reply = NULL;
    const char *fault = NULL;
    bool spoiled = false;
    enum store_result result = STORE_DONE;
    struct commit_case *commits = pool_take(&lane->pool, (lane->case_count + 1) * sizeof *commits);
    if (lane->case_count > 0) {
        reply = store_load_take(context->store);
        if (!reply) return context->store->link->context ? STORE_REFUSED : STORE_LOST;
        fault = begin_cases(lane, context, reply);
    }
    for (size_t i = lane->from; i < lane->to && !fault; i++) /* to the end: all that are refused are so at one time */
        spoiled |= !apply_item(context, &lane->item[i], lane->slot[i - lane->from]);
    if (!fault && spoiled) fault = "a case does not take an event";
    if (!fault && !finish_cases(lane, context, commits)) fault = "the case would grow beyond what may be stored";
    if (fault) {
        snprintf(context->store->fault, sizeof context->store->fault, "%s", fault);
        result = STORE_REFUSED;
    } else if (!send_commit(lane, context, ends, commits)) {
        result = STORE_LOST;
    }
    for (struct lane_case *one = lane->cases; one; one = one->next) change_end(&one->change);
    if (reply) freeReplyObject(reply);
    changer_clear(context->changer);
    return result;
}

enum store_result lane_settle(struct lane *lane, struct lane_context *context, const struct position *ends)
{
    struct store_refusal refusal;
    enum store_result result = store_commit_take(context->store, &refusal);
    store_refusal_free(&refusal);
    if (result != STORE_DONE) return result;
    for (size_t slot = 0; slot < context->standing->assignment->count; slot++) {
        struct position to = target(lane, context->standing, ends, (int)slot);
        if (moves(lane, context, (int)slot, &to)) *standing_at(context->standing, (int)slot, lane->shard) = to;
    }
    return STORE_DONE;
}
