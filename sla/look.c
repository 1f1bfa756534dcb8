/* Opening for a look, in the order in which things rest on each other. */
#include "sla/look.h"

#include <stdio.h>

#include "common/log.h"

int look_open(struct look *look, const struct options *options)
{
    look->options = options;
    if (!config_open(&look->config, options->config)) return EXIT_USAGE;
    log_set_level((enum log_level)look->config.log.level);
    if (!ruleset_load(&look->set, &look->config, NULL)) {
        config_free(&look->config);
        return EXIT_USAGE;
    }
    if (store_open_reader(&look->store, &look->config, &look->set)) return EXIT_OK;
    int code = look_failed(look);
    look_close(look);
    return code;
}

int look_failed(const struct look *look)
{
    fprintf(stderr, "%s %s: %s\n", look->options->program, look->options->verb, look->store.fault);
    return EXIT_FAILED;
}

void look_close(struct look *look)
{
    store_close(&look->store);
    ruleset_free(&look->set);
    config_free(&look->config);
}
