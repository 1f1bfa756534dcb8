#ifndef BIHUAN_COMMON_KAFKA_TOPICS_H
#define BIHUAN_COMMON_KAFKA_TOPICS_H
/* Whether a program's topics can be reached, for `check`; and making the one that is ours to make. */
#include <librdkafka/rdkafka.h>

#include "common/buffer.h"
#include "common/config.h"

/* Is the topic there, and in how many partitions (unless NULL)? Asks for all topics: asked for one by name, a broker may make
 * it, with settings that nobody chose. */
rd_kafka_resp_err_t kafka_topic_ask(rd_kafka_t *handle, const char *topic, int *partitions);
/* Asks the brokers for each of `count` topics. Appends a line to *faults for each that is not there, or one
 * line when no broker answers. Returns how many. */
size_t kafka_topics_check(const struct config *config, const char *const *topics, size_t count, struct buffer *faults);

/* Does the topic exist? False with an empty error: it does not; else nobody can tell. */
bool kafka_topic_exists(const struct config *config, const char *topic, char *error, size_t error_bytes);
/* Makes a topic of one partition that is compacted and never deleted, where it does not exist. What comes of it shows when it
 * is used: brokers may not let us. */
void kafka_topic_make(const struct config *config, const char *topic);
/* Appends a line to *warnings if the topic is not compacted. */
void kafka_topic_check_compacted(const struct config *config, const char *topic, struct buffer *warnings);

enum { KAFKA_KEEP_DAYS = 400 };
/* Appends a line to *warnings for each of `count` topics that keeps its records for less than KAFKA_KEEP_DAYS: a rebuild
 * reaches no further back. A broker that cannot tell is passed over. */
void kafka_topics_check_retention(const struct config *config, const char *const *topics, size_t count, struct buffer *warnings);

#endif
