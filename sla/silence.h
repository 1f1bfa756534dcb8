#ifndef BIHUAN_SLA_SILENCE_H
#define BIHUAN_SLA_SILENCE_H
/* Silences: for a time no notices go out about a unit, an item, or at all. What is owed meanwhile waits, and
 * the latest step goes when the silence ends; deadlines, overdue events and figures take no notice of it.
 *
 * Silences are control records (docs/OPERATE.md), so every program sees the same, and so does a store that was
 * rebuilt. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sla/control.h"
#include "sla/event.h"

struct rulebook;

enum { SILENCES_MAX = 256 }; /* in force or to come at once */

struct silence {
    const struct control *record; /* who, why, whom: unit, item, or both "" for all */
    const struct control *lift;   /* what ended it early, or NULL */
    int64_t from_ms, until_ms;    /* business time; until_ms: when it ends, or ended; not after from_ms where it was lifted before it began */
};

/* All that were ever decided, in the order of their records. */
struct silences {
    struct silence *at;
    size_t count, room;
};

/* Follows a record that silences or lifts, which stays where it is. NULL; or why it cannot be followed (static text). */
const char *silences_follow(struct silences *silences, const struct control *record) __attribute__((warn_unused_result));
void silences_free(struct silences *silences);

/* What a notice is about; empty texts for none. */
struct silence_case {
    struct text unit, item;
};

bool silence_in_force(const struct silence *silence, int64_t business_ms);
/* Does it reach such a notice, whenever it is in force? */
bool silence_covers(const struct silence *silence, const struct silence_case *what);
/* Of the silences in force at an instant that cover it the one that ends last (of several, the first decided); NULL: none. */
const struct silence *silence_at(const struct rulebook *book, const struct silence_case *what, int64_t business_ms);
/* The silence of a record's id, or NULL. */
const struct silence *silence_named(const struct rulebook *book, const char *id);

#endif
