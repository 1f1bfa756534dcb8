#ifndef BIHUAN_NOTIFY_ACK_DESK_H
#define BIHUAN_NOTIFY_ACK_DESK_H
/* The desk where acknowledgements are taken: a link is read, its case looked up in Redis (read only), and what it says made an event on its
 * way through Kafka, like any other. One thread: the listener's. */
#include "common/kafka.h"
#include "common/listener.h"
#include "notify/ack_page.h"
#include "sla/store.h"

struct ack_desk;

/* Opens. The configuration, rules and keys are borrowed. NULL: why, in error. */
struct ack_desk *ack_desk_open(const struct config *config, const struct ruleset *set, const struct ack_keys *keys, char *error, size_t error_bytes)
    __attribute__((warn_unused_result));
/* A listener_answer; the context is the desk. */
void ack_desk_answer(void *desk, const struct listener_request *request, struct listener_reply *reply);
/* How many acknowledgements were taken. */
uint64_t ack_desk_taken(const struct ack_desk *desk);
/* After the listener is closed. Waits a while for Kafka. Accepts NULL. */
void ack_desk_close(struct ack_desk *desk);

#endif
