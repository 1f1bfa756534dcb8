/* The producer of notices.
 *
 * The traps: librdkafka keeps a record for minutes while its broker is away, so the sender's own bound on an answer is given to it as its time-out, or what
 * was given up here would go out later all the same; and it must not make the sender wait, so it wakes it by a descriptor. */
#include "notify/sender_kafka.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/config.h"

enum { CLOSE_MS = 1000 };

void sender_kafka_open(struct sender_kafka *kafka, const struct config *config, kafka_delivered *delivered, void *context)
{
    *kafka = (struct sender_kafka){.config = config, .delivered = delivered, .context = context, .wake = -1};
}

void sender_kafka_close(struct sender_kafka *kafka)
{
    kafka_producer_close(kafka->producer, CLOSE_MS);
    if (kafka->wake >= 0) close(kafka->wake);
    kafka->producer = NULL;
    kafka->wake = -1;
}

/* The configuration with the bound of our own. */
static struct kafka_producer *open_producer(const struct sender_kafka *kafka, char *error)
{
    struct config bounded = *kafka->config;
    struct config_property property[CONFIG_KAFKA_PROPERTIES_MAX + 1];
    char name[] = "message.timeout.ms", ms[24];
    snprintf(ms, sizeof ms, "%lld", (long long)kafka->config->notify.timeout_s * 1000);
    if (bounded.kafka.count) memcpy(property, bounded.kafka.at, bounded.kafka.count * sizeof *property);
    property[bounded.kafka.count++] = (struct config_property){name, ms};
    bounded.kafka.at = property;
    return kafka_producer_open(&bounded, kafka->delivered, kafka->context, error, REQUEST_ERROR_BYTES);
}

static void wake_by_descriptor(struct sender_kafka *kafka)
{
    static const uint64_t one = 1;
    kafka->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (kafka->wake < 0) return; /* then answers are seen at the next turn */
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(kafka->producer->handle);
    rd_kafka_queue_io_event_enable(queue, kafka->wake, &one, sizeof one);
    rd_kafka_queue_destroy(queue);
}

/* "Name: value" as a header of the record; the name is copied into names, which has room. */
static struct kafka_header header_of(const char *line, char *name, size_t name_bytes)
{
    size_t bytes = strcspn(line, ":");
    const char *value = line[bytes] ? line + bytes + 1 + strspn(line + bytes + 1, " ") : "";
    snprintf(name, name_bytes, "%.*s", (int)bytes, line);
    return (struct kafka_header){name, value, strlen(value)};
}

bool sender_kafka_start(struct sender_kafka *kafka, const struct request *request, void *opaque, char *error)
{
    if (kafka->producer && kafka_producer_failed(kafka->producer)) sender_kafka_close(kafka);
    if (!kafka->producer) {
        kafka->producer = open_producer(kafka, error);
        if (!kafka->producer) return false;
        wake_by_descriptor(kafka);
    }
    char name[REQUEST_HEADERS_MAX][64];
    struct kafka_header header[REQUEST_HEADERS_MAX];
    for (size_t i = 0; i < request->headers; i++) header[i] = header_of(request->header[i], name[i], sizeof *name);
    struct kafka_record record = {.topic = request->topic, .key = request->key, .key_bytes = strlen(request->key), .value = request->body,
                                  .value_bytes = request->bytes, .headers = header, .header_count = request->headers, .opaque = opaque};
    if (kafka_produce(kafka->producer, &record, 0)) return true;
    snprintf(error, REQUEST_ERROR_BYTES, "%.*s", REQUEST_ERROR_BYTES - 1, kafka->producer->error);
    return false;
}

void sender_kafka_drive(struct sender_kafka *kafka)
{
    uint64_t times;
    if (!kafka->producer) return;
    if (kafka->wake >= 0 && read(kafka->wake, &times, sizeof times) < 0) times = 0;
    kafka_poll(kafka->producer, 0);
}
