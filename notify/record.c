/* Producing for an errand. The key is the case, so that its records stay in order.
 *
 * The trap: what was sent must be recorded, or it is sent again. So a record that Kafka does not take is kept and
 * produced again, as long as that takes. */
#include "notify/record.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/alloc.h"
#include "common/arena.h"
#include "common/log.h"
#include "notify/alert.h"

static void produce_digest(struct notifier *notifier, struct letter *letter)
{
    const struct digest_letter *digest = letter->digest;
    struct kafka_record record = {.topic = letter->topic, .key = digest->key, .key_bytes = strlen(digest->key), .value = letter->value,
                                  .value_bytes = letter->bytes, .headers = &digest->header, .header_count = 1, .opaque = letter};
    letter->refused = !notifier->producer || !kafka_produce(notifier->producer, &record, 0);
    notifier->refused += letter->refused;
}

static void produce(struct notifier *notifier, struct letter *letter)
{
    const struct case_file *file = &letter->errand->file;
    struct told_headers headers;
    told_headers_make(&headers, letter->errand->lease.field, letter->told);
    struct kafka_record record = {.topic = letter->topic, .key = file->id.at, .key_bytes = file->id.bytes, .value = letter->value,
                                  .value_bytes = letter->bytes, .headers = headers.header, .header_count = headers.count, .opaque = letter};
    letter->refused = !notifier->producer || !kafka_produce(notifier->producer, &record, 0);
    notifier->refused += letter->refused;
}

/* Takes the value over (it lies in the arena) as one record. */
static void add(struct notifier *notifier, struct errand *errand, const char *topic, json_t *value, const struct told_record *told)
{
    struct letter *letter = pool_take(&errand->pool, sizeof *letter);
    *letter = (struct letter){.errand = errand, .topic = topic, .told = pool_copy(&errand->pool, told, sizeof *told), .next = errand->letters};
    struct told_headers headers;
    told_headers_make(&headers, errand->lease.field, told);
    struct chain_cover cover = {errand->file.id.at, errand->file.id.bytes, headers.header, headers.count};
    bool chained = topic == notifier->config->topics.ledger;
    const char *text = chained ? chain_print(notifier->chain, errand->lease.shard, value, &cover, &letter->link) : json_dumps(value, JSON_COMPACT);
    letter->bytes = text ? strlen(text) : 0;
    letter->value = pool_copy(&errand->pool, text, letter->bytes);
    errand->letters = letter;
    errand->unacked++;
    if (notifier->recording++ == 0) notifier->acked_ms = clock_monotonic_ms();
    produce(notifier, letter);
}

void record_result(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                   const char *type, const char *id, const struct told_record *told)
{
    arena_begin();
    add(notifier, errand, notifier->config->topics.results, envelope_result(envelope, demand, type, id, told->revision), told);
    arena_end();
    notifier->published++;
    meters_count(notifier->meters, METER_PUBLISHED, 1);
}

void record_ledger(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                   const struct ledger_entry *entry, const struct told_record *told)
{
    arena_begin();
    struct alert alert = {errand->file.id, errand->appeals, &notifier->changer.appeals, envelope->rules->zone, errand->now_ms};
    json_t *value = errand->appeals ? alert_ledger(&alert, demand, entry) : ledger_record(envelope, demand, entry);
    add(notifier, errand, notifier->config->topics.ledger, value, told);
    arena_end();
}

struct digest_record {
    struct letter letter;
    struct digest_letter digest;
};

void record_digest(void *context, const struct digest_letter *digest)
{
    struct notifier *notifier = context;
    struct digest_record *record = xmalloc(sizeof *record);
    struct chain_cover cover = {digest->key, strlen(digest->key), &digest->header, 1};
    *record = (struct digest_record){.letter = {.topic = notifier->config->topics.ledger, .digest = &record->digest, .next = notifier->digest_letters}, .digest = *digest};
    const char *text = chain_print(notifier->chain, digest->shard, digest->value, &cover, &record->letter.link);
    record->letter.bytes = text ? strlen(text) : 0;
    record->letter.value = xstrndup(text ? text : "", record->letter.bytes);
    notifier->digest_letters = &record->letter;
    if (notifier->recording++ == 0) notifier->acked_ms = clock_monotonic_ms();
    produce_digest(notifier, &record->letter);
}

static void digest_acknowledged(struct notifier *notifier, struct letter *letter)
{
    LL_DELETE(notifier->digest_letters, letter);
    digests_recorded(letter->digest->job);
    free((char *)letter->value);
    free(letter);
}

void record_delivered(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset)
{
    struct notifier *notifier = context;
    struct letter *letter = opaque;
    (void)partition, (void)offset;
    if (!error) {
        if (letter->link) chain_acknowledged(notifier->chain, letter->link);
        letter->link = NULL;
        notifier->recording--;
        notifier->acked_ms = clock_monotonic_ms();
        if (letter->errand) letter->errand->unacked--;
        else digest_acknowledged(notifier, letter);
        return;
    }
    if (notifier->refused++ == 0) log_error("notify.kafka", "topic=%s error=%s", log_quote(letter->topic), log_quote(rd_kafka_err2str(error)));
    letter->refused = true;
}

/* A producer that can send no more gives way to another. */
static void renew_producer(struct notifier *notifier)
{
    char error[KAFKA_ERROR_BYTES];
    if (notifier->producer && !kafka_producer_failed(notifier->producer)) return;
    if (notifier->producer) log_error("notify.kafka", "error=%s", log_quote(notifier->producer->error));
    kafka_producer_close(notifier->producer, 0); /* reports on all */
    notifier->producer = kafka_producer_open(notifier->config, record_delivered, notifier, error, sizeof error);
    if (!notifier->producer) log_error("notify.kafka", "error=%s", log_quote(error));
}

void record_again(struct notifier *notifier)
{
    renew_producer(notifier);
    if (notifier->refused == 0) return;
    notifier->refused = 0;
    for (size_t i = 0; i < notifier->count; i++)
        for (struct letter *letter = notifier->errand[i]->letters; letter; letter = letter->next)
            if (letter->refused) produce(notifier, letter);
    for (struct letter *letter = notifier->digest_letters; letter; letter = letter->next)
        if (letter->refused) produce_digest(notifier, letter);
}

void record_close(struct notifier *notifier)
{
    for (struct letter *letter = notifier->digest_letters, *next; letter; letter = next) {
        next = letter->next;
        free((char *)letter->value);
        free(letter);
    }
    notifier->digest_letters = NULL;
}

bool record_stuck(const struct notifier *notifier)
{
    return notifier->recording > 0 && clock_monotonic_ms() - notifier->acked_ms > RECORD_STUCK_MS;
}
