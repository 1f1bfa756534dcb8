/* Reading the log.
 *
 * Two traps. A record may come from an assignment that is no longer ours: batches
 * bear a generation, and the committer drops those of an old one. And offsets are set by
 * unassign and assign, never by seek, which librdkafka 2.0 can lose messages around. */
#include "ingest/intake.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/daemon.h"
#include "common/kafka.h"
#include "common/log.h"
#include "sla/proposal.h"

enum { POLL_MS = 50, GIVE_MS = 1000, PAUSED_POLL_MS = 20, METADATA_MS = 10000, REVIEW_MS = 1000, CLOSE_WAIT_MS = 100 };

/* --- the group --- */

static void drop_reading(struct intake *intake)
{
    batch_free(intake->batch);
    intake->batch = NULL;
    start_list_free(intake->starts);
    intake->starts = NULL;
    intake->paused = false;
    ingest_meters_paused(intake->committer->meters, false);
}

/* Nothing is read at first: the committer works out where to begin. */
static void on_rebalance(rd_kafka_t *consumer, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    struct intake *intake = opaque;
    bool given = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    drop_reading(intake);
    if (given) {
        rd_kafka_topic_partition_list_t *none = rd_kafka_topic_partition_list_new(0);
        rd_kafka_assign(consumer, none);
        rd_kafka_topic_partition_list_destroy(none);
    } else {
        rd_kafka_assign(consumer, NULL);
    }
    assignment_free(intake->assignment);
    intake->assignments++;
    intake->assignment = assignment_new(intake->assignments, given ? partitions : NULL);
    handover_tell(intake->handover, PARCEL_ASSIGNMENT, assignment_new(intake->assignments, given ? partitions : NULL), -1);
}

static rd_kafka_resp_err_t subscribe(rd_kafka_t *consumer, const struct config *config)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(2);
    rd_kafka_topic_partition_list_add(topics, config->topics.tickets, RD_KAFKA_PARTITION_UA);
    rd_kafka_topic_partition_list_add(topics, config->topics.ratings, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return error;
}

rd_kafka_t *intake_consumer(struct intake *intake, const struct config *config, char *error, size_t error_bytes)
{
    rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_CONSUMER, error, error_bytes);
    if (!conf) return NULL;
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_opaque(conf, intake);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_bytes);
    if (!consumer) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_resp_err_t failed = subscribe(consumer, config);
    if (!failed) return consumer;
    snprintf(error, error_bytes, "subscribe: %s", rd_kafka_err2str(failed));
    rd_kafka_destroy(consumer);
    return NULL;
}

/* --- without a group --- */

static bool add_partitions(rd_kafka_t *consumer, const char *topic, rd_kafka_topic_partition_list_t *partitions, char *error, size_t error_bytes)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer, topic, NULL);
    rd_kafka_resp_err_t failed = rd_kafka_metadata(consumer, 0, handle, &metadata, METADATA_MS);
    rd_kafka_topic_destroy(handle);
    if (!failed) {
        failed = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        for (int i = 0; !failed && i < metadata->topics[0].partition_cnt; i++)
            rd_kafka_topic_partition_list_add(partitions, topic, metadata->topics[0].partitions[i].id);
        rd_kafka_metadata_destroy(metadata);
    }
    if (failed) snprintf(error, error_bytes, "topic %s: %s", topic, rd_kafka_err2str(failed));
    return !failed;
}

rd_kafka_t *intake_reader(const struct config *config, rd_kafka_topic_partition_list_t **partitions, char *error, size_t error_bytes)
{
    *partitions = rd_kafka_topic_partition_list_new(8);
    rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_CONSUMER, error, error_bytes);
    if (!conf) return NULL;
    rd_kafka_conf_set(conf, "group.instance.id", "", NULL, 0); /* a group's name must be there; none is joined */
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_bytes);
    if (!consumer) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_poll_set_consumer(consumer);
    if (add_partitions(consumer, config->topics.tickets, *partitions, error, error_bytes) &&
        add_partitions(consumer, config->topics.ratings, *partitions, error, error_bytes))
        return consumer;
    rd_kafka_destroy(consumer);
    return NULL;
}

void intake_begin(struct intake *intake, const rd_kafka_topic_partition_list_t *partitions)
{
    intake->assignments++;
    intake->assignment = assignment_new(intake->assignments, partitions);
    handover_tell(intake->handover, PARCEL_ASSIGNMENT, assignment_new(intake->assignments, partitions), -1);
}

/* --- beginning where the committer says --- */

static rd_kafka_topic_partition_list_t *started(const struct intake *intake)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)intake->starts->count);
    for (size_t i = 0; i < intake->starts->count; i++)
        if (!intake->starts->start[i].stopped)
            rd_kafka_topic_partition_list_add(list, intake->assignment->slot[i].topic, intake->assignment->slot[i].partition)->offset =
                intake->starts->start[i].offset;
    return list;
}

static void take_starts(struct intake *intake)
{
    struct start_list *list = handover_starts(intake->handover);
    if (!list) return;
    if (!intake->assignment || list->assignment != intake->assignments) {
        start_list_free(list);
        return;
    }
    drop_reading(intake);
    intake->starts = list;
    intake->by.book = list->book;
    intake->checked = xrealloc(intake->checked, (list->count + 1) * sizeof *intake->checked);
    memset(intake->checked, 0, (list->count + 1) * sizeof *intake->checked);
    rd_kafka_topic_partition_list_t *none = rd_kafka_topic_partition_list_new(0), *partitions = started(intake);
    rd_kafka_assign(intake->consumer, none);
    rd_kafka_resp_err_t error = rd_kafka_assign(intake->consumer, partitions);
    /* A pause outlives unassign and assign in librdkafka. */
    if (!error && partitions->cnt > 0) rd_kafka_resume_partitions(intake->consumer, partitions);
    if (error) log_error("ingest.assign", "error=%s", log_quote(rd_kafka_err2str(error)));
    for (int i = 0; i < partitions->cnt; i++)
        log_info("ingest.begin", "partition=%s/%" PRId32 " offset=%" PRId64, log_quote(partitions->elems[i].topic), partitions->elems[i].partition,
                 partitions->elems[i].offset);
    rd_kafka_topic_partition_list_destroy(none);
    rd_kafka_topic_partition_list_destroy(partitions);
}

/* --- records --- */

static int slot_of(struct intake *intake, const rd_kafka_message_t *message)
{
    const struct assignment *assignment = intake->assignment;
    const char *topic = rd_kafka_topic_name(message->rkt);
    for (size_t tried = 0; assignment && tried < assignment->count; tried++) {
        size_t i = ((size_t)intake->last_slot + tried) % assignment->count;
        if (assignment->slot[i].partition != message->partition || strcmp(assignment->slot[i].topic, topic) != 0) continue;
        intake->last_slot = (int)i;
        return (int)i;
    }
    return -1;
}

/* Is this still the log that was read before? */
static bool known_again(struct intake *intake, int slot, const rd_kafka_message_t *message)
{
    const struct start *start = &intake->starts->start[slot];
    size_t *n = &intake->checked[slot];
    while (*n < start->checks && start->check[*n].offset < message->offset) (*n)++; /* compacted away */
    if (*n == start->checks || start->check[*n].offset != message->offset) return true;
    struct position now = position_after(message);
    const struct position *then = &start->check[(*n)++];
    return now.timestamp_ms == then->timestamp_ms && now.crc == then->crc;
}

/* Hands the batch over; while the committer is behind, pauses and keeps polling. */
static bool give(struct intake *intake, int wait_ms)
{
    if (!handover_give(intake->handover, intake->batch, wait_ms)) return false;
    intake->batch = NULL;
    return true;
}

static void pause_reading(struct intake *intake, bool pause)
{
    rd_kafka_topic_partition_list_t *partitions = started(intake);
    if (partitions->cnt > 0) {
        if (pause) rd_kafka_pause_partitions(intake->consumer, partitions);
        else rd_kafka_resume_partitions(intake->consumer, partitions);
    }
    rd_kafka_topic_partition_list_destroy(partitions);
    intake->paused = pause;
    ingest_meters_paused(intake->committer->meters, pause);
    log_info("ingest.pressure", "paused=%s", pause ? "yes" : "no");
}

static void take_record(struct intake *intake, rd_kafka_message_t *message)
{
    int slot = intake->starts ? slot_of(intake, message) : -1;
    const struct filling *filling = intake->committer->filling;
    if (slot < 0 || (filling && filling_is_beyond(filling, slot, message->offset))) {
        rd_kafka_message_destroy(message);
        return;
    }
    if (!known_again(intake, slot, message)) {
        rd_kafka_message_destroy(message);
        drop_reading(intake);
        handover_tell(intake->handover, PARCEL_RECREATED, NULL, slot);
        return;
    }
    if (!intake->batch) intake->batch = batch_new(intake->starts->generation, (size_t)intake->config->ingest.batch_records);
    struct batch *batch = intake->batch;
    struct record *record = batch_next(batch);
    *record = (struct record){.message = message, .slot = slot};
    record_decode(record, &intake->by, clock_business_read_ms(&intake->committer->store.clock), &batch->pool);
    bool retired;
    if (filling && refused_has(&filling->refused, message, &retired)) {
        record->retired = retired && !record->bad;
        record->bad = true;
        record->reason = filling_refused;
    }
    batch->bytes += message->len + message->key_len + sizeof *record;
}

/* Told to the committer behind all that was read of it. Nobody waits for this consumer in a group, so it may wait. */
static void take_end(struct intake *intake, const rd_kafka_message_t *message)
{
    int slot = intake->starts ? slot_of(intake, message) : -1;
    while (intake->batch && !give(intake, GIVE_MS))
        if (daemon_stopping() || intake->committer->failed) return;
    if (slot >= 0) handover_tell_end(intake->handover, slot, intake->starts->generation);
}

static void take_error(struct intake *intake, const rd_kafka_message_t *message)
{
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        take_end(intake, message);
        return;
    }
    bool offset_gone = message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
    log_warn("ingest.kafka", "error=%s", log_quote(rd_kafka_message_errstr(message)));
    if (!offset_gone || clock_monotonic_ms() - intake->review_ms < REVIEW_MS) return;
    intake->review_ms = clock_monotonic_ms();
    handover_tell(intake->handover, PARCEL_REVIEW, NULL, -1);
}

static bool is_full(const struct intake *intake)
{
    const struct batch *batch = intake->batch;
    return batch->count >= (size_t)intake->config->ingest.batch_records || batch->bytes * 2 >= (size_t)intake->config->ingest.queue_bytes ||
           clock_monotonic_ms() - batch->begun_ms >= intake->config->ingest.batch_ms;
}

static int poll_wait_ms(const struct intake *intake)
{
    if (intake->paused) return PAUSED_POLL_MS;
    if (!intake->batch) return POLL_MS;
    int64_t left_ms = intake->batch->begun_ms + intake->config->ingest.batch_ms - clock_monotonic_ms();
    return left_ms < 0 ? 0 : (int)left_ms;
}

static void turn(struct intake *intake)
{
    take_starts(intake);
    rd_kafka_message_t *message = rd_kafka_consumer_poll(intake->consumer, poll_wait_ms(intake));
    if (message && message->err) {
        take_error(intake, message);
        rd_kafka_message_destroy(message);
    } else if (message) {
        take_record(intake, message);
    }
    if (!intake->batch || !is_full(intake)) return;
    bool given = give(intake, intake->paused ? 0 : GIVE_MS);
    if (given == intake->paused && intake->starts) pause_reading(intake, !given);
}

void intake_run(struct intake *intake)
{
    int64_t watchdog_ms = clock_monotonic_ms();
    while (!daemon_stopping() && !intake->committer->failed && !intake->committer->reached) {
        turn(intake);
        if (daemon_reload_wanted()) {
            config_reload_level(intake->config->path);
            proposal_review(intake->by.book, intake->config->path);
        }
        if (daemon_watchdog_ms() > 0 && clock_monotonic_ms() - watchdog_ms >= daemon_watchdog_ms()) {
            watchdog_ms = clock_monotonic_ms();
            daemon_notify_watchdog();
        }
    }
    while (intake->batch && !intake->committer->failed && !give(intake, CLOSE_WAIT_MS)) continue;
}

void intake_close(struct intake *intake)
{
    drop_reading(intake);
    assignment_free(intake->assignment);
    free(intake->checked);
    decoder_free(intake->by.decoder);
    *intake = (struct intake){0};
}
