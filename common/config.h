#ifndef BIHUAN_COMMON_CONFIG_H
#define BIHUAN_COMMON_CONFIG_H
/* The configuration file: one typed option table for the four programs. The
 * sample conf/bihuan.ini is the manual; a test holds it to the table.
 *
 * Lines of any length: `[section]` or `[endpoint NAME]`, `name = value`, blank
 * lines, and comments that begin with # or ; in the first column that is not
 * blank (no comment behind a value: values may hold # and ;). Unknown sections
 * and options, repeats, values outside the bounds are faults. Relative paths
 * are relative to the working directory; environment variables are not
 * expanded. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

enum {
    CONFIG_KAFKA_PROPERTIES_MAX = 128,
    CONFIG_ENDPOINTS_MAX = 4096,
    CONFIG_LIST_MAX = 4096,
    CONFIG_FAULTS_BYTES = 1 << 20,
    CONFIG_FILE_BYTES = 16 << 20
};

/* Words, in the file separated by commas or blanks; owned by the configuration. */
struct config_list {
    char **at;
    size_t count;
};

/* Spans of time in ms; owned by the configuration. */
struct config_spans {
    int64_t *at_ms;
    size_t count;
};

struct config_property {
    char *name, *value;
};

/* What an endpoint speaks; the words of `channel` in this order. */
enum config_channel { CHANNEL_WEBHOOK, CHANNEL_WECOM, CHANNEL_DINGTALK, CHANNEL_FEISHU, CHANNEL_EMAIL, CHANNEL_SMS, CHANNEL_KAFKA, CHANNELS };
enum config_format { FORMAT_MARKDOWN, FORMAT_TEXT };

/* Text that is not set is "". */
struct config_endpoint {
    char *name;
    int channel;                    /* enum config_channel */
    char *url, *topic, *gateway;    /* kafka has a topic, sms a gateway file; the others a url */
    char *secret_file, *secret_env;
    char *user, *password_file, *from, *ca_file; /* of e-mail */
    char *keyword;
    struct config_list units, roles; /* "*": all; units may be empty: people alone are reached through it */
    int64_t rate;                   /* messages a minute; 0: no bound; -1: the channel's own */
    int format;                     /* enum config_format */
    char *fallback;                 /* another endpoint's name */
    int line;           /* where [endpoint NAME] stands, for messages */
};

enum config_language { LANGUAGE_ZH, LANGUAGE_EN };
enum config_notify_mode { NOTIFY_LIVE, NOTIFY_SHADOW };
enum config_clock_mode { CLOCK_MODE_REAL, CLOCK_MODE_SCALED };

/* Text is owned, never NULL, "" where nothing is set. */
struct config {
    char *path; /* the file it was read from */
    struct {
        struct config_property *at; /* librdkafka's, checked, in the file's order; not bootstrap.servers */
        size_t count;
        char *bootstrap_servers, *password_file;
    } kafka;
    struct {
        char *tickets, *ratings, *results, *dlq, *ledger, *control;
    } topics;
    struct {
        char *address, *password_file;
        int64_t timeout_ms;
    } redis;
    struct {
        char *policy, *calendar, *zone;
        int64_t shards, grace_ms, timer_batch, retention_days;
    } sla;
    struct {
        int mode; /* enum config_notify_mode */
        int64_t in_flight, timeout_s, lease_s;
        int64_t from_ms;           /* business time; 0: none set */
        int64_t fallback_after, patience_ms;
        char *units, *sending, *templates, *case_link;
        int language;              /* enum config_language */
        struct config_list private_hosts;
        struct config_spans retry; /* wait before each attempt; the first is before the first */
    } notify;
    struct {
        struct config_endpoint *at;
        size_t count;
    } endpoints;
    struct {
        int mode; /* enum config_clock_mode */
        int64_t start_ms; /* scaled only */
        double speed;
    } clock;
    struct {
        char *url, *listen, *key_file, *key_env;
        int64_t days;
    } acknowledge;
    struct {
        char *ingest, *sla, *notify; /* host:port of each daemon's, "" for none */
    } metrics;
    struct {
        char *group, *instance;
        int64_t batch_records, batch_ms, queue_batches, queue_records, queue_bytes;
    } ingest;
    struct {
        char *key_file, *key_env, *key_id;
    } privacy;
    struct {
        int64_t window_days, cluster_citizens, cluster_hours;
        char *dispatcher; /* a unit, "" for none */
    } appeals;
    struct {
        int level; /* enum log_level */
    } log;
};

enum config_type {
    CONFIG_TEXT,     /* char * */
    CONFIG_PATH,     /* char * */
    CONFIG_INTEGER,  /* int64_t, a whole number */
    CONFIG_SECONDS,  /* int64_t in ms, from a number of seconds that may have a fraction */
    CONFIG_DECIMAL,  /* double */
    CONFIG_CHOICE,   /* int, the place of the word in `choices` */
    CONFIG_INSTANT,  /* int64_t in ms UTC, from RFC 3339 */
    CONFIG_WORDS,    /* struct config_list */
    CONFIG_SPANS     /* struct config_spans, from numbers with s, m, h or d behind (s where none) */
};

struct config_option {
    const char *section, *name;
    enum config_type type;
    size_t offset;        /* in struct config; in struct config_endpoint for section "endpoint" */
    const char *unit;     /* for people; "" where there is none */
    const char *fallback; /* the default as it would stand in the file; "" for none */
    double min, max;      /* numbers: in the file's unit; text and lists: bytes, words */
    const char *choices;  /* "live|shadow" for CONFIG_CHOICE, else NULL */
    const char *help;     /* one line */
};

/* The table; *count options in the order of the sample. */
const struct config_option *config_options(size_t *count);

/* One line on type, unit, bounds and default of an option, as the sample has
 * it: "milliseconds, 1 to 1000, default 20". Appends to *line. */
void config_describe(const struct config_option *option, struct buffer *line);

/* Reads `text` as a value of the option into the field at `base` (the struct config, or
 * the struct config_endpoint), freeing what was there. False: the reason in
 * why[why_bytes], the field is as it was. */
bool config_value_set(const struct config_option *option, void *base, const char *text, char *why, size_t why_bytes)
    __attribute__((warn_unused_result));
/* Frees and zeroes the field. */
void config_value_free(const struct config_option *option, void *base);

/* Fills *config with the table's defaults, no properties, no endpoints. */
void config_defaults(struct config *config);

/* Reads `path` into *config (defaults first). Returns the number of faults; each
 * is a line "FILE:LINE: reason\n" in *faults (initialised by the caller, e.g.
 * with CONFIG_FAULTS_BYTES). With faults *config still must be freed, and must
 * not be used otherwise. */
size_t config_load(struct config *config, const char *path, struct buffer *faults) __attribute__((warn_unused_result));

/* config_load that writes the faults to stderr. False when there were any; then
 * *config is already freed. For main: exit code 2. */
bool config_open(struct config *config, const char *path) __attribute__((warn_unused_result));

/* For a daemon at SIGHUP that can take over nothing but the log's level: reads `path` again and says in the log what came of it. */
void config_reload_level(const char *path);

/* Frees what *config owns. Accepts NULL and an all-zero one. */
void config_free(struct config *config);

/* The endpoint of that name, borrowed; NULL when there is none. */
const struct config_endpoint *config_endpoint(const struct config *config, const char *name);
/* True when the list holds `word`, or "*". */
bool config_list_has(const struct config_list *list, const char *word);

#endif
