/* bihuan-ingest feed: sends a file's records to their topics.
 *
 * A transport, no judge: a line that is no event is sent as it is, and the consumer
 * makes it a dead letter with its reason. The trap is the end: a record counts
 * when the broker has acknowledged it, so each file is waited for. */
#include "common/arena.h"
#include "common/clock.h"
#include "common/config.h"
#include "common/kafka.h"
#include "common/log.h"
#include "ingest/line.h"
#include "ingest/mapping.h"
#include "ingest/verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 16 << 20, /* longer lines are cut and sent: too long in any case */
    FULL_WAIT_MS = 600000,     /* on a full queue: above the time a record may take */
    FLUSH_STEP_MS = 250,
    PROGRESS_MS = 500,
    SERVE_EVERY = 256,         /* records */
    FAULTS_SHOWN = 10,         /* of a file */
};

static const char *mapping_option;
const struct options_extra feed_extras[] = {{"mapping", &mapping_option, NULL}, {NULL, NULL, NULL}};

struct feed {
    const struct config *config;
    struct kafka_producer *producer;
    const char *path;
    uint64_t accepted, refused; /* by the producer */
    uint64_t shown;             /* faults of this file */
    bool terminal;
    int64_t started_ms, progress_ms;
};

static void show_progress(struct feed *feed, bool last)
{
    int64_t now_ms = clock_monotonic_ms(), taken_ms = now_ms - feed->started_ms;
    if (!feed->terminal || (!last && now_ms - feed->progress_ms < PROGRESS_MS)) return;
    feed->progress_ms = now_ms;
    fprintf(stderr, "\r\033[K%s: %llu sent, %llu acknowledged, %llu failed, %.0f/s%s", feed->path, (unsigned long long)feed->accepted,
            (unsigned long long)feed->producer->sent, (unsigned long long)(feed->refused + feed->producer->failed),
            (double)feed->producer->sent * 1000 / (double)(taken_ms ? taken_ms : 1), last ? "\n" : "");
}

static void show_fault(struct feed *feed, uint64_t line, const char *reason)
{
    if (feed->shown++ >= FAULTS_SHOWN) return;
    fprintf(stderr, "%s%s:%llu: not sent: %s\n", feed->terminal ? "\r\033[K" : "", feed->path, (unsigned long long)line, reason);
    if (feed->shown == FAULTS_SHOWN) fprintf(stderr, "%s: further faults are only counted\n", feed->path);
}

static void on_delivery(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset)
{
    (void)partition;
    (void)offset;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) show_fault(context, (uintptr_t)opaque, rd_kafka_err2str(error));
}

/* False when the producer can send no more. */
static bool send_record(struct feed *feed, bool rating, struct text key, struct text value, uint64_t line)
{
    const struct kafka_record record = {.topic = rating ? feed->config->topics.ratings : feed->config->topics.tickets,
                                        .key = key.at, .key_bytes = key.bytes, .value = value.at, .value_bytes = value.bytes,
                                        .opaque = (void *)(uintptr_t)line};
    if (kafka_produce(feed->producer, &record, FULL_WAIT_MS)) {
        feed->accepted++;
    } else {
        feed->refused++;
        show_fault(feed, line, feed->producer->error);
    }
    if ((feed->accepted + feed->refused) % SERVE_EVERY == 0) {
        kafka_poll(feed->producer, 0);
        show_progress(feed, false);
    }
    if (!kafka_producer_failed(feed->producer)) return true;
    show_fault(feed, line, feed->producer->error);
    return false;
}

static bool send_mapped(void *context, const struct mapped *mapped)
{
    return send_record(context, event_type_of(mapped->type) == OF_RATING, mapped->subject, mapped->json, mapped->line);
}

/* One line as it is; type and subject are looked up, where it has them. */
static bool send_line(struct feed *feed, const struct line *line)
{
    struct text value = {buffer_text(&line->text), line->text.bytes}, key = {NULL, 0};
    arena_begin();
    const json_t *record = json_loadb(value.at, value.bytes, 0, NULL);
    const json_t *subject = json_object_get(record, "subject");
    const char *type = json_string_value(json_object_get(record, "type"));
    if (json_is_string(subject) && json_string_length(subject)) key = (struct text){json_string_value(subject), json_string_length(subject)};
    bool good = send_record(feed, type && strncmp(type, "rating.", 7) == 0, key, value, line->number);
    arena_end();
    return good;
}

static bool send_lines(struct feed *feed)
{
    bool is_stdin = strcmp(feed->path, "-") == 0, good = true;
    FILE *in = is_stdin ? stdin : fopen(feed->path, "rb");
    if (!in) {
        fprintf(stderr, "%s: %s\n", feed->path, strerror(errno));
        return false;
    }
    struct line line;
    line_open(&line, in, LINE_MAX_BYTES);
    while (good && line_next(&line))
        if (!line_is_blank(&line)) good = send_line(feed, &line);
    if (ferror(in)) {
        fprintf(stderr, "%s: %s\n", feed->path, strerror(errno));
        good = false;
    }
    line_close(&line);
    if (!is_stdin) fclose(in);
    return good;
}

/* Waits for every acknowledgement; a record that gets none in its time counts as failed. */
static void wait_for_all(struct feed *feed)
{
    while (!kafka_flush(feed->producer, FLUSH_STEP_MS) && !kafka_producer_failed(feed->producer)) show_progress(feed, false);
    show_progress(feed, true);
}

static int feed_files(struct feed *feed, const struct options *options, const struct mapping *mapping)
{
    struct mapping_counts counts = {0};
    bool good = true;
    feed->started_ms = clock_monotonic_ms();
    for (int i = 0; i < options->count; i++) {
        feed->path = options->operands[i];
        feed->shown = 0;
        good = (mapping ? mapping_read(mapping, feed->path, send_mapped, feed, &counts) : send_lines(feed)) && good;
        wait_for_all(feed);
    }
    uint64_t failed = feed->refused + feed->producer->failed;
    fprintf(stderr, "%s feed: %llu acknowledged, %llu failed", options->program, (unsigned long long)feed->producer->sent, (unsigned long long)failed);
    if (mapping) fprintf(stderr, "; %llu rows, %llu of them not mapped", (unsigned long long)counts.rows, (unsigned long long)counts.bad);
    fputc('\n', stderr);
    return good && !failed && !counts.bad ? EXIT_OK : EXIT_FAILED;
}

static int feed_with(const struct config *config, const struct options *options, const struct mapping *mapping)
{
    char error[KAFKA_ERROR_BYTES];
    struct feed feed = {.config = config, .path = "", .terminal = isatty(STDERR_FILENO)};
    feed.producer = kafka_producer_open(config, on_delivery, &feed, error, sizeof error);
    if (!feed.producer) {
        fprintf(stderr, "%s feed: %s\n", options->program, error);
        return EXIT_FAILED;
    }
    int code = feed_files(&feed, options, mapping);
    if (kafka_producer_close(feed.producer, 0) > 0) code = EXIT_FAILED;
    return code;
}

int ingest_feed(const struct options *options)
{
    char error[MAPPING_ERROR_BYTES];
    struct config config;
    struct mapping *mapping = NULL;
    if (mapping_option && !(mapping = mapping_load(mapping_option, error, sizeof error))) {
        fprintf(stderr, "%s feed: %s\n", options->program, error);
        return EXIT_USAGE;
    }
    int code = EXIT_USAGE;
    if (config_open(&config, options->config)) {
        log_set_level((enum log_level)config.log.level);
        code = feed_with(&config, options, mapping);
        config_free(&config);
    }
    mapping_free(mapping);
    return code;
}
