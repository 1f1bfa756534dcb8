#ifndef BIHUAN_SLA_DIGEST_READBACK_H
#define BIHUAN_SLA_DIGEST_READBACK_H
/* States of digests, read back from the ledger into a store that is being rebuilt, so that no digest is sent again (sla/readback.h). */
#include <uthash.h>

#include "common/kafka.h"
#include "common/pool.h"
#include "sla/store_digests.h"

struct digest_readback {
    struct digest_told *told; /* the latest of each recipient; uthash */
    struct pool pool;
};

/* Is it a record of a digest? Then what it proves is noted; *damaged counts those that cannot be read. */
bool digest_readback_take(struct digest_readback *readback, const rd_kafka_message_t *message, uint64_t *damaged);
/* Writes what is later than what stands in the store. False: lost, or refused (fault). */
bool digest_readback_apply(struct digest_readback *readback, struct store *store) __attribute__((warn_unused_result));
void digest_readback_free(struct digest_readback *readback);

#endif
