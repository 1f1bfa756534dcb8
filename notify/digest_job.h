#ifndef BIHUAN_NOTIFY_DIGEST_JOB_H
#define BIHUAN_NOTIFY_DIGEST_JOB_H
/* Within notify/digest*.c: one digest under way, and what all of them share. */
#include "notify/chain.h"
#include "notify/digest_brought.h"
#include "notify/digest_roll.h"
#include "notify/digest_scan.h"
#include "notify/digests.h"
#include "sla/store_digests.h"

enum digest_phase {
    JOB_CLAIMED,   /* leased to us; the look at the cases has not ended */
    JOB_READY,     /* put together; waits for the endpoint */
    JOB_SENT,      /* under way, or answered */
    JOB_RECORDING, /* on its way into the ledger */
    JOB_SETTLING,  /* `next` is to be written, and the lease given back */
    JOB_OVER,
};

struct digest_job {
    struct digests *digests;
    enum digest_phase phase;
    struct digest_filling filling;
    struct digest_entry entry;   /* as Redis has it */
    struct brought before;       /* what the last one that was delivered brought */
    struct digest_state next;    /* as it will be once settled: nothing of it is written before the ledger has it */
    struct recipient to;         /* texts in `kept` */
    bool morning, lost;          /* lost: somebody else has it by now */
    char id[DIGEST_ID_BYTES], error[REQUEST_ERROR_BYTES], hash[CHAIN_HASH_BYTES]; /* of the text that was sent; "" for none */
    char key[DIGEST_RECIPIENT_BYTES], proof[DIGEST_TEXT_BYTES + DIGEST_RECIPIENT_BYTES]; /* of its record */
    struct delivery delivery;
    struct pool kept, pool;      /* pool: of the message */
};

struct digests {
    struct digest_means means;
    char owner[DIGEST_OWNER_BYTES];
    struct digest_roll roll;
    struct digest_entries entries; /* as read last */
    struct brought_lists brought;  /* as read for notices that ask */
    int64_t read_ms;               /* monotonic: when that was; 0: never */
    bool asked;                    /* somebody waits to know more */
    struct digest_job **job;       /* [count] */
    size_t count;
    struct digest_scan scan;
    struct digest_filling **filling; /* of the scan */
    bool scanning;
    int64_t composed_ms;           /* real time at which it began */
    int64_t look_ms, renew_ms, clean_ms, due_ms; /* monotonic: when next; due_ms: real time of the next try */
    int64_t next_instant_ms;       /* business time of anybody's next digest */
};

/* --- notify/digest_claims.c: who is due one, and leases --- */

/* Looks for digests that are due, and leases them. */
enum store_result digest_claim(struct digests *digests) __attribute__((warn_unused_result));
/* Leases on all that are under way. */
enum store_result digest_renew(struct digests *digests) __attribute__((warn_unused_result));
/* Writes what is settled. */
enum store_result digest_settle(struct digests *digests) __attribute__((warn_unused_result));
/* Takes away what is left of recipients who are gone. */
enum store_result digest_clean(struct digests *digests) __attribute__((warn_unused_result));
void digest_job_free(struct digest_job *job);

/* --- notify/digest_send.c: the message, and what came of it --- */

/* What was filled in: sent when the endpoint takes one, or not worth sending. */
void digest_compose(struct digest_job *job, int64_t composed_ms);
/* Sends it if its endpoint takes one more now. */
void digest_send(struct digest_job *job);
/* Given up before it was sent. */
void digest_give_up(struct digest_job *job, const char *why);

#endif
