/* Positions read, judged and moved.
 *
 * A shard without a position in a partition gets one before anything is read
 * there, so that "none" never has to be told from "lost". next = -1 stands for
 * none in this file alone. */
#include "ingest/standing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"

enum { WATERMARK_MS = 5000 };

struct position *standing_at(const struct standing *standing, int slot, unsigned shard)
{
    return &standing->position[(size_t)slot * standing->store->shards + shard];
}

struct position standing_cap(const struct standing *standing, int slot, unsigned shard, struct position to)
{
    const struct position *limit = standing->limit ? &standing->limit[(size_t)slot * standing->store->shards + shard] : NULL;
    return limit && to.next > limit->next ? *limit : to;
}

bool standing_takes(const struct standing *standing, int slot, unsigned shard, int64_t offset)
{
    const struct position *limit = standing->limit ? &standing->limit[(size_t)slot * standing->store->shards + shard] : NULL;
    return offset >= standing_at(standing, slot, shard)->next && (!limit || offset < limit->next);
}

static size_t slots(const struct standing *standing)
{
    return standing->assignment ? standing->assignment->count : 0;
}

void standing_free(struct standing *standing)
{
    assignment_free(standing->assignment);
    free(standing->position);
    free(standing->done);
    free(standing->stopped);
    free(standing->recreated);
    free(standing->witness);
    free(standing->field);
    standing->assignment = NULL;
    standing->position = standing->done = NULL;
    standing->stopped = standing->recreated = NULL;
    standing->witness = NULL;
    standing->field = NULL;
}

void standing_set(struct standing *standing, struct assignment *assignment)
{
    standing_free(standing);
    standing->assignment = assignment;
    size_t count = slots(standing);
    standing->position = xcalloc(count * standing->store->shards + 1, sizeof *standing->position);
    standing->done = xcalloc(count + 1, sizeof *standing->done);
    standing->stopped = xcalloc(count + 1, sizeof *standing->stopped);
    standing->recreated = xcalloc(count + 1, sizeof *standing->recreated);
    standing->witness = xcalloc(count + 1, sizeof *standing->witness);
    standing->field = xcalloc(count + 1, sizeof *standing->field);
    for (size_t i = 0; i < count; i++) position_field(standing->field[i], assignment->slot[i].topic, assignment->slot[i].partition);
}

/* --- reading --- */

static int slot_of(const struct standing *standing, const redisReply *field)
{
    for (size_t i = 0; i < slots(standing); i++)
        if (strlen(standing->field[i]) == (size_t)field->len && !memcmp(standing->field[i], field->str, (size_t)field->len)) return (int)i;
    return -1;
}

static enum standing_result read_positions(struct standing *standing)
{
    for (unsigned shard = 0; shard < standing->store->shards; shard++) {
        redisReply *reply = store_positions(standing->store, shard);
        if (!reply) return STANDING_LOST;
        for (size_t i = 0; i < slots(standing); i++) *standing_at(standing, (int)i, shard) = (struct position){.next = -1, .offset = -1};
        for (size_t i = 0; i + 1 < reply->elements; i += 2) {
            int slot = slot_of(standing, reply->element[i]);
            const redisReply *value = reply->element[i + 1];
            if (slot >= 0 && !position_parse((struct text){value->str, (size_t)value->len}, standing_at(standing, slot, shard)))
                log_error("ingest.position", "shard=%u slot=%s value=%s note=unreadable", shard, log_quote(standing->field[slot]), log_quote(value->str));
        }
        freeReplyObject(reply);
    }
    return STANDING_READY;
}

enum standing_result standing_reload(struct standing *standing, const int64_t *first, bool *rewind)
{
    enum standing_result result = read_positions(standing);
    *rewind = false;
    for (size_t i = 0; i < slots(standing) && result == STANDING_READY; i++)
        for (unsigned shard = 0; shard < standing->store->shards; shard++)
            if (first[i] != INT64_MAX && standing_at(standing, (int)i, shard)->next < first[i]) *rewind = true;
    return result;
}

/* --- moving --- */

struct commit_position standing_move(const struct standing *standing, int slot, unsigned shard, const struct position *to,
                                     struct position_texts *texts)
{
    const struct position *from = standing_at(standing, slot, shard);
    size_t expected = from->next < 0 ? 0 : position_print(texts->expected, from), value = position_print(texts->value, to);
    return (struct commit_position){{standing->field[slot], strlen(standing->field[slot])}, {texts->expected, expected}, {texts->value, value}};
}

/* Sets those slots of a shard for which `to` holds a position (next >= 0) that differs. */
static enum standing_result move_shard(struct standing *standing, unsigned shard, const struct position *to)
{
    size_t count = 0, room = slots(standing);
    struct commit_position *moves = xcalloc(room + 1, sizeof *moves);
    struct position_texts *texts = xcalloc(room + 1, sizeof *texts);
    struct store_refusal refusal = {NULL};
    enum store_result result = STORE_DONE;
    for (size_t i = 0; i < room; i++)
        if (to[i].next >= 0 && !position_equal(&to[i], standing_at(standing, (int)i, shard))) {
            moves[count] = standing_move(standing, (int)i, shard, &to[i], &texts[count]);
            count++;
        }
    if (count > 0) {
        bool sent = store_commit_send(standing->store, shard, moves, count, NULL, 0, NULL);
        result = sent ? store_commit_take(standing->store, &refusal) : STORE_LOST;
        store_refusal_free(&refusal);
    }
    for (size_t i = 0; i < room && result == STORE_DONE; i++)
        if (to[i].next >= 0) *standing_at(standing, (int)i, shard) = to[i];
    free(moves);
    free(texts);
    if (result == STORE_DONE) return STANDING_READY;
    return result == STORE_LOST ? STANDING_LOST : STANDING_AGAIN;
}

static enum standing_result move_all(struct standing *standing, const struct position *to, bool (*wanted)(const struct position *now))
{
    enum standing_result result = STANDING_READY;
    struct position *mine = xcalloc(slots(standing) + 1, sizeof *mine);
    for (unsigned shard = 0; shard < standing->store->shards && result == STANDING_READY; shard++) {
        for (size_t i = 0; i < slots(standing); i++) {
            mine[i] = to[i];
            if (!standing->recreated[i] && wanted && !wanted(standing_at(standing, (int)i, shard))) mine[i].next = -1;
        }
        result = move_shard(standing, shard, mine);
    }
    free(mine);
    return result;
}

enum standing_result standing_advance(struct standing *standing)
{
    enum standing_result result = STANDING_READY;
    struct position *to = xcalloc(slots(standing) + 1, sizeof *to);
    for (unsigned shard = 0; shard < standing->store->shards && result == STANDING_READY; shard++) {
        for (size_t i = 0; i < slots(standing); i++) {
            to[i] = standing_cap(standing, (int)i, shard, standing->done[i]);
            if (to[i].next <= standing_at(standing, (int)i, shard)->next) to[i].next = -1;
        }
        result = move_shard(standing, shard, to);
    }
    free(to);
    return result;
}

/* --- planning --- */

static bool is_none(const struct position *position)
{
    return position->next < 0;
}

static void add_check(struct start *start, const struct position *position)
{
    size_t at = start->checks;
    if (at == CHECKS_MAX) return;
    for (size_t i = 0; i < start->checks; i++)
        if (start->check[i].offset == position->offset) return;
    while (at > 0 && start->check[at - 1].offset > position->offset) {
        start->check[at] = start->check[at - 1];
        at--;
    }
    start->check[at] = *position;
    start->checks++;
}

/* Judges one slot over all shards; where the log has changed under it, marks that. */
static void plan_slot(struct standing *standing, int slot, int64_t low, int64_t high, struct start *start)
{
    *start = (struct start){.offset = INT64_MAX};
    for (unsigned shard = 0; shard < standing->store->shards && !standing->recreated[slot]; shard++) {
        const struct position *position = standing_at(standing, slot, shard);
        if (position->next < 0) {
            if (low < start->offset) start->offset = low;
            continue;
        }
        enum position_verdict verdict = position_judge(position, low, high);
        if (verdict == POSITION_RECREATED) standing->recreated[slot] = true;
        if (verdict == POSITION_GAP) start->stopped = true;
        if (verdict == POSITION_VERIFY) add_check(start, position);
        int64_t from = verdict == POSITION_VERIFY ? position->offset : position->next;
        if (from < start->offset) start->offset = from;
    }
    if (!standing->recreated[slot]) return;
    log_error("ingest.recreated", "partition=%s low=%" PRId64 " high=%" PRId64 " note=%s", log_quote(standing->field[slot]), low, high,
              log_quote("the topic is another one than was read before: reading it from its beginning, known events count as duplicates"));
    *start = (struct start){.offset = low};
}

static void say_gap(const struct standing *standing, int slot, int64_t low)
{
    log_error("ingest.gap", "partition=%s low=%" PRId64 " note=%s", log_quote(standing->field[slot]), low,
              log_quote("records that were not read yet are gone from the front of the log; this partition stops until: bihuan-ingest accept-gap TOPIC PARTITION"));
}

/* The ends of each log, the start of each slot, and the first positions to set. */
static enum standing_result plan_slots(struct standing *standing, struct start_list *list, struct position *first)
{
    for (size_t i = 0; i < slots(standing); i++) {
        int64_t low, high;
        const struct slot *slot = &standing->assignment->slot[i];
        rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(standing->consumer, slot->topic, slot->partition, &low, &high, WATERMARK_MS);
        if (error) {
            log_warn("ingest.watermarks", "partition=%s error=%s", log_quote(standing->field[i]), log_quote(rd_kafka_err2str(error)));
            return STANDING_AGAIN;
        }
        plan_slot(standing, (int)i, low, high, &list->start[i]);
        standing->stopped[i] = list->start[i].stopped;
        if (standing->stopped[i]) say_gap(standing, (int)i, low);
        first[i] = (struct position){.next = standing->stopped[i] ? -1 : low, .offset = -1};
        standing->done[i] = (struct position){.next = -1, .offset = -1};
        standing->witness[i] = (struct witness){0};
    }
    return STANDING_READY;
}

enum standing_result standing_plan(struct standing *standing, struct start_list **list)
{
    struct start_list *plan = xcalloc(1, sizeof *plan);
    struct position *first = xcalloc(slots(standing) + 1, sizeof *first);
    plan->start = xcalloc(slots(standing) + 1, sizeof *plan->start);
    plan->count = slots(standing);
    plan->assignment = standing->assignment ? standing->assignment->id : 0;
    plan->generation = ++standing->generation;
    plan->book = standing->book = standing->store->book;
    enum standing_result result = read_positions(standing);
    if (result == STANDING_READY) result = plan_slots(standing, plan, first);
    if (result == STANDING_READY) result = move_all(standing, first, is_none);
    free(first);
    if (result == STANDING_READY) {
        memset(standing->recreated, 0, slots(standing) * sizeof *standing->recreated);
        *list = plan;
    } else {
        start_list_free(plan);
    }
    return result;
}

bool standing_has_gap(const struct standing *standing)
{
    for (size_t i = 0; i < slots(standing); i++)
        if (standing->stopped[i]) return true;
    return false;
}

/* --- watching --- */

static void look_from_here(struct standing *standing, size_t i)
{
    struct witness *witness = &standing->witness[i];
    witness->asked_ms = witness->newest_ms;
    witness->asked_next = standing->done[i].next;
}

/* For each slot that was read from, the time behind its newest record. */
static rd_kafka_topic_partition_list_t *times(struct standing *standing)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)slots(standing));
    for (size_t i = 0; i < slots(standing); i++) {
        const struct slot *slot = &standing->assignment->slot[i];
        if (standing->witness[i].newest_ms == 0 || standing->done[i].next < 0 || standing->stopped[i]) continue;
        if (standing->witness[i].asked_ms == 0) look_from_here(standing, i);
        rd_kafka_topic_partition_list_add(list, slot->topic, slot->partition)->offset = standing->witness[i].asked_ms + 1;
    }
    return list;
}

/* `newer`: offset of the first record that is newer than the witness; negative: none, or the broker cannot tell. */
static bool same_log(struct standing *standing, size_t i, int64_t newer)
{
    struct witness *witness = &standing->witness[i];
    bool front = newer >= 0 && newer < witness->asked_next;
    if (front && witness->ordered) return false;
    if (!front && !witness->ordered) log_debug("ingest.watched", "partition=%s next=%" PRId64, log_quote(standing->field[i]), witness->asked_next);
    witness->ordered = !front;
    look_from_here(standing, i);
    return true;
}

bool standing_watch(struct standing *standing)
{
    bool another = false;
    rd_kafka_topic_partition_list_t *list = times(standing);
    rd_kafka_resp_err_t failed = list->cnt ? rd_kafka_offsets_for_times(standing->consumer, list, WATERMARK_MS) : RD_KAFKA_RESP_ERR_NO_ERROR;
    for (size_t i = 0; i < slots(standing) && !failed; i++) {
        const struct slot *slot = &standing->assignment->slot[i];
        const rd_kafka_topic_partition_t *found = rd_kafka_topic_partition_list_find(list, slot->topic, slot->partition);
        if (!found || found->err || same_log(standing, i, found->offset)) continue;
        standing->recreated[i] = another = true;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return another;
}

bool standing_unwatched(const struct standing *standing)
{
    for (size_t i = 0; i < slots(standing); i++)
        if (standing->witness[i].newest_ms > 0 && standing->witness[i].asked_ms == 0) return true;
    return false;
}
