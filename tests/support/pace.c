/* Sends a file of canonical events to Kafka at the pace of their own times on
 * the scaled clock: business time = start + (real time - anchor) x speed.
 *
 * The file's order is the order of arrival. A line goes once business time has
 * reached the latest event time up to and including it, so what the file brings
 * late arrives late; a line without a readable time goes with the one before it.
 * The trap: with retries several records of a partition are under way at once,
 * hence the idempotent producer, which keeps their order. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <librdkafka/rdkafka.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/zone.h"
#include "tests/support/ready.h"

enum { PROGRESS_MS = 200, POLL_MS = 20, FLUSH_MS = 60000 };

static const char usage[] =
    "usage: pace --bootstrap HOST:PORT --start TIME [--speed N] [--anchor-ms MS]\n"
    "            [--tickets TOPIC] [--ratings TOPIC] [--progress FILE] FILE|-\n"
    "Sends canonical events to Kafka when a clock that runs N times as fast as the\n"
    "real one, from TIME on, reaches their times. Prints {\"records\",\"bad_lines\",\n"
    "\"failed\"} once all are acknowledged; ends with status 1 when some were not.\n"
    "  --bootstrap HOST:PORT  brokers to begin with\n"
    "  --start TIME       business time at the anchor, RFC 3339 with an offset\n"
    "  --speed N          0.001 to 100000000, default 1\n"
    "  --anchor-ms MS     real time of the start, ms since 1970 (default: now)\n"
    "  --tickets TOPIC    default bihuan.tickets; takes bad lines as well\n"
    "  --ratings TOPIC    default bihuan.ratings: events of a type rating.*\n"
    "  --progress FILE    writes the records sent so far there, each 200 ms\n"
    "  --help\n"
    "Blank lines are left out. The key is the subject, where there is one; the\n"
    "record's timestamp is the business time at which it goes.\n";

struct options {
    const char *bootstrap, *tickets, *ratings, *progress, *file;
    int64_t start_ms, anchor_ms;
    double speed;
};

struct pace {
    struct options options;
    rd_kafka_t *producer;
    int64_t due_ms;      /* the latest event time so far */
    int64_t progress_ms; /* when it was last written, real time */
    uint64_t records, bad_lines, failed;
};

static int64_t real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t business_ms(const struct options *options)
{
    return options->start_ms + (int64_t)((double)(real_ms() - options->anchor_ms) * options->speed);
}

/* --- options --- */

static void complain(const char *option, const char *wanted, const char *text)
{
    fprintf(stderr, "%s: %s, not '%s'\n", option, wanted, text);
    exit(2);
}

static int64_t read_time(const char *text)
{
    int64_t at_ms = 0;
    const char *reason = instant_parse(text, strlen(text), &at_ms);
    if (reason) complain("--start", reason, text);
    return at_ms;
}

static double read_speed(const char *text)
{
    char *end;
    double speed = strtod(text, &end);
    if (end == text || *end || !(speed >= 0.001 && speed <= 1e8)) complain("--speed", "a number from 0.001 to 100000000", text);
    return speed;
}

static struct options read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"bootstrap", required_argument, NULL, 'b'}, {"tickets", required_argument, NULL, 't'},
        {"ratings", required_argument, NULL, 'r'},   {"start", required_argument, NULL, 's'},
        {"speed", required_argument, NULL, 'x'},     {"anchor-ms", required_argument, NULL, 'a'},
        {"progress", required_argument, NULL, 'p'},  {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.tickets = "bihuan.tickets", .ratings = "bihuan.ratings", .speed = 1, .start_ms = INT64_MIN,
                              .anchor_ms = real_ms()};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'b': options.bootstrap = optarg; break;
        case 't': options.tickets = optarg; break;
        case 'r': options.ratings = optarg; break;
        case 's': options.start_ms = read_time(optarg); break;
        case 'x': options.speed = read_speed(optarg); break;
        case 'a': options.anchor_ms = ready_number("--anchor-ms", optarg, 0, LONG_MAX); break;
        case 'p': options.progress = optarg; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    }
    if (optind + 1 != argc || !options.bootstrap || options.start_ms == INT64_MIN) {
        fputs(usage, stderr);
        exit(2);
    }
    options.file = argv[optind];
    return options;
}

/* --- Kafka --- */

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    (void)producer;
    struct pace *pace = opaque;
    if (!message->err) return;
    if (!pace->failed++) fprintf(stderr, "pace: %s\n", rd_kafka_err2str(message->err));
}

static bool open_producer(struct pace *pace)
{
    static const char *const fixed[][2] = {
        {"enable.idempotence", "true"}, {"linger.ms", "5"}, {"compression.type", "lz4"}, {"partitioner", "murmur2_random"}, {"log_level", "4"}};
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_opaque(conf, pace);
    bool good = rd_kafka_conf_set(conf, "bootstrap.servers", pace->options.bootstrap, error, sizeof error) == RD_KAFKA_CONF_OK;
    for (size_t i = 0; good && i < sizeof fixed / sizeof fixed[0]; i++)
        good = rd_kafka_conf_set(conf, fixed[i][0], fixed[i][1], error, sizeof error) == RD_KAFKA_CONF_OK;
    if (good) pace->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (pace->producer) return true;
    fprintf(stderr, "pace: %s\n", error);
    rd_kafka_conf_destroy(conf);
    return false;
}

/* Written beside, then renamed: who reads it never sees half a number. */
static void tell_progress(struct pace *pace, bool now)
{
    int64_t at_ms = real_ms();
    if (!pace->options.progress || (!now && at_ms - pace->progress_ms < PROGRESS_MS)) return;
    pace->progress_ms = at_ms;
    char beside[PATH_MAX];
    snprintf(beside, sizeof beside, "%s.new", pace->options.progress);
    FILE *out = fopen(beside, "w");
    bool bad = !out || fprintf(out, "%" PRIu64 "\n", pace->records) < 0;
    if ((out && fclose(out)) || bad || rename(beside, pace->options.progress))
        fprintf(stderr, "pace: %s: %s\n", pace->options.progress, strerror(errno));
}

/* Queues one line; waits while the queue is full. */
static bool send_line(struct pace *pace, const char *topic, const char *key, const char *line, size_t bytes)
{
    for (;;) {
        rd_kafka_resp_err_t error = rd_kafka_producev(
            pace->producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY((void *)(uintptr_t)key, key ? strlen(key) : 0),
            RD_KAFKA_V_VALUE((void *)(uintptr_t)line, bytes), RD_KAFKA_V_TIMESTAMP(business_ms(&pace->options)),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            if (error) fprintf(stderr, "pace: %s\n", rd_kafka_err2str(error));
            return !error;
        }
        rd_kafka_poll(pace->producer, POLL_MS);
        tell_progress(pace, false);
    }
}

/* --- the file --- */

static const char *text_of(const json_t *event, const char *name)
{
    return json_string_value(json_object_get(event, name));
}

static void wait_until_due(struct pace *pace)
{
    for (int64_t left_ms; (left_ms = pace->due_ms - business_ms(&pace->options)) > 0;) {
        double real_left_ms = (double)left_ms / pace->options.speed;
        rd_kafka_poll(pace->producer, real_left_ms < POLL_MS ? (int)real_left_ms + 1 : POLL_MS);
        tell_progress(pace, false);
    }
}

static bool take_line(struct pace *pace, const char *line, size_t bytes)
{
    int64_t at_ms;
    json_t *event = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, NULL);
    const char *time = text_of(event, "time"), *type = text_of(event, "type"), *subject = text_of(event, "subject");
    bool timed = time && !instant_parse(time, strlen(time), &at_ms);
    if (!timed || !type || !subject) pace->bad_lines++;
    else if (at_ms > pace->due_ms) pace->due_ms = at_ms;
    wait_until_due(pace);
    bool rating = type && !strncmp(type, "rating.", 7);
    bool sent = send_line(pace, rating ? pace->options.ratings : pace->options.tickets, subject, line, bytes);
    json_decref(event);
    if (sent) pace->records++;
    rd_kafka_poll(pace->producer, 0);
    tell_progress(pace, false);
    return sent;
}

static bool take_file(struct pace *pace, FILE *in)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t bytes;
    bool good = true;
    while (good && (bytes = getline(&line, &room, in)) >= 0) {
        if (bytes && line[bytes - 1] == '\n') bytes--;
        if (strspn(line, " \t\r\n") >= (size_t)bytes) continue;
        good = take_line(pace, line, (size_t)bytes);
    }
    if (good && ferror(in)) {
        perror(pace->options.file);
        good = false;
    }
    free(line);
    return good;
}

int main(int argc, char **argv)
{
    /* 1. Options, the file, the producer. */
    struct pace pace = {.options = read_options(argc, argv), };
    pace.due_ms = pace.options.start_ms;
    bool standard = !strcmp(pace.options.file, "-");
    FILE *in = standard ? stdin : fopen(pace.options.file, "r");
    if (!in) {
        perror(pace.options.file);
        return 1;
    }
    if (!open_producer(&pace)) return 1;

    /* 2. Line by line. 3. Until all are acknowledged. */
    bool good = take_file(&pace, in);
    if (rd_kafka_flush(pace.producer, FLUSH_MS)) {
        pace.failed += (uint64_t)rd_kafka_outq_len(pace.producer);
        fprintf(stderr, "pace: not all was acknowledged\n");
    }
    tell_progress(&pace, true);

    /* 4. What there was. */
    printf("{\"records\":%" PRIu64 ",\"bad_lines\":%" PRIu64 ",\"failed\":%" PRIu64 "}\n", pace.records, pace.bad_lines, pace.failed);
    rd_kafka_purge(pace.producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(pace.producer);
    if (!standard) fclose(in);
    return good && !pace.failed ? 0 : 1;
}
