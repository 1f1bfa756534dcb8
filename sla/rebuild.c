/* bihuan-sla rebuild: the topics into another Redis, what was told from ledger and results, both stores compared, and the programs
 * sent over. Says first what it will do; sends nothing; may be stopped at any moment and run again. docs/REBUILD.md. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/kafka_topics.h"
#include "common/log.h"
#include "sla/adoption.h"
#include "sla/case_json.h"
#include "sla/switchover.h"
#include "sla/verbs.h"
#include "sla/walk.h"

enum { CATCH_UP_RECORDS = 20000, PASSES_MAX = 6, FAULTS_BYTES = 65536, ANSWER_BYTES = 16 };

static const char *into_option;
static bool yes_option, switch_option, alone_option, accept_gap_option;
const struct options_extra rebuild_extras[] = {{"into", &into_option, NULL},   {"yes", NULL, &yes_option},
                                               {"switch", NULL, &switch_option}, {"alone", NULL, &alone_option},
                                               {"accept-gap", NULL, &accept_gap_option}, {NULL, NULL, NULL}};

static int complain(const char *text)
{
    fprintf(stderr, "bihuan-sla rebuild: %s\n", text);
    return EXIT_FAILED;
}

/* --- what must be so before anything is written --- */

/* The store that runs, with the life that names it. */
static bool open_running(struct rebuilding *r)
{
    if (!store_open_reader(&r->running, &r->config, &r->set)) {
        fprintf(stderr, "bihuan-sla rebuild: the running store at %s: %s\nIf it is gone for good: --alone, and nothing can be compared.\n", r->config.redis.address,
                r->running.fault);
        return false;
    }
    redisReply *life = redis_command(r->running.link, "HGET %s life", STORE_META);
    bool there = life && life->type == REDIS_REPLY_STRING;
    if (there) snprintf(r->running.life, sizeof r->running.life, "%s", life->str);
    if (life) freeReplyObject(life);
    if (!there) fprintf(stderr, "bihuan-sla rebuild: the server at %s holds nothing of ours; if the data is lost: --alone\n", r->config.redis.address);
    return there;
}

static bool topics_are_there(const struct rebuilding *r)
{
    struct buffer faults;
    const char *const topics[] = {r->config.topics.tickets, r->config.topics.ratings, r->config.topics.dlq, r->config.topics.ledger, r->config.topics.results, r->config.topics.control};
    buffer_init(&faults, FAULTS_BYTES);
    size_t count = kafka_topics_check(&r->config, topics, sizeof topics / sizeof *topics, &faults);
    if (count) fprintf(stderr, "%s", buffer_text(&faults));
    buffer_free(&faults);
    return count == 0;
}

/* A decision that is not carried through in the running store makes its figures differ from what they should be. */
static bool rules_are_carried_through(struct rebuilding *r)
{
    bool due = false;
    if (r->alone || !switch_option) return true;
    if (walk_is_due(&r->running, &due) != STORE_DONE) complain(r->running.fault);
    else if (due) complain("a decision about the rules is not carried through in all cases of the store that runs: bihuan-sla recalc first");
    else return true;
    return false;
}

static void announce(const struct rebuilding *r)
{
    static const char *const kinds[] = {[TARGET_EMPTY] = "empty: everything is read from the beginning of the topics",
                                        [TARGET_BACKUP] = "a copy of the store: reading goes on from its positions",
                                        [TARGET_BEGUN] = "a rebuild begun before: it goes on from there"};
    fprintf(stderr, "Rebuild into %s (%s; %lld cases there).\n", r->into, kinds[r->target.kind], r->target.cases);
    if (r->alone) fprintf(stderr, "The store at %s is taken as gone: nothing is compared. It must not come back beside this one.\n", r->config.redis.address);
    else fprintf(stderr, "The store that runs at %s goes on meanwhile, and is compared.\n", r->running.link->address);
    if (r->accept_gap) fprintf(stderr, "What a topic no longer holds is left out.\n");
    fprintf(stderr, "Nothing is sent: no notice, no result, no dead letter.\n%s",
            !switch_option ? "It is not switched to (--switch).\n"
            : r->alone     ? "In the end it is the store; [redis] address must be changed by hand.\n"
                           : "In the end, if nothing differs, the programs are sent over, and the other server is out of use.\n");
}

static bool is_wanted(void)
{
    char answer[ANSWER_BYTES] = "";
    if (yes_option) return true;
    fprintf(stderr, "Go on? [y/N] ");
    return fgets(answer, sizeof answer, stdin) && (*answer == 'y' || *answer == 'Y');
}

/* --- the work --- */

/* Fills and tells, again where the running store has gone far on meanwhile. */
static bool make(struct rebuilding *r)
{
    bool good = true;
    for (int pass = 0; good && (pass == 0 || (r->last_records > CATCH_UP_RECORDS && pass < PASSES_MAX)); pass++) good = rebuilding_fill(r);
    return good && rebuilding_tell(r) && rebuilding_follow_rules(r);
}

static void print_told(const struct rebuilding *r)
{
    if (r->readback.older)
        fprintf(stderr, "%" PRIu64 " records of ledger or results are of an older version and do not say what they told: it may be told again\n", r->readback.older);
    if (r->readback.damaged) fprintf(stderr, "%" PRIu64 " records of ledger or results cannot be read: what they told may be told again\n", r->readback.damaged);
    if (r->readback.orphans) fprintf(stderr, "%" PRIu64 " cases that were told something are not there: their events are gone from the topics\n", r->readback.orphans);
    if (r->readback.front_gone[0] || r->readback.front_gone[1])
        fprintf(stderr, "ledger or results no longer reach back to their beginning: what was told before that is known only from a backup\n");
    if (r->dlq_front_gone) fprintf(stderr, "the dead letters no longer reach back to their beginning: what was refused before that was judged anew\n");
}

static const char *figures_word(const struct rebuilding *r)
{
    if (r->alone || r->parity.moving) return "not compared";
    return r->parity.figures_differ ? "differ" : "alike";
}

static void print_end(const struct rebuilding *r, bool good)
{
    const struct parity *c = &r->parity;
    if (r->options->json) {
        json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:b, s:I}", "rebuild", r->into, "records", (json_int_t)r->records,
                                   "left_out", (json_int_t)r->left_out, "bad", (json_int_t)r->bad, "told", (json_int_t)r->readback.tolds, "older",
                                   (json_int_t)r->readback.older, "damaged", (json_int_t)r->readback.damaged, "orphans", (json_int_t)r->readback.orphans, "cases",
                                   (json_int_t)c->cases, "alike", (json_int_t)c->same, "moved_on", (json_int_t)c->behind, "different", (json_int_t)c->different,
                                   "figures", figures_word(r), "switched", (int)r->switched, "outage_ms", (json_int_t)r->outage_ms);
        if (object) json_print_line(stdout, object);
        json_decref(object);
        return;
    }
    printf("%" PRIu64 " records read, %" PRIu64 " left out as dead letters of then, %" PRIu64 " bad besides; %" PRIu64 " entries of what was told\n", r->records,
           r->left_out, r->bad, r->readback.tolds);
    if (!r->alone)
        printf("%" PRIu64 " cases compared: %" PRIu64 " alike, %" PRIu64 " moved on meanwhile, %" PRIu64 " differ; figures: %s\n", c->cases, c->same, c->behind,
               c->different, figures_word(r));
    if (r->switched) printf("switched to %s in %.1f s. Change [redis] address.\n", r->into, (double)r->outage_ms / 1000);
    else if (good && r->alone && switch_option) printf("%s is the store. Change [redis] address to it, and start the programs.\n", r->into);
    else if (good) printf("%s stands by. Run this again with --switch to switch to it.\n", r->into);
}

/* Nothing to compare with, nobody to send over. */
static bool finish_alone(struct rebuilding *r)
{
    if (!switch_option || target_finish(&r->target, &r->made)) return true;
    complain(r->target.fault);
    return false;
}

static int work(struct rebuilding *r)
{
    bool good = make(r) && (r->alone || rebuilding_compare(r));
    print_told(r);
    bool same = good && (r->alone || rebuilding_is_same(r));
    if (same && switch_option && !r->alone) {
        enum switch_result result = switchover(r);
        good = result != SWITCH_FAILED;
        same = result == SWITCH_DONE;
    } else if (same) {
        good = finish_alone(r);
    }
    if (good) print_end(r, same);
    if (!good && *r->fault) complain(r->fault);
    if (good && !same) complain("they differ: nothing was switched, the store that runs goes on");
    return good && same ? EXIT_OK : EXIT_FAILED;
}

/* The target, with all that was decided about the rules, which what is read is decoded by: a running store's records, or (a backup may lack
 * the last of them) the topic's. */
static bool open_made(struct rebuilding *r)
{
    return store_open_made(&r->made, &r->target.config, &r->set) && (!r->alone || adopt_all(&r->made) == STORE_DONE);
}

static int prepare_and_work(struct rebuilding *r)
{
    if (!target_prepare(&r->target, r->alone ? NULL : &r->running)) return complain(r->target.fault);
    snprintf(r->owner, sizeof r->owner, "rebuild-%s", r->target.life);
    int code = EXIT_FAILED;
    if (open_made(r)) {
        readback_open(&r->readback, &r->made, &r->config);
        code = work(r);
        readback_close(&r->readback);
    } else {
        complain(r->made.fault);
    }
    store_close(&r->made);
    return code;
}

static int open_and_work(struct rebuilding *r)
{
    int code = EXIT_FAILED;
    if (!r->alone && !open_running(r)) {
        store_close(&r->running);
        return code;
    }
    target_look(&r->target, &r->config, r->into, r->alone ? NULL : &r->running);
    if (r->target.kind == TARGET_REFUSED) {
        complain(r->target.fault);
        code = EXIT_USAGE;
    } else if (rules_are_carried_through(r) && topics_are_there(r)) {
        announce(r);
        if (is_wanted()) code = prepare_and_work(r);
        else complain("not done");
    }
    if (!r->alone) store_close(&r->running);
    return code;
}

int sla_rebuild(const struct options *options)
{
    struct rebuilding r = {.options = options, .into = into_option, .alone = alone_option, .accept_gap = accept_gap_option};
    if (!into_option) return options_usage(options, "--into ADDRESS is missing: the server to rebuild into");
    if (!config_open(&r.config, options->config)) return EXIT_USAGE;
    log_set_level(r.config.log.level > LOG_LEVEL_WARN ? (enum log_level)r.config.log.level : LOG_LEVEL_WARN);
    int code = EXIT_USAGE;
    if (ruleset_load(&r.set, &r.config, NULL)) {
        if (daemon_start()) code = open_and_work(&r);
        else perror("bihuan-sla rebuild: signals");
        ruleset_free(&r.set);
    }
    config_free(&r.config);
    return code;
}
