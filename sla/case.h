#ifndef BIHUAN_SLA_CASE_H
#define BIHUAN_SLA_CASE_H
/* A case 案件: its distinct events in the order of rule 2.1, and what has been
 * told of it. What it amounts to is the fold's business (sla/fold.h); how it is
 * stored, the codec's (sla/case_codec.h). */
#include "common/pool.h"
#include "sla/event.h"

enum { CASE_EVENTS_MAX = 65535, CASE_TOLD_MAX = 4096 };

/* What has been issued of a case (DESIGN: `told`). One entry a notice or result. */
enum told_kind {
    TOLD_NOTICE,      /* a step of a clock's ladder, sent or given up */
    TOLD_OVERDUE,     /* clock.overdue */
    TOLD_WITHDRAWN,   /* clock.withdrawn */
    TOLD_MILESTONE,   /* case.answered, case.called_back, case.rectified, case.closed */
    TOLD_RECIPIENT,   /* how far a notice under way (its id in deadline_ms) has come with one of those who are to have it: `day` is which of its
                       * places is tried, `step` the failures there, at_ms the real time of the first attempt, or at which it was gathered */
};
enum told_status {
    TOLD_PENDING,    /* attempts under way: not settled */
    TOLD_DELIVERED,
    TOLD_SUPERSEDED,
    TOLD_EXHAUSTED,
    TOLD_SHADOWED,
    TOLD_GATHERED,   /* of a recipient: waits for its next digest */
};
/* As "notice", "delivered"; for people and the ledger. */
const char *told_kind_name(enum told_kind kind);
const char *told_status_name(enum told_status status);
struct told {
    uint8_t kind, status;
    uint8_t clock;       /* place of its name in the vocabulary (sla/vocabulary.h) */
    uint8_t attempts;    /* of a pending notice */
    uint8_t day;         /* of a notice: which day or time of a repeated step */
    uint8_t edition;     /* of the rules that the case was bound to then */
    uint16_t step;       /* of a notice: place in the vocabulary */
    uint32_t which;      /* clock's (sla/clock.h); of a milestone the case's round */
    int64_t deadline_ms; /* 0 for a milestone */
    int64_t at_ms;       /* a notice: the step's instant */
    int64_t next_try_ms; /* of a pending notice: real time before which it is not tried again */
    uint64_t id;         /* 64 bits that tell the notice or result from every other of the case */
};

struct stub; /* sla/stub.h */

struct case_file {
    enum of of;
    struct text id;
    struct event *event;
    size_t events, room;
    struct stub *stub;  /* of a case that has shrunk: what it was, its events are those of after; NULL for a whole one */
    uint32_t duplicates;
    uint8_t edition;    /* of the rules under which the figures hold this case */
    int64_t seen_ms;    /* newest record time (Kafka's) of its own events since; 0 for none. Decides its retention */
    int64_t as_of_ms;   /* instant up to which the figures hold this case; INT64_MIN for never */
    int64_t due_ms;     /* business time of its timer as stored; INT64_MAX for none */
    uint64_t revision;  /* of the last issued change; 0 for none */
    struct told *told;
    size_t tolds, tolds_room;
};

/* A copy of the rarer fields of an event, texts and all, in the pool. */
struct event_detail *event_detail_keep(struct pool *pool, const struct event_detail *from);

enum case_add { CASE_ADDED, CASE_DUPLICATE, CASE_FULL, CASE_RETIRED /* sla/shrink.h alone says so */ };

/* Adds an event, copying its texts into the pool (NULL: they are borrowed as
 * they are and must outlive the file). A key that is there already
 * leaves the first standing and counts a duplicate. Arrays are malloced:
 * case_clear frees them, texts live as long as the pool. */
enum case_add case_add(struct case_file *file, const struct event *event, struct pool *pool);
/* Appends to told, or puts it where the same kind and id stands; false when it is full. */
bool case_tell(struct case_file *file, const struct told *told);
/* Takes away what is told under this kind and id, if anything. */
void case_untell(struct case_file *file, enum told_kind kind, uint64_t id);
/* What is told under this kind and id, or NULL. */
const struct told *case_told(const struct case_file *file, enum told_kind kind, uint64_t id);
/* Makes room for `events` events in all. */
void case_reserve(struct case_file *file, size_t events);
/* Forgets events and told, keeps of, id and the room. */
void case_empty(struct case_file *file);
/* Frees the arrays. */
void case_clear(struct case_file *file);

/* The instant from which the case counts as retired if it is at rest; INT64_MAX for never: nothing of it bears a record
 * time, or it is a stub and nothing came after. */
int64_t case_shrink_instant(const struct case_file *file, int64_t retention_ms);

/* Shard of a case among `shards`. */
unsigned case_shard(enum of of, struct text id, unsigned shards);

#endif
