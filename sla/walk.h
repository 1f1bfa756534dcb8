#ifndef BIHUAN_SLA_WALK_H
#define BIHUAN_SLA_WALK_H
/* All cases of the store one after the other, in batches, beside live traffic: to be looked at, or brought up
 * to the rulebook in force. A case that nothing changes for is not written.
 *
 * A walk may be broken off at any moment: what it has brought up stays so, and the next finds nothing to do there. */
#include "common/progress.h"
#include "sla/store.h"

struct walk {
    struct store *store;     /* borrowed */
    struct changer changer;
    int64_t cases, seen;     /* in the store when the walk began; looked at so far */
    int64_t written;
    struct progress progress;
    bool (*stop)(void);      /* asked between batches; NULL: never */
};

void walk_open(struct walk *walk, struct store *store, int64_t grace_ms, bool (*stop)(void));
void walk_close(struct walk *walk);

/* Called for each case; the folds of the changer are free for its use. */
typedef void walk_seen(void *context, struct walk *walk, const struct case_file *file);

/* Looks at every case (one that changes meanwhile may be seen twice). STORE_REFUSED: told to stop, or a case cannot be
 * read (store->fault; "" when told to stop). */
enum store_result walk_look(struct walk *walk, walk_seen *seen, void *context) __attribute__((warn_unused_result));
/* Brings every case up to the store's rulebook, and notes in the store that this was done. */
enum store_result walk_bring_up(struct walk *walk) __attribute__((warn_unused_result));
/* Was that done for all records that rebind cases or take something out of them? Else a walk was broken off. */
enum store_result walk_is_due(struct store *store, bool *due) __attribute__((warn_unused_result));

/* Would other rules change anything that is stored of a case: figures, timer, what is owed? changer->before holds its fold at the instant
 * under those of before; the other goes into changer->after. */
bool walk_differs(struct changer *changer, const struct case_file *file, const struct rules *before, const struct rules *after, int64_t at_ms);
/* Would the rulebook change what is stored of a case just taken up (its fold in changer->before)? Takes out of the case what is
 * to be forgotten. */
bool walk_changes(struct changer *changer, struct change *change);

#endif
