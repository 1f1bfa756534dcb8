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
    "    bihuan-notify ledger [CASE] [--from TIME] [--to TIME] [--unit U] [--outcome O]\n"
    "        [--json]\n"
    "    bihuan-notify export [--from TIME] [--to TIME] [--unit U] [--outcome O] [--csv]\n"
    "    bihuan-notify verify [--strict] [--json]\n"
    "    bihuan-notify status [--json]\n"
    "    bihuan-notify retry [CASE]\n"
    "    bihuan-notify render CASE [--step STEP] [--json]\n"
    "    bihuan-notify acknowledge\n"
    "    bihuan-notify check\n"
    "\n"
    "VERBS\n"
    "    run     the notifier: works out what each case owes, sends notices by webhook\n"
    "            (Standard Webhooks), publishes results, and records every attempt and\n"
    "            its answer in the ledger. Any number may run. First SIGTERM lets what is\n"
    "            under way end, the second ends at once; SIGHUP reloads endpoints, mode\n"
    "            and waits, a faulty configuration leaves the old one in force.\n"
    "    ledger  what was sent about a case, or about all: when, which step, to which\n"
    "            endpoint, person and unit, with what answer; of a case also who has\n"
    "            acknowledged it, in order of time.\n"
    "    export  the ledger's records as they are, one JSON object a line; with --csv as\n"
    "            comma-separated values (RFC 4180) for spreadsheets.\n"
    "    verify  reads the whole ledger and checks its chains (docs/PROOF.md): every record\n"
    "            is there and as it was written, and what Redis names is among them. Says\n"
    "            what is wrong, with place and case. May run beside notifiers.\n"
    "    status  what became of the notices, by unit: owed = delivered + superseded +\n"
    "            exhausted + shadowed + pending.\n"
    "    retry   notices whose every attempt failed are owed again, where still due.\n"
    "    render  a notice of a case filled in, as it would be sent now; sends nothing.\n"
    "    acknowledge\n"
    "            the daemon behind the links in messages by which people say that they have\n"
    "            seen a notice, or sign for a case; an event in Kafka comes of it. GET shows\n"
    "            a page and records nothing. SIGTERM ends it.\n"
    "    check   validates configuration, endpoints and rules, reads the secrets, reaches\n"
    "            the servers, and says every fault found.\n"
    "\n"
    "OPTIONS\n"
    "    --step STEP     step of the ladder, as remind-2d or escalate-d3; default: the first\n"
    "    --from TIME, --to TIME\n"
    "                    from a day (2024-10-01) or time on, up to one; by business time\n"
    "    --unit U        of this unit alone\n"
    "    --outcome O     delivered, failed, exhausted, superseded, shadowed or reopened\n"
    "    --csv           comma-separated values\n"
    "    --strict        fails also on records that nothing vouches for yet; for when no\n"
    "                    notifier runs\n"
    "    --json          one JSON object a line\n"
    "    --config FILE   configuration (default " CONFIG_DEFAULT_PATH ")\n"
    "    --help, --version\n"
    "\n"
    "EXIT STATUS\n"
    "    0 ok, 1 failed, 2 usage or configuration.\n"
    "\n"
    "SEE ALSO\n"
    "    notify/NOTICES.md: webhooks, results and the ledger.\n";

static const struct options_verb verbs[] = {{"run", notify_run, NULL, 0, 0},
                                            {"ledger", notify_ledger, ledger_extras, 0, 1},
                                            {"export", notify_export, export_extras, 0, 0},
                                            {"verify", notify_verify, verify_extras, 0, 0},
                                            {"status", notify_status, NULL, 0, 0},
                                            {"retry", notify_retry, NULL, 0, 1},
                                            {"render", notify_render, render_extras, 1, 1},
                                            {"acknowledge", notify_acknowledge, NULL, 0, 0},
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
