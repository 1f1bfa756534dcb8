/* bihuan-ingest dlq: a look at the dead letters (no content, as it may name citizens), and
 * sending them again to the topic that they came from. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/kafka_reader.h"
#include "ingest/dead_letter.h"
#include "ingest/verbs.h"

enum { ERROR_BYTES = 512, PRODUCE_WAIT_MS = 10000, FLUSH_MS = 60000 };

static bool raw_option;
const struct options_extra dlq_extras[] = {{"raw", NULL, &raw_option}, {NULL, NULL, NULL}};

/* What our headers say of a dead letter; texts borrowed from the message. */
struct letter {
    const rd_kafka_message_t *message;
    const char *reason, *topic, *partition, *offset, *bytes; /* NULL where missing */
};

static struct letter letter_of(const rd_kafka_message_t *message)
{
    return (struct letter){message,
                           kafka_header_text(message, DLQ_REASON),
                           kafka_header_text(message, DLQ_TOPIC),
                           kafka_header_text(message, DLQ_PARTITION),
                           kafka_header_text(message, DLQ_OFFSET),
                           kafka_header_text(message, DLQ_BYTES)};
}

/* --- looking --- */

static void put_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

/* Bytes as text where they are UTF-8, else null. */
static json_t *bytes_or_null(const void *at, size_t bytes)
{
    json_t *text = at ? json_stringn(at, bytes) : NULL;
    return text ? text : json_null();
}

static void print_json(const struct letter *letter)
{
    json_t *object = json_object();
    put_text(object, "reason", letter->reason);
    put_text(object, "topic", letter->topic);
    json_object_set_new(object, "partition", letter->partition ? json_integer(strtoll(letter->partition, NULL, 10)) : json_null());
    json_object_set_new(object, "offset", letter->offset ? json_integer(strtoll(letter->offset, NULL, 10)) : json_null());
    json_object_set_new(object, "bytes", json_integer(letter->bytes ? strtoll(letter->bytes, NULL, 10) : (json_int_t)letter->message->len));
    json_object_set_new(object, "cut", json_boolean(letter->bytes != NULL));
    if (raw_option) {
        json_object_set_new(object, "key", bytes_or_null(letter->message->key, letter->message->key_len));
        json_object_set_new(object, "value", bytes_or_null(letter->message->payload, letter->message->len));
    }
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_letter(const struct letter *letter, bool json)
{
    const char *unknown = "?";
    if (json) {
        print_json(letter);
        return;
    }
    printf("%s/%s@%s  ", letter->topic ? letter->topic : unknown, letter->partition ? letter->partition : unknown,
           letter->offset ? letter->offset : unknown);
    if (letter->bytes) printf("%s bytes, cut", letter->bytes);
    else printf("%zu bytes", letter->message->len);
    printf("  %s\n", letter->reason ? letter->reason : "(no reason: not written by bihuan-ingest)");
    if (raw_option) printf("    %.*s\n", (int)letter->message->len, letter->message->payload ? (const char *)letter->message->payload : "");
}

/* --- sending again --- */

struct replay {
    struct kafka_producer *producer;
    uint64_t sent, cut, unknown;
};

static bool send_again(struct replay *replay, const struct letter *letter)
{
    struct kafka_header kept[KAFKA_HEADERS_MAX];
    rd_kafka_headers_t *headers;
    size_t count = 0;
    const rd_kafka_message_t *message = letter->message;
    if (letter->bytes || !letter->topic) {
        letter->bytes ? replay->cut++ : replay->unknown++;
        fprintf(stderr, "bihuan-ingest dlq replay: %s/%s@%s is not sent: %s\n", letter->topic ? letter->topic : "?",
                letter->partition ? letter->partition : "?", letter->offset ? letter->offset : "?",
                letter->bytes ? "its value was cut" : "no topic is named");
        return true;
    }
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        for (size_t i = 0; count < KAFKA_HEADERS_MAX; i++) {
            if (rd_kafka_header_get_all(headers, i, &kept[count].name, &kept[count].value, &kept[count].bytes) != RD_KAFKA_RESP_ERR_NO_ERROR) break;
            if (!dead_letter_header(kept[count].name)) count++;
        }
    struct kafka_record record = {.topic = letter->topic, .key = message->key, .key_bytes = message->key_len, .value = message->payload,
                                  .value_bytes = message->len, .headers = kept, .header_count = count};
    if (!kafka_produce(replay->producer, &record, PRODUCE_WAIT_MS)) return false;
    replay->sent++;
    return true;
}

static int finish_replay(struct replay *replay)
{
    bool good = kafka_flush(replay->producer, FLUSH_MS) && replay->producer->failed == 0;
    fprintf(stderr, "bihuan-ingest dlq replay: %llu sent again, %llu not sent as their values were cut%s\n", (unsigned long long)replay->producer->sent,
            (unsigned long long)replay->cut, good ? "" : "; some could not be sent");
    return good ? EXIT_OK : EXIT_FAILED;
}

static int work(const struct config *config, const struct options *options, bool again)
{
    char error[ERROR_BYTES];
    struct replay replay = {0};
    bool good = true;
    struct kafka_reader *reader = kafka_reader_open(config, config->topics.dlq, error, sizeof error);
    if (reader && again) replay.producer = kafka_producer_open(config, NULL, NULL, error, sizeof error);
    if (!reader || (again && !replay.producer)) {
        fprintf(stderr, "bihuan-ingest dlq: %s\n", error);
        kafka_reader_close(reader);
        return EXIT_FAILED;
    }
    for (rd_kafka_message_t *message; good && (message = kafka_reader_next(reader)); rd_kafka_message_destroy(message)) {
        struct letter letter = letter_of(message);
        if (again) good = send_again(&replay, &letter);
        else print_letter(&letter, options->json);
    }
    if (again && !good) fprintf(stderr, "bihuan-ingest dlq replay: %s\n", replay.producer->error);
    if (*kafka_reader_error(reader)) good = fprintf(stderr, "bihuan-ingest dlq: %s\n", kafka_reader_error(reader)) < 0;
    int code = good ? EXIT_OK : EXIT_FAILED;
    if (again && finish_replay(&replay) != EXIT_OK) code = EXIT_FAILED;
    kafka_producer_close(replay.producer, 0);
    kafka_reader_close(reader);
    return code;
}

int ingest_dlq(const struct options *options)
{
    struct config config;
    bool again = options->count == 1 && !strcmp(options->operands[0], "replay");
    if (options->count == 1 && !again) return options_usage(options, "\"%s\": the only operand is replay", options->operands[0]);
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    int code = work(&config, options, again);
    config_free(&config);
    return code;
}
