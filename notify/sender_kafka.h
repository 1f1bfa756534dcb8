#ifndef BIHUAN_NOTIFY_SENDER_KAFKA_H
#define BIHUAN_NOTIFY_SENDER_KAFKA_H
/* Records to Kafka, for the sender: a producer of its own, opened when the first is to be sent. */
#include "common/kafka.h"
#include "notify/request.h"

struct config;

/* As in common/kafka.h; `opaque` is the request's place in the sender. */
struct sender_kafka {
    const struct config *config;     /* borrowed */
    kafka_delivered *delivered;
    void *context;
    struct kafka_producer *producer; /* NULL: not opened yet */
    int wake;                        /* can be read when an acknowledgement is there; -1: none */
};

void sender_kafka_open(struct sender_kafka *kafka, const struct config *config, kafka_delivered *delivered, void *context);
/* What is under way is answered. */
void sender_kafka_close(struct sender_kafka *kafka);

/* Hands the record over. False: why, in error[REQUEST_ERROR_BYTES]; `delivered` is not called for it. */
bool sender_kafka_start(struct sender_kafka *kafka, const struct request *request, void *opaque, char *error) __attribute__((warn_unused_result));
/* Serves acknowledgements that are there. */
void sender_kafka_drive(struct sender_kafka *kafka);

#endif
