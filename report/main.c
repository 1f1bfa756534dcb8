/* bihuan-report: the figures. Boot only; each verb has a file of its own. */
#include "common/arena.h"
#include "report/verbs.h"

static const char help[] =
    "NAME\n"
    "    bihuan-report - figures of a hotline and its ratings\n"
    "\n"
    "SYNOPSIS\n"
    "    bihuan-report summary [--from DATE] [--to DATE] [--unit UNIT] [--as-of TIME] [--roll-up]\n"
    "        [--json | --table]\n"
    "    bihuan-report check\n"
    "\n"
    "VERBS\n"
    "    summary  what was received, answered in time, missed, rated and rectified, by\n"
    "             unit and in all, from Redis: a table on a terminal, else JSON. The same\n"
    "             figures as `bihuan-sla replay --summary` of the same events.\n"
    "    check    validates configuration, units, policy and calendar, reaches the server, and\n"
    "             says every fault found.\n"
    "\n"
    "OPTIONS\n"
    "    --from DATE    first civil day that counts, as 2024-09-30; default: the first\n"
    "    --to DATE      the day after the last that counts; default: none\n"
    "    --unit UNIT    this unit's row and total alone; \"\" is what no unit held\n"
    "    --as-of TIME   as things stood at TIME: later events are left out, and deadlines\n"
    "                   before it are missed whether or not a timer fired. Default: now.\n"
    "                   An earlier TIME folds every case anew, which takes longer.\n"
    "    --roll-up      each unit's row holds what is below it as well, by the units' file as\n"
    "                   of that time; the total counts everything once\n"
    "    --json         one JSON object on one line\n"
    "    --table        the table, also where the output is no terminal\n"
    "    --config FILE  configuration (default " CONFIG_DEFAULT_PATH ")\n"
    "    --help, --version\n"
    "\n"
    "EXIT STATUS\n"
    "    0 ok, 1 failed, 2 usage or configuration.\n";

static const struct options_verb verbs[] = {{"summary", report_summary, summary_extras, 0, 0},
                                            {"check", report_check, NULL, 0, 0},
                                            {NULL, NULL, NULL, 0, 0}};

int main(int argc, char **argv)
{
    /* 1. Jansson's memory, before anything uses Jansson. */
    arena_install();
    /* 2. The verb. */
    static const struct options_program program = {"bihuan-report", help, verbs};
    return options_main(argc, argv, &program);
}
