/* bihuan-ingest fill: the topics into a store beside the one that runs; what bihuan-sla rebuild calls. Reads in no group,
 * commits no offset, sends nothing. Everything else is the consumer's own way. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/daemon.h"
#include "common/log.h"
#include "ingest/intake.h"
#include "ingest/verbs.h"
#include "sla/target.h"

enum { ERROR_BYTES = 1024 }; /* a name of a topic is long */

static const char *into_option;
static bool alone_option, accept_gap_option;
const struct options_extra fill_extras[] = {
    {"into", &into_option, NULL}, {"alone", NULL, &alone_option}, {"accept-gap", NULL, &accept_gap_option}, {NULL, NULL, NULL}};

/* Everything that fill opens, in the order it is opened. */
struct fill {
    struct config config; /* the running store's */
    struct target target; /* the same, with the target's address */
    struct ruleset set;
    struct citizen *citizen;
    rd_kafka_topic_partition_list_t *partitions;
    rd_kafka_t *consumer;
    struct filling filling;
    struct handover handover;
    struct committer committer;
    struct intake intake;
    char error[ERROR_BYTES];
};

/* --- what it came to --- */

static void print_json(const struct fill *fill)
{
    const struct filling *filling = &fill->filling;
    json_t *named = json_array();
    for (size_t i = 0; i < filling->bad && i < FILLING_NAMED_MAX; i++) {
        const struct bad_record *one = &filling->named[i];
        json_array_append_new(named, json_pack("{s:s, s:I, s:I, s:s}", "topic", one->topic, "partition", (json_int_t)one->partition, "offset",
                                               (json_int_t)one->offset, "reason", one->reason));
    }
    json_t *object = json_pack("{s:I, s:I, s:I, s:b, s:o}", "records", (json_int_t)fill->committer.records, "left_out", (json_int_t)filling->left_out, "bad",
                               (json_int_t)filling->bad, "dlq_front_gone", (int)filling->refused.front_gone, "named", named);
    if (object) json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print(const struct fill *fill, bool json)
{
    const struct filling *filling = &fill->filling;
    if (json) {
        print_json(fill);
        return;
    }
    printf("%" PRIu64 " records read, %" PRIu64 " left out as dead letters of then, %" PRIu64 " bad besides; nothing was sent\n", fill->committer.records,
           filling->left_out, filling->bad);
    for (size_t i = 0; i < filling->bad && i < FILLING_NAMED_MAX; i++)
        printf("%s/%" PRId32 " offset %" PRId64 ": %s\n", filling->named[i].topic, filling->named[i].partition, filling->named[i].offset, filling->named[i].reason);
    if (filling->refused.front_gone)
        printf("the topic of dead letters no longer reaches back to its beginning: what was refused before that is judged anew, by the clock of now\n");
}

/* --- reading --- */

static int serve(struct fill *fill, const struct options *options)
{
    pthread_t thread;
    struct committer *committer = &fill->committer;
    int failed = pthread_create(&thread, NULL, committer_run, committer);
    if (failed) {
        fprintf(stderr, "bihuan-ingest fill: thread: %s\n", strerror(failed));
        return EXIT_FAILED;
    }
    intake_begin(&fill->intake, fill->partitions);
    intake_run(&fill->intake);
    handover_end(&fill->handover);
    pthread_join(thread, NULL);
    bool whole = committer->reached && !committer->failed && !standing_has_gap(&committer->standing);
    filling_say_end(&fill->filling, &committer->standing, whole);
    if (whole) print(fill, options->json);
    else if (committer->failed) fprintf(stderr, "bihuan-ingest fill: %s\n", committer->store.fault);
    else fprintf(stderr, "bihuan-ingest fill: stopped before the end; run it again to go on\n");
    return whole ? EXIT_OK : EXIT_FAILED;
}

/* Where the running store stands; none is asked with --alone. */
static bool take_limits(struct fill *fill)
{
    struct store running;
    if (alone_option) return true;
    bool good = store_open_reader(&running, &fill->config, &fill->set) && filling_limit(&fill->filling, &running, fill->partitions);
    if (!good) snprintf(fill->error, sizeof fill->error, "%s: %s", fill->config.redis.address, running.fault);
    store_close(&running);
    return good;
}

/* Reader, limits, dead letters, target. */
static bool open_all(struct fill *fill)
{
    const struct config *config = &fill->config;
    handover_open(&fill->handover, (size_t)config->ingest.queue_batches, (size_t)config->ingest.queue_records, (size_t)config->ingest.queue_bytes);
    fill->intake = (struct intake){.config = config, .handover = &fill->handover, .committer = &fill->committer,
                                   .by = {decoder_new(), fill->citizen, NULL, appeal_rules(config)}};
    fill->consumer = intake_reader(config, &fill->partitions, fill->error, sizeof fill->error);
    if (!fill->consumer) return false;
    fill->intake.consumer = fill->consumer;
    filling_open(&fill->filling, (size_t)fill->partitions->cnt);
    return take_limits(fill) && refused_load(&fill->filling.refused, config, fill->error, sizeof fill->error) &&
           committer_open(&fill->committer, &fill->target.config, &fill->set, &fill->handover, fill->consumer, &fill->filling, fill->error, sizeof fill->error) &&
           filling_check(&fill->filling, &fill->committer.store, fill->consumer, fill->partitions, accept_gap_option, fill->error, sizeof fill->error);
}

static void close_all(struct fill *fill)
{
    if (fill->consumer) rd_kafka_consumer_close(fill->consumer);
    committer_close(&fill->committer);
    intake_close(&fill->intake);
    if (fill->consumer) rd_kafka_destroy(fill->consumer);
    if (fill->partitions) rd_kafka_topic_partition_list_destroy(fill->partitions);
    filling_free(&fill->filling);
    handover_close_and_free(&fill->handover);
}

static int open_and_serve(struct fill *fill, const struct options *options)
{
    int code = EXIT_FAILED;
    if (!target_is_prepared(&fill->target, &fill->config, into_option)) {
        fprintf(stderr, "bihuan-ingest fill: %s\n", fill->target.fault);
        return EXIT_USAGE;
    }
    if (open_all(fill)) code = serve(fill, options);
    else fprintf(stderr, "bihuan-ingest fill: %s\n", fill->error);
    close_all(fill);
    return code;
}

int ingest_fill(const struct options *options)
{
    struct fill fill = {.consumer = NULL};
    int code = EXIT_USAGE;
    if (!into_option) return options_usage(options, "--into ADDRESS is missing: the server to fill");
    if (!config_open(&fill.config, options->config)) return EXIT_USAGE;
    log_set_level(fill.config.log.level > LOG_LEVEL_WARN ? (enum log_level)fill.config.log.level : LOG_LEVEL_WARN);
    bool rules = ruleset_load(&fill.set, &fill.config, NULL);
    fill.citizen = rules ? citizen_open(&fill.config, fill.error, sizeof fill.error) : NULL;
    if (rules && !fill.citizen) fprintf(stderr, "%s: [privacy] %s\n", fill.config.path, fill.error);
    if (fill.citizen && !daemon_start()) {
        perror("bihuan-ingest fill: signals");
        code = EXIT_FAILED;
    } else if (fill.citizen) {
        code = open_and_serve(&fill, options);
    }
    citizen_close(fill.citizen);
    if (rules) ruleset_free(&fill.set);
    config_free(&fill.config);
    return code;
}
