/* Reading lines in blocks, decoding them on every core, taking them in order.
 *
 * The trap is memory: at most BLOCKS_MAX blocks are under way, so a slow taker
 * holds up the reading, and a line longer than an event may be is cut short in
 * memory but still counted as one line. */
#include "sla/lines.h"

#include "common/alloc.h"
#include "common/arena.h"
#include "sla/case.h"
#include "sla/policy.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 20, BLOCKS_MAX = 16, THREADS_MAX = 8 };

enum block_state { BLOCK_FREE, BLOCK_FILLED, BLOCK_TAKEN_UP, BLOCK_DONE };

struct bad_line {
    uint64_t line;
    char *reason; /* in the pool */
};

struct block {
    enum block_state state;
    char *data;
    size_t bytes, room;
    uint64_t first_line, lines;
    struct pool pool;
    struct line_event *events;
    size_t count, events_room;
    struct bad_line *bad;
    size_t bad_count, bad_room;
};

struct work {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct block block[BLOCKS_MAX];
    size_t filled, taken_up; /* numbers of blocks so far; block n is block[n % BLOCKS_MAX] */
    bool ended;
};

static char *keep(struct pool *pool, struct text text)
{
    char *at = pool_take(pool, text.bytes + 1); /* one byte before it for a key */
    memcpy(at + 1, text.at, text.bytes);
    return at + 1;
}

/* What rules and steps look at (title and citizen stay with the decoder); of a reason only what may be a code. */
static const struct event_detail *keep_detail(struct pool *pool, const struct decoded *decoded)
{
    const unsigned kept = EVENT_HAS_ITEM | EVENT_HAS_AREA | EVENT_HAS_CHANNEL | EVENT_HAS_DUE | EVENT_HAS_CO_UNITS;
    struct text reason = decoded->suspension_reason;
    bool has_reason = reason.bytes > 0 && reason.bytes < POLICY_NAME_BYTES;
    if (!has_reason && !decoded->detail.target.bytes && !(decoded->event.flags & kept)) return NULL;
    struct event_detail *detail = event_detail_keep(pool, &decoded->detail);
    if (has_reason) detail->reason = (struct text){pool_copy(pool, reason.at, reason.bytes), reason.bytes};
    return detail;
}

static void note_good(struct block *block, const struct decoded *decoded)
{
    if (block->count == block->events_room) {
        block->events_room = block->events_room ? block->events_room * 2 : 4096;
        block->events = xrealloc(block->events, block->events_room * sizeof *block->events);
    }
    struct line_event *out = &block->events[block->count++];
    *out = (struct line_event){.event = decoded->event, .of = decoded->of};
    out->event.detail = keep_detail(&block->pool, decoded);
    if (!out->event.detail) out->event.flags &= (uint16_t)~EVENT_HAS_TITLE;
    out->event.unit.at = decoded->event.unit.bytes ? keep(&block->pool, decoded->event.unit) : NULL;
    out->id = (struct text){keep(&block->pool, decoded->subject), decoded->subject.bytes};
    if (decoded->target.bytes) out->target = (struct text){keep(&block->pool, decoded->target), decoded->target.bytes};
}

static void note_bad(struct block *block, uint64_t line, const char *reason)
{
    if (block->bad_count == block->bad_room) {
        block->bad_room = block->bad_room ? block->bad_room * 2 : 64;
        block->bad = xrealloc(block->bad, block->bad_room * sizeof *block->bad);
    }
    block->bad[block->bad_count++] = (struct bad_line){line, pool_copy(&block->pool, reason, strlen(reason) + 1)};
}

static void decode_line(struct block *block, struct decoder *decoder, uint64_t line, const char *at, size_t bytes)
{
    static const char blanks[] = " \t\r";
    size_t i = 0;
    while (i < bytes && memchr(blanks, at[i], sizeof blanks - 1)) i++;
    if (i == bytes) return;
    struct decoded decoded;
    if (decode_structured(decoder, at, bytes, &decoded)) note_good(block, &decoded);
    else note_bad(block, line, decoded.reason);
}

static void decode_block(struct block *block, struct decoder *decoder)
{
    const char *at = block->data, *end = block->data + block->bytes;
    for (uint64_t line = block->first_line; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        decode_line(block, decoder, line, at, (size_t)(stop - at));
        at = stop + 1;
    }
}

static void *decoding(void *argument)
{
    struct work *work = argument;
    struct decoder *decoder = decoder_new();
    pthread_mutex_lock(&work->lock);
    for (;;) {
        while (work->taken_up == work->filled && !work->ended) pthread_cond_wait(&work->changed, &work->lock);
        if (work->taken_up == work->filled) break;
        struct block *block = &work->block[work->taken_up++ % BLOCKS_MAX];
        block->state = BLOCK_TAKEN_UP;
        pthread_mutex_unlock(&work->lock);
        decode_block(block, decoder);
        pthread_mutex_lock(&work->lock);
        block->state = BLOCK_DONE;
        pthread_cond_broadcast(&work->changed);
    }
    pthread_mutex_unlock(&work->lock);
    decoder_free(decoder);
    arena_release();
    return NULL;
}

static void make_room(struct block *block, size_t bytes)
{
    if (bytes <= block->room) return;
    block->room = bytes * 2 > BLOCK_BYTES ? bytes * 2 : BLOCK_BYTES;
    block->data = xrealloc(block->data, block->room);
}

/* Fills a block with whole lines; what is left of the last one goes to *rest.
 * False at the end of the file. */
static bool fill_block(FILE *in, struct block *block, struct block *rest)
{
    make_room(block, rest->bytes + BLOCK_BYTES);
    memcpy(block->data, rest->data, rest->bytes);
    block->bytes = rest->bytes;
    rest->bytes = 0;
    for (;;) {
        size_t got = fread(block->data + block->bytes, 1, BLOCK_BYTES, in);
        char *last = memrchr(block->data + block->bytes, '\n', got);
        block->bytes += got;
        if (got == 0) return block->bytes > 0;
        if (last) {
            rest->bytes = (size_t)(block->data + block->bytes - (last + 1));
            make_room(rest, rest->bytes);
            memcpy(rest->data, last + 1, rest->bytes);
            block->bytes -= rest->bytes;
            return true;
        }
        if (block->bytes > (size_t)EVENT_VALUE_MAX_BYTES + 1) { /* too long in any case: its end is all that matters */
            block->bytes = (size_t)EVENT_VALUE_MAX_BYTES + 1;
        }
        make_room(block, block->bytes + BLOCK_BYTES);
    }
}

static uint64_t count_lines(const struct block *block)
{
    uint64_t lines = 0;
    const char *at = block->data, *end = block->data + block->bytes;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) lines++, at++;
    return lines;
}

static void keep_pool(struct lines *lines, struct block *block)
{
    if (lines->pool_count == lines->pools_room) {
        lines->pools_room = lines->pools_room ? lines->pools_room * 2 : 64;
        lines->pools = xrealloc(lines->pools, lines->pools_room * sizeof *lines->pools);
    }
    lines->pools[lines->pool_count++] = block->pool;
    block->pool = (struct pool){0};
}

static void take_block(struct lines *lines, struct block *block, const char *path, line_taken *taken, void *context)
{
    for (size_t i = 0; i < block->bad_count; i++)
        fprintf(stderr, "%s:%llu: %s\n", path, (unsigned long long)block->bad[i].line, block->bad[i].reason);
    for (size_t i = 0; i < block->count; i++) taken(context, &block->events[i]);
    lines->good += block->count;
    lines->bad += block->bad_count;
    block->count = block->bad_count = 0;
    keep_pool(lines, block);
    block->state = BLOCK_FREE;
}

/* Reads, hands out and takes back in order, on this thread. */
static void drive(struct lines *lines, struct work *work, FILE *in, const char *path, line_taken *taken, void *context)
{
    struct block rest = {0};
    uint64_t line = 1;
    size_t done = 0;
    bool more = true;
    make_room(&rest, 1);
    while (more || done < work->filled) {
        if (more && work->filled - done < BLOCKS_MAX) {
            struct block *block = &work->block[work->filled % BLOCKS_MAX];
            more = fill_block(in, block, &rest);
            if (!more) continue;
            block->first_line = line;
            line += count_lines(block);
            pthread_mutex_lock(&work->lock);
            block->state = BLOCK_FILLED;
            work->filled++;
            pthread_cond_broadcast(&work->changed);
            pthread_mutex_unlock(&work->lock);
            continue;
        }
        struct block *block = &work->block[done % BLOCKS_MAX];
        pthread_mutex_lock(&work->lock);
        while (block->state != BLOCK_DONE) pthread_cond_wait(&work->changed, &work->lock);
        pthread_mutex_unlock(&work->lock);
        take_block(lines, block, path, taken, context);
        done++;
    }
    free(rest.data);
}

bool lines_read(struct lines *lines, const char *path, line_taken *taken, void *context)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *in = is_stdin ? stdin : fopen(path, "rb");
    if (!in) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    struct work *work = xcalloc(1, sizeof *work);
    pthread_t thread[THREADS_MAX];
    long cores = sysconf(_SC_NPROCESSORS_ONLN), threads = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : cores;
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->changed, NULL);
    for (long i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, decoding, work) != 0) abort();
    drive(lines, work, in, path, taken, context);
    pthread_mutex_lock(&work->lock);
    work->ended = true;
    pthread_cond_broadcast(&work->changed);
    pthread_mutex_unlock(&work->lock);
    for (long i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    bool good = !ferror(in);
    if (!good) fprintf(stderr, "%s: %s\n", path, strerror(errno));
    for (size_t i = 0; i < BLOCKS_MAX; i++) {
        free(work->block[i].data);
        free(work->block[i].events);
        free(work->block[i].bad);
        pool_free(&work->block[i].pool);
    }
    pthread_cond_destroy(&work->changed);
    pthread_mutex_destroy(&work->lock);
    free(work);
    if (!is_stdin) fclose(in);
    return good;
}

void lines_free(struct lines *lines)
{
    for (size_t i = 0; i < lines->pool_count; i++) pool_free(&lines->pools[i]);
    free(lines->pools);
    *lines = (struct lines){0};
}
