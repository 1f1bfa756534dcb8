#ifndef BIHUAN_SLA_TOLD_RECORD_H
#define BIHUAN_SLA_TOLD_RECORD_H
/* What a record of bihuan.ledger or bihuan.results proves that a case was told, in its Kafka headers (notify/NOTICES.md): the
 * value is for people and platforms, the headers are what a rebuild reads. */
#include "common/kafka.h"
#include "sla/tally.h"
#include "sla/told.h"

enum { TOLD_RECORD_MAX = 9, TOLD_RECORD_HEADERS = TOLD_RECORD_MAX + 4 };
#define TOLD_HEADER_CASE "case"         /* the case's field: t or r, and its id */
#define TOLD_HEADER_TOLD "told"         /* an entry; once for each */
#define TOLD_HEADER_REVISION "revision" /* of a result */
#define TOLD_HEADER_COUNTS "counts"     /* what its settle adds to the figures of notices */
#define TOLD_HEADER_UNIT "unit"         /* of the unit */

struct told_record {
    struct told told[TOLD_RECORD_MAX]; /* as they stand once the record is settled: a notice, and its recipients */
    size_t tolds;
    uint64_t revision; /* 0: none */
    bool counted;
    int32_t counts[NOTICE_COUNTERS];
    struct text unit;  /* borrowed */
};

/* The headers, and the texts that they point to. */
struct told_headers {
    struct kafka_header header[TOLD_RECORD_HEADERS];
    size_t count;
    char told[TOLD_RECORD_MAX][TOLD_TEXT_BYTES], revision[24], counts[TOLD_COUNTS_BYTES];
};
/* `field` names the case (store_field), and is borrowed as the unit is. */
void told_headers_make(struct told_headers *headers, struct text field, const struct told_record *record);

enum told_read {
    TOLD_READ,       /* *field and *record are set; borrowed from the message */
    TOLD_NOT_BORNE,  /* no headers of ours: a record of an older version */
    TOLD_UNREADABLE, /* of another format, or damaged */
};
/* Of headers alone; borrowed from them. */
enum told_read told_record_of(const rd_kafka_headers_t *headers, struct text *field, struct told_record *record) __attribute__((warn_unused_result));
enum told_read told_record_read(const rd_kafka_message_t *message, struct text *field, struct told_record *record) __attribute__((warn_unused_result));

#endif
