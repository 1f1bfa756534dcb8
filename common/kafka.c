/* librdkafka's configuration and producer for the programs here. Consuming is
 * ingest's own; this file only sets the consumer's properties.
 *
 * The trap: what decides whether records are lost or repeated (group, offsets,
 * acknowledgement, idempotence) belongs to the programs and is refused in the
 * configuration, not overwritten in silence. */
#include "common/kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "common/config.h"
#include "common/log.h"
#include "common/secret.h"

static const char *const owned[] = {
    "group.id", "group.instance.id", "group.protocol", "group.protocol.type", "enable.auto.commit", "auto.commit.enable",
    "auto.commit.interval.ms", "enable.auto.offset.store", "auto.offset.reset", "offset.store.method", "offset.store.path",
    "offset.store.sync.interval.ms", "partition.assignment.strategy", "enable.partition.eof", "enable.idempotence", "acks",
    "request.required.acks", "max.in.flight", "max.in.flight.requests.per.connection", "retries", "message.send.max.retries",
    "enable.gapless.guarantee", "transactional.id", "queuing.strategy", "delivery.report.only.error", "produce.offset.report",
    "client.dns.cb", "opaque", "default_topic_conf", "interceptors", "builtin.features", "plugin.library.paths",
    "enabled_events", "enable.random.seed", "partitioner", "partitioner_cb", "msg_order_cmp", "log.queue", "isolation.level"};

const char *kafka_property_check(const char *name, const char *value, char *error, size_t error_bytes)
{
    size_t bytes = strlen(name);
    bool refused = bytes > 3 && !strcmp(name + bytes - 3, "_cb");
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) refused |= !strcmp(name, owned[i]);
    if (refused) {
        snprintf(error, error_bytes, "belongs to the programs and cannot be set");
        return error;
    }
    if (!strcmp(name, "metadata.broker.list") || !strcmp(name, "bootstrap.servers")) {
        snprintf(error, error_bytes, "use bootstrap.servers");
        return error;
    }
    char reason[KAFKA_ERROR_BYTES];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, reason, sizeof reason);
    rd_kafka_conf_destroy(conf);
    if (result == RD_KAFKA_CONF_OK) return NULL;
    if (result == RD_KAFKA_CONF_UNKNOWN) snprintf(error, error_bytes, "is neither an option of [kafka] nor a librdkafka property");
    else if (strstr(name, "password")) snprintf(error, error_bytes, "librdkafka refuses the value"); /* its reason may repeat it */
    else snprintf(error, error_bytes, "%s", reason);
    return error;
}

static void to_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    enum log_level ours = level <= LOG_ERR ? LOG_LEVEL_ERROR : level <= LOG_WARNING ? LOG_LEVEL_WARN : level <= LOG_INFO ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
    /* One [kafka] section serves consumers and producers: that a property is for one of them alone is no news. */
    if (!strcmp(facility, "CONFWARN")) ours = LOG_LEVEL_DEBUG;
    if (!log_enabled(ours)) return;
    log_write(ours, "kafka.client", "name=%s facility=%s text=%s", handle ? rd_kafka_name(handle) : "-", facility, log_quote(text));
}

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value, char *error, size_t error_bytes)
{
    char reason[KAFKA_ERROR_BYTES];
    if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) == RD_KAFKA_CONF_OK) return true;
    snprintf(error, error_bytes, "%s: %s", name, strstr(name, "password") ? "refused" : reason);
    return false;
}

static bool set_pairs(rd_kafka_conf_t *conf, const char *const (*pairs)[2], char *error, size_t error_bytes)
{
    for (; (*pairs)[0]; pairs++)
        if (!set(conf, (*pairs)[0], (*pairs)[1], error, error_bytes)) return false;
    return true;
}

/* Defaults that the configuration may change. */
static const char *const defaults_both[][2] = {
    {"client.id", "bihuan"}, {"socket.keepalive.enable", "true"}, {"socket.nagle.disable", "true"}, {NULL, NULL}};
static const char *const defaults_consumer[][2] = {
    {"fetch.wait.max.ms", "100"}, {"queued.max.messages.kbytes", "16384"}, {"statistics.interval.ms", "0"},
    {"topic.metadata.refresh.interval.ms", "10000"}, /* topics that come later are found soon */
    {NULL, NULL}};
static const char *const defaults_producer[][2] = {
    {"compression.codec", "lz4"}, {"linger.ms", "5"}, {"queue.buffering.max.kbytes", "131072"},
    {"queue.buffering.max.messages", "500000"}, {NULL, NULL}};
/* What the programs fix. */
static const char *const fixed_consumer[][2] = {
    {"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}, {"auto.offset.reset", "error"},
    {"partition.assignment.strategy", "range"}, {"enable.partition.eof", "false"}, {NULL, NULL}};
static const char *const fixed_producer[][2] = {{"enable.idempotence", "true"}, {"acks", "all"}, {"partitioner", "murmur2_random"}, {NULL, NULL}};

static bool set_password(rd_kafka_conf_t *conf, const struct config *config, char *error, size_t error_bytes)
{
    if (!*config->kafka.password_file) return true;
    char *password = secret_read(config->kafka.password_file, NULL, error, error_bytes);
    if (!password) return false;
    bool good = set(conf, "sasl.password", password, error, error_bytes);
    secret_free(password);
    return good;
}

static bool set_role(rd_kafka_conf_t *conf, const struct config *config, enum kafka_role role, char *error, size_t error_bytes)
{
    if (role == KAFKA_PRODUCER) return set_pairs(conf, fixed_producer, error, error_bytes);
    if (!set(conf, "group.id", config->ingest.group, error, error_bytes)) return false;
    if (*config->ingest.instance && !set(conf, "group.instance.id", config->ingest.instance, error, error_bytes)) return false;
    return set_pairs(conf, fixed_consumer, error, error_bytes);
}

rd_kafka_conf_t *kafka_conf(const struct config *config, enum kafka_role role, char *error, size_t error_bytes)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool good = set_pairs(conf, defaults_both, error, error_bytes) &&
                set_pairs(conf, role == KAFKA_CONSUMER ? defaults_consumer : defaults_producer, error, error_bytes) &&
                set(conf, "bootstrap.servers", config->kafka.bootstrap_servers, error, error_bytes);
    for (size_t i = 0; good && i < config->kafka.count; i++)
        good = set(conf, config->kafka.at[i].name, config->kafka.at[i].value, error, error_bytes);
    good = good && set_password(conf, config, error, error_bytes) && set_role(conf, config, role, error, error_bytes);
    if (good) {
        rd_kafka_conf_set_log_cb(conf, to_log);
        return conf;
    }
    rd_kafka_conf_destroy(conf);
    return NULL;
}

static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    struct kafka_producer *producer = opaque;
    (void)handle;
    producer->sent += !message->err;
    producer->failed += !!message->err;
    if (producer->delivered) producer->delivered(producer->context, message->_private, message->err, message->partition, message->offset);
}

struct kafka_producer *kafka_producer_open(const struct config *config, kafka_delivered *delivered, void *context, char *error, size_t error_bytes)
{
    rd_kafka_conf_t *conf = kafka_conf(config, KAFKA_PRODUCER, error, error_bytes);
    if (!conf) return NULL;
    struct kafka_producer *producer = xcalloc(1, sizeof *producer);
    producer->delivered = delivered;
    producer->context = context;
    rd_kafka_conf_set_opaque(conf, producer);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    producer->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, error_bytes);
    if (producer->handle) return producer;
    rd_kafka_conf_destroy(conf);
    free(producer);
    return NULL;
}

size_t kafka_producer_close(struct kafka_producer *producer, int timeout_ms)
{
    if (!producer) return 0;
    size_t left = 0;
    if (!kafka_flush(producer, timeout_ms)) {
        left = (size_t)rd_kafka_outq_len(producer->handle);
        rd_kafka_purge(producer->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        (void)!kafka_flush(producer, 1000);
    }
    rd_kafka_destroy(producer->handle);
    free(producer);
    return left;
}

static rd_kafka_headers_t *copy_headers(const struct kafka_record *record)
{
    if (!record->header_count) return NULL;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    for (size_t i = 0; i < record->header_count; i++) {
        const struct kafka_header *header = &record->headers[i];
        rd_kafka_header_add(headers, header->name, -1, header->value ? header->value : "", (ssize_t)header->bytes);
    }
    return headers;
}

/* One try. Headers pass to librdkafka only when it takes the record. */
static rd_kafka_resp_err_t try_produce(struct kafka_producer *producer, const struct kafka_record *record)
{
    rd_kafka_headers_t *headers = copy_headers(record);
    rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = record->topic},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)record->key, record->key_bytes}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)record->value, record->value_bytes}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = record->opaque},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->first_partition ? 0 : RD_KAFKA_PARTITION_UA},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers}};
    rd_kafka_error_t *failure = rd_kafka_produceva(producer->handle, parts, sizeof parts / sizeof *parts - !headers);
    rd_kafka_resp_err_t code = failure ? rd_kafka_error_code(failure) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (failure) snprintf(producer->error, sizeof producer->error, "%s", rd_kafka_error_string(failure));
    if (failure && headers) rd_kafka_headers_destroy(headers);
    rd_kafka_error_destroy(failure);
    return code;
}

bool kafka_produce(struct kafka_producer *producer, const struct kafka_record *record, int wait_ms)
{
    int64_t until_ms = clock_monotonic_ms() + wait_ms;
    for (;;) {
        rd_kafka_resp_err_t code = try_produce(producer, record);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
        int64_t left_ms = until_ms - clock_monotonic_ms();
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || left_ms <= 0) return false;
        rd_kafka_poll(producer->handle, left_ms < 100 ? (int)left_ms : 100);
    }
}

int kafka_poll(struct kafka_producer *producer, int timeout_ms)
{
    return rd_kafka_poll(producer->handle, timeout_ms);
}

bool kafka_flush(struct kafka_producer *producer, int timeout_ms)
{
    return rd_kafka_flush(producer->handle, timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool kafka_producer_failed(struct kafka_producer *producer)
{
    return rd_kafka_fatal_error(producer->handle, producer->error, sizeof producer->error) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

const char *kafka_header_text(const rd_kafka_message_t *message, const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t bytes;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return NULL;
    if (rd_kafka_header_get_last(headers, name, &value, &bytes) != RD_KAFKA_RESP_ERR_NO_ERROR) return NULL;
    return value; /* librdkafka keeps a NUL behind each value */
}
