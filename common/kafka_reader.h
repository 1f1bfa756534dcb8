#ifndef BIHUAN_COMMON_KAFKA_READER_H
#define BIHUAN_COMMON_KAFKA_READER_H
/* A topic read once, from its beginning to where it ended when reading began. No
 * group, nothing is remembered. */
#include "common/kafka.h"

struct kafka_reader;

/* NULL: why, in error; also where the topic does not exist. */
struct kafka_reader *kafka_reader_open(const struct config *config, const char *topic, char *error, size_t error_bytes) __attribute__((warn_unused_result));
/* The same from the next offset of each partition, next[0] to next[count - 1], on: what came since, up to where the topic ends now. Partitions
 * beyond are read from their beginning. next NULL and count 0: all. */
struct kafka_reader *kafka_reader_open_at(const struct config *config, const char *topic, const int64_t *next, size_t count, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));
/* Where each partition, by number, ended when reading began: kafka_reader_ends(reader, NULL) of them. */
size_t kafka_reader_ends(const struct kafka_reader *reader, int64_t *next);
/* The next record, the caller's (rd_kafka_message_destroy). NULL at the end, or after an
 * error: kafka_reader_error tells. Partitions come mixed, each in its order. */
rd_kafka_message_t *kafka_reader_next(struct kafka_reader *reader) __attribute__((warn_unused_result));
/* Is the beginning of some partition gone (its first offset is not 0)? */
bool kafka_reader_front_gone(const struct kafka_reader *reader);
/* Is this partition's? Then *empty says whether nothing at all is left of it. */
bool kafka_reader_front_gone_of(const struct kafka_reader *reader, int32_t partition, bool *empty);
/* How many offsets lie between the beginnings and the ends that are read. */
uint64_t kafka_reader_total(const struct kafka_reader *reader);
/* "" while all is well. */
const char *kafka_reader_error(const struct kafka_reader *reader);
/* Accepts NULL. */
void kafka_reader_close(struct kafka_reader *reader);

#endif
