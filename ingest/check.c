/* bihuan-ingest check: everything that run would meet, each fault said. */
#include <stdio.h>
#include <string.h>

#include "common/kafka.h"
#include "ingest/citizen.h"
#include "ingest/verbs.h"
#include "sla/store.h"

enum { ERROR_BYTES = 512, ASK_MS = 10000, LINES_BYTES = 64 * 1024 };

static size_t check_topic(rd_kafka_t *handle, const char *topic, struct buffer *faults)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *one = rd_kafka_topic_new(handle, topic, NULL);
    rd_kafka_resp_err_t error = rd_kafka_metadata(handle, 0, one, &metadata, ASK_MS);
    rd_kafka_topic_destroy(one);
    if (!error) {
        error = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
        rd_kafka_metadata_destroy(metadata);
    }
    if (error) buffer_addf(faults, "kafka: topic %s: %s\n", topic, rd_kafka_err2str(error));
    return error != 0;
}

static size_t check_kafka(const struct config *config, struct buffer *faults)
{
    char error[ERROR_BYTES];
    rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_PRODUCER, error, sizeof error);
    rd_kafka_t *handle = conf ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error) : NULL;
    if (!handle) {
        buffer_addf(faults, "kafka: %s\n", error);
        return 1;
    }
    size_t count = check_topic(handle, config->topics.tickets, faults) + check_topic(handle, config->topics.ratings, faults) +
                   check_topic(handle, config->topics.dlq, faults);
    rd_kafka_destroy(handle);
    return count;
}

static size_t check_citizen(const struct config *config, struct buffer *faults, struct buffer *warnings)
{
    char error[ERROR_BYTES] = "";
    struct citizen *citizen = citizen_open(config, error, sizeof error);
    if (*error) buffer_addf(citizen ? warnings : faults, "[privacy] %s\n", error);
    citizen_close(citizen);
    return citizen == NULL;
}

int check_verb(const struct options *options)
{
    struct config config;
    struct ruleset set;
    struct buffer faults, warnings;
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    buffer_init(&faults, LINES_BYTES);
    buffer_init(&warnings, LINES_BYTES);
    bool rules = ruleset_load(&set, &config, NULL); /* says its own faults */
    size_t count = !rules + check_citizen(&config, &faults, &warnings) + check_kafka(&config, &faults);
    if (rules) {
        count += store_check(&config, &set, &faults, &warnings);
        ruleset_free(&set);
    }
    fputs(buffer_text(&faults), stderr);
    fputs(buffer_text(&warnings), stderr);
    if (count == 0) printf("%s: good: rules, privacy, Redis, Kafka and its topics\n", config.path);
    else fprintf(stderr, "bihuan-ingest check: %zu faults\n", count);
    buffer_free(&faults);
    buffer_free(&warnings);
    config_free(&config);
    return count ? EXIT_USAGE : EXIT_OK;
}
