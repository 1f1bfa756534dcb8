/* Asking for topics by name. A topic that a broker would make at first use counts as
 * missing until then: it would come with settings that nobody chose. */
#include "common/kafka_topics.h"

#include "common/kafka.h"

enum { ERROR_BYTES = 512, ASK_MS = 5000 };

static rd_kafka_resp_err_t ask(rd_kafka_t *handle, const char *topic)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *one = rd_kafka_topic_new(handle, topic, NULL);
    rd_kafka_resp_err_t error = rd_kafka_metadata(handle, 0, one, &metadata, ASK_MS);
    rd_kafka_topic_destroy(one);
    if (error) return error;
    error = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    rd_kafka_metadata_destroy(metadata);
    return error;
}

size_t kafka_topics_check(const struct config *config, const char *const *topics, size_t count, struct buffer *faults)
{
    char error[ERROR_BYTES];
    size_t found = 0;
    rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_PRODUCER, error, sizeof error);
    rd_kafka_t *handle = conf ? rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error) : NULL;
    if (!handle) {
        buffer_addf(faults, "kafka: %s\n", error);
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t failed = ask(handle, topics[i]);
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
