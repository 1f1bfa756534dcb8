/* bihuan-ingest run: the consumer. Two threads: this one reads and decodes, the
 * other folds and commits. */
#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "common/daemon.h"
#include "common/log.h"
#include "ingest/intake.h"
#include "ingest/verbs.h"

enum { ERROR_BYTES = 512 };

/* Everything that run opens, in the order it is opened. */
struct ingest {
    struct config config;
    struct ruleset set;
    struct citizen *citizen;
    struct handover handover;
    struct committer committer;
    struct intake intake;
    struct ingest_meters meters;
    rd_kafka_t *consumer;
};

/* First the batches under way, then the group: what is left comes again to who is next. */
static int serve(struct ingest *ingest)
{
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, committer_run, &ingest->committer);
    if (failed) {
        fprintf(stderr, "bihuan-ingest run: thread: %s\n", strerror(failed));
        return EXIT_FAILED;
    }
    log_info("ingest.start", "group=%s tickets=%s ratings=%s", log_quote(ingest->config.ingest.group), log_quote(ingest->config.topics.tickets),
             log_quote(ingest->config.topics.ratings));
    daemon_notify_ready();
    intake_run(&ingest->intake);
    daemon_notify_stopping();
    handover_end(&ingest->handover);
    pthread_join(thread, NULL);
    log_info("ingest.stop", "records=%llu bad=%llu", (unsigned long long)ingest->committer.records, (unsigned long long)ingest->committer.bad);
    return ingest->committer.failed ? EXIT_FAILED : EXIT_OK;
}

static int open_and_serve(struct ingest *ingest)
{
    char error[ERROR_BYTES] = "";
    int code = EXIT_FAILED;
    const struct config *config = &ingest->config;
    handover_open(&ingest->handover, (size_t)config->ingest.queue_batches, (size_t)config->ingest.queue_records, (size_t)config->ingest.queue_bytes);
    ingest->intake = (struct intake){.config = config, .handover = &ingest->handover, .committer = &ingest->committer,
                                     .by = {decoder_new(), ingest->citizen, NULL, appeal_rules(config)}};
    ingest->consumer = intake_consumer(&ingest->intake, config, error, sizeof error);
    ingest->intake.consumer = ingest->consumer;
    bool good = ingest->consumer && ingest_meters_open(&ingest->meters, config, error, sizeof error) && committer_open(&ingest->committer, config, &ingest->set, &ingest->handover, ingest->consumer, NULL, error, sizeof error);
    ingest->committer.meters = good ? &ingest->meters : NULL;
    if (good) code = serve(ingest);
    else if (daemon_stopping()) code = EXIT_OK; /* told to, while it waited for a server */
    else fprintf(stderr, "bihuan-ingest run: %s\n", error);
    if (ingest->consumer) {
        rd_kafka_consumer_close(ingest->consumer);
        committer_close(&ingest->committer);
    }
    intake_close(&ingest->intake);
    ingest_meters_close(&ingest->meters);
    if (ingest->consumer) rd_kafka_destroy(ingest->consumer);
    handover_close_and_free(&ingest->handover);
    return code;
}

int ingest_run(const struct options *options)
{
    struct ingest ingest = {.consumer = NULL};
    char error[ERROR_BYTES] = "";
    int code = EXIT_USAGE;
    if (!config_open(&ingest.config, options->config)) return EXIT_USAGE;
    log_set_level((enum log_level)ingest.config.log.level);
    bool rules = ruleset_load(&ingest.set, &ingest.config, NULL);
    ingest.citizen = rules ? citizen_open(&ingest.config, error, sizeof error) : NULL;
    if (rules && !ingest.citizen) fprintf(stderr, "%s: [privacy] %s\n", ingest.config.path, error);
    if (ingest.citizen && *error) log_warn("ingest.privacy", "note=%s", log_quote(error));
    if (ingest.citizen && !daemon_start()) {
        perror("bihuan-ingest run: signals");
        code = EXIT_FAILED;
    } else if (ingest.citizen) {
        code = open_and_serve(&ingest);
    }
    citizen_close(ingest.citizen);
    if (rules) ruleset_free(&ingest.set);
    config_free(&ingest.config);
    return code;
}
