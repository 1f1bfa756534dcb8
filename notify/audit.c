/* Chains put together from records in any order.
 *
 * The record of place n says what the record of n - 1 hashes to. So a place needs two hashes that are the same: its record's own, and
 * the one that the next record names. A block of places that all have both is done, and forgets them.
 *
 * The trap: a chain need not be whole. Behind its last head may be gaps, as a killed writer leaves them, and before what is left
 * of a topic's front there is nothing; neither is a fault, and nothing else may pass for either. */
#include "notify/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "common/alloc.h"

enum { HAS_HASH = 1, HAS_PREV = 2, HAS_BOTH = 3 };

struct cells {
    unsigned char hash[AUDIT_BLOCK][AUDIT_HASH_BYTES];
    unsigned char named[AUDIT_BLOCK][AUDIT_HASH_BYTES]; /* by the next record */
    int64_t linked_ms[AUDIT_BLOCK];                     /* as the next record says */
    uint8_t has[AUDIT_BLOCK];
    unsigned whole;                                     /* places that have both, and the same */
};

struct block {
    uint64_t number;
    struct cells *cells; /* NULL: done */
    UT_hash_handle hh;
};

struct lane {
    struct {
        uint64_t shard, chain;
    } key;
    struct block *blocks;
    uint64_t tied;   /* the last place that is known to be in the log; 0: none is */
    int64_t tied_ms;
    UT_hash_handle hh;
};

/* What is asked of the second look: does the record hash to this, and where is it? */
struct wanted {
    struct {
        uint64_t shard, chain, seq;
    } key;
    bool compared, differs;
    unsigned char hash[AUDIT_HASH_BYTES];
    enum audit_kind kind;  /* of the fault where it differs */
    size_t fault;          /* that wants to know its place; SIZE_MAX: none */
    struct wanted *next;   /* another question about this record */
    UT_hash_handle hh;
};

struct known {
    struct audit_place place;
    unsigned char hash[AUDIT_HASH_BYTES];
};

struct known_list {
    struct known *at;
    size_t count, room;
};

struct audit {
    struct lane *lanes;
    struct known_list ties, twins, forks; /* twins: records of places whose block was done already */
    struct wanted *wanted;
    size_t questions, loose_questions; /* of them where loose ones stand: no reason to read all again */
    bool overfull, dropped;
    bool front_gone;
    int64_t front_ms;
    struct audit_fault *fault;
    size_t faults, room;
    struct audit_fault *seen; /* that showed at once */
    size_t seens;
    uint64_t seens_in_all;
    struct audit_sums taken, sums;
};

const char *audit_kind_name(enum audit_kind kind)
{
    static const char *const names[] = {"missing", "changed", "head", "forked", "cover", "unchained", "strange", "loose"};
    return names[kind];
}

struct audit *audit_open(void)
{
    return xcalloc(1, sizeof(struct audit));
}

static void clear_wanted(struct audit *audit)
{
    struct wanted *one, *next;
    HASH_ITER(hh, audit->wanted, one, next) {
        HASH_DEL(audit->wanted, one);
        for (struct wanted *more = one, *after; more; more = after) {
            after = more->next;
            free(more);
        }
    }
    audit->questions = audit->loose_questions = 0;
    audit->overfull = false;
}

void audit_close(struct audit *audit)
{
    struct lane *lane, *next_lane;
    struct block *block, *next_block;
    if (!audit) return;
    HASH_ITER(hh, audit->lanes, lane, next_lane) {
        HASH_ITER(hh, lane->blocks, block, next_block) {
            HASH_DEL(lane->blocks, block);
            free(block->cells);
            free(block);
        }
        HASH_DEL(audit->lanes, lane);
        free(lane);
    }
    clear_wanted(audit);
    free(audit->ties.at);
    free(audit->twins.at);
    free(audit->forks.at);
    free(audit->fault);
    free(audit->seen);
    free(audit);
}

/* --- taking --- */

static void note(struct audit *audit, struct known_list *list, const struct audit_place *place, const unsigned char *hash)
{
    audit->dropped |= list->count == AUDIT_NOTES_MAX;
    if (list->count == AUDIT_NOTES_MAX) return;
    if (list->count == list->room) list->at = xrealloc(list->at, (list->room = list->room * 2 + 64) * sizeof *list->at);
    struct known *one = &list->at[list->count++];
    one->place = *place;
    memcpy(one->hash, hash, AUDIT_HASH_BYTES);
}

static struct lane *lane_of(struct audit *audit, const struct audit_place *place)
{
    struct lane *lane, wanted = {.key = {place->shard, place->chain}};
    HASH_FIND(hh, audit->lanes, &wanted.key, sizeof wanted.key, lane);
    if (lane) return lane;
    lane = xcalloc(1, sizeof *lane);
    lane->key.shard = place->shard;
    lane->key.chain = place->chain;
    HASH_ADD(hh, audit->lanes, key, sizeof lane->key, lane);
    return lane;
}

static struct block *find_block(struct lane *lane, uint64_t number)
{
    struct block *block;
    HASH_FIND(hh, lane->blocks, &number, sizeof number, block);
    return block;
}

/* The block of a place, and where it lies there. */
static struct block *block_of(struct lane *lane, uint64_t seq, size_t *i)
{
    uint64_t number = (seq - 1) / AUDIT_BLOCK;
    struct block *block = find_block(lane, number);
    *i = (seq - 1) % AUDIT_BLOCK;
    if (block) return block;
    block = xcalloc(1, sizeof *block);
    block->number = number;
    block->cells = xcalloc(1, sizeof *block->cells);
    HASH_ADD(hh, lane->blocks, number, sizeof number, block);
    return block;
}

static void close_place(struct block *block, size_t i)
{
    struct cells *cells = block->cells;
    if (cells->has[i] != HAS_BOTH || memcmp(cells->hash[i], cells->named[i], AUDIT_HASH_BYTES)) return;
    if (++cells->whole < AUDIT_BLOCK) return;
    free(cells);
    block->cells = NULL;
}

static void take_hash(struct audit *audit, struct lane *lane, const struct audit_record *record)
{
    size_t i;
    struct block *block = block_of(lane, record->place.seq, &i);
    struct cells *cells = block->cells;
    if (!cells) note(audit, &audit->twins, &record->place, record->hash);
    else if (!(cells->has[i] & HAS_HASH)) {
        audit->taken.records++;
        memcpy(cells->hash[i], record->hash, AUDIT_HASH_BYTES);
        cells->has[i] |= HAS_HASH;
        close_place(block, i);
        return;
    } else if (memcmp(cells->hash[i], record->hash, AUDIT_HASH_BYTES)) note(audit, &audit->forks, &record->place, record->hash);
    audit->taken.copies++;
}

/* What it says of the one before it; of two records of one place, what the first says. */
static void take_prev(struct lane *lane, const struct audit_record *record)
{
    size_t i;
    struct block *block = block_of(lane, record->place.seq - 1, &i);
    struct cells *cells = block->cells;
    if (!cells || cells->has[i] & HAS_PREV) return;
    memcpy(cells->named[i], record->prev, AUDIT_HASH_BYTES);
    cells->linked_ms[i] = record->prev_ms;
    cells->has[i] |= HAS_PREV;
    close_place(block, i);
}

void audit_take(struct audit *audit, const struct audit_record *record)
{
    struct lane *lane = lane_of(audit, &record->place);
    take_hash(audit, lane, record);
    if (record->place.seq > 1) take_prev(lane, record);
}

void audit_tie(struct audit *audit, const struct audit_place *place, const unsigned char hash[AUDIT_HASH_BYTES], int64_t at_ms)
{
    struct lane *lane = lane_of(audit, place);
    if (place->seq > lane->tied) {
        lane->tied = place->seq;
        lane->tied_ms = at_ms;
    }
    note(audit, &audit->ties, place, hash);
}

static void stand(struct audit_fault *fault, int32_t partition, int64_t offset, const char *subject)
{
    fault->partition = partition;
    fault->offset = offset;
    snprintf(fault->subject, sizeof fault->subject, "%s", subject);
}

void audit_fault_at(struct audit *audit, enum audit_kind kind, const struct audit_place *place, int32_t partition, int64_t offset, const char *subject)
{
    audit->seens_in_all++;
    if (audit->seens == AUDIT_FAULTS_MAX) return;
    audit->seen = xrealloc(audit->seen, (audit->seens + 1) * sizeof *audit->seen);
    struct audit_fault *fault = &audit->seen[audit->seens++];
    *fault = (struct audit_fault){.kind = kind, .place = *place, .seq_to = place->seq};
    stand(fault, partition, offset, subject);
}

void audit_front(struct audit *audit, int64_t front_ms)
{
    if (!audit->front_gone || front_ms > audit->front_ms) audit->front_ms = front_ms;
    audit->front_gone = true;
}

/* --- what is wrong --- */

/* Returns its place among the faults; SIZE_MAX: no more are kept. */
static size_t add_fault(struct audit *audit, enum audit_kind kind, const struct audit_place *place, uint64_t seq_to)
{
    audit->sums.faults += kind != AUDIT_LOOSE;
    if (audit->faults == AUDIT_FAULTS_MAX) return SIZE_MAX;
    if (audit->faults == audit->room) audit->fault = xrealloc(audit->fault, (audit->room = audit->room * 2 + 16) * sizeof *audit->fault);
    audit->fault[audit->faults] = (struct audit_fault){.kind = kind, .place = *place, .seq_to = seq_to, .partition = -1, .offset = -1};
    return audit->faults++;
}

static void want(struct audit *audit, const struct audit_place *place, const unsigned char *hash, enum audit_kind kind, size_t fault)
{
    struct wanted *first, *one;
    if (audit->questions == AUDIT_WANTED_MAX) {
        audit->overfull |= hash != NULL;
        return;
    }
    one = xcalloc(1, sizeof *one);
    one->key.shard = place->shard;
    one->key.chain = place->chain;
    one->key.seq = place->seq;
    one->kind = kind;
    one->fault = fault;
    one->compared = hash != NULL;
    if (hash) memcpy(one->hash, hash, AUDIT_HASH_BYTES);
    audit->questions++;
    audit->loose_questions += kind == AUDIT_LOOSE;
    HASH_FIND(hh, audit->wanted, &one->key, sizeof one->key, first);
    if (!first) HASH_ADD(hh, audit->wanted, key, sizeof one->key, one);
    else {
        one->next = first->next;
        first->next = one;
    }
}

/* A fault of one record, which is to be found. */
static void fault_at(struct audit *audit, enum audit_kind kind, const struct audit_place *place)
{
    size_t fault = add_fault(audit, kind, place, place->seq);
    if (fault != SIZE_MAX) want(audit, place, NULL, kind, fault);
}

static struct audit_place place_of(const struct lane *lane, uint64_t seq)
{
    return (struct audit_place){(unsigned)lane->key.shard, lane->key.chain, seq};
}

/* When the last of those that are missing was linked, as far as somebody says. */
static int64_t gone_ms(struct lane *lane, uint64_t to)
{
    struct block *block = find_block(lane, (to - 1) / AUDIT_BLOCK);
    size_t i = (to - 1) % AUDIT_BLOCK;
    return block && block->cells && block->cells->has[i] & HAS_PREV ? block->cells->linked_ms[i] : to == lane->tied ? lane->tied_ms : INT64_MAX;
}

/* Places from..to have no record. */
static void miss(struct audit *audit, struct lane *lane, uint64_t from, uint64_t to)
{
    if (from > lane->tied) return;
    if (to > lane->tied) to = lane->tied;
    if (audit->front_gone && gone_ms(lane, to) <= audit->front_ms + AUDIT_SLACK_MS) {
        audit->sums.aged += to - from + 1;
        return;
    }
    struct audit_place place = place_of(lane, from), before = place_of(lane, from - 1);
    size_t fault = add_fault(audit, AUDIT_MISSING, &place, to);
    if (fault != SIZE_MAX && from > 1) want(audit, &before, NULL, AUDIT_MISSING, fault);
}

static int by_number(const struct block *a, const struct block *b)
{
    return (a->number > b->number) - (a->number < b->number);
}

struct walk {
    uint64_t next;              /* the place that is expected */
    uint64_t loose, loose_from, loose_to;
};

static void pass_place(struct audit *audit, struct lane *lane, struct walk *walk, uint64_t seq)
{
    if (walk->next < seq) miss(audit, lane, walk->next, seq - 1);
    walk->next = seq + 1;
    if (seq <= lane->tied) return;
    if (walk->loose++ == 0) walk->loose_from = seq;
    walk->loose_to = seq;
}

static void walk_block(struct audit *audit, struct lane *lane, struct walk *walk, const struct block *block)
{
    uint64_t first = block->number * AUDIT_BLOCK + 1;
    const struct cells *cells = block->cells;
    for (size_t i = 0; i < AUDIT_BLOCK; i++) {
        if (cells && !(cells->has[i] & HAS_HASH)) continue;
        pass_place(audit, lane, walk, first + i);
        if (!cells || cells->has[i] != HAS_BOTH || !memcmp(cells->hash[i], cells->named[i], AUDIT_HASH_BYTES)) continue;
        struct audit_place place = place_of(lane, first + i);
        fault_at(audit, AUDIT_CHANGED, &place);
    }
}

static void walk_lane(struct audit *audit, struct lane *lane)
{
    struct walk walk = {.next = 1};
    HASH_SORT(lane->blocks, by_number);
    for (const struct block *block = lane->blocks; block; block = block->hh.next) walk_block(audit, lane, &walk, block);
    if (walk.next <= lane->tied) miss(audit, lane, walk.next, lane->tied);
    audit->sums.loose += walk.loose;
    if (walk.loose == 0) return;
    struct audit_place place = place_of(lane, walk.loose_from);
    size_t fault = add_fault(audit, AUDIT_LOOSE, &place, walk.loose_to);
    if (fault != SIZE_MAX) want(audit, &place, NULL, AUDIT_LOOSE, fault);
}

/* Ties are compared with what is still remembered; where it is not, they are wanted. What is not there at all is missing already. */
static void check_tie(struct audit *audit, const struct known *tie)
{
    size_t i = (tie->place.seq - 1) % AUDIT_BLOCK;
    struct block *block = find_block(lane_of(audit, &tie->place), (tie->place.seq - 1) / AUDIT_BLOCK);
    if (!block) return;
    if (!block->cells) want(audit, &tie->place, tie->hash, AUDIT_HEAD, SIZE_MAX);
    else if (block->cells->has[i] & HAS_HASH && memcmp(block->cells->hash[i], tie->hash, AUDIT_HASH_BYTES)) fault_at(audit, AUDIT_HEAD, &tie->place);
}

static int by_place(const void *a, const void *b)
{
    const struct audit_fault *x = a, *y = b;
    if (x->place.shard != y->place.shard) return x->place.shard < y->place.shard ? -1 : 1;
    if (x->place.chain != y->place.chain) return x->place.chain < y->place.chain ? -1 : 1;
    if (x->place.seq != y->place.seq) return x->place.seq < y->place.seq ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

void audit_end(struct audit *audit, struct audit_sums *sums)
{
    clear_wanted(audit);
    audit->faults = 0;
    audit->sums = audit->taken;
    audit->sums.chains = HASH_COUNT(audit->lanes);
    for (struct lane *lane = audit->lanes; lane; lane = lane->hh.next) walk_lane(audit, lane);
    for (size_t i = 0; i < audit->ties.count; i++) check_tie(audit, &audit->ties.at[i]);
    for (size_t i = 0; i < audit->forks.count; i++) fault_at(audit, AUDIT_FORKED, &audit->forks.at[i].place);
    for (size_t i = 0; i < audit->twins.count; i++) want(audit, &audit->twins.at[i].place, audit->twins.at[i].hash, AUDIT_FORKED, SIZE_MAX);
    audit->sums.faults += audit->seens_in_all - audit->seens;
    for (size_t i = 0; i < audit->seens; i++) {
        size_t fault = add_fault(audit, audit->seen[i].kind, &audit->seen[i].place, audit->seen[i].seq_to);
        if (fault != SIZE_MAX) audit->fault[fault] = audit->seen[i];
    }
    *sums = audit->sums;
}

/* --- the second look --- */

bool audit_wants(const struct audit *audit, bool loose)
{
    return loose ? audit->questions > 0 : audit->questions > audit->loose_questions;
}

void audit_look(struct audit *audit, const struct audit_place *place, const unsigned char hash[AUDIT_HASH_BYTES], int32_t partition, int64_t offset,
                const char *subject)
{
    struct wanted wanted = {.key = {place->shard, place->chain, place->seq}}, *one;
    HASH_FIND(hh, audit->wanted, &wanted.key, sizeof wanted.key, one);
    for (; one; one = one->next) {
        if (one->compared && !one->differs && memcmp(one->hash, hash, AUDIT_HASH_BYTES)) {
            one->differs = true;
            one->fault = add_fault(audit, one->kind, place, place->seq);
        }
        if (one->fault != SIZE_MAX) stand(&audit->fault[one->fault], partition, offset, subject);
    }
}

void audit_looked(struct audit *audit, struct audit_sums *sums)
{
    *sums = audit->sums;
}

bool audit_overfull(const struct audit *audit)
{
    return audit->overfull || audit->dropped;
}

const struct audit_fault *audit_faults(const struct audit *audit, size_t *count)
{
    *count = audit->faults;
    if (audit->faults) qsort(audit->fault, audit->faults, sizeof *audit->fault, by_place);
    return audit->fault;
}
