/* The command line: which verb, which options. What a verb means is the
 * program's; this file knows only the four options all verbs share. */
#include "common/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_CONFIG = 1000, OPTION_JSON, OPTION_HELP, OPTION_VERSION, EXIT_GO_ON = -1 };

static int complain(const char *program, const char *verb, const char *format, va_list list) __attribute__((format(printf, 3, 0)));

static int complain(const char *program, const char *verb, const char *format, va_list list)
{
    fprintf(stderr, "%s%s%s: ", program, verb ? " " : "", verb ? verb : "");
    vfprintf(stderr, format, list);
    fprintf(stderr, " (see %s --help)\n", program);
    return EXIT_USAGE;
}

int options_usage(const struct options *options, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int code = complain(options->program, options->verb, format, list);
    va_end(list);
    return code;
}

static int print_help(const struct options_program *program)
{
    fputs(program->help, stdout);
    return EXIT_OK;
}

static int print_version(const struct options_program *program)
{
    printf("%s %s\n", program->name, BIHUAN_VERSION);
    return EXIT_OK;
}

/* The verb's options for getopt_long; value 0.. is the place in `extras`. */
static void fill_table(struct option *table, const struct options_extra *extras)
{
    static const struct option shared[] = {{"config", required_argument, NULL, OPTION_CONFIG},
                                           {"json", no_argument, NULL, OPTION_JSON},
                                           {"help", no_argument, NULL, OPTION_HELP},
                                           {"version", no_argument, NULL, OPTION_VERSION}};
    int count = 0;
    for (; extras && extras[count].name && count < OPTIONS_MAX; count++)
        table[count] = (struct option){extras[count].name, extras[count].value ? required_argument : no_argument, NULL, count};
    memcpy(table + count, shared, sizeof shared);
}

static int read_options(int argc, char **argv, const struct options_program *program, const struct options_verb *verb, struct options *options)
{
    struct option table[OPTIONS_MAX + 5] = {0};
    fill_table(table, verb->extras);
    optind = 0; /* GNU: start anew, so that a test may call again */
    opterr = 0;
    for (int which; (which = getopt_long(argc, argv, ":h", table, NULL)) != -1;) {
        switch (which) {
        case OPTION_CONFIG: options->config = optarg; break;
        case OPTION_JSON: options->json = true; break;
        case 'h':
        case OPTION_HELP: return print_help(program);
        case OPTION_VERSION: return print_version(program);
        case ':': return options_usage(options, "%s needs an argument", argv[optind - 1]);
        case '?': return options_usage(options, "unknown option %s", argv[optind - 1]);
        default:
            if (verb->extras[which].value) *verb->extras[which].value = optarg;
            else *verb->extras[which].flag = true;
        }
    }
    options->count = argc - optind;
    options->operands = argv + optind;
    return EXIT_GO_ON;
}

static const struct options_verb *find_verb(const struct options_program *program, const char *name)
{
    for (const struct options_verb *verb = program->verbs; verb->name; verb++)
        if (!strcmp(verb->name, name)) return verb;
    return NULL;
}

int options_main(int argc, char **argv, const struct options_program *program)
{
    struct options options = {.program = program->name, .config = CONFIG_DEFAULT_PATH};
    if (argc < 2) return options_usage(&options, "a verb is missing");
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) return print_help(program);
    if (!strcmp(argv[1], "--version")) return print_version(program);
    const struct options_verb *verb = find_verb(program, argv[1]);
    if (!verb) return options_usage(&options, "no verb %s", argv[1]);
    options.verb = verb->name;
    int code = read_options(argc - 1, argv + 1, program, verb, &options);
    if (code != EXIT_GO_ON) return code;
    if (options.count < verb->operands_min) return options_usage(&options, "an operand is missing");
    if (verb->operands_max >= 0 && options.count > verb->operands_max)
        return options_usage(&options, "unexpected %s", options.operands[verb->operands_max]);
    return verb->run(&options);
}
