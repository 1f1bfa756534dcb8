/* bihuan-sla: deadlines, and the daemon that watches them. Boot only; each verb
 * has a file of its own. */
#include "common/arena.h"
#include "sla/verbs.h"

static const char help[] =
    "NAME\n"
    "    bihuan-sla - working-day deadlines of hotline tickets and ratings\n"
    "\n"
    "SYNOPSIS\n"
    "    bihuan-sla run\n"
    "    bihuan-sla explain --received TIME --class NAME [--policy FILE] [--json]\n"
    "    bihuan-sla explain [--policy FILE] -\n"
    "    bihuan-sla explain CASE [--as-of TIME] [--json]\n"
    "    bihuan-sla verify [--json] FILE...|-\n"
    "    bihuan-sla replay [--policy FILE] [--until TIME] [--summary|--certificates] [--json]\n"
    "                      FILE...|-\n"
    "    bihuan-sla case ID [--as-of TIME] [--json]\n"
    "    bihuan-sla cases [--unit UNIT] [--state open|overdue|closed] [--differs] [--as-of TIME]\n"
    "                     [--json]\n"
    "    bihuan-sla dump [--until TIME]\n"
    "    bihuan-sla repeats [--unit UNIT] [--from DATE] [--to DATE] [--json]\n"
    "    bihuan-sla steps [--json]\n"
    "    bihuan-sla check\n"
    "\n"
    "VERBS\n"
    "    run      the timer daemon: finds what is due, publishes what is overdue, and\n"
    "             commits it. Any number may run. First SIGTERM drains, the second ends at\n"
    "             once; SIGHUP takes over the log's level and says what\n"
    "             is wrong with policy and calendar, of which those in force stay.\n"
    "    explain  a deadline and, day by day, why. With - one question a line from\n"
    "             stdin, {\"received\",\"class\"}, and one answer a line. No server.\n"
    "             Of a live case: every step, who owed the next one when, each clock, in\n"
    "             Chinese and English; with --json its certificate, one line.\n"
    "    verify   works certificates out again, each line one, from what they say they\n"
    "             rest on. One bit changed, and it does not hold. No server.\n"
    "    replay   folds files of canonical events (- for stdin) and prints the cases\n"
    "             or, with --summary, the figures, with --certificates a certificate of\n"
    "             each case. Bad lines are named on stderr. No server.\n"
    "    case     one case with its history and what each event did, and the earlier and\n"
    "             later cases in which its citizen appealed about the same.\n"
    "    cases    a list of cases; with --differs those whose deadline the platform\n"
    "             states otherwise than we count it.\n"
    "    dump     all cases in the form of replay, without duplicates.\n"
    "    repeats  how many tickets repeat an appeal of the same citizen about the same item\n"
    "             and area within [appeals] window, by day of receipt, under the first\n"
    "             unit; groups are such citizens and matters. Worked out of all cases.\n"
    "    steps    what each event does in each state, as Markdown.\n"
    "    check    validates configuration, policy and calendar, reaches the servers, and\n"
    "             says every fault found.\n"
    "\n"
    "OPTIONS\n"
    "    --received TIME  when the case came in, as 2024-09-30T10:15:00+08:00\n"
    "    --class NAME     class of the policy, as general\n"
    "    --policy FILE    instead of the configured policy\n"
    "    --until TIME     as things stand at TIME; later events are left out. replay: by\n"
    "                     default the last event's time; dump: now\n"
    "    --as-of TIME     as things stood at TIME (default: now)\n"
    "    --summary        figures instead of cases\n"
    "    --certificates   certificates instead of cases\n"
    "    --unit UNIT      cases that this unit holds; repeats: that it was the first to get\n"
    "    --from, --to DATE  days of receipt, as 2024-09-30; the last is not included\n"
    "    --state STATE    open, overdue or closed cases\n"
    "    --json           one JSON object a line\n"
    "    --config FILE    configuration (default " CONFIG_DEFAULT_PATH ")\n"
    "    --help, --version\n"
    "\n"
    "EXIT STATUS\n"
    "    0 ok, 1 failed (also: some input was bad), 2 usage or configuration.\n";

static const struct options_verb verbs[] = {{"run", sla_run, NULL, 0, 0},
                                            {"explain", sla_explain, explain_extras, 0, 1},
                                            {"replay", sla_replay, replay_extras, 1, -1},
                                            {"verify", sla_verify, NULL, 1, -1},
                                            {"case", sla_case, case_extras, 1, 1},
                                            {"cases", sla_cases, cases_extras, 0, 0},
                                            {"dump", sla_dump, dump_extras, 0, 0},
                                            {"repeats", sla_repeats, repeats_extras, 0, 0},
                                            {"steps", sla_steps, NULL, 0, 0},
                                            {"check", sla_check, NULL, 0, 0},
                                            {NULL, NULL, NULL, 0, 0}};

int main(int argc, char **argv)
{
    /* 1. Jansson's memory, before anything uses Jansson. */
    arena_install();
    /* 2. The verb. */
    static const struct options_program program = {"bihuan-sla", help, verbs};
    return options_main(argc, argv, &program);
}
