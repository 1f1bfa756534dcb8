/* bihuan-notify: notices to departments, results to the platform. Boot only; each
 * verb has a file of its own. */
#include "common/arena.h"
#include "notify/verbs.h"

static const char help[] =
    "NAME\n"
    "    bihuan-notify - tells departments what they owe, and the platform what came of it\n"
    "\n"
    "SYNOPSIS\n"
    "    bihuan-notify run\n"
    "    bihuan-notify ledger [CASE] [--json]\n"
    "    bihuan-notify status [--live] [--json]\n"
    "    bihuan-notify retry [CASE]\n"
    "    bihuan-notify render CASE [--step STEP] [--json]\n"
    "    bihuan-notify silence --unit U|--item I|--all --until TIME|--for SPAN\n"
    "                          --reason TEXT [--from TIME] [--yes]\n"
    "    bihuan-notify silence --list [--json]\n"
    "    bihuan-notify lift SILENCE [--yes]\n"
    "    bihuan-notify check\n"
    "\n"
    "VERBS\n"
    "    run     the notifier: works out what each case owes, sends notices by webhook\n"
    "            (Standard Webhooks), publishes results, and records every attempt and\n"
    "            its answer in the ledger. Any number may run. First SIGTERM lets what is\n"
    "            under way end, the second ends at once; SIGHUP reloads endpoints, mode\n"
    "            and waits, a faulty configuration leaves the old one in force.\n"
    "    ledger  what was sent about a case, or about all: when, which step, to which\n"
    "            endpoint and unit, with what answer.\n"
    "    status  what became of the notices, by unit: owed = delivered + superseded +\n"
    "            exhausted + shadowed + pending. And how things stand: mode, what waits,\n"
    "            silences in force, each endpoint (open; held by its breaker; gone; waits\n"
    "            for its rate) with its line, figures of five minutes and last answer.\n"
    "            --live: the latter again each second, until a key.\n"
    "    retry   notices whose every attempt failed are owed again, where still due.\n"
    "    render  a notice of a case filled in, as it would be sent now; sends nothing.\n"
    "    silence sends no notices about a unit, an item or at all for a time: says how many\n"
    "            are concerned, asks, records it. What is owed waits, and the latest step\n"
    "            goes at its end; what is overdue is recorded and published all the same.\n"
    "            --list: those in force, to come and past, and how many notices wait.\n"
    "    lift    ends a silence early.\n"
    "    check   validates configuration, endpoints and rules, reads the secrets, reaches\n"
    "            the servers, and says every fault found.\n"
    "\n"
    "OPTIONS\n"
    "    --step STEP     step of the ladder, as remind-2d or escalate-d3; default: the first\n"
    "    --unit U, --item I, --all   whose notices are silenced\n"
    "    --until TIME    when it ends (RFC 3339), or\n"
    "    --for SPAN      after how long, as 30m, 2h, 3d; from now, or --from TIME\n"
    "    --reason TEXT   why, for the record\n"
    "    --yes           asks nothing\n"
    "    --json          one JSON object a line\n"
    "    --config FILE   configuration (default " CONFIG_DEFAULT_PATH ")\n"
    "    --help, --version\n"
    "\n"
    "EXIT STATUS\n"
    "    0 ok, 1 failed, 2 usage or configuration.\n"
    "\n"
    "SEE ALSO\n"
    "    docs/OPERATE.md: silences, status. notify/NOTICES.md: webhooks, results and the ledger.\n";

static const struct options_verb verbs[] = {{"run", notify_run, NULL, 0, 0},
                                            {"ledger", notify_ledger, NULL, 0, 1},
                                            {"status", notify_status, status_extras, 0, 0},
                                            {"retry", notify_retry, NULL, 0, 1},
                                            {"render", notify_render, render_extras, 1, 1},
                                            {"silence", notify_silence, silence_extras, 0, 0},
                                            {"lift", notify_lift, lift_extras, 1, 1},
                                            {"check", notify_check, NULL, 0, 0},
                                            {NULL, NULL, NULL, 0, 0}};

int main(int argc, char **argv)
{
    /* 1. Jansson's memory, before anything uses Jansson. */
    arena_install();
    /* 2. The verb. */
    static const struct options_program program = {"bihuan-notify", help, verbs};
    return options_main(argc, argv, &program);
}
