#ifndef BIHUAN_SLA_STORE_H
#define BIHUAN_SLA_STORE_H
/* Cases, timers, outbox, figures and positions in Redis (sla/REDIS.md). Keys and
 * calls are known here and in sla/store*.c alone; the Function library
 * sla/store.lua names no key.
 *
 * A store is one link: one thread at a time. Requests to several shards are
 * pipelined: send as many as wanted, then take each answer in the same order. After
 * STORE_LOST everything sent and not yet answered is void, and so is all
 * that was loaded: store_recover, load again. */
#include "common/clock.h"
#include "common/config.h"
#include "common/redis.h"
#include "sla/change.h"
#include "sla/rulebook.h"
#include "sla/ruleset.h"
#include "sla/summary.h"

enum {
    STORE_LIBRARY_VERSION = 4,
    STORE_FORMAT = 3, /* of keys and values, in bihuan:meta */
    STORE_KEY_BYTES = 64,
    STORE_SHARDS_MAX = 1024,
    STORE_FAULT_BYTES = 512,
    STORE_LIFE_BYTES = 24,
};

/* The keys of a shard. */
enum store_key { KEY_CASE, KEY_DUE, KEY_OUT, KEY_LEASE, KEY_POSITION, KEY_FIGURES, KEY_TIMER, KEY_HEADS, STORE_KEYS };
#define STORE_META "bihuan:meta"
#define STORE_CLOCK "bihuan:clock"
#define STORE_RULES "bihuan:rules"
#define STORE_DECIDING "bihuan:deciding"
#define STORE_DIGESTS "bihuan:digests"
#define STORE_RATE "bihuan:rate:"   /* and an endpoint's name */
#define STORE_NOTIFIER "bihuan:notifier:" /* and a name: that notifier is there */
#define STORE_RULES_FIELD "rules" /* among a shard's positions: how many records its commits rest on */

enum store_result {
    STORE_DONE,
    STORE_REFUSED_POSITIONS, /* nothing applied: refusal->positions are the true ones */
    STORE_REFUSED_CASES,     /* nothing applied: refusal->cases changed meanwhile, or their lease is over */
    STORE_REFUSED_RULES,     /* nothing applied: the rules have changed: store_renew_rules, then load and fold again */
    STORE_REFUSED,           /* nothing applied: fault; will not go better next time */
    STORE_LOST,              /* the link; applied or not, nobody knows */
};

struct store {
    struct redis *link;
    struct business_clock clock;
    unsigned shards;
    const struct config *config;     /* borrowed; may be replaced by a newer one of the same servers and topics */
    const struct ruleset *proposal;  /* borrowed: what the files say; in force only where nothing was activated yet */
    const struct rulebook *book;     /* in force; owned, as are those before it, which others may still read */
    struct rulebook **books;
    size_t books_held;
    size_t marked;                   /* every shard is known to be marked with so many records */
    bool opening;                    /* a server is met again: it may hold fewer records than the book */
    char life[STORE_LIFE_BYTES];   /* tells the data from that before a flush; "" before the first look */
    int64_t said_ms;               /* when it was last said that the rules are waited for */
    bool empty;                    /* a reader found nothing of ours there */
    bool made;                     /* opened to be rebuilt: nobody else opens it so long */
    bool followed;                 /* it was sent there, so what was rebuilt there is whole */
    char fault[STORE_FAULT_BYTES]; /* of the last call that failed */
    struct store_call *call;       /* the command being put together */
};

/* Connects and makes ready: server checks, Function library, shards, rules and
 * formats as the data there has them (an empty server takes ours), the rules in force (the first start activates the files'), business clock. A server that is away or still
 * loading is waited for until `stop` becomes true; NULL: one try. False: `fault`. Lines of
 * warnings go to the log. Needs store_close even when it failed. */
bool store_open(struct store *store, const struct config *config, const struct ruleset *set, bool (*stop)(void)) __attribute__((warn_unused_result));
/* The same for one that is being rebuilt, which bihuan:meta says (`rebuild`) and store_open refuses. */
bool store_open_made(struct store *store, const struct config *config, const struct ruleset *set) __attribute__((warn_unused_result));
/* Opens for a look: checks that what is there is ours, writes nothing. */
bool store_open_reader(struct store *store, const struct config *config, const struct ruleset *set) __attribute__((warn_unused_result));
void store_close(struct store *store);
/* Every fault and warning that opening would meet, a line each; for `check`. Returns the faults. */
size_t store_check(const struct config *config, const struct ruleset *set, struct buffer *faults, struct buffer *warnings);

/* One try to connect again after STORE_LOST and to make ready as store_open does. STORE_LOST: not yet;
 * STORE_REFUSED: what is there now is not ours (fault). */
enum store_result store_try(struct store *store) __attribute__((warn_unused_result));
/* The same as often as it takes. False: `stop` became true, or refused. */
bool store_recover(struct store *store, bool (*stop)(void)) __attribute__((warn_unused_result));
/* About once a second: asks for the time, and whether the data is still the data that we opened. False: the link was
 * lost, or (then dropped) the server was emptied meanwhile: everything that was loaded is void. */
bool store_heartbeat(struct store *store) __attribute__((warn_unused_result));

/* Takes over rules that were recorded since the book in hand; where it was only behind in a shard, brings that up.
 * STORE_REFUSED: what is recorded cannot be followed (fault). */
enum store_result store_renew_rules(struct store *store) __attribute__((warn_unused_result));
/* Appends records to those in Redis, if these are `known` many. STORE_REFUSED: they are not. */
enum store_result store_append_rules(struct store *store, size_t known, const struct text *records, size_t count) __attribute__((warn_unused_result));
/* --- another server in its place (`bihuan-sla rebuild`) --- */

/* Where bihuan:meta says that the data has moved, the link goes there, and that is said in the log. False: not to be reached, or a
 * switch is under way: wait and ask again (the link is then dropped); to `look` alone one need not wait. */
bool store_follow(struct store *store, bool look) __attribute__((warn_unused_result));
/* Has it moved away from where the link is? False also where that cannot be asked. */
bool store_moved(struct store *store);

enum store_hold {
    HOLD_NOTHING, /* let go */
    HOLD_DRAIN,   /* nothing new is claimed or fired; what is under way ends, and records are applied */
    HOLD_FENCE,   /* nothing is committed: programs wait */
};
enum { STORE_HOLD_BYTES = 64 };
/* Holds up all shards in the name of `owner` for ms (< 0: for good), or lets go. go_on: what must be held by that owner without a
 * break for this to be done, HOLD_NOTHING for whatever. False: it is not so in some shard, or the store was lost (fault). */
bool store_hold(struct store *store, enum store_hold hold, int64_t ms, const char *owner, enum store_hold go_on) __attribute__((warn_unused_result));
/* Does anybody work on what he claimed (leases that have not ended, timers in hand)? The number, or -1: lost. */
int64_t store_in_hand(struct store *store);
/* Says in bihuan:meta that the data is at `address` now. */
bool store_move(struct store *store, const char *address) __attribute__((warn_unused_result));

/* Name of a key of a shard into text[STORE_KEY_BYTES]. */
void store_key(char *text, unsigned shard, enum store_key key);
/* Name of the figures' key of a shard for rows of a kind, and (TALLY_CASES) the month of a day. */
void store_figures_key(char *text, unsigned shard, enum tally_of of, int32_t day);
/* Field of a case, or of what gathers appeals: of_letter and its id; in the pool. */
struct text store_field(struct pool *pool, enum of of, struct text id);
/* What a field names; false when it names nothing. Whoever is about cases alone asks of_case. */
bool store_field_parse(struct text field, enum of *of, struct text *id);

/* --- loading --- */

/* Asks for the blobs of `count` fields of a shard. */
bool store_load_send(struct store *store, unsigned shard, const struct text *fields, size_t count);
/* The answer: an array of strings and nils, in order, which the caller frees with
 * freeReplyObject. NULL: lost, or refused (fault). */
redisReply *store_load_take(struct store *store) __attribute__((warn_unused_result));

/* --- commit --- */

struct commit_position {
    struct text field;           /* "TOPIC/PARTITION" */
    struct text expected, value; /* "" where there is none yet */
};

enum commit_out {
    OUT_KEEP,  /* as it is */
    OUT_NOW,   /* to be looked at by a notifier; where one has it already, it sees that the case changed */
    OUT_AT,    /* with a lease alone: again at out_ms (real time) */
    OUT_CLEAR, /* with a lease alone: nothing is owed */
};

struct commit_case {
    struct text field;
    const struct change *change; /* finished */
    enum commit_out out;
    int64_t out_ms;
    int64_t lease_ms; /* until when it is leased to us, as claimed; 0: not */
};

/* Sends one shard's commit: all parts are copied. tally may be NULL. */
bool store_commit_send(struct store *store, unsigned shard, const struct commit_position *positions, size_t position_count,
                       const struct commit_case *cases, size_t case_count, const struct tally *tally);

struct store_refusal {
    redisReply *reply; /* owned; store_refusal_free */
};
/* The answer. *refusal is set where something is refused. */
enum store_result store_commit_take(struct store *store, struct store_refusal *refusal) __attribute__((warn_unused_result));
size_t store_refusal_count(const struct store_refusal *refusal, enum store_result result);
/* Index of the n-th refused position or case. */
size_t store_refusal_index(const struct store_refusal *refusal, enum store_result result, size_t n);
/* True value of the n-th refused position; borrowed. */
struct text store_refusal_position(const struct store_refusal *refusal, size_t n);
void store_refusal_free(struct store_refusal *refusal);

/* --- into a store that is being rebuilt, which nobody else works on (sla/store_fill.c) --- */

struct out_entry {
    struct text field;
    enum commit_out out; /* OUT_NOW, OUT_AT, OUT_CLEAR */
    int64_t at_ms;
};
/* Sets the outbox of a shard as these cases owe. False: lost. */
bool store_fill_out(struct store *store, unsigned shard, const struct out_entry *entries, size_t count) __attribute__((warn_unused_result));
/* Puts these in place of a shard's figures of notices. False: lost, or refused. */
bool store_fill_notices(struct store *store, unsigned shard, const struct tally *tally) __attribute__((warn_unused_result));

/* --- claims --- */

/* Asks for at most `limit` cases of a shard that are due at `upto_ms` (business time), unless
 * another owner holds the shard's timers; holds them for hold_ms more. As long no notifier claims these cases. */
bool store_due_send(struct store *store, unsigned shard, const char *owner, int64_t hold_ms, int64_t upto_ms, int64_t limit);
/* The answer: an array of field, blob and "1", or "" where a notifier has the case already, again
 * and again. A blob is "" where no case is. Freed by the caller. NULL: lost, or refused (fault). */
redisReply *store_due_take(struct store *store) __attribute__((warn_unused_result));

/* Asks for at most `limit` cases of a shard that owe something, and leases them for lease_ms. */
bool store_claim_send(struct store *store, unsigned shard, int64_t lease_ms, int64_t limit);
/* The answer: an array of the score of the leases, then field and blob, again and again. Freed by the caller. NULL as above. */
redisReply *store_claim_take(struct store *store) __attribute__((warn_unused_result));

/* A case leased to us. */
struct lease {
    unsigned shard;
    struct text field;
    int64_t until_ms; /* its score, by the server's time */
};
/* Leases them (all of one shard) for lease_ms more, where they are still ours. False: lost. Sets until_ms. */
bool store_renew(struct store *store, struct lease *const *leases, size_t count, int64_t lease_ms) __attribute__((warn_unused_result));

/* Takes one message by the rate of an endpoint, which all notifiers share: 0, or the ms (real) to wait before the next may go; -1: lost. */
int64_t store_rate(struct store *store, const char *endpoint, int64_t interval_ms, int64_t burst);

/* --- reading --- */

/* Called for each case of a shard: field and blob, borrowed. */
typedef void store_seen(void *context, struct text field, struct text blob);
struct store_cursor {
    char text[32]; /* "" to begin */
    bool done;
};
/* The next few hundred cases of a walk; done when it has come round. */
enum store_result store_scan_step(struct store *store, unsigned shard, struct store_cursor *cursor, store_seen *seen, void *context)
    __attribute__((warn_unused_result));
/* The same in two: asks; the answer (freed by the caller; its second element holds field, blob, …), and the cursor moves on. NULL:
 * lost, or refused (fault). */
bool store_scan_send(struct store *store, unsigned shard, const struct store_cursor *cursor);
redisReply *store_scan_take(struct store *store, struct store_cursor *cursor) __attribute__((warn_unused_result));
/* How many cases there are. */
enum store_result store_count_cases(struct store *store, int64_t *cases) __attribute__((warn_unused_result));
/* Notes, or tells, up to how many records of the rules all cases were brought (sla/walk.h). */
enum store_result store_note_walk(struct store *store, size_t records) __attribute__((warn_unused_result));
enum store_result store_walked(struct store *store, size_t *records) __attribute__((warn_unused_result));
/* Walks the cases of a shard as Redis scans them (each at least once where it stays; a case may come twice). */
enum store_result store_scan(struct store *store, unsigned shard, store_seen *seen, void *context) __attribute__((warn_unused_result));
/* Walks what is of one kind in all shards; for kinds that are few. */
enum store_result store_scan_of(struct store *store, enum of of, store_seen *seen, void *context) __attribute__((warn_unused_result));
/* One case's blob; the caller frees the reply. Nil reply: no such case. NULL: lost. */
redisReply *store_case(struct store *store, enum of of, struct text id) __attribute__((warn_unused_result));
/* Positions of a shard: an array field, value, …; the caller frees. */
redisReply *store_positions(struct store *store, unsigned shard) __attribute__((warn_unused_result));
/* Adds the stored figures of all shards to *summary, and calls `due` for each case whose timer lies at or before
 * upto_ms: what the figures hold of it is as of its last commit. Each shard is one moment's. */
enum store_result store_figures(struct store *store, struct summary *summary, int64_t upto_ms, store_seen *due, void *context)
    __attribute__((warn_unused_result));
/* Sums rows of the other kinds over all shards by name: calls seen(context, name, counters). */
typedef void store_row_seen(void *context, struct text name, const int64_t *counters);
enum store_result store_rows(struct store *store, enum tally_of of, store_row_seen *seen, void *context) __attribute__((warn_unused_result));
/* Scores of fields in a shard's sorted set (KEY_DUE, KEY_OUT, KEY_LEASE), strings or nil; the caller frees. */
redisReply *store_scores(struct store *store, unsigned shard, enum store_key key, const struct text *fields, size_t count)
    __attribute__((warn_unused_result));
/* Is the case (field, blob; "" where it is gone) meant? */
typedef bool store_meant(void *context, struct text field, struct text blob);
/* Brings forward to now what waits in a shard's outbox for a later time and is meant; adds to *woken how many. */
enum store_result store_wake(struct store *store, unsigned shard, store_meant *meant, void *context, int64_t *woken) __attribute__((warn_unused_result));

/* Says under a name that somebody is there, and how: gone by itself after ms. False: lost, or refused. */
bool store_present(struct store *store, const char *name, const char *json, int64_t ms) __attribute__((warn_unused_result));
/* Those who are there, in the order of their names: calls seen(context, name, json). */
enum store_result store_presences(struct store *store, store_seen *seen, void *context) __attribute__((warn_unused_result));

struct store_backlog {
    int64_t cases;     /* in the outbox, */
    int64_t due;       /* those of them that may be taken by now: the others are put off */
    int64_t oldest_ms; /* for how long the oldest of these has been waiting (real time) */
};
/* When the first timer of all shards falls due (business time); INT64_MAX: there is none. */
enum store_result store_oldest_due(struct store *store, int64_t *at_ms) __attribute__((warn_unused_result));
/* The outbox of all shards. */
enum store_result store_backlog(struct store *store, struct store_backlog *backlog) __attribute__((warn_unused_result));
/* Takes away a timer that no case stands behind. */
bool store_drop_timer(struct store *store, unsigned shard, struct text field) __attribute__((warn_unused_result));

/* --- heads of the ledger's chains (sla/store_heads.c) --- */

/* Asks for those of a shard. The answer: an array of name and head, again and again; the caller frees. NULL: lost, or refused (fault). */
bool store_heads_send(struct store *store, unsigned shard);
redisReply *store_heads_take(struct store *store) __attribute__((warn_unused_result));
/* Notes the head of a chain, and takes away the `count` heads tied[2 * count] (name and head), where they still stand so. False: lost, or
 * refused (fault). */
bool store_head_note_send(struct store *store, unsigned shard, struct text chain, struct text head, const struct text *tied, size_t count);
bool store_head_note_take(struct store *store) __attribute__((warn_unused_result));
/* Notes in another store what stands here, as that takes this one's place. False: one of them is lost (its fault). */
bool store_copy_heads(struct store *from, struct store *to) __attribute__((warn_unused_result));

#endif
