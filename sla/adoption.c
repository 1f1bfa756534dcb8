/* Deciding and following.
 *
 * The trap: two deciders at once. Whoever decides holds a short lock in Redis; should it fail them, the
 * topic's order decides, and every program follows that. */
#include "sla/adoption.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/alloc.h"
#include "common/kafka_topics.h"
#include "common/log.h"
#include "sla/control_log.h"
#include "sla/proposal.h"
#include "sla/store_call.h"
#include "sla/walk.h"

enum { LOCK_MS = 60000, WAIT_MS = 200, SAY_MS = 5000, MINUTE_MS = 60000, MARKING_MS = 10000, ID_RANDOM_BYTES = 8, LOCK_TOKEN_BYTES = 64 };

/* --- the lock --- */

static const char busy[] = "somebody else is deciding about the rules: try again in a minute";

bool adopt_is_busy(const struct store *store)
{
    return !strcmp(store->fault, busy);
}

/* What the lock holds while it is ours. */
static void lock_token(char *text)
{
    char host[32] = "";
    gethostname(host, sizeof host - 1);
    snprintf(text, LOCK_TOKEN_BYTES, "%s-%ld", host, (long)getpid());
}

static bool take_lock(struct store *store)
{
    char token[LOCK_TOKEN_BYTES];
    lock_token(token);
    redisReply *reply = redis_command(store->link, "SET %s %s NX PX %d", STORE_DECIDING, token, LOCK_MS);
    if (!reply) return store_fail(store, "%s", store->link->error);
    bool taken = reply->type == REDIS_REPLY_STATUS;
    freeReplyObject(reply);
    return taken || store_fail(store, "%s", busy);
}

/* Unless it was over before we were done, and is somebody else's by now. */
static void give_lock(struct store *store)
{
    char token[LOCK_TOKEN_BYTES];
    lock_token(token);
    redisReply *reply = redis_command(store->link, "GET %s", STORE_DECIDING);
    bool ours = reply && reply->type == REDIS_REPLY_STRING && !strcmp(reply->str, token);
    if (reply) freeReplyObject(reply);
    reply = ours ? redis_command(store->link, "DEL %s", STORE_DECIDING) : NULL;
    if (reply) freeReplyObject(reply);
}

/* --- following --- */

/* Are the records in Redis the first of the topic's? */
static bool is_prefix(struct store *store, const struct control_log *log)
{
    const struct rulebook *book = store->book;
    for (size_t i = 0; i < book->records; i++) {
        if (i == log->count)
            return store_fail(store, "topic %s holds %zu records, Redis %zu: the topic has lost the rules that cases rest on", store->config->topics.control, log->count,
                              book->records);
        if (strlen(book->text[i]) != log->record[i].bytes || memcmp(book->text[i], log->record[i].at, log->record[i].bytes) != 0)
            return store_fail(store, "topic %s and Redis differ in record %zu: one of them is another installation's", store->config->topics.control, i + 1);
    }
    return true;
}

/* Can the records be followed? Else nobody could go on, were they in Redis. */
static bool can_follow(struct store *store, const struct text *records, size_t count)
{
    char why[STORE_FAULT_BYTES - 128];
    struct rulebook *next = rulebook_build(store->config->sla.zone, store->config->sla.retention_days * DAY_MS, records, count, why, sizeof why);
    if (!next) store_fail(store, "topic %s cannot be followed: %s", store->config->topics.control, why);
    rulebook_free(next);
    return next != NULL;
}

static enum store_result follow(struct store *store, const struct control_log *log)
{
    if (!is_prefix(store, log)) return STORE_REFUSED;
    size_t known = store->book->records;
    if (log->count == 0) return STORE_DONE;
    if (log->count > known) {
        if (!can_follow(store, log->record, log->count)) return STORE_REFUSED;
        enum store_result result = store_append_rules(store, known, &log->record[known], log->count - known);
        if (result == STORE_LOST) return result; /* refused: somebody else did it */
    }
    return store_renew_rules(store);
}

enum store_result adopt_all(struct store *store)
{
    struct control_log log;
    enum store_result result = STORE_REFUSED;
    if (!control_log_read(&log, store->config)) store_fail(store, "topic %s: %s", store->config->topics.control, log.error);
    else result = follow(store, &log);
    control_log_free(&log);
    return result;
}

/* --- deciding --- */

void decision_fill(struct store *store, struct control *decision)
{
    unsigned char dice[ID_RANDOM_BYTES] = {0};
    const char *user = getenv("USER");
    char host[32] = "";
    if (getrandom(dice, sizeof dice, 0) != (ssize_t)sizeof dice) abort();
    int at = snprintf(decision->id, sizeof decision->id, "%s-", control_kind_name(decision->kind));
    for (size_t i = 0; i < sizeof dice; i++) at += snprintf(decision->id + at, sizeof decision->id - (size_t)at, "%02x", dice[i]);
    gethostname(host, sizeof host - 1);
    snprintf(decision->by, sizeof decision->by, "%.24s@%s", user && *user ? user : "bihuan", host);
    decision->at_ms = clock_business_ms(&store->clock);
    decision->real_ms = clock_shared_ms(&store->clock);
    if (decision->kind == CONTROL_ACTIVATE && store->book->records) { /* what is received until the shards are marked comes under the old rules */
        decision->at_ms += MARKING_MS;
        decision->at_ms += MINUTE_MS - decision->at_ms % MINUTE_MS;
    }
}

/* Can it be followed after all that was recorded? */
static bool can_add(struct store *store, const char *text)
{
    const struct rulebook *book = store->book;
    size_t count = book->records;
    struct text *records = xcalloc(count + 1, sizeof *records);
    for (size_t i = 0; i < count; i++) records[i] = (struct text){book->text[i], strlen(book->text[i])};
    records[count] = (struct text){text, strlen(text)};
    bool good = can_follow(store, records, count + 1);
    free(records);
    return good;
}

static enum store_result decide(struct store *store, struct control *decision)
{
    struct control_log log = {0};
    decision_fill(store, decision);
    char *text = control_print(decision, store->proposal->rules.zone);
    enum store_result result = STORE_REFUSED;
    if (strlen(text) > CONTROL_MAX_BYTES) store_fail(store, "the record has %zu bytes, more than %d", strlen(text), CONTROL_MAX_BYTES);
    else if (!can_add(store, text)) result = STORE_REFUSED;
    else if (!control_log_append(&log, store->config, decision->id, text)) store_fail(store, "topic %s: %s", store->config->topics.control, log.error);
    else result = adopt_all(store);
    free(text);
    control_log_free(&log);
    return result;
}

enum store_result adopt_decision(struct store *store, struct control *decision)
{
    if (!take_lock(store)) return store->link->context ? STORE_REFUSED : STORE_LOST;
    enum store_result result = adopt_all(store);
    if (result == STORE_DONE) result = decide(store, decision);
    give_lock(store);
    return result;
}

/* --- the first start --- */

/* Where there are no cases yet, all that come are bound by the records that are there: no walk is due. */
static enum store_result note_fresh(struct store *store)
{
    int64_t cases;
    enum store_result result = store_count_cases(store, &cases);
    return result == STORE_DONE && cases == 0 ? store_note_walk(store, store->book->records) : result;
}

/* The topic's records; where it has none, the proposal becomes the first. */
static enum store_result begin_rules(struct store *store)
{
    enum store_result result = STORE_REFUSED;
    if (!take_lock(store)) return store->link->context ? STORE_REFUSED : STORE_LOST;
    result = store_read_rules(store);
    if (result == STORE_DONE && store->book->records == 0) result = adopt_all(store);
    if (result == STORE_DONE && store->book->records > 0) result = note_fresh(store);
    if (result == STORE_DONE && store->book->records == 0) {
        struct control first = {.kind = CONTROL_ACTIVATE, .policy = store->proposal->policy, .calendar = store->proposal->calendar, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
        result = decide(store, &first);
        if (result == STORE_DONE) log_info("rules.first", "policy=%s calendar=%s", log_quote(first.policy->name), log_quote(calendar_version(first.calendar)));
    }
    give_lock(store);
    return result;
}

bool adopt_first(struct store *store, bool (*stop)(void))
{
    int64_t said_ms = 0;
    if (store_read_rules(store) != STORE_DONE) return false;
    while (store->book->records == 0) {
        enum store_result result = begin_rules(store);
        if (result == STORE_DONE) continue;
        if (result == STORE_LOST || !stop || stop()) return false;
        if (clock_monotonic_ms() - said_ms >= SAY_MS) {
            log_warn("rules.wait", "error=%s", log_quote(store->fault));
            said_ms = clock_monotonic_ms();
        }
        nanosleep(&(struct timespec){0, WAIT_MS * 1000000L}, NULL);
        if (store_read_rules(store) != STORE_DONE) return false;
    }
    return true;
}

/* --- check --- */

static void check_proposal(struct store *store, const struct ruleset *set, struct buffer *warnings)
{
    struct proposal differs = proposal_compare(store->book, set, INT64_MAX);
    const char *todo = "until `bihuan-sla rules activate` it is a proposal";
    if (differs.policy_differs) buffer_addf(warnings, "%s differs from the policy in force: %s\n", store->config->sla.policy, todo);
    if (differs.calendar_differs) buffer_addf(warnings, "%s differs from the calendar in force: %s\n", store->config->sla.calendar, todo);
}

static size_t check_topic(struct store *store, struct buffer *faults, struct buffer *warnings)
{
    struct control_log log;
    size_t count = 0;
    bool due = false;
    if (control_log_read(&log, store->config)) {
        count = !is_prefix(store, &log);
        if (!count && log.count > store->book->records) count = !can_follow(store, log.record, log.count);
        if (count) buffer_addf(faults, "rules: %s\n", store->fault);
        else if (log.count > store->book->records) buffer_addf(warnings, "rules: topic %s has a decision that Redis has not: bihuan-sla recalc takes it over\n", store->config->topics.control);
    } /* else Kafka is away, which is said elsewhere */
    control_log_free(&log);
    if (walk_is_due(store, &due) == STORE_DONE && due) buffer_addf(warnings, "rules: a decision is not carried through in all cases: bihuan-sla recalc goes on with it\n");
    return count;
}

size_t adopt_check(const struct config *config, const struct ruleset *set, struct buffer *faults, struct buffer *warnings)
{
    struct store store;
    size_t count = 0;
    bool open = store_open_reader(&store, config, set);
    if (open && store.book->records) {
        count = check_topic(&store, faults, warnings);
        kafka_topic_check_compacted(config, config->topics.control, warnings);
        check_proposal(&store, set, warnings);
    } else if (!open) {
        buffer_addf(faults, "rules: %s\n", store.fault);
        count = 1;
    }
    store_close(&store);
    return count;
}
