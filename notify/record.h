#ifndef BIHUAN_NOTIFY_RECORD_H
#define BIHUAN_NOTIFY_RECORD_H
/* Records of an errand on their way to Kafka: results, and the ledger. */
#include "notify/ledger.h"
#include "notify/notifier.h"

/* Each queues one record; errand->unacked counts until Kafka has it. A record that is refused makes errand->failed. */
void record_result(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                   const char *type, const char *id, uint64_t revision);
void record_ledger(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                   const struct ledger_entry *entry);

/* Kafka's answer, for kafka_producer_open. */
void record_delivered(void *notifier, void *errand, rd_kafka_resp_err_t error, int32_t partition, int64_t offset);

#endif
