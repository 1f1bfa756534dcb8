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
    "    bihuan-sla backtest [--policy FILE] [--calendar FILE] [--against FILE]\n"
    "                        [--against-calendar FILE] [--until TIME] [--json] FILE...|-\n"
    "    bihuan-sla case ID [--as-of TIME] [--json]\n"
    "    bihuan-sla cases [--unit UNIT] [--state open|overdue|closed] [--differs] [--as-of TIME]\n"
    "                     [--json]\n"
    "    bihuan-sla dump [--until TIME]\n"
    "    bihuan-sla rebuild --into ADDRESS [--switch] [--alone] [--accept-gap] [--yes] [--json]\n"
    "    bihuan-sla foresight [--unit UNIT] [--threshold P] [--limit N] [--until TIME]\n"
    "                         [--hold-back MONTHS] [--policy FILE] [--json] [FILE...|-]\n"
    "    bihuan-sla foresight --score [--threshold P] [--until TIME] [--hold-back MONTHS]\n"
    "                         [--policy FILE] [--json] [FILE...|-]\n"
    "    bihuan-sla repeats [--unit UNIT] [--from DATE] [--to DATE] [--json]\n"
    "    bihuan-sla steps [--json]\n"
    "    bihuan-sla rules [list|export] [--json]\n"
    "    bihuan-sla rules activate [--policy FILE] [--calendar FILE] [--effective-from TIME]\n"
    "                      [--yes]\n"
    "    bihuan-sla rules withdraw RECORD [--yes]\n"
    "    bihuan-sla recalc [--received-from TIME] [--received-before TIME] [--dry-run|--yes] [--json]\n"
    "    bihuan-sla recalc --undo RECORD [--dry-run|--yes] [--json]\n"
    "    bihuan-sla forget CASE|--citizen KEYID:HASH [--yes] [--json]\n"
    "    bihuan-sla check\n"
    "\n"
    "VERBS\n"
    "    run      the timer daemon: finds what is due, publishes what is overdue, and\n"
    "             commits it; shrinks closed cases past their retention. Any number may\n"
    "             run. First SIGTERM drains, the second ends at once; SIGHUP takes over\n"
    "             the log's level and says what is wrong with policy and calendar, of\n"
    "             which those in force stay.\n"
    "    explain  a deadline and, day by day, why. With - one question a line from\n"
    "             stdin, {\"received\",\"class\"}, and one answer a line. No server.\n"
    "             Of a live case: every step, who owed the next one when, each clock, in\n"
    "             Chinese and English; with --json its certificate, one line.\n"
    "    verify   works certificates out again, each line one, from what they say they\n"
    "             rest on. One bit changed, and it does not hold. No server.\n"
    "    replay   folds files of canonical events (- for stdin) and prints the cases\n"
    "             or, with --summary, the figures, with --certificates a certificate of\n"
    "             each case. Bad lines are named on stderr. No server.\n"
    "    backtest what another policy or calendar would have done on the events of\n"
    "             files: figures, breaches, deadlines and notices a day, in all and by\n"
    "             unit, side by side with the rules in force. No server, nothing is\n"
    "             written. docs/BACKTEST.md says what it cannot know.\n"
    "    case     one case with its history and what each event did, and the earlier and\n"
    "             later cases in which its citizen appealed about the same.\n"
    "    cases    a list of cases; with --differs those whose deadline the platform\n"
    "             states otherwise than we count it.\n"
    "    dump     all cases in the form of replay, without duplicates.\n"
    "             A closed case past its retention ([sla] retention) has shrunk to what it\n"
    "             prints and counts. Of such a case an earlier instant (--until, --as-of)\n"
    "             is refused: named on stderr, exit 1, the others are printed; and so is\n"
    "             its explanation.\n"
    "    rebuild  the store made anew in another Redis (empty, or a copy of the one that\n"
    "             runs), from the topics; what was told is read back from ledger and\n"
    "             results, and nothing is sent. Both are compared, each case and the\n"
    "             figures. With --switch, where nothing differs, the programs are then sent\n"
    "             over. May be stopped at any moment and run again: docs/REBUILD.md.\n"
    "    foresight  what falls due on each of the next 15 working days, by unit; which open\n"
    "             cases are likely to be late, and why, by each unit's own pace; and how\n"
    "             often such warnings were right in the last months. Of the store, or of\n"
    "             files of canonical events (no server). Changes nothing. With --score how\n"
    "             right, in full, beside the plain rule that half of the limit is gone.\n"
    "    repeats  how many tickets repeat an appeal of the same citizen about the same item\n"
    "             and area within [appeals] window, by day of receipt, under the first\n"
    "             unit; groups are such citizens and matters. Worked out of all cases.\n"
    "    steps    what each event does in each state, as Markdown.\n"
    "    rules    the versions of policy and calendar that are or were in force, and the\n"
    "             decisions about them. activate brings in what the configuration names, or\n"
    "             the files given, for cases received from then on; withdraw takes back an\n"
    "             activation that no case rests on; export prints the records.\n"
    "    recalc   binds the cases that are there to the rules that would have been in force,\n"
    "             had all been known at once. Shows first what moves, by unit, and asks; then\n"
    "             records it and brings the cases up beside live traffic. Stopped at any moment,\n"
    "             it goes on the next time. --undo takes a recalculation back. Where nothing\n"
    "             would move, nothing is recorded and nothing written.\n"
    "    forget   takes what is kept of a citizen out of all cases, and records that.\n"
    "    check    validates configuration, policy and calendar, reaches the servers, and\n"
    "             says every fault found.\n"
    "\n"
    "OPTIONS\n"
    "    --received TIME  when the case came in, as 2024-09-30T10:15:00+08:00\n"
    "    --class NAME     class of the policy, as general\n"
    "    --policy FILE    instead of the configured policy; backtest: the new one\n"
    "    --calendar FILE  the new calendar\n"
    "    --against FILE   policy to hold the new rules against (default: the configured)\n"
    "    --against-calendar FILE\n"
    "                     calendar to hold them against (default: the configured)\n"
    "    --until TIME     as things stand at TIME; later events are left out. replay\n"
    "                     and backtest, and foresight of files: by default the last event's\n"
    "                     time; dump, and foresight of the store: now\n"
    "    --as-of TIME     as things stood at TIME (default: now)\n"
    "    --summary        figures instead of cases\n"
    "    --certificates   certificates instead of cases\n"
    "    --unit UNIT      cases that this unit holds; repeats: that it was the first to get\n"
    "    --threshold P    probability from which on a case is said to be likely late; by\n"
    "                     default the one whose warnings were best balanced in the last\n"
    "                     months (for --score, in as many months before those)\n"
    "    --limit N        so many cases at most (default 20)\n"
    "    --hold-back MONTHS  so many last months test the warnings (default 3, 1 to 24)\n"
    "    --score          how right the warnings were, nothing else\n"
    "    --from, --to DATE  days of receipt, as 2024-09-30; the last is not included\n"
    "    --state STATE    open, overdue or closed cases\n"
    "    --into ADDRESS   the Redis to rebuild into\n"
    "    --switch         in the end, switch to it\n"
    "    --alone          the one that ran is gone: nothing is compared\n"
    "    --accept-gap     what a topic no longer holds is left out\n"
    "    --received-from TIME, --received-before TIME\n"
    "                     a date or a time: recalculate cases received in that span alone\n"
    "    --effective-from TIME\n"
    "                     instead of what the policy file says; of a calendar: ever\n"
    "    --dry-run        show, and leave all as it is\n"
    "    --yes            do not ask\n"
    "    --json           one JSON object a line\n"
    "    --config FILE    configuration (default " CONFIG_DEFAULT_PATH ")\n"
    "    --help, --version\n"
    "\n"
    "EXIT STATUS\n"
    "    0 ok, 1 failed (also: some input was bad), 2 usage or configuration.\n";

static const struct options_verb verbs[] = {{"run", sla_run, NULL, 0, 0},
                                            {"explain", sla_explain, explain_extras, 0, 1},
                                            {"replay", sla_replay, replay_extras, 1, -1},
                                            {"backtest", sla_backtest, backtest_extras, 1, -1},
                                            {"verify", sla_verify, NULL, 1, -1},
                                            {"case", sla_case, case_extras, 1, 1},
                                            {"cases", sla_cases, cases_extras, 0, 0},
                                            {"dump", sla_dump, dump_extras, 0, 0},
                                            {"rebuild", sla_rebuild, rebuild_extras, 0, 0},
                                            {"foresight", sla_foresight, foresight_extras, 0, -1},
                                            {"repeats", sla_repeats, repeats_extras, 0, 0},
                                            {"steps", sla_steps, NULL, 0, 0},
                                            {"rules", sla_rules, rules_extras, 0, 2},
                                            {"recalc", sla_recalc, recalc_extras, 0, 0},
                                            {"forget", sla_forget, forget_extras, 0, 1},
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
