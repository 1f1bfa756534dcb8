/* bihuan-ingest: events from Kafka into the store, and the feeds before it. Boot
 * only; each verb has a file of its own. */
#include "common/arena.h"
#include "ingest/verbs.h"

static const char help[] =
    "NAME\n"
    "    bihuan-ingest - takes hotline tickets and ratings from Kafka\n"
    "\n"
    "SYNOPSIS\n"
    "    bihuan-ingest run\n"
    "    bihuan-ingest feed [--mapping NAME] FILE...|-\n"
    "    bihuan-ingest map --mapping NAME FILE...|-\n"
    "    bihuan-ingest dlq [--json] [--raw]\n"
    "    bihuan-ingest dlq replay\n"
    "    bihuan-ingest accept-gap TOPIC PARTITION\n"
    "    bihuan-ingest fill --into ADDRESS [--alone] [--accept-gap] [--json]\n"
    "    bihuan-ingest status [--json]\n"
    "    bihuan-ingest check\n"
    "\n"
    "VERBS\n"
    "    run         the consumer: reads the topics of tickets and ratings, folds each\n"
    "                event into its case and commits cases and positions as one. What\n"
    "                is no good event goes to the dead letters with its reason. First\n"
    "                SIGTERM drains and commits, the second ends at once.\n"
    "    feed        sends the records of files (- for stdin) to their topics and waits\n"
    "                until each is acknowledged. Without --mapping a line is one\n"
    "                canonical event; rating.* goes to the topic of ratings, all else\n"
    "                to that of tickets, with its subject as key. A line that is no\n"
    "                event is sent as it is, too, to the topic of tickets: a feed is a\n"
    "                transport, and the consumer makes the dead letter. Its key is its\n"
    "                subject where it has one, else none. Blank lines are left out.\n"
    "                Progress is shown on a terminal.\n"
    "    map         prints the canonical events that a mapping makes of files. A row\n"
    "                that cannot be mapped is named on stderr as FILE:LINE: column:\n"
    "                found ..., expected ...; the others go on. Needs no broker and no\n"
    "                configuration.\n"
    "    dlq         the dead letters, one after another, masked: where each was, when,\n"
    "                and why it is there.\n"
    "    dlq replay  sends the dead letters again to the topics that they came from. A\n"
    "                letter whose value was cut is not sent, and that is said.\n"
    "    accept-gap  lets a partition that stopped, because the log no longer reaches\n"
    "                back to its position, go on at what is left. What was lost stays\n"
    "                lost: restore or feed it again first.\n"
    "    fill        reads the topics into another Redis, up to where the one that runs\n"
    "                stands, as run does, but sends nothing and is in no group. Called by\n"
    "                bihuan-sla rebuild, which prepares that server; goes on where it was.\n"
    "    status      what became of the records so far, by topic: applied, duplicates,\n"
    "                dead letters; each record counts once.\n"
    "    check       validates configuration, policy, calendar and mappings, reaches\n"
    "                the servers, and says every fault found.\n"
    "\n"
    "OPTIONS\n"
    "    --mapping NAME  conf/mapping/NAME.json, or the file NAME when it contains a /\n"
    "    --into ADDRESS  the server to fill\n"
    "    --alone         the one that runs is gone: up to the ends of the topics\n"
    "    --accept-gap    what a topic no longer holds is left out\n"
    "    --json          one JSON object a line\n"
    "    --raw           values unmasked, as they were sent: personal information\n"
    "    --config FILE   configuration (default " CONFIG_DEFAULT_PATH ")\n"
    "    --help, --version\n"
    "\n"
    "EXIT STATUS\n"
    "    0 ok, 1 failed (also: some input was bad), 2 usage or configuration.\n"
    "\n"
    "SEE ALSO\n"
    "    ingest/EVENTS.md: the events, and how a platform attaches.\n";

static const struct options_verb verbs[] = {{"run", ingest_run, NULL, 0, 0},
                                            {"feed", ingest_feed, feed_extras, 1, -1},
                                            {"map", ingest_map, map_extras, 1, -1},
                                            {"dlq", ingest_dlq, dlq_extras, 0, 1},
                                            {"accept-gap", ingest_accept_gap, accept_gap_extras, 2, 2},
                                            {"fill", ingest_fill, fill_extras, 0, 0},
                                            {"status", ingest_status, NULL, 0, 0},
                                            {"check", ingest_check, NULL, 0, 0},
                                            {NULL, NULL, NULL, 0, 0}};

int main(int argc, char **argv)
{
    /* 1. Jansson's memory, before anything uses Jansson. */
    arena_install();
    /* 2. The verb. */
    static const struct options_program program = {"bihuan-ingest", help, verbs};
    return options_main(argc, argv, &program);
}
