#ifndef BIHUAN_SLA_PARITY_H
#define BIHUAN_SLA_PARITY_H
/* Two stores held beside each other: every case in the form of dump, to the byte, as of one instant; and the figures. Streams; memory
 * does not grow with the cases. */
#include "sla/store.h"

enum { PARITY_NAMED_MAX = 20 };

struct parity {
    struct store *running, *target; /* borrowed; of one rulebook */
    int64_t as_of_ms;
    bool moving;                    /* the running store goes on: a case that the target is behind with is no difference */
    bool printed;                   /* print both sides always; else where the events are the same they are known to be alike, as a case is
                                     * the fold of its events */
    bool json;                      /* how differences are printed, on stdout */
    bool (*keep)(void *context);    /* called between batches; false: give up. May be NULL */
    void *context;
    uint64_t cases, same, behind, different;
    bool figures_differ;
    int64_t began_ms, said_ms;
    bool terminal;
    char fault[STORE_FAULT_BYTES];
};

/* Walks all cases of both. False: fault; else the counts tell. The first PARITY_NAMED_MAX differences are printed. */
bool parity_cases(struct parity *parity) __attribute__((warn_unused_result));
/* The summary of both as of an instant from now on, and what became of the records by topic; not while one is moving. */
bool parity_figures(struct parity *parity) __attribute__((warn_unused_result));

#endif
