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
    "    bihuan-notify status [--live] [--json]\n"
    "    bihuan-notify retry [CASE]\n"
    "    bihuan-notify render --case ID [--step STEP] [--channel CHANNEL] [--format FORMAT]\n"
    "                  [--language LANGUAGE] [--json]\n"
    "    bihuan-notify render --digest RECIPIENT --channel CHANNEL [--format FORMAT] [--json]\n"
    "    bihuan-notify send --test UNIT [--channel CHANNEL] [--yes] [--json]\n"
    "    bihuan-notify who UNIT [--role ROLE] [--step STEP] [--at TIME] [--json]\n"
    "    bihuan-notify silence --unit U|--item I|--all --until TIME|--for SPAN\n"
    "                          --reason TEXT [--from TIME] [--yes]\n"
    "    bihuan-notify silence --list [--json]\n"
    "    bihuan-notify lift SILENCE [--yes]\n"
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
    "            exhausted + shadowed + pending. And how things stand: mode, what waits,\n"
    "            silences in force, each endpoint (open; held by its breaker; gone; waits\n"
    "            for its rate) with its line, figures of five minutes and last answer.\n"
    "            --live: the latter again each second, until a key.\n"
    "    retry   notices whose every attempt failed are owed again, where still due.\n"
    "    render  a notice of a case filled in, as it would be sent now by a channel: subject and\n"
    "            text, of mail also HTML and the deadline's calendar entry. Without a channel\n"
    "            the envelope that webhooks get. Sends nothing. `render CASE` is the same.\n"
    "            --digest: the digest of a person or endpoint as it would be put together now.\n"
    "    send    a marked trial of a made-up case, to all who get a unit's notices as its handlers\n"
    "            and leaders, at every place where they can be reached, also in shadow mode.\n"
    "            Says first to whom, and asks; then who got it with what answer. Recorded in\n"
    "            the ledger as a trial. Fails when one was not delivered.\n"
    "    who     whom a notice about a case of UNIT would reach, through what, and why: who\n"
    "            is on duty, stands in, leads; which endpoint serves it. Reaches no server.\n"
    "    silence sends no notices about a unit, an item or at all for a time: says how many\n"
    "            are concerned, asks, records it. What is owed waits, and the latest step\n"
    "            goes at its end; what is overdue is recorded and published all the same.\n"
    "            --list: those in force, to come and past, and how many notices wait.\n"
    "    lift    ends a silence early.\n"
    "    acknowledge\n"
    "            the daemon behind the links in messages by which people say that they have\n"
    "            seen a notice, or sign for a case; an event in Kafka comes of it. GET shows\n"
    "            a page and records nothing. SIGTERM ends it.\n"
    "    check   validates configuration, endpoints, units, sending hours, templates and rules,\n"
    "            reads the secrets, reaches the servers, and says every fault found.\n"
    "\n"
    "OPTIONS\n"
    "    --case ID       the case\n"
    "    --digest RECIPIENT  a person's id in the units' file, or an endpoint's name\n"
    "    --step STEP     step of the ladder, as remind-2d or escalate-d3, or withdrawn or corrected\n"
    "                    where that is owed; default: what is owed now, else the first\n"
    "    --channel CHANNEL  webhook, wecom, dingtalk, feishu, email, sms or kafka\n"
    "    --format FORMAT    of group robots: markdown or text; default: markdown\n"
    "    --language LANGUAGE  zh or en; default: as configured\n"
    "    --test UNIT     whose recipients get the trial\n"
    "    --yes           does not ask\n"
    "    --unit U, --item I, --all   whose notices are silenced\n"
    "    --until TIME    when it ends (RFC 3339), or\n"
    "    --for SPAN      after how long, as 30m, 2h, 3d; from now, or --from TIME\n"
    "    --reason TEXT   why, for the record\n"
    "    --role ROLE     handler, leader, supervision, dispatcher, circulation, lead or\n"
    "                    co_handlers; default: those of the step, or all\n"
    "    --at TIME       as 2026-10-01T09:00:00+08:00; default: now\n"
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
    "    notify/NOTICES.md: webhooks, results and the ledger; docs/UNITS.md: who gets them;\n"
    "    docs/SENDING.md: when; docs/OPERATE.md: silences and status.\n";

static const struct options_verb verbs[] = {{"run", notify_run, NULL, 0, 0},
                                            {"ledger", notify_ledger, ledger_extras, 0, 1},
                                            {"export", notify_export, export_extras, 0, 0},
                                            {"verify", notify_verify, verify_extras, 0, 0},
                                            {"status", notify_status, status_extras, 0, 0},
                                            {"retry", notify_retry, NULL, 0, 1},
                                            {"render", notify_render, render_extras, 0, 1},
                                            {"send", notify_send, send_extras, 0, 0},
                                            {"who", notify_who, who_extras, 1, 1},
                                            {"silence", notify_silence, silence_extras, 0, 0},
                                            {"lift", notify_lift, lift_extras, 1, 1},
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
