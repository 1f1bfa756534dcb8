/* bihuan-ingest map: prints the canonical events of a mapped file. No broker, no
 * configuration: what a mapping makes can be looked at before anything is sent. */
#include "ingest/mapping.h"
#include "ingest/verbs.h"

#include <stdio.h>

static const char *mapping_option;
const struct options_extra map_extras[] = {{"mapping", &mapping_option, NULL}, {NULL, NULL, NULL}};

static bool print_event(void *context, const struct mapped *mapped)
{
    FILE *out = context;
    return fwrite(mapped->json.at, 1, mapped->json.bytes, out) == mapped->json.bytes && putc('\n', out) != EOF;
}

int ingest_map(const struct options *options)
{
    char error[MAPPING_ERROR_BYTES];
    struct mapping_counts counts = {0};
    if (!mapping_option) return options_usage(options, "needs --mapping NAME");
    struct mapping *mapping = mapping_load(mapping_option, error, sizeof error);
    if (!mapping) {
        fprintf(stderr, "%s map: %s\n", options->program, error);
        return EXIT_USAGE;
    }
    bool good = true;
    for (int i = 0; i < options->count && !ferror(stdout); i++) good = mapping_read(mapping, options->operands[i], print_event, stdout, &counts) && good;
    mapping_free(mapping);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("stdout");
        return EXIT_FAILED;
    }
    return good && !counts.bad ? EXIT_OK : EXIT_FAILED;
}
