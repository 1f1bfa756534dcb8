/* bihuan-notify export: the ledger as JSON lines, to the byte as they are in the topic, or as comma-separated values. One record at a
 * time: memory does not grow with the ledger. */
#include <stdio.h>

#include "common/arena.h"
#include "common/config.h"
#include "common/kafka_reader.h"
#include "common/progress.h"
#include "notify/ledger.h"
#include "notify/ledger_csv.h"
#include "notify/ledger_filter.h"
#include "notify/verbs.h"

enum { ERROR_BYTES = 512 };

static const char *from_option, *to_option, *unit_option, *outcome_option;
static bool csv_option;
const struct options_extra export_extras[] = {{"from", &from_option, NULL},       {"to", &to_option, NULL},   {"unit", &unit_option, NULL},
                                              {"outcome", &outcome_option, NULL}, {"csv", NULL, &csv_option}, {NULL, NULL, NULL}};

struct export {
    struct ledger_filter filter;
    struct zone zone;
    struct buffer line;
    unsigned long long strange;
};

static void write_record(struct export *export, const rd_kafka_message_t *message)
{
    arena_begin();
    json_t *record = json_loadb(message->payload ? message->payload : "", message->len, 0, NULL);
    bool good = ledger_format(record) != 0;
    export->strange += !good;
    if (good && ledger_filter_passes(&export->filter, record)) {
        buffer_clear(&export->line);
        if (csv_option) ledger_csv_add(&export->line, record, &export->zone);
        else buffer_add(&export->line, message->payload, message->len), buffer_add_u8(&export->line, '\n');
        fwrite(buffer_text(&export->line), 1, export->line.bytes, stdout);
    }
    json_decref(record);
    arena_end();
}

static int write_all(struct export *export, const struct config *config)
{
    char error[ERROR_BYTES];
    struct progress progress;
    struct kafka_reader *reader = kafka_reader_open(config, config->topics.ledger, error, sizeof error);
    if (!reader) {
        fprintf(stderr, "bihuan-notify export: %s\n", error);
        return EXIT_FAILED;
    }
    if (csv_option) {
        ledger_csv_begin(&export->line);
        fwrite(export->line.data, 1, export->line.bytes, stdout);
    }
    progress_begin(&progress, "records read", kafka_reader_total(reader));
    for (rd_kafka_message_t *message; !ferror(stdout) && (message = kafka_reader_next(reader)); rd_kafka_message_destroy(message)) {
        write_record(export, message);
        progress_step(&progress);
    }
    progress_end(&progress);
    if (export->strange) fprintf(stderr, "bihuan-notify export: %llu records that are none of the ledger's were passed over\n", export->strange);
    bool good = !*kafka_reader_error(reader) && fflush(stdout) == 0 && !ferror(stdout);
    if (!good) fprintf(stderr, "bihuan-notify export: %s\n", *kafka_reader_error(reader) ? kafka_reader_error(reader) : "stdout");
    kafka_reader_close(reader);
    return good && !export->strange ? EXIT_OK : EXIT_FAILED;
}

int notify_export(const struct options *options)
{
    struct config config;
    struct export export = {.strange = 0};
    if (options->json && csv_option) return options_usage(options, "--json and --csv exclude each other");
    if (!config_open(&config, options->config)) return EXIT_USAGE;
    int code = EXIT_USAGE;
    buffer_init(&export.line, LEDGER_CSV_LINE_BYTES);
    if (!zone_load(&export.zone, config.sla.zone)) fprintf(stderr, "bihuan-notify export: [sla] zone: there is no zone \"%s\"\n", config.sla.zone);
    else code = ledger_filter_open(&export.filter, options, &export.zone, from_option, to_option, unit_option, outcome_option);
    if (code == EXIT_OK) code = write_all(&export, &config);
    buffer_free(&export.line);
    config_free(&config);
    return code;
}
