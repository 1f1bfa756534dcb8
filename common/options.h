#ifndef BIHUAN_COMMON_OPTIONS_H
#define BIHUAN_COMMON_OPTIONS_H
/* Command lines of the form `program VERB [options] [operands]`. Every verb
 * takes --config FILE, --json, --help and --version; more by its own table. */
#include <stdbool.h>

#define BIHUAN_VERSION "0.1.0"
#define CONFIG_DEFAULT_PATH "conf/bihuan.ini"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, OPTIONS_MAX = 24 };

/* One option of a verb; exactly one of the two pointers is set. A table ends
 * with an entry whose name is NULL. */
struct options_extra {
    const char *name;   /* without -- */
    const char **value; /* takes an argument: borrowed from argv, untouched when absent */
    bool *flag;         /* takes none: set to true when present */
};

struct options {
    const char *program, *verb;
    const char *config; /* --config, or CONFIG_DEFAULT_PATH */
    bool json;
    int count;          /* operands */
    char **operands;    /* borrowed from argv */
};

struct options_verb {
    const char *name;                   /* a table ends with NULL */
    int (*run)(const struct options *); /* returns the exit code */
    const struct options_extra *extras; /* NULL for none */
    int operands_min, operands_max;     /* max -1: any number */
};

struct options_program {
    const char *name;
    const char *help; /* the whole manual page, printed by --help */
    const struct options_verb *verbs;
};

/* Reads the command line and runs the verb. Returns the exit code: the verb's, 0 for
 * --help and --version (on stdout), EXIT_USAGE with a line on stderr for anything
 * not understood. */
int options_main(int argc, char **argv, const struct options_program *program);
/* A complaint on stderr in the same form; returns EXIT_USAGE, for a verb that
 * judges its own operands. */
int options_usage(const struct options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
