#ifndef BIHUAN_NOTIFY_RECORD_H
#define BIHUAN_NOTIFY_RECORD_H
/* Records of an errand on their way to Kafka: results, and the ledger. */
#include "notify/ledger.h"
#include "notify/notifier.h"
#include "sla/told_record.h"

/* Each queues one record that bears what is told by it (units of *told live as long as the errand); errand->unacked counts until
 * Kafka has it. */
void record_result(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                   const char *type, const char *id, const struct told_record *told);
void record_ledger(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand,
                   const struct ledger_entry *entry, const struct told_record *told);

/* Queues the record of a digest, which is nobody's errand; digests_recorded is called once Kafka has it. */
void record_digest(void *notifier, const struct digest_letter *digest);
/* Frees what was never acknowledged. */
void record_close(struct notifier *notifier);

/* About once a second: produces again what was refused, and opens another producer where the old one failed for good. */
void record_again(struct notifier *notifier);
/* Kafka has acknowledged nothing for RECORD_STUCK_MS though records are under way: nothing more should be sent that would have to be
 * recorded. */
bool record_stuck(const struct notifier *notifier);
enum { RECORD_STUCK_MS = 5000 };

/* Kafka's answer, for kafka_producer_open. */
void record_delivered(void *notifier, void *letter, rd_kafka_resp_err_t error, int32_t partition, int64_t offset);

#endif
