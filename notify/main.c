/* bihuan-notify: notices to people and departments, results to the platform. Boot only; each
 * verb has a file of its own. */
#include "common/arena.h"
#include "notify/verbs.h"

static const char help[] =
    "NAME\n"
    "    bihuan-notify - tells people what they owe, and the platform what came of it\n"
    "\n"
    "SYNOPSIS\n"
    "    bihuan-notify run\n"
    "    bihuan-notify acknowledge\n"
    "    bihuan-notify who UNIT [--role ROLE] [--step STEP] [--at TIME] [--json]\n"
    "    bihuan-notify render --case ID [--step STEP] [--channel CHANNEL] [--format FORMAT]\n"
    "                         [--language LANGUAGE] [--json]\n"
    "    bihuan-notify render --digest RECIPIENT --channel CHANNEL [--format FORMAT]\n"
    "                         [--language LANGUAGE] [--json]\n"
    "    bihuan-notify send --test UNIT [--channel CHANNEL] [--yes] [--json]\n"
    "    bihuan-notify status [--live] [--json]\n"
    "    bihuan-notify silence --unit U|--item I|--all --until TIME|--for SPAN\n"
    "                          --reason TEXT [--from TIME] [--yes]\n"
    "    bihuan-notify silence --list [--json]\n"
    "    bihuan-notify lift SILENCE [--yes]\n"
    "    bihuan-notify ledger [CASE] [--from TIME] [--to TIME] [--unit U] [--outcome O]\n"
    "                         [--json]\n"
    "    bihuan-notify export [--from TIME] [--to TIME] [--unit U] [--outcome O] [--csv]\n"
    "    bihuan-notify verify [--strict] [--json]\n"
    "    bihuan-notify retry [CASE]\n"
    "    bihuan-notify check\n"
    "\n"
    "VERBS\n"
    "    run     the notifier: works out what each case owes and to whom, sends notices\n"
    "            and digests, publishes results, and records every attempt and its answer\n"
    "            in the ledger. Any number may run. First SIGTERM lets what is under way\n"
    "            end, the second ends at once; SIGHUP reloads endpoints, units, sending\n"
    "            hours, templates, mode and waits; a faulty configuration leaves the old\n"
    "            one in force.\n"
    "    acknowledge\n"
    "            the daemon behind the links in messages by which people say that they\n"
    "            have seen a notice, or sign for a case; an event in Kafka comes of it.\n"
    "            GET shows a page and records nothing. SIGTERM ends it.\n"
    "    who     whom a notice about a case of UNIT would reach, through what, and why:\n"
    "            who is on duty, stands in, leads; which endpoint serves it; with --step\n"
    "            also whether it would wait. Reaches no server.\n"
    "    render  a notice of a case filled in, as it would be sent now by a channel:\n"
    "            subject and text, of mail also HTML and the deadline's calendar entry.\n"
    "            Without a channel the envelope that webhooks get. Sends nothing.\n"
    "            `render CASE` is the same. --digest: the digest of a person or endpoint\n"
    "            as it would be put together now.\n"
    "    send    a marked trial of a made-up case, to all who get a unit's notices as its\n"
    "            handlers and leaders, at every place where they can be reached, also in\n"
    "            shadow mode. Says first to whom, and asks; then who got it with what\n"
    "            answer. Recorded in the ledger as a trial. Fails when one was not\n"
    "            delivered.\n"
    "    status  what became of the notices, by unit: owed = delivered + superseded +\n"
    "            exhausted + shadowed + pending. And how things stand: mode, what waits,\n"
    "            silences in force, each endpoint (open; held by its breaker; gone; waits\n"
    "            for its rate) with its line, figures of five minutes and last answer.\n"
    "            --live: the latter again each second, until a key.\n"
    "    silence sends no notices about a unit, an item or at all for a time: says how\n"
    "            many are concerned, asks, records it. What is owed waits, and the latest\n"
    "            step goes at its end; what is overdue is recorded and published all the\n"
    "            same. --list: those in force, to come and past, and how many notices wait.\n"
    "    lift    ends a silence early.\n"
    "    ledger  what was sent about a case, or about all: when, which step, to which\n"
    "            endpoint, person and unit, with what answer; of a case also who has\n"
    "            acknowledged it, in order of time.\n"
    "    export  the ledger's records as they are, one JSON object a line; with --csv as\n"
    "            comma-separated values (RFC 4180) for spreadsheets.\n"
    "    verify  reads the whole ledger and checks its chains: every record is there and as\n"
    "            it was written, and what Redis names is among them. Says what is wrong,\n"
    "            with place and case. May run beside notifiers.\n"
    "    retry   notices whose every attempt failed are owed again, where still due.\n"
    "    check   validates configuration, endpoints, units, sending hours, templates and\n"
    "            rules, reads the secrets, reaches the servers, and says every fault found.\n"
    "\n"
    "OPTIONS\n"
    "  who, render, send\n"
    "    --role ROLE     handler, leader, supervision, dispatcher, circulation, lead or\n"
    "                    co_handlers; default: those of the step, or all\n"
    "    --step STEP     step of the ladder, as remind-2d or escalate-d3; of render also\n"
    "                    withdrawn or corrected where that is owed, default: what is owed\n"
    "                    now, else the first\n"
    "    --at TIME       as 2026-10-01T09:00:00+08:00; default: now\n"
    "    --case ID       the case\n"
    "    --digest RECIPIENT\n"
    "                    a person's id in the units' file, or an endpoint's name\n"
    "    --test UNIT     whose recipients get the trial\n"
    "    --channel CHANNEL\n"
    "                    webhook, wecom, dingtalk, feishu, email, sms or kafka\n"
    "    --format FORMAT of group robots: markdown or text; default: markdown\n"
    "    --language LANGUAGE\n"
    "                    zh or en; default: as configured\n"
    "  status\n"
    "    --live          again each second\n"
    "  silence\n"
    "    --unit U, --item I, --all\n"
    "                    whose notices are silenced\n"
    "    --until TIME    when it ends (RFC 3339), or\n"
    "    --for SPAN      after how long, as 30m, 2h, 3d; from now, or --from TIME\n"
    "    --reason TEXT   why, for the record\n"
    "    --list          shows silences, makes none\n"
    "  ledger, export, verify\n"
    "    --from TIME, --to TIME\n"
    "                    from a day (2024-10-01) or time on, up to one; by business time\n"
    "    --unit U        of this unit alone\n"
    "    --outcome O     delivered, failed, gathered, exhausted, superseded, shadowed or\n"
    "                    reopened\n"
    "    --csv           comma-separated values\n"
    "    --strict        fails also on records that nothing vouches for yet; for when no\n"
    "                    notifier runs\n"
    "  all\n"
    "    --yes           does not ask\n"
    "    --json          one JSON object a line\n"
    "    --config FILE   configuration (default " CONFIG_DEFAULT_PATH ")\n"
    "    --help, --version\n"
    "\n"
    "EXIT STATUS\n"
    "    0 ok, 1 failed, 2 usage or configuration.\n"
    "\n"
    "SEE ALSO\n"
    "    notify/NOTICES.md: notices, results, the ledger. docs/UNITS.md: who gets them;\n"
    "    SENDING.md, DIGESTS.md: when; CHANNELS.md, TEMPLATES.md: through what, in which\n"
    "    words; PROOF.md: ledger, verify, acknowledge; OPERATE.md: silences and status.\n";

static const struct options_verb verbs[] = {{"run", notify_run, NULL, 0, 0},
                                            {"acknowledge", notify_acknowledge, NULL, 0, 0},
                                            {"who", notify_who, who_extras, 1, 1},
                                            {"render", notify_render, render_extras, 0, 1},
                                            {"send", notify_send, send_extras, 0, 0},
                                            {"status", notify_status, status_extras, 0, 0},
                                            {"silence", notify_silence, silence_extras, 0, 0},
                                            {"lift", notify_lift, lift_extras, 1, 1},
                                            {"ledger", notify_ledger, ledger_extras, 0, 1},
                                            {"export", notify_export, export_extras, 0, 0},
                                            {"verify", notify_verify, verify_extras, 0, 0},
                                            {"retry", notify_retry, NULL, 0, 1},
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
