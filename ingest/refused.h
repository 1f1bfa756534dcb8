#ifndef BIHUAN_INGEST_REFUSED_H
#define BIHUAN_INGEST_REFUSED_H
/* The records that were refused when they came in, as the dead letters name them: a rebuild leaves out these and no others.
 * Whether an event was more than 10 minutes ahead of the clock, or its case full, can be told no other way afterwards. */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/config.h"

enum { REFUSED_MAX = 32 << 20 }; /* 24 bytes each */

struct refused {
    struct refused_one *one; /* sorted once loaded */
    size_t count, room;
    size_t strange;          /* letters that name no record */
    bool front_gone;         /* the topic's beginning is gone: older letters are not known */
};

/* Reads the topic of dead letters. False: the reason in error; needs refused_free even then. */
bool refused_load(struct refused *refused, const struct config *config, char *error, size_t error_bytes) __attribute__((warn_unused_result));
/* Is it one of them? A record of a topic that was made again is not, though it has the offset of one. *retired: as its case was past its
 * retention. */
bool refused_has(const struct refused *refused, const rd_kafka_message_t *message, bool *retired);
void refused_free(struct refused *refused);

#endif
