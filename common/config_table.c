/* The option table, and what an option says of itself. conf/bihuan.ini repeats it
 * with more words; tests/unit/test_config.c holds the two together. Reading a
 * value is in config_value.c, reading the file in config.c. */
#include <string.h>

#include "common/config.h"

#define AT(field) offsetof(struct config, field)
#define IN(field) offsetof(struct config_endpoint, field)

enum { PATH_BYTES = 4095, TOPIC_BYTES = 249, WEEK_S = 604800 };

static const struct config_option table[] = {
    {"kafka", "bootstrap.servers", CONFIG_TEXT, AT(kafka.bootstrap_servers), "", "127.0.0.1:9092", 1, 65535, NULL,
     "Brokers to begin with, host:port, separated by commas."},
    {"kafka", "password_file", CONFIG_PATH, AT(kafka.password_file), "", "", 0, PATH_BYTES, NULL,
     "File with the SASL password; becomes sasl.password."},

    {"topics", "tickets", CONFIG_TEXT, AT(topics.tickets), "", "bihuan.tickets", 1, TOPIC_BYTES, NULL, "Ticket events in."},
    {"topics", "ratings", CONFIG_TEXT, AT(topics.ratings), "", "bihuan.ratings", 1, TOPIC_BYTES, NULL, "Rating events in."},
    {"topics", "results", CONFIG_TEXT, AT(topics.results), "", "bihuan.results", 1, TOPIC_BYTES, NULL, "Results out."},
    {"topics", "dlq", CONFIG_TEXT, AT(topics.dlq), "", "bihuan.dlq", 1, TOPIC_BYTES, NULL, "Records that could not be applied."},
    {"topics", "ledger", CONFIG_TEXT, AT(topics.ledger), "", "bihuan.ledger", 1, TOPIC_BYTES, NULL,
     "Each delivery attempt and its answer."},
    {"topics", "control", CONFIG_TEXT, AT(topics.control), "", "bihuan.control", 1, TOPIC_BYTES, NULL,
     "Decisions about rules: activated, recalculated, forgotten; compacted, never deleted."},

    {"redis", "address", CONFIG_TEXT, AT(redis.address), "", "127.0.0.1:6379", 1, PATH_BYTES, NULL,
     "host:port, [IPv6]:port, or the path of a socket."},
    {"redis", "password_file", CONFIG_PATH, AT(redis.password_file), "", "", 0, PATH_BYTES, NULL, "File with the password."},
    {"redis", "timeout", CONFIG_SECONDS, AT(redis.timeout_ms), "seconds", "5", 0.1, 60, NULL,
     "Longest wait for a connection, and for each answer."},

    {"sla", "policy", CONFIG_PATH, AT(sla.policy), "", "conf/policy/meilong-2024.json", 1, PATH_BYTES, NULL,
     "The policy: classes, limits, reminders."},
    {"sla", "calendar", CONFIG_PATH, AT(sla.calendar), "", "conf/calendar/cn.json", 1, PATH_BYTES, NULL,
     "The calendar of working days."},
    {"sla", "zone", CONFIG_TEXT, AT(sla.zone), "", "Asia/Shanghai", 1, 63, NULL, "IANA name of the time zone of all days and printed times."},
    {"sla", "shards", CONFIG_INTEGER, AT(sla.shards), "shards", "16", 1, 1024, NULL,
     "Parts the cases are divided into; fixed once data is there."},
    {"sla", "grace", CONFIG_SECONDS, AT(sla.grace_ms), "seconds", "60", 0, 8640000, NULL,
     "How long a timer waits for feeds that lag."},
    {"sla", "timer_batch", CONFIG_INTEGER, AT(sla.timer_batch), "cases", "8192", 1, 65536, NULL,
     "Due cases of a shard taken at once, some 2 KB of memory each."},
    {"sla", "retention", CONFIG_INTEGER, AT(sla.retention_days), "days", "400", 1, 36500, NULL,
     "How long a closed case keeps its history after its last record; fixed once data is there."},

    {"notify", "mode", CONFIG_CHOICE, AT(notify.mode), "", "live", 0, 0, "live|shadow",
     "live sends; shadow decides and records, and sends nothing."},
    {"notify", "in_flight", CONFIG_INTEGER, AT(notify.in_flight), "requests", "256", 1, 4096, NULL, "Requests under way at once."},
    {"notify", "timeout", CONFIG_INTEGER, AT(notify.timeout_s), "seconds", "20", 1, 300, NULL, "Longest wait for the answer to one request."},
    {"notify", "lease", CONFIG_INTEGER, AT(notify.lease_s), "seconds", "15", 5, 3600, NULL,
     "How long a claimed case stays with a notifier that is gone."},
    {"notify", "retry", CONFIG_SPANS, AT(notify.retry), "", "0s 5s 5m 30m 2h 5h 10h 14h 20h 24h", 0, WEEK_S, NULL,
     "The wait before each attempt, the first included; as many attempts as entries."},
    {"notify", "fallback_after", CONFIG_INTEGER, AT(notify.fallback_after), "failures", "3", 1, 100, NULL,
     "After so many failures in a row the recipient's next contact is tried."},
    {"notify", "from", CONFIG_INSTANT, AT(notify.from_ms), "", "", 0, 0, NULL,
     "Notices that fell due before are recorded as shadowed and not sent."},
    {"notify", "units", CONFIG_PATH, AT(notify.units), "", "", 0, PATH_BYTES, NULL, "Units, their people and duty rosters."},
    {"notify", "sending", CONFIG_PATH, AT(notify.sending), "", "", 0, PATH_BYTES, NULL, "Sending hours and digests by channel and role."},
    {"notify", "patience", CONFIG_SECONDS, AT(notify.patience_ms), "seconds", "1800", 0, 604800, NULL,
     "Longest wait for a rate to allow a notice before a digest takes it."},
    {"notify", "templates", CONFIG_PATH, AT(notify.templates), "", "conf/templates", 1, PATH_BYTES, NULL, "Folder of the templates."},
    {"notify", "language", CONFIG_CHOICE, AT(notify.language), "", "zh", 0, 0, "zh|en", "Language of notices to people."},
    {"notify", "case_link", CONFIG_TEXT, AT(notify.case_link), "", "", 0, 1024, NULL, "Page of a case in your platform; {{case}} and {{of}} are filled in."},
    {"notify", "private_hosts", CONFIG_WORDS, AT(notify.private_hosts), "hosts", "", 0, CONFIG_LIST_MAX, NULL,
     "Host names that may resolve to private addresses; * is all."},

    {"endpoint", "channel", CONFIG_CHOICE, IN(channel), "", "webhook", 0, 0, "webhook|wecom|dingtalk|feishu|email|sms|kafka", "What it speaks."},
    {"endpoint", "url", CONFIG_TEXT, IN(url), "", "", 0, 8191, NULL, "Where to send; required, but for kafka and sms."},
    {"endpoint", "secret_file", CONFIG_PATH, IN(secret_file), "", "", 0, PATH_BYTES, NULL, "File with the signing secret."},
    {"endpoint", "secret_env", CONFIG_TEXT, IN(secret_env), "", "", 0, 255, NULL,
     "Or the environment variable that holds it; not both."},
    {"endpoint", "units", CONFIG_WORDS, IN(units), "units", "*", 1, CONFIG_LIST_MAX, NULL, "Units served here; * is all, - none: it is there for people's contacts alone."},
    {"endpoint", "roles", CONFIG_WORDS, IN(roles), "roles", "*", 1, 16, NULL, "Roles whose notices go here; * is all."},
    {"endpoint", "rate", CONFIG_INTEGER, IN(rate), "messages a minute", "-1", -1, 1000000, NULL,
     "Most messages a minute; 0 is no bound, -1 the channel's own."},
    {"endpoint", "fallback", CONFIG_TEXT, IN(fallback), "", "", 0, 128, NULL, "Endpoint that takes over after fallback_after failures."},
    {"endpoint", "format", CONFIG_CHOICE, IN(format), "", "markdown", 0, 0, "markdown|text", "How a group robot's messages are written."},
    {"endpoint", "keyword", CONFIG_TEXT, IN(keyword), "", "", 0, 64, NULL, "Word that a group robot's security setting asks for in each message."},
    {"endpoint", "topic", CONFIG_TEXT, IN(topic), "", "", 0, TOPIC_BYTES, NULL, "Topic; of kafka, required there."},
    {"endpoint", "gateway", CONFIG_PATH, IN(gateway), "", "", 0, PATH_BYTES, NULL, "File that describes the gateway; of sms, required there."},
    {"endpoint", "from", CONFIG_TEXT, IN(from), "", "", 0, 320, NULL, "Sender's address; of email, required there."},
    {"endpoint", "user", CONFIG_TEXT, IN(user), "", "", 0, 320, NULL, "Name at the mail server; none: it asks for none."},
    {"endpoint", "password_file", CONFIG_PATH, IN(password_file), "", "", 0, PATH_BYTES, NULL, "File with its password."},
    {"endpoint", "ca_file", CONFIG_PATH, IN(ca_file), "", "", 0, PATH_BYTES, NULL, "Certificates that the server's is checked against; none: the system's."},

    {"acknowledge", "url", CONFIG_TEXT, AT(acknowledge.url), "", "", 0, 1024, NULL,
     "Where people reach bihuan-notify acknowledge; none: messages have no such link."},
    {"acknowledge", "listen", CONFIG_TEXT, AT(acknowledge.listen), "", "127.0.0.1:8412", 1, PATH_BYTES, NULL, "Where it listens, host:port."},
    {"acknowledge", "key_file", CONFIG_PATH, AT(acknowledge.key_file), "", "", 0, PATH_BYTES, NULL, "File with the key that signs the links."},
    {"acknowledge", "key_env", CONFIG_TEXT, AT(acknowledge.key_env), "", "", 0, 255, NULL, "Or the environment variable that holds it; not both."},
    {"acknowledge", "valid", CONFIG_INTEGER, AT(acknowledge.days), "days", "30", 1, 366, NULL, "How long a link can be used."},

    {"metrics", "ingest", CONFIG_TEXT, AT(metrics.ingest), "", "", 0, PATH_BYTES, NULL, "Where bihuan-ingest run shows its metrics, host:port; none: nowhere."},
    {"metrics", "sla", CONFIG_TEXT, AT(metrics.sla), "", "", 0, PATH_BYTES, NULL, "The same of bihuan-sla run."},
    {"metrics", "notify", CONFIG_TEXT, AT(metrics.notify), "", "", 0, PATH_BYTES, NULL, "The same of bihuan-notify run."},

    {"clock", "mode", CONFIG_CHOICE, AT(clock.mode), "", "real", 0, 0, "real|scaled",
     "scaled: business time begins at start and runs speed times real time."},
    {"clock", "start", CONFIG_INSTANT, AT(clock.start_ms), "", "", 0, 0, NULL, "Where scaled business time begins; required there."},
    {"clock", "speed", CONFIG_DECIMAL, AT(clock.speed), "times real time", "1", 0.001, 100000000, NULL, "How fast scaled business time runs."},

    {"ingest", "group", CONFIG_TEXT, AT(ingest.group), "", "bihuan", 1, 255, NULL, "Kafka consumer group."},
    {"ingest", "instance", CONFIG_TEXT, AT(ingest.instance), "", "", 0, 255, NULL,
     "Fixed name of this process in the group, so that a restart costs no rebalance."},
    {"ingest", "batch_records", CONFIG_INTEGER, AT(ingest.batch_records), "records", "8192", 1, 65536, NULL, "Records of one batch, at most."},
    {"ingest", "batch_ms", CONFIG_INTEGER, AT(ingest.batch_ms), "milliseconds", "20", 1, 1000, NULL, "How long a batch waits to fill."},
    {"ingest", "queue_batches", CONFIG_INTEGER, AT(ingest.queue_batches), "batches", "4", 1, 64, NULL,
     "Batches between the consumer and the committer; then it waits."},
    {"ingest", "queue_records", CONFIG_INTEGER, AT(ingest.queue_records), "records", "65536", 1, 1048576, NULL,
     "Records held in memory at once; then partitions pause."},
    {"ingest", "queue_bytes", CONFIG_INTEGER, AT(ingest.queue_bytes), "bytes", "67108864", 1048576, 4294967296.0, NULL,
     "Bytes held in memory at once; then partitions pause."},

    {"privacy", "key_file", CONFIG_PATH, AT(privacy.key_file), "", "", 0, PATH_BYTES, NULL, "File with the key of the hashes of citizens."},
    {"privacy", "key_env", CONFIG_TEXT, AT(privacy.key_env), "", "", 0, 255, NULL,
     "Or the environment variable that holds it; not both."},
    {"privacy", "key_id", CONFIG_TEXT, AT(privacy.key_id), "", "", 0, 32, NULL, "Name of the key, kept beside each hash."},

    {"appeals", "window", CONFIG_INTEGER, AT(appeals.window_days), "days", "90", 0, 3660, NULL,
     "How long appeals of one citizen about one matter are linked; 0 is never."},
    {"appeals", "cluster_citizens", CONFIG_INTEGER, AT(appeals.cluster_citizens), "citizens", "10", 0, 1000, NULL,
     "So many citizens on one item in one area within cluster_hours raise an alert; 0 is never."},
    {"appeals", "cluster_hours", CONFIG_INTEGER, AT(appeals.cluster_hours), "hours", "4", 1, 168, NULL, "Within how long."},
    {"appeals", "dispatcher", CONFIG_TEXT, AT(appeals.dispatcher), "", "", 0, 128, NULL,
     "Unit whose endpoints get the alert; none: the endpoints that serve *."},

    {"log", "level", CONFIG_CHOICE, AT(log.level), "", "info", 0, 0, "debug|info|warn|error", "Lines below this level are not written."},
};

const struct config_option *config_options(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

static void describe_choices(const struct config_option *option, struct buffer *line)
{
    buffer_add_text(line, "one of ");
    for (const char *c = option->choices; *c; c++) {
        if (*c == '|') buffer_add_text(line, ", ");
        else buffer_add(line, c, 1);
    }
}

void config_describe(const struct config_option *option, struct buffer *line)
{
    switch (option->type) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
        buffer_addf(line, "%s, %.0f to %.0f bytes", option->type == CONFIG_PATH ? "path" : "text", option->min, option->max);
        break;
    case CONFIG_INTEGER:
        buffer_addf(line, "%s, %.0f to %.0f", option->unit, option->min, option->max);
        break;
    case CONFIG_SECONDS:
    case CONFIG_DECIMAL:
        buffer_addf(line, "%s, %.15g to %.15g, fractions allowed", option->unit, option->min, option->max);
        break;
    case CONFIG_CHOICE: describe_choices(option, line); break;
    case CONFIG_INSTANT: buffer_add_text(line, "RFC 3339 time with an offset"); break;
    case CONFIG_WORDS: buffer_addf(line, "list of %s, %.0f to %.0f", option->unit, option->min, option->max); break;
    case CONFIG_SPANS:
        buffer_addf(line, "list of times with s, m, h or d, each %.0f to %.0f seconds", option->min, option->max);
        break;
    }
    buffer_addf(line, ", default %s", *option->fallback ? option->fallback : "none");
}
