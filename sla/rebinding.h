#ifndef BIHUAN_SLA_REBINDING_H
#define BIHUAN_SLA_REBINDING_H
/* A decision about rules, seen before it is taken: the rulebook with it, and what it would move. */
#include "sla/adoption.h"
#include "sla/comparison.h"
#include "sla/walk.h"

struct rebinding {
    struct store *store;     /* borrowed */
    struct rulebook *next;   /* with the decision; owned */
    bool withdraws;          /* the decision does: what has shrunk under it rests on it as well */
    struct comparison *comparison; /* clock against clock; owned */
    int64_t seen;            /* cases looked at */
    int64_t bound_otherwise; /* cases whose edition changes, whether or not anything moves */
    int64_t changed;         /* of which anything stored changes: clocks, figures, or what is owed when */
    int64_t owed;            /* corrections of what was told that would be owed at once */
    int64_t now_ms;
};

/* Builds the rulebook with the decision (filled in). False: it cannot be followed (store->fault). */
bool rebinding_open(struct rebinding *rebinding, struct store *store, const struct control *decision) __attribute__((warn_unused_result));
void rebinding_close(struct rebinding *rebinding);
/* Would any receipt be bound otherwise? If not, no case needs to be looked at. */
bool rebinding_binds(const struct rebinding *rebinding);
/* Looks at every case; results as walk_look. */
enum store_result rebinding_look(struct rebinding *rebinding, int64_t grace_ms, bool (*stop)(void)) __attribute__((warn_unused_result));
/* What was seen, on stdout. */
void rebinding_print(struct rebinding *rebinding, bool json);

#endif
