#ifndef BIHUAN_SLA_STORE_CALL_H
#define BIHUAN_SLA_STORE_CALL_H
/* Within sla/store*.c: one Redis command put together piece by piece. */
#include "sla/store.h"

/* Pieces are borrowed until store_call_send; numbers and keys are kept in `pool`. */
struct store_call {
    size_t count, room;
    const char **argv;
    size_t *bytes;
    struct pool pool;
};

/* Begins a command with its name. */
void store_call_begin(struct store *store, const char *name);
void store_call_text(struct store *store, struct text text);
void store_call_word(struct store *store, const char *word);
void store_call_number(struct store *store, int64_t number);
void store_call_key(struct store *store, unsigned shard, enum store_key key);
/* Into the pipeline. False: lost. */
bool store_call_send(struct store *store);
/* The next answer; an error of the server goes to `fault` and gives NULL (the link then lives). */
redisReply *store_answer(struct store *store);
/* Is it an error of a server that will pass (still loading, out of memory, disk full, a replica), not one of what was asked? */
bool store_passing(const char *fault);
bool store_fail(struct store *store, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The records that Redis has, into the book in force; the proposal where there are none. */
enum store_result store_read_rules(struct store *store) __attribute__((warn_unused_result));

/* Marks a shard that is marked with `mark` as resting on our book; somebody else may have done it meanwhile. */
enum store_result store_mark_rules(struct store *store, unsigned shard, int64_t mark) __attribute__((warn_unused_result));

extern const char store_library[];
extern const size_t store_library_bytes;

#endif
