/* The embedded broker: librdkafka's in-process mock cluster as a program, for
 * the demo and for fast tests.
 *
 * Not for load or fail-over: it keeps only the newest 5 MB or 100,000 messages
 * of a partition, in memory, and ignores group.instance.id. Those tests use
 * the real node (kafka-node). */
#define _POSIX_C_SOURCE 200809L
#include "ready.h"

#include <getopt.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEFAULT_PARTITIONS = 4, MAX_PARTITIONS = 1000 };

static const char *const topics[] = {
    "bihuan.tickets", "bihuan.ratings", "bihuan.results", "bihuan.dlq", "bihuan.ledger",
};

static const char usage[] =
    "usage: broker [--partitions N] [--ready FILE]\n"
    "An in-memory Kafka broker on a free port of this host, for tests.\n"
    "Prints bootstrap.servers=HOST:PORT once it listens; ends on SIGTERM or SIGINT.\n"
    "  --partitions N   of each bihuan topic (1-1000, default 4)\n"
    "  --ready FILE     writes that line there too, in one step\n"
    "  --help\n";

struct options {
    int partitions;
    const char *ready_file;
};

static struct options read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"partitions", required_argument, NULL, 'p'},
        {"ready", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.partitions = DEFAULT_PARTITIONS};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'p':
            options.partitions = (int)ready_number("--partitions", optarg, 1, MAX_PARTITIONS);
            break;
        case 'r':
            options.ready_file = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs(usage, stderr);
            exit(2);
        }
    }
    if (optind < argc) {
        fputs(usage, stderr);
        exit(2);
    }
    return options;
}

/* The client that the mock cluster hangs on; it never connects anywhere. */
static rd_kafka_t *open_host(void)
{
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "log_level", "4", error, sizeof error) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "broker: %s\n", error);
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_t *host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (!host) {
        fprintf(stderr, "broker: %s\n", error);
        rd_kafka_conf_destroy(conf);
    }
    return host;
}

static int create_topics(rd_kafka_mock_cluster_t *cluster, int partitions)
{
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        rd_kafka_resp_err_t error = rd_kafka_mock_topic_create(cluster, topics[i], partitions, 1);
        if (error) {
            fprintf(stderr, "broker: topic %s: %s\n", topics[i], rd_kafka_err2str(error));
            return -1;
        }
    }
    return 0;
}

static int announce(const rd_kafka_mock_cluster_t *cluster, const char *ready_file)
{
    char line[256];
    snprintf(line, sizeof line, "bootstrap.servers=%s", rd_kafka_mock_cluster_bootstraps(cluster));
    return ready_announce(line, ready_file);
}

int main(int argc, char **argv)
{
    /* 1. Options. 2. Signals, before librdkafka starts its threads. */
    struct options options = read_options(argc, argv);
    ready_hold_signals();

    /* 3. The cluster: one broker. */
    rd_kafka_t *host = open_host();
    if (!host)
        return 1;
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(host, 1);
    if (!cluster) {
        fprintf(stderr, "broker: cannot listen\n");
        rd_kafka_destroy(host);
        return 1;
    }

    /* 4. Topics, 5. the word that it listens, 6. until told to end. */
    int status = 1;
    if (create_topics(cluster, options.partitions) == 0 && announce(cluster, options.ready_file) == 0) {
        ready_wait_for_end();
        status = 0;
    }
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
    return status;
}
