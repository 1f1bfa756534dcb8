/* Reads the configuration file into struct config, collecting every fault with
 * its line. The options themselves are in config_table.c.
 *
 * The trap: inih cuts lines at 200 bytes without a word, which is why this
 * reader exists; it takes lines of any length up to CONFIG_FILE_BYTES. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/config.h"
#include "common/kafka.h"
#include "common/log.h"

enum { OPTIONS_TABLE_MAX = 128 };

struct loader {
    struct config *config;
    struct buffer *faults;
    size_t count;
    int line;
    const char *section;              /* as in the table; NULL: before the first, or unknown */
    bool skip;                        /* the section is unknown: said once */
    int lines[OPTIONS_TABLE_MAX];     /* where each option was set, 0 for not; endpoints: this one's */
};

static void fault_at(struct loader *loader, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void fault_at(struct loader *loader, int line, const char *format, ...)
{
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    buffer_addf(loader->faults, "%s:%d: %s\n", loader->config->path, line, text);
    loader->count++;
}

static void set_defaults(bool endpoint, void *base)
{
    size_t count;
    const struct config_option *options = config_options(&count);
    for (size_t i = 0; i < count; i++) {
        char why[128];
        if (!strcmp(options[i].section, "endpoint") != endpoint) continue;
        if (!config_value_set(&options[i], base, options[i].fallback, why, sizeof why)) abort();
    }
}

void config_defaults(struct config *config)
{
    memset(config, 0, sizeof *config);
    config->path = xstrdup("");
    set_defaults(false, config);
}

static char *trim(char *text)
{
    while (*text == ' ' || *text == '\t') text++;
    size_t bytes = strlen(text);
    while (bytes && strchr(" \t\r\n", text[bytes - 1])) bytes--;
    text[bytes] = 0;
    return text;
}

static int option_line(const struct loader *loader, const char *section, const char *name)
{
    size_t count;
    const struct config_option *options = config_options(&count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(options[i].section, section) && !strcmp(options[i].name, name) && loader->lines[i]) return loader->lines[i];
    return loader->line;
}

/* What an endpoint must have, said when its section ends. */
static void endpoint_end(struct loader *loader)
{
    struct config *config = loader->config;
    if (!loader->section || strcmp(loader->section, "endpoint") || !config->endpoints.count) return;
    const struct config_endpoint *endpoint = &config->endpoints.at[config->endpoints.count - 1];
    const char *required = endpoint->channel == CHANNEL_KAFKA ? "topic" : endpoint->channel == CHANNEL_SMS ? "gateway" : "url";
    const char *given = endpoint->channel == CHANNEL_KAFKA ? endpoint->topic : endpoint->channel == CHANNEL_SMS ? endpoint->gateway : endpoint->url;
    if (!*given) fault_at(loader, endpoint->line, "[endpoint %.200s]: %s is required", endpoint->name, required);
    else if (given == endpoint->url && !strstr(given, "://")) fault_at(loader, option_line(loader, "endpoint", "url"), "url: needs a scheme, as https://");
    if (*endpoint->secret_file && *endpoint->secret_env)
        fault_at(loader, endpoint->line, "[endpoint %.200s]: secret_file and secret_env exclude each other", endpoint->name);
}

static void endpoint_begin(struct loader *loader, const char *name)
{
    struct config *config = loader->config;
    if (!*name) fault_at(loader, loader->line, "[endpoint NAME]: the name is missing");
    else if (strlen(name) > 128) fault_at(loader, loader->line, "[endpoint NAME]: the name is longer than 128 bytes");
    else if (config_endpoint(config, name)) fault_at(loader, loader->line, "[endpoint %s]: is there twice", name);
    if (config->endpoints.count == CONFIG_ENDPOINTS_MAX) {
        fault_at(loader, loader->line, "more than %d endpoints", (int)CONFIG_ENDPOINTS_MAX);
        loader->section = NULL; /* no options for it, and the last one was judged */
        loader->skip = true;
        return;
    }
    config->endpoints.at = xrealloc(config->endpoints.at, (config->endpoints.count + 1) * sizeof *config->endpoints.at);
    struct config_endpoint *endpoint = &config->endpoints.at[config->endpoints.count++];
    *endpoint = (struct config_endpoint){.name = xstrdup(name), .line = loader->line};
    set_defaults(true, endpoint);
}

/* Forgets where options of [endpoint] were set: each endpoint has its own. */
static void forget_endpoint_lines(struct loader *loader)
{
    size_t count;
    const struct config_option *options = config_options(&count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(options[i].section, "endpoint")) loader->lines[i] = 0;
}

static void read_section(struct loader *loader, char *text)
{
    endpoint_end(loader);
    forget_endpoint_lines(loader);
    loader->section = NULL;
    loader->skip = true;
    size_t bytes = strlen(text), count;
    if (text[bytes - 1] != ']') {
        fault_at(loader, loader->line, "a section's line must end with ]");
        return;
    }
    text[bytes - 1] = 0;
    char *name = trim(text + 1), *rest = name + strcspn(name, " \t");
    if (*rest) *rest++ = 0;
    rest = trim(rest);
    const struct config_option *options = config_options(&count);
    for (size_t i = 0; i < count && !loader->section; i++)
        if (!strcmp(options[i].section, name)) loader->section = options[i].section;
    if (!loader->section || (*rest && strcmp(name, "endpoint"))) {
        fault_at(loader, loader->line, "unknown section [%.200s%s%.200s]", name, *rest ? " " : "", rest);
        loader->section = NULL;
        return;
    }
    loader->skip = false;
    if (!strcmp(name, "endpoint")) endpoint_begin(loader, rest);
}

static void read_property(struct loader *loader, const char *name, const char *value)
{
    struct config *config = loader->config;
    char why[KAFKA_ERROR_BYTES];
    for (size_t i = 0; i < config->kafka.count; i++)
        if (!strcmp(config->kafka.at[i].name, name)) {
            fault_at(loader, loader->line, "%.200s: is set twice", name);
            return;
        }
    if (kafka_property_check(name, value, why, sizeof why)) {
        fault_at(loader, loader->line, "%.200s: %s", name, why);
        return;
    }
    if (config->kafka.count == CONFIG_KAFKA_PROPERTIES_MAX) {
        fault_at(loader, loader->line, "more than %d properties in [kafka]", (int)CONFIG_KAFKA_PROPERTIES_MAX);
        return;
    }
    config->kafka.at = xrealloc(config->kafka.at, (config->kafka.count + 1) * sizeof *config->kafka.at);
    config->kafka.at[config->kafka.count++] = (struct config_property){xstrdup(name), xstrdup(value)};
}

static void read_option(struct loader *loader, const char *name, const char *value)
{
    size_t count;
    const struct config_option *options = config_options(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].section, loader->section) || strcmp(options[i].name, name)) continue;
        char why[256];
        bool endpoint = !strcmp(loader->section, "endpoint");
        void *base = endpoint ? (void *)&loader->config->endpoints.at[loader->config->endpoints.count - 1] : loader->config;
        if (loader->lines[i]) fault_at(loader, loader->line, "%s: is set twice, before on line %d", name, loader->lines[i]);
        else if (!config_value_set(&options[i], base, value, why, sizeof why)) fault_at(loader, loader->line, "%s: %s", name, why);
        loader->lines[i] = loader->line;
        return;
    }
    if (!strcmp(loader->section, "kafka")) read_property(loader, name, value);
    else fault_at(loader, loader->line, "unknown option %.200s in [%s]", name, loader->section);
}

static void read_line(struct loader *loader, char *text)
{
    text = trim(text);
    if (!*text || *text == '#' || *text == ';') return;
    if (*text == '[') {
        read_section(loader, text);
        return;
    }
    if (loader->skip) return;
    char *equals = strchr(text, '=');
    if (!equals) {
        fault_at(loader, loader->line, "neither [section] nor name = value");
    } else if (!loader->section) {
        fault_at(loader, loader->line, "an option before the first [section]");
    } else {
        *equals = 0;
        char *name = trim(text);
        if (!*name) fault_at(loader, loader->line, "a name is missing before =");
        else read_option(loader, name, trim(equals + 1));
    }
}

static void read_lines(struct loader *loader, FILE *file)
{
    char *text = NULL;
    size_t room = 0, total = 0;
    for (ssize_t bytes; (bytes = getline(&text, &room, file)) >= 0;) {
        loader->line++;
        total += (size_t)bytes;
        if (total > CONFIG_FILE_BYTES) {
            fault_at(loader, loader->line, "the file is larger than %d bytes", (int)CONFIG_FILE_BYTES);
            break;
        }
        if (strlen(text) != (size_t)bytes) {
            fault_at(loader, loader->line, "a zero byte");
            continue;
        }
        bool mark = loader->line == 1 && !strncmp(text, "\xef\xbb\xbf", 3);
        read_line(loader, mark ? text + 3 : text);
    }
    if (ferror(file)) fault_at(loader, loader->line, "%s", strerror(errno));
    endpoint_end(loader);
    free(text);
}

static void check_topics(struct loader *loader)
{
    static const char *const names[] = {"tickets", "ratings", "results", "dlq", "ledger", "control"};
    const char *const topics[] = {loader->config->topics.tickets, loader->config->topics.ratings, loader->config->topics.results,
                                  loader->config->topics.dlq, loader->config->topics.ledger, loader->config->topics.control};
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++) {
        const char *topic = topics[i];
        int line = option_line(loader, "topics", names[i]);
        if (strspn(topic, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != strlen(topic))
            fault_at(loader, line, "%s: a topic's name holds only letters, digits, . _ and -", names[i]);
        for (size_t j = 0; j < i; j++)
            if (!strcmp(topic, topics[j])) fault_at(loader, line, "%s: the same topic as %s", names[i], names[j]);
    }
}

/* "host:port", "[v6]:port". */
static bool is_host_port(const char *text)
{
    const char *colon = strrchr(text, ':');
    if (!colon || colon == text || !colon[1] || strlen(colon + 1) > 5 || strspn(colon + 1, "0123456789") != strlen(colon + 1)) return false;
    return strtol(colon + 1, NULL, 10) <= 65535;
}

/* What no single option can tell. */
static void check_together(struct loader *loader)
{
    const struct config *config = loader->config;
    check_topics(loader);
    if (!strchr(config->redis.address, '/') && !is_host_port(config->redis.address))
        fault_at(loader, option_line(loader, "redis", "address"), "address: neither host:port nor the path of a socket");
    if (config->clock.mode == CLOCK_MODE_SCALED && !config->clock.start_ms)
        fault_at(loader, option_line(loader, "clock", "mode"), "mode: scaled needs start");
    if (*config->acknowledge.key_file && *config->acknowledge.key_env)
        fault_at(loader, option_line(loader, "acknowledge", "key_env"), "key_file and key_env exclude each other");
    if (*config->privacy.key_file && *config->privacy.key_env)
        fault_at(loader, option_line(loader, "privacy", "key_env"), "key_file and key_env exclude each other");
}

size_t config_load(struct config *config, const char *path, struct buffer *faults)
{
    struct loader loader = {.config = config, .faults = faults};
    config_defaults(config);
    free(config->path);
    config->path = xstrdup(path);
    FILE *file = fopen(path, "re");
    if (!file) {
        buffer_addf(faults, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    read_lines(&loader, file);
    fclose(file);
    check_together(&loader);
    return loader.count;
}

bool config_open(struct config *config, const char *path)
{
    struct buffer faults;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    size_t count = config_load(config, path, &faults);
    if (count) {
        fputs(buffer_text(&faults), stderr);
        config_free(config);
    }
    buffer_free(&faults);
    return !count;
}

void config_reload_level(const char *path)
{
    struct config config;
    struct buffer faults;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    size_t count = config_load(&config, path, &faults);
    if (count) {
        log_error("config.reload", "kept=old faults=%zu first=%s", count, log_quote(buffer_text(&faults)));
    } else {
        log_set_level((enum log_level)config.log.level);
        log_info("config.reload", "note=%s", log_quote("the log's level is taken over; anything else needs a restart"));
    }
    config_free(&config);
    buffer_free(&faults);
}

void config_free(struct config *config)
{
    if (!config) return;
    size_t count;
    const struct config_option *options = config_options(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].section, "endpoint")) config_value_free(&options[i], config);
        else
            for (size_t e = 0; e < config->endpoints.count; e++) config_value_free(&options[i], &config->endpoints.at[e]);
    }
    for (size_t e = 0; e < config->endpoints.count; e++) free(config->endpoints.at[e].name);
    free(config->endpoints.at);
    for (size_t i = 0; i < config->kafka.count; i++) {
        free(config->kafka.at[i].name);
        free(config->kafka.at[i].value);
    }
    free(config->kafka.at);
    free(config->path);
    memset(config, 0, sizeof *config);
}

const struct config_endpoint *config_endpoint(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->endpoints.count; i++)
        if (!strcmp(config->endpoints.at[i].name, name)) return &config->endpoints.at[i];
    return NULL;
}

bool config_list_has(const struct config_list *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->at[i], word) || !strcmp(list->at[i], "*")) return true;
    return false;
}
