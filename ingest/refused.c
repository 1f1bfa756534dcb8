/* Dead letters as a sorted list of topic, partition and offset, each with the checksum of its record. */
#include "ingest/refused.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "common/alloc.h"
#include "common/kafka_reader.h"
#include "ingest/batch.h"
#include "ingest/dead_letter.h"

struct refused_one {
    uint64_t place; /* hash of topic and partition */
    int64_t offset;
    uint32_t crc;
    bool retired;   /* refused as its case was past its retention */
    bool whole;     /* the letter holds all of the record, so that the checksum says whether it is the same */
};

static uint64_t place_of(const char *topic, int32_t partition)
{
    return XXH3_64bits_withSeed(topic, strlen(topic), (uint64_t)(uint32_t)partition);
}

static bool read_number(const char *text, int64_t most, int64_t *number)
{
    char *end;
    if (!text || !*text) return false;
    *number = strtoll(text, &end, 10);
    return !*end && *number >= 0 && *number <= most;
}

static void note(struct refused *refused, const rd_kafka_message_t *message)
{
    int64_t partition, offset;
    const char *topic = kafka_header_text(message, DLQ_TOPIC);
    if (!topic || !read_number(kafka_header_text(message, DLQ_PARTITION), INT32_MAX, &partition) || !read_number(kafka_header_text(message, DLQ_OFFSET), INT64_MAX, &offset)) {
        refused->strange++;
        return;
    }
    if (refused->count == refused->room) {
        refused->room = refused->room ? refused->room * 2 : 1024;
        refused->one = xrealloc(refused->one, refused->room * sizeof *refused->one);
    }
    const char *reason = kafka_header_text(message, DLQ_REASON);
    refused->one[refused->count++] = (struct refused_one){place_of(topic, (int32_t)partition), offset, message_crc(message), reason && !strcmp(reason, DEAD_RETIRED),
                                                          !kafka_header_text(message, DLQ_BYTES)};
}

static int by_place(const void *a, const void *b)
{
    const struct refused_one *x = a, *y = b;
    if (x->place != y->place) return x->place < y->place ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

bool refused_load(struct refused *refused, const struct config *config, char *error, size_t error_bytes)
{
    *refused = (struct refused){.count = 0};
    struct kafka_reader *reader = kafka_reader_open(config, config->topics.dlq, error, error_bytes);
    if (!reader) return false;
    refused->front_gone = kafka_reader_front_gone(reader);
    for (rd_kafka_message_t *message; refused->count < REFUSED_MAX && (message = kafka_reader_next(reader)); rd_kafka_message_destroy(message)) note(refused, message);
    bool good = !*kafka_reader_error(reader) && refused->count < REFUSED_MAX;
    if (!good) snprintf(error, error_bytes, "%s: %s", config->topics.dlq, *kafka_reader_error(reader) ? kafka_reader_error(reader) : "more dead letters than can be held");
    kafka_reader_close(reader);
    if (refused->count) qsort(refused->one, refused->count, sizeof *refused->one, by_place);
    return good;
}

bool refused_has(const struct refused *refused, const rd_kafka_message_t *message, bool *retired)
{
    struct refused_one wanted = {.place = place_of(rd_kafka_topic_name(message->rkt), message->partition), .offset = message->offset};
    size_t from = 0, to = refused->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (by_place(&refused->one[middle], &wanted) < 0) from = middle + 1;
        else to = middle;
    }
    for (; from < refused->count && by_place(&refused->one[from], &wanted) == 0; from++)
        if (!refused->one[from].whole || refused->one[from].crc == message_crc(message)) {
            *retired = refused->one[from].retired;
            return true;
        }
    return false;
}

void refused_free(struct refused *refused)
{
    free(refused->one);
    *refused = (struct refused){.count = 0};
}
