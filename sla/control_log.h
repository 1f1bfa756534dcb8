#ifndef BIHUAN_SLA_CONTROL_LOG_H
#define BIHUAN_SLA_CONTROL_LOG_H
/* The topic of control records: partition 0, in order, compacted with a key each, so that none is ever
 * deleted. This is where decisions about rules are kept; Redis has a copy. */
#include "common/config.h"
#include "common/pool.h"
#include "sla/event.h"

struct control_log {
    struct text *record; /* [count], in the log's order; texts in the pool */
    size_t count, room;
    struct pool pool;
    char error[512];
};

/* Reads the whole log. A topic that does not exist holds none. False: it cannot be read (error). */
bool control_log_read(struct control_log *log, const struct config *config) __attribute__((warn_unused_result));
/* Appends a record under its id, and waits until Kafka has it. Makes the topic where it is missing. False: error; it may
 * have been appended all the same. */
bool control_log_append(struct control_log *log, const struct config *config, const char *id, const char *text) __attribute__((warn_unused_result));
void control_log_free(struct control_log *log);

#endif
