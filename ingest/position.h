#ifndef BIHUAN_INGEST_POSITION_H
#define BIHUAN_INGEST_POSITION_H
/* Where a shard stands in a partition, as it is stored: "NEXT" while nothing was
 * read, then "NEXT OFFSET TIMESTAMP CRC" with the last record's offset, Kafka
 * timestamp (ms) and CRC-32C of key and value (hex). Pure. */
#include <stdbool.h>
#include <stdint.h>

#include "sla/event.h"

enum { POSITION_BYTES = 96, POSITION_FIELD_BYTES = 272 };

struct position {
    int64_t next;   /* offset expected next */
    int64_t offset; /* of the last record, -1 for none */
    int64_t timestamp_ms;
    uint32_t crc;
};

/* Into text[POSITION_BYTES]; returns its length. */
size_t position_print(char *text, const struct position *position);
/* False when it is no position. */
bool position_parse(struct text text, struct position *position);
bool position_equal(const struct position *a, const struct position *b);
/* "TOPIC/PARTITION" into text[POSITION_FIELD_BYTES]; returns its length. */
size_t position_field(char *text, const char *topic, int32_t partition);

/* What to do with a partition whose log reaches from `low` to `high` (the offset after its last). */
enum position_verdict {
    POSITION_GO_ON,     /* read on from `next`; there is no last record left to compare */
    POSITION_VERIFY,    /* begin at the last record and compare */
    POSITION_RECREATED, /* the log is another one: from its beginning */
    POSITION_GAP,       /* what comes next is gone from the front */
};
enum position_verdict position_judge(const struct position *position, int64_t low, int64_t high);

#endif
