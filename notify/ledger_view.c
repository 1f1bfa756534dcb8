/* bihuan-notify ledger: what was sent to whom, when, with what answer. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/config.h"
#include "common/kafka_reader.h"
#include "notify/ledger.h"
#include "notify/verbs.h"

enum { ERROR_BYTES = 512 };

static const char *member(const json_t *record, const char *name)
{
    const char *text = json_string_value(json_object_get(record, name));
    return text ? text : "-";
}

static void print_for_people(const json_t *record)
{
    char attempt[24] = "", status[24] = "";
    if (json_is_integer(json_object_get(record, "attempt"))) snprintf(attempt, sizeof attempt, " #%lld", json_integer_value(json_object_get(record, "attempt")));
    if (json_is_integer(json_object_get(record, "status"))) snprintf(status, sizeof status, " HTTP %lld", json_integer_value(json_object_get(record, "status")));
    bool notice = json_is_string(json_object_get(record, "step"));
    printf("%-29s %-24s %-16s %-10s%s%s", member(record, "time"), member(record, "case"), notice ? member(record, "step") : member(record, "type"),
           member(record, "outcome"), attempt, status);
    if (json_is_string(json_object_get(record, "endpoint"))) printf(" at %s", member(record, "endpoint"));
    if (json_is_string(json_object_get(record, "unit"))) printf(" for %s", member(record, "unit"));
    if (json_is_string(json_object_get(record, "error"))) printf(": %s", member(record, "error"));
    if (json_is_true(json_object_get(record, "voided"))) printf(" (the case had moved on meanwhile)");
    putchar('\n');
}

/* Prints one record of the topic if it is of the case (NULL: of any). False: it is no ledger record. */
static bool print_record(const rd_kafka_message_t *message, const char *id, bool json)
{
    bool ours = !id || (message->key_len == strlen(id) && !memcmp(message->key, id, message->key_len));
    if (!ours) return true;
    json_t *record = json_loadb(message->payload ? message->payload : "", message->len, 0, NULL);
    bool good = json_integer_value(json_object_get(record, "ledger")) == LEDGER_FORMAT;
    if (good && json) printf("%.*s\n", (int)message->len, (const char *)message->payload);
    else if (good) print_for_people(record);
    json_decref(record);
    return good;
}

static int print_ledger(const struct config *config, const char *id, bool json)
{
    char error[ERROR_BYTES];
    unsigned long long strange = 0;
    struct kafka_reader *reader = kafka_reader_open(config, config->topics.ledger, error, sizeof error);
    if (!reader) {
        fprintf(stderr, "bihuan-notify ledger: %s\n", error);
        return EXIT_FAILED;
    }
    for (rd_kafka_message_t *message; (message = kafka_reader_next(reader)); rd_kafka_message_destroy(message)) strange += !print_record(message, id, json);
    if (strange) fprintf(stderr, "bihuan-notify ledger: %llu records that are none of the ledger's were passed over\n", strange);
    bool good = !*kafka_reader_error(reader) && fflush(stdout) == 0;
    if (!good) fprintf(stderr, "bihuan-notify ledger: %s\n", *kafka_reader_error(reader) ? kafka_reader_error(reader) : "stdout");
    kafka_reader_close(reader);
    return good && !strange ? EXIT_OK : EXIT_FAILED;
}

int notify_ledger(const struct options *options)
{
    struct config config;
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    int code = print_ledger(&config, options->count ? options->operands[0] : NULL, options->json);
    config_free(&config);
    return code;
}
