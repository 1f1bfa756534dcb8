/* Producing for an errand. The key is the case, so that its records stay in order. */
#include "notify/record.h"

#include "common/arena.h"
#include "common/log.h"

static void produce(struct notifier *notifier, struct errand *errand, const char *topic, json_t *value)
{
    char text[ENVELOPE_MAX_BYTES];
    size_t bytes = json_dumpb(value, text, sizeof text, JSON_COMPACT);
    struct kafka_record record = {.topic = topic, .key = errand->file.id.at, .key_bytes = errand->file.id.bytes, .value = text, .value_bytes = bytes,
                                  .opaque = errand};
    bool fits = bytes > 0 && bytes <= sizeof text;
    if (!fits || !kafka_produce(notifier->producer, &record, 0)) {
        log_error("notify.kafka", "topic=%s error=%s", log_quote(topic), log_quote(fits ? notifier->producer->error : "the record is too long"));
        errand->failed = true;
        return;
    }
    errand->unacked++;
    notifier->recording++;
}

void record_result(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                   const char *type, const char *id, uint64_t revision)
{
    arena_begin();
    produce(notifier, errand, notifier->config->topics.results, envelope_result(envelope, demand, type, id, revision));
    arena_end();
    notifier->published++;
}

void record_ledger(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                   const struct ledger_entry *entry)
{
    arena_begin();
    produce(notifier, errand, notifier->config->topics.ledger, ledger_record(envelope, demand, entry));
    arena_end();
}

void record_delivered(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset)
{
    struct notifier *notifier = context;
    struct errand *errand = opaque;
    (void)partition, (void)offset;
    errand->unacked--;
    notifier->recording--;
    if (!error) return;
    log_error("notify.kafka", "error=%s", log_quote(rd_kafka_err2str(error)));
    errand->failed = true;
}
