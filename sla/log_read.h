#ifndef BIHUAN_SLA_LOG_READ_H
#define BIHUAN_SLA_LOG_READ_H
/* How far the log has been read, as the positions of all shards have it (sla/REDIS.md). */
#include "common/kafka.h"
#include "sla/store.h"

/* Up to which record time (ms) every partition of the topics of tickets and ratings is read in every shard: the earliest of the last
 * stamps; INT64_MIN while a shard has none. A partition that is read to its end stands for now_ms: nothing in it is
 * unread. That needs asking Kafka (a handle, NULL: it is not asked), for at most a second where it does not answer. */
enum store_result log_read_upto(struct store *store, const struct config *config, rd_kafka_t *asked, int64_t now_ms, int64_t *upto_ms)
    __attribute__((warn_unused_result));

#endif
