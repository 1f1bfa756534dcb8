/* Asking for topics by name. A topic that a broker would make at first use counts as
 * missing until then: it would come with settings that nobody chose. */
#include "common/kafka_topics.h"

#include "common/kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_BYTES = 512, ASK_MS = 5000 };

rd_kafka_resp_err_t kafka_topic_ask(rd_kafka_t *handle, const char *topic, int *partitions)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t error = rd_kafka_metadata(handle, 1, NULL, &metadata, ASK_MS);
    if (error) return error;
    error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (strcmp(metadata->topics[i].topic, topic) != 0) continue;
        error = metadata->topics[i].err;
        if (partitions) *partitions = metadata->topics[i].partition_cnt;
    }
    rd_kafka_metadata_destroy(metadata);
    return error;
}

/* A handle to ask by; NULL: error. */
static rd_kafka_t *asker(const struct config *config, char *error, size_t error_bytes)
{
    rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_PRODUCER, error, error_bytes);
    return conf ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, error_bytes) : NULL;
}

size_t kafka_topics_check(const struct config *config, const char *const *topics, size_t count, struct buffer *faults)
{
    char error[ERROR_BYTES];
    size_t found = 0;
    rd_kafka_t *handle = asker(config, error, sizeof error);
    if (!handle) {
        buffer_addf(faults, "kafka: %s\n", error);
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t failed = kafka_topic_ask(handle, topics[i], NULL);
        bool unreachable = failed == RD_KAFKA_RESP_ERR__TRANSPORT || failed == RD_KAFKA_RESP_ERR__TIMED_OUT;
        if (!failed) continue;
        found++;
        if (unreachable) buffer_addf(faults, "kafka: no broker answers at %s: %s\n", config->kafka.bootstrap_servers, rd_kafka_err2str(failed));
        else buffer_addf(faults, "kafka: topic %s: %s\n", topics[i], rd_kafka_err2str(failed));
        if (unreachable) break;
    }
    rd_kafka_destroy(handle);
    return found;
}

bool kafka_topic_exists(const struct config *config, const char *topic, char *error, size_t error_bytes)
{
    rd_kafka_t *handle = asker(config, error, error_bytes);
    if (!handle) return false;
    rd_kafka_resp_err_t failed = kafka_topic_ask(handle, topic, NULL);
    bool unknown = failed == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || failed == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    snprintf(error, error_bytes, "%s", failed && !unknown ? rd_kafka_err2str(failed) : "");
    rd_kafka_destroy(handle);
    return !failed;
}

void kafka_topic_make(const struct config *config, const char *topic)
{
    char error[ERROR_BYTES];
    if (kafka_topic_exists(config, topic, error, sizeof error) || *error) return;
    rd_kafka_t *handle = asker(config, error, sizeof error);
    if (!handle) return;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, error, sizeof error);
    rd_kafka_NewTopic_t *one = rd_kafka_NewTopic_new(topic, 1, -1, error, sizeof error);
    if (one) {
        rd_kafka_NewTopic_set_config(one, "cleanup.policy", "compact");
        rd_kafka_CreateTopics(handle, &one, 1, options, queue);
        rd_kafka_event_destroy(rd_kafka_queue_poll(queue, ASK_MS));
        rd_kafka_NewTopic_destroy(one);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(handle);
}

/* --- settings --- */

static void judge_retention(const rd_kafka_ConfigResource_t *resource, struct buffer *warnings)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t i = 0; i < count; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "retention.ms") || !value) continue;
        long long kept_ms = strtoll(value, NULL, 10), day_ms = 86400000;
        if (kept_ms >= 0 && kept_ms < KAFKA_KEEP_DAYS * day_ms)
            buffer_addf(warnings, "kafka: topic %s keeps its records for %lld days (retention.ms): a rebuild from the topics reaches no further back; %d days or more are advised\n",
                        rd_kafka_ConfigResource_name(resource), kept_ms / day_ms, (int)KAFKA_KEEP_DAYS);
    }
}

static void judge_compaction(const rd_kafka_ConfigResource_t *resource, struct buffer *warnings)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t i = 0; i < count; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "cleanup.policy") || !value || !strcmp(value, "compact")) continue;
        buffer_addf(warnings, "kafka: topic %s has cleanup.policy %s: it will lose the rules that cases rest on; set it to compact\n",
                    rd_kafka_ConfigResource_name(resource), value);
    }
}

/* Asks for the settings of topics and has them judged. */
static void check_settings(const struct config *config, const char *const *topics, size_t count,
                           void (*judge)(const rd_kafka_ConfigResource_t *resource, struct buffer *warnings), struct buffer *warnings)
{
    char error[ERROR_BYTES];
    rd_kafka_t *handle = asker(config, error, sizeof error);
    if (!handle) return;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(handle);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_AdminOptions_set_request_timeout(options, ASK_MS, error, sizeof error);
    for (size_t i = 0; i < count; i++) { /* one at a time: they are few, and one that cannot be told hides no other */
        rd_kafka_ConfigResource_t *asked = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topics[i]);
        rd_kafka_DescribeConfigs(handle, &asked, 1, options, queue);
        rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ASK_MS);
        const rd_kafka_DescribeConfigs_result_t *result = event ? rd_kafka_event_DescribeConfigs_result(event) : NULL;
        size_t found = 0;
        const rd_kafka_ConfigResource_t **resources = result && !rd_kafka_event_error(event) ? rd_kafka_DescribeConfigs_result_resources(result, &found) : NULL;
        if (found == 1 && !rd_kafka_ConfigResource_error(resources[0])) judge(resources[0], warnings);
        rd_kafka_event_destroy(event);
        rd_kafka_ConfigResource_destroy(asked);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(handle);
}

void kafka_topics_check_retention(const struct config *config, const char *const *topics, size_t count, struct buffer *warnings)
{
    check_settings(config, topics, count, judge_retention, warnings);
}

void kafka_topic_check_compacted(const struct config *config, const char *topic, struct buffer *warnings)
{
    check_settings(config, &topic, 1, judge_compaction, warnings);
}
