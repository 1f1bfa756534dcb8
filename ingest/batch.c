/* Batches, and the checksum by which a record is known again. */
#include "ingest/batch.h"

#include <stdlib.h>

#include "common/alloc.h"
#include "common/clock.h"
#include "common/crc32c.h"

struct batch *batch_new(uint64_t generation, size_t room)
{
    struct batch *batch = xcalloc(1, sizeof *batch);
    batch->generation = generation;
    batch->room = room;
    batch->record = xmalloc(room * sizeof *batch->record);
    batch->begun_ms = clock_monotonic_ms();
    return batch;
}

struct record *batch_next(struct batch *batch)
{
    if (batch->count == batch->room) {
        batch->room *= 2;
        batch->record = xrealloc(batch->record, batch->room * sizeof *batch->record);
    }
    return &batch->record[batch->count++];
}

void batch_free(struct batch *batch)
{
    if (!batch) return;
    for (size_t i = 0; i < batch->count; i++) rd_kafka_message_destroy(batch->record[i].message);
    pool_free(&batch->pool);
    free(batch->record);
    free(batch);
}

uint32_t message_crc(const rd_kafka_message_t *message)
{
    return crc32c(crc32c(0, message->key, message->key_len), message->payload, message->len);
}
