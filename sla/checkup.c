/* Gathering faults. Those of a file are said as they are met; the others at the end. */
#include "sla/checkup.h"

#include <stdio.h>

#include "common/kafka_topics.h"
#include "sla/adoption.h"

enum { LINES_BYTES = 256 * 1024 };

void checkup_begin(struct checkup *checkup, const struct options *options)
{
    *checkup = (struct checkup){.options = options};
    buffer_init(&checkup->faults, LINES_BYTES);
    buffer_init(&checkup->warnings, LINES_BYTES);
    checkup->config_good = config_open(&checkup->config, options->config); /* says its faults */
    checkup->count = !checkup->config_good;
}

void checkup_rules_and_store(struct checkup *checkup)
{
    struct ruleset set;
    if (!checkup->config_good) return;
    if (!ruleset_load(&set, &checkup->config, NULL)) { /* says its faults */
        checkup->count++;
        return;
    }
    size_t found = store_check(&checkup->config, &set, &checkup->faults, &checkup->warnings);
    if (found == 0) found = adopt_check(&checkup->config, &set, &checkup->faults, &checkup->warnings);
    checkup->count += found;
    ruleset_free(&set);
}

void checkup_topics(struct checkup *checkup, const char *const *topics, size_t count)
{
    if (!checkup->config_good) return;
    size_t found = kafka_topics_check(&checkup->config, topics, count, &checkup->faults);
    checkup->kafka_good = found == 0;
    checkup->count += found;
}

void checkup_retention(struct checkup *checkup, const char *const *topics, size_t count)
{
    if (checkup->kafka_good) kafka_topics_check_retention(&checkup->config, topics, count, &checkup->warnings);
}

static void say_lines(const char *lines, const char *kind)
{
    for (; *lines; lines += *lines == '\n') {
        const char *line = lines;
        while (*lines && *lines != '\n') lines++;
        fprintf(stderr, "%s: %.*s\n", kind, (int)(lines - line), line);
    }
}

int checkup_end(struct checkup *checkup, const char *good)
{
    say_lines(buffer_text(&checkup->faults), "fault");
    say_lines(buffer_text(&checkup->warnings), "warning");
    if (checkup->count == 0) printf("%s: good: %s\n", checkup->config.path, good);
    else if (checkup->config_good)
        fprintf(stderr, "%s check: %zu fault%s\n", checkup->options->program, checkup->count, checkup->count == 1 ? "" : "s");
    buffer_free(&checkup->faults);
    buffer_free(&checkup->warnings);
    if (checkup->config_good) config_free(&checkup->config);
    return checkup->count ? EXIT_USAGE : EXIT_OK;
}
