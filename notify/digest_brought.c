/* Lists kept. The trap: a list is of one digest; the recipient's next takes its place. */
#include "notify/digest_brought.h"

#include <stdlib.h>

#include "common/alloc.h"

struct brought_list {
    uint64_t recipient;
    int64_t instant_ms; /* which was asked for; that there is none of it is kept as well */
    struct brought brought;
    UT_hash_handle hh;
};

static void forget(struct brought_lists *lists, struct brought_list *list)
{
    lists->ids -= list->brought.count;
    HASH_DEL(lists->list, list);
    brought_free(&list->brought);
    free(list);
}

void brought_forget(struct brought_lists *lists)
{
    struct brought_list *list, *next;
    HASH_ITER(hh, lists->list, list, next) forget(lists, list);
}

/* As the store has it; NULL: the store is away. */
static struct brought_list *load(struct brought_lists *lists, struct store *store, uint64_t recipient, int64_t instant_ms)
{
    struct brought brought = {.recipient = recipient};
    if (!store->link->context || store_brought_read(store, &brought, 1) != STORE_DONE) return NULL;
    if (lists->ids + brought.count > BROUGHT_KEPT_MAX || HASH_COUNT(lists->list) >= BROUGHT_KEPT_MAX) brought_forget(lists);
    struct brought_list *list = xmalloc(sizeof *list);
    *list = (struct brought_list){.recipient = recipient, .instant_ms = instant_ms, .brought = brought};
    HASH_ADD(hh, lists->list, recipient, sizeof list->recipient, list);
    lists->ids += brought.count;
    return list;
}

enum brought_answer brought_ask(struct brought_lists *lists, struct store *store, uint64_t recipient, int64_t instant_ms, uint64_t id)
{
    struct brought_list *list;
    HASH_FIND(hh, lists->list, &recipient, sizeof recipient, list);
    if (list && list->instant_ms != instant_ms) {
        forget(lists, list);
        list = NULL;
    }
    if (!list) list = load(lists, store, recipient, instant_ms);
    if (!list || list->brought.instant_ms != instant_ms) return BROUGHT_UNKNOWN;
    return brought_holds(&list->brought, id) ? BROUGHT_YES : BROUGHT_NO;
}
