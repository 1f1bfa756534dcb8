#ifndef BIHUAN_SLA_CHANGE_H
#define BIHUAN_SLA_CHANGE_H
/* One case on its way through a commit: the stored blob it rests on, the events
 * it gains or what it is told, and what is to be written. Ingest, timers and
 * notices all change cases through here; pure, but for the memory it takes. */
#include "sla/appeals.h"
#include "sla/case_codec.h"
#include "sla/demand.h"
#include "sla/rulebook.h"
#include "sla/tally.h"

/* The workspace of one thread: the rulebook, the instant, folds to fold into, and where
 * blobs and sums of the commit under way gather. */
struct changer {
    const struct rulebook *book; /* borrowed; may be replaced between commits */
    const struct rules *rules;   /* of the case last finished */
    struct appeal_rules appeals; /* set it after changer_open, where anything that gathers appeals is changed */
    bool lets_go;              /* of appeals that are past: the sweep alone, as topics read again are all past at first */
    int64_t grace_ms;          /* demands wait this long for feeds that lag */
    int64_t now_ms;            /* business time; set it before each commit */
    int64_t retention_ms;      /* for sla/shrink.h; who adds events or sweeps sets it */
    struct fold before, after;
    struct demands demands;    /* of the case last finished */
    struct pool pool;          /* cases of the commit under way */
    struct tally tally;
};
void changer_open(struct changer *changer, const struct rulebook *book, int64_t grace_ms);
/* Forgets the cases and sums of the last commit. */
void changer_clear(struct changer *changer);
void changer_close(struct changer *changer);

struct change {
    struct case_file file;                /* of what gathers appeals: what was told of it, no events */
    struct appeals *appeals;              /* NULL: it is a case; in the pool */
    bool stored;                          /* there was a blob */
    bool shrunk;                          /* to a stub, since */
    uint8_t expected[CASE_CHECKSUM_BYTES]; /* its checksum */
    int64_t due_before_ms;
    struct contribution *counted, *count; /* what the figures hold of it, and will hold; in the pool */
    size_t counteds, counts;
    int32_t alerts_owed, alerts_superseded; /* that this change makes so */
    /* Set by change_finish: */
    struct text blob;  /* to be written; in the pool. Empty: nothing is left, the field is to go */
    bool due_moved;    /* file.due_ms is not what is stored */
    bool owes;         /* something new is owed, or something pending is owed no more */
    int64_t retry_ms;  /* real time of the next try of what is pending; INT64_MAX for none */
};

/* Takes up a case as stored (blob NULL: a new one). The blob must stay until
 * change_finish. NULL, or what is wrong with it (static text). */
const char *change_begin(struct change *change, struct changer *changer, enum of of, struct text id, const void *blob,
                         size_t bytes) __attribute__((warn_unused_result));
/* Adds the appeal of a case to what gathers it; texts are borrowed and must live until change_finish. */
void change_add_appeal(struct change *change, struct changer *changer, const struct appeal *appeal, int64_t at_ms, struct text case_id);
/* Adds an event; its texts are borrowed and must live until change_finish. */
enum case_add change_add(struct change *change, const struct event *event);
/* Folds, adds what changed to changer->tally, works out due and owed, encodes.
 * False when the blob would pass CASE_BLOB_MAX_BYTES; then nothing is added. */
bool change_finish(struct change *change, struct changer *changer) __attribute__((warn_unused_result));
/* Adds to changer->tally what a finished change alters in the figures. change_finish
 * did; for those who cleared the tally since. */
void change_count(const struct change *change, struct changer *changer);
/* Frees what lies outside the pool. */
void change_end(struct change *change);

#endif
